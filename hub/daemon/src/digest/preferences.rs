//! What a person wants to be mailed by itself, kept in their preferences.

use chrono::NaiveTime;
use serde_json::{Value, json};
use xswarm_core::{admin::MailPreferencesChange, user::User};

use crate::error::Error;

/// Where in the preferences they are kept.
const KEY: &str = "mail";

/// What a person wants to be mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct MailPreferences {
    /// When they want to read what their day holds, in their zone; not at all when absent.
    pub(crate) daily_digest: Option<NaiveTime>,
}

impl MailPreferences {
    /// Those of a person. What cannot be read counts as not kept.
    pub(crate) fn of(user: &User) -> Self {
        let kept = user.preferences.get(KEY).and_then(|mail| mail.get("daily_digest")).and_then(Value::as_str);
        Self { daily_digest: kept.and_then(|text| clock(text).ok()) }
    }

    /// The person with other wishes. [`Error::invalid`] for a time that is none, or when they have no mail address.
    pub(crate) fn changed(user: &User, change: &MailPreferencesChange) -> Result<User, Error> {
        let mut theirs = Self::of(user);
        if let Some(digest) = &change.daily_digest {
            theirs.daily_digest = if digest == "off" { None } else { Some(clock(digest)?) };
        }
        if theirs.daily_digest.is_some() && user.email.is_none() {
            let words =
                format!("{} has no mail address: give them one first, `xswarm user set … --email ADDRESS`", user.name);
            return Err(Error::invalid(words));
        }
        let mut user = user.clone();
        let mut preferences = user.preferences.as_object().cloned().unwrap_or_default();
        preferences.insert(KEY.to_owned(), json!({ "daily_digest": theirs.to_text() }));
        user.preferences = Value::Object(preferences);
        Ok(user)
    }

    /// The time of the digest, "07:00" or "off".
    pub(crate) fn to_text(self) -> String {
        self.daily_digest.map_or_else(|| "off".to_owned(), |time| time.format("%H:%M").to_string())
    }
}

fn clock(text: &str) -> Result<NaiveTime, Error> {
    let explained = || format!("`{text}` is no time of day: write hours and minutes, such as 07:00, or off");
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|error| Error::invalid(explained()).with_source(error))
}
