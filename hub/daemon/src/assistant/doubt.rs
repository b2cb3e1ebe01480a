//! What is added to a booking when its time may have been meant otherwise: the other likely reading, and what to say to get
//! it. Readings that are too unlikely to speak of are passed over.

use chrono::{DateTime, Timelike};
use chrono_tz::Tz;
use xswarm_language::{command::When, say, time::Value};

/// One sentence with a leading space, or nothing.
pub(super) fn hint(when: &When, now: DateTime<Tz>) -> Option<String> {
    other_half(when).or_else(|| today(when, now))
}

/// "At 8" may be in the morning or in the evening. At most other hours one of the two is hardly meant.
fn other_half(when: &When) -> Option<String> {
    let at = when.value.as_instant()?;
    let other = when.alternatives.iter().find_map(Value::as_instant)?;
    let early = 7..=9;
    let either = early.contains(&at.hour12().1) && at.date_naive() == other.date_naive();
    let (other, short) = (say::clock(other), other.format("%-I:%M%P"));
    either.then(|| format!(" If you meant {other}, say \"make it {short}\"."))
}

/// "Friday", said on a Friday, is the one in a week.
fn today(when: &When, now: DateTime<Tz>) -> Option<String> {
    let today = now.date_naive();
    let ahead = |value: &Value| match value {
        Value::Instant { at, .. } => at.date_naive() == today && *at > now,
        Value::Date { start, .. } => *start == today,
        Value::Interval { .. } | Value::Duration(_) | Value::Recurrence(_) => false,
    };
    let meant = !ahead(&when.value) && when.alternatives.iter().any(ahead);
    meant.then(|| " If you meant today, say \"make it today\".".to_owned())
}
