//! The time slot of a sentence: one time out of all that were found.

use std::ops::Range;

use super::{
    sentence::{Sentence, is_moment},
    types::When,
};
use xswarm_core::recurrence::RecurrenceEnd;

use crate::{
    lexer::phrases::any,
    time::{self, Confidence, Found, Grain, Repeat, Value},
};

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
        // "About the Q3 budget tomorrow at 2": a quarter says less than a time of day.
        let timed = certain_first.iter().any(|(found, _)| found.time_said);
        let period = |found: &Found| timed && matches!(&found.value, Value::Date { grain, .. } if *grain > Grain::Week);
        certain_first.sort_by_key(|(found, range)| {
            (found.confidence == Confidence::Latent, adjective(found, range), period(found), range.start)
        });
        let mut text_parts: Vec<(usize, &str)> = Vec::new();
        for (found, range) in certain_first {
            let taken = match &chosen {
                None => Some(found.clone()),
                Some((first, _)) if found.confidence == Confidence::Certain => {
                    time::joined(first, &found, self.context)
                }
                Some(_) => None,
            };
            if let Some(joined) = taken {
                text_parts.push((range.start, self.written(range.clone())));
                self.mark(range.clone());
                chosen = Some((joined, range));
            }
        }
        let (mut found, _) = chosen?;
        if let Value::Recurrence(repeat) = &mut found.value {
            self.take_bounds(repeat);
        }
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

    /// "… for 10 days", "… 6 times", "… starting January 4", "… until June", told away from the rule itself.
    fn take_bounds(&mut self, repeat: &mut Repeat) {
        let today = self.context.now.date_naive();
        let unread: Vec<(Value, Range<usize>)> = self
            .times
            .iter()
            .filter(|(found, range)| found.confidence == Confidence::Certain && !range.clone().any(|i| self.is_read(i)))
            .map(|(found, range)| (found.value.clone(), range.clone()))
            .collect();
        for (value, range) in unread {
            let starts = matches!(self.word(range.start), "starting" | "beginning" | "from" | "start");
            let for_ = self.word(range.start) == "for";
            let endless = repeat.rule.end == RecurrenceEnd::Never;
            let taken = match value {
                Value::Duration(span) if for_ && span.seconds == 0 && endless => {
                    let last = time::later_day(repeat.start.unwrap_or(today), span);
                    repeat.rule.end = RecurrenceEnd::Until(last.and_time(self.context.now.time()));
                    true
                }
                Value::Interval { start: Some(start), end: None, .. } if starts && repeat.start.is_none() => {
                    repeat.start = Some(start.date_naive());
                    true
                }
                Value::Date { start, grain: Grain::Day } if starts && repeat.start.is_none() => {
                    repeat.start = Some(start);
                    true
                }
                Value::Interval { start: None, end: Some(end), .. } if endless => {
                    repeat.rule.end = RecurrenceEnd::Until(end.naive_local() - chrono::Duration::seconds(1));
                    true
                }
                Value::Instant { .. }
                | Value::Date { .. }
                | Value::Interval { .. }
                | Value::Duration(_)
                | Value::Recurrence(_) => false,
            };
            if taken {
                self.mark(range);
            }
        }
        let times = self.find_unread(any!("times|occurrences|sessions"));
        if let Some(times) = times
            && repeat.rule.end == RecurrenceEnd::Never
            && let Some(at) = times.start.checked_sub(1)
            && let Some((count, _)) = time::reader(&self.tokens).cardinal(at).filter(|(count, _)| *count > 0)
        {
            repeat.rule.end = RecurrenceEnd::Count(count);
            let for_ = at.checked_sub(1).filter(|before| self.word(*before) == "for");
            self.mark(for_.unwrap_or(at)..times.end);
        }
    }
}
