//! How times must be worded: weekday, date, time and zone, worked out here independently of the hub.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Timelike, Utc};
use chrono_tz::{OffsetName, Tz};

/// The instant at which the clocks of `zone` show this time so many days after the day of `said`.
///
/// The time must be one that daylight saving neither skips nor repeats.
pub fn days_later(said: DateTime<Utc>, zone: Tz, days: u64, hour: u32, minute: u32) -> DateTime<Utc> {
    let day = said.with_timezone(&zone).date_naive() + Days::new(days);
    at(day, zone, hour, minute)
}

/// The instant at which the clocks of `zone` show this time on this day.
pub fn at(day: NaiveDate, zone: Tz, hour: u32, minute: u32) -> DateTime<Utc> {
    let time = NaiveTime::from_hms_opt(hour, minute, 0).expect("a time");
    zone.from_local_datetime(&day.and_time(time)).single().expect("a time that occurs once").with_timezone(&Utc)
}

/// What must stand in an answer about `at`: weekday, day, month, year, time and zone.
pub fn parts(at: DateTime<Utc>, zone: Tz) -> Vec<String> {
    let local = at.with_timezone(&zone);
    let (_, hour) = local.hour12();
    let zone = local.offset().abbreviation().expect("a zone with a name").to_owned();
    let half = if local.hour() >= 12 { "PM" } else { "AM" };
    [
        local.format("%A").to_string(),
        local.day().to_string(),
        local.format("%B").to_string(),
        local.year().to_string(),
        format!("{hour}:{:02}", local.minute()),
        half.to_owned(),
        zone,
    ]
    .to_vec()
}

/// Fails unless `text` says when `at` is, completely.
#[track_caller]
pub fn assert_says(text: &str, at: DateTime<Utc>, zone: Tz) {
    for part in parts(at, zone) {
        assert!(text.contains(&part), "`{part}` is missing in: {text}");
    }
}
