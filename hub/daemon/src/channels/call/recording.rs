//! The sound of a call as it is recorded: both sides on one time line, handed on a second at a time.
//!
//! What came over the line is put where it belongs by its own clock, what the Boss said where the far end plays it; what was
//! dropped before it was played is not in it. The last second is held back, so that what must not be kept can still be left
//! out: the caller's side around every key (a telephone may send its tones as sound, too), and all of it while a PIN is
//! asked for, typed or spoken. Nothing here waits or grows.

use std::collections::VecDeque;

use xswarm_core::call::RecordedAs;
use xswarm_voice::audio::Format;

use crate::recordings::{PIECE_BYTES, Tape};

/// So much is held back.
const HELD_MS: u64 = 1_000;

/// Sound this far ahead of the time line is no sound of this call.
const AHEAD_MS: u64 = 2_000;

/// After a key, or the end of typing a PIN, so much more of the caller's side is left out.
const KEY_MS: u64 = 300;

/// What is handed on at a time.
const STEP_MS: u64 = 20;

/// How a line's sound is written.
pub(super) const fn written_as(format: Format) -> RecordedAs {
    match format {
        Format::MuLaw => RecordedAs::MuLaw,
        Format::Linear => RecordedAs::Linear,
    }
}

/// A call that is recorded. All instants are milliseconds of the call.
pub(super) struct Recorder {
    tape: Tape,
    layout: Layout,
    caller: Side,
    boss: Side,
    /// What the line's clock has to be moved by.
    line_ahead_ms: Option<i64>,
    /// Up to here everything was handed on.
    done_ms: u64,
    /// Of the caller's side, what is left out.
    hidden: VecDeque<Hidden>,
    piece: Vec<u8>,
}

/// How sound is laid out in a format.
#[derive(Debug, Clone, Copy)]
struct Layout {
    sample_bytes: usize,
    bytes_per_ms: usize,
    silence: u8,
}

/// A stretch that is left out.
#[derive(Debug, Clone, Copy)]
struct Hidden {
    from_ms: u64,
    /// Not over yet when absent.
    to_ms: Option<u64>,
}

/// One side, from where the time line stands.
#[derive(Debug, Default)]
struct Side(VecDeque<u8>);

impl Recorder {
    /// Records on a tape.
    pub(super) fn new(tape: Tape, format: Format) -> Self {
        let layout = match format {
            Format::MuLaw => Layout { sample_bytes: 1, bytes_per_ms: 8, silence: 0xFF },
            Format::Linear => Layout { sample_bytes: 2, bytes_per_ms: 48, silence: 0 },
        };
        Self {
            tape,
            layout,
            caller: Side::default(),
            boss: Side::default(),
            line_ahead_ms: None,
            done_ms: 0,
            hidden: VecDeque::new(),
            piece: Vec::with_capacity(PIECE_BYTES),
        }
    }

    /// Sound came; `at_ms` is of the line's own clock.
    pub(super) fn caller(&mut self, at_ms: u64, sound: &[u8], now_ms: u64) {
        let length_ms = (sound.len() / self.layout.bytes_per_ms) as u64;
        // The first packet was spoken just before it came.
        let began = now_ms.saturating_sub(length_ms);
        let ahead = *self.line_ahead_ms.get_or_insert_with(|| at_ms.cast_signed().wrapping_sub(began.cast_signed()));
        if let Some(at) = at_ms.checked_sub_signed(ahead) {
            self.caller.place(at, sound, self.done_ms, self.layout);
        }
    }

    /// Sound was sent that the far end plays at `at_ms`.
    pub(super) fn boss(&mut self, at_ms: u64, sound: &[u8]) {
        self.boss.place(at_ms, sound, self.done_ms, self.layout);
    }

    /// The far end drops what it has not played.
    pub(super) fn cleared(&mut self, now_ms: u64) {
        self.boss.cut(now_ms, self.done_ms, self.layout);
    }

    /// A key was pressed: its tone has begun already.
    pub(super) fn key(&mut self, now_ms: u64) {
        let from_ms = now_ms.saturating_sub(HELD_MS);
        self.hidden.push_back(Hidden { from_ms, to_ms: Some(now_ms + KEY_MS) });
    }

    /// A PIN is asked for.
    pub(super) fn pin_asked(&mut self, now_ms: u64) {
        if self.hidden.iter().all(|hidden| hidden.to_ms.is_some()) {
            self.hidden.push_back(Hidden { from_ms: now_ms, to_ms: None });
        }
    }

    /// It was typed, or is not waited for any more.
    pub(super) fn pin_over(&mut self, now_ms: u64) {
        for hidden in &mut self.hidden {
            hidden.to_ms.get_or_insert(now_ms + KEY_MS);
        }
    }

    /// Hands on what is old enough. False when nothing more is kept.
    pub(super) fn tick(&mut self, now_ms: u64) -> bool {
        self.hand_on(now_ms.saturating_sub(HELD_MS))
    }

    /// The call is over: everything is handed on, and on disk afterwards.
    pub(super) async fn finish(mut self, now_ms: u64) {
        if self.hand_on(now_ms) && !self.piece.is_empty() {
            self.tape.write(self.piece);
        }
        self.tape.finish().await;
    }

    fn hand_on(&mut self, until_ms: u64) -> bool {
        while self.done_ms + STEP_MS <= until_ms {
            let (at, layout) = (self.done_ms, self.layout);
            let bytes = usize::try_from(STEP_MS).unwrap_or(0) * layout.bytes_per_ms;
            let mut caller = self.caller.take(bytes, layout.silence);
            let boss = self.boss.take(bytes, layout.silence);
            self.hidden.retain(|hidden| hidden.to_ms.is_none_or(|to| to > at));
            if self.hidden.iter().any(|hidden| hidden.from_ms < at + STEP_MS) {
                caller.fill(layout.silence);
            }
            for (left, right) in caller.chunks(layout.sample_bytes).zip(boss.chunks(layout.sample_bytes)) {
                self.piece.extend(left);
                self.piece.extend(right);
            }
            self.done_ms += STEP_MS;
            if self.piece.len() >= PIECE_BYTES {
                let rest = self.piece.split_off(PIECE_BYTES);
                if !self.tape.write(std::mem::replace(&mut self.piece, rest)) {
                    return false;
                }
            }
        }
        true
    }
}

impl Side {
    /// Puts sound at an instant; what lies before the time line is too late.
    fn place(&mut self, at_ms: u64, sound: &[u8], done_ms: u64, layout: Layout) {
        let ahead = |ms: u64| usize::try_from(ms).unwrap_or(usize::MAX).saturating_mul(layout.bytes_per_ms);
        let (begin, late) = (ahead(at_ms.saturating_sub(done_ms)), ahead(done_ms.saturating_sub(at_ms)));
        let sound = sound.get(late..).unwrap_or_default();
        if begin > ahead(HELD_MS + AHEAD_MS) {
            return;
        }
        let end = begin + sound.len();
        if self.0.len() < end {
            self.0.resize(end, layout.silence);
        }
        for (to, from) in self.0.range_mut(begin..end).zip(sound) {
            *to = *from;
        }
    }

    /// Drops what lies at an instant and after it.
    fn cut(&mut self, at_ms: u64, done_ms: u64, layout: Layout) {
        let ahead = usize::try_from(at_ms.saturating_sub(done_ms)).unwrap_or(usize::MAX);
        self.0.truncate(ahead.saturating_mul(layout.bytes_per_ms));
    }

    fn take(&mut self, bytes: usize, silence: u8) -> Vec<u8> {
        let mut taken: Vec<u8> = self.0.drain(..bytes.min(self.0.len())).collect();
        taken.resize(bytes, silence);
        taken
    }
}

#[cfg(test)]
mod tests;
