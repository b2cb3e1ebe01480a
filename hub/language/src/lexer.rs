//! From text to tokens: words, numbers and symbols, each with its place and what the vocabulary knows of it.
//!
//! Written by hand, one pass. A token never joins what the text separates by white space, and digits never join
//! letters ("3pm" is two tokens, glued). Nothing is decided here: "may" keeps all its meanings.

pub(crate) mod phrases;
pub(crate) mod vocabulary;

use std::ops::Range;

use vocabulary::Meaning;

/// Longest input that is looked at, in characters; what follows is ignored.
pub(crate) const LONGEST_INPUT: usize = 2_000;

/// Most tokens that are looked at. Bounds the time that hostile text may cost.
const MOST_TOKENS: usize = 600;

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters, with apostrophes inside.
    Word,
    /// Digits: their value and how many they are.
    Number {
        /// The value; more than nine digits saturate.
        value: u32,
        /// How many digits.
        digits: usize,
    },
    /// Any other character.
    Symbol(char),
}

/// One word, number or symbol.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    /// Bytes of the text.
    pub(crate) span: Range<usize>,
    /// Lower case, straight apostrophes, without the possessive "'s".
    pub(crate) word: String,
    /// No white space stands before it.
    pub(crate) glued: bool,
    /// What it is made of.
    pub(crate) kind: Kind,
    /// By which lists of phrases are searched.
    pub(crate) mark: u8,
    /// What the vocabulary knows of it.
    pub(crate) meaning: Meaning,
}

impl Token {
    /// Whether it is this word.
    pub(crate) fn is(&self, word: &str) -> bool {
        self.word == word
    }

    /// Whether it is this character.
    pub(crate) fn is_symbol(&self, symbol: char) -> bool {
        self.kind == Kind::Symbol(symbol)
    }

    /// Its value and count of digits, when it is a number.
    pub(crate) fn number(&self) -> Option<(u32, usize)> {
        match self.kind {
            Kind::Number { value, digits } => Some((value, digits)),
            Kind::Word | Kind::Symbol(_) => None,
        }
    }
}

/// The part of the text that is looked at.
pub(crate) fn bounded(text: &str) -> &str {
    match text.char_indices().nth(LONGEST_INPUT) {
        Some((at, _)) => text.get(..at).unwrap_or(text),
        None => text,
    }
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Class {
    Letter,
    Digit,
    Apostrophe,
    White,
    Other,
}

fn class(character: char) -> Class {
    match character {
        '0'..='9' => Class::Digit,
        '\'' | '’' | '‘' => Class::Apostrophe,
        c if c.is_alphabetic() => Class::Letter,
        c if c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}' => Class::White,
        _ => Class::Other,
    }
}

/// The tokens of a text.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let text = bounded(text);
    let mut found: Vec<Token> = Vec::with_capacity(text.len() / 4 + 1);
    let mut characters = text.char_indices().peekable();
    let mut glued = false;
    while let Some((start, first)) = characters.next() {
        if found.len() >= MOST_TOKENS {
            break;
        }
        let kind = class(first);
        let mut end = start + first.len_utf8();
        match kind {
            Class::White => {
                glued = false;
                continue;
            }
            Class::Digit => {
                while let Some((at, next)) = characters.next_if(|(_, next)| class(*next) == Class::Digit) {
                    end = at + next.len_utf8();
                }
            }
            Class::Letter => {
                loop {
                    let mut ahead = characters.clone();
                    let Some((at, next)) = ahead.next() else { break };
                    let inside = match class(next) {
                        Class::Letter => true,
                        // An apostrophe belongs to the word only between letters: "o'clock", "today's".
                        Class::Apostrophe => ahead.next().is_some_and(|(_, after)| class(after) == Class::Letter),
                        Class::Digit | Class::White | Class::Other => false,
                    };
                    if !inside {
                        break;
                    }
                    characters.next();
                    end = at + next.len_utf8();
                }
            }
            Class::Apostrophe | Class::Other => {}
        }
        let raw = text.get(start..end).unwrap_or_default();
        match kind {
            Class::Letter => words(raw, start, glued, &mut found),
            Class::Digit => match sms_word(text.get(start..).unwrap_or_default()) {
                Some((word, length)) => {
                    while characters.peek().is_some_and(|(at, _)| *at < start + length) {
                        characters.next();
                    }
                    found.push(word_token(word.to_owned(), start..start + length, glued));
                }
                None => found.push(number(raw, start, glued)),
            },
            Class::Apostrophe | Class::Other | Class::White => found.push(Token {
                span: start..end,
                word: raw.to_owned(),
                mark: phrases::mark(raw),
                glued,
                kind: Kind::Symbol(first),
                meaning: Meaning::default(),
            }),
        }
        glued = true;
    }
    found
}

/// "2moro", "2nite": words that people write with a digit, and how many bytes they take.
fn sms_word(text: &str) -> Option<(&'static str, usize)> {
    [("2morrow", "tomorrow"), ("2moro", "tomorrow"), ("2night", "tonight"), ("2nite", "tonight"), ("2day", "today")]
        .into_iter()
        .find(|(written, _)| {
            let head = text.get(..written.len());
            let ends = text
                .get(written.len()..)
                .and_then(|rest| rest.chars().next())
                .is_none_or(|c| class(c) != Class::Letter);
            head.is_some_and(|head| head.eq_ignore_ascii_case(written)) && ends
        })
        .map(|(written, word)| (word, written.len()))
}

fn number(raw: &str, start: usize, glued: bool) -> Token {
    let value = if raw.len() > 9 { u32::MAX } else { raw.parse().unwrap_or(u32::MAX) };
    Token {
        span: start..start + raw.len(),
        word: raw.to_owned(),
        mark: phrases::mark(raw),
        glued,
        kind: Kind::Number { value, digits: raw.len() },
        meaning: Meaning::default(),
    }
}

/// One written word; two when it is a known contraction such as "lastmonth" or "everyday".
fn words(raw: &str, start: usize, glued: bool, found: &mut Vec<Token>) {
    let mut word: String = raw
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| if class(c) == Class::Apostrophe { '\'' } else { c })
        .collect();
    let possessive = word.ends_with("'s")
        && !matches!(
            word.as_str(),
            "let's"
                | "it's"
                | "what's"
                | "that's"
                | "who's"
                | "when's"
                | "where's"
                | "how's"
                | "there's"
                | "here's"
                | "he's"
                | "she's"
        );
    if possessive {
        word.truncate(word.len() - 2);
    }
    if let Some(split) = vocabulary::contraction(&word).filter(|split| raw.is_char_boundary(*split)) {
        let (first, second) = word.split_at(split);
        found.push(word_token(first.to_owned(), start..start + split, glued));
        found.push(word_token(second.to_owned(), start + split..start + raw.len(), false));
        return;
    }
    found.push(word_token(word, start..start + raw.len(), glued));
}

fn word_token(word: String, span: Range<usize>, glued: bool) -> Token {
    let word = match vocabulary::spelled(&word) {
        right if right == word => word,
        right => right.to_owned(),
    };
    let meaning = vocabulary::meaning(&word);
    Token { span, mark: phrases::mark(&word), word, glued, kind: Kind::Word, meaning }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.word).collect()
    }

    #[test]
    fn digits_and_letters_part() {
        assert_eq!(words_of("Call Bob @3pm—today’s 15th"), ["call", "bob", "@", "3", "pm", "—", "today", "15", "th"]);
        assert_eq!(words_of("o'clock 'tis don't"), ["o'clock", "'", "tis", "don't"]);
    }

    #[test]
    fn contractions_part() {
        assert_eq!(words_of("lastmonth everyday"), ["last", "month", "every", "day"]);
    }

    #[test]
    fn long_text_is_cut_on_a_character() {
        let text = "é".repeat(LONGEST_INPUT + 5);
        assert_eq!(bounded(&text).chars().count(), LONGEST_INPUT);
    }

    #[test]
    fn spans_lie_on_the_text() {
        let text = "Zoë’s İstanbul trip, 12 Übung 🎉 tmrw";
        for token in tokens(text) {
            assert!(text.get(token.span.clone()).is_some(), "{token:?}");
        }
    }
}
