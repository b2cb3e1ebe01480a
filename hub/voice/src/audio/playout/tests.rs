//! What is sent when, and what was heard.

use proptest::prelude::*;

use super::*;

fn words(lengths: &[usize]) -> Playout {
    let mut playout = Playout::default();
    for (mark, &length) in (1..).zip(lengths) {
        playout.push(mark, vec![0.5; length]);
    }
    playout
}

/// Ticks until nothing comes: the samples and the marks.
fn drain(playout: &mut Playout) -> (usize, Vec<u64>) {
    let (mut samples, mut marks) = (0, Vec::new());
    loop {
        let sent = playout.tick();
        if sent.is_empty() {
            return (samples, marks);
        }
        for one in sent {
            match one {
                Sent::Sound(sound) => samples += sound.len(),
                Sent::Mark(mark) => marks.push(mark),
            }
        }
    }
}

#[test]
fn a_tick_is_one_frame_and_a_mark_follows_the_last_sample_of_its_piece() {
    let mut playout = words(&[480, 700, 20]);
    assert!(matches!(playout.tick().as_slice(), [Sent::Sound(sound), Sent::Mark(1)] if sound.len() == 480));
    assert!(matches!(playout.tick().as_slice(), [Sent::Sound(_)]));
    assert!(matches!(playout.tick().as_slice(), [Sent::Sound(sound), Sent::Mark(2), Sent::Mark(3)]
        if sound.len() == 480 && sound[239] > 0.4 && sound[240].abs() < 1e-6));
    assert_eq!(playout.tick(), []);
    assert!(!playout.is_finished(), "nothing was heard yet");
    playout.heard(3);
    assert!(playout.is_finished());
}

#[test]
fn after_an_interruption_it_goes_on_with_the_first_word_that_was_not_heard() {
    let mut playout = words(&[960, 960, 960]);
    for _ in 0..5 {
        playout.tick();
    }
    playout.heard(1);
    playout.pause();
    assert_eq!(playout.tick(), []);
    playout.resume();
    assert_eq!(drain(&mut playout), (1_920, vec![2, 3]));
}

#[test]
fn a_mark_that_was_never_sent_means_nothing() {
    let mut playout = words(&[960, 960]);
    playout.heard(2);
    assert_eq!(drain(&mut playout), (1_920, vec![1, 2]));
}

#[test]
fn a_far_end_that_sends_no_mark_back_fills_no_memory() {
    let mut playout = Playout::default();
    for mark in 1..=10_000 {
        playout.push(mark, vec![0.1; 480]);
        playout.tick();
    }
    assert!(playout.pieces.len() <= UNHEARD_MOST + 1);
}

#[test]
fn playing_begins_without_a_click() {
    let mut playout = words(&[960]);
    let Some(Sent::Sound(first)) = playout.tick().into_iter().next() else { panic!("no sound") };
    assert!(first[0].abs() < 0.01 && first[60] < 0.3 && (first[200] - 0.5).abs() < 1e-6);
    let Some(Sent::Sound(second)) = playout.tick().into_iter().next() else { panic!("no sound") };
    assert!((second[0] - 0.5).abs() < 1e-6);
}

proptest! {
    #[test]
    fn every_sample_is_sent_once_and_every_mark_in_order(lengths in prop::collection::vec(0_usize..3_000, 0..20)) {
        let mut playout = words(&lengths);
        let (samples, marks) = drain(&mut playout);
        let all: usize = lengths.iter().sum();
        prop_assert!(samples >= all && samples < all + FRAME);
        prop_assert_eq!(marks, (1..=lengths.len() as u64).collect::<Vec<_>>());
    }
}
