//! The mel spectrogram that the speech embedding was made for, 32 bands from 60 to 3,800 Hz every 10 ms, and eight bands above
//! it, to 7,200 Hz: of an /s/ most is there. What lies higher differs too much from one microphone to the next.
//!
//! Windows of 400 samples (periodic Hann, in the middle of 512), power spectrum, triangular bands of Slaney's scale with unit
//! area (as `librosa.filters.mel`), decibels. openWakeWord carries the same arithmetic as a network
//! (`melspectrogram.onnx`); here it is a Fourier transform, and the floor is fixed (the power of half a step of 16 bits)
//! instead of 80 dB under the loudest band of whatever came in one call, so that a frame depends on its own samples alone.

use std::{f32::consts::TAU, sync::Arc};

use realfft::{RealFftPlanner, RealToComplex, num_complex::Complex};

/// The first bands of a frame: those that the speech embedding knows.
pub(crate) const SPEECH_BANDS: usize = 32;
/// All bands of a frame.
pub(crate) const BANDS: usize = SPEECH_BANDS + UPPER_BANDS;
const UPPER_BANDS: usize = 8;
/// Samples from one frame to the next: 10 ms.
const STEP: usize = 160;
/// Length of the transform.
const LENGTH: usize = 512;
/// Samples that the window looks at.
const WINDOW: usize = 400;
const SPEECH_HZ: (f64, f64) = (60.0, 3_800.0);
const UPPER_HZ: (f64, f64) = (3_600.0, 7_200.0);

/// Decibels of each band, scaled as the embedding wants them (a tenth, plus two).
pub(crate) type Frame = [f32; BANDS];

/// A band: where its weights begin in the spectrum, and they.
struct Band {
    first: usize,
    weights: Vec<f32>,
}

/// Takes samples, gives frames.
pub(crate) struct Spectrogram {
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    bands: Vec<Band>,
    pending: Vec<f32>,
    windowed: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Spectrogram {
    pub(crate) fn new() -> Self {
        let transform = RealFftPlanner::new().plan_fft_forward(LENGTH);
        #[expect(clippy::cast_precision_loss, reason = "below 400")]
        let window = (0..WINDOW).map(|n| 0.5 - 0.5 * (TAU * n as f32 / WINDOW as f32).cos()).collect();
        Self {
            window,
            bands: bands(SPEECH_HZ, SPEECH_BANDS).chain(bands(UPPER_HZ, UPPER_BANDS)).collect(),
            pending: Vec::new(),
            windowed: transform.make_input_vec(),
            spectrum: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            transform,
        }
    }

    /// Forgets what it heard.
    pub(crate) fn reset(&mut self) {
        self.pending.clear();
    }

    /// Takes samples and hands each frame that they complete to `sink`. What is no number counts as silence; what is louder
    /// than full scale, as full scale.
    pub(crate) fn push(&mut self, samples: &[f32], mut sink: impl FnMut(Frame)) {
        self.pending.extend(samples.iter().map(|sample| if sample.is_nan() { 0.0 } else { sample.clamp(-1.0, 1.0) }));
        let mut rest = self.pending.as_slice();
        let mut taken = 0;
        while let Some(block) = rest.get(..LENGTH) {
            sink(frame(
                &*self.transform,
                (&self.window, &self.bands),
                block,
                (&mut self.windowed, &mut self.spectrum, &mut self.scratch),
            ));
            taken += STEP;
            rest = rest.get(STEP..).unwrap_or_default();
        }
        self.pending.drain(..taken);
    }
}

type Work<'a> = (&'a mut [f32], &'a mut [Complex<f32>], &'a mut [Complex<f32>]);

fn frame(
    transform: &dyn RealToComplex<f32>,
    (window, bands): (&[f32], &[Band]),
    block: &[f32],
    (windowed, spectrum, scratch): Work<'_>,
) -> Frame {
    // The embedding knows samples of 16 bits.
    const FULL_SCALE: f32 = 32_768.0;
    let margin = (LENGTH - WINDOW) / 2;
    windowed.fill(0.0);
    let seen = windowed.iter_mut().skip(margin).zip(block.iter().skip(margin));
    for ((to, from), weight) in seen.zip(window) {
        *to = from * weight * FULL_SCALE;
    }
    // The buffers were made by this very transform: it can find nothing wrong with their lengths.
    let done = transform.process_with_scratch(windowed, spectrum, scratch);
    debug_assert!(done.is_ok());
    let mut frame = [0.0; BANDS];
    for (value, band) in frame.iter_mut().zip(bands) {
        let inside = spectrum.iter().skip(band.first).zip(&band.weights);
        let power: f32 = inside.map(|(bin, weight)| bin.norm_sqr() * weight).sum();
        *value = (power + 1.0).log10() + 2.0;
    }
    frame
}

/// So many bands that cover the frequencies from the lowest to the highest.
fn bands((lowest_hz, highest_hz): (f64, f64), count: usize) -> impl Iterator<Item = Band> {
    let (lowest, highest) = (mel(lowest_hz), mel(highest_hz));
    #[expect(clippy::cast_precision_loss, reason = "tens")]
    let corner = move |n: usize| hertz(lowest + (highest - lowest) * n as f64 / (count + 1) as f64);
    (0..count).map(move |number| band(corner(number), corner(number + 1), corner(number + 2)))
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bins up to 256, weights of single precision"
)]
fn band(left: f64, middle: f64, right: f64) -> Band {
    let bin_hz = f64::from(crate::SAMPLE_RATE_HZ) / LENGTH as f64;
    let first = (left / bin_hz).ceil() as usize;
    let last = (right / bin_hz).floor() as usize;
    let weight = |bin: usize| {
        let frequency = bin as f64 * bin_hz;
        let rising = (frequency - left) / (middle - left);
        let falling = (right - frequency) / (right - middle);
        (rising.min(falling).max(0.0) * 2.0 / (right - left)) as f32
    };
    Band { first, weights: (first..=last).map(weight).collect() }
}

/// Slaney's scale: linear up to 1,000 Hz, then 27 steps for a factor of 6.4.
fn mel(hertz: f64) -> f64 {
    if hertz < 1_000.0 { hertz * 3.0 / 200.0 } else { 15.0 + (hertz / 1_000.0).ln() * 27.0 / 6.4_f64.ln() }
}

fn hertz(mel: f64) -> f64 {
    if mel < 15.0 { mel * 200.0 / 3.0 } else { 1_000.0 * ((mel - 15.0) * 6.4_f64.ln() / 27.0).exp() }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Two seconds of a rising tone in noise.
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "samples of 16 bits")]
    pub(crate) fn signal() -> Vec<f32> {
        let mut state = 12_345_i64;
        let sample = |n: i32| {
            state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff;
            let noise = ((state >> 16) % 2_001 - 1_000) as f32;
            let time = f64::from(n) / 16_000.0;
            let tone = 8_000.0 * (std::f64::consts::TAU * (200.0 * time + 300.0 * time * time)).sin();
            (noise + tone as f32) / 32_768.0
        };
        (0..32_000).map(sample).collect()
    }

    /// The numbers are those of openWakeWord's melspectrogram.onnx run by ONNX Runtime, a tenth plus two.
    #[test]
    fn it_is_the_published_one() {
        let mut frames = Vec::new();
        Spectrogram::new().push(&signal(), |frame| frames.push(frame));
        assert_eq!(frames.len(), 197);
        let near = |found: f32, wanted: f32| assert!((found - wanted).abs() < 2e-3, "{found} for {wanted}");
        let first = [11.0593, 12.0835, 11.6914, 9.1221, 8.4783, 7.9557];
        frames[0].iter().zip(first).for_each(|(found, wanted)| near(*found, wanted));
        for (band, wanted) in [(0, 7.8489), (8, 8.4813), (16, 8.0455), (31, 8.1693)] {
            near(frames[100][band], wanted);
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_in_what_comes_out_are_numbers(sound in prop::collection::vec(any::<f32>(), 0..2_000)) {
            let mut spectrogram = Spectrogram::new();
            let mut frames = Vec::new();
            spectrogram.push(&sound, |frame| frames.push(frame));
            prop_assert_eq!(frames.len(), if sound.len() < LENGTH { 0 } else { (sound.len() - LENGTH) / STEP + 1 });
            prop_assert!(frames.iter().flatten().all(|value| (1.9..20.0).contains(value)));
        }
    }
}
