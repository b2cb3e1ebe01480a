//! Nothing louder than a sample can be: WebRTC's limiter, from the pieces of it that `sonora` has in Rust. Its own puts them
//! together too, but allocates for every block.

use sonora_agc2::fixed_digital_level_estimator::FixedDigitalLevelEstimator;
use sonora_agc2::interpolated_gain_curve::InterpolatedGainCurve;

use crate::{BLOCK, Sound};

/// Samples for each of which the level is estimated.
const STEP: usize = BLOCK / 20;

/// The loudest sample, as the pieces see it.
const MOST: f32 = 32_767.0;

/// How steeply the first samples of a block become quieter.
const ATTACK: i32 = 8;

/// Turns down what is too loud.
pub(crate) struct Limiter {
    level: FixedDigitalLevelEstimator,
    curve: InterpolatedGainCurve,
    gain: f32,
}

impl Limiter {
    pub(crate) fn new() -> Self {
        Self { level: FixedDigitalLevelEstimator::new(BLOCK), curve: InterpolatedGainCurve::default(), gain: 1.0 }
    }

    pub(crate) fn limit(&mut self, sound: &mut Sound) {
        let levels = self.level.compute_level(&[sound.as_slice()]);
        for (at, (step, level)) in sound.chunks_mut(STEP).zip(levels).enumerate() {
            let (before, after) = (self.gain, self.curve.look_up_gain_to_apply(level));
            for (sample, time) in step.iter_mut().zip(0_u8..) {
                let time = f32::from(time) / STEP as f32;
                let left = if at == 0 && after < before { (1.0 - time).powi(ATTACK) } else { 1.0 - time };
                *sample = (*sample * (after + left * (before - after))).clamp(-MOST - 1.0, MOST);
            }
            self.gain = after;
        }
    }

    /// How loud it was last.
    pub(crate) fn level(&self) -> f32 {
        self.level.last_audio_level()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_what_the_one_does_that_allocates() {
        let mut random = fastrand::Rng::with_seed(8);
        let (mut ours, mut other) = (Limiter::new(), sonora_agc2::limiter::Limiter::new(BLOCK));
        let mut limited = false;
        for block in 0..400_u16 {
            let loudness = [1_000.0, 90_000.0, 300_000.0, 20_000.0][usize::from(block / 7) % 4];
            let mut sound = [0.0; BLOCK];
            for sample in &mut sound {
                *sample = loudness * (random.f32() - 0.5);
            }
            let mut expected = sound;
            other.process(&mut [expected.as_mut_slice()]);
            ours.limit(&mut sound);
            assert!(sound.iter().zip(&expected).all(|(one, other)| (one - other).abs() < 0.1), "block {block}");
            assert!((ours.level() - other.last_audio_level()).abs() < 0.1);
            limited |= ours.gain < 0.9;
        }
        assert!(limited);
    }
}
