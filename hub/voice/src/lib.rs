//! Speech in, speech out.
//!
//! - [`Engine`] is what turns sound into words and words into sound: Kyutai's models on this machine, any server that
//!   speaks the Wyoming protocol, or a scripted twin that needs neither.
//! - [`Listener`] takes frames of sound and tells what was said; [`Speaker`] takes text and gives sound; a [`Conversation`]
//!   takes sound and gives sound, and chats. All are sessions: an engine has a number of them and says so when none is
//!   free. Dropping one frees it.
//! - `catalogue` (feature `models`) is what models there are, and gets them; `moshi` (feature `moshi`) runs them.
//! - [`audio`] is what lies between a line and an engine: µ-law, sampling rates, gaps, speech, echo, the pace of playback.
//!
//! Inside, sound is mono, 24,000 samples a second, `f32` from -1 to 1. Time is counted in samples, never by a clock.
//! This crate deliberately knows nothing of calls, rooms, persons or what the words mean.

pub mod audio;
#[cfg(feature = "models")]
pub mod catalogue;
mod conversation;
mod engine;
mod listener;
#[cfg(feature = "moshi")]
pub mod moshi;
mod scripted;
mod speaker;
mod wyoming;

pub use conversation::{Conversation, Reply};
pub use engine::{Engine, EngineError};
pub use listener::{Heard, Listener};
pub use scripted::{Script, Scripted};
pub use speaker::{Speaker, Spoken};
pub use wyoming::{Checked, Program, Wyoming, WyomingConfig};

/// Samples a second of all sound inside.
pub const SAMPLE_RATE_HZ: u32 = 24_000;

/// Samples of one frame that an engine listens to: 80 ms, the step of Kyutai's codec (Mimi, 12.5 Hz).
pub const FRAME_SAMPLES: usize = 1_920;

/// 80 ms of sound for a listener.
pub type Frame = Box<[f32; FRAME_SAMPLES]>;
