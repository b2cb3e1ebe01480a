//! Silence, clicks, pauses and speech without end, cut into utterances.

use super::{
    super::tests::peer::{silence, speech},
    *,
};

fn steps(frames: &[Frame]) -> Vec<Step> {
    let mut cutter = Cutter::new().unwrap();
    frames.iter().flat_map(|frame| cutter.frame(frame)).collect()
}

fn is_more(step: &Step) -> bool {
    matches!(step, Step::More(_))
}

/// Milliseconds of the sound of steps.
fn length(steps: &[Step]) -> usize {
    let bytes = steps.iter().map(|step| match step {
        Step::Begin { sound, .. } | Step::More(sound) => sound.len(),
        Step::Pause | Step::End { .. } | Step::Mark(_) => 0,
    });
    bytes.sum::<usize>() / MS_BYTES
}

#[test]
fn speech_between_silence_is_one_utterance() {
    let frames = [silence(1_200), speech(1_600), silence(1_200)].concat();
    let mut steps = steps(&frames);
    let length = length(&steps);
    steps.retain(|step| !is_more(step));
    let [Step::Begin { start_ms, speech_ms, sound }, Step::Pause, Step::End { end_ms, turn: true }] = steps.as_slice()
    else {
        panic!("{steps:?}");
    };
    assert!((1_150..1_350).contains(start_ms), "{start_ms}");
    assert!((2_700..3_000).contains(end_ms), "{end_ms}");
    // What was heard before, and 150 ms of speech to the next frame.
    assert!((150..400).contains(speech_ms), "{speech_ms}");
    assert!((450..800).contains(&(sound.len() / MS_BYTES)), "{}", sound.len() / MS_BYTES);
    // 300 ms before it, itself, and 700 ms after it.
    assert!((2_500..2_900).contains(&length), "{length}");
}

#[test]
fn silence_and_clicks_are_none() {
    let mut click = silence(80);
    click[0][..100].fill(0.8);
    let frames: Vec<_> = std::iter::repeat_n([click, silence(720)].concat(), 4).flatten().collect();
    assert_eq!(steps(&frames), []);
}

#[test]
fn a_pause_within_a_sentence_does_not_end_it() {
    let steps = steps(&[silence(400), speech(800), silence(480), speech(800), silence(1_200)].concat());
    let rest: Vec<_> = steps.iter().filter(|step| !is_more(step)).collect();
    assert!(
        matches!(rest.as_slice(), [Step::Begin { .. }, Step::Pause, Step::Pause, Step::End { turn: true, .. }]),
        "{rest:?}"
    );
}

#[test]
fn who_speaks_without_end_is_cut_off_every_half_minute() {
    let speech: Vec<_> = std::iter::repeat_n(speech(1_600), 20).flatten().collect();
    let steps = steps(&[speech, silence(1_200)].concat());
    let mut utterances = steps.split_inclusive(|step| matches!(step, Step::End { .. }));
    let first = length(utterances.next().unwrap());
    assert!((30_000..=30_080).contains(&first), "{first}");
    assert!((2_300..2_900).contains(&length(utterances.next().unwrap())));
    assert_eq!(utterances.next(), None);
}

#[test]
fn a_mark_ends_what_was_said_so_far_and_nothing_is_told_twice() {
    let mut cutter = Cutter::new().unwrap();
    let mut all = Vec::new();
    for frame in speech(1_600) {
        all.extend(cutter.frame(&frame));
    }
    let marked = cutter.mark(7);
    assert!(matches!(marked.as_slice(), [Step::End { turn: false, .. }, Step::Mark(7)]), "{marked:?}");
    all.extend(marked);
    for frame in [speech(1_600), silence(1_200)].concat() {
        all.extend(cutter.frame(&frame));
    }
    assert_eq!(all.iter().filter(|step| matches!(step, Step::Begin { .. })).count(), 2);
    // All speech, and the silence that ended it.
    assert!((3_800..4_100).contains(&length(&all)), "{}", length(&all));
    assert_eq!(cutter.mark(8), [Step::Mark(8)]);
}
