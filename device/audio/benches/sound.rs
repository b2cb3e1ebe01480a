//! How long it takes until what the hub drops is not heard any more: `cargo bench -p xswarm-audio --bench sound`.
//!
//! On files and a virtual clock, with the loop of a room. What is dropped is dropped when the loop comes by, at a time that
//! has nothing to do with its periods.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a measurement that fails should say so and stop"
)]

use std::path::PathBuf;
use std::time::Duration;

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use xswarm_audio::backend::{Backend, Files, Heard, Pace, Sound};

const SPEAKER_HZ: u32 = 48_000;

fn main() {
    let directory = tempfile::tempdir().unwrap();
    let heard = directory.path().join("heard.wav");
    let spec = WavSpec { channels: 4, sample_rate: 16_000, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let mut writer = WavWriter::create(&heard, spec).unwrap();
    (0..4 * 16_000).for_each(|_| writer.write_sample(0_i16).unwrap());
    writer.finalize().unwrap();

    println!("from the order to silence, ms: least / middle / most of 200 times");
    println!("period  queue  what waits is discarded  it is played to its end");
    for (period_ms, queue_ms) in [(10, 20), (20, 40), (20, 100), (20, 200)] {
        let [discarded, played] = [true, false].map(|discards| {
            let mut all: Vec<f64> = (0..200)
                .map(|turn| {
                    let files = Files {
                        capture: heard.clone(),
                        playback: directory.path().join("played.wav"),
                        playback_rate_hz: SPEAKER_HZ,
                        period_ms,
                        queue_ms,
                        pace: Pace::Virtual,
                    };
                    until_silence(files, discards, Duration::from_micros(500_000 + 533 * turn))
                })
                .collect();
            all.sort_by(f64::total_cmp);
            let of = |at: usize| all.get(at).copied().unwrap();
            format!("{:.0} / {:.0} / {:.0}", of(0), of(100), of(199))
        });
        println!("{period_ms:>6}  {queue_ms:>5}  {discarded:>23}  {played:>23}");
    }
}

/// From an order at that time to the last sample that is not silent, in milliseconds.
fn until_silence(files: Files, discards: bool, order: Duration) -> f64 {
    let played: PathBuf = files.playback.clone();
    let mut sound = Sound::new(Backend::Wav(files)).unwrap();
    let (mut out, mut is_over) = (Vec::new(), false);
    loop {
        match sound.listen() {
            Heard::Opened(opened) => out = vec![0.5; opened.speaker_most],
            Heard::Frames { at, .. } => {
                if at >= order && !std::mem::replace(&mut is_over, true) {
                    out.fill(0.0);
                    if discards {
                        sound.discard();
                    }
                }
                sound.play(out.get(..sound.wanted()).unwrap());
            }
            Heard::Away => {}
            Heard::Ended => break,
        }
    }
    let samples: Vec<i16> = WavReader::open(played).unwrap().samples().map(Result::unwrap).collect();
    let last = samples.iter().rposition(|sample| *sample != 0).unwrap();
    1_000.0 * (last as f64 / f64::from(SPEAKER_HZ) - order.as_secs_f64())
}
