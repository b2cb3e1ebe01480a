//! What the device hears: the front end, the wake word, and the last moments, ready to be sent.

use std::{collections::VecDeque, time::Duration};

use xswarm_audio::{BLOCK, Config, ConfigError, FrontEnd, SAMPLE_RATE_HZ};
use xswarm_wake::{Detector, Wake};

use crate::{
    PLAYED_HZ,
    converter::{Converter, RateError},
    exchange::{PIECE, PRE_ROLL, Piece},
};

/// How sure a direction must be for the lights to show it.
const SURE: f32 = 0.2;

/// Ears.
pub(super) struct Ears {
    front_end: Option<FrontEnd>,
    hearing: Hearing,
    /// In the place of what a muted microphone hears.
    silence: Vec<f32>,
}

/// What was heard in one period.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// A wake word.
    pub(super) wake: Option<Wake>,
    /// How many pieces became whole.
    pub(super) fresh: usize,
}

struct Hearing {
    detector: Option<Detector>,
    converter: Converter,
    /// What is no whole piece yet.
    begun: Vec<i16>,
    last: VecDeque<Piece>,
    direction: Option<f32>,
}

impl Ears {
    /// That listen to what this detector knows, if there is one.
    pub(super) fn new(detector: Option<Detector>) -> Result<Self, RateError> {
        let hearing = Hearing {
            detector,
            converter: Converter::new(SAMPLE_RATE_HZ, PLAYED_HZ)?,
            begun: Vec::with_capacity(2 * PIECE),
            last: VecDeque::with_capacity(PRE_ROLL + 1),
            direction: None,
        };
        Ok(Self { front_end: None, hearing, silence: Vec::new() })
    }

    /// Fits them to a card. Without success they hear nothing.
    pub(super) fn fit(&mut self, config: &Config, samples_most: usize) -> Result<(), ConfigError> {
        self.front_end = None;
        self.forget();
        self.silence = vec![0.0; samples_most];
        self.front_end = Some(FrontEnd::new(config)?);
        Ok(())
    }

    /// Takes a period. Muted, what it holds is not looked at: silence takes its place before anything else sees it.
    pub(super) fn hear(&mut self, frames: &[f32], at: Duration, is_muted: bool) -> Heard {
        let mut heard = Heard::default();
        let Some(front_end) = &mut self.front_end else { return heard };
        let frames = if is_muted {
            // Longer than ever before only where a card gives more than it said.
            if self.silence.len() < frames.len() {
                self.silence.resize(frames.len(), 0.0);
            }
            self.silence.get(..frames.len()).unwrap_or_default()
        } else {
            frames
        };
        let hearing = &mut self.hearing;
        front_end.captured(frames, at, |block| {
            if let Some(direction) = block.direction.filter(|found| found.confidence >= SURE) {
                hearing.direction = Some(direction.degrees);
            }
            let wake = hearing.listen(block.linear);
            heard.wake = heard.wake.take().or(wake);
            heard.fresh += hearing.keep(block.clean);
        });
        heard
    }

    /// What is handed to the loudspeaker, so that it is not taken for a talker.
    pub(super) fn played(&mut self, sound: &[f32], at: Duration) {
        if let Some(front_end) = &mut self.front_end {
            front_end.played(sound, at);
        }
    }

    /// The newest pieces, the oldest of them first.
    pub(super) fn newest(&self, count: usize) -> impl Iterator<Item = &Piece> + Clone {
        self.hearing.last.iter().skip(self.hearing.last.len().saturating_sub(count))
    }

    /// Where the talker was last, in degrees.
    pub(super) fn direction(&self) -> Option<f32> {
        self.hearing.direction
    }

    /// Forgets all that was heard.
    pub(super) fn forget(&mut self) {
        let hearing = &mut self.hearing;
        hearing.begun.clear();
        hearing.last.clear();
        hearing.direction = None;
        if let Some(Err(error)) = hearing.detector.as_mut().map(Detector::reset) {
            hearing.lose(&error);
        }
    }
}

impl Hearing {
    fn listen(&mut self, linear: &[f32; BLOCK]) -> Option<Wake> {
        match self.detector.as_mut()?.push(linear) {
            Ok(wake) => wake,
            Err(error) => {
                self.lose(&error);
                None
            }
        }
    }

    fn lose(&mut self, error: &xswarm_wake::WakeError) {
        log::error!("no wake word can be heard any more: {error}; start the device again");
        self.detector = None;
    }

    /// Keeps a block for sending; how many pieces became whole.
    fn keep(&mut self, clean: &[f32; BLOCK]) -> usize {
        self.begun.extend(self.converter.convert(clean).iter().copied().map(to_i16));
        let mut fresh = 0;
        while let Some(whole) = self.begun.get(..PIECE) {
            if self.last.len() == PRE_ROLL {
                self.last.pop_front();
            }
            self.last.push_back(Piece::new(whole));
            self.begun.drain(..PIECE);
            fresh += 1;
        }
        fresh
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates")]
fn to_i16(sample: f32) -> i16 {
    (sample * 32_768.0).round() as i16
}
