//! The policy as a table of named settings in text: for a command line, a file, or a row in a database.
//!
//! Each setting has a name, a sentence that explains it, and how its value is written and read. Nothing but this table
//! knows the names; a value that makes no sense is refused with what would.

use chrono::{NaiveTime, Weekday};

use super::{Hours, NextWeekday, Policy};

/// One setting of the policy.
#[derive(Clone, Copy)]
pub struct Setting {
    /// What it is called, e.g. `next_weekday`.
    pub name: &'static str,
    /// What it decides, in one sentence.
    pub help: &'static str,
    /// What a value looks like.
    pub values: &'static str,
    read: fn(&Policy) -> String,
    write: fn(&mut Policy, &str) -> Option<()>,
}

impl Setting {
    /// Its value in a policy.
    pub fn value(&self, policy: &Policy) -> String {
        (self.read)(policy)
    }
}

/// Why a setting was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// There is none of this name.
    #[error("there is no convention called \"{name}\"; there are {known}")]
    Unknown {
        /// The name that was given.
        name: String,
        /// The names there are, joined.
        known: String,
    },
    /// The value makes no sense.
    #[error("\"{value}\" is no value for {name}: it takes {values}")]
    Value {
        /// The setting.
        name: &'static str,
        /// The value that was given.
        value: String,
        /// What it takes.
        values: &'static str,
    },
    /// Two settings contradict each other.
    #[error("afternoon_from is after afternoon_to: a bare hour would never be in the afternoon")]
    NoAfternoon,
}

const HOURS: &str = "hours such as 6-12: each 0 to 24, the first before the second";
const YES_NO: &str = "yes or no";
const TIME: &str = "a time such as 09:00";

/// All settings, in the order they are shown.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "next_weekday",
        help: "What \"next Friday\" means: the Friday of next week, or the first one ahead.",
        values: "of_next_week or first_ahead",
        read: |policy| {
            match policy.next_weekday {
                NextWeekday::OfNextWeek => "of_next_week",
                NextWeekday::FirstAhead => "first_ahead",
            }
            .to_owned()
        },
        write: |policy, value| {
            policy.next_weekday = match value {
                "of_next_week" => NextWeekday::OfNextWeek,
                "first_ahead" => NextWeekday::FirstAhead,
                _ => return None,
            };
            Some(())
        },
    },
    Setting {
        name: "afternoon_from",
        help: "The first bare hour that is in the afternoon: \"at 1\" is 1 PM.",
        values: "an hour, 1 to 11",
        read: |policy| policy.afternoon_from.to_string(),
        write: |policy, value| hour(value).map(|hour| policy.afternoon_from = hour),
    },
    Setting {
        name: "afternoon_to",
        help: "The last bare hour that is in the afternoon: \"at 6\" is 6 PM, \"at 7\" is 7 AM.",
        values: "an hour, 1 to 11",
        read: |policy| policy.afternoon_to.to_string(),
        write: |policy, value| hour(value).map(|hour| policy.afternoon_to = hour),
    },
    Setting {
        name: "early_morning",
        help: "When the early morning is.",
        values: HOURS,
        read: |policy| policy.parts.early_morning.to_text(),
        write: |policy, value| hours(value).map(|hours| policy.parts.early_morning = hours),
    },
    Setting {
        name: "morning",
        help: "When the morning is.",
        values: HOURS,
        read: |policy| policy.parts.morning.to_text(),
        write: |policy, value| hours(value).map(|hours| policy.parts.morning = hours),
    },
    Setting {
        name: "lunch",
        help: "When lunchtime is.",
        values: HOURS,
        read: |policy| policy.parts.lunch.to_text(),
        write: |policy, value| hours(value).map(|hours| policy.parts.lunch = hours),
    },
    Setting {
        name: "afternoon",
        help: "When the afternoon is.",
        values: HOURS,
        read: |policy| policy.parts.afternoon.to_text(),
        write: |policy, value| hours(value).map(|hours| policy.parts.afternoon = hours),
    },
    Setting {
        name: "evening",
        help: "When the evening is, and tonight.",
        values: HOURS,
        read: |policy| policy.parts.evening.to_text(),
        write: |policy, value| hours(value).map(|hours| policy.parts.evening = hours),
    },
    Setting {
        name: "night",
        help: "When the night is.",
        values: HOURS,
        read: |policy| policy.parts.night.to_text(),
        write: |policy, value| hours(value).map(|hours| policy.parts.night = hours),
    },
    Setting {
        name: "weekend",
        help: "The first of the two days of the weekend.",
        values: "a weekday such as saturday or friday",
        read: |policy| format!("{:?}", policy.weekend).to_lowercase(),
        write: |policy, value| value.parse::<Weekday>().ok().map(|day| policy.weekend = day),
    },
    Setting {
        name: "default_time",
        help: "When an appointment begins for which only a date was said.",
        values: TIME,
        read: |policy| clock(policy.default_time),
        write: |policy, value| time(value).map(|time| policy.default_time = time),
    },
    Setting {
        name: "end_of_day",
        help: "When the day's work is over: \"by the end of the day\".",
        values: TIME,
        read: |policy| clock(policy.end_of_day),
        write: |policy, value| time(value).map(|time| policy.end_of_day = time),
    },
    Setting {
        name: "midnight_ends_day",
        help: "Whether \"Friday at midnight\" is the end of Friday, not its beginning.",
        values: YES_NO,
        read: |policy| yes_no(policy.midnight_ends_day),
        write: |policy, value| answer(value).map(|yes| policy.midnight_ends_day = yes),
    },
    Setting {
        name: "keeps_clock_time",
        help: "Whether \"in three days\" is at this time of day, not just some time on that day.",
        values: YES_NO,
        read: |policy| yes_no(policy.keeps_clock_time),
        write: |policy, value| answer(value).map(|yes| policy.keeps_clock_time = yes),
    },
    Setting {
        name: "couple",
        help: "How many \"a couple\" are.",
        values: "a number, 1 to 20",
        read: |policy| policy.couple.to_string(),
        write: |policy, value| number(value, 1, 20).map(|number| policy.couple = number),
    },
    Setting {
        name: "few",
        help: "How many \"a few\" are.",
        values: "a number, 1 to 20",
        read: |policy| policy.few.to_string(),
        write: |policy, value| number(value, 1, 20).map(|number| policy.few = number),
    },
    Setting {
        name: "century_pivot",
        help: "Two-digit years below this one belong to this century, the others to the last.",
        values: "a number, 0 to 100",
        read: |policy| policy.century_pivot.to_string(),
        write: |policy, value| number(value, 0, 100).map(|number| policy.century_pivot = number),
    },
    Setting {
        name: "month_day_ahead",
        help: "Whether a bare date that has passed (\"March 3\") means the next year's.",
        values: YES_NO,
        read: |policy| yes_no(policy.month_day_ahead),
        write: |policy, value| answer(value).map(|yes| policy.month_day_ahead = yes),
    },
    Setting {
        name: "weekday_date_past_days",
        help: "A date with its weekday (\"Sunday, March 8\") is this year's when past by at most so many days.",
        values: "a number, 0 to 365",
        read: |policy| policy.weekday_date_past_days.to_string(),
        write: |policy, value| number(value, 0, 365).map(|days| policy.weekday_date_past_days = i64::from(days)),
    },
];

impl Policy {
    /// Changes one setting. Nothing is changed when it is refused; [`Policy::check`] tells whether all fit together.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SettingError> {
        let setting = SETTINGS.iter().find(|setting| setting.name == name).ok_or_else(|| SettingError::Unknown {
            name: name.to_owned(),
            known: SETTINGS.iter().map(|setting| setting.name).collect::<Vec<_>>().join(", "),
        })?;
        (setting.write)(self, &value.trim().to_lowercase()).ok_or_else(|| SettingError::Value {
            name: setting.name,
            value: value.to_owned(),
            values: setting.values,
        })
    }

    /// Whether the settings fit together.
    pub fn check(&self) -> Result<(), SettingError> {
        if self.afternoon_from > self.afternoon_to { Err(SettingError::NoAfternoon) } else { Ok(()) }
    }
}

impl Hours {
    fn to_text(self) -> String {
        format!("{}-{}", self.start, self.end)
    }
}

fn number(value: &str, least: u32, most: u32) -> Option<u32> {
    value.parse().ok().filter(|number| (least..=most).contains(number))
}

fn hour(value: &str) -> Option<u32> {
    number(value, 1, 11)
}

fn hours(value: &str) -> Option<Hours> {
    let (start, end) = value.split_once('-')?;
    let hours = Hours { start: number(start.trim(), 0, 23)?, end: number(end.trim(), 1, 24)? };
    (hours.start < hours.end).then_some(hours)
}

fn time(value: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(value, "%H:%M").ok()
}

fn clock(time: NaiveTime) -> String {
    time.format("%H:%M").to_string()
}

fn answer(value: &str) -> Option<bool> {
    match value {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

fn yes_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::DEFAULT;

    #[test]
    fn every_setting_reads_back_as_written() {
        for setting in SETTINGS {
            let mut policy = DEFAULT;
            let value = setting.value(&DEFAULT);
            policy.set(setting.name, &value).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(policy, DEFAULT, "{}", setting.name);
        }
    }

    #[test]
    fn values_change_what_they_name() {
        let mut policy = DEFAULT;
        for (name, value) in [("next_weekday", "first_ahead"), ("evening", "17-23"), ("default_time", "08:30")] {
            policy.set(name, value).unwrap();
            let setting = SETTINGS.iter().find(|setting| setting.name == name).unwrap();
            assert_eq!(setting.value(&policy), value);
        }
        assert_eq!(policy.parts.evening, Hours { start: 17, end: 23 });
    }

    #[test]
    fn nonsense_is_refused_with_what_would_do_and_changes_nothing() {
        let mut policy = DEFAULT;
        for (name, value, words) in [
            ("evening", "22-18", "evening: it takes hours such as 6-12"),
            ("evening", "18-25", "evening"),
            ("next_weekday", "soon", "of_next_week or first_ahead"),
            ("default_time", "9", "a time such as 09:00"),
            ("couple", "0", "1 to 20"),
            ("weekdays", "5", "there is no convention called \"weekdays\""),
        ] {
            let error = policy.set(name, value).unwrap_err().to_string();
            assert!(error.contains(words), "{name}={value}: {error}");
            assert_eq!(policy, DEFAULT);
        }
        policy.set("afternoon_from", "9").unwrap();
        assert_eq!(policy.check(), Err(SettingError::NoAfternoon));
        policy.set("afternoon_to", "11").unwrap();
        assert_eq!(policy.check(), Ok(()));
    }
}
