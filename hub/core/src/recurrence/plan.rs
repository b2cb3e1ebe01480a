//! A rule made ready for expansion: its parts as sets, with what it takes from its start filled in.
//!
//! Where RFC 5545 leaves room, this follows python-dateutil, the yardstick: `BYWEEKNO` without `BYDAY` means all seven
//! days, weeks belong to the calendar year that their days lie in, and the first set of a weekly rule with `BYSETPOS`
//! begins at the start instead of the begin of its week.

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::{
    ByDay, Frequency, Recurrence, RecurrenceEnd,
    days::{CYCLE_DAYS, Days, LAST_DAY, Weekdays, Year, month_begins, year_begins},
    times::{DAY, Pace, Times},
};

/// A second in floating local time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    /// Numbered from the Common Era.
    pub day: i32,
    /// Of the day.
    pub second: u32,
}

impl Moment {
    pub(super) const LAST: Self = Self { day: LAST_DAY, second: DAY - 1 };

    pub(super) fn of(local: NaiveDateTime) -> Self {
        Self { day: local.num_days_from_ce(), second: local.num_seconds_from_midnight() }
    }

    pub(super) fn local(self, nanosecond: u32) -> Option<NaiveDateTime> {
        let date = NaiveDate::from_num_days_from_ce_opt(self.day)?;
        Some(date.and_time(NaiveTime::from_num_seconds_from_midnight_opt(self.second, nanosecond)?))
    }

    pub(super) fn midnight(day: i32) -> Self {
        Self { day, second: 0 }
    }
}

/// How periods follow each other and what is in one.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub frequency: Frequency,
    /// From 1.
    pub interval: i64,
    /// Within the days of a year, month or week; otherwise they are already chosen among the times.
    pub positions: Vec<i32>,
    /// On each day; within each period of the pace when there is one.
    pub times: Times,
    /// Hours, minutes or seconds.
    pub pace: Option<Pace>,
    pub start: Moment,
    /// The last that may occur.
    pub until: Moment,
    /// After so many days everything comes again: the calendar's cycle, until the interval fits into it as well.
    pub cycle_days: i64,
    /// The period of the start, and where weeks begin.
    origin: (i64, u8),
}

/// The given bits, where they are within `most`; when none are given, `otherwise`.
fn bits(given: &[u8], most: u8, otherwise: u64) -> u64 {
    match given {
        [] => otherwise,
        given => given.iter().filter(|bit| **bit <= most).fold(0, |bits, bit| bits | 1 << bit),
    }
}

fn month_days(given: impl Iterator<Item = i8>) -> u32 {
    given.filter_map(|day| 1_u32.checked_shl(u32::try_from(day).ok()?)).fold(0, |bits, bit| bits | bit)
}

/// The days that the rule allows, with those it takes from its start.
pub(super) fn days(rule: &Recurrence, start: NaiveDate) -> Days {
    let number = |day: &ByDay| u8::try_from(day.weekday.num_days_from_monday()).unwrap_or(0);
    let unsaid = rule.by_week_number.is_empty()
        && rule.by_year_day.is_empty()
        && rule.by_month_day.is_empty()
        && rule.by_day.is_empty();
    let mut days = Days {
        months: u16::try_from(bits(&rule.by_month, 12, 0)).unwrap_or(0),
        weeks: rule.by_week_number.clone(),
        year_days: rule.by_year_day.clone(),
        month_days: month_days(rule.by_month_day.iter().copied()),
        month_days_back: month_days(rule.by_month_day.iter().map(|day| day.saturating_neg())),
        weekdays: Weekdays {
            every: rule.by_day.iter().filter(|day| day.nth.is_none()).fold(0, |days, day| days | 1 << number(day)),
            nth: rule.by_day.iter().filter_map(|day| Some((day.nth?, number(day)))).collect(),
            in_year: rule.frequency == Frequency::Yearly && rule.by_month.is_empty(),
        },
        week_start: u8::try_from(rule.week_start.num_days_from_monday()).unwrap_or(0),
    };
    match rule.frequency {
        Frequency::Yearly if unsaid => {
            days.month_days = 1 << start.day();
            if days.months == 0 {
                days.months = 1 << start.month();
            }
        }
        Frequency::Monthly if unsaid => days.month_days = 1 << start.day(),
        Frequency::Weekly if unsaid => days.weekdays.every = 1 << start.weekday().num_days_from_monday(),
        Frequency::Yearly
        | Frequency::Monthly
        | Frequency::Weekly
        | Frequency::Daily
        | Frequency::Hourly
        | Frequency::Minutely
        | Frequency::Secondly => {}
    }
    days
}

const ZERO: u64 = 1;
const ALL_HOURS: u64 = (1 << 24) - 1;
const SIXTY: u64 = (1 << 60) - 1;

impl Plan {
    pub(super) fn new(rule: &Recurrence, start: NaiveDateTime, first_year: &Year) -> Self {
        let at = Moment::of(start);
        let coarser = |than: Frequency| rule.frequency > than;
        let hour = if coarser(Frequency::Hourly) { 1 << start.hour() } else { ALL_HOURS };
        let minute = if coarser(Frequency::Minutely) { 1 << start.minute() } else { SIXTY };
        let second = if coarser(Frequency::Secondly) { 1 << start.second() } else { SIXTY };
        let hours = bits(&rule.by_hour, 23, hour);
        let minutes = bits(&rule.by_minute, 59, minute);
        let seconds = bits(&rule.by_second, 59, second);
        let each =
            |hours: u64, minutes, seconds| Times::Each { hours: u32::try_from(hours).unwrap_or(0), minutes, seconds };
        let (unit, allowed, times) = match rule.frequency {
            Frequency::Hourly => (3600, each(hours, ZERO, ZERO), each(ZERO, minutes, seconds)),
            Frequency::Minutely => (60, each(hours, minutes, ZERO), each(ZERO, ZERO, seconds)),
            Frequency::Secondly => (1, each(hours, minutes, seconds), each(ZERO, ZERO, ZERO)),
            Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => {
                (0, each(0, 0, 0), each(hours, minutes, seconds))
            }
        };
        let interval = i64::from(rule.interval);
        let pace = (unit > 0).then(|| Pace {
            unit,
            step: interval * i64::from(unit),
            origin: i64::from(at.day) * i64::from(DAY) + i64::from(at.second - at.second % unit),
            allowed,
        });
        // A day, an hour, a minute always hold the same times: then the choice among them is made once.
        let many_days = coarser(Frequency::Daily);
        let (positions, among_times) =
            if many_days { (&*rule.by_set_position, &[][..]) } else { (&[][..], &*rule.by_set_position) };
        let week_start = u8::try_from(rule.week_start.num_days_from_monday()).unwrap_or(0);
        let mut plan = Self {
            frequency: rule.frequency,
            interval,
            positions: positions.to_vec(),
            times: times.choose(among_times),
            pace,
            start: at,
            until: match rule.end {
                RecurrenceEnd::Until(until) => Moment::of(until).min(Moment::LAST),
                RecurrenceEnd::Never | RecurrenceEnd::Count(_) => Moment::LAST,
            },
            cycle_days: cycle_days(rule.frequency, interval),
            origin: (0, week_start),
        };
        plan.origin.0 = plan.period(at.day, first_year);
        plan
    }

    /// The number of the period that a day of `year` lies in; of the day itself for a pace.
    pub(super) fn period(&self, day: i32, year: &Year) -> i64 {
        match self.frequency {
            Frequency::Yearly => i64::from(year.number),
            Frequency::Monthly => i64::from(year.number) * 12 + i64::from(year.month(day)),
            Frequency::Weekly => (i64::from(day) - 1 - i64::from(self.origin.1)).div_euclid(7),
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => i64::from(day),
        }
    }

    /// The first day of a period.
    pub(super) fn begins(&self, period: i64) -> i32 {
        let day = match self.frequency {
            Frequency::Yearly => year_begins(period),
            Frequency::Monthly => {
                let year = period.div_euclid(12);
                let month = usize::try_from(period.rem_euclid(12)).unwrap_or(0);
                year_begins(year) + i32::try_from(year).map_or(0, |year| i64::from(month_begins(year, month)))
            }
            Frequency::Weekly => period * 7 + 1 + i64::from(self.origin.1),
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => period,
        };
        i32::try_from(day).unwrap_or(LAST_DAY + 1).min(LAST_DAY + 1)
    }

    /// The first period that counts and is not before this one.
    pub(super) fn counting(&self, period: i64) -> i64 {
        period + (self.origin.0 - period).rem_euclid(self.interval)
    }
}

/// After how many days the calendar and the interval have come full circle.
fn cycle_days(frequency: Frequency, interval: i64) -> i64 {
    let periods = match frequency {
        Frequency::Yearly => 400,
        Frequency::Monthly => 4_800,
        Frequency::Weekly => CYCLE_DAYS / 7,
        Frequency::Daily => CYCLE_DAYS,
        Frequency::Hourly => CYCLE_DAYS * 24,
        Frequency::Minutely => CYCLE_DAYS * 1_440,
        Frequency::Secondly => CYCLE_DAYS * i64::from(DAY),
    };
    let (mut common, mut rest) = (interval, periods);
    while rest != 0 {
        (common, rest) = (rest, common % rest);
    }
    CYCLE_DAYS.saturating_mul(interval / common.max(1))
}
