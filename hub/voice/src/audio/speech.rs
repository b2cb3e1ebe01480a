//! Whether somebody speaks: `earshot`'s detector at 16,000 samples a second, with a memory.

/// Samples of one step of the detector: 16 ms.
const STEP: usize = 256;

/// Milliseconds of one step.
const STEP_MS: u64 = 16;

/// From this score on a step is speech.
const SPEECH: f32 = 0.5;

/// A pause of this length belongs to the speech around it.
const PAUSE_MS: u64 = 160;

/// Whether somebody speaks, and for how long already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Activity {
    /// Milliseconds of speech, short pauses included, that reach up to now; 0 in silence.
    pub speech_ms: u64,
    /// Milliseconds without speech up to now; 0 while somebody speaks.
    pub silence_ms: u64,
}

impl Activity {
    /// After one more step.
    fn after(self, speech: bool, pause_ms: &mut u64) -> Self {
        if speech {
            *pause_ms = 0;
            return Self { speech_ms: self.speech_ms + STEP_MS, silence_ms: 0 };
        }
        if self.speech_ms == 0 {
            return Self { speech_ms: 0, silence_ms: self.silence_ms + STEP_MS };
        }
        *pause_ms += STEP_MS;
        if *pause_ms > PAUSE_MS {
            Self { speech_ms: 0, silence_ms: *pause_ms }
        } else {
            Self { speech_ms: self.speech_ms + STEP_MS, silence_ms: 0 }
        }
    }
}

/// Follows a line.
pub(crate) struct SpeechDetector {
    detector: Box<earshot::Detector>,
    waiting: Vec<f32>,
    activity: Activity,
    pause_ms: u64,
}

impl SpeechDetector {
    pub(crate) fn new() -> Self {
        Self {
            detector: earshot::Detector::default_boxed(),
            waiting: Vec::new(),
            activity: Activity::default(),
            pause_ms: 0,
        }
    }

    /// Takes some sound, of 16,000 samples a second; tells how things are after it.
    pub(crate) fn push(&mut self, sound: &[f32]) -> Activity {
        // A resampler may overshoot by a little; the detector wants what a sample can be.
        self.waiting.extend(sound.iter().map(|sample| sample.clamp(-1.0, 1.0)));
        let mut used = 0;
        while let Some(step) = self.waiting.get(used..used + STEP) {
            let speech = self.detector.predict_f32(step) >= SPEECH;
            self.activity = self.activity.after(speech, &mut self.pause_ms);
            used += STEP;
        }
        self.waiting.drain(..used);
        self.activity
    }
}
