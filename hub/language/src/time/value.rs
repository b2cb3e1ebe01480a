//! What an expression of time comes to: the public values.
//!
//! Pure data. How text becomes these is the business of the parser; how they are worded again is that of
//! [`crate::say`].

use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use xswarm_core::recurrence::Recurrence;

use crate::policy::Policy;

/// In which order numeric dates are written where the person lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    /// Month first: 1/15/2024.
    #[default]
    UnitedStates,
    /// Day first: 15/1/2024.
    International,
}

/// Against what a text is understood.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The moment of the utterance; it carries the person's zone.
    pub now: DateTime<Tz>,
    /// Order of numeric dates.
    pub locale: Locale,
    /// The person's conventions.
    pub policy: &'a Policy,
}

/// How fine a time was said. Ordered from fine to coarse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grain {
    /// "3:15:20", "now".
    Second,
    /// "3:15".
    Minute,
    /// "3pm".
    Hour,
    /// "tomorrow morning".
    PartOfDay,
    /// "tomorrow".
    Day,
    /// "this weekend".
    Weekend,
    /// "next week".
    Week,
    /// "March".
    Month,
    /// "Q3".
    Quarter,
    /// "2027".
    Year,
}

/// A nominal length of time: months and days are those of the calendar, whatever their length in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// Calendar months; a year is twelve.
    pub months: i32,
    /// Calendar days; a week is seven.
    pub days: i32,
    /// Seconds of the clock.
    pub seconds: i64,
}

impl Span {
    /// So many seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Self { months: 0, days: 0, seconds }
    }

    /// So many minutes.
    pub const fn minutes(minutes: i64) -> Self {
        Self::seconds(minutes.saturating_mul(60))
    }

    /// So many days.
    pub const fn days(days: i32) -> Self {
        Self { months: 0, days, seconds: 0 }
    }

    /// So many months.
    pub const fn months(months: i32) -> Self {
        Self { months, days: 0, seconds: 0 }
    }

    /// Whether it has no length.
    pub const fn is_zero(self) -> bool {
        self.months == 0 && self.days == 0 && self.seconds == 0
    }

    /// Both, one after the other.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            months: self.months.saturating_add(other.months),
            days: self.days.saturating_add(other.days),
            seconds: self.seconds.saturating_add(other.seconds),
        }
    }

    /// The same length backwards.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self {
            months: self.months.saturating_neg(),
            days: self.days.saturating_neg(),
            seconds: self.seconds.saturating_neg(),
        }
    }
}

/// How sure the reading is.
///
/// Two steps instead of a number: a score would only be compared with thresholds that mean the same two things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Needs someone who expects a time: "7", "may", "second".
    Latent,
    /// A time in any company.
    Certain,
}

/// A time, and where in the text it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Where: bytes of the text, on character boundaries.
    pub span: Range<usize>,
    /// What it most likely means.
    pub value: Value,
    /// What else it may mean, likeliest first ("at 8" in the evening).
    pub alternatives: Vec<Value>,
    /// Whether it is a time in any company.
    pub confidence: Confidence,
    /// Whether a day was named ("4pm": no).
    pub date_said: bool,
    /// Whether a time of day was named ("Friday": no).
    pub time_said: bool,
}

/// A day and times of day that are left out of a recurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exception {
    /// One day.
    Day(NaiveDate),
    /// Every day from the first to before the second.
    Days(NaiveDate, NaiveDate),
    /// Every such weekday.
    Weekday(chrono::Weekday),
    /// Every such month, 1 to 12.
    Month(u32),
    /// Public holidays.
    Holidays,
}

/// A recurrence as it was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeat {
    /// On which days.
    pub rule: Recurrence,
    /// At which times of day; none said: empty.
    pub times: Vec<NaiveTime>,
    /// The end of each occurrence, when a range was said ("daily from 9 to 10").
    pub until_time: Option<NaiveTime>,
    /// First day that counts, when one was said ("starting in May").
    pub start: Option<NaiveDate>,
    /// What is left out.
    pub exceptions: Vec<Exception>,
}

/// What an expression of time means.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A point in time: "tomorrow at 3pm".
    Instant {
        /// When.
        at: DateTime<Tz>,
        /// How fine it was said.
        grain: Grain,
    },
    /// A day or a longer period of the calendar: "tomorrow", "next week", "March".
    Date {
        /// Its first day.
        start: NaiveDate,
        /// Which period begins there.
        grain: Grain,
    },
    /// From one point to another; an open side is `None`: "from 3 to 5pm", "before Friday".
    Interval {
        /// First instant that belongs to it.
        start: Option<DateTime<Tz>>,
        /// First instant that no longer belongs to it.
        end: Option<DateTime<Tz>>,
        /// How fine its ends were said.
        grain: Grain,
    },
    /// A length of time: "45 minutes".
    Duration(Span),
    /// Again and again: "every Friday at 9".
    Recurrence(Box<Repeat>),
}

impl Value {
    /// The length, when it is one.
    pub fn as_duration(&self) -> Option<Span> {
        if let Self::Duration(span) = self { Some(*span) } else { None }
    }

    /// The point in time, when it is one.
    pub fn as_instant(&self) -> Option<DateTime<Tz>> {
        if let Self::Instant { at, .. } = self { Some(*at) } else { None }
    }

    /// The point in time that is meant or that an interval open to the left ends with: "3pm", "until 3pm".
    pub(crate) fn as_deadline(&self) -> Option<DateTime<Tz>> {
        if let Self::Interval { start: None, end, .. } = self { *end } else { self.as_instant() }
    }
}

/// A time that cannot be, or cannot be used as said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// "February 30".
    #[error("there is no such date: {text}")]
    NoSuchDate {
        /// The words.
        text: String,
    },
    /// "at 25:00".
    #[error("there is no such time: {text}")]
    NoSuchTime {
        /// The words.
        text: String,
    },
    /// "Saturday, 30 November 2026", which is a Monday.
    #[error("that day is no {weekday}: {text}")]
    WrongWeekday {
        /// The words.
        text: String,
        /// The day they name by date.
        day: NaiveDate,
        /// The weekday they name.
        weekday: chrono::Weekday,
    },
    /// "Saturday or Sunday", "every Monday at 10 and every Friday at 5".
    #[error("more than one time: {text}")]
    Several {
        /// The words.
        text: String,
    },
    /// "from May 5 to May 3 2026".
    #[error("the end is before the start: {text}")]
    EndBeforeStart {
        /// The words.
        text: String,
    },
    /// "twice a week".
    #[error("too vague to act on: {text}")]
    TooVague {
        /// The words.
        text: String,
    },
}
