//! What echo is left after subtracting, turned down: what a filter of finite length cannot know, and what a loudspeaker
//! distorts.
//!
//! How loud the rest is follows from how loud the subtracted echo is: for each band the least that ever remained of it,
//! lately, is taken to be the rest. What is louder than that is a talker, and passes.

use realfft::num_complex::Complex;

use crate::spectrum::{BINS, Bins, Spectrum};

/// Bins of a band.
const BAND: usize = 8;

/// Bands.
const BANDS: usize = BINS.div_ceil(BAND);

/// How much of a power stays for the next block where it is averaged.
const MEMORY: f32 = 0.7;

/// By how much the least that remained grows in a block, so that it can become more again: 3 dB a second.
const GROWTH: f32 = 1.007;

/// The least that is believed ever to remain, so that it can become more again after digital silence.
const LEAST_REST: f32 = 1e-5;

/// What remains is reckoned to be so much more than the least that ever remained: while nobody seems to talk, and while
/// somebody does.
const ALONE: f32 = 20.0;
const TALKED_OVER: f32 = 3.0;

/// From how much more than the least on somebody may be talking, and from how much on they are.
const MAYBE: f32 = 5.0;
const SURELY: f32 = 20.0;

/// How fast an echo dies away in a room, in a block, as a power.
const DECAY: f32 = 0.8;

/// How much of the gain before counts in the next one (Ephraim and Malah 1984).
const STEADINESS: f32 = 0.9;

/// What the window of a spectrum leaves of a power.
const WINDOWED: f32 = 0.5;

/// The least gain: -26 dB.
const LEAST: f32 = 0.05;

/// Turns down what is left of an echo.
pub(crate) struct Suppressor {
    left: [f32; BANDS],
    echo: [f32; BANDS],
    rest: [f32; BANDS],
    decaying: Bins,
    gain: Bins,
    before: Bins,
}

impl Suppressor {
    pub(crate) fn new() -> Self {
        Self {
            left: [0.0; BANDS],
            echo: [0.0; BANDS],
            rest: [1.0; BANDS],
            decaying: [0.0; BINS],
            gain: [1.0; BINS],
            before: [0.0; BINS],
        }
    }

    /// Turns down a spectrum from which `echo` was subtracted, and in which the filter expects so much of it to be `left`.
    pub(crate) fn suppress(&mut self, echo: &Spectrum, left: &Bins, spectrum: &mut Spectrum) {
        let above_least = self.follow(echo, spectrum);
        let bands = self.rest.iter().flat_map(|rest| std::iter::repeat_n(*rest, BAND));
        for ((((bin, (echo, left)), rest), decaying), (gain, before)) in spectrum
            .iter_mut()
            .zip(echo.iter().zip(left))
            .zip(bands)
            .zip(&mut self.decaying)
            .zip(self.gain.iter_mut().zip(&mut self.before))
        {
            let rest = (rest * above_least * echo.norm_sqr()).max(WINDOWED * left);
            *decaying = (*decaying * DECAY).max(rest);
            let unwanted = *decaying + f32::MIN_POSITIVE;
            let ratio = bin.norm_sqr() / unwanted;
            let wanted = STEADINESS * *before / unwanted + (1.0 - STEADINESS) * (ratio - 1.0).max(0.0);
            *gain = (wanted / (1.0 + wanted)).max(LEAST);
            *bin *= *gain;
            *before = bin.norm_sqr();
        }
    }

    /// Follows what remains of the echo in each band; returns how much more than the least is to be reckoned with.
    fn follow(&mut self, echo: &Spectrum, spectrum: &Spectrum) -> f32 {
        let (mut all, mut least) = (0.0, f32::MIN_POSITIVE);
        let bands = spectrum.chunks(BAND).zip(echo.chunks(BAND));
        for ((left, played), ((spectrum, echo), rest)) in
            self.left.iter_mut().zip(&mut self.echo).zip(bands.zip(&mut self.rest))
        {
            let power = |bins: &[Complex<f32>]| bins.iter().map(Complex::norm_sqr).sum::<f32>();
            *left = MEMORY * *left + (1.0 - MEMORY) * power(spectrum);
            *played = MEMORY * *played + (1.0 - MEMORY) * power(echo);
            // Without an echo nothing is learned of what remains of it.
            if *played > 1e-6 {
                *rest = (*rest * GROWTH).min(*left / *played).clamp(LEAST_REST, 1.0);
                all += *left;
                least += *rest * *played;
            }
        }
        let talking = ((all / least).max(MAYBE) / MAYBE).ln() / (SURELY / MAYBE).ln();
        ALONE * (TALKED_OVER / ALONE).powf(talking.min(1.0))
    }
}
