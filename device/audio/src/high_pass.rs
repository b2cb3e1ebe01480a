//! Takes off what lies below speech: rumble, and the offset of a converter.

use std::f64::consts::PI;

use crate::{SAMPLE_RATE_HZ, Sound};

/// Where it begins to take off.
const CORNER_HZ: f64 = 80.0;

/// A Butterworth filter of second order (R. Bristow-Johnson, "Cookbook formulae for audio EQ biquad filter coefficients").
#[derive(Debug, Clone)]
pub(crate) struct HighPass {
    gain: f64,
    feedback: [f64; 2],
    state: [f64; 2],
}

impl HighPass {
    pub(crate) fn new() -> Self {
        let angle = 2.0 * PI * CORNER_HZ / f64::from(SAMPLE_RATE_HZ);
        let alpha = angle.sin() * std::f64::consts::FRAC_1_SQRT_2;
        let scale = 1.0 / (1.0 + alpha);
        Self {
            gain: f64::midpoint(1.0, angle.cos()) * scale,
            feedback: [-2.0 * angle.cos() * scale, (1.0 - alpha) * scale],
            state: [0.0; 2],
        }
    }

    pub(crate) fn filter(&mut self, sound: &mut Sound) {
        let ([a1, a2], [mut s1, mut s2]) = (self.feedback, self.state);
        for sample in sound {
            let x = f64::from(*sample) * self.gain;
            let y = x + s1;
            s1 = -2.0 * x - a1 * y + s2;
            s2 = x - a2 * y;
            *sample = y as f32;
        }
        self.state = [s1, s2];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BLOCK;

    /// How loud a tone is once the filter has settled.
    fn level_of(hz: f64) -> f32 {
        let mut filter = HighPass::new();
        let mut power = 0.0;
        for block in 0..100 {
            let mut sound = [0.0; BLOCK];
            for (at, sample) in sound.iter_mut().enumerate() {
                let time = (block * BLOCK + at) as f64 / f64::from(SAMPLE_RATE_HZ);
                *sample = (2.0 * PI * hz * time).sin() as f32;
            }
            filter.filter(&mut sound);
            if block >= 50 {
                power += sound.iter().map(|sample| sample * sample).sum::<f32>() / (50 * BLOCK) as f32;
            }
        }
        (power * 2.0).sqrt()
    }

    #[test]
    fn rumble_goes_and_speech_stays() {
        assert!(level_of(0.0) < 1e-4);
        assert!(level_of(20.0) < 0.08);
        assert!((level_of(80.0) - std::f32::consts::FRAC_1_SQRT_2).abs() < 0.02);
        assert!((level_of(300.0) - 1.0).abs() < 0.01);
    }
}
