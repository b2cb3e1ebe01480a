//! Sound at another rate, one step of about 10 ms after the other, without allocating.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _};

/// Turns steps of sound of one rate into steps of another. It lags by about 10 ms.
pub struct Converter {
    fft: Option<Fft<f32>>,
    step: usize,
    made: Vec<f32>,
}

/// Two rates between which sound cannot be turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "sound of {from_hz} samples a second cannot be turned into {to_hz}: set the loudspeaker to 16000, 44100 or 48000"
)]
pub struct RateError {
    from_hz: u32,
    to_hz: u32,
}

impl Converter {
    /// From one rate to another, in samples a second.
    pub fn new(from_hz: u32, to_hz: u32) -> Result<Self, RateError> {
        let wanted = from_hz as usize / 100;
        if from_hz == to_hz {
            return Ok(Self { fft: None, step: wanted, made: Vec::new() });
        }
        let fft = Fft::new(from_hz as usize, to_hz as usize, wanted, 1, FixedSync::Both)
            .map_err(|_error| RateError { from_hz, to_hz })?;
        Ok(Self { step: fft.input_frames_next(), made: vec![0.0; fft.output_frames_max()], fft: Some(fft) })
    }

    /// Samples of one step.
    pub const fn step(&self) -> usize {
        self.step
    }

    /// Forgets what it has not given out yet of the steps before.
    pub fn forget(&mut self) {
        if let Some(fft) = &mut self.fft {
            fft.reset();
        }
    }

    /// Turns one step: exactly so many samples.
    pub fn convert<'a>(&'a mut self, sound: &'a [f32]) -> &'a [f32] {
        let Some(fft) = &mut self.fft else { return sound };
        let room = self.made.len();
        let (Ok(from), Ok(mut to)) =
            (InterleavedSlice::new(sound, 1, sound.len()), InterleavedSlice::new_mut(&mut self.made, 1, room))
        else {
            return &[];
        };
        match fft.process_into_buffer(&from, &mut to, None) {
            Ok((_, made)) => self.made.get(..made).unwrap_or_default(),
            Err(error) => {
                log::error!("a step of sound could not be turned into another rate: {error}");
                &[]
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "a second has few samples")]
mod tests {
    use super::*;

    #[test]
    fn a_tone_stays_a_tone_at_every_rate_of_a_card() {
        for (from_hz, to_hz) in
            [(16_000, 24_000), (24_000, 16_000), (24_000, 44_100), (24_000, 48_000), (24_000, 24_000)]
        {
            let mut converter = Converter::new(from_hz, to_hz).unwrap();
            let tone = |at: u32| (std::f32::consts::TAU * 440.0 * at as f32 / from_hz as f32).sin() * 0.5;
            let sound: Vec<f32> = (0..from_hz).map(tone).collect();
            let steps = sound.chunks_exact(converter.step());
            let mut made = Vec::new();
            for step in steps {
                made.extend_from_slice(converter.convert(step));
            }
            // It takes a moment to swing in.
            let rises =
                made.windows(2).skip(to_hz as usize / 20).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
            assert!((made.len() as f32 / to_hz as f32 - 1.0).abs() < 0.03, "{from_hz} to {to_hz}: {}", made.len());
            assert!((405..=419).contains(&rises), "{from_hz} to {to_hz}: {rises}");
        }
    }

    #[test]
    fn what_is_forgotten_is_not_heard() {
        let mut converter = Converter::new(24_000, 48_000).unwrap();
        for _ in 0..10 {
            converter.convert(&[0.5; 240]);
        }
        converter.forget();
        assert!(converter.convert(&[0.0; 240]).iter().all(|sample| sample.abs() < 1e-6));
    }

    #[test]
    fn a_step_of_the_front_end_is_a_step_of_the_link() {
        let converter = Converter::new(xswarm_audio::SAMPLE_RATE_HZ, crate::PLAYED_HZ).unwrap();
        assert_eq!(converter.step(), xswarm_audio::BLOCK);
    }
}
