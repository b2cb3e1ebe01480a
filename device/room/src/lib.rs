//! A room device: it hears its wake word, holds the conversation's two ends of sound, and shows with its lights what it does.
//!
//! Everything that decides is pure and knows no device and no clock: [`state`] what the room does next, [`lights`] what the
//! ring shows, [`earcons`] and [`playback`] what the loudspeaker plays. What is said, and what becomes of it, is the hub's.

pub mod earcons;
pub mod lights;
pub mod playback;
pub mod state;

/// Samples a second of everything that the loudspeaker plays.
pub const PLAYED_HZ: u32 = 24_000;
