//! Sound at another sampling rate, piece by piece.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _};

/// How much sound is worked on at once, in milliseconds.
const STEP_MS: u32 = 20;

/// Turns sound of one rate into sound of another. It lags by about 10 ms, and holds back what fills no step of 20 ms.
pub struct Resampler {
    fft: Option<Fft<f32>>,
    waiting: Vec<f32>,
    made: Vec<f32>,
}

impl std::fmt::Debug for Resampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resampler").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

/// Two rates between which sound cannot be turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sound of {from_hz} samples a second cannot be turned into {to_hz}")]
pub struct RateError {
    /// From this rate.
    pub from_hz: u32,
    /// To this one.
    pub to_hz: u32,
}

impl Resampler {
    /// From one rate to another, in samples a second, each 4,000 to 192,000.
    pub fn new(from_hz: u32, to_hz: u32) -> Result<Self, RateError> {
        let bad = RateError { from_hz, to_hz };
        if ![from_hz, to_hz].iter().all(|rate| (4_000..=192_000).contains(rate)) {
            return Err(bad);
        }
        let fft = if from_hz == to_hz {
            None
        } else {
            let step = (from_hz * STEP_MS / 1_000) as usize;
            let fft = Fft::new(from_hz as usize, to_hz as usize, step, 1, FixedSync::Both).map_err(|_error| bad)?;
            Some(fft)
        };
        let room = fft.as_ref().map_or(0, rubato::Resampler::output_frames_max);
        Ok(Self { fft, waiting: Vec::new(), made: vec![0.0; room] })
    }

    /// Takes some sound and appends what is ready.
    pub fn push(&mut self, sound: &[f32], out: &mut Vec<f32>) {
        let Some(fft) = &mut self.fft else {
            out.extend_from_slice(sound);
            return;
        };
        self.waiting.extend_from_slice(sound);
        let step = fft.input_frames_next();
        let mut used = 0;
        while let Some(piece) = self.waiting.get(used..used + step) {
            made(fft, piece, &mut self.made, out);
            used += step;
        }
        self.waiting.drain(..used);
    }

    /// Appends what was held back, and the lag: the end of a piece of sound.
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        let Some(fft) = &self.fft else { return };
        let (step, lag) = (fft.input_frames_next(), fft.output_delay());
        let steps = 1 + lag.div_ceil(fft.output_frames_next().max(1));
        let silence = step * steps - self.waiting.len() % step.max(1);
        self.push(&vec![0.0; silence], out);
        self.waiting.clear();
    }
}

/// Turns one step. Both buffers have the size that the resampler names, so that it has nothing to refuse.
fn made(fft: &mut Fft<f32>, piece: &[f32], room: &mut [f32], out: &mut Vec<f32>) {
    let frames = room.len();
    let (Ok(from), Ok(mut to)) =
        (InterleavedSlice::new(piece, 1, piece.len()), InterleavedSlice::new_mut(room, 1, frames))
    else {
        return;
    };
    match fft.process_into_buffer(&from, &mut to, None) {
        Ok((_, made)) => out.extend(room.iter().take(made)),
        Err(error) => log::error!("a step of sound could not be resampled: {error}"),
    }
}
