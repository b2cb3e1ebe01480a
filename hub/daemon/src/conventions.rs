//! How a person means what they say about times: the language's policy and the order of numeric dates, kept by name in
//! the person's preferences. Only what differs from the usual is kept, so that a better default reaches everybody else.

use std::collections::BTreeMap;

use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::{Value, json};
use xswarm_core::{admin::Convention, user::User};
use xswarm_language::{
    policy::{Policy, SETTINGS, SettingError},
    time::{Context, Locale},
};

use crate::error::Error;

/// Where in the preferences they are kept.
const KEY: &str = "conventions";

/// The one convention that is not the policy's: which comes first in 3/4/2027.
const DATE_ORDER: &str = "date_order";
const MONTH_FIRST: &str = "month_first";
const DAY_FIRST: &str = "day_first";
const DATE_ORDER_HELP: &str = "Whether 3/4/2027 is in March or in April; usual where the person lives.";

/// The conventions of one person.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Conventions {
    /// What words mean.
    pub(crate) policy: Policy,
    /// The order of numeric dates.
    pub(crate) locale: Locale,
}

impl Conventions {
    /// Those of a person. What an older version kept and this one refuses counts as not kept.
    pub(crate) fn of(user: &User) -> Self {
        let mut conventions = Self::usual(user.timezone);
        for (name, value) in kept(user) {
            if let Err(error) = conventions.set(name, value) {
                log::warn!(user:% = user.id; "a kept convention is passed over: {error}");
            }
        }
        if conventions.policy.check().is_ok() { conventions } else { Self::usual(user.timezone) }
    }

    /// Those of somebody who said nothing else.
    fn usual(zone: Tz) -> Self {
        // Numeric dates begin with the month where the United States' conventions hold.
        let american = ["America/", "US/"].iter().any(|region| zone.name().starts_with(region));
        let locale = if american { Locale::UnitedStates } else { Locale::International };
        Self { policy: Policy::default(), locale }
    }

    /// Against what a sentence said at `said_at`, in the person's zone, is understood.
    pub(crate) fn context(&self, said_at: DateTime<Tz>) -> Context<'_> {
        Context { now: said_at, locale: self.locale, policy: &self.policy }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        if name != DATE_ORDER {
            return self.policy.set(name, value).map_err(|error| {
                Error::invalid(match error {
                    SettingError::Unknown { name, known } => {
                        SettingError::Unknown { name, known: format!("{DATE_ORDER}, {known}") }.to_string()
                    }
                    SettingError::Value { .. } | SettingError::NoAfternoon => error.to_string(),
                })
            });
        }
        self.locale = match value {
            MONTH_FIRST => Locale::UnitedStates,
            DAY_FIRST => Locale::International,
            _ => {
                let words = format!("\"{value}\" is no value for {DATE_ORDER}: it takes {MONTH_FIRST} or {DAY_FIRST}");
                return Err(Error::invalid(words));
            }
        };
        Ok(())
    }

    fn date_order(&self) -> &'static str {
        match self.locale {
            Locale::UnitedStates => MONTH_FIRST,
            Locale::International => DAY_FIRST,
        }
    }
}

fn kept(user: &User) -> impl Iterator<Item = (&str, &str)> {
    let kept = user.preferences.get(KEY).and_then(Value::as_object).into_iter().flatten();
    kept.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
}

/// All conventions of a person, for showing.
pub(crate) fn listed(user: &User) -> Vec<Convention> {
    let (theirs, usual) = (Conventions::of(user), Conventions::usual(user.timezone));
    let mut listed = vec![Convention {
        name: DATE_ORDER.to_owned(),
        value: theirs.date_order().to_owned(),
        usual: usual.date_order().to_owned(),
        values: format!("{MONTH_FIRST} or {DAY_FIRST}"),
        help: DATE_ORDER_HELP.to_owned(),
    }];
    listed.extend(SETTINGS.iter().map(|setting| Convention {
        name: setting.name.to_owned(),
        value: setting.value(&theirs.policy),
        usual: setting.value(&usual.policy),
        values: setting.values.to_owned(),
        help: setting.help.to_owned(),
    }));
    listed
}

/// The person with some conventions changed by name; a value of `None` brings the usual one back.
///
/// [`Error::invalid`] with the name and what it takes when a value makes no sense; nothing is changed then. What was kept
/// and is refused now is dropped on the way, so that it bars nobody from changing the rest.
pub(crate) fn changed(user: &User, changes: &[(String, Option<String>)]) -> Result<User, Error> {
    let mut user = user.clone();
    let mut theirs: BTreeMap<String, String> = kept(&user)
        .filter(|(name, value)| Conventions::usual(user.timezone).set(name, value).is_ok())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for (name, value) in changes {
        let value = value.as_ref().map(|value| value.trim().to_lowercase());
        match value {
            Some(value) => {
                theirs.insert(name.clone(), value);
            }
            None if name == DATE_ORDER || SETTINGS.iter().any(|setting| setting.name == name) => {
                theirs.remove(name);
            }
            None => Conventions::usual(user.timezone).set(name, "")?,
        }
    }
    let mut conventions = Conventions::usual(user.timezone);
    theirs.iter().try_for_each(|(name, value)| conventions.set(name, value))?;
    conventions.policy.check().map_err(|error| Error::invalid(error.to_string()))?;
    let mut preferences = user.preferences.as_object().cloned().unwrap_or_default();
    preferences.insert(KEY.to_owned(), json!(theirs));
    user.preferences = Value::Object(preferences);
    Ok(user)
}
