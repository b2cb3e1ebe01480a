//! How many lines one core can serve: telephone sound to the engines' rate and back, 20 ms at a time.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a benchmark fails loudly, and a day has few packets"
)]

use criterion::{Criterion, criterion_group, criterion_main};
use xswarm_voice::{
    SAMPLE_RATE_HZ,
    audio::{Format, Intake, Resampler},
};

/// A second of both directions: what one full-duplex stream costs is this divided by a second.
fn codec(bench: &mut Criterion) {
    let packet: Vec<u8> = (0..160_u8).map(|n| n.wrapping_mul(37)).collect();
    let mut sound = Vec::new();
    Format::MuLaw.decode(&packet, &mut sound);
    bench.bench_function("codec, both ways, 1 s", |bench| {
        let mut up = Resampler::new(8_000, SAMPLE_RATE_HZ).unwrap();
        let mut down = Resampler::new(SAMPLE_RATE_HZ, 8_000).unwrap();
        let (mut raw, mut engine, mut line, mut bytes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        bench.iter(|| {
            for _ in 0..50 {
                for buffer in [&mut raw, &mut engine, &mut line] {
                    buffer.clear();
                }
                bytes.clear();
                Format::MuLaw.decode(&packet, &mut raw);
                up.push(&raw, &mut engine);
                down.push(&engine, &mut line);
                Format::MuLaw.encode(&line, &mut bytes);
            }
        });
    });
}

/// A second of what is heard, while the Boss speaks all the time: on a line that sends nothing back, on one that sends it back
/// 100 ms later, and by a room, which has no echo any more.
fn intake(bench: &mut Criterion) {
    const LATER: usize = 5;
    let mut random = fastrand::Rng::with_seed(1);
    let noise: Vec<Vec<f32>> = (0..500).map(|_| (0..480).map(|_| random.f32() - 0.5).collect()).collect();
    let mut narrow = Resampler::new(SAMPLE_RATE_HZ, 8_000).unwrap();
    let on_line = |sound: &Vec<f32>| {
        let (mut line, mut bytes) = (Vec::new(), Vec::new());
        narrow.push(sound, &mut line);
        Format::MuLaw.encode(&line, &mut bytes);
        bytes
    };
    let echo: Vec<Vec<u8>> = noise.iter().map(on_line).collect();
    let silence = vec![0xFF; 160];
    for (name, cancels_echo, comes_back) in [
        ("intake, 1 s, a line without echo", true, false),
        ("intake, 1 s, a line with an echo", true, true),
        ("intake, 1 s, nothing to be cancelled", false, false),
    ] {
        bench.bench_function(name, |bench| {
            let mut intake = Intake::new(Format::MuLaw, cancels_echo).unwrap();
            let mut packet = 0;
            bench.iter(|| {
                for _ in 0..50 {
                    intake.played(&noise[packet % noise.len()]);
                    let heard = if comes_back { &echo[(packet + echo.len() - LATER) % echo.len()] } else { &silence };
                    intake.take(20 * packet as u64, heard);
                    packet += 1;
                }
            });
        });
    }
}

criterion_group!(benches, codec, intake);
criterion_main!(benches);
