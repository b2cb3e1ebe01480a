//! What a person prefers, kept inside a transaction: changed by programs, by the command line, and by what they said yes to.
//!
//! What a preference means and which values make sense is `core`'s business.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use xswarm_core::{
    event::Event,
    id::UserId,
    message::Channel,
    preferences::{CalendarPreferences, PreferenceError, WorkingHours},
    reminder::{ReminderPreferences, preferences::KEY as REMINDERS},
    suggestion::{KEY as SUGGESTIONS, SuggestionPreferences},
    user::User,
};
use xswarm_store::{StoreError, Tx};

use crate::{reminders, wording};

/// Keeps a person's preferences as they are now: all of them, as one object.
pub(crate) fn keep(tx: &Tx<'_>, user: User, preferences: Value, now: DateTime<Utc>) -> Result<User, StoreError> {
    let user = User { preferences, updated_at: now, ..user };
    tx.user_update(&user)?;
    tx.event_append(&Event::UserChanged { user: user.id }, Some(user.id), now)?;
    Ok(user)
}

/// Keeps how a person wants to be reminded; what quiet hours hold back is looked at again.
pub(crate) fn keep_reminders(
    tx: &Tx<'_>,
    user: User,
    preferences: &ReminderPreferences,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let all = with(&user, REMINDERS, serde_json::to_value(preferences)?);
    let user = keep(tx, user, all, now)?;
    reminders::look_again(tx, user.id, now)
}

/// Keeps whether a person wants suggestions.
pub(crate) fn keep_suggestions(
    tx: &Tx<'_>,
    user: User,
    wanted: SuggestionPreferences,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let all = with(&user, SUGGESTIONS, json!(wanted.enabled));
    keep(tx, user, all, now).map(drop)
}

fn with(user: &User, key: &str, value: Value) -> Value {
    let mut all = user.preferences.as_object().cloned().unwrap_or_default();
    all.insert(key.to_owned(), value);
    Value::Object(all)
}

/// One preference and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub(crate) enum Wish {
    /// How long an appointment is when nothing was said.
    Length {
        /// How many minutes.
        minutes: u32,
    },
    /// When appointments are welcome.
    Hours {
        /// When.
        hours: WorkingHours,
    },
    /// By which ways reminders come, dearest first.
    Channels {
        /// Which.
        channels: Vec<Channel>,
    },
    /// Whether suggestions are made.
    Suggestions {
        /// Whether.
        enabled: bool,
    },
}

impl Wish {
    /// The same preference as it is now.
    pub(crate) fn as_kept(&self, user: &User) -> Self {
        let calendar = || CalendarPreferences::of(user);
        match self {
            Self::Length { .. } => Self::Length { minutes: calendar().default_minutes },
            Self::Hours { .. } => Self::Hours { hours: calendar().working_hours },
            Self::Channels { .. } => Self::Channels { channels: ReminderPreferences::of(&user.preferences).channels },
            Self::Suggestions { .. } => {
                Self::Suggestions { enabled: SuggestionPreferences::of(&user.preferences).enabled }
            }
        }
    }

    /// Makes it so.
    pub(crate) fn apply(&self, tx: &Tx<'_>, user: UserId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let Some(user) = tx.user(user)? else { return Err(StoreError::Missing("person")) };
        match self {
            Self::Length { .. } | Self::Hours { .. } => {
                let all = self.calendar(&user).map_err(|_refused| StoreError::Stale("preference"))?;
                keep(tx, user, all, now).map(drop)
            }
            Self::Channels { channels } => {
                let known = ReminderPreferences::of(&user.preferences);
                let preferences = ReminderPreferences { channels: channels.clone(), ..known }.checked();
                let preferences = preferences.map_err(|_refused| StoreError::Stale("preference"))?;
                keep_reminders(tx, user, &preferences, now)
            }
            Self::Suggestions { enabled } => {
                keep_suggestions(tx, user, SuggestionPreferences { enabled: *enabled }, now)
            }
        }
    }

    /// A calendar preference among the others. What is as usual is not kept, so that a better default reaches the person.
    fn calendar(&self, user: &User) -> Result<Value, PreferenceError> {
        let usual = CalendarPreferences::usual(user.timezone);
        let (name, value, as_usual) = match self {
            Self::Length { minutes } => {
                (CalendarPreferences::LENGTH, json!(minutes), *minutes == usual.default_minutes)
            }
            Self::Hours { hours } => (CalendarPreferences::HOURS, json!(hours), *hours == usual.working_hours),
            Self::Channels { .. } | Self::Suggestions { .. } => return Ok(user.preferences.clone()),
        };
        let value = if as_usual { Value::Null } else { value };
        CalendarPreferences::changed(user, &Map::from_iter([(name.to_owned(), value)]))
    }

    /// In words, as the rest of "From now on …".
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Length { minutes } => {
                let length = wording::length(chrono::Duration::minutes(i64::from(*minutes)));
                format!("appointments usually take {length}")
            }
            Self::Hours { hours } => format!("the working hours are {hours}"),
            Self::Channels { channels } => {
                let ways: Vec<_> = channels.iter().map(|channel| wording::by(*channel).trim()).collect();
                format!("reminders come {}", ways.join(", else "))
            }
            Self::Suggestions { enabled: true } => "suggestions are made".to_owned(),
            Self::Suggestions { enabled: false } => "no suggestions are made".to_owned(),
        }
    }
}
