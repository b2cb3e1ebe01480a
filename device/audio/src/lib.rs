//! What a microphone array hears, made fit for a wake word and for speech recognition.
//!
//! [`FrontEnd`] takes the frames of a sound card and gives, every 10 ms, two signals at 16,000 samples a second: one from
//! which only the echo of the box's own loudspeaker was subtracted (*linear*: for the wake word and for interrupting), and
//! one that is also steered at the talker and freed of noise (*clean*: for speech recognition, as frames of 24,000 samples a
//! second too). Every stage can be switched off, so that its worth can be measured.
//!
//! Once made it allocates nothing, waits for nothing and reads no clock, so it may run in the thread of the sound card. It
//! knows no sound card: what is captured and what is played is handed to it. [`backend`] knows them.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts of samples, partitions and milliseconds stay far below 2^24, and angles are not negative where cast"
)]

mod array;
pub mod backend;
mod beam;
mod channels;
mod clean;
mod config;
mod direction;
mod drift;
mod echo;
mod front_end;
mod high_pass;
mod level;
mod limiter;
mod resample;
mod spectrum;
mod speech;

pub use array::{Array, Place};
pub use channels::ChannelMap;
pub use config::{Beam, Capture, Config, ConfigError, NoiseReduction, Reference, Stages, Steering};
pub use direction::Direction;
pub use echo::EchoReport;
pub use front_end::{Block, FrontEnd};

/// Samples a second of everything inside.
pub const SAMPLE_RATE_HZ: u32 = 16_000;

/// Samples of one block: 10 ms.
pub const BLOCK: usize = 160;

/// Samples a second of the frames for speech recognition.
pub const FRAME_RATE_HZ: u32 = 24_000;

/// Samples of one such frame: 80 ms.
pub const FRAME: usize = 1_920;

/// Sound of 10 ms, each sample from -1 to 1.
type Sound = [f32; BLOCK];
