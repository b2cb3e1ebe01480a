//! Whether somebody speaks: `earshot`'s detector.

use crate::Sound;

/// Samples that the detector takes at once: 16 ms.
const STEP: usize = 256;

/// Follows one signal.
pub(crate) struct Speech {
    detector: Box<earshot::Detector>,
    waiting: Vec<f32>,
    probability: f32,
}

impl Speech {
    pub(crate) fn new() -> Self {
        let waiting = Vec::with_capacity(STEP + crate::BLOCK);
        Self { detector: earshot::Detector::default_boxed(), waiting, probability: 0.0 }
    }

    /// Takes 10 ms; gives how likely it is that somebody spoke in the last whole step, 0 to 1.
    pub(crate) fn push(&mut self, sound: &Sound) -> f32 {
        // The detector wants what a sample can be.
        self.waiting.extend(sound.iter().map(|sample| sample.clamp(-1.0, 1.0)));
        if let Some(step) = self.waiting.get(..STEP) {
            self.probability = self.detector.predict_f32(step);
            self.waiting.drain(..STEP);
        }
        self.probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BLOCK;

    #[test]
    fn silence_and_hiss_are_not_speech() {
        let mut random = fastrand::Rng::with_seed(1);
        for loudness in [0.0, 0.01] {
            let mut speech = Speech::new();
            let blocks = (0..200).map(|_| {
                let mut sound = [0.0; BLOCK];
                for sample in &mut sound {
                    *sample = loudness * (random.f32() - 0.5);
                }
                speech.push(&sound)
            });
            let heard = blocks.skip(20).filter(|probability| *probability > 0.5).count();
            assert!(heard < 10, "{heard} of 180 blocks");
        }
    }
}
