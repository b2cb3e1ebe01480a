//! Which days a rule allows: a year at a time, as a set of bits that the parts from `BYMONTH` to `BYDAY` narrow down.
//!
//! Days are numbered from the Common Era: 1 is Monday, 1 January 1. Frequency and interval are not looked at here.

use super::bits::Bits;

/// 31 December 9999: nothing occurs later.
pub(super) const LAST_DAY: i32 = 3_652_059;
/// After so many days the Gregorian calendar repeats, weekdays included.
pub(super) const CYCLE_DAYS: i64 = 146_097;

/// The first day of a year.
pub(super) fn year_begins(year: i64) -> i64 {
    let before = year - 1;
    before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400) + 1
}

/// The year that a day lies in.
fn year_of(day: i32) -> i32 {
    // The mean year is at most some days off; the estimate therefore at most a year.
    let estimate = (i64::from(day) * 400).div_euclid(CYCLE_DAYS) + 1;
    let late = i64::from(day) < year_begins(estimate);
    let early = i64::from(day) >= year_begins(estimate + 1);
    i32::try_from(estimate - i64::from(late) + i64::from(early)).unwrap_or(i32::MAX)
}

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days before each month, counted from the first of the year, and before the year after.
const MONTHS: [u16; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

/// Where a month (0 to 12) begins in its year, counted from 0.
pub(super) fn month_begins(year: i32, month: usize) -> u16 {
    MONTHS.get(month).copied().unwrap_or(365) + u16::from(month >= 2 && is_leap(year))
}

/// The weekday of a day, 0 for Monday.
pub(super) fn weekday(day: i64) -> u8 {
    u8::try_from((day - 1).rem_euclid(7)).unwrap_or(0)
}

/// The first day of the first week of a year: the week that holds 4 January (ISO 8601, but for where weeks begin).
fn weeks_begin(year: i64, week_start: u8) -> i64 {
    let fourth = year_begins(year) + 3;
    fourth - i64::from((7 + weekday(fourth) - week_start) % 7)
}

/// The parts of a rule that choose days. What is zero or empty does not narrow.
#[derive(Debug, Clone, Default)]
pub(super) struct Days {
    /// Bit 1 is January.
    pub months: u16,
    pub weeks: Vec<i8>,
    pub year_days: Vec<i16>,
    /// Bit 1 is the first of the month.
    pub month_days: u32,
    /// Bit 1 is the last of the month.
    pub month_days_back: u32,
    pub weekdays: Weekdays,
    /// 0 for Monday.
    pub week_start: u8,
}

/// `BYDAY`.
#[derive(Debug, Clone, Default)]
pub(super) struct Weekdays {
    /// Every such day; bit 0 is Monday.
    pub every: u8,
    /// The n-th such weekday of its month or year, from the end when negative.
    pub nth: Vec<(i8, u8)>,
    /// Whether they are counted in the year instead of the month.
    pub in_year: bool,
}

/// One year's days.
#[derive(Debug, Clone)]
pub(super) struct Year {
    pub number: i32,
    pub first: i32,
    length: u16,
    allowed: Bits,
}

impl Year {
    fn end(&self) -> i32 {
        self.first + i32::from(self.length)
    }

    fn place(&self, day: i32) -> u16 {
        u16::try_from(day - self.first).unwrap_or(if day < self.first { 0 } else { self.length }).min(self.length)
    }

    /// The month (0 to 11) of one of its days.
    pub(super) fn month(&self, day: i32) -> u8 {
        let place = self.place(day);
        (1..12).rev().find(|month| month_begins(self.number, usize::from(*month)) <= place).unwrap_or(0)
    }
}

/// The allowed days, seen through a window of one year.
#[derive(Debug, Clone)]
pub(super) struct Calendar {
    days: Days,
    year: Year,
}

impl Calendar {
    pub(super) fn new(days: Days, day: i32) -> Self {
        let year = days.year(year_of(day));
        Self { days, year }
    }

    /// The year of a day.
    pub(super) fn year(&mut self, day: i32) -> &Year {
        if day < self.year.first || day >= self.year.end() {
            let number = if day == self.year.end() { self.year.number + 1 } else { year_of(day) };
            self.year = self.days.year(number);
        }
        &self.year
    }

    /// The first allowed day that is neither before `from` nor after `last`.
    pub(super) fn next(&mut self, from: i32, last: i32) -> Option<i32> {
        let mut from = from;
        while from <= last {
            let year = self.year(from);
            if let Some(place) = year.allowed.next(year.place(from)) {
                return Some(year.first + i32::from(place)).filter(|day| *day <= last);
            }
            from = year.end();
        }
        None
    }

    /// How many days are allowed in the year of `from`, from there to before `to`; and where it stopped.
    pub(super) fn count(&mut self, from: i32, to: i32) -> (u32, i32) {
        let year = self.year(from);
        let to = to.min(year.end());
        (year.allowed.and(&Bits::range(year.place(from), year.place(to))).count(), to)
    }
}

impl Days {
    fn year(&self, number: i32) -> Year {
        let first = year_begins(i64::from(number));
        let length = month_begins(number, 12);
        let mut allowed = Bits::range(0, length);
        if self.months != 0 {
            allowed = allowed.and(&self.in_months(number));
        }
        if !self.weeks.is_empty() {
            allowed = allowed.and(&self.in_weeks(i64::from(number), length));
        }
        if !self.year_days.is_empty() {
            allowed = allowed.and(&self.on_year_days(length));
        }
        if self.month_days | self.month_days_back != 0 {
            allowed = allowed.and(&self.on_month_days(number));
        }
        if self.weekdays.every != 0 || !self.weekdays.nth.is_empty() {
            allowed = allowed.and(&self.weekdays.of(number, weekday(first), length));
        }
        let first = i32::try_from(first).unwrap_or(i32::MAX - 366);
        Year { number, first, length, allowed }
    }

    fn in_months(&self, year: i32) -> Bits {
        let mut found = Bits::NONE;
        for month in (0..12).filter(|month| self.has_month(*month)) {
            found = found.or(&Bits::range(month_begins(year, month), month_begins(year, month + 1)));
        }
        found
    }

    /// The days of this year in the chosen weeks; a week is numbered in the year that holds most of it.
    fn in_weeks(&self, year: i64, length: u16) -> Bits {
        let mut found = Bits::NONE;
        let first = year_begins(year);
        for numbered in year - 1..=year + 1 {
            let begin = weeks_begin(numbered, self.week_start);
            let count = (weeks_begin(numbered + 1, self.week_start) - begin) / 7;
            for week in &self.weeks {
                let number = if *week < 0 { count + 1 + i64::from(*week) } else { i64::from(*week) };
                let (from, end) = (begin + (number - 1) * 7 - first, begin + number * 7 - first);
                let within = |day: i64| u16::try_from(day.max(0)).unwrap_or(length).min(length);
                if (1..=count).contains(&number) {
                    found = found.or(&Bits::range(within(from), within(end)));
                }
            }
        }
        found
    }

    fn on_year_days(&self, length: u16) -> Bits {
        let mut found = Bits::NONE;
        for day in &self.year_days {
            let place = if *day < 0 { length.checked_add_signed(*day) } else { u16::try_from(day - 1).ok() };
            found.set(place.filter(|place| *place < length));
        }
        found
    }

    fn on_month_days(&self, year: i32) -> Bits {
        let mut found = Bits::NONE;
        for month in (0..12).filter(|month| self.has_month(*month)) {
            let (begin, end) = (month_begins(year, month), month_begins(year, month + 1));
            let within = (1_u64 << (end - begin)) - 1;
            found.place(u64::from(self.month_days >> 1) & within, begin);
            // Reversed, the last day of a month of 31 is bit 0.
            let from_end = self.month_days_back.reverse_bits() >> (31 - (end - begin));
            found.place(u64::from(from_end) & within, begin);
        }
        found
    }

    /// Whether a month (0 to 11) is among the chosen.
    fn has_month(&self, month: usize) -> bool {
        self.months == 0 || self.months >> (month + 1) & 1 == 1
    }
}

impl Weekdays {
    fn of(&self, year: i32, first: u8, length: u16) -> Bits {
        let mut found = Bits::weekly(self.every, first);
        let mut in_range = |begin: u16, end: u16| {
            for (nth, weekday) in &self.nth {
                let weeks = 7 * u16::from(nth.unsigned_abs().saturating_sub(1));
                let place = if *nth > 0 {
                    let on_first = (u16::from(first) + begin) % 7;
                    Some(begin + (7 + u16::from(*weekday) - on_first) % 7 + weeks)
                } else {
                    let on_last = (u16::from(first) + end - 1) % 7;
                    (end - 1).checked_sub((7 + on_last - u16::from(*weekday)) % 7 + weeks)
                };
                found.set(place.filter(|place| *nth != 0 && (begin..end).contains(place)));
            }
        };
        if self.in_year {
            in_range(0, length);
        } else {
            (0..12).for_each(|month| in_range(month_begins(year, month), month_begins(year, month + 1)));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Datelike, NaiveDate};

    use super::*;

    #[test]
    fn days_are_numbered_as_chrono_numbers_them() {
        for year in [-401, -1, 0, 1, 4, 100, 1600, 1900, 1999, 2000, 2024, 2026, 2100, 9999] {
            for (month, day) in [(1, 1), (2, 28), (3, 1), (12, 31)] {
                let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
                let number = date.num_days_from_ce();
                assert_eq!(year_of(number), year);
                assert_eq!(u32::from(weekday(i64::from(number))), date.weekday().num_days_from_monday());
                let mut calendar = Calendar::new(Days::default(), number);
                assert_eq!(u32::from(calendar.year(number).month(number)), date.month0());
                assert_eq!(calendar.year(number).place(number), u16::try_from(date.ordinal0()).unwrap());
            }
        }
        assert_eq!(NaiveDate::from_ymd_opt(9999, 12, 31).unwrap().num_days_from_ce(), LAST_DAY);
    }

    #[test]
    fn weeks_are_those_of_iso_8601() {
        for week in [1_i8, 2, 26, 52, 53] {
            let days = Days { weeks: vec![week], ..Days::default() };
            for year in 1995..2035 {
                let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
                let expected: Vec<_> = (first.iter_days().take_while(|day| day.year() == year))
                    .filter(|day| day.iso_week().week() == u32::from(week.unsigned_abs()))
                    .map(|day| day.num_days_from_ce())
                    .collect();
                let mut calendar = Calendar::new(days.clone(), first.num_days_from_ce());
                let end = first.num_days_from_ce() + 365;
                let found: Vec<_> =
                    (first.num_days_from_ce()..=end).filter(|day| calendar.next(*day, *day).is_some()).collect();
                let found: Vec<_> = found.into_iter().filter(|day| year_of(*day) == year).collect();
                assert_eq!(found, expected, "week {week} of {year}");
            }
        }
    }
}
