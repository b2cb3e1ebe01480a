//! Sound that is known in every byte, and what is kept of it.

use super::*;
use crate::recordings::Tape;

/// 20 ms of one byte.
fn packet(byte: u8) -> Vec<u8> {
    vec![byte; 160]
}

/// Records; both sides, byte by byte.
async fn recorded(record: impl FnOnce(&mut Recorder), until_ms: u64) -> (Vec<u8>, Vec<u8>) {
    let (tape, mut pieces) = Tape::in_memory();
    let mut recorder = Recorder::new(tape, Format::MuLaw);
    record(&mut recorder);
    recorder.finish(until_ms).await;
    let mut all = Vec::new();
    while let Ok(piece) = pieces.try_recv() {
        all.extend(piece);
    }
    let side = |which: usize| all.iter().skip(which).step_by(2).copied().collect::<Vec<_>>();
    (side(0), side(1))
}

fn how_many(wanted: u8, sound: &[u8]) -> usize {
    sound.iter().map(|byte| usize::from(*byte == wanted)).sum()
}

#[tokio::test]
async fn both_sides_lie_where_they_were_heard() {
    let (left, right) = recorded(
        |recorder| {
            // The line's clock began 5 s before.
            for n in 0..50 {
                recorder.caller(5_000 + n * 20, &packet(u8::try_from(n).unwrap()), 20 + n * 20);
            }
            recorder.boss(300, &packet(0x10));
            recorder.boss(320, &packet(0x11));
            assert!(recorder.tick(900));
        },
        1_000,
    )
    .await;
    assert_eq!((left.len(), right.len()), (8_000, 8_000));
    let expected: Vec<u8> = (0..50).flat_map(packet).collect();
    assert_eq!(left, expected);
    assert!(right[..2_400].iter().all(|byte| *byte == 0xFF));
    assert_eq!(right[2_400..2_720], [packet(0x10), packet(0x11)].concat());
    assert!(right[2_720..].iter().all(|byte| *byte == 0xFF));
}

#[tokio::test]
async fn what_was_dropped_before_it_was_played_is_not_in_it() {
    let (_, right) = recorded(
        |recorder| {
            for n in 0..3 {
                recorder.boss(100 + n * 20, &packet(0x10));
            }
            recorder.cleared(130);
        },
        400,
    )
    .await;
    let heard = how_many(0x10, &right);
    assert_eq!(heard, 240, "30 of 60 ms");
}

#[tokio::test]
async fn packets_that_are_late_lost_or_from_nowhere_do_no_harm() {
    let (left, _) = recorded(
        |recorder| {
            recorder.caller(0, &packet(1), 20);
            recorder.caller(40, &packet(3), 60);
            recorder.caller(20, &packet(2), 70);
            recorder.caller(u64::MAX, &packet(9), 80);
            recorder.caller(10_000_000, &packet(9), 90);
            assert!(recorder.tick(1_100));
            recorder.caller(60, &packet(4), 1_100);
        },
        1_200,
    )
    .await;
    let expected: Vec<u8> = [1, 2, 3].into_iter().flat_map(packet).chain(std::iter::repeat_n(0xFF, 320)).collect();
    assert_eq!(left[..800], expected, "what came a second late is left out");
    assert!(!left.contains(&9));
}

#[tokio::test]
async fn no_key_is_heard_and_nothing_while_a_pin_is_asked_for() {
    let (left, right) = recorded(
        |recorder| {
            for n in 0..300 {
                let now = 20 + n * 20;
                recorder.caller(n * 20, &packet(1), now);
                recorder.boss(n * 20, &packet(2));
                match now {
                    3_000 => recorder.pin_asked(now),
                    1_500 | 3_500 => recorder.key(now),
                    4_500 => recorder.pin_over(now),
                    _ => {}
                }
                assert!(recorder.tick(now));
            }
        },
        6_000,
    )
    .await;
    let audible = |from_ms: usize, to_ms: usize| how_many(1, &left[from_ms * 8..to_ms * 8]);
    for (from, to) in [(520, 1_780), (2_520, 4_780)] {
        assert_eq!(audible(from, to), 0, "{from}–{to} ms");
    }
    for (from, to) in [(0, 480), (1_820, 2_480), (4_820, 6_000)] {
        assert_eq!(audible(from, to), (to - from) * 8, "{from}–{to} ms");
    }
    assert!(right.iter().all(|byte| *byte == 2), "the Boss is heard throughout");
}

#[tokio::test]
async fn a_tape_that_takes_nothing_more_ends_the_recording() {
    let (tape, pieces) = Tape::in_memory();
    let mut recorder = Recorder::new(tape, Format::MuLaw);
    drop(pieces);
    assert!(recorder.tick(1_500), "a second is not full yet");
    assert!(!recorder.tick(2_100));
}
