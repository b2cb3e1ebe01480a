//! Cuts what is heard into utterances: Wyoming servers transcribe pieces of sound and do not tell where one ends.
//!
//! Pure: sound goes in, steps come out. It knows no servers.

use std::collections::VecDeque;

use crate::{
    Frame, SAMPLE_RATE_HZ,
    audio::{Activity, Format, RateError, Resampler, SpeechDetector},
};

/// Samples a second of what servers are given, and of the detector.
pub(super) const RATE_HZ: u32 = 16_000;

/// Samples of one millisecond.
const MS: u64 = RATE_HZ as u64 / 1_000;

/// Bytes of one millisecond.
pub(super) const MS_BYTES: usize = 32;

/// So much speech is the beginning of an utterance.
const BEGUN_MS: u64 = 150;

/// So much of what was heard before it belongs to it: a detector misses soft beginnings.
const BEFORE_MS: u64 = 300;

/// So much silence ends it.
const ENDED_MS: u64 = 700;

/// An utterance is not longer.
const LONGEST_MS: u64 = 30_000;

/// So many samples are kept while nobody speaks, 700 ms: what may become the beginning of an utterance.
const KEPT: usize = 11_200;

/// What is to be done. Sound is 16-bit PCM, little-endian, mono, of [`RATE_HZ`]. Times are milliseconds from the first
/// sample.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// Somebody began to speak.
    Begin {
        /// When.
        start_ms: u64,
        /// How much of the sound is speech, at its end.
        speech_ms: u64,
        /// What was heard up to now, from a little before that.
        sound: Vec<u8>,
    },
    /// What was heard after it.
    More(Vec<u8>),
    /// There is a pause, which may be the end.
    Pause,
    /// It is over.
    End {
        /// When the last speech ended.
        end_ms: u64,
        /// Whether the speaker has ended, and not only been asked for.
        turn: bool,
    },
    /// The mark that was pushed is reached.
    Mark(u64),
}

#[derive(Debug, Clone, Copy)]
struct Utterance {
    bytes: usize,
    paused: bool,
}

/// Cuts utterances.
pub(super) struct Cutter {
    to_rate: Resampler,
    speech: SpeechDetector,
    activity: Activity,
    /// Samples so far.
    samples: u64,
    /// Where the last utterance was cut off: no sound is told twice.
    cut: u64,
    recent: VecDeque<f32>,
    utterance: Option<Utterance>,
}

impl Cutter {
    pub(super) fn new() -> Result<Self, RateError> {
        Ok(Self {
            to_rate: Resampler::new(SAMPLE_RATE_HZ, RATE_HZ)?,
            speech: SpeechDetector::new(),
            activity: Activity::default(),
            samples: 0,
            cut: 0,
            recent: VecDeque::new(),
            utterance: None,
        })
    }

    /// Takes a frame.
    pub(super) fn frame(&mut self, frame: &Frame) -> Vec<Step> {
        let mut sound = Vec::new();
        self.to_rate.push(frame.as_slice(), &mut sound);
        self.samples += sound.len() as u64;
        self.activity = self.speech.push(&sound);
        match self.utterance {
            Some(utterance) => self.goes_on(utterance, &sound),
            None => self.waits(&sound),
        }
    }

    /// Takes a mark: what was said so far is an utterance, even if its speaker goes on.
    pub(super) fn mark(&mut self, mark: u64) -> Vec<Step> {
        let ended = self.utterance.map(|_| self.end(false));
        ended.into_iter().chain([Step::Mark(mark)]).collect()
    }

    fn waits(&mut self, sound: &[f32]) -> Vec<Step> {
        self.recent.extend(sound);
        self.recent.drain(..self.recent.len().saturating_sub(KEPT));
        let speech_ms = self.activity.speech_ms;
        if speech_ms < BEGUN_MS {
            return Vec::new();
        }
        let wanted = usize::try_from((speech_ms + BEFORE_MS) * MS).unwrap_or(KEPT);
        self.recent.drain(..self.recent.len().saturating_sub(wanted));
        let bytes = pcm(self.recent.make_contiguous());
        self.recent.clear();
        self.utterance = Some(Utterance { bytes: bytes.len(), paused: false });
        let start = self.samples.saturating_sub(speech_ms * MS).max(self.cut);
        vec![Step::Begin { start_ms: start / MS, speech_ms: (self.samples - start) / MS, sound: bytes }]
    }

    fn goes_on(&mut self, mut utterance: Utterance, sound: &[f32]) -> Vec<Step> {
        let bytes = pcm(sound);
        utterance.bytes += bytes.len();
        let mut steps = vec![Step::More(bytes)];
        let pauses = self.activity.silence_ms > 0;
        if pauses && !utterance.paused {
            steps.push(Step::Pause);
        }
        utterance.paused = pauses;
        self.utterance = Some(utterance);
        if self.activity.silence_ms >= ENDED_MS || (utterance.bytes / MS_BYTES) as u64 >= LONGEST_MS {
            steps.push(self.end(true));
        }
        steps
    }

    fn end(&mut self, turn: bool) -> Step {
        self.utterance = None;
        self.cut = self.samples;
        let end = self.samples.saturating_sub(self.activity.silence_ms * MS);
        Step::End { end_ms: end / MS, turn }
    }
}

fn pcm(sound: &[f32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(2 * sound.len());
    Format::Linear.encode(sound, &mut bytes);
    bytes
}

#[cfg(test)]
mod tests;
