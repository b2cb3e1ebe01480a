//! Times that a sentence tells in two places: "block Friday, and make it 3 to 5pm", "at four on my calendar for today".
//!
//! Which of several times a sentence is about is decided here; what it wants with it is not known here.

use chrono::{DateTime, Datelike, Duration, NaiveDate};
use chrono_tz::Tz;
use xswarm_core::recurrence::{ByDay, Frequency, Recurrence};

use super::{Confidence, Context, Found, Grain, Value, resolve::Resolver};

/// Of all times of a sentence the one that says most, completed by the others: a day here and a time of day there
/// are one time. Latent readings do not count.
pub fn principal(found: &[Found], context: &Context<'_>) -> Option<Found> {
    let certain = || found.iter().filter(|found| found.confidence == Confidence::Certain);
    let first = certain().max_by_key(|found| {
        let duration = matches!(found.value, Value::Duration(_));
        let recurrence = matches!(found.value, Value::Recurrence(_));
        (recurrence, !duration, found.date_said, found.time_said, std::cmp::Reverse(found.span.start))
    })?;
    let completed = certain().filter(|other| other.span != first.span).find_map(|other| joined(first, other, context));
    completed.or_else(|| Some(first.clone()))
}

/// A day here and a time of day there, as one time; `None` when they are not one.
pub(crate) fn joined(a: &Found, b: &Found, context: &Context<'_>) -> Option<Found> {
    if let Some(found) = placed(a, b).or_else(|| placed(b, a)) {
        return Some(found);
    }
    let (day, clock) = match (a.date_said, a.time_said, b.date_said, b.time_said) {
        (true, false, false, true) => (a, b),
        (false, true, true, false) => (b, a),
        _ => return None,
    };
    match &day.value {
        Value::Date { start, grain: Grain::Day } => {
            let resolver = Resolver::new(context);
            let place = |value: &Value| match value {
                Value::Instant { at, grain } => {
                    Some(Value::Instant { at: resolver.local(*start, at.time()), grain: *grain })
                }
                Value::Interval { start: Some(from), end: Some(to), grain } => {
                    let length = *to - *from;
                    let from = resolver.local(*start, from.time());
                    Some(Value::Interval { start: Some(from), end: Some(from + length), grain: *grain })
                }
                // "today's events after six pm"
                Value::Interval { start: from, end: to, grain } => {
                    let placed = |at: &DateTime<Tz>| resolver.local(*start, at.time());
                    Some(Value::Interval {
                        start: from.as_ref().map(placed),
                        end: to.as_ref().map(placed),
                        grain: *grain,
                    })
                }
                Value::Date { .. } | Value::Duration(_) | Value::Recurrence(_) => None,
            };
            // Of two readings the usual one, not the one that merely lies ahead today.
            let usual = std::iter::once(&clock.value)
                .chain(&clock.alternatives)
                .find(|value| usual(value, context))
                .unwrap_or(&clock.value);
            let alternatives = std::iter::once(&clock.value)
                .chain(&clock.alternatives)
                .filter(|value| *value != usual)
                .filter_map(place)
                .collect();
            Some(Found { value: place(usual)?, alternatives, date_said: true, time_said: true, ..a.clone() })
        }
        Value::Recurrence(repeat) if repeat.times.is_empty() => {
            let mut repeat = repeat.clone();
            match &clock.value {
                Value::Instant { at, .. } => repeat.times.push(at.time()),
                Value::Interval { start: Some(from), end: Some(to), .. } => {
                    repeat.times.push(from.time());
                    repeat.until_time = Some(to.time());
                }
                Value::Interval { .. } | Value::Date { .. } | Value::Duration(_) | Value::Recurrence(_) => {
                    return None;
                }
            }
            Some(Found { value: Value::Recurrence(repeat), time_said: true, ..a.clone() })
        }
        Value::Instant { .. }
        | Value::Date { .. }
        | Value::Interval { .. }
        | Value::Duration(_)
        | Value::Recurrence(_) => None,
    }
}

/// Whether it is the reading of a bare hour that the policy prefers.
fn usual(value: &Value, context: &Context<'_>) -> bool {
    let Value::Instant { at, .. } = value else { return true };
    let hour = chrono::Timelike::hour(at);
    let policy = context.policy;
    let afternoon = (policy.afternoon_from + 12..=policy.afternoon_to + 12).contains(&hour);
    let morning = (policy.afternoon_to + 1..=12).contains(&hour);
    afternoon || morning
}

/// Makes a rule that names no day repeat on this one; whether it could.
pub(super) fn repeat_on(rule: &mut Recurrence, day: NaiveDate) -> bool {
    match rule.frequency {
        Frequency::Weekly => rule.by_day = vec![ByDay { nth: None, weekday: day.weekday() }],
        Frequency::Monthly => rule.by_month_day = i8::try_from(day.day()).into_iter().collect(),
        Frequency::Yearly | Frequency::Daily => {}
        Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => return false,
    }
    true
}

/// "Weekly, Monday at 10": a bare recurrence takes its day and time from the moment beside it.
fn placed(repeating: &Found, moment: &Found) -> Option<Found> {
    let Value::Recurrence(repeat) = &repeating.value else { return None };
    let (day, time, end) = match &moment.value {
        Value::Instant { at, .. } if moment.date_said => (at.date_naive(), Some(at.time()), None),
        Value::Date { start, grain: Grain::Day } => (*start, None, None),
        // "Thursday from 3 to 4pm, every week"
        Value::Interval { start: Some(from), end: Some(to), grain } if moment.date_said && *grain <= Grain::Hour => {
            if *to - *from >= Duration::days(1) {
                return None;
            }
            (from.date_naive(), Some(from.time()), Some(to.time()))
        }
        Value::Instant { .. }
        | Value::Date { .. }
        | Value::Interval { .. }
        | Value::Duration(_)
        | Value::Recurrence(_) => {
            return None;
        }
    };
    let bare = repeat.rule.by_day.is_empty() && repeat.rule.by_month_day.is_empty();
    if !bare || repeat.start.is_some() || !repeat.times.is_empty() && time.is_some() {
        return None;
    }
    let mut repeat = repeat.clone();
    if !repeat_on(&mut repeat.rule, day) {
        return None;
    }
    repeat.times.extend(time);
    repeat.until_time = repeat.until_time.or(end);
    repeat.start = Some(day);
    let time_said = !repeat.times.is_empty();
    Some(Found {
        value: Value::Recurrence(repeat),
        alternatives: Vec::new(),
        date_said: true,
        time_said,
        ..repeating.clone()
    })
}
