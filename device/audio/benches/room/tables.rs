//! What is measured, and how it is printed.

use std::{collections::HashMap, time::Duration};

use xswarm_audio::{Array, Beam, Capture, ChannelMap, Config, FrontEnd, Reference, Stages, Steering};

use crate::measure::{aligned, db, erle, kept, part, power_above_300_hz, processor_time};
use crate::others;
use crate::scene::{Manifest, Room, Talker};

const BLOCK: usize = xswarm_audio::BLOCK;

/// What a front end made of a sound.
#[derive(Default)]
struct Heard {
    linear: Vec<f32>,
    clean: Vec<f32>,
    degrees: Vec<f32>,
    drift_ppm: f32,
}

/// All that can be told from one run is wanted without the last stage, which changes the level.
fn stages() -> Stages {
    Stages { level: false, ..Stages::default() }
}

fn config(manifest: &Manifest, reference: Reference, stages: Stages) -> Config {
    let captured = (reference == Reference::Captured).then_some(4);
    let channels = ChannelMap { channels: 5, microphones: vec![0, 1, 2, 3], reference: captured };
    let array = Array::circle(manifest.radius_m, &manifest.microphone_degrees);
    Config { capture: Capture { rate_hz: 16_000, channels }, reference, array, stages }
}

/// Frames of four microphones and what is played.
fn frames(microphones: &[Vec<f32>], played: &[f32]) -> Vec<f32> {
    let frame = |at: usize| {
        let played = played.get(at).copied().unwrap_or(0.0);
        microphones.iter().map(move |sound| sound[at]).chain(std::iter::once(played))
    };
    (0..microphones[0].len()).flat_map(frame).collect()
}

/// Listens to some sound, in blocks; what is played is handed over on a clock that is slower by `slower`.
fn listen(config: &Config, microphones: &[Vec<f32>], played: &[f32], slower: f64) -> Heard {
    let mut front_end = FrontEnd::new(config).unwrap();
    let mut heard = Heard::default();
    let mut handed = 0;
    for (block, frames) in frames(microphones, played).chunks(5 * BLOCK).enumerate() {
        let until = ((block + 1) as f64 * BLOCK as f64 * (1.0 - slower)) as usize;
        let at = Duration::from_millis(10 * (block as u64 + 1));
        front_end.played(&played[handed.min(played.len())..until.min(played.len())], at);
        handed = until;
        front_end.captured(frames, at, |block| {
            heard.linear.extend_from_slice(block.linear);
            heard.clean.extend_from_slice(block.clean);
            heard.degrees.extend(block.direction.map(|direction| direction.degrees));
            heard.drift_ppm = block.echo.drift_ppm;
        });
    }
    heard
}

/// A name, and what it makes of a file.
type Canceller<'a> = (&'static str, Box<dyn Fn(&str) -> Option<Vec<f32>> + 'a>);

/// Echo: how much is gone, and what is left of a talker 10 dB under it.
pub(crate) fn echo(manifest: &Manifest) {
    println!(
        "Echo. ERLE in dB: first 2 s / from 3 s on / worst second after that; over a distorting loudspeaker; talker"
    );
    println!("10 dB under the echo: level kept, SI-SDR before → after, in dB.\n");
    println!("| room | canceller | echo | distorted | talker kept | SI-SDR |\n|---|---|--:|--:|--:|--:|");
    for room in &manifest.rooms {
        let played = manifest.reference(room);
        let heard = |what: &str| {
            let file = room.file(what);
            let config = config(manifest, Reference::Captured, stages());
            let heard = listen(&config, &manifest.sound(&file), &played, 0.0);
            (file, heard)
        };
        let ours: HashMap<_, _> = ["echo", "distorted", "double"].into_iter().map(heard).collect();
        let first = |file: &str| manifest.sound(file).swap_remove(0);
        let cancellers: [Canceller; 7] = [
            ("**linear**", Box::new(|file| Some(ours.get(file)?.linear.clone()))),
            ("**clean**", Box::new(|file| Some(ours.get(file)?.clean.clone()))),
            ("AEC3's filter (sonora-aec3)", Box::new(|file| Some(others::aec3_linear(&played, &first(file))))),
            ("AEC3 (sonora)", Box::new(|file| Some(others::aec3(&played, &first(file))))),
            ("speexdsp's filter", Box::new(|file| other(manifest, file, "speex"))),
            ("speexdsp with its suppressor", Box::new(|file| other(manifest, file, "speex-suppressed"))),
            ("WebRTC (livekit)", Box::new(|file| other(manifest, file, "webrtc"))),
        ];
        for (name, cancel) in &cancellers {
            row(manifest, room, name, cancel);
        }
    }
    drifting(manifest);
}

/// What a canceller that is no Rust made of a file; simulate.py's sister left it.
fn other(manifest: &Manifest, file: &str, name: &str) -> Option<Vec<f32>> {
    Some(manifest.find(&format!("{file}-{name}"))?.swap_remove(0))
}

fn row(manifest: &Manifest, room: &Room, name: &str, cancel: &dyn Fn(&str) -> Option<Vec<f32>>) {
    let triple = |file: &str| {
        let before = manifest.sound(file).swap_remove(0);
        cancel(file).map_or_else(
            || "–".to_owned(),
            |after| {
                let (first, late, worst) = erle(&before, &after);
                format!("{first:.1} / {late:.1} / {worst:.1}")
            },
        )
    };
    let (from, to) = manifest.talk_s;
    let talker = manifest.sound(&room.file("talker")).swap_remove(0);
    let talker = part(&talker, from, to);
    let before = manifest.sound(&room.file("double")).swap_remove(0);
    let (_, ratio_before) = kept(talker, part(&before, from, to));
    let double = cancel(&room.file("double")).map_or_else(
        || "– | –".to_owned(),
        |after| {
            let after = aligned(talker, part(&after, from, to + 1));
            let (level, ratio) = kept(talker, &after);
            format!("{level:.1} | {ratio_before:.1} → {ratio:.1}")
        },
    );
    let (echo, distorted) = (triple(&room.file("echo")), triple(&room.file("distorted")));
    println!("| RT60 {:.2} s | {name} | {echo} | {distorted} | {double} |", room.rt60_s);
}

/// A loudspeaker whose clock is slower than that of the microphones.
fn drifting(manifest: &Manifest) {
    println!("\nA loudspeaker on a clock that is {} ppm slower: the last 10 s of 20.\n", manifest.drift_ppm);
    println!("| room | | linear | clean | drift found |\n|---|---|--:|--:|--:|");
    for room in &manifest.rooms {
        let played = manifest.reference(room);
        let microphones = manifest.sound(&room.file("drifting"));
        let followed = Reference::Played { rate_hz: 16_000 };
        for (name, reference) in [("followed", followed), ("not followed", Reference::Captured)] {
            let config = config(manifest, reference, stages());
            let heard = listen(&config, &microphones, &played, manifest.drift_ppm * 1e-6);
            let late = |sound: &[f32]| {
                let (before, after) = (part(&microphones[0], 10, 20), part(sound, 10, 20));
                db(crate::measure::power(before) / crate::measure::power(after))
            };
            let (linear, clean, ppm) = (late(&heard.linear), late(&heard.clean), heard.drift_ppm);
            println!("| RT60 {:.2} s | {name} | {linear:.1} | {clean:.1} | {ppm:.0} ppm |", room.rt60_s);
        }
    }
}

/// Only what points at the talker, so that all that goes in comes out by linear means.
fn beam_only(beam: Beam, steering: Steering) -> Stages {
    Stages { high_pass: true, echo_tail_ms: None, suppress_echo: false, steering, beam, noise: None, level: false }
}

fn sum(one: &[Vec<f32>], other: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let add = |(one, other): (&Vec<f32>, &Vec<f32>)| one.iter().zip(other).map(|(one, other)| one + other).collect();
    one.iter().zip(other).map(add).collect()
}

/// Where the talker was found to be, most of the time after the first second; and by how much that is off.
fn found(manifest: &Manifest, talker: &Talker, mixed: &[Vec<f32>]) -> (f32, f32) {
    let following = beam_only(Beam::DelayAndSum, Steering::Follow);
    let heard = listen(&config(manifest, Reference::None, following), mixed, &[], 0.0);
    let off = |degrees: f32| (degrees - talker.degrees + 180.0).rem_euclid(360.0) - 180.0;
    let mut all: Vec<f32> = heard.degrees.iter().skip(100).map(|degrees| off(*degrees)).collect();
    all.sort_by(f32::total_cmp);
    let middle = all[all.len() / 2];
    let mut sizes: Vec<f32> = all.iter().map(|off| off.abs()).collect();
    sizes.sort_by(f32::total_cmp);
    (talker.degrees + middle, sizes[sizes.len() / 2])
}

/// The noises of simulate.py.
const NOISES: [&str; 3] = ["diffuse", "interferer", "sensor"];

/// The beam: how much better the talker stands out against the noise above 300 Hz.
pub(crate) fn beam(manifest: &Manifest) {
    println!(
        "\nThe beam, pointed where the talker was found in the noise, 5 dB under the talker (the microphones' own: 20 dB):"
    );
    println!(
        "gain of the ratio of talker to noise above 300 Hz; SI-SDR (of what comes straight from the talker) of one microphone → of the default beam, which follows; all in dB.\n"
    );
    println!(
        "| room | talker | noise | direction off (median) | delay and sum | superdirective .01 | .02 | .05 | .2 | SI-SDR |"
    );
    println!("|---|---|---|--:|--:|--:|--:|--:|--:|--:|");
    for room in &manifest.rooms {
        let mut sums = [[0.0_f32; 5]; 3];
        for (which, talker) in room.talkers.iter().enumerate() {
            let voice = manifest.sound(&room.file(&format!("voice-{which}")));
            let straight = manifest.sound(&room.file(&format!("straight-{which}"))).swap_remove(0);
            for (name, sums) in NOISES.into_iter().zip(&mut sums) {
                let noise = manifest.sound(&room.file(&format!("{name}-{which}")));
                let mixed = sum(&voice, &noise);
                let (towards, off) = found(manifest, talker, &mixed);
                let superdirective = |loading| Beam::Superdirective { loading };
                let beams = [
                    Beam::DelayAndSum,
                    superdirective(0.01),
                    superdirective(0.02),
                    superdirective(0.05),
                    superdirective(0.2),
                ];
                let before = ratio(manifest, Beam::Off, towards, &voice, &noise);
                let gains = beams.map(|beam| db(ratio(manifest, beam, towards, &voice, &noise) / before));
                sums.iter_mut().zip(gains).for_each(|(sum, gain)| *sum += gain / 3.0);
                let gains = gains.map(|gain| format!("{gain:.1}")).join(" | ");
                let [one, all] = [Beam::Off, Stages::default().beam].map(|beam| {
                    let config = config(manifest, Reference::None, beam_only(beam, Steering::Follow));
                    let heard = listen(&config, &mixed, &[], 0.0).clean;
                    kept(&straight, &aligned(&straight, &heard)).1
                });
                println!(
                    "| RT60 {:.2} s | {:.1} m at {:.0}° | {name} | {off:.1}° | {gains} | {one:.1} → {all:.1} |",
                    room.rt60_s, talker.metres, talker.degrees
                );
            }
        }
        for (name, sums) in NOISES.into_iter().zip(sums) {
            println!(
                "| RT60 {:.2} s | mean | {name} | | {} | |",
                room.rt60_s,
                sums.map(|gain| format!("{gain:.1}")).join(" | ")
            );
        }
    }
}

/// How much louder than the noise the talker is, above 300 Hz, when the beam points there.
fn ratio(manifest: &Manifest, beam: Beam, towards: f32, voice: &[Vec<f32>], noise: &[Vec<f32>]) -> f32 {
    let config = config(manifest, Reference::None, beam_only(beam, Steering::Degrees(towards)));
    let through = |sound: &[Vec<f32>]| power_above_300_hz(&listen(&config, sound, &[], 0.0).clean);
    through(voice) / through(noise)
}

/// Processor time of the whole chain, and by how much it falls without a stage.
pub(crate) fn processor(manifest: &Manifest) {
    println!("\nProcessor time, 4 microphones at 16 kHz and a captured reference, echo and talker: % of one core.\n");
    println!("| | |\n|---|--:|");
    let room = &manifest.rooms[0];
    let (played, microphones) = (manifest.reference(room), manifest.sound(&room.file("double")));
    let input = frames(&microphones, &played);
    let seconds = microphones[0].len() as f64 / 16_000.0;
    let cost = |config: &Config| {
        let once = || {
            let mut front_end = FrontEnd::new(config).unwrap();
            let before = processor_time();
            for frames in input.chunks(5 * BLOCK) {
                front_end.captured(frames, Duration::ZERO, |block| assert!(block.speech.is_finite()));
            }
            processor_time().saturating_sub(before).as_secs_f64() / seconds * 100.0
        };
        (0..5).map(|_| once()).fold(f64::INFINITY, f64::min)
    };
    let with = |stages: Stages| cost(&config(manifest, Reference::Captured, stages));
    let all = with(Stages::default());
    println!("| everything | {all:.2} |");
    let fixed = Steering::Degrees(60.0);
    for (name, stages) in [
        ("high pass", Stages { high_pass: false, ..Stages::default() }),
        ("echo canceller, with what is left suppressed", Stages { echo_tail_ms: None, ..Stages::default() }),
        ("suppressing what is left of the echo", Stages { suppress_echo: false, ..Stages::default() }),
        ("direction", Stages { steering: fixed, ..Stages::default() }),
        ("beam", Stages { beam: Beam::Off, ..Stages::default() }),
        ("noise reduction", Stages { noise: None, ..Stages::default() }),
        ("level", Stages { level: false, ..Stages::default() }),
    ] {
        println!("| … of that: {name} | {:.2} |", all - with(stages));
    }
    let mut config = config(manifest, Reference::Captured, Stages::default());
    config.capture.rate_hz = 48_000;
    // A second of that is three of what was taken for a second so far.
    println!("| everything, captured at 48 kHz | {:.2} |", 3.0 * cost(&config));
    let first = microphones[0].as_slice();
    let before = processor_time();
    let heard = others::aec3(&played, first);
    let time = processor_time().saturating_sub(before).as_secs_f64() / (heard.len() as f64 / 16_000.0) * 100.0;
    println!("| AEC3 (sonora) on one of the microphones | {time:.2} |");
}
