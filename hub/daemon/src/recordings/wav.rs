//! The header of a WAV file (Multimedia Programming Interface and Data Specifications 1.0, and RFC 2361 for µ-law).

use xswarm_core::call::RecordedAs;
use xswarm_voice::{SAMPLE_RATE_HZ, audio::g711};

/// Two sides: left the caller, right the Boss.
const CHANNELS: u16 = 2;

/// The header before so many bytes of sound.
pub(super) fn header(format: RecordedAs, bytes: u32) -> Vec<u8> {
    // RFC 2361: WAVE_FORMAT_MULAW is 7, WAVE_FORMAT_PCM is 1.
    let (tag, rate_hz, sample_bytes) = match format {
        RecordedAs::MuLaw => (7_u16, g711::SAMPLE_RATE_HZ, 1_u16),
        RecordedAs::Linear => (1, SAMPLE_RATE_HZ, 2),
    };
    let frame_bytes = CHANNELS * sample_bytes;
    let mut header = Vec::with_capacity(58);
    header.extend(b"RIFF");
    header.extend(bytes.saturating_add(50).to_le_bytes());
    header.extend(b"WAVEfmt ");
    header.extend(18_u32.to_le_bytes());
    header.extend(tag.to_le_bytes());
    header.extend(CHANNELS.to_le_bytes());
    header.extend(rate_hz.to_le_bytes());
    header.extend((rate_hz * u32::from(frame_bytes)).to_le_bytes());
    header.extend(frame_bytes.to_le_bytes());
    header.extend((8 * sample_bytes).to_le_bytes());
    header.extend(0_u16.to_le_bytes());
    header.extend(b"fact");
    header.extend(4_u32.to_le_bytes());
    header.extend((bytes / u32::from(frame_bytes)).to_le_bytes());
    header.extend(b"data");
    header.extend(bytes.to_le_bytes());
    header
}
