//! The Boss's own way of saying times. Whatever is said here, [`crate::time`] understands as the same value.
//!
//! Every moment carries weekday, date, year, time and zone. English only, twelve-hour clock; numerals, so that a
//! speaking voice and a text message can share the words.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Offset, Timelike, Weekday};
use chrono_tz::{OffsetName, Tz};
use xswarm_core::recurrence::{ByDay, Frequency, Recurrence, RecurrenceEnd};

use crate::time::{Exception, Repeat, Span};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// "Wednesday".
pub fn weekday(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

fn month_name(month: u32) -> &'static str {
    usize::try_from(month).ok().and_then(|month| MONTHS.get(month.checked_sub(1)?)).copied().unwrap_or("January")
}

/// "Wednesday, 25 November 2026 at 3:00 PM CET".
///
/// The zone is an abbreviation, or an offset ("UTC+05:30") where the zone has none. Nothing is left out, however near
/// the moment is to now: a confirmation must not need the day it was read on.
pub fn moment(at: DateTime<Tz>) -> String {
    format!("{} at {} {}", date(at.date_naive()), clock(at), zone(at))
}

/// "Wednesday, 25 November 2026".
pub fn date(date: NaiveDate) -> String {
    format!("{}, {} {} {}", weekday(date.weekday()), date.day(), month_name(date.month()), date.year())
}

/// "3:00 PM", with seconds only when there are some.
pub fn clock(at: DateTime<Tz>) -> String {
    time_of_day(at.time())
}

/// "3:00 PM" for a time of day without a date.
pub fn time_of_day(time: NaiveTime) -> String {
    let (afternoon, hour) = time.hour12();
    let half = if afternoon { "PM" } else { "AM" };
    if time.second() == 0 {
        format!("{hour}:{:02} {half}", time.minute())
    } else {
        format!("{hour}:{:02}:{:02} {half}", time.minute(), time.second())
    }
}

/// The zone's abbreviation, or its offset.
pub fn zone(at: DateTime<Tz>) -> String {
    if let Some(name) = at.offset().abbreviation().filter(|name| name.chars().all(|c| c.is_ascii_alphabetic())) {
        return name.to_owned();
    }
    let seconds = at.offset().fix().local_minus_utc();
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

fn counted(count: i64, unit: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {unit}")),
        _ => Some(format!("{count} {unit}s")),
    }
}

/// "1 hour 30 minutes", "2 weeks", "1 year 3 months". The sign is not said.
pub fn duration(span: Span) -> String {
    let months = i64::from(span.months.unsigned_abs());
    let days = i64::from(span.days.unsigned_abs());
    let seconds = i64::try_from(span.seconds.unsigned_abs()).unwrap_or(i64::MAX);
    let (weeks, days) = if days % 7 == 0 { (days / 7, 0) } else { (0, days) };
    let parts: Vec<String> = [
        counted(months / 12, "year"),
        counted(months % 12, "month"),
        counted(weeks, "week"),
        counted(days, "day"),
        counted(seconds / 3600, "hour"),
        counted(seconds / 60 % 60, "minute"),
        counted(seconds % 60, "second"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() { "0 seconds".to_owned() } else { parts.join(" ") }
}

/// "Wednesday, 25 November 2026, 3:00–4:00 PM CET"; with both dates when it ends on another day.
pub fn interval(start: DateTime<Tz>, end: DateTime<Tz>) -> String {
    if start.date_naive() != end.date_naive() || start.offset().fix() != end.offset().fix() {
        return format!("{} to {}", moment(start), moment(end));
    }
    let (from, to) = (clock(start), clock(end));
    let halves_agree = start.time().hour12().0 == end.time().hour12().0;
    let from = if halves_agree { from.trim_end_matches([' ', 'A', 'P', 'M']).to_owned() } else { from };
    format!("{}, {from}–{to} {}", date(start.date_naive()), zone(start))
}

fn ordinal(n: i64) -> String {
    let suffix = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}

fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

fn nth_weekday(by_day: ByDay) -> String {
    let name = weekday(by_day.weekday);
    match by_day.nth {
        None => name.to_owned(),
        Some(-1) => format!("last {name}"),
        Some(nth) if nth < 0 => format!("{} to last {name}", ordinal(i64::from(nth.unsigned_abs()))),
        Some(nth) => format!("{} {name}", ordinal(i64::from(nth))),
    }
}

fn month_day(day: i8) -> String {
    match day {
        -1 => "last day".to_owned(),
        day if day < 0 => format!("{} to last day", ordinal(i64::from(day.unsigned_abs()))),
        day => ordinal(i64::from(day)),
    }
}

fn ordinal_or_last(day: i64) -> String {
    match day {
        -1 => "last".to_owned(),
        day if day < 0 => format!("{} to last", ordinal(-day)),
        day => ordinal(day),
    }
}

fn every(interval: u32, unit: &str) -> String {
    match interval {
        1 => format!("every {unit}"),
        2 => format!("every other {unit}"),
        n => format!("every {n} {unit}s"),
    }
}

/// Which days: "every Friday", "every month on the 1st and 15th".
fn days(rule: &Recurrence) -> String {
    let named = list(&rule.by_day.iter().copied().map(nth_weekday).collect::<Vec<_>>());
    let month_days = list(&rule.by_month_day.iter().map(|day| month_day(*day)).collect::<Vec<_>>());
    let months = list(&rule.by_month.iter().map(|month| month_name(u32::from(*month)).to_owned()).collect::<Vec<_>>());
    let plain: Vec<Weekday> = rule.by_day.iter().filter(|day| day.nth.is_none()).map(|day| day.weekday).collect();
    let working = plain == [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
    match rule.frequency {
        Frequency::Secondly => every(rule.interval, "second"),
        Frequency::Minutely => every(rule.interval, "minute"),
        Frequency::Hourly => every(rule.interval, "hour"),
        Frequency::Daily => every(rule.interval, "day"),
        Frequency::Weekly if rule.by_day.is_empty() => every(rule.interval, "week"),
        Frequency::Weekly if working && rule.interval == 1 => "every weekday".to_owned(),
        Frequency::Weekly => match rule.interval {
            1 => format!("every {named}"),
            2 => format!("every other {named}"),
            n => format!("every {n} weeks on {named}"),
        },
        Frequency::Monthly => {
            let base = every(rule.interval, "month");
            let places = list(
                &rule
                    .by_set_position
                    .iter()
                    .map(|nth| if *nth == -1 { "last".to_owned() } else { ordinal(i64::from(*nth)) })
                    .collect::<Vec<_>>(),
            );
            match (rule.by_day.is_empty(), rule.by_month_day.is_empty()) {
                (true, true) => base,
                (true, false) => format!("{base} on the {month_days}"),
                (false, _) if !places.is_empty() && working => format!("{base} on the {places} weekday"),
                (false, _) if !places.is_empty() => format!("{base} on the {places} instance of {named}"),
                (false, _) => format!("{base} on the {named}"),
            }
        }
        Frequency::Yearly => {
            let base = every(rule.interval, "year");
            if !rule.by_year_day.is_empty() {
                let year_days =
                    list(&rule.by_year_day.iter().map(|day| ordinal_or_last(i64::from(*day))).collect::<Vec<_>>());
                return format!("{base} on the {year_days} day of the year");
            }
            if !rule.by_week_number.is_empty() {
                let weeks = list(&rule.by_week_number.iter().map(ToString::to_string).collect::<Vec<_>>());
                return if named.is_empty() {
                    format!("{base} in week {weeks}")
                } else {
                    format!("{base} on {named} in week {weeks}")
                };
            }
            match (rule.by_month.is_empty(), rule.by_day.is_empty(), rule.by_month_day.is_empty()) {
                (true, ..) => base,
                (false, true, true) => format!("{base} in {months}"),
                (false, false, _) => format!("{base} on the {named} of {months}"),
                (false, true, false) => {
                    let day = list(
                        &rule
                            .by_month_day
                            .iter()
                            .map(|day| if *day > 0 { day.to_string() } else { month_day(*day) })
                            .collect::<Vec<_>>(),
                    );
                    format!("{base} on {months} {day}")
                }
            }
        }
    }
}

/// "every Friday at 9:00 AM", "every other week until Tuesday, 30 June 2026".
pub fn recurrence(rule: &Recurrence, times: &[NaiveTime]) -> String {
    let mut words = days(rule);
    if !times.is_empty() {
        let times = list(&times.iter().map(|time| time_of_day(*time)).collect::<Vec<_>>());
        words = format!("{words} at {times}");
    }
    match rule.end {
        RecurrenceEnd::Never => {}
        RecurrenceEnd::Count(1) => words.push_str(" once"),
        RecurrenceEnd::Count(count) => words = format!("{words} for {count} times"),
        RecurrenceEnd::Until(until) => words = format!("{words} until {}", date(until.date())),
    }
    words
}

/// A recurrence with its start and its exceptions.
pub fn repeat(repeat: &Repeat) -> String {
    let mut words = recurrence(&repeat.rule, &repeat.times);
    if let Some(start) = repeat.start {
        words = format!("{words} starting {}", date(start));
    }
    if !repeat.exceptions.is_empty() {
        let exceptions: Vec<String> = repeat
            .exceptions
            .iter()
            .map(|exception| match exception {
                Exception::Day(day) => format!("on {}", date(*day)),
                Exception::Days(start, end) => {
                    format!("from {} to {}", date(*start), date(end.pred_opt().unwrap_or(*end)))
                }
                Exception::Weekday(day) => format!("on {}s", weekday(*day)),
                Exception::Month(month) => format!("in {}", month_name(*month)),
                Exception::Holidays => "on holidays".to_owned(),
            })
            .collect();
        words = format!("{words} except {}", list(&exceptions));
    }
    words
}
