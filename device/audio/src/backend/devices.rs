//! Which devices there are.

use std::fmt;
use std::ops::RangeInclusive;

use super::SoundError;

/// Who is asked for devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// [`Backend::Alsa`](super::Backend::Alsa)
    Alsa,
    /// [`Backend::Cpal`](super::Backend::Cpal)
    Cpal,
}

/// A device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// What it is chosen by.
    pub name: String,
    /// What it says about itself.
    pub description: String,
    /// How it hears.
    pub captures: Ability,
    /// How it plays.
    pub plays: Ability,
}

/// Whether a device can do something, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ability {
    /// It cannot.
    No,
    /// It can, or could if no other program used it.
    Unknown,
    /// It can.
    Yes {
        /// Samples of a frame.
        channels: RangeInclusive<u32>,
        /// Frames a second.
        rates: RangeInclusive<u32>,
    },
}

impl fmt::Display for Ability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = |f: &mut fmt::Formatter<'_>, range: &RangeInclusive<u32>| {
            if range.start() == range.end() {
                write!(f, "{}", range.start())
            } else {
                write!(f, "{} to {}", range.start(), range.end())
            }
        };
        match self {
            Self::No => f.write_str("no"),
            Self::Unknown => f.write_str("busy, or asleep"),
            Self::Yes { channels, rates } => {
                range(f, channels)?;
                f.write_str(" channels, ")?;
                range(f, rates)?;
                f.write_str(" Hz")
            }
        }
    }
}

/// The devices that there are. Asks each what it can: it may be busy for a moment.
pub fn devices(kind: Kind) -> Result<Vec<Device>, SoundError> {
    match kind {
        #[cfg(feature = "cards")]
        Kind::Alsa => of_alsa(),
        #[cfg(feature = "cards")]
        Kind::Cpal => super::cpal::devices(),
        #[cfg(not(feature = "cards"))]
        Kind::Alsa | Kind::Cpal => Err(SoundError::LeftOut),
    }
}

/// How many channels to use of a device that has so many, when nobody says: all that it has, or one where it takes any
/// number because it converts.
#[cfg(feature = "cards")]
pub(super) fn channels(least: u32, most: u32) -> u32 {
    if most <= 8 { most } else { least.max(1) }
}

/// There is no such device; but there are others.
#[cfg(feature = "cards")]
pub(super) fn none(kind: Kind, name: &str, captures: bool) -> SoundError {
    let able = |device: &Device| if captures { device.captures != Ability::No } else { device.plays != Ability::No };
    let mut names: Vec<_> =
        devices(kind).unwrap_or_default().into_iter().filter(able).map(|device| device.name).collect();
    names.dedup();
    let known = if names.is_empty() { "is none at all".to_owned() } else { format!("are: {}", names.join(", ")) };
    SoundError::NoDevice { name: name.to_owned(), does: if captures { "captures" } else { "plays" }, known }
}

/// What ALSA makes up for every card, and what does nothing by itself.
#[cfg(feature = "cards")]
const DERIVED: [&str; 19] = [
    "null",
    "front:",
    "rear:",
    "center_lfe:",
    "side:",
    "surround",
    "iec958:",
    "hdmi:",
    "dmix:",
    "dsnoop:",
    "sysdefault",
    "usbstream:",
    "lavrate",
    "samplerate",
    "speexrate",
    "speex",
    "upmix",
    "vdownmix",
    "jack",
];

#[cfg(feature = "cards")]
fn of_alsa() -> Result<Vec<Device>, SoundError> {
    use alsa::{Direction, Output, device_name::HintIter};
    let wrong = |cause: alsa::Error| SoundError::Device {
        name: "ALSA".to_owned(),
        what: "list its devices",
        cause: cause.to_string(),
    };
    let _written_nowhere = Output::local_error_handler().map_err(wrong)?;
    let hints = HintIter::new(None, c"pcm").map_err(wrong)?;
    let mut found: Vec<Device> = hints
        .filter_map(|hint| Some((hint.name?, hint.desc.unwrap_or_default(), hint.direction)))
        .filter(|(name, _, _)| !DERIVED.iter().any(|derived| name.starts_with(derived)))
        .map(|(name, description, direction)| {
            let able = |wanted| match direction {
                Some(direction) if direction != wanted => Ability::No,
                Some(_) | None => ability(&name, wanted),
            };
            let (captures, plays) = (able(Direction::Capture), able(Direction::Playback));
            Device { name, description: description.replace('\n', ": "), captures, plays }
        })
        .collect();
    // A name of the configuration that both hears and plays is hinted at twice.
    found.dedup_by(|later, first| later.name == first.name);
    Ok(found)
}

#[cfg(feature = "cards")]
fn ability(name: &str, direction: alsa::Direction) -> Ability {
    use alsa::pcm::{HwParams, PCM};
    let Ok(text) = std::ffi::CString::new(name) else { return Ability::No };
    let pcm = match PCM::open(&text, direction, true) {
        Ok(pcm) => pcm,
        Err(error) if error.errno() == rustix::io::Errno::BUSY.raw_os_error() => return Ability::Unknown,
        Err(_) => return Ability::No,
    };
    let asked = || -> alsa::Result<Ability> {
        let hw = HwParams::any(&pcm)?;
        Ok(Ability::Yes {
            channels: hw.get_channels_min()?..=hw.get_channels_max()?,
            rates: hw.get_rate_min()?..=hw.get_rate_max()?,
        })
    };
    asked().unwrap_or(Ability::Unknown)
}

#[cfg(all(test, feature = "cards"))]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_used_with_all_its_channels_and_what_converts_with_one() {
        assert_eq!([channels(4, 4), channels(1, 2), channels(6, 6)], [4, 2, 6]);
        assert_eq!([channels(1, 32), channels(1, 10_000), channels(10, 10)], [1, 1, 10]);
    }

    #[test]
    fn what_a_device_can_is_said_in_words() {
        assert_eq!(Ability::Yes { channels: 4..=4, rates: 8_000..=48_000 }.to_string(), "4 channels, 8000 to 48000 Hz");
        assert_eq!(Ability::No.to_string(), "no");
    }
}
