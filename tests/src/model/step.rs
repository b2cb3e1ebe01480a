//! What a test scripts: one answer, or the way in which there is none.

use std::time::Duration;

use serde_json::Value;

/// What every text that is only there to be cut short begins with.
const FILLER: &str = "All work and no play makes the Boss a dull machine. ";

/// One answer.
#[derive(Debug, Clone)]
pub enum Step {
    /// Words.
    Text {
        /// Which.
        text: String,
        /// So many bytes at a time.
        chunk_bytes: usize,
    },
    /// Calls of tools, all in one answer.
    Calls {
        /// Words before them; may be empty.
        text: String,
        /// Which.
        calls: Vec<ScriptedCall>,
    },
    /// Words that end because the answer would become too long.
    Cut {
        /// Which.
        text: String,
    },
    /// A status that is not 200, and no answer.
    Status {
        /// Which.
        status: u16,
        /// The header `Retry-After`, in seconds.
        retry_after_s: Option<u32>,
    },
    /// So many bytes of an answer, then nothing any more, the connection open.
    StallAfter(usize),
    /// So many bytes of an answer, then the connection breaks.
    BreakOff(usize),
    /// A whole answer but for its end, as if all were well.
    WithoutEnd,
    /// A whole answer of so many bytes of words.
    HugeAnswer(usize),
    /// A call whose arguments have so many bytes.
    HugeArguments(usize),
    /// An error that comes in the middle, after a few words.
    Error {
        /// Which, such as `overloaded_error`.
        kind: String,
    },
    /// The answer, but only after a while.
    Delay(Duration, Box<Step>),
}

/// A call of a tool.
#[derive(Debug, Clone)]
pub struct ScriptedCall {
    /// Its id; one is made up when it is empty.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// Its arguments as they are written, JSON or not.
    pub arguments: String,
}

impl ScriptedCall {
    /// A call with these arguments.
    pub fn new(name: &str, arguments: &Value) -> Self {
        Self { id: String::new(), name: name.to_owned(), arguments: arguments.to_string() }
    }
}

impl Step {
    /// Words, a few at a time.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), chunk_bytes: 7 }
    }

    /// One call.
    pub fn call(name: &str, arguments: &Value) -> Self {
        Self::calls([(name, arguments.clone())])
    }

    /// Several calls in one answer.
    pub fn calls<'a>(calls: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        let calls = calls.into_iter().map(|(name, arguments)| ScriptedCall::new(name, &arguments));
        Self::Calls { text: String::new(), calls: calls.collect() }
    }

    /// A call whose arguments are no JSON.
    pub fn malformed_json(name: &str) -> Self {
        let call = ScriptedCall { id: String::new(), name: name.to_owned(), arguments: "{\"when\": tomorr".to_owned() };
        Self::Calls { text: String::new(), calls: vec![call] }
    }

    /// A call whose arguments are JSON, and none that any tool takes.
    pub fn wrong_schema(name: &str) -> Self {
        Self::call(name, &serde_json::json!({ "no_such_argument": [1, 2, 3] }))
    }

    /// A status that is not 200.
    pub fn status(status: u16) -> Self {
        Self::Status { status, retry_after_s: None }
    }

    /// A status that is not 200, and when to come again.
    pub fn status_retry_after(status: u16, seconds: u32) -> Self {
        Self::Status { status, retry_after_s: Some(seconds) }
    }

    /// This, but only after a while.
    #[must_use]
    pub fn delayed(self, by: Duration) -> Self {
        Self::Delay(by, Box::new(self))
    }
}

/// How an answer is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    /// Whole.
    Whole,
    /// So many bytes, then nothing.
    Stalls(usize),
    /// So many bytes, then the connection breaks.
    Breaks(usize),
    /// All but the last frame.
    WithoutEnd,
}

/// Why an answer ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// All is said.
    Done,
    /// Tools are to be called.
    Calls,
    /// It would become too long.
    Length,
    /// An error comes instead.
    Error(String),
}

/// An answer, whatever protocol it is sent by.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) chunks: Vec<String>,
    pub(super) calls: Vec<ScriptedCall>,
    pub(super) stop: Stop,
    pub(super) delivery: Delivery,
}

impl Answer {
    /// What a step comes to once its delay is over; `Err` is a status and its `Retry-After`.
    pub(super) fn of(step: Step) -> Result<Self, (u16, Option<u32>)> {
        let said = |text: &str, bytes| Self {
            chunks: chunks(text, bytes),
            calls: Vec::new(),
            stop: Stop::Done,
            delivery: Delivery::Whole,
        };
        let filler = || said(&FILLER.repeat(20), 40);
        Ok(match step {
            Step::Text { text, chunk_bytes } => said(&text, chunk_bytes),
            Step::Calls { text, calls } => Self { calls, stop: Stop::Calls, ..said(&text, 40) },
            Step::Cut { text } => Self { stop: Stop::Length, ..said(&text, 40) },
            Step::Status { status, retry_after_s } => return Err((status, retry_after_s)),
            Step::StallAfter(bytes) => Self { delivery: Delivery::Stalls(bytes), ..filler() },
            Step::BreakOff(bytes) => Self { delivery: Delivery::Breaks(bytes), ..filler() },
            Step::WithoutEnd => Self { delivery: Delivery::WithoutEnd, ..filler() },
            Step::HugeAnswer(bytes) => said(&"x".repeat(bytes), 16 << 10),
            Step::HugeArguments(bytes) => {
                let arguments = serde_json::json!({ "text": "x".repeat(bytes) }).to_string();
                let call = ScriptedCall { id: String::new(), name: "anything".to_owned(), arguments };
                Self { calls: vec![call], stop: Stop::Calls, ..said("", 40) }
            }
            Step::Error { kind } => Self { stop: Stop::Error(kind), ..said("One moment", 40) },
            Step::Delay(_, step) => return Self::of(*step),
        })
    }

    /// What its words and arguments come to, in tokens.
    pub(super) fn tokens(&self) -> usize {
        let words: usize = self.chunks.iter().map(String::len).sum();
        let calls: usize = self.calls.iter().map(|call| call.name.len() + call.arguments.len()).sum();
        (words + calls).div_ceil(4)
    }
}

/// The text in pieces of at most so many bytes, never through a character.
pub(super) fn chunks(text: &str, bytes: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = rest.floor_char_boundary(bytes.max(1));
        if end == 0 {
            end = rest.ceil_char_boundary(1);
        }
        let (chunk, further) = rest.split_at(end);
        found.push(chunk.to_owned());
        rest = further;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_whole_characters_and_make_the_text_again() {
        for bytes in [0, 1, 2, 7, 100] {
            let pieces = chunks("Grüße aus Köln 🦀", bytes);
            assert_eq!(pieces.concat(), "Grüße aus Köln 🦀");
            assert!(pieces.iter().all(|piece| !piece.is_empty()));
        }
        assert!(chunks("", 7).is_empty());
    }
}
