//! Recurrence rules: RFC 5545 §3.3.10 (`RRULE`), without its BYHOUR, BYMINUTE and BYSECOND parts.
//!
//! A rule speaks of floating local time. Expansion happens there and each occurrence is then resolved in the zone of
//! the appointment ([`crate::time::resolve_local`]): an appointment at 09:00 stays at 09:00 across daylight saving.
//! `UNTIL` is therefore local as well and inclusive. Set arithmetic is left to the `rrule` crate, fed with UTC as
//! "floating" because it mishandles daylight saving when given a zone.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::time::resolve_local;

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
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recurrence {
    /// `FREQ`.
    pub frequency: Frequency,
    /// `INTERVAL`, at least 1.
    pub interval: u32,
    /// `BYDAY`.
    pub by_day: Vec<ByDay>,
    /// `BYMONTHDAY`, 1 to 31 or -31 to -1.
    pub by_month_day: Vec<i8>,
    /// `BYYEARDAY`, 1 to 366 or -366 to -1.
    pub by_year_day: Vec<i16>,
    /// `BYWEEKNO`, weeks of ISO 8601, 1 to 53 or -53 to -1.
    pub by_week_number: Vec<i8>,
    /// `BYMONTH`, 1 to 12.
    pub by_month: Vec<u8>,
    /// `BYSETPOS`.
    pub by_set_position: Vec<i32>,
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
    /// Well-formed, but it means nothing (such as the 31st of February).
    #[error("the recurrence rule cannot be expanded: {0}")]
    Meaningless(String),
}

impl Recurrence {
    /// A rule that repeats every period, for ever.
    pub fn every(frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: 1,
            by_day: Vec::new(),
            by_month_day: Vec::new(),
            by_year_day: Vec::new(),
            by_week_number: Vec::new(),
            by_month: Vec::new(),
            by_set_position: Vec::new(),
            end: RecurrenceEnd::Never,
        }
    }

    /// The occurrences from `start` on, in local time, in order. `start` itself is one only when the rule says so.
    ///
    /// Lazy: take what you need. A rule that never ends yields for ever (to the year 9999).
    pub fn local_occurrences(
        &self,
        start: NaiveDateTime,
    ) -> Result<impl Iterator<Item = NaiveDateTime> + use<>, RecurrenceError> {
        let rule: rrule::RRule<rrule::Unvalidated> = self
            .to_string()
            .parse()
            .map_err(|error: rrule::RRuleError| RecurrenceError::Meaningless(error.to_string()))?;
        let floating = rrule::Tz::UTC.from_utc_datetime(&start);
        let set = rule.build(floating).map_err(|error| RecurrenceError::Meaningless(error.to_string()))?;
        Ok((&set).into_iter().map(|at| at.naive_utc()))
    }

    /// The occurrences of an appointment that first starts at `start` in `zone`, as instants, in order.
    pub fn occurrences(
        &self,
        start: DateTime<Utc>,
        zone: Tz,
    ) -> Result<impl Iterator<Item = DateTime<Utc>> + use<>, RecurrenceError> {
        let local = start.with_timezone(&zone).naive_local();
        Ok(self.local_occurrences(local)?.map(move |at| resolve_local(at, zone)))
    }

    /// Those of them that are not before `from`.
    pub fn occurrences_from(
        &self,
        start: DateTime<Utc>,
        zone: Tz,
        from: DateTime<Utc>,
    ) -> Result<impl Iterator<Item = DateTime<Utc>> + use<>, RecurrenceError> {
        Ok(self.occurrences(start, zone)?.skip_while(move |at| *at < from))
    }
}

const DAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Mon),
    ("TU", Weekday::Tue),
    ("WE", Weekday::Wed),
    ("TH", Weekday::Thu),
    ("FR", Weekday::Fri),
    ("SA", Weekday::Sat),
    ("SU", Weekday::Sun),
];

const FREQUENCIES: [(&str, Frequency); 7] = [
    ("SECONDLY", Frequency::Secondly),
    ("MINUTELY", Frequency::Minutely),
    ("HOURLY", Frequency::Hourly),
    ("DAILY", Frequency::Daily),
    ("WEEKLY", Frequency::Weekly),
    ("MONTHLY", Frequency::Monthly),
    ("YEARLY", Frequency::Yearly),
];

const UNTIL_FORMAT: &str = "%Y%m%dT%H%M%S";

impl fmt::Display for ByDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nth) = self.nth {
            write!(f, "{nth}")?;
        }
        DAYS.iter().find(|(_, day)| *day == self.weekday).map_or(Ok(()), |(name, _)| f.write_str(name))
    }
}

impl FromStr for ByDay {
    type Err = RecurrenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unread = || RecurrenceError::Part(format!("BYDAY={text}"));
        let split = text.len().checked_sub(2).filter(|at| text.is_char_boundary(*at)).ok_or_else(unread)?;
        let (nth, name) = text.split_at(split);
        let (_, weekday) = DAYS.iter().find(|(day, _)| *day == name).ok_or_else(unread)?;
        let nth = match nth {
            "" => None,
            digits => match digits.parse::<i8>() {
                Ok(nth) if nth != 0 && nth.abs() <= 53 => Some(nth),
                Ok(_) | Err(_) => return Err(unread()),
            },
        };
        Ok(Self { nth, weekday: *weekday })
    }
}

fn joined<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn list<T: FromStr>(part: &str, value: &str, valid: impl Fn(&T) -> bool) -> Result<Vec<T>, RecurrenceError> {
    value
        .split(',')
        .map(|item| item.parse::<T>().ok().filter(&valid).ok_or_else(|| RecurrenceError::Part(part.to_owned())))
        .collect()
}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((name, _)) = FREQUENCIES.iter().find(|(_, frequency)| *frequency == self.frequency) {
            write!(f, "FREQ={name}")?;
        }
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        let parts = [
            ("BYMONTH", joined(&self.by_month)),
            ("BYWEEKNO", joined(&self.by_week_number)),
            ("BYYEARDAY", joined(&self.by_year_day)),
            ("BYMONTHDAY", joined(&self.by_month_day)),
            ("BYDAY", joined(&self.by_day)),
            ("BYSETPOS", joined(&self.by_set_position)),
        ];
        for (name, value) in parts.iter().filter(|(_, value)| !value.is_empty()) {
            write!(f, ";{name}={value}")?;
        }
        match self.end {
            RecurrenceEnd::Never => Ok(()),
            RecurrenceEnd::Count(count) => write!(f, ";COUNT={count}"),
            // The trailing Z is the `rrule` crate's and most calendars' expectation; the value is floating.
            RecurrenceEnd::Until(until) => write!(f, ";UNTIL={}Z", until.format(UNTIL_FORMAT)),
        }
    }
}

impl FromStr for Recurrence {
    type Err = RecurrenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let body = text.trim().trim_start_matches("RRULE:");
        let mut frequency = None;
        let mut rule = Self::every(Frequency::Daily);
        let (mut count, mut until) = (None, None);
        for part in body.split(';').filter(|part| !part.is_empty()) {
            let unread = || RecurrenceError::Part(part.to_owned());
            let (name, value) = part.split_once('=').ok_or_else(unread)?;
            match name {
                "FREQ" => {
                    let known = FREQUENCIES.iter().find(|(name, _)| *name == value).ok_or_else(unread)?;
                    frequency = Some(known.1);
                }
                "INTERVAL" => {
                    rule.interval = value.parse().ok().filter(|n| (1..=10_000).contains(n)).ok_or_else(unread)?;
                }
                "BYDAY" => rule.by_day = list(part, value, |_| true)?,
                "BYMONTHDAY" => rule.by_month_day = list(part, value, |day: &i8| *day != 0 && day.abs() <= 31)?,
                "BYYEARDAY" => rule.by_year_day = list(part, value, |day: &i16| *day != 0 && day.abs() <= 366)?,
                "BYWEEKNO" => rule.by_week_number = list(part, value, |week: &i8| *week != 0 && week.abs() <= 53)?,
                "BYMONTH" => rule.by_month = list(part, value, |month| (1..=12).contains(month))?,
                "BYSETPOS" => rule.by_set_position = list(part, value, |nth: &i32| *nth != 0 && nth.abs() <= 366)?,
                "COUNT" => count = Some(value.parse().ok().filter(|n| *n > 0).ok_or_else(unread)?),
                "UNTIL" => until = Some(read_until(value).ok_or_else(unread)?),
                // Weeks start on Monday here; that is the default of RFC 5545.
                "WKST" if value == "MO" => {}
                _ => return Err(unread()),
            }
        }
        rule.frequency = frequency.ok_or(RecurrenceError::NoFrequency)?;
        rule.end = match (count, until) {
            (Some(_), Some(_)) => return Err(RecurrenceError::TwoEnds),
            (Some(count), None) => RecurrenceEnd::Count(count),
            (None, Some(until)) => RecurrenceEnd::Until(until),
            (None, None) => RecurrenceEnd::Never,
        };
        Ok(rule)
    }
}

fn read_until(value: &str) -> Option<NaiveDateTime> {
    let value = value.trim_end_matches('Z');
    NaiveDateTime::parse_from_str(value, UNTIL_FORMAT).ok().or_else(|| {
        let date = NaiveDate::parse_from_str(value, "%Y%m%d").ok()?;
        date.and_hms_opt(23, 59, 59)
    })
}

impl TryFrom<String> for Recurrence {
    type Error = RecurrenceError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Recurrence> for String {
    fn from(rule: Recurrence) -> Self {
        rule.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::to_text;

    fn start() -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2026, 3, 27).unwrap().and_hms_opt(9, 0, 0).unwrap()
    }

    #[test]
    fn rules_read_back_as_written() {
        for rule in [
            "FREQ=DAILY",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
            "FREQ=MONTHLY;BYDAY=1MO",
            "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3",
            "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
            "FREQ=YEARLY;BYWEEKNO=12;BYDAY=TU,FR",
            "FREQ=YEARLY;BYYEARDAY=1,-1",
            "FREQ=SECONDLY;INTERVAL=90",
            "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20260630T235959Z",
        ] {
            assert_eq!(rule.parse::<Recurrence>().unwrap().to_string(), rule);
        }
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for (rule, error) in [
            ("INTERVAL=2", RecurrenceError::NoFrequency),
            ("FREQ=DAILY;COUNT=1;UNTIL=20260101", RecurrenceError::TwoEnds),
            ("FREQ=DAILY;INTERVAL=0", RecurrenceError::Part("INTERVAL=0".into())),
            ("FREQ=DAILY;BYDAY=XX", RecurrenceError::Part("BYDAY=XX".into())),
            ("FREQ=YEARLY;BYWEEKNO=54", RecurrenceError::Part("BYWEEKNO=54".into())),
            ("FREQ=YEARLY;BYYEARDAY=0", RecurrenceError::Part("BYYEARDAY=0".into())),
            ("FREQ=DAILY;BYDAY=é", RecurrenceError::Part("BYDAY=é".into())),
            ("FREQ=SOMETIMES", RecurrenceError::Part("FREQ=SOMETIMES".into())),
        ] {
            assert_eq!(rule.parse::<Recurrence>(), Err(error), "{rule}");
        }
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
    fn an_impossible_rule_yields_nothing_or_an_error_but_ends() {
        let rule: Recurrence = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31".parse().unwrap();
        if let Ok(mut found) = rule.local_occurrences(start()) {
            assert_eq!(found.next(), None);
        }
    }
}
