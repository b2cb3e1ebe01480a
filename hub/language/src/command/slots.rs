//! Slots that are not times: titles, participants, places, lead times, channels, and "which one".

use std::ops::Range;

use super::{
    sentence::Sentence,
    types::{ChannelWord, Which},
};
use crate::{
    lexer::{
        Kind,
        phrases::{Phrases, any},
    },
    time::{Confidence, Span, Value},
};

/// Words that end a name or a place.
const STOPS: &Phrases = any!(
    "about|at|on|in|for|to|from|re|regarding|concerning|because|so|that|when|if|by|via|every|each|\
    this|next|until|before|after|with|of|is|and|or|remind|called|titled|named|please|note|lasting|around|over|\
    as|then|daily|weekly|monthly|using|starting|through|during|near|which|who|where|today|tomorrow|tonight"
);

/// Pronouns and the like: no names.
const NOT_NAMES: &Phrases =
    any!("me|us|him|her|them|you|it|that|this|everyone|someone|myself|a|an|another|no|some|any");

/// Nouns that name an appointment without saying which.
pub(super) const GENERIC: &Phrases = any!(
    "meeting|meetings|appointment|appointments|appt|appts|event|events|entry|entries|\
    thing|things|one|ones|item|items|booking|bookings|plan|plans|calendar|schedule|agenda|reminder|reminders|\
    alarm|alarms|timer|timers|slot|session|stuff"
);

/// Words at the ends of a title that belong to the sentence around it.
const LOOSE_STARTS: &Phrases = any!(
    "a|an|the|my|our|for|to|about|that|of|and|called|named|titled|with the title|with title|\
    new|some|on|at|in|by|is|there's|i have|i've got|there is|me|us|from|another|saying|which says|regarding|re|\
    as"
);
const LOOSE_ENDS: &Phrases = any!(
    "a|an|the|my|for|to|on|at|in|by|from|and|of|with|until|is|about|it|around|starting|\
    beginning|please|every|that|which is|lasting|has|will be|also|then|be|are|set for|scheduled for|scheduled|or"
);

/// First letter in upper case, the rest as the person wrote it.
pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

fn strip_start<'a>(text: &'a str, words: &Phrases) -> Option<&'a str> {
    words.each().find_map(|word| {
        let head = text.get(..word.len())?;
        let rest = text.get(word.len()..)?;
        (head.eq_ignore_ascii_case(word) && rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
    })
}

fn strip_end<'a>(text: &'a str, words: &Phrases) -> Option<&'a str> {
    words.each().find_map(|word| {
        let at = text.len().checked_sub(word.len())?;
        let (head, tail) = (text.get(..at)?, text.get(at..)?);
        (tail.eq_ignore_ascii_case(word) && head.ends_with(char::is_whitespace)).then(|| head.trim_end())
    })
}

/// Takes loose words and punctuation off both ends.
pub(super) fn cleaned(text: &str) -> String {
    let trim = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ',' | ';' | ':' | '-' | '–' | '—' | '.' | '!' | '?' | '@' | '/' | '"' | '“' | '”' | '(' | '[' | '~'
            )
    };
    let mut text = text.trim_matches(trim).trim_end_matches([')', ']']).trim();
    if text.matches('(').count() > text.matches(')').count() {
        text = text.trim_end_matches('(');
    }
    loop {
        let before = text.len();
        if let Some(shorter) = strip_start(text, LOOSE_STARTS) {
            text = shorter;
        }
        if let Some(shorter) = strip_end(text, LOOSE_ENDS) {
            text = shorter;
        }
        text = text.trim_matches(trim);
        if text.len() == before {
            break;
        }
    }
    let lonely = LOOSE_ENDS.each().chain(LOOSE_STARTS.each()).any(|word| text.eq_ignore_ascii_case(word));
    if lonely { String::new() } else { text.split_whitespace().collect::<Vec<_>>().join(" ") }
}

/// A title, or `None` when nothing is left.
pub(super) fn title(text: &str) -> Option<String> {
    let text = cleaned(text);
    (text.chars().any(char::is_alphanumeric)).then(|| capitalised(&text))
}

impl Sentence<'_, '_> {
    /// A word that may be part of a name or place: unread, no time, no stop word.
    fn nameable(&self, i: usize) -> bool {
        i < self.end
            && !self.is_read(i)
            && !self.in_time(i)
            && self.token(i).is_some_and(|token| matches!(token.kind, Kind::Word | Kind::Number { .. }))
            && !STOPS.has(self.word(i))
    }

    fn name_from(&self, i: usize, longest: usize) -> Option<(String, usize)> {
        let start = i + usize::from(matches!(self.word(i), "the" | "my" | "our"));
        let mut end = start;
        while end < start + longest && self.nameable(end) {
            end += 1;
            let glued = |symbol: char| self.token(end).is_some_and(|token| token.is_symbol(symbol) && token.glued);
            let titled = matches!(self.word(end - 1), "dr" | "mr" | "mrs" | "ms" | "prof" | "st");
            let inside = self.token(end + 1).is_some_and(|token| token.glued);
            // "Dr. Miller", "Anne-Marie"
            end += usize::from(glued('.') && titled || glued('-') && inside);
        }
        if end == start || (NOT_NAMES.has(self.word(start)) && end == start + 1) {
            return None;
        }
        let name = self.written(start..end);
        let name = if name.chars().any(char::is_uppercase) || end - start > 2 {
            name.to_owned()
        } else {
            name.split(' ').map(capitalised).collect::<Vec<_>>().join(" ")
        };
        Some((name, end))
    }

    /// "with John and Anna": the names and the tokens of the whole phrase.
    pub(super) fn participants(&self) -> (Vec<String>, Option<Range<usize>>) {
        let mut names = Vec::new();
        let Some(with) = self.find_unread(any!("with|w /|w")) else { return (names, None) };
        let mut at = with.end;
        let mut end = with.end;
        // Lower-case text has no names to tell from nouns: "with john smith" is at most two words.
        let capitals = self.written(with.end..self.end).chars().any(char::is_uppercase);
        let longest = if capitals { 4 } else { 3 };
        while let Some((name, after)) = self.name_from(at, longest) {
            names.push(name);
            end = after;
            let mut next = after;
            while next < self.end
                && (self
                    .token(next)
                    .is_some_and(|token| token.is_symbol(',') || token.is_symbol('&') || token.is_symbol('+'))
                    || self.word(next) == "and")
            {
                next += 1;
            }
            if next == after || self.in_time(next) {
                break;
            }
            at = next;
        }
        if names.is_empty() { (names, None) } else { (names, Some(with.start..end)) }
    }

    /// "at Luigi's", "in room 5": the place and the tokens of the whole phrase.
    pub(super) fn place(&self) -> Option<(String, Range<usize>)> {
        for i in (self.start + 1)..self.end {
            if self.is_read(i) || self.in_time(i) || !matches!(self.word(i), "at" | "in" | "@") {
                continue;
            }
            let the = i + 1 + usize::from(matches!(self.word(i + 1), "the" | "my" | "our"));
            let mut end = the;
            while self.nameable(end) || (end > the && self.word(end) == "of" && self.nameable(end + 1)) {
                end += 1;
            }
            if end == the {
                continue;
            }
            let written = self.written(i + 1..end);
            let capital = written.chars().next().is_some_and(|c| c.is_uppercase() || c.is_numeric())
                || self.written(the..end).chars().next().is_some_and(char::is_uppercase);
            let room = matches!(
                self.word(the),
                "room"
                    | "office"
                    | "kitchen"
                    | "conference"
                    | "meeting"
                    | "garden"
                    | "hall"
                    | "lobby"
                    | "cafeteria"
                    | "school"
                    | "home"
                    | "work"
                    | "church"
                    | "gym"
                    | "hotel"
                    | "airport"
                    | "library"
                    | "park"
            );
            if self.word(i) == "in" && !(capital || room) {
                continue;
            }
            return Some((written.to_owned(), i..end));
        }
        None
    }

    /// "15 minutes before", "a day in advance": the lead time, taken.
    pub(super) fn take_lead_time(&mut self) -> Option<Span> {
        let mut found: Option<(Span, Range<usize>)> = None;
        for (time, range) in &self.times {
            let Value::Duration(span) = time.value else { continue };
            let after = range.end;
            let before = self.any_at(
                after,
                any!(
                    "before it starts|before it|before that|before the meeting|before the appointment|before the event|\
                    beforehand|before hand|in advance|ahead of time|ahead of it|ahead|before|prior to it|prior|\
                    early|earlier"
                ),
            );
            if let Some(count) = before {
                let mut start = range.start;
                // "remind me 15 minutes before", "with a 15 minute reminder"
                for opening in [
                    "and remind me",
                    "remind me",
                    "and notify me",
                    "notify me",
                    "alert me",
                    "and alert me",
                    "with a reminder",
                    "reminder",
                    "with reminder",
                    "and send me a reminder",
                    "set a reminder",
                    "give me a reminder",
                ] {
                    let words = opening.split(' ').count();
                    if let Some(at) = range.start.checked_sub(words).filter(|at| *at > self.start)
                        && self.phrase_at(at, opening).is_some()
                    {
                        start = start.min(at);
                    }
                }
                found = Some((span, start..after + count));
                break;
            }
            if self.any_at(after, any!("reminder|heads up|warning|notice")).is_some() && range.start > self.start {
                let count = self.any_at(after, any!("reminder|heads up|warning|notice")).unwrap_or(0);
                let with = range.start.checked_sub(2).filter(|at| self.phrase_at(*at, "with a").is_some());
                found = Some((span, with.unwrap_or(range.start)..after + count));
                break;
            }
        }
        let (span, range) = found?;
        self.mark(range);
        Some(span)
    }

    /// "for an hour", "30 minute": a length of time, taken.
    pub(super) fn take_duration(&mut self) -> Option<Span> {
        let (span, range) = self.times.iter().find_map(|(found, range)| {
            let span = found.value.as_duration()?;
            let unread = !range.clone().any(|i| self.is_read(i)) && range.start >= self.start;
            let meant = found.confidence == Confidence::Certain || self.word(range.start) == "for";
            (unread && meant).then(|| (span, range.clone()))
        })?;
        let long = self.word(range.end) == "long";
        self.mark(range.start..range.end + usize::from(long));
        Some(span)
    }

    /// "by email", "via text", taken.
    pub(super) fn take_channel(&mut self) -> Option<ChannelWord> {
        let table: [(&Phrases, ChannelWord); 4] = [
            (
                any!(
                    "by text message|by text|by sms|via text message|via text|via sms|with a text|through sms|over sms|\
                    per sms|as a text|with an sms|by message"
                ),
                ChannelWord::Sms,
            ),
            (
                any!(
                    "by email|by e - mail|by mail|via email|via e - mail|via mail|with an email|through email|\
                    over email|per email|as an email"
                ),
                ChannelWord::Email,
            ),
            (
                any!(
                    "by phone|by call|via phone|with a call|by calling me|over the phone|by phone call|\
                    with a phone call|via call"
                ),
                ChannelWord::Phone,
            ),
            (any!("out loud|aloud|over the speaker|on the speaker|by voice"), ChannelWord::Room),
        ];
        for (phrases, channel) in table {
            if let Some(range) = self.find_unread(phrases) {
                self.mark(range);
                return Some(channel);
            }
        }
        None
    }

    /// Takes "on my calendar" and the like out of the way.
    pub(super) fn drop_calendar_words(&mut self) {
        let phrases = any!(
            "to my calendar|on my calendar|in my calendar|into my calendar|to the calendar|\
            on the calendar|in the calendar|from my calendar|from the calendar|to calendar|on calendar|\
            in calendar|to my schedule|on my schedule|in my schedule|from my schedule|to my agenda|on my agenda|\
            from my agenda|in my agenda|to our calendar|on our calendar|from our calendar|into the calendar|\
            off my calendar|off the calendar|from schedule|to schedule|my calendar|the calendar"
        );
        while let Some(range) = self.find_unread(phrases) {
            self.mark(range);
        }
    }

    /// Which of the existing things the unread words name. `when` has been taken before.
    pub(super) fn which(&mut self, generic: &Phrases) -> Which {
        let mut which = self.which_as_typed(generic);
        which.title = which.title.map(|title| capitalised(&title));
        which
    }

    /// The same with the title as it was typed.
    pub(super) fn which_as_typed(&mut self, generic: &Phrases) -> Which {
        let mut which = Which::default();
        self.drop_calendar_words();
        if let Some(title) = self.take_quoted() {
            which.title = Some(title);
        }
        let (participants, range) = self.participants();
        which.participants = participants;
        if let Some(range) = range {
            self.mark(range);
        }
        self.take_several(&mut which);
        if let Some(range) =
            self.find_unread(any!("all of my|all of the|all my|all the|all of|all|every|everything|each|any"))
        {
            which.all = true;
            self.mark(range);
        }
        self.take_pronoun(&mut which);
        self.take_position(&mut which);
        while let Some(range) = self.find_unread(generic) {
            self.mark(range);
        }
        if which.title.is_none() {
            let rest = cleaned(&self.rest());
            let rest = rest.trim_end_matches("'s");
            which.title = rest.chars().any(char::is_alphanumeric).then(|| rest.to_owned());
        }
        which
    }
}
