//! `[front_end]`: what is made of what is heard, for the card that was opened.

use serde::Deserialize;
use xswarm_audio::{
    Array, Beam, Capture, ChannelMap, Config, NoiseReduction, Reference, Stages, Steering, backend::Opened,
};

/// `[front_end]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontEndConfig {
    /// The channels that are raw microphones; none named: all but the reference.
    pub microphones: Vec<usize>,
    /// Where that which is played is known from.
    pub reference: ReferenceKind,
    /// The channel of a captured reference.
    pub reference_channel: usize,
    /// The radius of the array; 0 where nobody knows.
    pub radius_mm: f32,
    /// Where the microphones stand on it.
    pub degrees: Vec<f32>,
    /// See [`Stages::high_pass`].
    pub high_pass: bool,
    /// See [`Stages::echo_tail_ms`]; 0 for none.
    pub echo_tail_ms: u32,
    /// See [`Stages::suppress_echo`].
    pub suppress_echo: bool,
    /// How microphones become one.
    pub beam: BeamKind,
    /// See [`Beam::Superdirective`].
    pub loading: f32,
    /// How much noise is taken out.
    pub noise_reduction: Noise,
    /// See [`Stages::level`].
    pub level: bool,
}

/// Where that which is played is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// From this device itself.
    Played,
    /// From a captured channel.
    Captured,
    /// From nowhere.
    None,
}

/// How microphones become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BeamKind {
    /// See [`Beam::Superdirective`].
    Superdirective,
    /// See [`Beam::DelayAndSum`].
    DelayAndSum,
    /// See [`Beam::Off`].
    Off,
}

/// How much noise is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noise {
    /// None.
    Off,
    /// See [`NoiseReduction::Low`].
    Low,
    /// See [`NoiseReduction::Moderate`].
    Moderate,
    /// See [`NoiseReduction::High`].
    High,
}

impl FrontEndConfig {
    /// The front end for what was opened. Where nobody knows where the microphones stand there is no beam.
    pub fn for_card(&self, opened: Opened) -> Config {
        let captured = (self.reference == ReferenceKind::Captured).then_some(self.reference_channel);
        let all = (0..opened.channels).filter(|channel| Some(*channel) != captured);
        let microphones = if self.microphones.is_empty() { all.collect() } else { self.microphones.clone() };
        let is_known = self.radius_mm > 0.0;
        let beam = match self.beam {
            BeamKind::Off => Beam::Off,
            BeamKind::Superdirective | BeamKind::DelayAndSum if !is_known => Beam::Off,
            BeamKind::DelayAndSum => Beam::DelayAndSum,
            BeamKind::Superdirective => Beam::Superdirective { loading: self.loading },
        };
        let reference = match (self.reference, opened.speaker_hz) {
            (ReferenceKind::Captured, _) => Reference::Captured,
            (ReferenceKind::Played, Some(rate_hz)) => Reference::Played { rate_hz },
            (ReferenceKind::Played, None) | (ReferenceKind::None, _) => Reference::None,
        };
        let noise = match self.noise_reduction {
            Noise::Off => None,
            Noise::Low => Some(NoiseReduction::Low),
            Noise::Moderate => Some(NoiseReduction::Moderate),
            Noise::High => Some(NoiseReduction::High),
        };
        Config {
            capture: Capture {
                rate_hz: opened.rate_hz,
                channels: ChannelMap { channels: opened.channels, microphones, reference: captured },
            },
            reference,
            array: if is_known { Array::circle(self.radius_mm / 1_000.0, &self.degrees) } else { Array::unknown() },
            stages: Stages {
                high_pass: self.high_pass,
                echo_tail_ms: Some(self.echo_tail_ms).filter(|tail_ms| *tail_ms > 0),
                suppress_echo: self.suppress_echo,
                steering: Steering::Follow,
                beam,
                noise,
                level: self.level,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use xswarm_audio::FrontEnd;

    use super::*;

    fn front_end(text: &str) -> FrontEndConfig {
        crate::config::Config::from_toml(&format!("[front_end]\n{text}")).unwrap().front_end
    }

    fn opened(channels: usize, speaker_hz: Option<u32>) -> Opened {
        Opened { rate_hz: 16_000, channels, period: 320, speaker_hz, speaker_most: 1_920 }
    }

    #[test]
    fn the_defaults_fit_any_card() {
        for (channels, speaker_hz) in [(1, None), (2, Some(44_100)), (4, Some(48_000)), (8, Some(16_000))] {
            let config = front_end("").for_card(opened(channels, speaker_hz));
            assert_eq!(config.capture.channels.microphones.len(), channels);
            assert!(FrontEnd::new(&config).is_ok(), "{config:?}");
        }
    }

    #[test]
    fn an_array_that_is_known_has_a_beam_and_a_captured_reference_is_no_microphone() {
        let text =
            "reference = \"captured\"\nmicrophones = [1, 2, 3, 4]\nradius_mm = 32.0\ndegrees = [45, 135, 225, 315]";
        let config = front_end(text).for_card(opened(6, Some(48_000)));
        assert_eq!((config.reference, config.capture.channels.reference), (Reference::Captured, Some(5)));
        assert_eq!(config.stages, Stages::default());
        assert!(FrontEnd::new(&config).is_ok());
        let config = front_end("reference = \"captured\"\nreference_channel = 1").for_card(opened(2, None));
        assert_eq!(config.capture.channels.microphones, [0]);
    }
}
