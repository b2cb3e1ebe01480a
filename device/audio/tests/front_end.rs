//! The stages together, from frames of a card to what can be listened to.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a failed expectation is a failed test, and counts of samples are small"
)]

use std::time::Duration;

use xswarm_audio::{Array, BLOCK, Beam, Capture, ChannelMap, Config, FRAME, FrontEnd, Reference, Stages, Steering};

/// One microphone and nothing switched on.
fn bare() -> Config {
    Config {
        capture: Capture { rate_hz: 16_000, channels: ChannelMap::microphones(1) },
        reference: Reference::None,
        array: Array::unknown(),
        stages: Stages {
            high_pass: false,
            echo_tail_ms: None,
            suppress_echo: false,
            steering: Steering::Follow,
            beam: Beam::Off,
            noise: None,
            level: false,
        },
    }
}

fn noise(samples: usize, seed: u64) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..samples).map(|_| 0.5 * (random.f32() - 0.5)).collect()
}

#[test]
fn with_every_stage_off_sound_passes_unchanged() {
    let mut front_end = FrontEnd::new(&bare()).unwrap();
    let sound = noise(16_000, 1);
    let (mut linear, mut clean, mut frames) = (Vec::new(), Vec::new(), 0);
    for piece in sound.chunks(123) {
        front_end.captured(piece, Duration::ZERO, |block| {
            linear.extend_from_slice(block.linear);
            clean.extend_from_slice(block.clean);
            frames += block.frame.map_or(0, <[f32]>::len);
            assert_eq!(block.direction, None);
        });
    }
    assert_eq!(linear, sound);
    let later = clean.iter().skip(BLOCK).zip(&sound);
    assert!(later.clone().count() > 15_000 && later.into_iter().all(|(one, other)| (one - other).abs() < 1e-5));
    assert_eq!(frames, 12 * FRAME);
}

/// What is played comes back 40 ms later, half as loud, on both of two microphones. Returns by how many dB *linear* and
/// *clean* are quieter than it in the last second of five.
fn echo_left(reference: Reference, rate_hz: u32) -> (f32, f32) {
    let captured = (reference == Reference::Captured).then_some(2);
    let config = Config {
        capture: Capture {
            rate_hz,
            channels: ChannelMap { channels: 3, microphones: vec![0, 1], reference: captured },
        },
        reference,
        array: Array::circle(0.03, &[0.0, 180.0]),
        stages: Stages { level: false, ..Stages::default() },
    };
    let mut front_end = FrontEnd::new(&config).unwrap();
    let step = rate_hz as usize / 100;
    // A converter gives next to nothing near half the rate.
    let white = noise(rate_hz as usize * 5, 2);
    let played: Vec<f32> = white.windows(3).map(|three| 0.25 * three[0] + 0.5 * three[1] + 0.25 * three[2]).collect();
    let (mut echo, mut linear, mut clean) = (0.0, 0.0, 0.0);
    for (turn, piece) in played.chunks(step).enumerate() {
        let at = Duration::from_millis(10 * turn as u64);
        front_end.played(piece, at);
        let heard = |at: usize| (turn * step + at).checked_sub(4 * step).and_then(|at| played.get(at)).copied();
        let frames: Vec<f32> = piece
            .iter()
            .enumerate()
            .flat_map(|(at, played)| [0.5 * heard(at).unwrap_or(0.0), 0.5 * heard(at).unwrap_or(0.0), *played])
            .collect();
        front_end.captured(&frames, at, |block| {
            if turn >= 400 {
                let power = |sound: &[f32]| sound.iter().map(|sample| sample * sample).sum::<f32>();
                echo += power(piece) * 0.25 * BLOCK as f32 / step as f32;
                linear += power(block.linear);
                clean += power(block.clean);
                assert!(block.echo.playing);
            }
        });
    }
    (10.0 * (echo / linear).log10(), 10.0 * (echo / clean).log10())
}

#[test]
fn the_box_does_not_hear_itself() {
    for (reference, rate_hz) in [
        (Reference::Captured, 16_000),
        (Reference::Captured, 48_000),
        (Reference::Played { rate_hz: 16_000 }, 16_000),
        (Reference::Played { rate_hz: 48_000 }, 48_000),
    ] {
        let (linear, clean) = echo_left(reference, rate_hz);
        assert!(linear > 25.0 && clean > 35.0, "{reference:?} at {rate_hz} Hz: {linear} and {clean} dB");
    }
}

#[test]
fn a_config_that_cannot_be_is_refused_in_words() {
    let mut config = bare();
    config.capture.channels = ChannelMap { channels: 2, microphones: vec![0, 5], reference: None };
    let words = FrontEnd::new(&config).unwrap_err().to_string();
    assert!(words.contains("channel map"), "{words}");
}
