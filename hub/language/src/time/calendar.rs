//! Arithmetic of the calendar: months, weeks, n-th weekdays, Easter. Total functions, no conventions.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::value::{Grain, Span};

/// The date so many days later; the same date where the calendar ends.
pub(crate) fn add_days(date: NaiveDate, days: i64) -> NaiveDate {
    let step = Days::new(days.unsigned_abs());
    if days < 0 { date.checked_sub_days(step) } else { date.checked_add_days(step) }.unwrap_or(date)
}

/// The date so many working days later.
pub(crate) fn add_working_days(date: NaiveDate, days: i64, working: &[Weekday]) -> NaiveDate {
    let (step, mut left, mut at) = (days.signum(), days.abs(), date);
    while left > 0 {
        let next = add_days(at, step);
        if next == at {
            break;
        }
        at = next;
        left -= i64::from(working.contains(&at.weekday()));
    }
    at
}

/// The date so many months later; on the last day of the month where it is shorter.
pub(crate) fn add_months(date: NaiveDate, months: i32) -> NaiveDate {
    let step = Months::new(months.unsigned_abs());
    if months < 0 { date.checked_sub_months(step) } else { date.checked_add_months(step) }.unwrap_or(date)
}

/// The date at a nominal distance, without its seconds.
pub(crate) fn add_span(date: NaiveDate, span: Span) -> NaiveDate {
    add_days(add_months(date, span.months), i64::from(span.days))
}

/// The Monday of the week.
pub(crate) fn monday(date: NaiveDate) -> NaiveDate {
    add_days(date, -i64::from(date.weekday().num_days_from_monday()))
}

/// The first day of the month.
pub(crate) fn month_start(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

/// The first day of the quarter.
pub(crate) fn quarter_start(date: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(date.year(), date.month0() / 3 * 3 + 1, 1).unwrap_or(date)
}

/// The first day of the year.
pub(crate) fn year_start(year: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, 1, 1)
}

/// The first day after the period that begins on `start`.
pub(crate) fn period_end(start: NaiveDate, grain: Grain) -> NaiveDate {
    match grain {
        Grain::Second | Grain::Minute | Grain::Hour | Grain::PartOfDay | Grain::Day => add_days(start, 1),
        Grain::Weekend => add_days(start, 2),
        Grain::Week => add_days(start, 7),
        Grain::Month => add_months(start, 1),
        Grain::Quarter => add_months(start, 3),
        Grain::Year => add_months(start, 12),
    }
}

/// The first such weekday on or after the date.
pub(crate) fn weekday_from(date: NaiveDate, weekday: Weekday) -> NaiveDate {
    let ahead = (7 + weekday.num_days_from_monday() - date.weekday().num_days_from_monday()) % 7;
    add_days(date, i64::from(ahead))
}

/// The last such weekday on or before the date.
pub(crate) fn weekday_until(date: NaiveDate, weekday: Weekday) -> NaiveDate {
    let back = (7 + date.weekday().num_days_from_monday() - weekday.num_days_from_monday()) % 7;
    add_days(date, -i64::from(back))
}

/// The n-th such weekday of a stretch of days; from its end when negative.
pub(crate) fn nth_weekday(start: NaiveDate, end: NaiveDate, weekday: Weekday, nth: i32) -> Option<NaiveDate> {
    let found = match nth {
        0 => return None,
        1.. => add_days(weekday_from(start, weekday), i64::from(nth - 1) * 7),
        _ => add_days(weekday_until(add_days(end, -1), weekday), i64::from(nth + 1) * 7),
    };
    (found >= start && found < end).then_some(found)
}

/// Easter Sunday of the Gregorian calendar (the anonymous algorithm, as given by Meeus).
#[allow(clippy::many_single_char_names, reason = "the names are those of the published algorithm")]
pub(crate) fn easter(year: i32) -> Option<NaiveDate> {
    let a = year % 19;
    let (b, c) = (year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let month = (h + l - 7 * m + 114) / 31;
    let day = (h + l - 7 * m + 114) % 31 + 1;
    NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn easter_falls_on_known_days() {
        for (year, day) in [(2024, "2024-03-31"), (2025, "2025-04-20"), (2026, "2026-04-05"), (2038, "2038-04-25")] {
            assert_eq!(easter(year), Some(date(day)));
        }
    }

    #[test]
    fn nth_weekdays_count_from_both_ends() {
        let (start, end) = (date("2026-11-01"), date("2026-12-01"));
        assert_eq!(nth_weekday(start, end, Weekday::Thu, 4), Some(date("2026-11-26")));
        assert_eq!(nth_weekday(start, end, Weekday::Mon, -1), Some(date("2026-11-30")));
        assert_eq!(nth_weekday(start, end, Weekday::Thu, 5), None);
    }
}
