//! The time slot of a sentence: one time out of all that were found.

use std::ops::Range;

use super::{
    sentence::{Sentence, is_moment},
    types::When,
};
use crate::time::{self, Confidence, Found, Value};

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
}
