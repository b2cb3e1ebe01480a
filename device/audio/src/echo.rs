//! The box's own voice, subtracted from what the microphones hear.
//!
//! A partitioned-block adaptive filter in the frequency domain, steered by a Kalman filter (Enzner and Vary 2006; Kuech,
//! Mabande and Enzner 2014): it knows for each frequency how much it knows, so it learns fast when it knows nothing, and not
//! while a talker drowns the echo. It only subtracts: whatever else is heard stays as it was.

mod astray;
mod delay;
mod filter;
mod suppress;

use std::collections::VecDeque;

use crate::spectrum::{Bins, SILENCE, Spectrum, Transform};
use crate::{BLOCK, Sound};
use astray::Astray;
use delay::{Delay, FURTHEST};
use filter::Filters;
pub(crate) use suppress::Suppressor;

/// Milliseconds of a block.
const BLOCK_MS: u32 = 10;

/// How uncertain a filter is that knows nothing: as loud an echo as this, as a power, is to be reckoned with.
const UNKNOWN: f32 = 1.0;

/// What part of the path is reckoned to change in a block, as a power: of what is heard, and of what only watches over it.
const CHANGE: f32 = 3e-5;
const WATCHFUL: f32 = 3e-3;

/// The power of a block of digital silence, or near enough: -80 dBFS.
const SILENT: f32 = BLOCK as f32 * 1e-8;

/// What became of the echo.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct EchoReport {
    /// Whether something is played.
    pub playing: bool,
    /// By how many dB the first microphone became quieter by subtracting, over the last second or so of playing. Where a
    /// talker speaks over the echo this is less than the echo was reduced by.
    pub reduction_db: f32,
    /// How much later than handed over the sound comes back, in milliseconds, to a block.
    pub delay_ms: u32,
    /// By how many millionths the clock of the loudspeaker is faster than that of the microphones.
    pub drift_ppm: f32,
}

/// Subtracts the echo from each microphone.
pub(crate) struct EchoCanceller {
    transform: Transform,
    before: Sound,
    /// Spectra of the reference, the newest first.
    played: VecDeque<Spectrum>,
    /// Blocks between a sound and the first of its echo.
    offset: usize,
    delay: Delay,
    filters: Filters,
    watchful: Filters,
    astray: Astray,
    heard_power: f32,
    left_power: f32,
}

impl EchoCanceller {
    /// For so many microphones, following an echo for `tail_ms`.
    pub(crate) fn new(microphones: usize, tail_ms: u32) -> Self {
        let partitions = tail_ms.div_ceil(BLOCK_MS) as usize;
        Self {
            transform: Transform::new(),
            before: [0.0; BLOCK],
            played: std::iter::repeat_n(SILENCE, FURTHEST + partitions).collect(),
            offset: 0,
            delay: Delay::new(),
            filters: Filters::new(microphones, partitions, CHANGE),
            watchful: Filters::new(1, partitions, WATCHFUL),
            astray: Astray::default(),
            heard_power: 0.0,
            left_power: 0.0,
        }
    }

    /// Takes the echo of what is played off each microphone; `echo` becomes what was taken off the first.
    pub(crate) fn cancel(&mut self, played: &Sound, heard: &mut [Sound], echo: &mut Sound) {
        let playing = self.take(played);
        let Some(first) = heard.first().copied() else { return };
        if playing {
            self.find_delay(&first);
        }
        // As each partition sees it.
        let seen = self.played.iter().skip(self.offset);
        let mut watched = [first];
        self.watchful.subtract(&mut self.transform, &seen, &mut watched, echo);
        self.filters.subtract(&mut self.transform, &seen, heard, echo);
        let left = power(heard.first());
        self.filters.learn(&mut self.transform, seen.clone());
        self.watchful.learn(&mut self.transform, seen);
        if playing {
            if self.astray.push(left, power(watched.first())) {
                self.filters.believe(&self.watchful);
            }
            self.account(power(Some(&first)), left);
        }
    }

    /// How much echo is expected to be left, in each bin of a spectrum of two blocks.
    pub(crate) fn left(&self) -> &Bins {
        self.filters.expected()
    }

    /// What became of the echo; `drift_ppm` is not known here.
    pub(crate) fn report(&self) -> EchoReport {
        let reduction = self.heard_power.max(SILENT) / self.left_power.max(SILENT * 1e-3);
        EchoReport {
            playing: power(Some(&self.before)) > SILENT,
            reduction_db: 10.0 * reduction.log10(),
            delay_ms: self.delay.blocks() as u32 * BLOCK_MS,
            drift_ppm: 0.0,
        }
    }

    /// Takes in the newest block that is played; tells whether it is more than silence.
    fn take(&mut self, played: &Sound) -> bool {
        let mut newest = self.played.pop_back().unwrap_or(SILENCE);
        self.transform.forward(self.before.iter().chain(played).copied(), &mut newest);
        self.played.push_front(newest);
        self.before = *played;
        power(Some(played)) > SILENT
    }

    /// Looks elsewhere when the echo is found to begin there. Filters that do their work are moved so that what they know
    /// stays where it is; otherwise it is the echo that has moved, and what they know moves with it, to be learned anew.
    fn find_delay(&mut self, heard: &Sound) {
        let Some(offset) = self.delay.push(&mut self.transform, heard, &self.played, self.offset) else { return };
        let works = self.left_power < 0.5 * self.heard_power;
        for filters in [&mut self.filters, &mut self.watchful] {
            if works {
                filters.shift(offset.abs_diff(self.offset), offset > self.offset);
            } else if offset != self.offset {
                filters.be_unsure();
            }
            filters.begin_here();
        }
        self.offset = offset;
    }

    /// Follows how loud it was before and after; a filter that makes it louder starts anew.
    fn account(&mut self, before: f32, after: f32) {
        self.heard_power += 0.02 * (before - self.heard_power);
        self.left_power += 0.02 * (after - self.left_power);
        if self.left_power > 2.0 * self.heard_power + SILENT {
            self.filters.forget();
            self.left_power = self.heard_power;
        }
    }
}

fn power(sound: Option<&Sound>) -> f32 {
    sound.map_or(0.0, |sound| sound.iter().map(|sample| sample * sample).sum())
}

#[cfg(test)]
mod tests;
