//! What refers to what was just spoken of: "it", "that one", "the second one", "the first two", "both", and questions that
//! say nothing else.
//!
//! What these stand for is not known here.

use super::{
    sentence::Sentence,
    slots::GENERIC,
    types::{Asked, Command, Which},
};
use crate::{
    lexer::phrases::{Phrases, any},
    time::Found,
};

const WHEN: &Phrases = any!(
    "when is it|when's it|when is that|when's that|when was it|when does it start|when does that start|when does it begin|\
    what day is it on|what time does it start|what time does it begin|what time is it at|when is it again|\
    when does it end|what time does it end|when are they|when was that|remind me when it is|tell me when it is"
);

const WHERE: &Phrases = any!(
    "where is it|where's it|where is that|where's that|where was it|where does it take place|where will it be|\
    where is it again|where do i have to go|where are they|where is it at|tell me where it is"
);

const WHO: &Phrases = any!(
    "who is coming|who's coming|who else is coming|who is coming to it|who's coming to it|who is coming to that|\
    who takes part|who is invited|who's invited|who will be there|who'll be there|who is it with|who's it with|\
    with whom is it|who is that with|who's that with|who am i meeting there|who comes|who else comes|who is in it|\
    who is going|who's going|who is attending|who's attending"
);

const HOW_LONG: &Phrases = any!(
    "how long is it|how long does it last|how long does it take|how long will it take|how long will it last|\
    how long is that|how long does that take|how long does that last|how long are they"
);

/// What opens a question about one of several.
const OPENINGS: [(&Phrases, Asked); 4] = [
    (any!("when is|when's|when was|what about|tell me about|what time is|details of|details on|and"), Asked::When),
    (any!("where is|where's|where was"), Asked::Where),
    (
        any!(
            "who is coming to|who's coming to|who else is coming to|who takes part in|who is invited to|who is in|who is at"
        ),
        Asked::Who,
    ),
    (any!("how long is|how long does"), Asked::HowLong),
];

/// A question about what was just spoken of, if it is one and says nothing else.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    for (phrases, asked) in [(WHEN, Asked::When), (WHERE, Asked::Where), (WHO, Asked::Who), (HOW_LONG, Asked::HowLong)]
    {
        if sentence.is_one_of(phrases) {
            return Some(Command::TellAbout { which: Which { pronoun: true, ..Which::default() }, asked });
        }
    }
    for (phrases, asked) in OPENINGS {
        let Some(at) = sentence.opens(phrases) else { continue };
        let mut sentence = sentence.clone();
        let start = sentence.start;
        sentence.mark(start..at);
        if let Some(range) = sentence.find_unread(any!("last|take|again")).filter(|range| range.end == sentence.end) {
            sentence.mark(range);
        }
        let which = sentence.which(GENERIC);
        let named = which.title.is_some() || !which.participants.is_empty();
        let one_of = which.listed || which.pronoun && asked == Asked::Who;
        let timed = (at..sentence.end).any(|i| sentence.in_time(i));
        if one_of && !named && !timed {
            return Some(Command::TellAbout { which, asked });
        }
    }
    None
}

impl Sentence<'_, '_> {
    /// "The second one" is no day and "one" no time of day.
    pub(super) fn put_positions_aside(&mut self) {
        let all = self.start..self.end;
        let reader = crate::time::reader(&self.tokens);
        let places = all.filter_map(|i| {
            let ordinal = match self.word(i) {
                "last" | "next" | "other" => Some(i + 1),
                _ => reader.ordinal(i).map(|(_, end, _)| end),
            }?;
            matches!(self.word(ordinal), "one" | "ones").then_some(i..ordinal + 1)
        });
        let places: Vec<_> = places.collect();
        let overlaps = |range: &std::ops::Range<usize>| {
            places.iter().any(|place| range.start < place.end && place.start < range.end && range.end <= place.end)
        };
        self.times.retain(|(_, range): &(Found, _)| !overlaps(range));
    }

    /// "it", "that", "those".
    pub(super) fn take_pronoun(&mut self, which: &mut Which) {
        if let Some(range) = self.find_unread(any!("that one|this one|that|this|it|them|those|these")) {
            which.pronoun = true;
            which.all |= matches!(self.word(range.start), "them" | "those" | "these");
            self.mark(range);
        }
    }

    /// "both", "all of them", "the first two".
    pub(super) fn take_several(&mut self, which: &mut Which) {
        let whole =
            any!("both of them|both of those|both of these|all of them|all of those|all of these|all of it|both");
        if let Some(range) = self.find_unread(whole) {
            (which.pronoun, which.all) = (true, true);
            which.several = (self.word(range.start) == "both").then_some(2);
            self.mark(range);
            return;
        }
        let reader = crate::time::reader(&self.tokens);
        for i in self.start..self.end {
            let sign = match self.word(i) {
                "first" => 1,
                "last" => -1,
                _ => continue,
            };
            let count = reader.cardinal(i + 1).and_then(|(n, end)| Some((i32::try_from(n).ok()?, end)));
            let Some((count, end)) = count.filter(|(count, _)| (2..=20).contains(count)) else { continue };
            if self.is_read(i) || self.in_time(i) || !(GENERIC.has(self.word(end)) || end >= self.end) {
                continue;
            }
            which.several = Some(sign * count);
            which.all = true;
            self.mark(i..end);
            return;
        }
    }

    /// "the second one", "number 3", "#2", "the last one".
    pub(super) fn take_position(&mut self, which: &mut Which) {
        let reader = crate::time::reader(&self.tokens);
        for i in self.start..self.end {
            if self.is_read(i) || self.in_time(i) {
                continue;
            }
            let found = match self.word(i) {
                "last" => Some((-1, i + 1)),
                "next" => Some((1, i + 1)),
                "number" | "#" | "no" => {
                    reader.cardinal(i + 1).and_then(|(n, end)| Some((i32::try_from(n).ok()?, end)))
                }
                _ => reader.ordinal(i).and_then(|(n, end, _)| Some((i32::try_from(n).ok()?, end))),
            };
            if let Some((nth, end)) = found {
                let noun = GENERIC.has(self.word(end)) || end >= self.end || matches!(self.word(i), "#" | "number");
                if noun {
                    which.nth = Some(nth);
                    which.listed = self.word(i) != "next";
                    self.mark(i..end);
                    return;
                }
            }
        }
    }
}
