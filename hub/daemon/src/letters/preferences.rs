//! Which letters a person wants to be mailed by itself, kept in their preferences.

use chrono::NaiveTime;
use serde_json::{Value, json};
use xswarm_core::{
    admin::{self, MailPreferencesChange},
    user::User,
};

use crate::error::Error;

/// Where in the preferences they are kept.
const KEY: &str = "mail";

/// What a person wants to be mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct MailPreferences {
    /// When they want to read what their day holds, in their zone; not at all when absent.
    pub(crate) daily_digest: Option<NaiveTime>,
    /// Whether they want a letter for each appointment that is booked.
    pub(crate) confirmations: bool,
}

impl MailPreferences {
    /// Those of a person. What cannot be read counts as not kept.
    pub(crate) fn of(user: &User) -> Self {
        let kept = |name| user.preferences.get(KEY).and_then(|mail| mail.get(name));
        Self {
            daily_digest: kept("daily_digest").and_then(Value::as_str).and_then(|text| clock(text).ok()),
            confirmations: kept("confirmations").and_then(Value::as_bool).unwrap_or_default(),
        }
    }

    /// The person with other wishes. [`Error::invalid`] for a time that is none, or when they have no mail address.
    pub(crate) fn changed(user: &User, change: &MailPreferencesChange) -> Result<User, Error> {
        let mut theirs = Self::of(user);
        if let Some(digest) = &change.daily_digest {
            theirs.daily_digest = if digest == "off" { None } else { Some(clock(digest)?) };
        }
        if let Some(wanted) = change.confirmations {
            theirs.confirmations = wanted;
        }
        if (theirs.daily_digest.is_some() || theirs.confirmations) && user.email.is_none() {
            let words =
                format!("{} has no mail address: give them one first, `xswarm user set … --email ADDRESS`", user.name);
            return Err(Error::invalid(words));
        }
        let mut user = user.clone();
        let mut preferences = user.preferences.as_object().cloned().unwrap_or_default();
        preferences.insert(KEY.to_owned(), json!(theirs.shown()));
        user.preferences = Value::Object(preferences);
        Ok(user)
    }

    /// As they are kept and shown.
    pub(crate) fn shown(self) -> admin::MailPreferences {
        let daily_digest = self.daily_digest.map_or_else(|| "off".to_owned(), |time| time.format("%H:%M").to_string());
        admin::MailPreferences { daily_digest, confirmations: self.confirmations }
    }
}

fn clock(text: &str) -> Result<NaiveTime, Error> {
    let explained = || format!("`{text}` is no time of day: write hours and minutes, such as 07:00, or off");
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|error| Error::invalid(explained()).with_source(error))
}
