//! A room device: it hears its wake word, holds the conversation's two ends of sound, and shows with its lights what it does.
//!
//! Everything that decides is pure and knows no device and no clock: [`state`] what the room does next, [`timers`] what rings,
//! [`lights`] what the ring shows, [`earcons`] and [`playback`] what the loudspeaker plays. [`engine`] puts these together with
//! what is heard; [`link`] carries sound and words to the hub and back; [`run`] holds all of it. What is said, and what becomes
//! of it, is the hub's.

pub mod arguments;
pub mod buttons;
pub mod clock;
pub mod config;
pub mod control;
pub mod converter;
pub mod earcons;
pub mod engine;
pub mod exchange;
pub mod files;
pub mod lights;
pub mod link;
pub mod pairing;
pub mod playback;
pub mod run;
pub mod shine;
pub mod state;
pub mod timers;
pub mod trial;
pub mod wake;

/// Samples a second of everything that the loudspeaker plays.
pub const PLAYED_HZ: u32 = 24_000;
