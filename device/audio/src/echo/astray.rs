//! Whether a filter has gone astray: a chair was moved, and what it knows of the room is no longer so.
//!
//! A filter that is sure of itself learns slowly, and takes a large error for a talker. But a talker has nothing in common
//! with what is played, and an echo that is left has: how much of the error can be told from what is played, against how much
//! of it the filter expects to be its own doing, tells the two apart.

use realfft::num_complex::Complex;

use crate::spectrum::{BINS, Bins, SILENCE, Spectrum};

/// How much of what was followed stays for the next block: the memory is a third of a second long.
const MEMORY: f32 = 0.97;

/// From this part of the error on, and so many times what the filter expects, for so many blocks, it has gone astray.
const TELLING: f32 = 0.3;
const UNEXPECTED: f32 = 10.0;
const FIRM: u32 = 15;

/// For so many blocks a filter that learns anew is left in peace.
const PEACE: u32 = 100;

/// Follows what the error has in common with what is played.
pub(super) struct Astray {
    parts: Vec<Part>,
    error: f32,
    expected: f32,
    firm: u32,
    peace: u32,
}

/// What the error has in common with what was played so many blocks ago.
#[derive(Clone)]
struct Part {
    common: Spectrum,
    /// What would be in common by chance.
    chance: Bins,
    played: Bins,
}

impl Part {
    /// Takes the next spectra; returns how much of the error can be told.
    fn push(&mut self, error: &Spectrum, played: &Spectrum) -> f32 {
        let mut told = 0.0;
        for ((error, played), (common, (chance, power))) in
            error.iter().zip(played).zip(self.common.iter_mut().zip(self.chance.iter_mut().zip(&mut self.played)))
        {
            let (product, played) = (error * played.conj(), played.norm_sqr());
            *common = *common * MEMORY + product;
            *chance = *chance * (MEMORY * MEMORY) + product.norm_sqr();
            *power = *power * MEMORY + played;
            told += (Complex::norm_sqr(common) - *chance) / (*power + f32::MIN_POSITIVE);
        }
        told
    }
}

impl Astray {
    /// For a filter of so many partitions.
    pub(super) fn new(partitions: usize) -> Self {
        let part = Part { common: SILENCE, chance: [0.0; BINS], played: [0.0; BINS] };
        Self { parts: vec![part; partitions], error: 0.0, expected: 0.0, firm: 0, peace: PEACE }
    }

    /// Takes the error, what was played as each partition sees it, and how much of the error the filter expects to be its
    /// own; tells whether it should learn anew.
    pub(super) fn push<'a>(
        &mut self,
        error: &Spectrum,
        played: impl Iterator<Item = &'a Spectrum>,
        expected: f32,
    ) -> bool {
        let told: f32 = self.parts.iter_mut().zip(played).map(|(part, played)| part.push(error, played)).sum();
        self.error = self.error * MEMORY + error.iter().map(Complex::norm_sqr).sum::<f32>();
        self.expected = self.expected * MEMORY + expected;
        let astray = told > TELLING * self.error && told > UNEXPECTED * self.expected;
        self.firm = if astray { self.firm + 1 } else { 0 };
        self.peace = self.peace.saturating_sub(1);
        let firmly = self.firm >= FIRM && self.peace == 0;
        if firmly {
            self.peace = PEACE;
        }
        firmly
    }
}
