//! Dates, times and lengths as calendar files write them (RFC 5545 §3.3.4 to §3.3.6), and what they mean in a zone.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use xswarm_core::time::resolve_local;

use super::{lines::Property, zones::Zones};

/// The years that appointments may be in. Programs write birthdays of unknown year into 1604; beyond 9000 sums overflow.
const YEARS: std::ops::RangeInclusive<i32> = 1583..=9_000;

/// A point in time as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// A whole day.
    Day(NaiveDate),
    /// What the clock shows in a zone.
    Local(NaiveDateTime, Tz),
    /// What the clock shows wherever the person is.
    Floating(NaiveDateTime),
    /// An instant.
    Instant(DateTime<Utc>),
}

impl Moment {
    /// The instant, where floating times and days are those of `zone`.
    pub(super) fn instant(self, zone: Tz) -> DateTime<Utc> {
        match self {
            Self::Day(day) => resolve_local(day.and_time(NaiveTime::MIN), zone),
            Self::Local(local, zone) => resolve_local(local, zone),
            Self::Floating(local) => resolve_local(local, zone),
            Self::Instant(at) => at,
        }
    }
}

/// The moments of a property, which may be several with commas between them; `Err` says what is wrong.
pub(super) fn moments(property: &Property, zones: &Zones<'_>) -> Result<Vec<Moment>, String> {
    let zone = property.parameter("TZID").map(|name| zones.find(name)).transpose()?;
    let values = property.value.split(',').map(str::trim).filter(|value| !value.is_empty());
    // A period begins before its slash.
    values.map(|value| value.split('/').next().unwrap_or_default()).map(|value| moment(value, zone)).collect()
}

/// The only moment of a property.
pub(super) fn single(property: &Property, zones: &Zones<'_>) -> Result<Moment, String> {
    match moments(property, zones)?.as_slice() {
        [one] => Ok(*one),
        _ => Err(format!("its {} is not one date or time", property.name)),
    }
}

fn moment(value: &str, zone: Option<Tz>) -> Result<Moment, String> {
    let wrong = || format!("\"{}\" is no date or time", value.chars().take(40).collect::<String>());
    let within = |year: i32| if YEARS.contains(&year) { Ok(()) } else { Err(wrong()) };
    if let Some(day) = day(value) {
        within(day.year())?;
        return Ok(Moment::Day(day));
    }
    let (local, utc) = match value.strip_suffix(['Z', 'z']) {
        Some(local) => (local, true),
        None => (value, false),
    };
    let local = local_time(local).ok_or_else(wrong)?;
    within(local.year())?;
    Ok(match (utc, zone) {
        (true, _) => Moment::Instant(local.and_utc()),
        (false, Some(zone)) => Moment::Local(local, zone),
        (false, None) => Moment::Floating(local),
    })
}

/// `20261127`.
pub(super) fn day(value: &str) -> Option<NaiveDate> {
    (value.len() == 8).then(|| NaiveDate::parse_from_str(value, "%Y%m%d").ok()).flatten()
}

/// `20261127T090000`. A leap second is the second before it.
pub(super) fn local_time(value: &str) -> Option<NaiveDateTime> {
    let (date, time) = value.split_once(['T', 't'])?;
    let time = match (time.len(), time.strip_suffix("60")) {
        (6, Some(minute)) => NaiveTime::parse_from_str(&format!("{minute}59"), "%H%M%S"),
        (6, None) => NaiveTime::parse_from_str(time, "%H%M%S"),
        (4, _) => NaiveTime::parse_from_str(time, "%H%M"),
        _ => return None,
    };
    Some(day(date)?.and_time(time.ok()?))
}

/// A length: days by the calendar, the rest by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length {
    /// Whole days.
    days: Duration,
    /// What is left.
    rest: Duration,
}

impl Length {
    /// Reads `P1DT2H`, `-PT15M`, `P2W`.
    pub(super) fn read(text: &str) -> Option<Self> {
        const MOST: i64 = 100_000_000;
        let text = text.trim();
        let (sign, text) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mut days, mut seconds, mut number, mut clock, mut parts) = (0_i64, 0_i64, None, false, 0);
        for letter in text.strip_prefix(['P', 'p'])?.chars() {
            if let Some(digit) = letter.to_digit(10) {
                number = Some(number.unwrap_or(0_i64) * 10 + i64::from(digit)).filter(|number| *number <= MOST);
                number?;
                continue;
            }
            match (letter.to_ascii_uppercase(), number.take()) {
                ('T', None) if !clock => clock = true,
                ('W', Some(weeks)) if !clock => days += weeks * 7,
                ('D', Some(more)) if !clock => days += more,
                ('H', Some(hours)) if clock => seconds += hours * 3_600,
                ('M', Some(minutes)) if clock => seconds += minutes * 60,
                ('S', Some(more)) if clock => seconds += more,
                _ => return None,
            }
            parts += usize::from(!letter.eq_ignore_ascii_case(&'T'));
        }
        (number.is_none() && parts > 0)
            .then(|| Self { days: Duration::days(sign * days), rest: Duration::seconds(sign * seconds) })
    }

    /// The instant that lies this far after `start`, by the clocks of `zone`; `None` beyond the end of time.
    pub(super) fn after(self, start: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        if self.days.is_zero() {
            return start.checked_add_signed(self.rest);
        }
        let local = start.with_timezone(&zone).naive_local().checked_add_signed(self.days)?;
        YEARS.contains(&local.year()).then(|| resolve_local(local, zone))?.checked_add_signed(self.rest)
    }

    /// All of it by the clock.
    pub(super) fn total(self) -> Duration {
        self.days + self.rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read() {
        for (text, minutes) in [
            ("PT15M", Some(15)),
            ("-PT1H30M", Some(-90)),
            ("P1DT2H", Some(26 * 60)),
            ("P2W", Some(14 * 24 * 60)),
            ("+P1D", Some(24 * 60)),
            ("PT0S", Some(0)),
            ("P", None),
            ("PT", None),
            ("P1H", None),
            ("15M", None),
            ("PT15", None),
            ("PT99999999999999999999M", None),
            ("P1D1", None),
        ] {
            assert_eq!(Length::read(text).map(|length| length.total().num_minutes()), minutes, "{text}");
        }
    }

    #[test]
    fn a_day_is_a_day_of_the_calendar() {
        let start = resolve_local(local_time("20260328T120000").unwrap(), chrono_tz::Europe::Berlin);
        let next = Length::read("P1D").unwrap().after(start, chrono_tz::Europe::Berlin).unwrap();
        assert_eq!((next - start).num_hours(), 23);
    }

    #[test]
    fn times_are_read() {
        let at = |text: &str| moment(text, None).map(|moment| moment.instant(chrono_tz::Europe::Berlin).to_rfc3339());
        assert_eq!(at("20261127T090000Z").unwrap(), "2026-11-27T09:00:00+00:00");
        assert_eq!(at("20261127T090000").unwrap(), "2026-11-27T08:00:00+00:00");
        assert_eq!(at("20261127T235960Z").unwrap(), "2026-11-27T23:59:59+00:00");
        assert_eq!(at("20261127").unwrap(), "2026-11-26T23:00:00+00:00");
        for wrong in ["", "2026-11-27", "20261301", "20260230", "00010101", "99991231T000000Z", "20261127T250000", "é"]
        {
            assert!(at(wrong).is_err(), "{wrong}");
        }
    }
}
