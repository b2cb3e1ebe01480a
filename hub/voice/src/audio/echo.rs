//! The Boss's own voice, taken out of what comes back from a line.
//!
//! WebRTC's echo canceller (AEC3) as `sonora` has it in Rust: it finds the delay of the echo by itself, up to about half
//! a second. It works at 16,000 samples a second in steps of 10 ms. On a line that is known to have no echo (`evidence`),
//! and while nothing was played that could come back, what comes is left as it is, and the canceller rests: it takes 3.5 % of a
//! processor. When an echo begins, it first catches up on what it has missed of it.
//!
//! What is played is sent a little ahead and in bursts; here it waits until as much was heard, so that an echo always has
//! the same delay, however packets come.

mod evidence;

use std::collections::VecDeque;

use evidence::{Echo, Evidence};
use sonora::{AudioProcessing, Config, StreamConfig, config::EchoCanceller};

/// Samples a second.
pub(super) const SAMPLE_RATE_HZ: u32 = 16_000;

/// Samples of one step.
const STEP: usize = 160;

/// No more than this waits for what is heard meanwhile: a second.
const WAITING_MOST: usize = 16_000;

/// So many steps are caught up on: as long as it takes until an echo is known for one, and the longest delay.
const MISSED_MOST: usize = 70;

/// A step of what is played, and of what is heard meanwhile.
type Step = ([f32; STEP], [f32; STEP]);

/// Takes the echo of what was played out of what is heard.
pub(super) struct EchoCancel {
    processing: AudioProcessing,
    evidence: Evidence,
    played: VecDeque<f32>,
    heard: Vec<f32>,
    /// What the canceller was not given while there was no echo.
    missed: VecDeque<Step>,
}

impl EchoCancel {
    pub(super) fn new() -> Self {
        Self {
            processing: processing(),
            evidence: Evidence::new(),
            played: VecDeque::new(),
            heard: Vec::new(),
            missed: VecDeque::new(),
        }
    }

    /// What is played next.
    pub(super) fn played(&mut self, sound: &[f32]) {
        self.played.extend(sound);
        let over = self.played.len().saturating_sub(WAITING_MOST);
        self.played.drain(..over);
    }

    /// What was to be played next is not played.
    pub(super) fn cleared(&mut self) {
        self.played.clear();
    }

    /// Takes what is heard now, and appends it without the echo.
    pub(super) fn heard(&mut self, sound: &[f32], out: &mut Vec<f32>) {
        self.heard.extend_from_slice(sound);
        let mut used = 0;
        while let Some(heard) = self.heard.get(used..).and_then(|rest| rest.first_chunk::<STEP>().copied()) {
            used += STEP;
            let mut playing = [0.0; STEP];
            playing.fill_with(|| self.played.pop_front().unwrap_or(0.0));
            match self.evidence.step(&playing, &heard) {
                Echo::Possible => {
                    while let Some(missed) = self.missed.pop_front() {
                        self.cancel(&missed);
                    }
                    out.extend_from_slice(&self.cancel(&(playing, heard)).unwrap_or(heard));
                }
                Echo::None => {
                    if self.missed.len() == MISSED_MOST {
                        self.missed.pop_front();
                    }
                    self.missed.push_back((playing, heard));
                    out.extend_from_slice(&heard);
                }
                Echo::NothingPlayed => {
                    self.missed.clear();
                    out.extend_from_slice(&heard);
                }
            }
        }
        self.heard.drain(..used);
    }

    /// What is heard without the echo of what is played.
    fn cancel(&mut self, (playing, heard): &Step) -> Option<[f32; STEP]> {
        let (mut unused, mut clean) = ([0.0; STEP], [0.0; STEP]);
        let done = self
            .processing
            .process_render_f32(&[playing], &mut [&mut unused])
            .and_then(|()| self.processing.process_capture_f32(&[heard], &mut [&mut clean]));
        if let Err(error) = &done {
            log::error!("the echo canceller refused a step: {error}");
        }
        done.is_ok().then_some(clean)
    }
}

fn processing() -> AudioProcessing {
    let config = Config { echo_canceller: Some(EchoCanceller::default()), ..Config::default() };
    let stream = || StreamConfig::new(SAMPLE_RATE_HZ, 1);
    AudioProcessing::builder().config(config).capture_config(stream()).render_config(stream()).build()
}

#[cfg(test)]
mod tests;
