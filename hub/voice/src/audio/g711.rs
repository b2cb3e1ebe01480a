//! G.711 µ-law, the sound of telephones: 8,000 bytes a second.

use audio_codec_algorithms::{decode_ulaw, encode_ulaw};

/// Samples a second on a telephone line.
pub const SAMPLE_RATE_HZ: u32 = 8_000;

/// The byte for silence.
pub const SILENCE: u8 = 0xFF;

/// Appends the sound of some bytes.
pub fn decode(bytes: &[u8], sound: &mut Vec<f32>) {
    sound.extend(bytes.iter().map(|&byte| f32::from(decode_ulaw(byte)) / 32_768.0));
}

/// Appends the bytes of some sound. What is too loud is clipped.
pub fn encode(sound: &[f32], bytes: &mut Vec<u8>) {
    bytes.extend(sound.iter().map(|&sample| encode_ulaw(to_i16(sample))));
}

/// A sample as 16-bit PCM; clipped.
pub fn to_i16(sample: f32) -> i16 {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to the range of i16; NaN becomes 0")]
    let whole = (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_but_negative_zero() {
        for byte in 0..=u8::MAX {
            let (mut sound, mut bytes) = (Vec::new(), Vec::new());
            decode(&[byte], &mut sound);
            encode(&sound, &mut bytes);
            // G.711 has two zeros; the positive one is sent.
            let expected = if byte == 0x7F { 0xFF } else { byte };
            assert_eq!(bytes, [expected]);
        }
    }

    #[test]
    fn silence_is_silent_and_noise_is_clipped() {
        let mut sound = Vec::new();
        decode(&[SILENCE], &mut sound);
        assert_eq!(sound, [0.0]);
        assert_eq!(to_i16(2.0), i16::MAX);
        assert_eq!(to_i16(-2.0), i16::MIN);
        assert_eq!(to_i16(f32::NAN), 0);
    }
}
