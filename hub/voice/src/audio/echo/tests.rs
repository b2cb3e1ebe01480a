//! Lines without an echo, with one, and with one that begins later.

use super::*;
use crate::audio::{Format, Resampler, SpeechDetector};

/// What a telephone line makes of speech: µ-law, at the working rate here.
fn spoken(text: &str) -> Vec<f32> {
    let (mut narrow, mut wide) = (Vec::new(), Vec::new());
    Format::MuLaw.decode(&xswarm_tests::caller::speech(text), &mut narrow);
    let mut resampler = Resampler::new(8_000, SAMPLE_RATE_HZ).unwrap();
    resampler.push(&narrow, &mut wide);
    resampler.finish(&mut wide);
    wide
}

/// The Boss, for some eight seconds.
fn boss() -> Vec<f32> {
    spoken(
        "Hello Ann, this is the Boss. On your calendar today are the dentist at nine, lunch with John at noon, and nothing else.",
    )
}

fn talker() -> Vec<f32> {
    spoken("schedule a meeting with John")
}

/// Samples of so many milliseconds.
const fn ms(ms: usize) -> usize {
    ms * 16
}

/// A line on which these begin at their samples, each so loud.
fn line(length: usize, parts: &[(usize, f32, &[f32])]) -> Vec<f32> {
    let mut line = vec![0.0; length];
    for (at, gain, part) in parts {
        for (sample, more) in line.iter_mut().skip(*at).zip(*part) {
            *sample += gain * more;
        }
    }
    line
}

/// Noise of this power, the same each time.
fn noise(length: usize, power: f32) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(7);
    let most = (3.0 * power).sqrt();
    (0..length).map(|_| (random.f32() * 2.0 - 1.0) * most).collect()
}

/// What is left of what is heard, 20 ms at a time, and how long somebody has been speaking after each of these.
fn through(cancel: &mut EchoCancel, played: &[f32], heard: &[f32]) -> (Vec<f32>, Vec<u64>) {
    let mut speech = SpeechDetector::new();
    let (mut out, mut speaking) = (Vec::new(), Vec::new());
    for (n, packet) in heard.chunks(ms(20)).enumerate() {
        cancel.played(played.get(n * ms(20)..(n + 1) * ms(20)).unwrap_or_default());
        let before = out.len();
        cancel.heard(packet, &mut out);
        speaking.push(speech.push(&out[before..]).speech_ms);
    }
    (out, speaking)
}

/// The longest speech after so many milliseconds, in milliseconds.
fn longest_speech(speaking: &[u64], after_ms: usize) -> u64 {
    speaking[after_ms / 20..].iter().copied().max().unwrap()
}

/// Of a hundred steps in which somebody is heard, how many have lost more than half of their sound.
fn lost_percent(out: &[f32], heard: &[f32]) -> usize {
    let power = |step: &[f32]| step.iter().map(|sample| sample * sample).sum::<f32>() / 160.0;
    let spoken: Vec<_> = out.chunks(STEP).zip(heard.chunks(STEP)).filter(|(_, heard)| power(heard) > 1e-4).collect();
    assert!(spoken.len() > 100, "{}", spoken.len());
    spoken.iter().filter(|(out, heard)| power(out) < power(heard) / 4.0).count() * 100 / spoken.len()
}

#[test]
fn who_speaks_over_the_boss_loses_nothing_where_there_is_no_echo() {
    let (boss, talker) = (boss(), talker());
    for (begins, gain) in [(1_500, 1.0), (3_000, 0.25), (4_300, 1.0)] {
        let heard = line(boss.len(), &[(ms(begins), gain, &talker)]);
        let (out, speaking) = through(&mut EchoCancel::new(), &boss, &heard);
        assert_eq!(lost_percent(&out, &heard), 0, "from {begins} ms");
        assert!(longest_speech(&speaking, begins) > 800, "from {begins} ms: {}", longest_speech(&speaking, begins));
    }
}

#[test]
fn the_boss_own_echo_is_no_speech_from_the_start() {
    let boss = boss();
    for (delay, gain) in [(120, 0.25), (300, 0.25), (300, 0.5), (200, 0.5), (480, 1.0), (120, 0.03), (300, 0.015)] {
        let heard = line(boss.len(), &[(ms(delay), gain, &boss)]);
        let (_, speaking) = through(&mut EchoCancel::new(), &boss, &heard);
        assert_eq!(longest_speech(&speaking, 0), 0, "{delay} ms, {gain}");
    }
}

#[test]
fn an_echo_that_begins_later_interrupts_for_a_moment_and_no_more() {
    let boss = boss();
    for (delay, begins) in [(120, 2_000), (120, 4_000), (300, 3_000), (300, 5_000)] {
        let mut echo = line(boss.len(), &[(ms(delay), 0.25, &boss)]);
        echo[..ms(begins)].fill(0.0);
        let (_, speaking) = through(&mut EchoCancel::new(), &boss, &echo);
        let at_first = longest_speech(&speaking, 0);
        assert!((1..=400).contains(&at_first), "{at_first} ms; 0 would mean that the line never counted as clean");
        assert_eq!(longest_speech(&speaking, begins + 1_000), 0, "{delay} ms, from {begins} ms");
    }
}

#[test]
fn noise_on_a_line_is_no_echo() {
    let (boss, talker) = (boss(), talker());
    for power in [1e-6, 1e-5] {
        let noise = noise(boss.len(), power);
        let heard = line(boss.len(), &[(0, 1.0, &noise), (ms(3_000), 1.0, &talker)]);
        let (out, speaking) = through(&mut EchoCancel::new(), &boss, &heard);
        assert_eq!(longest_speech(&speaking[..150], 0), 0, "{power}");
        assert_eq!(lost_percent(&out, &heard), 0, "{power}");
    }
}

/// Neither silence nor what is hardly audible, nor what the far end was told to drop, shows how a line is.
#[test]
fn what_nobody_could_have_heard_decides_nothing() {
    let boss = boss();
    let silent = vec![0.0; boss.len()];
    let faint: Vec<f32> = boss.iter().map(|sample| sample / 100.0).collect();
    let echo = line(boss.len(), &[(ms(120), 0.25, &boss)]);
    for before in [&silent, &faint] {
        let mut cancel = EchoCancel::new();
        through(&mut cancel, before, &silent);
        let (_, speaking) = through(&mut cancel, &boss, &echo);
        assert_eq!(longest_speech(&speaking, 0), 0);
    }
    let mut cancel = EchoCancel::new();
    for (played, heard) in boss.chunks(ms(20)).zip(silent.chunks(ms(20))) {
        cancel.played(played);
        cancel.cleared();
        cancel.heard(heard, &mut Vec::new());
    }
    let (_, speaking) = through(&mut cancel, &boss, &echo);
    assert_eq!(longest_speech(&speaking, 0), 0);
}
