//! Hears its wake word.
//!
//! - [`Detector`] takes sound and says when a wake word was spoken: [`Ears`] give an [`Impression`] every 80 ms (Google's speech
//!   embedding, and the spectrum beside it), of which one small [`Head`] per phrase judges.
//! - [`Head`] is what was learnt about one phrase, as a small file of our own.
//! - [`training`] makes such a head for any phrase, from synthetic speech; [`evaluation`] says how good it is.
//!
//! Sound is mono, 16,000 samples a second, `f32` from -1 to 1. Time is counted in samples, never by a clock.
//! This crate deliberately knows nothing of microphones, the hub or what follows the wake word: that the transcript of the
//! first words begins with the phrase is checked there.

pub mod acoustics;
mod detector;
mod ears;
mod embedding;
pub mod evaluation;
mod head;
mod network;
mod spectrogram;
pub mod speech;
pub mod training;

pub use detector::{Attention, Detector, Sensitivity, Wake};
pub use ears::{Ears, HOP_SAMPLES, Impression, SPECTRUM_SIZE};
pub use embedding::{EMBEDDING_SIZE, WakeError};
pub use head::{Head, HeadError};

/// Samples a second of all sound here.
pub const SAMPLE_RATE_HZ: u32 = 16_000;
