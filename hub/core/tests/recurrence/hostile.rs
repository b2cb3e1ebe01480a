//! Rules that never match, match once in an age, or are asked about a far-away day: each answers at once.

use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use xswarm_core::recurrence::Recurrence;

use crate::local;

fn rule(text: &str) -> Recurrence {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn first(text: &str, start: &str) -> Option<NaiveDateTime> {
    rule(text).local_occurrences(local(start)).unwrap().next()
}

#[test]
fn what_never_happens_ends() {
    for text in [
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MINUTELY;BYMONTH=2;BYMONTHDAY=30;INTERVAL=7",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=-30",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
        "FREQ=YEARLY;BYWEEKNO=20;BYMONTH=1",
        "FREQ=YEARLY;INTERVAL=4;BYYEARDAY=366",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=HOURLY;INTERVAL=168;BYDAY=TU",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=10",
        "FREQ=MINUTELY;INTERVAL=1440;BYMINUTE=1",
        "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31,33,35,37,39,41,43,45,47,49,51,53",
        "FREQ=SECONDLY;INTERVAL=120;BYMINUTE=1,3,5,7,9",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
        "FREQ=SECONDLY;BYSECOND=1;BYSETPOS=2",
        "FREQ=HOURLY;BYMINUTE=0;BYSETPOS=-2",
        "FREQ=DAILY;UNTIL=19700101",
    ] {
        // A Monday in a common year.
        assert_eq!(first(text, "2026-03-02T09:00:00"), None, "{text}");
    }
}

#[test]
fn every_seventh_second_that_no_monday_has_is_given_up() {
    // Mondays all see the same seconds of such a pace; none of them is in this set, though other days' are.
    let all: Vec<String> = (0..60).filter(|second| second % 7 != 0).map(|second| second.to_string()).collect();
    let text = format!(
        "FREQ=SECONDLY;INTERVAL=7;BYDAY=MO;BYHOUR=0,7,14,21;BYMINUTE=0,7,14,21,28,35,42,49,56;BYSECOND={}",
        all.join(",")
    );
    assert_eq!(first(&text, "2026-03-02T00:00:00"), None);
}

#[test]
fn what_happens_once_in_an_age_is_found() {
    for (text, found) in [
        ("FREQ=YEARLY;INTERVAL=10000;BYWEEKNO=53;BYDAY=MO", Some("2026-12-28T09:00:00")),
        ("FREQ=YEARLY;INTERVAL=10000;BYWEEKNO=53;BYDAY=FR", None),
        ("FREQ=YEARLY;INTERVAL=1000;BYWEEKNO=53;BYDAY=FR", None),
        ("FREQ=YEARLY;INTERVAL=25;BYMONTH=2;BYMONTHDAY=29", Some("2076-02-29T09:00:00")),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU", Some("2032-02-29T09:00:00")),
        ("FREQ=DAILY;INTERVAL=9999;BYMONTH=2;BYMONTHDAY=29", Some("9664-02-29T09:00:00")),
        ("FREQ=SECONDLY;INTERVAL=86399;BYHOUR=8;BYMINUTE=59;BYSECOND=59", Some("2026-03-03T08:59:59")),
        ("FREQ=SECONDLY;INTERVAL=4294967295;BYDAY=TU", Some("3251-01-31T19:14:15")),
        ("FREQ=HOURLY;INTERVAL=4294967295", Some("2026-03-02T09:00:00")),
    ] {
        let occurs = first(text, "2026-03-02T09:00:00").map(|at| at.format("%FT%T").to_string());
        assert_eq!(occurs.as_deref(), found, "{text}");
    }
}

fn from(text: &str, start: DateTime<Utc>, at: DateTime<Utc>) -> Option<String> {
    let found = rule(text).occurrences_from(start, chrono_tz::UTC, at).unwrap().next();
    found.map(|at| at.format("%FT%T").to_string())
}

#[test]
fn a_far_week_is_reached_without_walking_there() {
    let start = Utc.with_ymd_and_hms(1970, 1, 1, 0, 0, 0).unwrap();
    let far = Utc.with_ymd_and_hms(2090, 6, 1, 12, 0, 0).unwrap();
    for (text, found) in [
        ("FREQ=SECONDLY", Some("2090-06-01T12:00:00")),
        ("FREQ=SECONDLY;INTERVAL=7", Some("2090-06-01T12:00:04")),
        ("FREQ=SECONDLY;COUNT=4000000000", Some("2090-06-01T12:00:00")),
        ("FREQ=SECONDLY;COUNT=1000000000", None),
        // The seconds from 1970 to then are 3,800,001,600.
        ("FREQ=SECONDLY;COUNT=3800001600", None),
        ("FREQ=SECONDLY;COUNT=3800001601", Some("2090-06-01T12:00:00")),
        ("FREQ=SECONDLY;INTERVAL=7;COUNT=1000000000", Some("2090-06-01T12:00:04")),
        ("FREQ=MINUTELY;INTERVAL=7;BYDAY=MO,TH;BYHOUR=9,12,17;COUNT=1000000000", Some("2090-06-01T12:01:00")),
        ("FREQ=HOURLY;BYHOUR=9,10;COUNT=1000000000", Some("2090-06-02T09:00:00")),
        ("FREQ=DAILY;COUNT=1000000000", Some("2090-06-02T00:00:00")),
        ("FREQ=DAILY;COUNT=43981", None),
        ("FREQ=DAILY;COUNT=43983", Some("2090-06-02T00:00:00")),
        ("FREQ=DAILY;INTERVAL=3;COUNT=1000000000", Some("2090-06-03T00:00:00")),
        ("FREQ=WEEKLY;BYDAY=MO,SU;COUNT=1000000000", Some("2090-06-04T00:00:00")),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=1000000000", Some("2090-06-30T00:00:00")),
        ("FREQ=YEARLY;BYDAY=-1MO;COUNT=1000000000", Some("2090-12-25T00:00:00")),
        (
            "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=0,1,2;BYSECOND=0,1,2;BYSETPOS=-1,300",
            Some("2090-12-31T02:00:02"),
        ),
    ] {
        assert_eq!(from(text, start, far).as_deref(), found, "{text}");
    }
    for text in ["FREQ=DAILY", "FREQ=SECONDLY;COUNT=4000000000", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1"] {
        assert_eq!(from(text, start, DateTime::<Utc>::MAX_UTC), None, "{text}");
        assert_eq!(from(text, start, DateTime::<Utc>::MIN_UTC), from(text, start, start), "{text}");
    }
}

#[test]
fn nothing_is_later_than_the_year_9999() {
    for (text, count) in [("FREQ=DAILY", 2), ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", 1), ("FREQ=HOURLY", 39)] {
        let found = rule(text).local_occurrences(local("9999-12-30T09:00:00")).unwrap();
        assert_eq!(found.count(), count, "{text}");
    }
    assert_eq!(first("FREQ=DAILY", "9999-12-31T23:59:59"), Some(local("9999-12-31T23:59:59")));
    let later = chrono::NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
    assert_eq!(rule("FREQ=DAILY").local_occurrences(later).unwrap().next(), None);
}

#[test]
fn parts_that_no_text_could_say_do_no_harm() {
    let mut rule = rule("FREQ=DAILY");
    rule.by_hour = vec![99, 9];
    rule.by_month = vec![200, 3];
    assert_eq!(rule.local_occurrences(local("2026-03-02T09:00:00")).unwrap().count(), 31 * (9999 - 2025) - 1);
    rule.interval = 0;
    assert!(rule.local_occurrences(local("2026-03-02T09:00:00")).is_err());
}
