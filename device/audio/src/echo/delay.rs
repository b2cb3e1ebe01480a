//! How much later an echo comes than the sound was handed over: mostly the buffers of a sound card, and so up to half a
//! second, and other each time.
//!
//! For each delay, in whole blocks, the coherence between the reference so long ago and what is heard now is followed; the
//! most coherent is the beginning of the echo.

use std::collections::VecDeque;

use realfft::num_complex::Complex;

use crate::Sound;
use crate::spectrum::{Analysis, BINS, Bins, SILENCE, Spectrum, Transform};

/// The furthest delay that is found, in blocks.
pub(super) const FURTHEST: usize = 60;

/// How much of what was followed stays for the next block: the memory is about a second long.
const MEMORY: f32 = 0.99;

/// For so many blocks in a row a new delay must be the best one before it is believed.
const FIRM: u32 = 40;

/// What lies before the most coherent delay and belongs to the echo too, in blocks.
const AHEAD: usize = 1;

/// By how much the best delay must stand out from all.
const CLEAR: f32 = 3.0;

/// Follows the delay.
pub(super) struct Delay {
    analysis: Analysis,
    cross: Vec<Spectrum>,
    played: Bins,
    heard: Bins,
    best: usize,
    firm: u32,
}

impl Delay {
    pub(super) fn new() -> Self {
        Self {
            analysis: Analysis::new(),
            cross: vec![SILENCE; FURTHEST],
            played: [0.0; BINS],
            heard: [0.0; BINS],
            best: 0,
            firm: 0,
        }
    }

    /// The most coherent delay, in blocks.
    pub(super) fn blocks(&self) -> usize {
        self.best
    }

    /// Takes what is heard while something plays. Returns where the echo begins, when that is clear: once, and whenever it
    /// is not where `offset` says.
    pub(super) fn push(
        &mut self,
        transform: &mut Transform,
        heard: &Sound,
        played: &VecDeque<Spectrum>,
        offset: usize,
    ) -> Option<usize> {
        let mut now = SILENCE;
        self.analysis.push(transform, heard, &mut now);
        for (power, bin) in self.heard.iter_mut().zip(&now) {
            *power = MEMORY * *power + bin.norm_sqr();
        }
        for (power, bin) in self.played.iter_mut().zip(played.iter().flatten()) {
            *power = MEMORY * *power + bin.norm_sqr();
        }
        for (cross, then) in self.cross.iter_mut().zip(played) {
            for (cross, (now, then)) in cross.iter_mut().zip(now.iter().zip(then)) {
                *cross = *cross * MEMORY + now * then.conj();
            }
        }
        self.decide(offset)
    }

    fn coherence(&self, cross: &Spectrum) -> f32 {
        let part = |(cross, (heard, played)): (&Complex<f32>, (&f32, &f32))| {
            cross.norm_sqr() / (heard * played + f32::MIN_POSITIVE)
        };
        cross.iter().zip(self.heard.iter().zip(&self.played)).map(part).sum()
    }

    fn decide(&mut self, offset: usize) -> Option<usize> {
        let (mut best, mut most, mut all) = (0, 0.0, 0.0);
        for (blocks, cross) in self.cross.iter().enumerate() {
            let coherence = self.coherence(cross);
            all += coherence;
            if coherence > most {
                (best, most) = (blocks, coherence);
            }
        }
        let clear = most * self.cross.len() as f32 > CLEAR * all;
        self.firm = if clear && best.abs_diff(self.best) <= 1 { self.firm + 1 } else { 0 };
        if clear {
            self.best = best;
        }
        let wanted = best.saturating_sub(AHEAD);
        // A block more or less is not worth moving for.
        let there = if wanted.abs_diff(offset) > 1 { wanted } else { offset };
        (self.firm == FIRM || self.firm > FIRM && there != offset).then_some(there)
    }
}
