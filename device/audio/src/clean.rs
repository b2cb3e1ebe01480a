//! What is made of the beam for speech recognition: without noise, at an even level, and as frames of 24,000 samples a
//! second.

use sonora_ns::config::{NsConfig, SuppressionLevel};
use sonora_ns::noise_suppressor::NoiseSuppressor;

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _};

use crate::level::{FULL_SCALE, Level};
use crate::speech::Speech;
use crate::{BLOCK, ConfigError, FRAME, FRAME_RATE_HZ, NoiseReduction, SAMPLE_RATE_HZ, Sound, Stages};

/// Samples of a block at the rate of a frame.
const WIDER: usize = BLOCK * FRAME_RATE_HZ as usize / SAMPLE_RATE_HZ as usize;

/// The last stages.
pub(crate) struct Clean {
    noise: Option<NoiseSuppressor>,
    speech: Speech,
    level: Option<Level>,
    frames: Frames,
}

impl Clean {
    pub(crate) fn new(stages: &Stages) -> Result<Self, ConfigError> {
        let noise = stages.noise.map(|reduction| {
            let target_level = match reduction {
                NoiseReduction::Low => SuppressionLevel::K6dB,
                NoiseReduction::Moderate => SuppressionLevel::K12dB,
                NoiseReduction::High => SuppressionLevel::K18dB,
            };
            NoiseSuppressor::new(NsConfig { target_level })
        });
        Ok(Self { noise, speech: Speech::new(), level: stages.level.then(Level::new), frames: Frames::new()? })
    }

    /// Cleans; returns how likely it is that somebody speaks.
    pub(crate) fn clean(&mut self, sound: &mut Sound) -> f32 {
        if let Some(noise) = &mut self.noise {
            for sample in sound.iter_mut() {
                *sample *= FULL_SCALE;
            }
            noise.analyze(sound);
            noise.process(sound);
            for sample in sound.iter_mut() {
                *sample /= FULL_SCALE;
            }
        }
        let speech = self.speech.push(sound);
        if let Some(level) = &mut self.level {
            level.even(sound, speech);
        }
        speech
    }

    /// Takes what was cleaned; gives every eighth time a frame.
    pub(crate) fn frame(&mut self, sound: &Sound) -> Option<&[f32]> {
        self.frames.push(sound)
    }
}

/// Collects blocks to frames of another rate.
struct Frames {
    resampler: Fft<f32>,
    frame: Vec<f32>,
    filled: usize,
}

impl Frames {
    fn new() -> Result<Self, ConfigError> {
        let resampler = Fft::new(SAMPLE_RATE_HZ as usize, FRAME_RATE_HZ as usize, BLOCK, 1, FixedSync::Both)
            .map_err(|_error| ConfigError::Rate(SAMPLE_RATE_HZ))?;
        Ok(Self { resampler, frame: vec![0.0; FRAME], filled: 0 })
    }

    fn push(&mut self, sound: &Sound) -> Option<&[f32]> {
        if self.filled >= FRAME {
            self.filled = 0;
        }
        let part = self.frame.get_mut(self.filled..self.filled + WIDER)?;
        let from = InterleavedSlice::new(sound.as_slice(), 1, BLOCK).ok()?;
        let mut to = InterleavedSlice::new_mut(part, 1, WIDER).ok()?;
        // Both buffers have the size that the resampler names, so that it has nothing to refuse.
        if let Err(error) = self.resampler.process_into_buffer(&from, &mut to, None) {
            log::error!("a block could not be resampled: {error}");
        }
        self.filled += WIDER;
        (self.filled >= FRAME).then_some(self.frame.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_blocks_are_a_frame() {
        let mut frames = Frames::new().unwrap();
        let mut made = Vec::new();
        for block in 0..80 {
            let mut sound = [0.0; BLOCK];
            for (at, sample) in sound.iter_mut().enumerate() {
                *sample = (std::f32::consts::TAU * 1_000.0 * (block * BLOCK + at) as f32 / 16_000.0).sin();
            }
            if let Some(frame) = frames.push(&sound) {
                assert_eq!((frame.len(), block % 8), (FRAME, 7));
                made.extend_from_slice(frame);
            }
        }
        assert_eq!(made.len(), 10 * FRAME);
        // A tone of 1 kHz repeats after 24 samples now, and is as loud as before.
        let end = &made[2 * FRAME..];
        assert!(end.windows(25).all(|two| (two[0] - two[24]).abs() < 0.01));
        let power = end.iter().map(|sample| sample * sample).sum::<f32>() / end.len() as f32;
        assert!((power - 0.5).abs() < 0.01, "{power}");
    }
}
