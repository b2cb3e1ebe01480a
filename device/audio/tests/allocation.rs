//! Once made, a front end allocates nothing, whatever its stages.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed expectation is a failed test")]

use std::time::Duration;

use xswarm_audio::{Array, Beam, Capture, ChannelMap, Config, FrontEnd, NoiseReduction, Reference, Stages, Steering};

fn config(rate_hz: u32, reference: Reference, stages: Stages) -> Config {
    let captured = (reference == Reference::Captured).then_some(5);
    let channels = ChannelMap { channels: 6, microphones: vec![1, 2, 3, 4], reference: captured };
    let array = Array::circle(0.032, &[45.0, 135.0, 225.0, 315.0]);
    Config { capture: Capture { rate_hz, channels }, reference, array, stages }
}

/// Six seconds of noise in pieces of 7 to 30 ms; returns the allocations, and the blocks and frames that came out.
fn run(config: &Config) -> (u64, u32, u32) {
    let mut front_end = FrontEnd::new(config).unwrap();
    let mut random = fastrand::Rng::with_seed(1);
    let rate = config.capture.rate_hz as usize;
    let sound: Vec<f32> = (0..rate * 6).map(|_| random.f32() - 0.5).collect();
    let (mut blocks, mut frames) = (0, 0);
    let info = allocation_counter::measure(|| {
        for turn in 0..200 {
            let length = rate * [7, 20, 30, 10][turn % 4] / 1_000;
            let at = Duration::from_millis(20 * turn as u64);
            front_end.played(sound.get(..rate / 50).unwrap_or_default(), at);
            front_end.captured(sound.get(..length * 6).unwrap_or_default(), at, |block| {
                blocks += 1;
                frames += u32::from(block.frame.is_some());
            });
        }
    });
    (info.count_total, blocks, frames)
}

#[test]
fn nothing_is_allocated_after_construction() {
    let bare = Stages {
        high_pass: false,
        echo_tail_ms: None,
        suppress_echo: false,
        steering: Steering::Degrees(90.0),
        beam: Beam::Off,
        noise: None,
        level: false,
    };
    let high = Stages { noise: Some(NoiseReduction::High), beam: Beam::DelayAndSum, ..Stages::default() };
    for rate_hz in [16_000, 44_100, 48_000] {
        for reference in [Reference::None, Reference::Captured, Reference::Played { rate_hz: 48_000 }] {
            for stages in [Stages::default(), bare.clone(), high.clone()] {
                let config = config(rate_hz, reference, stages);
                let (allocations, blocks, frames) = run(&config);
                assert!(blocks > 330 && frames >= blocks / 8 - 1, "{blocks} blocks, {frames} frames");
                assert_eq!(allocations, 0, "{config:?}");
            }
        }
    }
}
