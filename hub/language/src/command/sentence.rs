//! A sentence prepared for the grammar: tokens, times, politeness put aside, and what of it is still unread.
//!
//! The grammar marks tokens as read; what is left over in the end is the title.

use std::ops::Range;

use crate::{
    lexer::{
        self, Kind, Token,
        phrases::{Phrases, any},
    },
    time::{self, Confidence, Context, Found, Problem, Value},
};

/// Openings that ask without saying what.
const POLITE_OPENINGS: &Phrases = any!(
    "hey boss|hi boss|alexa|hey alexa|siri|hey siri|cortana|hey cortana|hey google|ok google|google|computer|\
    assistant|olly|hi olly|hey olly|hello olly|hello boss|ok boss|okay boss|yo boss|boss|hey|hi there|ok so|ok|\
    okay|so|well|um|uh|oh|please|pls|plz|kindly|also|and|then|now please|can you please|can you|\
    could you please|could you|would you please|would you mind|would you|will you please|will you|can u|could u|\
    can we|could we|may i|i want you to|i want to|i wanna|i need you to|i need to|i'd like you to|i'd like to|\
    i would like you to|i would like to|id like to|i'd love to|let's|lets|let us|go ahead and|just|\
    do me a favor and|help me to|help me|be sure to|make sure to|you need to|i have to|i'm going to need to|i am going to need to|i will need to"
);

/// Openings of indirect questions.
const ASKING_OPENINGS: &Phrases = any!(
    "do you know if|do you know when|do you know|i need to know if|i need to know|\
    i want to know if|i want to know|i wanna know|i gotta know|i must know|i'd like to know if|i'd like to know|\
    i would like to know|do you see if|do you see|can i know|i was wondering if|i wonder if|i want to hear|\
    i would like to hear|i want to see|let me hear|tell me if|let me know if|check if|check to see if|see if|\
    find out if|check whether|tell me whether|i want to check if|i want to find out if|is it true that"
);

/// Closings that add nothing.
const POLITE_CLOSINGS: &Phrases = any!(
    "instead|please|pls|plz|thanks|thank you|thx|ty|boss|for me|if you can|if possible|ok|\
    okay|will you|would you|can you|thanks a lot|thank you very much|asap please"
);

/// A sentence and what has been read of it.
#[derive(Clone)]
pub(super) struct Sentence<'t, 'c> {
    pub(super) text: &'t str,
    pub(super) context: &'t Context<'c>,
    pub(super) tokens: Vec<Token>,
    /// Times and the tokens they cover.
    pub(super) times: Vec<(Found, Range<usize>)>,
    pub(super) problems: Vec<Problem>,
    /// The tokens between politeness.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Tokens that a slot has taken.
    pub(super) read: Vec<bool>,
    /// It opened with "do you know", "I want to know" and the like.
    asked: bool,
}

impl<'t, 'c> Sentence<'t, 'c> {
    pub(super) fn new(text: &'t str, context: &'t Context<'c>) -> Self {
        let tokens = lexer::tokens(text);
        let (times, places) = time::parse_tokens(text, &tokens, context);
        let read = vec![false; tokens.len()];
        let mut sentence = Self {
            text,
            context,
            start: 0,
            end: tokens.len(),
            tokens,
            times: times.found.into_iter().zip(places).collect(),
            problems: times.problems,
            read,
            asked: false,
        };
        sentence.put_positions_aside();
        sentence.put_politeness_aside();
        sentence.put_corrected_aside();
        sentence
    }

    /// "Friday, no wait, Saturday at noon": what was taken back counts as read.
    fn put_corrected_aside(&mut self) {
        let Some(back) = self.find(any!(
            "no wait|wait no|no sorry|sorry no|no i mean|i mean|no make that|make that|no make it|scratch that|\
                or rather|no actually|correction|sorry i meant|i meant"
        )) else {
            return;
        };
        let after = self.times.iter().any(|(found, range)| is_moment(found) && range.start >= back.end);
        if !after || back.start == self.start {
            return;
        }
        let taken_back: Vec<Range<usize>> = self
            .times
            .iter()
            .filter(|(found, range)| is_moment(found) && range.end <= back.start)
            .map(|(_, range)| range.clone())
            .collect();
        if taken_back.is_empty() {
            return;
        }
        self.times.retain(|(_, range)| !taken_back.contains(range));
        for range in taken_back {
            self.mark(range);
        }
        self.mark(back);
    }

    fn put_politeness_aside(&mut self) {
        loop {
            let before = (self.start, self.end);
            while self.end > self.start && self.is_symbol(self.end - 1) && !self.ends_quote(self.end - 1) {
                self.end -= 1;
            }
            while self.start < self.end && self.is_symbol(self.start) && !self.opens_quote(self.start) {
                self.start += 1;
            }
            let longest = POLITE_OPENINGS.each().filter_map(|phrase| self.phrase_at(self.start, phrase)).max();
            if let Some(count) = longest
                && self.start + count < self.end
                && !self.question_of_help(self.start)
            {
                self.start += count;
            }
            if let Some(count) = self.any_at(self.start, ASKING_OPENINGS)
                && self.start + count < self.end
            {
                self.start += count;
                self.asked = true;
            }
            let longest = POLITE_CLOSINGS
                .each()
                .filter_map(|phrase| {
                    let count = phrase.split(' ').count();
                    let at = self.end.checked_sub(count).filter(|at| *at > self.start)?;
                    self.phrase_at(at, phrase)
                })
                .max();
            if let Some(count) = longest {
                self.end -= count;
            }
            if before == (self.start, self.end) {
                break;
            }
        }
        for read in self.read.iter_mut().take(self.start) {
            *read = true;
        }
        for read in self.read.iter_mut().skip(self.end) {
            *read = true;
        }
    }

    /// The sentence with its politeness: "ok" alone is an answer.
    pub(super) fn whole(&self) -> Self {
        let mut whole = self.clone();
        let word = |token: &Token| !matches!(token.kind, Kind::Symbol(symbol) if symbol != '?');
        whole.start = whole.tokens.iter().position(word).unwrap_or(0);
        whole.end = whole
            .tokens
            .iter()
            .rposition(|token| !matches!(token.kind, Kind::Symbol(_)))
            .map_or(whole.tokens.len(), |last| last + 1);
        whole
    }

    /// "can you help" is a question of its own.
    fn question_of_help(&self, i: usize) -> bool {
        self.phrase_at(i, "help me").is_some() && i + 2 >= self.end
    }

    fn is_symbol(&self, i: usize) -> bool {
        self.token(i).is_some_and(|token| matches!(token.kind, Kind::Symbol(_)))
    }

    fn opens_quote(&self, i: usize) -> bool {
        self.token(i).is_some_and(is_quote)
    }

    fn ends_quote(&self, i: usize) -> bool {
        self.opens_quote(i)
    }

    pub(super) fn token(&self, i: usize) -> Option<&Token> {
        self.tokens.get(i)
    }

    pub(super) fn word(&self, i: usize) -> &str {
        self.tokens.get(i).map_or("", |token| token.word.as_str())
    }

    pub(super) fn is_word(&self, i: usize) -> bool {
        self.token(i).is_some_and(|token| token.kind == Kind::Word)
    }

    /// The number of tokens of the phrase when it stands at `i`.
    pub(super) fn phrase_at(&self, i: usize, phrase: &str) -> Option<usize> {
        let mut count = 0;
        for word in phrase.split(' ') {
            if i + count >= self.end || self.word(i + count) != word {
                return None;
            }
            count += 1;
        }
        Some(count)
    }

    /// The longest of these phrases at `i`.
    pub(super) fn any_at(&self, i: usize, phrases: &Phrases) -> Option<usize> {
        let token = self.token(i)?;
        if !phrases.may_open(token.mark) {
            return None;
        }
        phrases.each().filter_map(|phrase| self.phrase_at(i, phrase)).max()
    }

    /// The longest of these phrases at the beginning: position after it.
    pub(super) fn opens(&self, phrases: &Phrases) -> Option<usize> {
        self.any_at(self.start, phrases).map(|count| self.start + count)
    }

    /// Where the first of these phrases stands, and where it ends.
    pub(super) fn find(&self, phrases: &Phrases) -> Option<Range<usize>> {
        (self.start..self.end).find_map(|i| self.any_at(i, phrases).map(|count| i..i + count))
    }

    /// The same outside of times and of what is read.
    pub(super) fn find_unread(&self, phrases: &Phrases) -> Option<Range<usize>> {
        (self.start..self.end)
            .filter(|i| !self.is_read(*i) && !self.in_time(*i))
            .find_map(|i| self.any_at(i, phrases).map(|count| i..i + count))
    }

    pub(super) fn has(&self, phrases: &Phrases) -> bool {
        self.find(phrases).is_some()
    }

    /// Whether it consists of one of these phrases.
    pub(super) fn is_one_of(&self, phrases: &Phrases) -> bool {
        self.opens(phrases) == Some(self.end)
    }

    pub(super) fn mark(&mut self, range: Range<usize>) {
        for read in self.read.iter_mut().take(range.end).skip(range.start) {
            *read = true;
        }
    }

    pub(super) fn is_read(&self, i: usize) -> bool {
        self.read.get(i).copied().unwrap_or(true)
    }

    /// Whether the token belongs to a certain time.
    pub(super) fn in_time(&self, i: usize) -> bool {
        self.times.iter().any(|(found, range)| found.confidence == Confidence::Certain && range.contains(&i))
    }

    /// Whether there is a certain time that is a moment, an interval or a recurrence.
    pub(super) fn has_time(&self) -> bool {
        self.times.iter().any(|(found, range)| {
            is_moment(found) && found.confidence == Confidence::Certain && range.start >= self.start
        })
    }

    /// Whether it asks.
    pub(super) fn asks(&self) -> bool {
        let question_mark = self.tokens.iter().rev().take(3).any(|token| token.is_symbol('?'));
        question_mark
            || self.asked
            || self
                .opens(any!(
                    "what|what's|whats|when|when's|whens|where|where's|who|who's|how|how's|why|which|is|are|am i|do|\
                        does|did|have i|was|were|should|has"
                ))
                .is_some()
    }

    /// The words of a token range as written.
    pub(super) fn written(&self, range: Range<usize>) -> &'t str {
        let start = self.tokens.get(range.start).map(|token| token.span.start);
        let end = range.end.checked_sub(1).and_then(|last| self.tokens.get(last)).map(|token| token.span.end);
        match (start, end) {
            (Some(start), Some(end)) if start <= end => self.text.get(start..end).unwrap_or_default(),
            _ => "",
        }
    }

    /// The unread words, joined, cleaned of loose ends.
    pub(super) fn rest(&self) -> String {
        let mut rest = String::new();
        let mut last_end: Option<usize> = None;
        for (i, token) in self.tokens.iter().enumerate() {
            if self.is_read(i) {
                continue;
            }
            match last_end {
                Some(end) if end == token.span.start => {}
                Some(_) => rest.push(' '),
                None => {}
            }
            rest.push_str(self.text.get(token.span.clone()).unwrap_or_default());
            last_end = Some(token.span.end);
        }
        rest
    }

    /// The text between quotation marks, marked as read.
    pub(super) fn take_quoted(&mut self) -> Option<String> {
        let open = (self.start..self.end).find(|i| self.token(*i).is_some_and(is_quote) && !self.is_read(*i))?;
        let close = (open + 1..self.tokens.len()).find(|i| self.token(*i).is_some_and(is_quote))?;
        let from = self.token(open)?.span.end;
        let to = self.token(close)?.span.start;
        let quoted = self.text.get(from..to)?.trim().to_owned();
        if quoted.is_empty() {
            return None;
        }
        self.mark(open..close + 1);
        // Times inside the quotation are words.
        self.times.retain(|(_, range)| range.end <= open || range.start > close);
        Some(quoted)
    }
}

fn is_quote(token: &Token) -> bool {
    matches!(token.kind, Kind::Symbol('"' | '“' | '”' | '„' | '«' | '»'))
}

/// Whether it says when, not how long.
pub(super) fn is_moment(found: &Found) -> bool {
    !matches!(found.value, Value::Duration(_))
}
