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
    let far = intake.take(60_000_000, &SILENCE);
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
