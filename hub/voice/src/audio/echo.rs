//! The Boss's own voice, taken out of what comes back from a line.
//!
//! WebRTC's echo canceller (AEC3) as `sonora` has it in Rust: it finds the delay of the echo by itself, up to about half
//! a second. It works at 16,000 samples a second in steps of 10 ms. On a line that is known to have no echo (`evidence`)
//! what comes is left as it is.
//!
//! What is played is sent a little ahead and in bursts; here it waits until as much was heard, so that an echo always has
//! the same delay, however packets come.

mod evidence;

use std::collections::VecDeque;

use evidence::Evidence;
use sonora::{AudioProcessing, Config, StreamConfig, config::EchoCanceller};

/// Samples a second.
pub(super) const SAMPLE_RATE_HZ: u32 = 16_000;

/// Samples of one step.
const STEP: usize = 160;

/// No more than this waits for what is heard meanwhile: a second.
const WAITING_MOST: usize = 16_000;

/// Takes the echo of what was played out of what is heard.
pub(super) struct EchoCancel {
    processing: AudioProcessing,
    evidence: Evidence,
    played: VecDeque<f32>,
    heard: Vec<f32>,
}

impl EchoCancel {
    pub(super) fn new() -> Self {
        Self { processing: processing(), evidence: Evidence::new(), played: VecDeque::new(), heard: Vec::new() }
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
        let (mut playing, mut unused, mut clean) = ([0.0; STEP], [0.0; STEP], [0.0; STEP]);
        let mut used = 0;
        while let Some(step) = self.heard.get(used..used + STEP) {
            playing.fill_with(|| self.played.pop_front().unwrap_or(0.0));
            let is_clean = self.evidence.step(&playing, step);
            let done = self
                .processing
                .process_render_f32(&[&playing], &mut [&mut unused])
                .and_then(|()| self.processing.process_capture_f32(&[step], &mut [&mut clean]));
            if let Err(error) = &done {
                log::error!("the echo canceller refused a step: {error}");
            }
            out.extend_from_slice(if is_clean || done.is_err() { step } else { &clean });
            used += STEP;
        }
        self.heard.drain(..used);
    }
}

fn processing() -> AudioProcessing {
    let config = Config { echo_canceller: Some(EchoCanceller::default()), ..Config::default() };
    let stream = || StreamConfig::new(SAMPLE_RATE_HZ, 1);
    AudioProcessing::builder().config(config).capture_config(stream()).render_config(stream()).build()
}

#[cfg(test)]
mod tests;
