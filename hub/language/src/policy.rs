//! The conventions of the language, as data.
//!
//! People mean different things by "next Friday" or "at 5". Every such decision of this crate stands in one table,
//! [`Policy`], with a default that the documentation of each field explains; nothing else in the crate decides by
//! taste. A policy belongs to a person and may be changed per person, by name ([`Policy::set`], [`SETTINGS`]). It holds no
//! vocabulary and no grammar.

mod settings;

use chrono::{NaiveTime, Weekday};

pub use settings::{SETTINGS, Setting, SettingError};

/// What "next Friday" means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextWeekday {
    /// The Friday of the next week, weeks beginning on Monday: said on a Tuesday, ten days ahead.
    OfNextWeek,
    /// The first Friday after today: said on a Tuesday, three days ahead.
    FirstAhead,
}

/// From when to when a part of the day lasts, in whole hours of local time; the end is exclusive and may be 24.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// First hour.
    pub start: u32,
    /// Hour at which it is over.
    pub end: u32,
}

/// The parts of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartsOfDay {
    /// "early morning".
    pub early_morning: Hours,
    /// "morning".
    pub morning: Hours,
    /// "lunch", "lunchtime".
    pub lunch: Hours,
    /// "afternoon".
    pub afternoon: Hours,
    /// "evening", "tonight".
    pub evening: Hours,
    /// "night", "late at night".
    pub night: Hours,
}

/// The conventions by which ambiguous words are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// "next Friday". Default: the Friday of the next week, because "this Friday" and "Friday" name the nearer one.
    pub next_weekday: NextWeekday,
    /// A bare hour from this one on ("at 3") is in the afternoon … Default 1.
    pub afternoon_from: u32,
    /// … up to and including this one ("at 6"); later hours ("at 7" to "at 11") are in the morning. Default 6.
    /// Evening, tonight and the like overrule both, and so does a time that has already gone by today.
    pub afternoon_to: u32,
    /// The parts of the day.
    pub parts: PartsOfDay,
    /// The first of the two days of the weekend. Default Saturday.
    pub weekend: Weekday,
    /// When an appointment begins for which only a date was said. Default 09:00.
    pub default_time: NaiveTime,
    /// "end of the day", "EOD", "close of business". Default 17:00.
    pub end_of_day: NaiveTime,
    /// "Friday at midnight" is the end of Friday; with false, its beginning. Default true.
    pub midnight_ends_day: bool,
    /// "In three days" is at this time of day; with false it is that day, whenever. Default true.
    pub keeps_clock_time: bool,
    /// How many "a couple" are. Default 2.
    pub couple: u32,
    /// How many "a few" are. Default 3.
    pub few: u32,
    /// Two-digit years below this one belong to this century, the others to the last. Default 50.
    pub century_pivot: u32,
    /// A bare day and month ("March 3") that has passed means the next year's. Default true; with false, this year's.
    pub month_day_ahead: bool,
    /// A month and day with a weekday ("Sunday, March 8") is this year's even when it is past by at most so many days.
    /// Default 60. A bare weekday or day of the month ("Tuesday", "the 24th") is always ahead, never today.
    pub weekday_date_past_days: i64,
}

/// The default conventions.
pub const DEFAULT: Policy = Policy {
    next_weekday: NextWeekday::OfNextWeek,
    afternoon_from: 1,
    afternoon_to: 6,
    parts: PartsOfDay {
        early_morning: Hours { start: 5, end: 9 },
        morning: Hours { start: 6, end: 12 },
        lunch: Hours { start: 12, end: 14 },
        afternoon: Hours { start: 12, end: 18 },
        evening: Hours { start: 18, end: 22 },
        night: Hours { start: 20, end: 24 },
    },
    weekend: Weekday::Sat,
    default_time: clock(9),
    end_of_day: clock(17),
    midnight_ends_day: true,
    keeps_clock_time: true,
    couple: 2,
    few: 3,
    century_pivot: 50,
    month_day_ahead: true,
    weekday_date_past_days: 60,
};

const fn clock(hour: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, 0, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}

impl Policy {
    /// The two days of the weekend.
    pub fn weekend_days(&self) -> [Weekday; 2] {
        [self.weekend, self.weekend.succ()]
    }

    /// The five days between two weekends, in order.
    pub fn working_days(&self) -> [Weekday; 5] {
        let first = self.weekend.succ().succ();
        [first, first.succ(), first.succ().succ(), first.succ().succ().succ(), self.weekend.pred()]
    }
}

impl Default for Policy {
    fn default() -> Self {
        DEFAULT
    }
}
