//! Recurrence rules: RFC 5545 §3.3.10 (`RRULE`), all of it.
//!
//! A rule speaks of floating local time. Expansion happens there and each occurrence is then resolved in the zone of
//! the appointment ([`crate::time::resolve_local`]): an appointment at 09:00 stays at 09:00 across daylight saving.
//! `UNTIL` is therefore local as well and inclusive. The occurrences are those of python-dateutil's `rrule`, which a
//! differential test compares (`tests/differential`).

mod bits;
mod days;
mod expand;
mod grammar;
mod plan;
pub mod specified;
mod times;
mod zoned;

use chrono::{DateTime, NaiveDateTime, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::schema::{self, PartialSchema, RefOr, Schema, ToSchema};

use expand::Expansion;
use zoned::Instants;

/// How often the rule's period begins. Ordered from often to seldom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Frequency {
    /// Every second.
    Secondly,
    /// Every minute.
    Minutely,
    /// Every hour.
    Hourly,
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
    /// Every year.
    Yearly,
}

/// A weekday, alone ("every Friday") or counted within the period ("first Monday": `nth` 1, "last": -1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ByDay {
    /// Which one within the month or year; from the end when negative.
    pub nth: Option<i8>,
    /// The day of the week.
    pub weekday: Weekday,
}

/// One recurrence rule.
///
/// Displayed and parsed as the body of an `RRULE` line, e.g. `FREQ=WEEKLY;INTERVAL=2;BYDAY=FR`; JSON is that string.
/// The parts stand flat, as in the RFC; a part that is absent is empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recurrence {
    /// `FREQ`.
    pub frequency: Frequency,
    /// `INTERVAL`, at least 1.
    pub interval: u32,
    /// `BYMONTH`, 1 to 12.
    pub by_month: Vec<u8>,
    /// `BYWEEKNO`, weeks of ISO 8601 (but for `WKST`), 1 to 53 or -53 to -1.
    pub by_week_number: Vec<i8>,
    /// `BYYEARDAY`, 1 to 366 or -366 to -1.
    pub by_year_day: Vec<i16>,
    /// `BYMONTHDAY`, 1 to 31 or -31 to -1.
    pub by_month_day: Vec<i8>,
    /// `BYDAY`.
    pub by_day: Vec<ByDay>,
    /// `BYHOUR`, 0 to 23.
    pub by_hour: Vec<u8>,
    /// `BYMINUTE`, 0 to 59.
    pub by_minute: Vec<u8>,
    /// `BYSECOND`, 0 to 59.
    pub by_second: Vec<u8>,
    /// `BYSETPOS`, 1 to 366 or -366 to -1.
    pub by_set_position: Vec<i32>,
    /// `WKST`: the day on which weeks begin.
    pub week_start: Weekday,
    /// When it ends.
    pub end: RecurrenceEnd,
}

/// When a recurrence ends. RFC 5545 forbids `COUNT` and `UNTIL` together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RecurrenceEnd {
    /// Never.
    #[default]
    Never,
    /// `COUNT`: after so many occurrences.
    Count(u32),
    /// `UNTIL`: the last local time that may still occur.
    Until(NaiveDateTime),
}

/// Why a rule was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    /// A part that the grammar does not have, or cannot read.
    #[error("the recurrence rule part `{0}` is not understood")]
    Part(String),
    /// No `FREQ`.
    #[error("the recurrence rule has no FREQ")]
    NoFrequency,
    /// `COUNT` and `UNTIL` together.
    #[error("a recurrence rule may have COUNT or UNTIL, not both")]
    TwoEnds,
    /// A part twice.
    #[error("the recurrence rule has {0} twice")]
    Twice(&'static str),
    /// A part that the RFC forbids beside the others.
    #[error("in the recurrence rule {part} {reason}")]
    Forbidden {
        /// Its name.
        part: &'static str,
        /// What it would need.
        reason: &'static str,
    },
    /// A field of the JSON form that cannot be read or contradicts another.
    #[error("in the recurring rule `{field}` {reason}")]
    Field {
        /// Its name.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl PartialSchema for Recurrence {
    fn schema() -> RefOr<Schema> {
        schema::text("rrule", "FREQ=WEEKLY;BYDAY=FR")
    }
}

impl ToSchema for Recurrence {}

impl Recurrence {
    /// A rule that repeats every period, for ever.
    pub fn every(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            by_month: Vec::new(),
            by_week_number: Vec::new(),
            by_year_day: Vec::new(),
            by_month_day: Vec::new(),
            by_day: Vec::new(),
            by_hour: Vec::new(),
            by_minute: Vec::new(),
            by_second: Vec::new(),
            by_set_position: Vec::new(),
            week_start: Weekday::Mon,
            end: RecurrenceEnd::Never,
        }
    }

    /// The occurrences from `start` on, in local time, in order. `start` itself is one only when the rule says so; its
    /// fraction of a second is kept.
    ///
    /// Lazy: take what you need. A rule that never ends yields for ever (to the year 9999).
    pub fn local_occurrences(
        &self,
        start: NaiveDateTime,
    ) -> Result<impl Iterator<Item = NaiveDateTime> + use<>, RecurrenceError> {
        grammar::check(self)?;
        Ok(Expansion::new(self, start))
    }

    /// The occurrences of an appointment that first starts at `start` in `zone`, as instants, in order, each once.
    pub fn occurrences(
        &self,
        start: DateTime<Utc>,
        zone: Tz,
    ) -> Result<impl Iterator<Item = DateTime<Utc>> + use<>, RecurrenceError> {
        self.instants(start, zone)
    }

    /// Those of them that are not before `from`. What is before is not walked through.
    pub fn occurrences_from(
        &self,
        start: DateTime<Utc>,
        zone: Tz,
        from: DateTime<Utc>,
    ) -> Result<impl Iterator<Item = DateTime<Utc>> + use<>, RecurrenceError> {
        Ok(self.instants(start, zone)?.seek(from))
    }

    fn instants(&self, start: DateTime<Utc>, zone: Tz) -> Result<Instants, RecurrenceError> {
        grammar::check(self)?;
        let local = start.with_timezone(&zone).naive_local();
        Ok(Instants::new(Expansion::new(self, local), zone))
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::time::{resolve_local, to_text};

    fn start() -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2026, 3, 27).unwrap().and_hms_opt(9, 0, 0).unwrap()
    }

    #[test]
    fn nine_in_the_morning_stays_nine_across_daylight_saving() {
        let berlin = chrono_tz::Europe::Berlin;
        let first = resolve_local(start(), berlin);
        let found: Vec<_> =
            Recurrence::every(Frequency::Daily).occurrences(first, berlin).unwrap().take(3).map(to_text).collect();
        assert_eq!(found, ["2026-03-27T08:00:00.000Z", "2026-03-28T08:00:00.000Z", "2026-03-29T07:00:00.000Z"]);
    }

    #[test]
    fn weekdays_skip_the_weekend() {
        let rule: Recurrence = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=3".parse().unwrap();
        let days: Vec<_> = rule.local_occurrences(start()).unwrap().map(|at| at.format("%a %d").to_string()).collect();
        assert_eq!(days, ["Fri 27", "Mon 30", "Tue 31"]);
    }

    #[test]
    fn weeks_and_days_of_the_year_are_counted() {
        let days = |rule: &str| -> Vec<String> {
            let rule: Recurrence = rule.parse().unwrap();
            rule.local_occurrences(start()).unwrap().take(2).map(|at| at.format("%F").to_string()).collect()
        };
        assert_eq!(days("FREQ=YEARLY;BYWEEKNO=14;BYDAY=TU"), ["2026-03-31", "2027-04-06"]);
        assert_eq!(days("FREQ=YEARLY;BYYEARDAY=200"), ["2026-07-19", "2027-07-19"]);
    }

    #[test]
    fn an_impossible_rule_yields_nothing_and_ends() {
        let rule: Recurrence = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31".parse().unwrap();
        assert_eq!(rule.local_occurrences(start()).unwrap().next(), None);
    }
}
