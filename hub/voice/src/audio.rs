//! What lies between a line and an engine. Nothing here waits, reads a clock or grows without bound.

mod echo;
pub mod g711;
mod intake;
mod playout;
mod resample;
mod speech;

pub use intake::{Arrival, Intake, Taken};
pub use playout::{PIECE_MOST, Playout, Sent};
pub use resample::{RateError, Resampler};
pub use speech::Activity;
#[cfg(feature = "moshi")]
pub(crate) use speech::SpeechDetector;

/// How sound travels on a line. All of it is mono.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// G.711 µ-law, 8,000 samples a second: Twilio Media Streams' `audio/x-mulaw`.
    MuLaw,
    /// 16-bit PCM, little-endian, 24,000 samples a second: a room's `audio/l16`.
    Linear,
}

impl Format {
    /// Samples a second.
    pub fn sample_rate_hz(self) -> u32 {
        match self {
            Self::MuLaw => g711::SAMPLE_RATE_HZ,
            Self::Linear => crate::SAMPLE_RATE_HZ,
        }
    }

    /// Appends the sound of some bytes; half a sample at the end is dropped.
    pub fn decode(self, bytes: &[u8], sound: &mut Vec<f32>) {
        match self {
            Self::MuLaw => g711::decode(bytes, sound),
            Self::Linear => {
                let samples = bytes.as_chunks::<2>().0.iter().map(|&two| i16::from_le_bytes(two));
                sound.extend(samples.map(|sample| f32::from(sample) / 32_768.0));
            }
        }
    }

    /// Appends the bytes of some sound.
    pub fn encode(self, sound: &[f32], bytes: &mut Vec<u8>) {
        match self {
            Self::MuLaw => g711::encode(sound, bytes),
            Self::Linear => bytes.extend(sound.iter().flat_map(|&sample| g711::to_i16(sample).to_le_bytes())),
        }
    }
}
