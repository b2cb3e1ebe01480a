//! Two blocks of sound as a spectrum, and back.

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex};

use crate::{BLOCK, SAMPLE_RATE_HZ, Sound};

/// Samples of two blocks.
const WIDE: usize = 2 * BLOCK;

/// Bins of a spectrum, 50 Hz apart.
pub(crate) const BINS: usize = BLOCK + 1;

pub(crate) type Spectrum = [Complex<f32>; BINS];

/// Something of every bin.
pub(crate) type Bins = [f32; BINS];

pub(crate) const SILENCE: Spectrum = [Complex::new(0.0, 0.0); BINS];

/// The frequencies of the bins, in Hz.
pub(crate) fn frequencies() -> impl Iterator<Item = f32> {
    (0..BINS).map(|bin| bin as f32 * SAMPLE_RATE_HZ as f32 / WIDE as f32)
}

/// The Fourier transform of two blocks.
pub(crate) struct Transform {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    sound: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Transform {
    pub(crate) fn new() -> Self {
        let mut planner = RealFftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(WIDE), planner.plan_fft_inverse(WIDE));
        let scratch = vec![Complex::default(); forward.get_scratch_len().max(inverse.get_scratch_len())];
        Self { sound: forward.make_input_vec(), spectrum: forward.make_output_vec(), forward, inverse, scratch }
    }

    /// The spectrum of the older and the newer block.
    pub(crate) fn forward(&mut self, sound: impl Iterator<Item = f32>, spectrum: &mut Spectrum) {
        self.sound.iter_mut().zip(sound).for_each(|(to, from)| *to = from);
        // The buffers are the planner's own: there is nothing to refuse.
        let done = self.forward.process_with_scratch(&mut self.sound, &mut self.spectrum, &mut self.scratch);
        debug_assert!(done.is_ok(), "{done:?}");
        spectrum.copy_from_slice(&self.spectrum);
    }

    /// The older and the newer block of a spectrum.
    pub(crate) fn inverse(&mut self, spectrum: &Spectrum) -> (&[f32], &[f32]) {
        self.spectrum.copy_from_slice(spectrum);
        for real in [0, BLOCK] {
            if let Some(bin) = self.spectrum.get_mut(real) {
                bin.im = 0.0;
            }
        }
        let done = self.inverse.process_with_scratch(&mut self.spectrum, &mut self.sound, &mut self.scratch);
        debug_assert!(done.is_ok(), "{done:?}");
        for sample in &mut self.sound {
            *sample /= WIDE as f32;
        }
        self.sound.split_at(BLOCK)
    }
}

/// The window that is laid over two blocks, twice: its square and that of the next one, a block later, sum to one.
fn window() -> impl Iterator<Item = f32> {
    (0..WIDE).map(|at| (std::f32::consts::PI * (at as f32 + 0.5) / WIDE as f32).sin())
}

/// Sound as overlapping spectra.
pub(crate) struct Analysis {
    window: Vec<f32>,
    before: Sound,
}

impl Analysis {
    pub(crate) fn new() -> Self {
        Self { window: window().collect(), before: [0.0; BLOCK] }
    }

    pub(crate) fn push(&mut self, transform: &mut Transform, sound: &Sound, spectrum: &mut Spectrum) {
        let both = self.before.iter().chain(sound).zip(&self.window).map(|(sample, weight)| sample * weight);
        transform.forward(both, spectrum);
        self.before = *sound;
    }
}

/// Overlapping spectra as sound, a block later.
pub(crate) struct Synthesis {
    window: Vec<f32>,
    rest: Sound,
}

impl Synthesis {
    pub(crate) fn new() -> Self {
        Self { window: window().collect(), rest: [0.0; BLOCK] }
    }

    pub(crate) fn push(&mut self, transform: &mut Transform, spectrum: &Spectrum, sound: &mut Sound) {
        let (older, newer) = transform.inverse(spectrum);
        let (rising, falling) = self.window.split_at(BLOCK);
        for ((to, rest), (sample, weight)) in sound.iter_mut().zip(&self.rest).zip(older.iter().zip(rising)) {
            *to = rest + sample * weight;
        }
        for (rest, (sample, weight)) in self.rest.iter_mut().zip(newer.iter().zip(falling)) {
            *rest = sample * weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_apart_is_put_together_again_a_block_later() {
        let mut random = fastrand::Rng::with_seed(5);
        let (mut transform, mut analysis, mut synthesis) = (Transform::new(), Analysis::new(), Synthesis::new());
        let mut before = [0.0; BLOCK];
        for _ in 0..5 {
            let mut sound = [0.0; BLOCK];
            for sample in &mut sound {
                *sample = random.f32() - 0.5;
            }
            let (mut spectrum, mut back) = (SILENCE, [0.0; BLOCK]);
            analysis.push(&mut transform, &sound, &mut spectrum);
            synthesis.push(&mut transform, &spectrum, &mut back);
            assert!(back.iter().zip(&before).all(|(one, other)| (one - other).abs() < 1e-5));
            before = sound;
        }
    }

    #[test]
    fn a_tone_stands_at_its_frequency() {
        let (mut transform, mut spectrum) = (Transform::new(), SILENCE);
        let tone = (0..WIDE).map(|at| (std::f32::consts::TAU * 1_000.0 * at as f32 / 16_000.0).cos());
        transform.forward(tone, &mut spectrum);
        let loudest = spectrum.iter().zip(frequencies()).max_by(|one, other| one.0.norm().total_cmp(&other.0.norm()));
        assert!((loudest.unwrap().1 - 1_000.0).abs() < 1e-3);
    }
}
