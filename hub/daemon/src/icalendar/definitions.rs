//! `VTIMEZONE` (RFC 5545 §3.6.5): what the clocks of a zone show over the years that a file speaks of, for programs that
//! do not know the zone by its name.
//!
//! Changes that keep to one rule for some years in a row ("the last Sunday of March") are written as that rule, without an
//! end when it holds as far as is known; all others are written one by one.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate, NaiveDateTime, Offset, TimeZone, Utc, Weekday};
use chrono_tz::{OffsetComponents, OffsetName, Tz};
use icalendar::Property;

use super::writing::Lines;

/// What a zone's clocks do from some instant on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Shown {
    seconds: i32,
    daylight: bool,
    name: String,
}

impl Shown {
    fn at(zone: Tz, at: NaiveDateTime) -> Self {
        let offset = zone.offset_from_utc_datetime(&at);
        Self {
            seconds: offset.fix().local_minus_utc(),
            daylight: offset.dst_offset() > Duration::zero(),
            name: offset.abbreviation().unwrap_or_default().to_owned(),
        }
    }
}

/// Changes of one kind: from what to what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    from: i32,
    to: Shown,
}

/// Writes the definition of a zone for the years `first` to `last`.
pub(super) fn write(lines: &mut Lines, zone: Tz, first: i32, last: i32) {
    let Some(begin) = NaiveDate::from_ymd_opt(first - 1, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0)) else { return };
    lines.begin("VTIMEZONE");
    lines.property(Property::new("TZID", zone.name()));
    let shown = Shown::at(zone, begin);
    let initial = Kind { from: shown.seconds, to: shown };
    observance(lines, &initial, begin, None, &[]);
    for (kind, onsets) in changes(zone, begin, last) {
        let mut rest = onsets.as_slice();
        let mut alone = Vec::new();
        while let Some(onset) = rest.first() {
            let (length, rule) = run(rest);
            let (these, others) = rest.split_at(length);
            rest = others;
            match (rule, these.last()) {
                (Some(rule), Some(end)) => {
                    let until = (end.year() < last).then(|| *end - Duration::seconds(i64::from(kind.from)));
                    let until = until.map(|at| format!(";UNTIL={}Z", at.format("%Y%m%dT%H%M%S"))).unwrap_or_default();
                    observance(lines, &kind, *onset, Some(format!("{rule}{until}")), &[]);
                }
                (None, _) | (_, None) => alone.extend(these),
            }
        }
        if let Some((onset, others)) = alone.split_first() {
            observance(lines, &kind, *onset, None, others);
        }
    }
    lines.end("VTIMEZONE");
}

fn observance(lines: &mut Lines, kind: &Kind, onset: NaiveDateTime, rule: Option<String>, others: &[NaiveDateTime]) {
    let component = if kind.to.daylight { "DAYLIGHT" } else { "STANDARD" };
    lines.begin(component);
    lines.property(Property::new("DTSTART", local(onset)));
    lines.property(Property::new("TZOFFSETFROM", offset(kind.from)));
    lines.property(Property::new("TZOFFSETTO", offset(kind.to.seconds)));
    if !kind.to.name.is_empty() {
        lines.property(Property::new("TZNAME", kind.to.name.clone()));
    }
    if let Some(rule) = rule {
        lines.property(Property::new("RRULE", rule));
    }
    for other in others {
        lines.property(Property::new("RDATE", local(*other)));
    }
    lines.end(component);
}

fn local(at: NaiveDateTime) -> String {
    at.format("%Y%m%dT%H%M%S").to_string()
}

fn offset(seconds: i32) -> String {
    let (sign, size) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
    let (hours, minutes, rest) = (size / 3_600, size / 60 % 60, size % 60);
    let rest = if rest == 0 { String::new() } else { format!("{rest:02}") };
    format!("{sign}{hours:02}{minutes:02}{rest}")
}

/// The changes after `begin` up to the end of `last`, by kind; each at what the clocks showed just before it.
fn changes(zone: Tz, begin: NaiveDateTime, last: i32) -> BTreeMap<Kind, Vec<NaiveDateTime>> {
    let mut found: BTreeMap<Kind, Vec<NaiveDateTime>> = BTreeMap::new();
    let (mut at, mut shown) = (begin, Shown::at(zone, begin));
    // No zone ever changed twice within a day.
    while at.year() <= last {
        let next = at + Duration::days(1);
        let then = Shown::at(zone, next);
        if then != shown {
            let instant = between(zone, at, next, &shown);
            let onset = instant + Duration::seconds(i64::from(shown.seconds));
            if onset.year() <= last {
                found.entry(Kind { from: shown.seconds, to: then.clone() }).or_default().push(onset);
            }
            shown = then;
        }
        at = next;
    }
    found
}

/// The first second in `(from, to]` at which the clocks no longer do what `before` says.
fn between(zone: Tz, from: NaiveDateTime, to: NaiveDateTime, before: &Shown) -> NaiveDateTime {
    let (mut same, mut other) = (from, to);
    while other - same > Duration::seconds(1) {
        let middle = same + Duration::seconds((other - same).num_seconds() / 2);
        if Shown::at(zone, middle) == *before { same = middle } else { other = middle }
    }
    other
}

/// How many of the onsets from the first on keep to one rule, a year apart, and that rule. Three make one.
fn run(onsets: &[NaiveDateTime]) -> (usize, Option<String>) {
    const ENOUGH: usize = 3;
    let Some(first) = onsets.first() else { return (0, None) };
    let mut fits = places(first.date()).to_vec();
    let mut length = 1;
    for (previous, onset) in onsets.iter().zip(onsets.iter().skip(1)) {
        let here = places(onset.date());
        let both: Vec<i8> = fits.iter().copied().filter(|place| here.contains(place)).collect();
        let same = onset.year() == previous.year() + 1
            && (onset.month(), onset.weekday(), onset.time()) == (first.month(), first.weekday(), first.time());
        if !same || both.is_empty() {
            break;
        }
        fits = both;
        length += 1;
    }
    match (length >= ENOUGH, fits.iter().min()) {
        (true, Some(place)) => {
            let day = weekday(first.weekday());
            (length, Some(format!("FREQ=YEARLY;BYMONTH={};BYDAY={place}{day}", first.month())))
        }
        (true, None) | (false, _) => (1, None),
    }
}

/// Which one of its weekdays a day is in its month, counted from either end.
fn places(day: NaiveDate) -> [i8; 2] {
    let nth = |days: u32| i8::try_from(days / 7 + 1).unwrap_or(5);
    let month = day.with_day(1).and_then(|first| first.checked_add_months(Months::new(1)));
    let left = month.map_or(0, |next| u32::try_from((next - day).num_days() - 1).unwrap_or(0));
    [nth(day.day0()), -nth(left)]
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}

/// The years that instants fall into, with room for what a zone makes of them.
pub(super) fn years(from: DateTime<Utc>, to: DateTime<Utc>) -> (i32, i32) {
    (from.year() - 1, to.year() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defined(zone: Tz, first: i32, last: i32) -> String {
        let mut lines = Lines::default();
        write(&mut lines, zone, first, last);
        lines.into_text()
    }

    #[test]
    fn rules_that_hold_are_written_as_rules() {
        let berlin = defined(chrono_tz::Europe::Berlin, 2020, 2030);
        assert!(berlin.contains("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"), "{berlin}");
        assert!(berlin.contains("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n"), "{berlin}");
        let york = defined(chrono_tz::America::New_York, 2020, 2030);
        assert!(york.contains("BYMONTH=3;BYDAY=2SU\r\n") && york.contains("BYMONTH=11;BYDAY=1SU\r\n"), "{york}");
        assert!(!york.contains("RDATE"), "{york}");
    }

    #[test]
    fn a_rule_that_ended_says_when_and_single_changes_stand_alone() {
        let moscow = defined(chrono_tz::Europe::Moscow, 2005, 2030);
        assert!(moscow.contains(";UNTIL=2010"), "{moscow}");
        assert!(moscow.contains("TZOFFSETFROM:+0400\r\nTZOFFSETTO:+0300"), "{moscow}");
        assert!(defined(chrono_tz::Africa::Casablanca, 2024, 2030).contains("RDATE:"));
        let tokyo = defined(chrono_tz::Asia::Tokyo, 2020, 2030);
        assert_eq!(tokyo.matches("BEGIN:STANDARD").count(), 1, "{tokyo}");
    }
}
