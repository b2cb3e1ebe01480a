//! Sound as samples: reading WAV, changing the rate, levels.

use rubato::{
    Async, FixedAsync, Resampler as _, SincInterpolationParameters, WindowFunction,
    audioadapter_buffers::direct::InterleavedSlice,
};

/// A file that is no sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no WAV file of 16 bits and one channel")]
pub struct NoWave;

/// Samples and sampling rate of a WAV file (RIFF, 16 bits, mono). Lengths that programs writing to a pipe could not know are
/// taken for "to the end".
pub fn read(bytes: &[u8]) -> Result<(Vec<f32>, u32), NoWave> {
    let mut rest = bytes.strip_prefix(b"RIFF").and_then(|rest| rest.get(4..)).ok_or(NoWave)?;
    rest = rest.strip_prefix(b"WAVE").ok_or(NoWave)?;
    let mut rate_hz = None;
    while let Some((header, content)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, length @ ..] = *header;
        let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX).min(content.len());
        let (content, after) = content.split_at_checked(length).ok_or(NoWave)?;
        match &[a, b, c, d] {
            b"fmt " => {
                let [1, 0, 1, 0, a, b, c, d, _, _, _, _, _, _, 16, 0, ..] = *content else { return Err(NoWave) };
                rate_hz = Some(u32::from_le_bytes([a, b, c, d]));
            }
            b"data" => {
                let samples = content.chunks_exact(2).filter_map(|pair| pair.try_into().ok());
                let samples = samples.map(|pair| f32::from(i16::from_le_bytes(pair)) / 32_768.0).collect();
                return rate_hz.filter(|rate| *rate > 0).map(|rate| (samples, rate)).ok_or(NoWave);
            }
            _ => {}
        }
        rest = after.get(length % 2..).unwrap_or_default();
    }
    Err(NoWave)
}

/// As a WAV file of 16 bits, mono, 16 kHz.
pub fn write(samples: &[f32]) -> Vec<u8> {
    let length = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX);
    let rate = crate::SAMPLE_RATE_HZ;
    let mut bytes = b"RIFF".to_vec();
    bytes.extend(length.saturating_add(36).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * 2).to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend(length.to_le_bytes());
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
    let samples = samples.iter().map(|sample| (sample * 32_767.0).round() as i16);
    bytes.extend(samples.flat_map(i16::to_le_bytes));
    bytes
}

/// Samples that the resampler takes at once.
const CHUNK: usize = 1_024;

/// The same sound with every `ratio`-th sample, between samples by a windowed sinc (64 samples long). Played at the same rate
/// it is faster and higher where `ratio` is above 1, like a smaller talker. Nothing, where the ratio is none.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lengths of sounds of seconds"
)]
pub fn resample(samples: &[f32], ratio: f32) -> Vec<f32> {
    if (ratio - 1.0).abs() < 1e-6 {
        return samples.to_vec();
    }
    let count = (samples.len() as f32 / ratio) as usize;
    let quality = SincInterpolationParameters::new(64, WindowFunction::Hann);
    let resampler = Async::<f32>::new_sinc(1.0 / f64::from(ratio), 1.0, &quality, CHUNK, 1, FixedAsync::Input);
    let (Ok(mut resampler), Ok(input)) = (resampler, InterleavedSlice::new(samples, 1, samples.len())) else {
        return Vec::new();
    };
    let Ok(output) = resampler.process_all(&input, samples.len(), None) else { return Vec::new() };
    let mut output = output.take_data();
    output.truncate(count);
    output
}

/// Without the silence (under a hundredth of the peak) before and after.
pub fn trimmed(samples: &[f32]) -> &[f32] {
    let limit = peak(samples) * 0.01;
    let sounds = |sample: &f32| sample.abs() > limit;
    let first = samples.iter().position(sounds).unwrap_or(samples.len());
    let end = samples.iter().rposition(sounds).map_or(0, |last| last + 1);
    samples.get(first..end).unwrap_or_default()
}

/// At full scale.
pub fn normalised(samples: &[f32]) -> Vec<f32> {
    let peak = peak(samples);
    if peak > 0.0 { samples.iter().map(|sample| sample / peak).collect() } else { Vec::new() }
}

fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |most, sample| sample.abs().max(most))
}

/// Root of the mean square.
#[expect(clippy::cast_precision_loss, reason = "a mean")]
pub fn level(samples: &[f32]) -> f32 {
    (samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32).sqrt()
}

/// A ratio of amplitudes.
pub fn from_decibels(decibels: f32) -> f32 {
    10.0_f32.powf(decibels / 20.0)
}

#[cfg(test)]
mod tests {
    use std::f32::consts::PI;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_tone_keeps_its_level_and_what_cannot_be_kept_is_gone() {
        let tone = |hertz: f32, rate: f32| -> Vec<f32> {
            (0..4_000_u16).map(|n| (2.0 * PI * hertz * f32::from(n) / rate).sin()).collect()
        };
        let kept = resample(&tone(1_000.0, 22_050.0), 22_050.0 / 16_000.0);
        assert_eq!(kept.len(), 2_902);
        // The same a period of 16 samples later, and as loud as it was; where within a sample it begins is the resampler's.
        let steady = &kept[50..2_850];
        assert!(steady.iter().zip(&steady[16..]).all(|(one, later)| (one - later).abs() < 0.01));
        assert!((level(steady) - 0.5_f32.sqrt()).abs() < 0.01, "{}", level(steady));
        let gone = resample(&tone(10_000.0, 22_050.0), 22_050.0 / 16_000.0);
        assert!(level(&gone[100..2_800]) < 0.02);
    }

    #[test]
    fn lengths_unknown_to_the_writer_reach_to_the_end() {
        let mut bytes = write(&[0.5, -0.5, 0.25]);
        bytes[40..44].copy_from_slice(&0x7fff_f000_u32.to_le_bytes());
        let (samples, rate) = read(&bytes).unwrap();
        assert_eq!((samples.len(), rate), (3, 16_000));
        assert!((samples[1] + 0.5).abs() < 1e-3);
    }

    proptest! {
        #[test]
        fn no_file_is_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0_usize..60) {
            let _ = read(&bytes);
            let whole = write(&[0.1; 8]);
            prop_assert!(read(&whole[..cut.min(40)]).is_err());
        }
    }
}
