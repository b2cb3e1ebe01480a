//! How the devices are.

use std::time::Duration;

use super::Lost;

/// How the devices are, for lights and for the health of the hub. Times are of [`Sound::now`](super::Sound::now).
#[derive(Debug, Default)]
pub enum SoundState {
    /// No sound came yet.
    #[default]
    Closed,
    /// Sound flows.
    Running,
    /// Frames come, but for some time each sample was exactly zero, as no microphone is: it is muted in the mixer or by a
    /// switch, or a sound server gives something else in its place.
    Silent {
        /// Since when.
        since: Duration,
    },
    /// They are away, and tried again and again.
    Lost {
        /// Why, as it was when they went, or when they were last tried.
        why: Lost,
        /// Since when.
        since: Duration,
    },
    /// The file is at its end.
    Ended,
}
