//! The time slot of a sentence: one time out of all that were found.

use std::ops::Range;

use chrono::Datelike;
use xswarm_core::recurrence::{ByDay, Frequency};

use super::{
    sentence::{Sentence, is_moment},
    types::When,
};
use crate::time::{self, Confidence, Found, Grain, Value};

impl Sentence<'_, '_> {
    /// The time slot: certain moments, a day and a time of day put together; the tokens are marked as read.
    pub(super) fn take_when(&mut self, latent_too: bool) -> Option<When> {
        let usable = |found: &Found| is_moment(found) && (latent_too || found.confidence == Confidence::Certain);
        let mut chosen: Option<(Found, Range<usize>)> = None;
        let mut certain_first: Vec<(Found, Range<usize>)> = self
            .times
            .iter()
            .filter(|(found, range)| usable(found) && range.start >= self.start && range.end <= self.tokens.len())
            .filter(|(_, range)| !range.clone().any(|i| self.is_read(i)))
            .cloned()
            .collect();
        // "The quarterly planning every 3 months": an adjective that repeats says less than a phrase that does.
        let adjective =
            |found: &Found, range: &Range<usize>| range.len() == 1 && matches!(found.value, Value::Recurrence(_));
        certain_first.sort_by_key(|(found, range)| {
            (found.confidence == Confidence::Latent, adjective(found, range), range.start)
        });
        let mut text_parts: Vec<(usize, &str)> = Vec::new();
        for (found, range) in certain_first {
            let taken = match &chosen {
                None => Some(found.clone()),
                Some((first, _)) if found.confidence == Confidence::Certain => self.joined(first, &found),
                Some(_) => None,
            };
            if let Some(joined) = taken {
                text_parts.push((range.start, self.written(range.clone())));
                self.mark(range.clone());
                chosen = Some((joined, range));
            }
        }
        let (found, _) = chosen?;
        text_parts.sort_by_key(|(start, _)| *start);
        let text = text_parts.iter().map(|(_, words)| *words).collect::<Vec<_>>().join(" ");
        Some(When {
            value: found.value,
            text,
            alternatives: found.alternatives,
            date_said: found.date_said,
            time_said: found.time_said,
        })
    }

    /// A day here and a time of day there, as one time.
    fn joined(&self, a: &Found, b: &Found) -> Option<Found> {
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
                let resolver = time::resolver(self.context);
                let place = |value: &Value| match value {
                    Value::Instant { at, grain } => {
                        Some(Value::Instant { at: resolver.local(*start, at.time()), grain: *grain })
                    }
                    Value::Interval { start: Some(from), end: Some(to), grain } => {
                        let length = *to - *from;
                        let from = resolver.local(*start, from.time());
                        Some(Value::Interval { start: Some(from), end: Some(from + length), grain: *grain })
                    }
                    Value::Interval { .. } | Value::Date { .. } | Value::Duration(_) | Value::Recurrence(_) => None,
                };
                // Of two readings the usual one, not the one that merely lies ahead today.
                let usual = std::iter::once(&clock.value)
                    .chain(&clock.alternatives)
                    .find(|value| self.usual(value))
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

    fn usual(&self, value: &Value) -> bool {
        let Value::Instant { at, .. } = value else { return true };
        let hour = chrono::Timelike::hour(at);
        let policy = self.context.policy;
        let afternoon = (policy.afternoon_from + 12..=policy.afternoon_to + 12).contains(&hour);
        let morning = (policy.afternoon_to + 1..=12).contains(&hour);
        afternoon || morning
    }
}

/// "Weekly, Monday at 10": a bare recurrence takes its day and time from the moment beside it.
fn placed(repeating: &Found, moment: &Found) -> Option<Found> {
    let Value::Recurrence(repeat) = &repeating.value else { return None };
    let (day, time) = match &moment.value {
        Value::Instant { at, .. } if moment.date_said => (at.date_naive(), Some(at.time())),
        Value::Date { start, grain: Grain::Day } => (*start, None),
        Value::Instant { .. }
        | Value::Date { .. }
        | Value::Interval { .. }
        | Value::Duration(_)
        | Value::Recurrence(_) => {
            return None;
        }
    };
    let bare = repeat.rule.by_day.is_empty() && repeat.rule.by_month_day.is_empty() && repeat.times.is_empty();
    if !bare || repeat.start.is_some() {
        return None;
    }
    let mut repeat = repeat.clone();
    match repeat.rule.frequency {
        Frequency::Weekly => repeat.rule.by_day = vec![ByDay { nth: None, weekday: day.weekday() }],
        Frequency::Monthly => repeat.rule.by_month_day = i8::try_from(day.day()).into_iter().collect(),
        Frequency::Yearly | Frequency::Daily => {}
        Frequency::Hourly | Frequency::Minutely => return None,
    }
    repeat.times.extend(time);
    repeat.start = Some(day);
    let time_said = time.is_some();
    Some(Found {
        value: Value::Recurrence(repeat),
        alternatives: Vec::new(),
        date_said: true,
        time_said,
        ..repeating.clone()
    })
}
