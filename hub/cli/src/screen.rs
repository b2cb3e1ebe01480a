//! The one writer of everything the commands say on standard output, and what that output can show.
//!
//! It knows about width, colour and control characters, not about what is written.

use std::io::{self, Write};

/// How something stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// As the rest.
    #[default]
    Plain,
    /// A heading or a name.
    Strong,
    /// Less important.
    Faint,
    /// In order.
    Good,
    /// Worth a look.
    Warning,
    /// Wrong.
    Bad,
}

impl Tone {
    /// ECMA-48 §8.3.117, select graphic rendition.
    const fn sequence(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "\x1b[1m",
            Self::Faint => "\x1b[2m",
            Self::Good => "\x1b[32m",
            Self::Warning => "\x1b[33m",
            Self::Bad => "\x1b[1;31m",
        }
    }
}

/// What the output can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Abilities {
    /// Colour is shown and welcome.
    pub colour: bool,
    /// How many columns there are; `None` when it is not a terminal.
    pub width: Option<usize>,
    /// Whether the hub's JSON is wanted instead of words.
    pub json: bool,
}

/// Standard output, or what stands for it in a test.
pub struct Screen<'w> {
    out: &'w mut dyn Write,
    abilities: Abilities,
}

impl<'w> Screen<'w> {
    /// A screen that writes to `out`.
    pub fn new(out: &'w mut dyn Write, abilities: Abilities) -> Self {
        Self { out, abilities }
    }

    /// What it can show.
    pub fn abilities(&self) -> Abilities {
        self.abilities
    }

    /// Whether the hub's JSON is wanted instead of words.
    pub fn json(&self) -> bool {
        self.abilities.json
    }

    /// Writes a line.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(b"\n")
    }

    /// Writes a line that stands out.
    pub fn toned(&mut self, tone: Tone, text: &str) -> io::Result<()> {
        let text = self.paint(tone, text);
        self.line(&text)
    }

    /// Writes text as it is, without ending the line, and shows it at once.
    pub fn prompt(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }

    /// Writes bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    /// The text with its tone, when colour is shown.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        if self.abilities.colour && tone != Tone::Plain {
            format!("{}{text}\x1b[0m", tone.sequence())
        } else {
            text.to_owned()
        }
    }
}

/// The text without control characters that would act on the terminal; line breaks and tabs stay.
///
/// What strangers write is shown with this: an escape sequence in a text message must not move the cursor, and the
/// characters that reverse the direction of writing must not make it look like something else.
pub fn harmless(text: &str) -> String {
    text.chars().filter(|c| *c != '\r').map(|c| if acts(c) { '\u{fffd}' } else { c }).collect()
}

/// The same on one line.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in harmless(text).split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

fn acts(c: char) -> bool {
    let reverses = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && c != '\n' && c != '\t') || reverses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_appears_only_where_it_is_shown() {
        let mut out = Vec::new();
        let colour = Screen::new(&mut out, Abilities { colour: true, ..Abilities::default() });
        assert_eq!(colour.paint(Tone::Bad, "x"), "\x1b[1;31mx\x1b[0m");
        assert_eq!(colour.paint(Tone::Plain, "x"), "x");
        let mut out = Vec::new();
        let mut plain = Screen::new(&mut out, Abilities::default());
        plain.toned(Tone::Bad, "x").unwrap();
        assert_eq!(out, b"x\n");
    }

    #[test]
    fn what_strangers_write_cannot_act_on_the_terminal() {
        assert_eq!(harmless("a\x1b[2Jb\u{9b}c\u{202e}d\te\r\nf"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\te\nf");
        assert_eq!(one_line(" two\r\n  lines\tand \x07"), "two lines and \u{fffd}");
        assert_eq!(harmless("Grüße 👩‍👧 日本"), "Grüße 👩‍👧 日本");
    }
}
