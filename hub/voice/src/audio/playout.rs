//! What goes out over a line: sound in pieces, each with a mark that the far end sends back once it was heard.
//!
//! A piece is a word where an engine tells words apart. So after an interruption it is known which words were heard, and
//! playing goes on at the beginning of the word that was cut off. The pace is the caller's: one frame each 20 ms.

use std::collections::VecDeque;

use crate::SAMPLE_RATE_HZ;

/// Samples of one frame: 20 ms.
const FRAME: usize = 480;

/// A piece is at most this long, in samples: a second.
pub const PIECE_MOST: usize = SAMPLE_RATE_HZ as usize;

/// No more is taken while so much waits to be sent, in samples: 10 s.
const UNSENT_MOST: usize = 10 * SAMPLE_RATE_HZ as usize;

/// A far end that leaves so many marks unanswered sends none back; the oldest counts as heard.
const UNHEARD_MOST: usize = 128;

/// Where playing begins or goes on it fades in over this many samples, so that it does not click: 5 ms.
const FADE: usize = 120;

/// What is to be sent now.
#[derive(Debug, Clone, PartialEq)]
pub enum Sent {
    /// 20 ms of sound.
    Sound(Vec<f32>),
    /// Everything before this was sent; the far end shall say when it was heard.
    Mark(u64),
}

#[derive(Debug)]
struct Piece {
    mark: u64,
    sound: Vec<f32>,
}

/// One direction of one line: from an engine to it.
#[derive(Debug, Default)]
pub struct Playout {
    pieces: VecDeque<Piece>,
    /// How many pieces from the first on were sent whole.
    sent: usize,
    /// How many samples of the next one were.
    within: usize,
    paused: bool,
    fading: bool,
}

impl Playout {
    /// Whether so much waits that no more should be pushed for now.
    pub fn is_full(&self) -> bool {
        self.unsent() >= UNSENT_MOST
    }

    /// Adds a piece, at most a second long. Marks must grow.
    pub fn push(&mut self, mark: u64, sound: Vec<f32>) {
        if self.pieces.is_empty() {
            self.fading = true;
        }
        self.pieces.push_back(Piece { mark, sound });
    }

    /// What to send for the next 20 ms: nothing while there is nothing, or while paused. The last frame is filled up with
    /// silence.
    pub fn tick(&mut self) -> Vec<Sent> {
        let mut out = Vec::new();
        if self.paused || self.is_sent() {
            return out;
        }
        let mut frame = Vec::with_capacity(FRAME);
        let mut marks = Vec::new();
        while let Some(piece) = self.pieces.get(self.sent) {
            let room = FRAME - frame.len();
            let rest = piece.sound.get(self.within..).unwrap_or_default();
            frame.extend(rest.iter().take(room));
            if rest.len() > room {
                self.within += room;
                break;
            }
            marks.push(Sent::Mark(piece.mark));
            self.sent += 1;
            self.within = 0;
            if frame.len() == FRAME {
                break;
            }
        }
        if std::mem::take(&mut self.fading) {
            fade_in(&mut frame);
        }
        if !frame.is_empty() {
            frame.resize(FRAME, 0.0);
            out.push(Sent::Sound(frame));
        }
        out.append(&mut marks);
        while self.sent > UNHEARD_MOST {
            self.pieces.pop_front();
            self.sent -= 1;
        }
        out
    }

    /// The far end sent a mark back: what was before it has been heard. One that was never sent is ignored.
    pub fn heard(&mut self, mark: u64) {
        while self.sent > 0 && self.pieces.front().is_some_and(|piece| piece.mark <= mark) {
            self.pieces.pop_front();
            self.sent -= 1;
        }
    }

    /// Stops for now. The far end must be told to drop what it has not played; what was not heard is sent again.
    pub fn pause(&mut self) {
        self.paused = true;
        self.sent = 0;
        self.within = 0;
    }

    /// Goes on at the first piece that was not heard.
    pub fn resume(&mut self) {
        self.paused = false;
        self.fading = true;
    }

    /// Drops everything that was not heard.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether it is stopped for now.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Whether everything was sent and heard.
    pub fn is_finished(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Whether everything was sent, heard or not.
    pub fn is_sent(&self) -> bool {
        !self.paused && self.sent == self.pieces.len()
    }

    fn unsent(&self) -> usize {
        let all: usize = self.pieces.iter().skip(self.sent).map(|piece| piece.sound.len()).sum();
        all - self.within
    }
}

fn fade_in(frame: &mut [f32]) {
    for (sample, step) in frame.iter_mut().zip(0_u16..) {
        if usize::from(step) >= FADE {
            break;
        }
        *sample *= f32::from(step) / 120.0;
    }
}

#[cfg(test)]
mod tests;
