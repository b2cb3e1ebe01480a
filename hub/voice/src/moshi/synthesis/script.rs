//! From text that comes in pieces to words and pauses.
//!
//! A word ends where white space begins. What cannot be spoken is left out, as Kyutai does: brackets, colons. A pause is
//! written `<break time="0.5s"/>`, the one tag of SSML (Speech Synthesis Markup Language 1.1) that is known.

/// Steps in a second.
const STEPS_PER_SECOND: f64 = 12.5;

/// The longest pause, in steps: 10 s.
const PAUSE_MOST: f64 = 125.0;

/// A tag is shorter than this; what begins like one and goes on is a word.
const TAG_MOST: usize = 64;

const TAG: &str = "<break";

/// A word or a pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Word {
        /// As it was written.
        written: String,
        /// What is spoken of it.
        spoken: String,
    },
    /// So many steps of 80 ms.
    Pause(usize),
}

/// What a text begins with.
enum Tag {
    None,
    /// What may become one.
    Open,
    Pause(usize),
}

/// Text of which more may come.
#[derive(Debug, Default)]
pub(super) struct Script {
    rest: String,
    complete: bool,
}

impl Script {
    pub(super) fn push(&mut self, text: &str) {
        self.rest.push_str(text);
    }

    /// That was all the text.
    pub(super) fn complete(&mut self) {
        self.complete = true;
    }

    /// Takes the next piece off, if it is whole.
    pub(super) fn next(&mut self) -> Option<Piece> {
        loop {
            let begins = self.rest.find(|one: char| !one.is_whitespace())?;
            self.rest.drain(..begins);
            match self.tag() {
                Tag::Pause(steps) => return Some(Piece::Pause(steps)),
                Tag::Open => return None,
                Tag::None => {}
            }
            let written = self.word()?;
            let spoken = written.replace('’', "'").replace(['(', ')', ':'], "");
            if !spoken.is_empty() {
                return Some(Piece::Word { written, spoken });
            }
        }
    }

    /// Takes off a tag, if the text begins with one.
    fn tag(&mut self) -> Tag {
        if !self.rest.starts_with(TAG) {
            return Tag::None;
        }
        let Some(ends) = self.rest.find('>') else {
            return if self.complete || self.rest.len() > TAG_MOST { Tag::None } else { Tag::Open };
        };
        let Some(steps) = self.rest.get(..ends).and_then(pause) else { return Tag::None };
        self.rest.drain(..=ends);
        Tag::Pause(steps)
    }

    /// Takes off a word, if it is whole: up to white space or a tag, or with a colon at its end.
    fn word(&mut self) -> Option<String> {
        let after_first = self.rest.chars().next().map_or(0, char::len_utf8);
        let others = self.rest.get(after_first..).unwrap_or_default();
        let stops = [others.find(char::is_whitespace), others.find(TAG), others.find(':').map(|at| at + 1)];
        let length = match stops.into_iter().flatten().min() {
            Some(length) => after_first + length,
            None if self.complete => self.rest.len(),
            None => return None,
        };
        Some(self.rest.drain(..length).collect())
    }
}

/// The steps of `<break time="0.5s"/` or `<break time="0.5s"`.
fn pause(tag: &str) -> Option<usize> {
    let time = tag.strip_prefix(TAG)?.trim().strip_prefix("time=\"")?.trim_end_matches('/').trim_end();
    let seconds: f64 = time.strip_suffix("s\"")?.parse().ok()?;
    let steps = (seconds * STEPS_PER_SECOND).round();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a small range")]
    (steps >= 0.0).then_some(steps.min(PAUSE_MOST) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(texts: &[&str]) -> Vec<String> {
        let mut script = Script::default();
        let mut found = Vec::new();
        let mut take = |script: &mut Script| {
            while let Some(piece) = script.next() {
                found.push(match piece {
                    Piece::Word { spoken, .. } => spoken,
                    Piece::Pause(steps) => format!("[{steps}]"),
                });
            }
        };
        for text in texts {
            script.push(text);
            take(&mut script);
        }
        script.complete();
        take(&mut script);
        found
    }

    #[test]
    fn words_are_whole_whatever_the_pieces() {
        let text = "It’s 10:30 (not eleven): go!  <break time=\"0.5s\"/>Now<break time=\"2s\" />\tthen <b> <break>";
        let whole = pieces(&[text]);
        assert_eq!(whole, ["It's", "10", "30", "not", "eleven", "go!", "[6]", "Now", "[25]", "then", "<b>", "<break>"]);
        let letters: Vec<String> = text.chars().map(String::from).collect();
        assert_eq!(pieces(&letters.iter().map(String::as_str).collect::<Vec<_>>()), whole);
    }

    #[test]
    fn what_was_written_is_kept() {
        let mut script = Script::default();
        script.push("(a) b");
        assert_eq!(script.next(), Some(Piece::Word { written: "(a)".to_owned(), spoken: "a".to_owned() }));
        assert_eq!(script.next(), None, "more of it may come");
        script.complete();
        assert_eq!(script.next(), Some(Piece::Word { written: "b".to_owned(), spoken: "b".to_owned() }));
        assert_eq!(script.next(), None);
    }

    #[test]
    fn a_pause_is_never_endless_and_an_open_tag_ends() {
        assert_eq!(pieces(&["<break time=\"9999s\"/>"]), ["[125]"]);
        assert_eq!(pieces(&["<break time=\"-1s\"/>"]), ["<break", "time=\"-1s\"/>"]);
        assert_eq!(pieces(&["<break time=", "\"1s"]), ["<break", "time=\"1s"]);
        let mut script = Script::default();
        script.push(&format!("<break {}", "x".repeat(TAG_MOST)));
        assert!(script.next().is_some(), "it is longer than a tag");
    }
}
