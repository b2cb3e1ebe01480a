//! An even level for speech recognition: the pieces of WebRTC's second gain controller (AGC2) as `sonora` has them in Rust,
//! with our detector of speech in place of its own.

use sonora_agc2::adaptive_digital_gain_controller::{AdaptiveDigitalGainController, FrameInfo};
use sonora_agc2::common::{
    ADJACENT_SPEECH_FRAMES_THRESHOLD, SATURATION_PROTECTOR_INITIAL_HEADROOM_DB, float_s16_to_dbfs,
};

use sonora_agc2::noise_level_estimator::NoiseLevelEstimator;
use sonora_agc2::saturation_protector::SaturationProtector;
use sonora_agc2::speech_level_estimator::{AdaptiveDigitalConfig, SpeechLevelEstimator};

use crate::limiter::Limiter;
use crate::{BLOCK, Sound};

/// What the gain controller takes for the loudest sample.
pub(crate) const FULL_SCALE: f32 = 32_768.0;

/// How it behaves: WebRTC's values, but less gain at first and at most, since a room is quiet most of the time.
const SETTINGS: AdaptiveDigitalConfig = AdaptiveDigitalConfig {
    headroom_db: 5.0,
    max_gain_db: 30.0,
    initial_gain_db: 6.0,
    max_gain_change_db_per_second: 6.0,
    max_output_noise_level_dbfs: -50.0,
};

/// Brings speech to an even level.
pub(crate) struct Level {
    noise: NoiseLevelEstimator,
    speech: SpeechLevelEstimator,
    headroom: SaturationProtector,
    gain: AdaptiveDigitalGainController,
    limiter: Limiter,
}

impl Level {
    pub(crate) fn new() -> Self {
        Self {
            noise: NoiseLevelEstimator::default(),
            speech: SpeechLevelEstimator::new(&SETTINGS, ADJACENT_SPEECH_FRAMES_THRESHOLD),
            headroom: SaturationProtector::new(
                SATURATION_PROTECTOR_INITIAL_HEADROOM_DB,
                ADJACENT_SPEECH_FRAMES_THRESHOLD,
            ),
            gain: AdaptiveDigitalGainController::new(SETTINGS, ADJACENT_SPEECH_FRAMES_THRESHOLD),
            limiter: Limiter::new(),
        }
    }

    /// `speech` is how likely it is that somebody speaks.
    pub(crate) fn even(&mut self, sound: &mut Sound, speech: f32) {
        for sample in sound.iter_mut() {
            *sample *= FULL_SCALE;
        }
        let peak = sound.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
        let power = sound.iter().map(|sample| sample * sample).sum::<f32>() / BLOCK as f32;
        let noise_rms_dbfs = self.noise.analyze(&[sound.as_slice()]);
        self.speech.update(float_s16_to_dbfs(power.sqrt()), speech);
        let speech_level_dbfs = self.speech.level_dbfs();
        self.headroom.analyze(speech, float_s16_to_dbfs(peak), speech_level_dbfs);
        let info = FrameInfo {
            speech_probability: speech,
            speech_level_dbfs,
            speech_level_reliable: self.speech.is_confident(),
            noise_rms_dbfs,
            headroom_db: self.headroom.headroom_db(),
            limiter_envelope_dbfs: float_s16_to_dbfs(self.limiter.level()),
        };
        self.gain.process(&info, &mut [sound.as_mut_slice()]);
        self.limiter.limit(sound);
        for sample in sound.iter_mut() {
            *sample /= FULL_SCALE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The level, in dB, that something like a voice has after 20 s: a tone in bursts of a second, taken for speech.
    fn after(loudness: f32) -> f32 {
        let mut level = Level::new();
        let mut power = 0.0;
        let mut random = fastrand::Rng::with_seed(6);
        for block in 0..2_000_u16 {
            let speaking = (block / 100) % 2 == 0;
            let mut sound = [0.0; BLOCK];
            for (at, sample) in sound.iter_mut().enumerate() {
                let angle = std::f32::consts::TAU * 440.0 * (usize::from(block) * BLOCK + at) as f32 / 16_000.0;
                let hiss = 0.000_2 * (random.f32() - 0.5);
                *sample = hiss + if speaking { loudness * angle.sin() } else { 0.0 };
            }
            level.even(&mut sound, if speaking { 1.0 } else { 0.0 });
            assert!(sound.iter().all(|sample| sample.abs() <= 1.0));
            if block >= 1_800 && speaking {
                power += sound.iter().map(|sample| sample * sample).sum::<f32>() / (100 * BLOCK) as f32;
            }
        }
        10.0 * power.log10()
    }

    #[test]
    fn quiet_and_loud_speech_come_closer() {
        let (quiet, loud) = (after(0.01), after(0.3));
        assert!(quiet > -43.0 + 10.0, "{quiet} dB");
        assert!(loud - quiet < 20.0, "{quiet} and {loud} dB were 30 dB apart");
    }
}
