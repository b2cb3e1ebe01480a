//! Public holidays: which days of a region are free.
//!
//! Computed, so that no list ages: fixed days, n-th weekdays, and days counted from Easter. What a single state, province
//! or town observes is not here.

use chrono::{Datelike, NaiveDate, Weekday};
use xswarm_core::preferences::HolidayRegion;

use crate::time::calendar::{add_days, easter, nth_weekday};

/// The name of the public holiday of `region` that falls on `day`.
pub fn holiday(region: HolidayRegion, day: NaiveDate) -> Option<&'static str> {
    match region {
        HolidayRegion::None => None,
        HolidayRegion::General => general(day),
        HolidayRegion::Us => united_states(day),
    }
}

fn from_easter(day: NaiveDate) -> Option<i64> {
    easter(day.year()).map(|sunday| (day - sunday).num_days())
}

fn general(day: NaiveDate) -> Option<&'static str> {
    match ((day.month(), day.day()), from_easter(day)) {
        ((1, 1), _) => Some("New Year's Day"),
        ((5, 1), _) => Some("May Day"),
        ((12, 25), _) => Some("Christmas Day"),
        ((12, 26), _) => Some("the day after Christmas"),
        (_, Some(-2)) => Some("Good Friday"),
        (_, Some(0)) => Some("Easter Sunday"),
        (_, Some(1)) => Some("Easter Monday"),
        _ => None,
    }
}

/// The holidays of 5 U.S.C. §6103, on the weekday on which they are observed: what falls on a Saturday is kept on the
/// Friday before, what falls on a Sunday on the Monday after.
fn united_states(day: NaiveDate) -> Option<&'static str> {
    let fixed = |day: NaiveDate| match (day.month(), day.day()) {
        (1, 1) => Some("New Year's Day"),
        (6, 19) => Some("Juneteenth"),
        (7, 4) => Some("Independence Day"),
        (11, 11) => Some("Veterans Day"),
        (12, 25) => Some("Christmas Day"),
        _ => None,
    };
    let observed = match day.weekday() {
        Weekday::Fri => fixed(add_days(day, 1)),
        Weekday::Mon => fixed(add_days(day, -1)),
        Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Sat | Weekday::Sun => None,
    };
    let nth = |month: u32, weekday: Weekday, nth: i32| {
        let start = NaiveDate::from_ymd_opt(day.year(), month, 1)?;
        let end = start.checked_add_months(chrono::Months::new(1))?;
        nth_weekday(start, end, weekday, nth)
    };
    let counted = [
        (1, Weekday::Mon, 3, "Martin Luther King Jr. Day"),
        (2, Weekday::Mon, 3, "Presidents' Day"),
        (5, Weekday::Mon, -1, "Memorial Day"),
        (9, Weekday::Mon, 1, "Labor Day"),
        (10, Weekday::Mon, 2, "Columbus Day"),
        (11, Weekday::Thu, 4, "Thanksgiving"),
    ];
    let counted = counted.iter().find(|(month, weekday, n, _)| nth(*month, *weekday, *n) == Some(day));
    fixed(day).or(observed).or(counted.map(|(.., name)| *name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holidays_fall_on_their_days() {
        for (region, day, name) in [
            (HolidayRegion::Us, "2026-11-26", Some("Thanksgiving")),
            (HolidayRegion::Us, "2026-07-04", Some("Independence Day")),
            (HolidayRegion::Us, "2026-07-03", Some("Independence Day")),
            (HolidayRegion::Us, "2027-12-31", Some("New Year's Day")),
            (HolidayRegion::Us, "2026-05-25", Some("Memorial Day")),
            (HolidayRegion::Us, "2026-12-26", None),
            (HolidayRegion::General, "2026-12-26", Some("the day after Christmas")),
            (HolidayRegion::General, "2027-03-26", Some("Good Friday")),
            (HolidayRegion::General, "2027-03-29", Some("Easter Monday")),
            (HolidayRegion::General, "2026-11-26", None),
            (HolidayRegion::None, "2026-12-25", None),
        ] {
            assert_eq!(holiday(region, day.parse().unwrap()), name, "{day}");
        }
    }
}
