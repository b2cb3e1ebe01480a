//! Everything that can be set, and what cannot be.

use crate::{Array, ChannelMap};

/// How a front end is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// What the sound card gives.
    pub capture: Capture,
    /// Where that which is played is known from.
    pub reference: Reference,
    /// Where the microphones are.
    pub array: Array,
    /// Which stages work, and how.
    pub stages: Stages,
}

/// What a sound card gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Frames a second: 8,000 to 192,000.
    pub rate_hz: u32,
    /// What the channels of a frame are.
    pub channels: ChannelMap,
}

/// Where that which is played is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// It is not: there is no loudspeaker.
    None,
    /// It is one of the captured channels, on the clock of the microphones.
    Captured,
    /// It is handed over as it is played, so many samples a second, on a clock of its own.
    Played {
        /// Samples a second: 8,000 to 192,000.
        rate_hz: u32,
    },
}

/// Which stages work, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Stages {
    /// Takes off what lies below speech.
    pub high_pass: bool,
    /// How long an echo is followed, in milliseconds, 20 to 500; `None` leaves the echo in.
    pub echo_tail_ms: Option<u32>,
    /// Whether *clean* is also freed of what echo is left.
    pub suppress_echo: bool,
    /// Where the beam points.
    pub steering: Steering,
    /// How the microphones become one.
    pub beam: Beam,
    /// How much noise is taken out of *clean*; `None` leaves it in.
    pub noise: Option<NoiseReduction>,
    /// Whether *clean* is brought to an even level.
    pub level: bool,
}

impl Default for Stages {
    fn default() -> Self {
        Self {
            high_pass: true,
            echo_tail_ms: Some(250),
            suppress_echo: true,
            steering: Steering::Follow,
            beam: Beam::Superdirective { loading: 0.02 },
            noise: Some(NoiseReduction::Moderate),
            level: true,
        }
    }
}

/// Where the beam points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Steering {
    /// Where the talker is.
    Follow,
    /// There.
    Degrees(f32),
}

/// How the microphones become one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Beam {
    /// The first one is taken.
    Off,
    /// They are summed, each delayed so that the talker is heard at the same time in all.
    DelayAndSum,
    /// As directive as a small array can be against noise from everywhere.
    Superdirective {
        /// How much the microphones' own noise counts, as a part of all noise: 0.001 to 10. Less is more directive, and
        /// louder in hiss.
        loading: f32,
    },
}

/// How much noise is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoiseReduction {
    /// Some 6 dB.
    Low,
    /// Some 12 dB.
    Moderate,
    /// Some 18 dB.
    High,
}

/// What cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// A rate that is too low, too high, or that no resampler can be made for.
    #[error("sound of {0} samples a second cannot be used; set the device to 8,000 to 192,000, best 16,000 or 48,000")]
    Rate(u32),
    /// Channels that are not there or named twice.
    #[error(
        "the channel map is wrong: name between 1 and {0} different channels, counted from 0, of which at least one is a \
         microphone"
    )]
    Channels(usize),
    /// The reference is to be captured but no channel is named for it, or the other way round.
    #[error(
        "a captured reference needs a channel that is named for it in the channel map, and only then one may be named"
    )]
    Reference,
    /// The array has other microphones than the channel map.
    #[error(
        "the array has {places} places and the channel map {microphones} microphones; give each microphone its place"
    )]
    Places {
        /// Places of the array.
        places: usize,
        /// Microphones of the channel map.
        microphones: usize,
    },
    /// The echo is to be followed for too short or too long.
    #[error("an echo can be followed for 20 to 500 ms, not {0} ms")]
    Tail(u32),
    /// A loading that makes no beam.
    #[error("the loading of a beam is 0.001 to 10, not {0}")]
    Loading(f32),
}

impl Config {
    /// Finds what cannot be.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let rates = [Some(self.capture.rate_hz), self.reference.rate_hz()];
        if let Some(rate) = rates.into_iter().flatten().find(|rate| !(8_000..=192_000).contains(rate)) {
            return Err(ConfigError::Rate(rate));
        }
        let map = &self.capture.channels;
        if !map.is_sound() {
            return Err(ConfigError::Channels(map.channels));
        }
        if map.reference.is_some() != (self.reference == Reference::Captured) {
            return Err(ConfigError::Reference);
        }
        let (places, microphones) = (self.array.places().len(), map.microphones.len());
        let wanted = if self.stages.beam == Beam::Off && places == 0 { 0 } else { microphones };
        if places != wanted {
            return Err(ConfigError::Places { places, microphones });
        }
        if let Some(tail) = self.stages.echo_tail_ms.filter(|tail| !(20..=500).contains(tail)) {
            return Err(ConfigError::Tail(tail));
        }
        match self.stages.beam {
            Beam::Superdirective { loading } if !(0.001..=10.0).contains(&loading) => {
                Err(ConfigError::Loading(loading))
            }
            Beam::Off | Beam::DelayAndSum | Beam::Superdirective { .. } => Ok(()),
        }
    }
}

impl Reference {
    fn rate_hz(self) -> Option<u32> {
        match self {
            Self::Played { rate_hz } => Some(rate_hz),
            Self::None | Self::Captured => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config {
            capture: Capture { rate_hz: 16_000, channels: ChannelMap::microphones(4) },
            reference: Reference::Played { rate_hz: 48_000 },
            array: Array::circle(0.032, &[45.0, 135.0, 225.0, 315.0]),
            stages: Stages::default(),
        }
    }

    #[test]
    fn what_cannot_be_is_named() {
        assert_eq!(config().check(), Ok(()));
        let refused = |change: fn(&mut Config)| {
            let mut config = config();
            change(&mut config);
            config.check().unwrap_err()
        };
        assert_eq!(refused(|config| config.capture.rate_hz = 4_000), ConfigError::Rate(4_000));
        assert_eq!(refused(|config| config.reference = Reference::Played { rate_hz: 7 }), ConfigError::Rate(7));
        assert_eq!(refused(|config| config.capture.channels.channels = 2), ConfigError::Channels(2));
        assert_eq!(refused(|config| config.reference = Reference::Captured), ConfigError::Reference);
        assert_eq!(
            refused(|config| config.array = Array::unknown()),
            ConfigError::Places { places: 0, microphones: 4 }
        );
        assert_eq!(refused(|config| config.stages.echo_tail_ms = Some(1_000)), ConfigError::Tail(1_000));
        let beam = |config: &mut Config| config.stages.beam = Beam::Superdirective { loading: 0.0 };
        assert_eq!(refused(beam), ConfigError::Loading(0.0));
    }
}
