//! Whether the speaker has finished: by the model's own heads where it has them, by silence where it has not.

use crate::{
    FRAME_SAMPLES, SAMPLE_RATE_HZ,
    audio::{RateError, Resampler, SpeechDetector},
};

/// How much of the newest probability counts: amid speech or silence one step alone changes nothing, two do.
const NEWEST: f32 = 0.5;

/// From here on it is a pause, and below this it is speech: the thresholds of Kyutai's own voice assistant, Unmute.
const PAUSE: f32 = 0.6;
const SPEECH: f32 = 0.4;

/// Without heads: so much silence after speech is the end of the turn.
const SILENCE_MS: u64 = 800;

/// What the detector works at.
const DETECTOR_HZ: u32 = 16_000;

/// What a session's sound is right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Now {
    /// Somebody speaks.
    Speech,
    /// Neither surely.
    Between,
    /// Whoever spoke has finished.
    Pause,
}

/// Follows one session.
pub(super) enum PauseDetector {
    /// By the probability that the model gives.
    Semantic { smoothed: f32 },
    /// By the sound itself.
    Acoustic(Box<Acoustic>),
}

/// The sound of one session, on its way to the detector.
pub(super) struct Acoustic {
    to_detector: Resampler,
    detector: SpeechDetector,
    sound: Vec<f32>,
}

impl PauseDetector {
    /// For a model with such heads, or for one without them.
    pub(super) fn new(has_heads: bool) -> Result<Self, RateError> {
        if has_heads {
            return Ok(Self::Semantic { smoothed: 1.0 });
        }
        let to_detector = Resampler::new(SAMPLE_RATE_HZ, DETECTOR_HZ)?;
        Ok(Self::Acoustic(Box::new(Acoustic { to_detector, detector: SpeechDetector::new(), sound: Vec::new() })))
    }

    /// After one step: of this sound, or of silence put in; `pause` is what the model's head says, from 0 to 1.
    pub(super) fn after(&mut self, sound: Option<&[f32; FRAME_SAMPLES]>, pause: Option<f32>) -> Now {
        match self {
            Self::Semantic { smoothed } => {
                // A model that says nothing sensible says that nothing changed.
                let newest = pause.filter(|pause| pause.is_finite()).unwrap_or(*smoothed);
                *smoothed += NEWEST * (newest - *smoothed);
                match *smoothed {
                    now if now > PAUSE => Now::Pause,
                    now if now < SPEECH => Now::Speech,
                    _ => Now::Between,
                }
            }
            Self::Acoustic(acoustic) => {
                let Some(sound) = sound else { return Now::Between };
                acoustic.sound.clear();
                acoustic.to_detector.push(sound, &mut acoustic.sound);
                let activity = acoustic.detector.push(&acoustic.sound);
                if activity.speech_ms > 0 {
                    Now::Speech
                } else if activity.silence_ms >= SILENCE_MS {
                    Now::Pause
                } else {
                    Now::Between
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_step_changes_nothing_two_do() {
        let mut detector = PauseDetector::new(true).unwrap();
        let mut after = |pauses: [f32; 4]| pauses.map(|pause| detector.after(None, Some(pause)));
        assert_eq!(after([0.0; 4]), [Now::Between, Now::Speech, Now::Speech, Now::Speech]);
        assert_eq!(after([1.0, 0.0, 0.0, 0.0]), [Now::Between, Now::Speech, Now::Speech, Now::Speech]);
        assert_eq!(after([1.0; 4]), [Now::Between, Now::Pause, Now::Pause, Now::Pause]);
        assert_eq!(after([0.0, 1.0, 1.0, 1.0]), [Now::Between, Now::Pause, Now::Pause, Now::Pause]);
    }

    #[test]
    fn a_number_that_is_none_changes_nothing() {
        let mut detector = PauseDetector::new(true).unwrap();
        assert_eq!(detector.after(None, Some(f32::NAN)), Now::Pause);
        assert_eq!(detector.after(None, None), Now::Pause);
    }
}
