//! Sound of any rate as blocks of 10 ms at 16,000 samples a second, at a speed that can be adjusted by a hair.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Adjustable as _, Async, FixedAsync, Resampler as _, SincInterpolationParameters, SincInterpolationType,
    WindowFunction,
};

use crate::{BLOCK, ConfigError, SAMPLE_RATE_HZ};

/// How far the speed can be adjusted, either way.
pub(crate) const MOST_PPM: f64 = 1_000.0;

/// Taps of the filter, in samples of the slower side.
const TAPS: f64 = 64.0;

/// Takes interleaved frames and gives blocks, interleaved too.
pub(crate) struct Resampler {
    channels: usize,
    /// `None`: the rate is right already and nothing is adjusted.
    inner: Option<Async<f32>>,
    waiting: Vec<f32>,
    made: Vec<f32>,
}

impl Resampler {
    /// For a source that is on the clock that everything follows.
    pub(crate) fn new(from_hz: u32, channels: usize) -> Result<Self, ConfigError> {
        if from_hz == SAMPLE_RATE_HZ {
            return Ok(Self::with(None, from_hz, channels));
        }
        Self::adjustable(from_hz, channels)
    }

    /// For a source on a clock of its own.
    pub(crate) fn adjustable(from_hz: u32, channels: usize) -> Result<Self, ConfigError> {
        let ratio = f64::from(SAMPLE_RATE_HZ) / f64::from(from_hz);
        let filter = SincInterpolationParameters {
            oversampling_factor: 256,
            interpolation: SincInterpolationType::Linear,
            ..SincInterpolationParameters::new((TAPS / ratio.min(1.0)) as usize, WindowFunction::BlackmanHarris2)
        };
        let most = 1.0 + MOST_PPM * 1.1e-6;
        let inner = Async::new_sinc(ratio, most, &filter, BLOCK, channels, FixedAsync::Output)
            .map_err(|_error| ConfigError::Rate(from_hz))?;
        Ok(Self::with(Some(inner), from_hz, channels))
    }

    fn with(inner: Option<Async<f32>>, from_hz: u32, channels: usize) -> Self {
        // A second of sound may wait; more than that is nothing that anybody still needs.
        let waiting = Vec::with_capacity(from_hz as usize * channels);
        Self { channels, inner, waiting, made: vec![0.0; BLOCK * channels] }
    }

    /// Takes frames. Where more than a second waits, the oldest go.
    pub(crate) fn push(&mut self, frames: &[f32]) {
        let room = self.waiting.capacity();
        let frames = frames.get(frames.len().saturating_sub(room)..).unwrap_or(frames);
        let over = (self.waiting.len() + frames.len()).saturating_sub(room);
        self.waiting.drain(..over);
        self.waiting.extend_from_slice(frames);
    }

    /// Forgets what waits.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Frames that wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len() / self.channels.max(1)
    }

    /// Frames that the next block takes.
    pub(crate) fn wanted(&self) -> usize {
        self.inner.as_ref().map_or(BLOCK, rubato::Resampler::input_frames_next)
    }

    /// Takes the source for so much faster than it says it is: 1.0001 is 100 ppm.
    pub(crate) fn set_speed(&mut self, speed: f64) {
        if let Some(inner) = &mut self.inner {
            let most = MOST_PPM * 1e-6;
            let relative = 1.0 / speed.clamp(1.0 - most, 1.0 + most);
            if let Err(error) = inner.set_resample_ratio_relative(relative, true) {
                log::error!("the speed of a resampler could not be set: {error}");
            }
        }
    }

    /// The next block, if enough waits for it.
    pub(crate) fn pull(&mut self) -> Option<&[f32]> {
        let wanted = self.wanted();
        let piece = self.waiting.get(..wanted * self.channels)?;
        match &mut self.inner {
            None => self.made.copy_from_slice(piece),
            Some(inner) => {
                let from = InterleavedSlice::new(piece, self.channels, wanted).ok()?;
                let mut to = InterleavedSlice::new_mut(&mut self.made, self.channels, BLOCK).ok()?;
                // Both buffers have the size that the resampler names, so that it has nothing to refuse.
                if let Err(error) = inner.process_into_buffer(&from, &mut to, None) {
                    log::error!("a block could not be resampled: {error}");
                }
            }
        }
        self.waiting.drain(..wanted * self.channels);
        Some(&self.made)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    /// A tone of 1 kHz on every second channel, in pieces of odd sizes; returns what comes out of channel 0 and 1.
    fn through(from_hz: u32, seconds: f64) -> (Vec<f32>, Vec<f32>) {
        let mut resampler = Resampler::new(from_hz, 2).unwrap();
        let frames = (f64::from(from_hz) * seconds) as usize;
        let tone = |at: usize| (TAU * 1_000.0 * at as f64 / f64::from(from_hz)).sin() as f32;
        let sound: Vec<f32> = (0..frames).flat_map(|at| [tone(at), 0.0]).collect();
        let (mut one, mut other) = (Vec::new(), Vec::new());
        for piece in sound.chunks(2 * 331) {
            resampler.push(piece);
            while let Some(block) = resampler.pull() {
                one.extend(block.iter().step_by(2));
                other.extend(block.iter().skip(1).step_by(2));
            }
        }
        (one, other)
    }

    #[test]
    fn a_tone_stays_what_it_is_at_any_rate() {
        for from_hz in [8_000, 11_025, 16_000, 44_100, 48_000, 96_000] {
            let (tone, silence) = through(from_hz, 1.0);
            assert!((15_200..=16_000).contains(&tone.len()), "{from_hz} Hz: {} samples", tone.len());
            assert!(silence.iter().all(|sample| sample.abs() < 1e-6), "{from_hz} Hz: the channels mix");
            // Least squares: how much of the end is a tone of 1 kHz at 16,000 samples a second.
            let end = &tone[tone.len() - 8_000..];
            let power: f64 = end.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / 8_000.0;
            let part = |phase: f64| -> f64 {
                let at = |(at, sample): (usize, &f32)| {
                    f64::from(*sample) * (TAU * 1_000.0 * at as f64 / 16_000.0 + phase).sin()
                };
                end.iter().enumerate().map(at).sum::<f64>() / 4_000.0
            };
            let tonal = f64::midpoint(part(0.0).powi(2), part(TAU / 4.0).powi(2));
            assert!((power * 2.0).sqrt() > 0.99 && (power * 2.0).sqrt() < 1.01, "{from_hz} Hz: level {power}");
            assert!((power - tonal) / power < 1e-5, "{from_hz} Hz: {} of it is no tone", (power - tonal) / power);
        }
    }

    #[test]
    fn what_nobody_fetches_does_not_grow() {
        let mut resampler = Resampler::new(16_000, 1).unwrap();
        for _ in 0..30 {
            resampler.push(&[0.5; 1_000]);
        }
        resampler.push(&vec![0.25; 40_000]);
        assert_eq!(resampler.waiting(), 16_000);
    }
}
