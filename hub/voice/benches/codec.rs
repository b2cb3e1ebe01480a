//! How many lines one core can serve: telephone sound to the engines' rate and back, 20 ms at a time.

#![allow(clippy::unwrap_used, reason = "a benchmark fails loudly")]

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
    for (name, cancels_echo) in [("intake with echo cancelling, 1 s", true), ("intake, 1 s", false)] {
        bench.bench_function(name, |bench| {
            let mut intake = Intake::new(Format::MuLaw, cancels_echo).unwrap();
            let played = vec![0.1; 480];
            let mut at_ms = 0;
            bench.iter(|| {
                for _ in 0..50 {
                    intake.played(&played);
                    intake.take(at_ms, &packet);
                    at_ms += 20;
                }
            });
        });
    }
}

criterion_group!(benches, codec);
criterion_main!(benches);
