//! One utterance in the time of the model: which tokens go in, which come out, and which of them make a frame of sound.
//!
//! The audio is later than the text by a delay (16 steps), and all codebooks but the first by two steps more. Until the delay
//! is over no audio is made at all, and then only of the first codebook, so that the first sound comes early.
//! It deliberately knows neither the network nor the codec.

use std::collections::VecDeque;

use super::{
    config::Config,
    embedding::TextToken,
    pacing::{Begun, Pacing},
};

/// Frames before the first word, which are silent, and clicked when Kyutai listened: they are decoded but not heard.
pub(super) const LEAD_FRAMES: usize = 2;

/// What is the same for all utterances of a model.
#[derive(Debug, Clone)]
pub(super) struct Streams {
    /// The first input of every audio stream.
    start: u32,
    /// The first input of the text.
    text_start: u32,
    /// Codebooks that are spoken.
    codebooks: usize,
    /// Steps by which each stream that is heard is late, beside the delay of the audio.
    delays: Vec<usize>,
    /// Steps by which the audio is later than the text.
    audio_delay: usize,
    ahead: usize,
}

impl Streams {
    /// `codebooks` of those that the model has are spoken.
    pub(super) fn new(config: &Config, codebooks: usize) -> Self {
        let id = |card: usize| u32::try_from(card).unwrap_or(u32::MAX);
        Self {
            start: id(config.streams.card),
            text_start: id(config.streams.text_card),
            codebooks,
            delays: config.streams.delays.iter().skip(1).copied().collect(),
            audio_delay: config.audio_delay_steps(),
            ahead: config.tts_config.second_stream_ahead,
        }
    }

    /// The input of a session that takes no part.
    pub(super) fn idle(&self) -> (TextToken, Vec<Option<u32>>) {
        (TextToken { now: self.text_start, ahead: None }, vec![None; self.delays.len()])
    }

    /// Codebooks that are spoken.
    pub(super) fn codebooks(&self) -> usize {
        self.codebooks
    }

    fn spoken_delays(&self) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator {
        self.delays.iter().copied().take(self.codebooks)
    }

    fn delay_most(&self) -> usize {
        self.spoken_delays().max().unwrap_or(0)
    }
}

/// An utterance.
#[derive(Debug)]
pub(super) struct Utterance {
    streams: Streams,
    pub(super) pacing: Pacing,
    /// Steps done.
    step: usize,
    text: TextToken,
    /// The codes of the last steps, the newest last; codebooks whose time has not come are absent.
    codes: VecDeque<Vec<Option<u32>>>,
    /// Frames made, those of the lead counted.
    frames: usize,
}

impl Utterance {
    pub(super) fn new(streams: Streams) -> Self {
        let text = TextToken { now: streams.text_start, ahead: None };
        let pacing = Pacing::new(streams.ahead);
        Self { streams, pacing, step: 0, text, codes: VecDeque::new(), frames: 0 }
    }

    /// What goes into the next step: the text, and a token for each stream that is heard.
    pub(super) fn input(&self) -> (TextToken, Vec<Option<u32>>) {
        let last = |codebook: usize| self.codes.back().and_then(|codes| codes.get(codebook)).copied().flatten();
        let audio = self.streams.delays.iter().enumerate().map(|(codebook, &delay)| {
            // A stream begins when its own delay is over, whether or not it is spoken.
            if self.step <= delay { Some(self.streams.start) } else { last(codebook) }
        });
        (self.text, audio.collect())
    }

    /// How many codebooks the next step must make.
    pub(super) fn codebooks(&self) -> usize {
        let due = |(at, delay): (usize, usize)| (self.step >= self.streams.audio_delay + delay).then_some(at + 1);
        let numbered = self.streams.spoken_delays().enumerate();
        numbered.rev().find_map(due).unwrap_or(0)
    }

    /// Whether the next step can be done with the text that is there.
    pub(super) fn ready(&self) -> bool {
        !self.finished() && self.pacing.ready()
    }

    /// Whether all of it has become sound.
    pub(super) fn finished(&self) -> bool {
        self.pacing.ended_at().is_some_and(|end| self.frames >= end + LEAD_FRAMES)
    }

    /// The text of this step, after the model said `asked`; what goes on from it is the same step's audio.
    pub(super) fn hear_text(&mut self, asked: u32) -> (TextToken, Option<Begun>) {
        let (text, begun) = self.pacing.next(self.step, asked);
        self.text = text;
        (text, begun)
    }

    /// The audio of this step (as many codes as [`Self::codebooks`] said); a frame of one code for each codebook, if it
    /// completes one. The step is done.
    pub(super) fn hear_audio(&mut self, codes: &[u32]) -> Option<Frame> {
        let due = |(at, delay): (usize, usize)| {
            let code = codes.get(at).copied();
            code.filter(|_| self.step >= self.streams.audio_delay + delay)
        };
        let now: Vec<Option<u32>> = self.streams.spoken_delays().enumerate().map(due).collect();
        self.codes.push_back(now);
        let most = self.streams.delay_most();
        while self.codes.len() > most + 1 {
            self.codes.pop_front();
        }
        self.step += 1;
        // The first of those kept is the step of the frame; a codebook that is late is in a later step.
        let of = |(at, delay): (usize, usize)| self.codes.get(delay)?.get(at).copied().flatten();
        let whole = self.codes.len() == most + 1;
        let codes = whole.then(|| self.streams.spoken_delays().enumerate().map(of).collect::<Option<Vec<u32>>>());
        let codes = codes.flatten()?;
        self.frames += 1;
        Some(Frame { codes, audible: self.frames > LEAD_FRAMES })
    }

    /// Which of the frames that are heard the next one is.
    pub(super) fn heard_frames(&self) -> usize {
        self.frames.saturating_sub(LEAD_FRAMES)
    }
}

/// 80 ms of sound as codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) codes: Vec<u32>,
    /// Whether it is to be heard.
    pub(super) audible: bool,
}
