//! Whether a filter has gone astray: a chair was moved, and what it knows of the room is no longer so.
//!
//! A filter that is sure of itself learns slowly, and takes a large error for a talker. But a talker has nothing in common
//! with what is played, and an echo that is left has: the part of the error that can be told from what is played tells the
//! two apart.

use realfft::num_complex::Complex;

use crate::spectrum::{BINS, Bins, SILENCE, Spectrum};

/// How much of what was followed stays for the next block: the memory is a fifth of a second long.
const MEMORY: f32 = 0.95;

/// From this part of the error on, for so many blocks, the filter has gone astray.
const TELLING: f32 = 0.3;
const FIRM: u32 = 15;

/// For so many blocks a filter that learns anew is left in peace.
const PEACE: u32 = 100;

/// Follows what the error has in common with what is played.
pub(super) struct Astray {
    cross: Spectrum,
    played: Bins,
    error: Bins,
    firm: u32,
    peace: u32,
}

impl Astray {
    pub(super) fn new() -> Self {
        Self { cross: SILENCE, played: [0.0; BINS], error: [0.0; BINS], firm: 0, peace: PEACE }
    }

    /// Takes the error, and what was played when its echo began; tells whether the filter should learn anew.
    pub(super) fn push(&mut self, error: &Spectrum, played: &Spectrum) -> bool {
        let (mut told, mut all) = (0.0, f32::MIN_POSITIVE);
        for ((error, played), (cross, (error_power, played_power))) in
            error.iter().zip(played).zip(self.cross.iter_mut().zip(self.error.iter_mut().zip(&mut self.played)))
        {
            *cross = *cross * MEMORY + error * played.conj();
            *error_power = *error_power * MEMORY + error.norm_sqr();
            *played_power = *played_power * MEMORY + played.norm_sqr();
            told += Complex::norm_sqr(cross) / (*played_power + f32::MIN_POSITIVE);
            all += *error_power;
        }
        self.firm = if told > TELLING * all { self.firm + 1 } else { 0 };
        self.peace = self.peace.saturating_sub(1);
        let astray = self.firm >= FIRM && self.peace == 0;
        if astray {
            self.peace = PEACE;
        }
        astray
    }
}
