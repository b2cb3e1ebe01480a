//! Packets in order and out of it, and whether somebody speaks.

use super::*;

fn intake() -> Intake {
    Intake::new(Format::MuLaw, false).unwrap()
}

/// 20 ms of silence on a telephone line.
const SILENCE: [u8; 160] = [0xFF; 160];

#[test]
fn packets_become_frames_of_eighty_milliseconds() {
    let mut intake = intake();
    let frames: usize = (0..50).map(|n| intake.take(n * 20, &SILENCE).frames.len()).sum();
    assert!((11..=12).contains(&frames), "a second is 12.5 frames, less what is on its way: {frames}");
}

#[test]
fn what_is_missing_is_silence_and_what_comes_again_is_dropped() {
    let mut intake = intake();
    assert_eq!(intake.take(0, &SILENCE).arrival, Arrival::Taken { gap_ms: 0 });
    assert_eq!(intake.take(20, &SILENCE).arrival, Arrival::Taken { gap_ms: 0 });
    assert_eq!(intake.take(20, &SILENCE).arrival, Arrival::Taken { gap_ms: 0 }, "within the tolerance");
    assert_eq!(intake.take(20, &SILENCE).arrival, Arrival::Late);
    assert_eq!(intake.take(160, &SILENCE).arrival, Arrival::Taken { gap_ms: 100 });
    assert_eq!(intake.take(180, &SILENCE).arrival, Arrival::Taken { gap_ms: 0 });
    assert_eq!(intake.take(3_200, &SILENCE).arrival, Arrival::Taken { gap_ms: GAP_MOST_MS });
}

#[test]
fn one_packet_from_another_time_is_dropped_and_two_that_agree_are_where_the_line_is() {
    let mut intake = intake();
    intake.take(0, &SILENCE);
    assert_eq!(intake.take(60_000_000, &SILENCE).arrival, Arrival::Late);
    assert_eq!(intake.take(20, &SILENCE).arrival, Arrival::Taken { gap_ms: 0 }, "the rest is heard as before");
    assert_eq!(intake.take(u64::MAX, &SILENCE).arrival, Arrival::Late);
    assert_eq!(intake.take(60_000_000, &SILENCE).arrival, Arrival::Late);
    let far = intake.take(60_000_020, &SILENCE);
    assert_eq!(far.arrival, Arrival::Taken { gap_ms: GAP_MOST_MS });
    assert!(far.frames.len() <= 26, "a jump of hours is no sound of hours");
}

#[test]
fn a_packet_of_minutes_is_refused() {
    assert_eq!(intake().take(0, &vec![0xFF; 480_000]).arrival, Arrival::TooLong);
    let half_a_sample = Intake::new(Format::Linear, false).unwrap().take(0, &[1, 2, 3]);
    assert_eq!(half_a_sample.arrival, Arrival::Taken { gap_ms: 0 });
}

#[test]
fn silence_is_no_speech() {
    let mut intake = intake();
    let last = (0..100).map(|n| intake.take(n * 20, &SILENCE).activity).last().unwrap();
    assert_eq!(last.speech_ms, 0);
    assert!(last.silence_ms > 1_500, "{last:?}");
}

/// The sound that comes out for a telephone's bytes, while `played` (at the engines' rate) goes out.
fn through(intake: &mut Intake, bytes: &[u8], played: &[f32]) -> (Vec<f32>, u64) {
    let (mut out, mut longest) = (Vec::new(), 0);
    for (n, packet) in bytes.chunks(160).enumerate() {
        let now = played.get(n * 480..(n + 1) * 480).map_or_else(|| vec![0.0; 480], <[f32]>::to_vec);
        intake.played(&now);
        let taken = intake.take(n as u64 * 20, packet);
        longest = longest.max(taken.activity.speech_ms);
        out.extend(taken.frames.iter().flat_map(|frame| frame.iter().copied()));
    }
    (out, longest)
}

fn loudness(sound: &[f32]) -> f64 {
    let samples = f64::from(u32::try_from(sound.len()).unwrap());
    (sound.iter().map(|sample| f64::from(sample * sample)).sum::<f64>() / samples).sqrt()
}

fn quiet(ms: usize) -> Vec<u8> {
    vec![0xFF; ms * 8]
}

#[test]
fn a_talker_is_heard_as_loud_with_the_echo_canceller_as_without() {
    let said = [quiet(1_000), xswarm_tests::caller::speech("What's on my calendar today"), quiet(500)].concat();
    let (plain, _) = through(&mut intake(), &said, &[]);
    let (clean, speech_ms) = through(&mut Intake::new(Format::MuLaw, true).unwrap(), &said, &[]);
    assert!(speech_ms > 800, "{speech_ms}");
    assert!(loudness(&clean) > 0.7 * loudness(&plain), "{} {}", loudness(&clean), loudness(&plain));
}

#[test]
fn a_talker_is_heard_after_the_boss_has_spoken() {
    let boss = xswarm_tests::caller::speech("Hello Ann, this is the Boss. What can I do for you today?");
    let mut sound = Vec::new();
    Format::MuLaw.decode(&boss, &mut sound);
    let mut played = Vec::new();
    Resampler::new(8_000, SAMPLE_RATE_HZ).unwrap().push(&sound, &mut played);
    let ms = boss.len() / 8;
    let said = [quiet(ms + 700), xswarm_tests::caller::speech("What's on my calendar today"), quiet(500)].concat();
    let (plain, _) = through(&mut intake(), &said, &[]);
    let (clean, speech_ms) = through(&mut Intake::new(Format::MuLaw, true).unwrap(), &said, &played);
    assert!(speech_ms > 800, "{speech_ms}");
    assert!(loudness(&clean) > 0.7 * loudness(&plain), "{} {}", loudness(&clean), loudness(&plain));
}

#[test]
fn the_boss_own_echo_is_no_speech_and_who_speaks_over_it_is() {
    let boss = xswarm_tests::caller::speech(
        "Hello Ann, this is the Boss. On your calendar today are the dentist at nine, lunch with John at noon, and nothing else.",
    );
    let mut sound = Vec::new();
    Format::MuLaw.decode(&boss, &mut sound);
    let mut played = Vec::new();
    Resampler::new(8_000, SAMPLE_RATE_HZ).unwrap().push(&sound, &mut played);
    // What comes back 120 ms later, 12 dB below what went out.
    let echo: Vec<f32> = std::iter::repeat_n(0.0, 960).chain(sound.iter().map(|sample| sample / 4.0)).collect();
    let encoded = |sound: &[f32]| {
        let mut bytes = Vec::new();
        Format::MuLaw.encode(sound, &mut bytes);
        bytes
    };
    let (_, by_echo) = through(&mut Intake::new(Format::MuLaw, true).unwrap(), &encoded(&echo), &played);
    assert!(by_echo < 150, "{by_echo} ms of echo pass for speech");
    let mut both = echo;
    let mut talker = Vec::new();
    Format::MuLaw.decode(&xswarm_tests::caller::speech("Stop, please. That is enough."), &mut talker);
    for (sample, said) in both.iter_mut().skip(24_000).zip(&talker) {
        *sample += said;
    }
    let (_, by_talker) = through(&mut Intake::new(Format::MuLaw, true).unwrap(), &encoded(&both), &played);
    assert!(by_talker > 250, "{by_talker} ms of a talker pass for speech");
}

/// Most lines have no echo; the Boss has greeted, so that is known.
#[test]
fn who_speaks_over_the_boss_is_noticed_where_there_is_no_echo() {
    let boss = xswarm_tests::caller::speech(
        "Hello Ann, this is the Boss. On your calendar today are the dentist at nine, lunch with John at noon, and nothing else.",
    );
    let mut sound = Vec::new();
    Format::MuLaw.decode(&boss, &mut sound);
    let mut played = Vec::new();
    Resampler::new(8_000, SAMPLE_RATE_HZ).unwrap().push(&sound, &mut played);
    let said = [quiet(3_000), xswarm_tests::caller::speech("schedule a meeting with John"), quiet(500)].concat();
    let (plain, _) = through(&mut intake(), &said, &[]);
    let (clean, speech_ms) = through(&mut Intake::new(Format::MuLaw, true).unwrap(), &said, &played);
    assert!(speech_ms > 800, "{speech_ms}");
    assert!(loudness(&clean) > 0.95 * loudness(&plain), "{} {}", loudness(&clean), loudness(&plain));
}
