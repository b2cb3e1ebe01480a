//! What can be set, and what cannot be.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::SoundError;

/// What hears and plays. As TOML: `backend = "alsa"`, and beside it what [`Devices`] or [`Files`] have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "backend", rename_all = "snake_case")]
pub enum Backend {
    /// ALSA itself: the shortest way to a card.
    Alsa(Devices),
    /// The `cpal` crate, with a thread of its own on each side: what ALSA does not reach.
    Cpal(Devices),
    /// Files.
    Wav(Files),
}

impl Default for Backend {
    fn default() -> Self {
        Self::Alsa(Devices::default())
    }
}

/// Which devices, and how they are used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Devices {
    /// The microphones, by the name that [`devices`](super::devices()) lists them under. `CARD=` names of ALSA stay the same
    /// from one start to the next, numbers of cards do not.
    pub capture: String,
    /// The loudspeaker; "" is none.
    pub playback: String,
    /// Microphones and other channels of a frame, 1 to 8; none is as many as there are.
    pub channels: Option<usize>,
    /// Frames captured a second; none is 16,000, or what comes nearest to it.
    pub capture_rate_hz: Option<u32>,
    /// Frames played a second; none is 48,000, or what comes nearest to it.
    pub playback_rate_hz: Option<u32>,
    /// How much is captured at a time: 5 to 100 ms.
    pub period_ms: u32,
    /// How much waits in front of the loudspeaker: 10 to 500 ms. Less is heard sooner, and stutters sooner on a busy machine.
    /// Behind a sound server 100 are needed.
    pub queue_ms: u32,
    /// The card's control of the loudspeaker's volume; "" is the first of Master, Speaker, PCM and Headphone that it has.
    pub mixer: String,
}

impl Default for Devices {
    fn default() -> Self {
        Self {
            capture: "default".to_owned(),
            playback: "default".to_owned(),
            channels: None,
            capture_rate_hz: None,
            playback_rate_hz: None,
            period_ms: 20,
            queue_ms: 40,
            mixer: String::new(),
        }
    }
}

/// Files in the place of devices. The end of what is heard is the end of it all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Files {
    /// A WAV file of 1 to 8 channels: what is heard.
    pub capture: PathBuf,
    /// A WAV file that is made: what is played, in time with what is heard. "" throws it away.
    pub playback: PathBuf,
    /// Frames played a second.
    pub playback_rate_hz: u32,
    /// How much is heard at a time: 5 to 100 ms.
    pub period_ms: u32,
    /// How much waits before it is played: 10 to 500 ms.
    pub queue_ms: u32,
    /// How time goes by.
    pub pace: Pace,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            capture: PathBuf::new(),
            playback: PathBuf::new(),
            playback_rate_hz: 48_000,
            period_ms: 20,
            queue_ms: 40,
            pace: Pace::RealTime,
        }
    }
}

/// How time goes by for files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// A second of sound takes a second.
    RealTime,
    /// A second of sound takes as long as it takes to compute; time is counted in frames.
    Virtual,
}

impl Backend {
    /// Finds what cannot be.
    pub(super) fn check(&self) -> Result<(), SoundError> {
        let (period_ms, queue_ms, rates) = match self {
            Self::Alsa(devices) | Self::Cpal(devices) => {
                if devices.channels.is_some_and(|channels| !(1..=8).contains(&channels)) {
                    return Err(SoundError::Config("`channels` are 1 to 8"));
                }
                if devices.capture.is_empty() {
                    return Err(SoundError::Config("`capture` names a device, such as \"default\""));
                }
                (devices.period_ms, devices.queue_ms, [devices.capture_rate_hz, devices.playback_rate_hz])
            }
            Self::Wav(files) => {
                if files.capture.as_os_str().is_empty() {
                    return Err(SoundError::Config("`capture` names a WAV file"));
                }
                (files.period_ms, files.queue_ms, [None, Some(files.playback_rate_hz)])
            }
        };
        if !(5..=100).contains(&period_ms) {
            return Err(SoundError::Config("`period_ms` is 5 to 100"));
        }
        if !(10..=500).contains(&queue_ms) {
            return Err(SoundError::Config("`queue_ms` is 10 to 500"));
        }
        if rates.into_iter().flatten().any(|rate| !(8_000..=192_000).contains(&rate)) {
            return Err(SoundError::Config("rates are 8000 to 192000"));
        }
        Ok(())
    }
}
