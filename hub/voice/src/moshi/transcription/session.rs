//! One session's way from tokens and pauses to what was heard.
//!
//! At the end of a turn, and at a mark, the model must hear on for its delay before all words are out. Nobody waits for
//! the line to bring that sound: silence is put in at once, as fast as the model can (Kyutai's "flush trick"). What comes
//! out depends on the order of sound and marks alone, never on when they came.

use std::collections::VecDeque;

use super::{
    pause::{Now, PauseDetector},
    timeline::Timeline,
    words::{Told, Words},
};
use crate::{FRAME_SAMPLES, audio::RateError, listener::Heard};

/// A word may still be under way when the delay is over: so many steps more it gets.
const WORD_STEPS: u64 = 12;

/// Whoever speaks on and on, or a television, is cut here.
const LONGEST_BYTES: usize = 4_000;

/// What the model needs of every session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Conventions {
    /// After so many steps it tells what it heard.
    pub(super) delay_steps: u64,
    /// So much silence it wants before the first sound.
    pub(super) prefix_steps: u64,
    /// Whether it tells pauses.
    pub(super) has_heads: bool,
}

/// What a step of the model gave one session.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::moshi) struct Said {
    /// The text token.
    pub(super) token: u32,
    /// How probable it is that the speaker has finished, if the model has heads for it.
    pub(super) pause: Option<f32>,
}

/// Where in a turn the speaker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Silence,
    Speech,
    /// It is over; at this step all of it must be out. `told` if the end was.
    Ending {
        due: u64,
        told: bool,
    },
}

/// A session that listens.
pub(super) struct Session {
    conventions: Conventions,
    timeline: Timeline,
    words: Words,
    pause: PauseDetector,
    utterance: Utterance,
    turn: Turn,
    /// The mark that waits, and the step at which it is due.
    mark: Option<(u64, u64)>,
    /// Up to this step everything is out.
    settled: u64,
}

/// The words of a turn.
#[derive(Debug, Default)]
struct Utterance {
    text: String,
    /// The word whose end is not known, and where it begins.
    word: Option<(String, u64)>,
}

impl Session {
    pub(super) fn new(conventions: Conventions) -> Result<Self, RateError> {
        Ok(Self {
            conventions,
            timeline: Timeline::default(),
            words: Words::new(conventions.delay_steps),
            pause: PauseDetector::new(conventions.has_heads)?,
            utterance: Utterance::default(),
            turn: Turn::Silence,
            mark: None,
            settled: conventions.prefix_steps,
        })
    }

    /// Whether the next step is one of silence, whatever sound waits.
    pub(super) fn wants_silence(&self) -> bool {
        let prefix = self.timeline.steps() < self.conventions.prefix_steps;
        prefix || self.mark.is_some() || matches!(self.turn, Turn::Ending { .. })
    }

    /// Takes a mark; it must not be called while [`Self::wants_silence`].
    pub(super) fn mark(&mut self, mark: u64, heard: &mut VecDeque<Heard>) {
        let steps = self.timeline.steps();
        if steps <= self.settled {
            heard.push_back(Heard::Marked(mark));
        } else {
            self.mark = Some((steps + self.conventions.delay_steps, mark));
        }
    }

    /// After one step: of this sound, or of silence put in. `text` turns the pieces of a word into it.
    pub(super) fn stepped(
        &mut self,
        sound: Option<&[f32; FRAME_SAMPLES]>,
        said: Said,
        text: impl Fn(&[u32]) -> String,
        heard: &mut VecDeque<Heard>,
    ) {
        self.timeline.stepped(sound.is_none());
        let mut told = Vec::new();
        self.words.take(said.token, &mut told);
        self.tell(&mut told, &text, heard);
        let now = self.pause.after(sound, said.pause);
        self.turn_on(now, heard);
        self.settle(&text, heard);
    }

    /// What the pause does to the turn.
    fn turn_on(&mut self, now: Now, heard: &mut VecDeque<Heard>) {
        match (self.turn, now) {
            (Turn::Silence, _) if now == Now::Speech || self.utterance.begun() || self.words.within_word() => {
                self.turn = Turn::Speech;
            }
            (Turn::Speech, _) if now == Now::Pause || self.utterance.text.len() > LONGEST_BYTES => {
                let told = self.utterance.begun();
                if told {
                    heard.push_back(Heard::EndOfTurn);
                }
                self.turn = Turn::Ending { due: self.timeline.steps() + self.conventions.delay_steps, told };
            }
            (Turn::Silence | Turn::Speech | Turn::Ending { .. }, Now::Speech | Now::Between | Now::Pause) => {}
        }
    }

    /// Makes an end of the turn and of the mark once all of them is out.
    fn settle(&mut self, text: &impl Fn(&[u32]) -> String, heard: &mut VecDeque<Heard>) {
        let steps = self.timeline.steps();
        let grace = if self.words.within_word() { WORD_STEPS } else { 0 };
        let is_out = |due: u64| steps >= due + grace;
        let ended = match self.turn {
            Turn::Ending { due, told } if is_out(due) => Some(told),
            Turn::Silence | Turn::Speech | Turn::Ending { .. } => None,
        };
        let marked = self.mark.filter(|&(due, _)| is_out(due)).map(|(_, mark)| mark);
        if ended.is_none() && marked.is_none() {
            return;
        }
        let mut told = Vec::new();
        self.words.settle(&mut told);
        self.tell(&mut told, text, heard);
        self.settled = steps;
        if let Some(told) = ended {
            let utterance = std::mem::take(&mut self.utterance);
            // A cough is no utterance.
            if utterance.begun() {
                if !told {
                    heard.push_back(Heard::EndOfTurn);
                }
                heard.push_back(Heard::Final { text: utterance.text });
            }
            self.turn = Turn::Silence;
        }
        if let Some(mark) = marked {
            heard.push_back(Heard::Marked(mark));
            self.mark = None;
        }
    }

    fn tell(&mut self, told: &mut Vec<Told>, text: &impl Fn(&[u32]) -> String, heard: &mut VecDeque<Heard>) {
        for one in told.drain(..) {
            match one {
                Told::Complete { pieces, begins } => {
                    let word = text(&pieces);
                    let word = word.trim();
                    if !word.is_empty() {
                        self.utterance.add(word, self.timeline.ms(begins));
                        heard.push_back(Heard::Partial { text: self.utterance.text.clone() });
                    }
                }
                Told::Ended { ends } => {
                    if let Some((text, start_ms)) = self.utterance.word.take() {
                        let end_ms = self.timeline.ms(ends).max(start_ms);
                        heard.push_back(Heard::Word { text, start_ms, end_ms });
                    }
                }
            }
        }
    }
}

impl Utterance {
    fn begun(&self) -> bool {
        !self.text.is_empty()
    }

    fn add(&mut self, word: &str, start_ms: u64) {
        if self.begun() {
            self.text.push(' ');
        }
        self.text.push_str(word);
        self.word = Some((word.to_owned(), start_ms));
    }
}

#[cfg(test)]
mod tests;
