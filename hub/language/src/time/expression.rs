//! What the grammar builds before anything is resolved: constraints on a moment, and how two of them intersect.
//!
//! A [`Moment`] is a set of constraints ("Tuesday", "the 19th", "3 o'clock", "in the afternoon"). Parts that stand
//! side by side are intersected: the union of their constraints, provided that none is given twice. Only
//! [`super::resolve`] knows what day it is.

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;

use super::value::{Exception, Span};
use crate::lexer::vocabulary::Unit;

/// How a weekday, month or period relates to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// "Friday".
    Bare,
    /// "this Friday".
    This,
    /// "next Friday".
    Next,
    /// "coming Friday", "upcoming Friday".
    Coming,
    /// "last Friday".
    Last,
    /// "past Friday".
    Past,
}

/// Something that fixes a day by itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Anchor {
    /// So many days from today.
    Day(i64),
    /// A length of time from a moment; from now when `None`.
    Shift { by: Span, from: Option<Box<Moment>> },
    /// "the first Tuesday of October", "the last day of the month"; from the end when negative.
    Nth { nth: i32, what: What, of: Option<Box<Date>> },
    /// "the week of June 9th".
    WeekOf(Box<Date>),
    /// "week 12", ISO 8601.
    WeekNumber(u32),
    /// "Q3", "the third quarter".
    Quarter(u32),
    /// "Christmas", "last Christmas".
    Holiday { holiday: Holiday, relation: Relation },
    /// "in four business days": Monday to Friday, counted from today.
    WorkingDays(i64),
    /// "the end of the month".
    Edge { end: bool, of: Box<Date> },
}

/// What an ordinal counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Weekday(Weekday),
    /// Monday to Friday.
    WorkingDay,
    Unit(Unit),
}

/// Days with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holiday {
    /// Every year on the same day.
    Fixed { month: u32, day: u32 },
    /// The n-th weekday of a month; from the end when negative.
    Nth { month: u32, weekday: Weekday, nth: i32 },
    /// So many days from Easter Sunday (Gregorian).
    Easter(i64),
}

/// The constraints on the day.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Date {
    pub(crate) anchor: Option<Anchor>,
    pub(crate) weekday: Option<(Weekday, Relation)>,
    /// Day of the month.
    pub(crate) day: Option<u32>,
    pub(crate) month: Option<(u32, Relation)>,
    pub(crate) year: Option<i32>,
    /// "next week": the unit and how many of them from the present one.
    pub(crate) period: Option<(Unit, i32)>,
    /// An exact day, as in numeric dates.
    pub(crate) exact: Option<NaiveDate>,
    /// What the numeric date is with month and day the other way round.
    pub(crate) otherwise: Option<NaiveDate>,
    /// "Tuesday week": so many weeks later.
    pub(crate) weeks_later: i32,
}

impl Date {
    pub(crate) fn anchored(anchor: Anchor) -> Self {
        Self { anchor: Some(anchor), ..Self::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Both constraints at once; `None` when one of them is given twice or they cannot belong together.
    pub(crate) fn intersect(&self, other: &Self) -> Option<Self> {
        // Given twice is a contradiction, even when both say the same.
        fn one_of<T: Clone>(a: Option<&T>, b: Option<&T>) -> Result<Option<T>, ()> {
            if a.is_some() && b.is_some() { Err(()) } else { Ok(a.or(b).cloned()) }
        }
        let merged = Self {
            anchor: one_of(self.anchor.as_ref(), other.anchor.as_ref()).ok()?,
            weekday: one_of(self.weekday.as_ref(), other.weekday.as_ref()).ok()?,
            day: one_of(self.day.as_ref(), other.day.as_ref()).ok()?,
            month: one_of(self.month.as_ref(), other.month.as_ref()).ok()?,
            year: one_of(self.year.as_ref(), other.year.as_ref()).ok()?,
            period: one_of(self.period.as_ref(), other.period.as_ref()).ok()?,
            exact: one_of(self.exact.as_ref(), other.exact.as_ref()).ok()?,
            otherwise: self.otherwise.or(other.otherwise),
            weeks_later: self.weeks_later + other.weeks_later,
        };
        merged.makes_sense().then_some(merged)
    }

    fn makes_sense(&self) -> bool {
        let calendar = self.day.is_some() || self.month.is_some() || self.year.is_some();
        if self.exact.is_some() {
            return self.anchor.is_none() && !calendar && self.period.is_none();
        }
        if let Some(anchor) = &self.anchor {
            return match anchor {
                // "today, March 3", "in 3 days on Friday".
                Anchor::Day(_) => {
                    let dated = self.month.is_some();
                    self.period.is_none() && dated == self.day.is_some() && (dated || self.year.is_none())
                }
                Anchor::Shift { .. } => self.period.is_none() && !calendar,
                Anchor::Nth { of, what, .. } => {
                    of.is_none() && self.weekday.is_none() && self.day.is_none()
                        || matches!(what, What::Unit(Unit::Week)) && of.is_some() && self.weekday.is_some() && !calendar
                }
                Anchor::Quarter(_) | Anchor::WeekNumber(_) | Anchor::Holiday { .. } => {
                    self.day.is_none() && self.month.is_none() && self.period.is_none_or(|(unit, _)| unit == Unit::Year)
                }
                Anchor::WeekOf(_) => self.day.is_none() && self.month.is_none() && self.period.is_none(),
                Anchor::Edge { .. } | Anchor::WorkingDays(_) => false,
            };
        }
        match self.period {
            Some((Unit::Week, _)) => self.weekday.is_some() && !calendar || self.only_period(),
            Some((Unit::Month, _)) => self.month.is_none() && self.year.is_none(),
            Some((Unit::Year, _)) => self.month.is_some() && self.year.is_none() || self.only_period(),
            Some(_) => self.only_period(),
            // A year needs a month beside a day or a weekday.
            None => self.year.is_none() || self.month.is_some() || (self.day.is_none() && self.weekday.is_none()),
        }
    }

    /// Whether it names one day, not a longer period.
    pub(crate) fn is_day(&self) -> bool {
        if self.weekday.is_some() || self.day.is_some() || self.exact.is_some() {
            return true;
        }
        match &self.anchor {
            Some(
                Anchor::Day(_)
                | Anchor::Shift { .. }
                | Anchor::Holiday { .. }
                | Anchor::Edge { .. }
                | Anchor::WorkingDays(_),
            ) => true,
            Some(Anchor::Nth { what, .. }) => !matches!(what, What::Unit(unit) if *unit != Unit::Day),
            Some(Anchor::WeekOf(_) | Anchor::WeekNumber(_) | Anchor::Quarter(_)) | None => false,
        }
    }

    /// Whether it is counted from today by its own words: "next Thursday", "Thursday of next week", "tomorrow".
    pub(crate) fn says_where(&self) -> bool {
        let related = |relation: Relation| relation != Relation::Bare;
        self.period.is_some()
            || matches!(self.anchor, Some(Anchor::Day(_)))
            || self.weekday.is_some_and(|(_, relation)| related(relation))
            || self.month.is_some_and(|(_, relation)| related(relation))
    }

    fn only_period(&self) -> bool {
        self.weekday.is_none() && self.day.is_none() && self.month.is_none() && self.year.is_none()
    }
}

/// Before or after noon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meridiem {
    /// "am".
    Am,
    /// "pm".
    Pm,
    /// As on a clock of twenty-four hours.
    Exact,
    /// Not said.
    Open,
}

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clock {
    pub(crate) hour: u32,
    /// The hour that was named: seven in "quarter to seven". Decides between morning and afternoon.
    pub(crate) said: u32,
    pub(crate) minute: Option<u32>,
    pub(crate) second: Option<u32>,
    pub(crate) meridiem: Meridiem,
    /// The word "midnight": the one at the end of the day.
    pub(crate) midnight: bool,
}

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    EarlyMorning,
    Morning,
    Lunch,
    Afternoon,
    Evening,
    Night,
    /// "end of the day".
    EndOfDay,
}

/// Where an abbreviation usually is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offset {
    /// Seconds east of Greenwich.
    Fixed(i32),
    /// With its own daylight saving.
    Named(Tz),
}

/// A zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Zone {
    /// Seconds east of Greenwich.
    Fixed(i32),
    /// With its own daylight saving.
    Named(Tz),
    /// An abbreviation and what it usually means; where the person's own clocks are called that, it means those.
    Called { name: &'static str, usual: Offset },
}

/// A set of constraints on a moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Moment {
    pub(crate) date: Option<Date>,
    pub(crate) clock: Option<Clock>,
    pub(crate) part: Option<Part>,
    pub(crate) zone: Option<Zone>,
    /// "now".
    pub(crate) now: bool,
}

impl Moment {
    pub(crate) fn date(date: Date) -> Self {
        Self { date: Some(date), ..Self::default() }
    }

    /// Both at once; `None` when they exclude each other.
    pub(crate) fn intersect(&self, other: &Self) -> Option<Self> {
        if self.now || other.now {
            return None;
        }
        let date = match (&self.date, &other.date) {
            (Some(a), Some(b)) => Some(a.intersect(b)?),
            (a, b) => a.clone().or_else(|| b.clone()),
        };
        let both = |a: bool, b: bool| a && b;
        if both(self.clock.is_some(), other.clock.is_some())
            || both(self.part.is_some(), other.part.is_some())
            || both(self.zone.is_some(), other.zone.is_some())
        {
            return None;
        }
        let merged = Self {
            date,
            clock: self.clock.or(other.clock),
            part: self.part.or(other.part),
            zone: self.zone.or(other.zone),
            now: false,
        };
        if merged.zone.is_some() && merged.clock.is_none() {
            return None;
        }
        if (merged.clock.is_some() || merged.part.is_some()) && merged.date.as_ref().is_some_and(|date| !date.is_day())
        {
            return None;
        }
        // "in 3 hours" has its time of day already.
        if let Some(Date { anchor: Some(Anchor::Shift { by, .. }), .. }) = &merged.date
            && by.seconds != 0
            && (merged.clock.is_some() || merged.part.is_some())
        {
            return None;
        }
        Some(merged)
    }
}

/// A recurrence before it is resolved.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Repeating {
    pub(crate) rule: xswarm_core::recurrence::Recurrence,
    pub(crate) clocks: Vec<Clock>,
    pub(crate) until_clock: Option<Clock>,
    pub(crate) part: Option<Part>,
    pub(crate) from: Option<Moment>,
    /// "Thursday at 3pm every week": the moment before the rule, on whose day it repeats.
    pub(crate) on: Option<Moment>,
    pub(crate) until: Option<Until>,
    pub(crate) except: Vec<Except>,
}

/// When a recurrence ends.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Until {
    /// "until June".
    Moment(Moment),
    /// "for the next three weeks".
    After(Span),
    /// "in December", "next month": within the period.
    Within(Moment),
}

/// What a recurrence leaves out.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Except {
    /// Known without a calendar.
    Plain(Exception),
    /// To be resolved.
    Moment(Moment),
    /// From one day to another.
    Between(Moment, Moment),
}

/// Any expression of time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    Moment(Moment),
    /// From, to; either may be open.
    Interval {
        from: Option<Moment>,
        to: Option<Moment>,
        to_included: bool,
    },
    /// "the last 2 weeks" (negative), "the next 3 days".
    Units {
        count: i32,
        unit: Unit,
    },
    /// "the first 3 days of March", "the last two weeks of August" (negative).
    UnitsOf {
        count: i32,
        unit: Unit,
        of: Box<Date>,
    },
    Duration(Span),
    Repeating(Box<Repeating>),
    /// "twice a week".
    Vague,
}
