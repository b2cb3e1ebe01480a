//! What comes in over a line, made ready for an engine: in order and without gaps, without the Boss's own echo, at the
//! engines' rate and in their frames; and whether somebody speaks.

use std::collections::VecDeque;

use super::{
    Format,
    echo::{self, EchoCancel},
    resample::Resampler,
    speech::{Activity, SpeechDetector},
};
use crate::{FRAME_SAMPLES, Frame, SAMPLE_RATE_HZ};

/// A gap up to this long is filled with silence; a longer one counts as so long.
const GAP_MOST_MS: u64 = 2_000;

/// A packet that is further ahead than this is from another time.
const JUMP_MS: u64 = 10_000;

/// Packets need not meet to the millisecond.
const TOLERANCE_MS: u64 = 20;

/// One packet must not hold more than this.
const PACKET_MOST_MS: u64 = 1_000;

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It was taken; so much silence was put before it.
    Taken {
        /// Milliseconds.
        gap_ms: u64,
    },
    /// It is over already: a repetition, or far too late.
    Late,
    /// It holds more than a second.
    TooLong,
}

/// What a packet came to.
#[derive(Debug)]
pub struct Taken {
    /// What became of it.
    pub arrival: Arrival,
    /// Whether somebody speaks.
    pub activity: Activity,
    /// The frames that are full now.
    pub frames: Vec<Frame>,
}

/// One direction of one line: from it to an engine.
pub struct Intake {
    format: Format,
    /// Where the next packet is expected, from the start of the stream.
    next_ms: Option<u64>,
    /// Where the packet after one would be that claimed to be from far ahead.
    elsewhere_ms: Option<u64>,
    to_working_rate: Resampler,
    to_engine: Resampler,
    played_to_working_rate: Resampler,
    echo: Option<EchoCancel>,
    speech: SpeechDetector,
    activity: Activity,
    framing: VecDeque<f32>,
    /// Room for one packet on its way through, so that none is asked for anew.
    raw: Vec<f32>,
    working: Vec<f32>,
    clean: Vec<f32>,
    ready: Vec<f32>,
}

impl Intake {
    /// For a line of this format. With `cancels_echo` what is [`Self::played`] is taken out of what comes back.
    pub fn new(format: Format, cancels_echo: bool) -> Result<Self, super::RateError> {
        Ok(Self {
            format,
            next_ms: None,
            elsewhere_ms: None,
            to_working_rate: Resampler::new(format.sample_rate_hz(), echo::SAMPLE_RATE_HZ)?,
            to_engine: if cancels_echo {
                Resampler::new(echo::SAMPLE_RATE_HZ, SAMPLE_RATE_HZ)?
            } else {
                Resampler::new(format.sample_rate_hz(), SAMPLE_RATE_HZ)?
            },
            played_to_working_rate: Resampler::new(SAMPLE_RATE_HZ, echo::SAMPLE_RATE_HZ)?,
            echo: cancels_echo.then(EchoCancel::new),
            speech: SpeechDetector::new(),
            activity: Activity::default(),
            framing: VecDeque::new(),
            raw: Vec::new(),
            working: Vec::new(),
            clean: Vec::new(),
            ready: Vec::new(),
        })
    }

    /// Takes a packet. `at_ms` is where its first sample lies, from the start of the stream.
    pub fn take(&mut self, at_ms: u64, bytes: &[u8]) -> Taken {
        self.raw.clear();
        self.format.decode(bytes, &mut self.raw);
        let arrival = self.place(at_ms);
        let mut frames = Vec::new();
        if let Arrival::Taken { gap_ms } = arrival {
            let silence = samples(gap_ms, self.format.sample_rate_hz());
            self.raw.splice(0..0, std::iter::repeat_n(0.0, silence));
            self.process(&mut frames);
        }
        Taken { arrival, activity: self.activity, frames }
    }

    /// What was sent to the line just now, at the engines' rate. Where nothing is sent nothing is played.
    pub fn played(&mut self, sound: &[f32]) {
        if let Some(echo) = &mut self.echo {
            self.working.clear();
            self.played_to_working_rate.push(sound, &mut self.working);
            echo.played(&self.working);
        }
    }

    /// The line was told to drop what it has not played yet.
    pub fn cleared(&mut self) {
        if let Some(echo) = &mut self.echo {
            echo.cleared();
        }
    }

    /// Whether the packet in `raw` is next, and what is missing before it.
    fn place(&mut self, at_ms: u64) -> Arrival {
        let length_ms = self.raw.len() as u64 * 1_000 / u64::from(self.format.sample_rate_hz());
        if length_ms > PACKET_MOST_MS {
            return Arrival::TooLong;
        }
        let expected = self.next_ms.unwrap_or(at_ms);
        if at_ms.saturating_add(TOLERANCE_MS) < expected {
            return Arrival::Late;
        }
        // One packet that says it is from another time is no reason to wait for that time; two that agree are.
        if at_ms > expected.saturating_add(JUMP_MS)
            && self.elsewhere_ms.is_none_or(|elsewhere| elsewhere.abs_diff(at_ms) > TOLERANCE_MS)
        {
            self.elsewhere_ms = Some(at_ms.saturating_add(length_ms));
            return Arrival::Late;
        }
        self.elsewhere_ms = None;
        let gap_ms =
            if at_ms > expected.saturating_add(TOLERANCE_MS) { (at_ms - expected).min(GAP_MOST_MS) } else { 0 };
        // What is within the tolerance does not add up: after a gap the packet says where the line is.
        let begins = if gap_ms > 0 { at_ms } else { expected };
        self.next_ms = Some(begins.saturating_add(length_ms));
        Arrival::Taken { gap_ms }
    }

    fn process(&mut self, frames: &mut Vec<Frame>) {
        self.working.clear();
        self.to_working_rate.push(&self.raw, &mut self.working);
        self.ready.clear();
        if let Some(echo) = &mut self.echo {
            self.clean.clear();
            echo.heard(&self.working, &mut self.clean);
            self.activity = self.speech.push(&self.clean);
            self.to_engine.push(&self.clean, &mut self.ready);
        } else {
            self.activity = self.speech.push(&self.working);
            self.to_engine.push(&self.raw, &mut self.ready);
        }
        self.framing.extend(self.ready.iter());
        while self.framing.len() >= FRAME_SAMPLES {
            let mut frame: Frame = Box::new([0.0; FRAME_SAMPLES]);
            for (to, from) in frame.iter_mut().zip(self.framing.drain(..FRAME_SAMPLES)) {
                *to = from;
            }
            frames.push(frame);
        }
    }
}

fn samples(ms: u64, rate_hz: u32) -> usize {
    usize::try_from(ms * u64::from(rate_hz) / 1_000).unwrap_or(0)
}

#[cfg(test)]
mod tests;
