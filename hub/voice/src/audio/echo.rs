//! The Boss's own voice, taken out of what comes back from a line.
//!
//! WebRTC's echo canceller (AEC3) as `sonora` has it in Rust: it finds the delay of the echo by itself, up to about half
//! a second. It works at 16,000 samples a second in steps of 10 ms.

use sonora::{
    AudioProcessing, Config, StreamConfig,
    config::{EchoCanceller, TransparentModeType},
};

/// Samples a second.
pub(super) const SAMPLE_RATE_HZ: u32 = 16_000;

/// Samples of one step.
const STEP: usize = 160;

/// Takes the echo of what was played out of what is heard.
pub(super) struct EchoCancel {
    processing: AudioProcessing,
    played: Vec<f32>,
    heard: Vec<f32>,
}

impl EchoCancel {
    pub(super) fn new() -> Self {
        // Most lines have no echo; it finds that out.
        let canceller = EchoCanceller { transparent_mode: TransparentModeType::Hmm, ..EchoCanceller::default() };
        let config = Config { echo_canceller: Some(canceller), ..Config::default() };
        let stream = || StreamConfig::new(SAMPLE_RATE_HZ, 1);
        let processing =
            AudioProcessing::builder().config(config).capture_config(stream()).render_config(stream()).build();
        Self { processing, played: Vec::new(), heard: Vec::new() }
    }

    /// What is played now.
    pub(super) fn played(&mut self, sound: &[f32]) {
        self.played.extend_from_slice(sound);
        let mut out = [0.0; STEP];
        let mut used = 0;
        while let Some(step) = self.played.get(used..used + STEP) {
            if let Err(error) = self.processing.process_render_f32(&[step], &mut [&mut out]) {
                log::error!("the echo canceller refused what was played: {error}");
            }
            used += STEP;
        }
        self.played.drain(..used);
    }

    /// Takes what is heard now, and appends it without the echo.
    pub(super) fn heard(&mut self, sound: &[f32], out: &mut Vec<f32>) {
        self.heard.extend_from_slice(sound);
        let mut clean = [0.0; STEP];
        let mut used = 0;
        while let Some(step) = self.heard.get(used..used + STEP) {
            match self.processing.process_capture_f32(&[step], &mut [&mut clean]) {
                Ok(()) => out.extend_from_slice(&clean),
                Err(error) => {
                    log::error!("the echo canceller refused what was heard: {error}");
                    out.extend_from_slice(step);
                }
            }
            used += STEP;
        }
        self.heard.drain(..used);
    }
}
