//! Sound cards, and files in their place: one [`Sound`] hears and plays, whatever is behind it, and comes back by itself.
//!
//! It is made for one loop on one thread, which allocates nothing while sound flows:
//!
//! ```no_run
//! # use xswarm_audio::backend::{Backend, Heard, Sound};
//! # fn room(mut front_end: impl FnMut(&[f32]), mut pull: impl FnMut(&mut [f32])) -> Result<(), xswarm_audio::backend::SoundError> {
//! let mut sound = Sound::new(Backend::default())?;
//! let mut out = Vec::new();
//! loop {
//!     match sound.listen() {
//!         Heard::Opened(opened) => out = vec![0.0; opened.speaker_most],  // and a front end for these rates and channels
//!         Heard::Frames { frames, at: _ } => {
//!             front_end(frames);
//!             let wanted = out.get_mut(..sound.wanted()).unwrap_or_default();
//!             pull(wanted);
//!             sound.play(wanted);
//!         }
//!         Heard::Away => {} // `sound.state()` says why; a period has passed
//!         Heard::Ended => return Ok(()),
//!     }
//! }
//! # }
//! ```
//!
//! The loop runs at the pace of the microphones. The loudspeaker may have another clock: [`Sound::wanted`] says how much it
//! takes now, so that what waits for it stays as short as was configured. What is played is one voice, and every channel of
//! the loudspeaker carries it.
//!
//! A device that is lost (unplugged, its server dead, no frames, nothing but errors) is dropped and opened again, with
//! pauses of 0.1 to 2 s, until it is there; it may then have another rate or other channels. What cannot be noticed: a sound
//! server that hands over another source in the place of the one that went, unless that one is silent, which is told as
//! [`SoundState::Silent`].

use std::time::Instant;

#[cfg(feature = "cards")]
mod alsa;
mod backoff;
mod config;
#[cfg(feature = "cards")]
mod cpal;
mod devices;
mod error;
mod queue;
#[cfg(feature = "cards")]
mod samples;
mod sound;
mod state;
#[cfg(feature = "cards")]
mod storm;
mod watch;
mod wav;

pub use config::{Backend, Devices, Files, Pace};
pub use devices::{Ability, Device, Kind, devices};
pub use error::{Lost, SoundError};
pub use sound::{Heard, Opened, Sound};
pub use state::SoundState;

/// Waits until then.
fn pause_until(then: Instant) {
    while let Some(left) = then.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        std::thread::park_timeout(left);
    }
}

/// A sample as 16 bits; what is too loud is as loud as can be.
fn to_i16(sample: f32) -> i16 {
    (sample * 32_768.0).round() as i16
}

/// Frames of a loudspeaker or microphones that make up so many milliseconds.
const fn frames(ms: u32, rate_hz: u32) -> usize {
    (ms as usize * rate_hz as usize) / 1_000
}
