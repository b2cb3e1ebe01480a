//! How a person wants their calendar kept: room between appointments, working hours, the usual length, public holidays.
//!
//! Kept by name in the person's preferences under [`CalendarPreferences::KEY`], and only what differs from the usual, so
//! that a better default reaches everybody else. What was kept and makes no sense any more counts as not kept.

mod working_hours;

use chrono::Duration;
use chrono_tz::Tz;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub use working_hours::{NotWorkingHours, Stretch, WorkingHours};

use crate::{text_enum, user::User};

text_enum! {
    /// Whose public holidays count when a series leaves holidays out.
    pub enum HolidayRegion {
        /// Nobody's.
        None = "none",
        /// The days that are free in most of Europe and the Commonwealth: New Year, Good Friday, Easter Monday, the first
        /// of May, Christmas and the day after.
        General = "general",
        /// The federal holidays of the United States (5 U.S.C. §6103), observed on a weekday.
        Us = "us",
    }
}

/// How one person wants their calendar kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalendarPreferences {
    /// How much room there should be between two appointments, 0 to 240 minutes.
    pub buffer_minutes: u32,
    /// When appointments are welcome.
    pub working_hours: WorkingHours,
    /// How long an appointment is when nothing was said, 5 minutes to a day.
    pub default_minutes: u32,
    /// Whose public holidays count.
    pub holidays: HolidayRegion,
}

/// Why a preference was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PreferenceError {
    /// There is none of this name.
    #[error("there is no calendar preference \"{name}\": it is one of {}", CalendarPreferences::NAMES.join(", "))]
    Unknown {
        /// The name.
        name: String,
    },
    /// The value makes no sense.
    #[error("{value} is no value for {name}: it takes {takes}")]
    Value {
        /// The name.
        name: &'static str,
        /// What was given, as JSON.
        value: String,
        /// What it takes.
        takes: String,
    },
}

impl CalendarPreferences {
    /// Where in a person's preferences they are kept.
    pub const KEY: &'static str = "calendar";

    /// The name of the usual length.
    pub const LENGTH: &'static str = LENGTH;

    /// The name of the working hours.
    pub const HOURS: &'static str = HOURS;

    /// The names of all of them.
    pub const NAMES: [&'static str; 4] = [BUFFER, HOURS, LENGTH, HOLIDAYS];

    /// Those of somebody who said nothing else and lives in `zone`.
    pub fn usual(zone: Tz) -> Self {
        let holidays = if in_the_united_states(zone) { HolidayRegion::Us } else { HolidayRegion::General };
        Self { buffer_minutes: 5, working_hours: WorkingHours::default(), default_minutes: 60, holidays }
    }

    /// Those of a person.
    pub fn of(user: &User) -> Self {
        let mut preferences = Self::usual(user.timezone);
        for (name, value) in kept(&user.preferences) {
            // What is refused leaves the usual value.
            let _refused = preferences.set(name, value);
        }
        preferences
    }

    /// How much room there should be between two appointments.
    pub fn buffer(&self) -> Duration {
        Duration::minutes(i64::from(self.buffer_minutes))
    }

    /// How long an appointment is when nothing was said.
    pub fn default_length(&self) -> Duration {
        Duration::minutes(i64::from(self.default_minutes))
    }

    /// Sets one by its name. Numbers may be written as text, as on a command line.
    pub fn set(&mut self, name: &str, value: &Value) -> Result<(), PreferenceError> {
        match name {
            BUFFER => self.buffer_minutes = number(BUFFER, value, 0, 240)?,
            LENGTH => self.default_minutes = number(LENGTH, value, 5, 1_440)?,
            HOURS => {
                let text = value.as_str().unwrap_or_default();
                let hours = text.parse();
                self.working_hours =
                    hours.map_err(|error: NotWorkingHours| refused(HOURS, value, error.to_string()))?;
            }
            HOLIDAYS => {
                let known = value.as_str().and_then(|text| text.trim().to_lowercase().parse().ok());
                self.holidays = known.ok_or_else(|| {
                    let all: Vec<_> = HolidayRegion::ALL.iter().map(|region| region.as_str()).collect();
                    refused(HOLIDAYS, value, all.join(", "))
                })?;
            }
            _ => return Err(PreferenceError::Unknown { name: name.to_owned() }),
        }
        Ok(())
    }

    /// A person's preferences with some of these changed by name; null brings the usual value back.
    ///
    /// Nothing is changed when one of them is refused. What was kept and is refused now is dropped on the way.
    pub fn changed(user: &User, changes: &Map<String, Value>) -> Result<Value, PreferenceError> {
        let mut theirs = Self::usual(user.timezone);
        let mut keep: Map<String, Value> = kept(&user.preferences)
            .filter(|(name, value)| theirs.set(name, value).is_ok())
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect();
        for (name, value) in changes {
            if value.is_null() && Self::NAMES.contains(&name.as_str()) {
                keep.remove(name);
                continue;
            }
            theirs.set(name, value)?;
            let canonical = serde_json::to_value(&theirs).ok().and_then(|all| all.get(name).cloned());
            keep.insert(name.clone(), canonical.unwrap_or_else(|| value.clone()));
        }
        let mut all = user.preferences.as_object().cloned().unwrap_or_default();
        all.insert(Self::KEY.to_owned(), Value::Object(keep));
        Ok(Value::Object(all))
    }
}

const BUFFER: &str = "buffer_minutes";
const HOURS: &str = "working_hours";
const LENGTH: &str = "default_minutes";
const HOLIDAYS: &str = "holidays";

fn kept(preferences: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let kept = preferences.get(CalendarPreferences::KEY).and_then(Value::as_object);
    kept.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn number(name: &'static str, value: &Value, least: u32, most: u32) -> Result<u32, PreferenceError> {
    let said = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
    let number = said.and_then(|number| u32::try_from(number).ok()).filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| refused(name, value, format!("a number of minutes from {least} to {most}")))
}

fn refused(name: &'static str, value: &Value, takes: String) -> PreferenceError {
    const SHOWN: usize = 60;
    let value = value.to_string().chars().take(SHOWN).collect();
    PreferenceError::Value { name, value, takes }
}

/// Whether the zone is one of the United States', by the names of the tz database.
fn in_the_united_states(zone: Tz) -> bool {
    const CITIES: &[&str] = &[
        "Adak",
        "Anchorage",
        "Boise",
        "Chicago",
        "Denver",
        "Detroit",
        "Juneau",
        "Los_Angeles",
        "Louisville",
        "Menominee",
        "Metlakatla",
        "New_York",
        "Nome",
        "Phoenix",
        "Sitka",
        "Yakutat",
    ];
    const REGIONS: &[&str] = &["US/", "America/Indiana/", "America/Kentucky/", "America/North_Dakota/"];
    let name = zone.name();
    name == "Pacific/Honolulu"
        || REGIONS.iter().any(|region| name.starts_with(region))
        || name.strip_prefix("America/").is_some_and(|city| CITIES.contains(&city))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{id::UserId, user::Role};
    use chrono::DateTime;
    use serde_json::json;

    fn user(preferences: Value) -> User {
        User {
            id: UserId::new(DateTime::UNIX_EPOCH),
            name: "Ada".into(),
            email: None,
            phone: None,
            timezone: chrono_tz::Europe::Berlin,
            preferences,
            boss_phone: None,
            boss_email: None,
            can_provision_numbers: false,
            role: Role::Member,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn object(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn who_said_nothing_has_the_usual_ones() {
        let usual = CalendarPreferences::of(&user(json!({})));
        assert_eq!((usual.buffer_minutes, usual.default_minutes), (5, 60));
        assert_eq!(usual.working_hours.to_string(), "mon-fri 09:00-17:00");
        assert_eq!(usual.holidays, HolidayRegion::General);
        assert_eq!(CalendarPreferences::usual(chrono_tz::America::New_York).holidays, HolidayRegion::Us);
        assert_eq!(CalendarPreferences::usual(chrono_tz::America::Toronto).holidays, HolidayRegion::General);
    }

    #[test]
    fn what_was_kept_badly_counts_as_not_kept() {
        let kept = json!({"calendar": {"buffer_minutes": "many", "default_minutes": 30, "moon": true}});
        let read = CalendarPreferences::of(&user(kept.clone()));
        assert_eq!((read.buffer_minutes, read.default_minutes), (5, 30));
        let next = CalendarPreferences::changed(&user(kept), &object(&json!({"buffer_minutes": "10"}))).unwrap();
        assert_eq!(next, json!({"calendar": {"buffer_minutes": 10, "default_minutes": 30}}));
        assert_eq!(CalendarPreferences::of(&user(json!({"calendar": 7}))).buffer_minutes, 5);
    }

    #[test]
    fn a_change_is_written_in_its_one_form_and_leaves_other_preferences_alone() {
        let before = user(json!({"reminders": {"x": 1}, "calendar": {"buffer_minutes": 10}}));
        let changes =
            json!({"working_hours": "Mon - Thu 8-12, mon-thu 13:00-17:30", "buffer_minutes": null, "holidays": "US"});
        let after = CalendarPreferences::changed(&before, &object(&changes)).unwrap();
        let hours = "mon-thu 08:00-12:00, mon-thu 13:00-17:30";
        assert_eq!(after, json!({"reminders": {"x": 1}, "calendar": {"working_hours": hours, "holidays": "us"}}));
    }

    #[test]
    fn nonsense_is_refused_with_what_it_takes() {
        for (changes, words) in [
            (
                json!({"buffer_minutes": 241}),
                "241 is no value for buffer_minutes: it takes a number of minutes from 0 to 240",
            ),
            (
                json!({"default_minutes": -1}),
                "-1 is no value for default_minutes: it takes a number of minutes from 5 to 1440",
            ),
            (json!({"holidays": "mars"}), "\"mars\" is no value for holidays: it takes none, general, us"),
            (
                json!({"lunch": 1}),
                "there is no calendar preference \"lunch\": it is one of buffer_minutes, working_hours, default_minutes, holidays",
            ),
        ] {
            let error = CalendarPreferences::changed(&user(json!({})), &object(&changes)).unwrap_err();
            assert_eq!(error.to_string(), words);
        }
        let error = CalendarPreferences::changed(&user(json!({})), &object(&json!({"working_hours": "mon 17-9"})));
        assert!(error.unwrap_err().to_string().contains("mon-fri 9:00-17:00"));
    }
}
