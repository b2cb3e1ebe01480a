//! Random rules as people and hostile programs write them, with starts where calendars and clocks are strange.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Duration, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use fastrand::Rng;
use xswarm_core::time::resolve_local;

/// A rule to expand on both sides.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub rule: String,
    pub start: DateTime<Utc>,
    pub zone: Tz,
    /// How many occurrences are compared at most.
    pub take: usize,
    /// Occurrences of later years are not compared.
    pub last_year: i32,
}

/// A zone with the days on which its clocks change.
pub(crate) struct Zone {
    zone: Tz,
    changes: Vec<NaiveDate>,
}

/// Zones with summer time in either hemisphere, half an hour of it, a skipped day, abolished summer time, and none.
pub(crate) fn zones() -> Vec<Zone> {
    use chrono_tz::{Africa, America, Asia, Australia, Europe, Pacific};
    let all = [
        Europe::Berlin,
        America::New_York,
        Australia::Lord_Howe,
        Pacific::Apia,
        America::Sao_Paulo,
        Asia::Kathmandu,
        Africa::Casablanca,
        chrono_tz::UTC,
    ];
    all.into_iter().map(|zone| Zone { zone, changes: changes(zone) }).collect()
}

fn changes(zone: Tz) -> Vec<NaiveDate> {
    let offset = |day: NaiveDate| zone.offset_from_utc_date(&day).fix();
    let days = NaiveDate::from_ymd_opt(1960, 1, 1).unwrap().iter_days().take_while(|day| day.year() < 2038);
    days.filter(|day| offset(*day) != offset(day.succ_opt().unwrap())).collect()
}

fn pick<'a, T>(random: &mut Rng, items: &'a [T]) -> &'a T {
    &items[random.usize(..items.len())]
}

/// A few different numbers, written with commas.
fn some(random: &mut Rng, most: usize, one: impl Fn(&mut Rng) -> i32) -> String {
    let count = random.usize(1..=most);
    let numbers: BTreeSet<i32> = (0..count).map(|_| one(random)).collect();
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn signed(random: &mut Rng, most: i32) -> i32 {
    random.i32(1..=most) * if random.u8(..3) == 0 { -1 } else { 1 }
}

const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
/// Dateutil walks through every period: the short ones are few.
const FREQUENCIES: [&str; 14] = [
    "YEARLY", "YEARLY", "YEARLY", "MONTHLY", "MONTHLY", "MONTHLY", "WEEKLY", "WEEKLY", "DAILY", "DAILY", "HOURLY",
    "HOURLY", "MINUTELY", "SECONDLY",
];

/// What `BYDAY` may look like.
#[derive(Clone, Copy)]
enum Counted {
    Never,
    Upto(i32),
}

fn by_day(random: &mut Rng, counted: Counted) -> String {
    let days: BTreeSet<_> = (0..random.usize(1..=4)).map(|_| *pick(random, &DAYS)).collect();
    let counting = random.u8(..4);
    let written = days.into_iter().map(|day| match counted {
        // All counted, some, or none.
        Counted::Upto(most) if counting < 2 || counting == 2 && random.u8(..3) == 0 => {
            format!("{}{day}", signed(random, most))
        }
        Counted::Upto(_) | Counted::Never => day.to_owned(),
    });
    written.collect::<Vec<_>>().join(",")
}

/// The parts that choose days, within what the RFC allows.
fn days(random: &mut Rng, frequency: &str, parts: &mut Vec<String>) {
    let chance = |random: &mut Rng, of: u8| random.u8(..of) == 0;
    let by_month = chance(random, 4);
    if by_month {
        parts.push(format!("BYMONTH={}", some(random, 3, |random| random.i32(1..=12))));
    }
    let by_week = frequency == "YEARLY" && chance(random, 4);
    if by_week {
        let edges = [1, 52, 53, -1, -52, -53];
        let week = |random: &mut Rng| if random.bool() { *pick(random, &edges) } else { signed(random, 53) };
        parts.push(format!("BYWEEKNO={}", some(random, 3, week)));
    }
    if !matches!(frequency, "MONTHLY" | "WEEKLY" | "DAILY") && chance(random, 8) {
        let edges = [1, -1, 59, 60, 61, 365, 366, -366];
        let day = |random: &mut Rng| if random.bool() { *pick(random, &edges) } else { signed(random, 366) };
        parts.push(format!("BYYEARDAY={}", some(random, 5, day)));
    }
    if frequency != "WEEKLY" && chance(random, 4) {
        let day = |random: &mut Rng| if random.bool() { random.i32(28..=31) } else { signed(random, 31) };
        parts.push(format!("BYMONTHDAY={}", some(random, 4, day)));
    }
    if random.u8(..5) < 2 {
        let counted = match frequency {
            "YEARLY" if by_week => Counted::Never,
            "YEARLY" if by_month => Counted::Upto(5),
            "YEARLY" => Counted::Upto(53),
            // A sixth Monday never comes.
            "MONTHLY" => Counted::Upto(6),
            _ => Counted::Never,
        };
        parts.push(format!("BYDAY={}", by_day(random, counted)));
    }
}

/// The parts that choose times. Rules that come often have them seldom and wide, for dateutil's sake.
fn times(random: &mut Rng, frequency: &str, parts: &mut Vec<String>) {
    let often = matches!(frequency, "MINUTELY" | "SECONDLY");
    let chance = |random: &mut Rng| random.u8(..if often { 8 } else { 5 }) == 0;
    let most = if often { 12 } else { 3 };
    if chance(random) {
        parts.push(format!("BYHOUR={}", some(random, most, |random| random.i32(0..24))));
    }
    if chance(random) {
        parts.push(format!("BYMINUTE={}", some(random, most, |random| random.i32(0..60))));
    }
    if chance(random) {
        parts.push(format!("BYSECOND={}", some(random, most, |random| random.i32(0..60))));
    }
}

/// How many years are searched: dateutil looks at every period there is.
fn years(frequency: &str, interval: i32) -> i32 {
    match frequency {
        "YEARLY" => 30.max(interval * 3).min(60),
        "MONTHLY" => 12.max(interval),
        "WEEKLY" => 5.max(interval / 10),
        "DAILY" => 3,
        _ => 1,
    }
}

fn start(random: &mut Rng, zone: &Zone) -> DateTime<Utc> {
    let any = NaiveDate::from_ymd_opt(random.i32(1962..2045), 1, 1).unwrap() + Duration::days(random.i64(0..365));
    let day = match random.u8(..8) {
        0..=2 if !zone.changes.is_empty() => {
            *pick(random, &zone.changes) - Duration::days(pick(random, &[0, 1, 2, 7, 28]) - 1)
        }
        3 => NaiveDate::from_ymd_opt(any.year() / 4 * 4, 2, 28).unwrap() + Duration::days(random.i64(0..3)),
        4 => NaiveDate::from_ymd_opt(any.year(), 12, 27).unwrap() + Duration::days(random.i64(0..11)),
        5 => any.with_day(1).unwrap() - Duration::days(random.i64(0..3)),
        // Centuries that are no leap years; beyond 2100 chrono-tz knows no summer time.
        6 if zone.zone == chrono_tz::UTC => {
            NaiveDate::from_ymd_opt(*pick(random, &[1899, 1900, 2099, 2100, 2399, 2400]), 2, 27).unwrap()
                + Duration::days(random.i64(-60..60))
        }
        _ => any,
    };
    let seconds = match random.u8(..4) {
        // Where clocks change.
        0 | 1 => random.i64(0..16) * 900,
        2 => 9 * 3600,
        _ => random.i64(0..86_400),
    };
    let local = day.and_hms_opt(0, 0, 0).unwrap() + Duration::seconds(seconds);
    resolve_local(local, zone.zone)
}

/// One random rule and start.
pub(crate) fn case(random: &mut Rng, zones: &[Zone]) -> Case {
    let frequency = *pick(random, &FREQUENCIES);
    let zone = pick(random, zones);
    let start = start(random, zone);
    let interval = match random.u8(..10) {
        0..=4 => 1,
        5..=7 => random.i32(2..=4),
        8 => random.i32(5..=30),
        _ => *pick(random, &[7, 12, 24, 36, 48, 52, 60, 90, 100, 168, 1_440, 3_600, 10_000]),
    };
    let mut parts = vec![format!("FREQ={frequency}")];
    if interval != 1 {
        parts.push(format!("INTERVAL={interval}"));
    }
    let either = if frequency == "SECONDLY" { Some(random.bool()) } else { None };
    if either != Some(false) {
        days(random, frequency, &mut parts);
    }
    if either != Some(true) {
        times(random, frequency, &mut parts);
    }
    if parts.iter().any(|part| part.starts_with("BY")) && random.u8(..4) == 0 {
        // What a minute does not hold never comes, and dateutil would look into every one.
        let most = if matches!(frequency, "MINUTELY" | "SECONDLY") { 1 } else { 8 };
        parts.push(format!("BYSETPOS={}", some(random, 3, |random| signed(random, most))));
    }
    if random.u8(..4) == 0 {
        parts.push(format!("WKST={}", pick(random, &DAYS)));
    }
    // The tables of chrono-tz end with the century; zoneinfo goes on by the last rule.
    let known = if zone.zone == chrono_tz::UTC { 9_998 } else { 2_099 };
    let last_year = (start.year() + years(frequency, interval)).min(known);
    match random.u8(..6) {
        0 => parts.push(format!("COUNT={}", random.u32(1..40))),
        1 => {
            let local = start.with_timezone(&zone.zone).naive_local();
            // Often at the start's own time of the day: what occurs then is the last.
            let seconds = if random.bool() { 86_400 * random.i64(0..400) } else { random.i64(0..40_000_000) };
            let until = local + Duration::seconds(seconds);
            // RFC 5545 has it in UTC where the start has a zone; a local one is taken too.
            let utc = resolve_local(until, zone.zone).format("%Y%m%dT%H%M%SZ").to_string();
            parts
                .push(format!("UNTIL={}", if random.bool() { utc } else { until.format("%Y%m%dT%H%M%S").to_string() }));
        }
        _ => {}
    }
    random.shuffle(&mut parts);
    let take = if matches!(frequency, "HOURLY" | "SECONDLY") { 24 } else { 40 };
    Case { rule: parts.join(";"), start, zone: zone.zone, take, last_year }
}
