//! Points in time as requests write them.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    schema::{self, PartialSchema, RefOr, Schema, ToSchema},
    time::resolve_local,
};

/// A point in time as a request writes it: `2026-12-01T15:00:00Z`, `2026-12-01T15:00:00+01:00`, `2026-12-01T15:00` or
/// `2026-12-01`. Without an offset it is a time of the zone that the request is about; a date is its midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// With an offset: one instant.
    Instant(DateTime<Utc>),
    /// What the clock on the wall shows.
    Local(NaiveDateTime),
    /// A day.
    Day(NaiveDate),
}

/// The text was no [`Moment`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a time: write it like 2026-12-01T15:00:00Z, 2026-12-01T15:00:00+01:00, 2026-12-01T15:00 or 2026-12-01, within the years 1800 to 2200"
)]
pub struct NotAMoment(pub String);

impl Moment {
    /// The instant at which it is in `zone` ([`resolve_local`]).
    pub fn at(self, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Instant(at) => at,
            Self::Local(local) => resolve_local(local, zone),
            Self::Day(day) => resolve_local(day.and_time(NaiveTime::MIN), zone),
        }
    }
}

/// To the millisecond, as times are kept; a leap second, which no clock on the wall shows, is the second after it.
fn whole(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

impl FromStr for Moment {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const LOCAL: [&str; 4] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];
        let local = || LOCAL.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
        // RFC 3339 wants seconds, ISO 8601 does not.
        let instant =
            DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z"));
        let moment = if let Ok(at) = instant {
            Self::Instant(whole(at.with_timezone(&Utc)))
        } else if let Some(local) = local() {
            Self::Local(whole(local.and_utc()).naive_utc())
        } else {
            let day = NaiveDate::parse_from_str(text, "%Y-%m-%d");
            Self::Day(day.map_err(|_error| NotAMoment(text.chars().take(60).collect()))?)
        };
        let day = match moment {
            Self::Instant(at) => at.date_naive(),
            Self::Local(local) => local.date(),
            Self::Day(day) => day,
        };
        if (1800..=2200).contains(&day.year()) { Ok(moment) } else { Err(NotAMoment(text.chars().take(60).collect())) }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Instant(at) => f.write_str(&crate::time::to_text(*at)),
            Self::Local(local) => write!(f, "{}", local.format("%Y-%m-%dT%H:%M:%S%.f")),
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// The text was no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a day: write it like 2026-12-01")]
struct NotADay(String);

/// Reads a day that may be absent, in words of ours when it is none: for `#[serde(deserialize_with)]`.
pub fn optional_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    let text = Option::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    let read = |text: std::borrow::Cow<'de, str>| {
        let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d");
        day.map_err(|_error| de::Error::custom(NotADay(text.chars().take(60).collect())))
    };
    text.map(read).transpose()
}

impl PartialSchema for Moment {
    fn schema() -> RefOr<Schema> {
        schema::pattern(PATTERN, "2026-12-01T15:00")
    }
}

impl ToSchema for Moment {}

/// What a moment looks like (ECMA-262, as JSON Schema asks).
const PATTERN: &str = "^(1[89][0-9]{2}|2[01][0-9]{2})-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?\
                       (Z|[+-][0-9]{2}:[0-9]{2})?)?$";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_an_instant_a_local_time_or_a_day() {
        let berlin = chrono_tz::Europe::Berlin;
        for (text, at) in [
            ("2026-12-01T15:00:00Z", "2026-12-01T15:00:00.000Z"),
            ("2026-12-01T15:00:00.1234567+01:00", "2026-12-01T14:00:00.123Z"),
            ("2026-12-01T15:00", "2026-12-01T14:00:00.000Z"),
            ("2026-12-01T15:00-04:00", "2026-12-01T19:00:00.000Z"),
            ("2026-07-01 15:00:30", "2026-07-01T13:00:30.000Z"),
            ("2026-12-01", "2026-11-30T23:00:00.000Z"),
            // The hour that daylight saving skips.
            ("2026-03-29T02:30", "2026-03-29T01:30:00.000Z"),
        ] {
            let moment: Moment = text.parse().unwrap();
            assert_eq!(crate::time::to_text(moment.at(berlin)), at, "{text}");
            assert_eq!(moment.to_string().parse(), Ok(moment), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_says_what_one_looks_like() {
        let read = |text: &str| optional_day(serde_json::Value::from(text));
        assert_eq!(read("2026-12-01").unwrap(), NaiveDate::from_ymd_opt(2026, 12, 1));
        assert_eq!(optional_day(serde_json::Value::Null).unwrap(), None);
        for text in ["", "30.11.2026", "2026-02-30", "tomorrow"] {
            assert!(read(text).unwrap_err().to_string().contains("like 2026-12-01"), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_says_what_one_looks_like() {
        for text in
            ["", "tomorrow", "2026-13-01", "2026-02-30", "2026-12-01T25:00", "1700-01-01", "+12026-12-01", "3:00"]
        {
            let error = text.parse::<Moment>().unwrap_err();
            assert!(error.to_string().contains("2026-12-01T15:00"), "{text}");
        }
    }
}
