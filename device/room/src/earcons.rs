//! The device's own sounds, made rather than recorded: short tones that rise for what begins and fall for what ends.

use std::f32::consts::TAU;

use crate::{PLAYED_HZ, state::Earcon};

/// Tones follow each other at this distance, in samples: 90 ms.
const STEP: usize = 2_160;

/// How long each tone sounds: it dies away into the next.
const TONE: usize = 3_840;

/// As loud as speech, not louder: 18 dB below full scale at its peak.
const LOUDNESS: f32 = 0.125;

/// What a timer rings with, once; it is repeated. A second.
pub fn ring() -> Vec<f32> {
    let mut sound = tones(&[1_046.5, 1_318.5, 1_568.0, 1_318.5]);
    sound.resize(PLAYED_HZ as usize, 0.0);
    sound
}

/// A sound, at [`PLAYED_HZ`].
pub fn earcon(which: Earcon) -> Vec<f32> {
    match which {
        Earcon::Wake => tones(&[659.3, 987.8]),
        Earcon::End => tones(&[987.8, 659.3]),
        Earcon::Error => tones(&[392.0, 392.0, 261.6]),
        Earcon::Mute => tones(&[523.3, 349.2]),
        Earcon::Unmute => tones(&[349.2, 523.3]),
        Earcon::Away => tones(&[440.0, 349.2, 440.0, 349.2]),
    }
}

/// Tones of these frequencies in Hz, one after the other, with an octave above each, as of a small bell.
fn tones(frequencies: &[f32]) -> Vec<f32> {
    let mut sound = vec![0.0; STEP * frequencies.len().saturating_sub(1) + TONE];
    for (frequency, from) in frequencies.iter().zip((0..).step_by(STEP)) {
        for (at, sample) in sound.iter_mut().skip(from).take(TONE).enumerate() {
            *sample += LOUDNESS * bell(*frequency, at);
        }
    }
    sound
}

#[expect(clippy::cast_precision_loss, reason = "a tone has few samples")]
fn bell(frequency: f32, at: usize) -> f32 {
    let (time, rest) = (at as f32 / PLAYED_HZ as f32, 1.0 - at as f32 / TONE as f32);
    // 5 ms to begin, so that nothing clicks.
    let begins = (at as f32 / 120.0).min(1.0);
    let wave = (TAU * frequency * time).sin() + 0.3 * (TAU * 2.0 * frequency * time).sin();
    wave / 1.3 * begins * rest * rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Earcon; 6] = [Earcon::Wake, Earcon::End, Earcon::Error, Earcon::Mute, Earcon::Unmute, Earcon::Away];

    #[test]
    fn they_are_short_do_not_click_and_are_no_louder_than_speech() {
        for sound in ALL.map(earcon).into_iter().chain([ring()]) {
            assert!(sound.len() <= PLAYED_HZ as usize, "{} samples", sound.len());
            let peak = sound.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
            assert!((0.05..0.25).contains(&peak), "{peak}");
            let ends = [sound.first(), sound.last()].map(|sample| sample.copied().unwrap_or(1.0).abs());
            assert!(ends.iter().all(|end| *end < 1e-3), "{ends:?}");
        }
    }

    #[test]
    fn no_two_sound_alike() {
        for (at, one) in ALL.into_iter().enumerate() {
            assert!(ALL.into_iter().skip(at + 1).all(|other| earcon(one) != earcon(other)), "{one:?}");
        }
    }
}
