//! One session, step by step, without a model.

use proptest::prelude::*;

use super::*;

const CONVENTIONS: Conventions = Conventions { delay_steps: 3, prefix_steps: 0, has_heads: true };

/// Drives a session by hand: each step is sound unless the session wants silence, which gets padding and a pause.
struct Driven {
    session: Session,
    heard: VecDeque<Heard>,
    silences: usize,
}

impl Driven {
    fn new(conventions: Conventions) -> Self {
        Self { session: Session::new(conventions).unwrap(), heard: VecDeque::new(), silences: 0 }
    }

    fn step(&mut self, sound: Option<&[f32; FRAME_SAMPLES]>, token: u32, pause: f32) {
        let text = |pieces: &[u32]| pieces.iter().map(|&piece| if piece == 99 { ' ' } else { letter(piece) }).collect();
        self.silences += usize::from(sound.is_none());
        self.session.stepped(sound, Said { token, pause: Some(pause) }, text, &mut self.heard);
    }

    /// Sound, and all the silence that the session wants after it.
    fn sound(&mut self, token: u32, pause: f32) {
        assert!(!self.session.wants_silence());
        self.step(Some(&[0.1; FRAME_SAMPLES]), token, pause);
        while self.session.wants_silence() {
            self.step(None, 3, 1.0);
        }
    }

    fn mark(&mut self, mark: u64) {
        self.session.mark(mark, &mut self.heard);
        while self.session.wants_silence() {
            self.step(None, 3, 0.0);
        }
    }

    fn heard(&mut self) -> Vec<Heard> {
        self.heard.drain(..).collect()
    }
}

fn letter(piece: u32) -> char {
    char::from_u32('a' as u32 + piece).unwrap()
}

fn partial(text: &str) -> Heard {
    Heard::Partial { text: text.to_owned() }
}

fn word(text: &str, start_ms: u64, end_ms: u64) -> Heard {
    Heard::Word { text: text.to_owned(), start_ms, end_ms }
}

fn last(text: &str) -> Heard {
    Heard::Final { text: text.to_owned() }
}

#[test]
fn a_turn_ends_by_the_pause_and_is_out_after_the_delay() {
    let mut driven = Driven::new(CONVENTIONS);
    for token in [3, 3, 3, 0, 7, 3, 0, 8, 9] {
        driven.sound(token, 0.0);
    }
    assert_eq!(driven.heard(), [partial("h"), word("h", 80, 320)]);
    driven.sound(3, 1.0);
    assert_eq!(driven.heard(), [partial("h ij")]);
    driven.sound(3, 1.0);
    assert_eq!(driven.silences, 3);
    assert_eq!(driven.heard(), [Heard::EndOfTurn, word("ij", 320, 880), last("h ij")]);
    // The silence took no time of the session's own.
    for token in [0, 7, 3, 3] {
        driven.sound(token, 0.0);
    }
    assert_eq!(driven.heard(), [partial("h")]);
    driven.mark(5);
    assert_eq!(driven.heard(), [word("h", 880, 1_200), Heard::Marked(5)]);
}

#[test]
fn words_that_come_only_after_the_pause_still_belong_to_the_turn() {
    let mut driven = Driven::new(CONVENTIONS);
    for _ in 0..4 {
        driven.sound(3, 0.0);
    }
    // Two steps of pause: the end of a turn in which no word is known yet.
    driven.step(Some(&[0.1; FRAME_SAMPLES]), 3, 1.0);
    driven.step(Some(&[0.1; FRAME_SAMPLES]), 0, 1.0);
    assert_eq!(driven.heard(), []);
    assert!(driven.session.wants_silence());
    // A word of two pieces that goes on when the delay is over.
    for token in [3, 3, 7, 8] {
        driven.step(None, token, 1.0);
    }
    assert!(driven.session.wants_silence());
    driven.step(None, 3, 1.0);
    assert!(!driven.session.wants_silence());
    assert_eq!(driven.heard(), [partial("hi"), word("hi", 240, 480), Heard::EndOfTurn, last("hi")]);
}

#[test]
fn a_cough_is_nothing() {
    let mut driven = Driven::new(CONVENTIONS);
    for _ in 0..4 {
        driven.sound(3, 0.0);
    }
    driven.sound(3, 1.0);
    driven.sound(3, 1.0);
    assert_eq!(driven.silences, 3);
    // A word of nothing but a space is none either.
    for token in [0, 99, 3] {
        driven.sound(token, 0.0);
    }
    driven.sound(3, 1.0);
    driven.sound(3, 1.0);
    assert_eq!(driven.heard(), []);
}

#[test]
fn a_word_without_end_is_cut() {
    let mut driven = Driven::new(CONVENTIONS);
    for _ in 0..4 {
        driven.sound(7, 0.0);
    }
    driven.session.mark(1, &mut driven.heard);
    let mut steps = 0;
    while driven.session.wants_silence() {
        driven.step(None, 7, 0.0);
        steps += 1;
    }
    assert_eq!(steps, 3 + WORD_STEPS);
    let heard = driven.heard();
    assert!(matches!(heard.as_slice(), [Heard::Partial { .. }, Heard::Word { .. }, Heard::Marked(1)]), "{heard:?}");
}

#[test]
fn who_speaks_on_and_on_is_cut() {
    let mut driven = Driven::new(CONVENTIONS);
    for _ in 0..3 * LONGEST_BYTES {
        driven.sound(0, 0.0);
        driven.sound(7, 0.0);
        driven.sound(3, 0.0);
        if driven.heard.iter().any(|heard| matches!(heard, Heard::Final { .. })) {
            break;
        }
    }
    let longest =
        driven.heard.iter().filter_map(|heard| if let Heard::Final { text } = heard { Some(text.len()) } else { None });
    let longest: Vec<usize> = longest.collect();
    assert_eq!(longest, [LONGEST_BYTES + 1]);
}

#[test]
fn a_mark_is_told_at_once_if_all_is_out_already() {
    let mut driven = Driven::new(CONVENTIONS);
    driven.mark(1);
    driven.sound(3, 0.0);
    driven.mark(2);
    assert_eq!(driven.silences, 3);
    driven.mark(3);
    assert_eq!(driven.silences, 3, "nothing new was said");
    assert_eq!(driven.heard(), [1, 2, 3].map(Heard::Marked));
}

#[test]
fn silence_comes_first_if_the_model_wants_it() {
    let mut driven = Driven::new(Conventions { prefix_steps: 2, ..CONVENTIONS });
    assert!(driven.session.wants_silence());
    driven.step(None, 3, 1.0);
    driven.step(None, 3, 1.0);
    driven.mark(1);
    assert_eq!(driven.heard(), [Heard::Marked(1)]);
    for token in [3, 0, 7, 3, 0] {
        driven.sound(token, 0.0);
    }
    assert_eq!(driven.heard(), [partial("h"), word("h", 0, 160)]);
}

#[test]
fn a_model_without_heads_ends_turns_by_silence() {
    let mut driven = Driven::new(Conventions { has_heads: false, ..CONVENTIONS });
    let speech = voice();
    for frame in &speech {
        driven.step(Some(frame), 3, 0.0);
    }
    for token in [0, 7, 3] {
        driven.step(Some(speech.first().unwrap()), token, 0.0);
    }
    assert_eq!(driven.heard(), [partial("h")]);
    let mut frames = 0;
    while !driven.session.wants_silence() {
        driven.step(Some(&[0.0; FRAME_SAMPLES]), 3, 0.0);
        frames += 1;
        assert!(frames < 30, "the turn does not end");
    }
    assert!((9..=16).contains(&frames), "{frames} frames of silence");
    assert_eq!(driven.heard(), [Heard::EndOfTurn]);
}

/// Something that the detector takes for a voice: a buzz at 120 Hz through two formants, in syllables.
fn voice() -> Vec<[f32; FRAME_SAMPLES]> {
    let mut sound = Vec::new();
    let mut at = 0_u16;
    let mut state = [[0.0_f32; 2]; 2];
    for _ in 0..12 * FRAME_SAMPLES {
        at = (at + 1) % 24_000;
        let seconds = f32::from(at) / 24_000.0;
        let mut sample = if at.is_multiple_of(200) { 1.0 } else { 0.0 };
        for (memory, hz) in state.iter_mut().zip([700.0_f32, 1_200.0]) {
            let (turn, ring) = (2.0 * (std::f32::consts::TAU * hz / 24_000.0).cos() * 0.985, 0.985_f32 * 0.985);
            let out = sample + turn * memory[0] - ring * memory[1];
            *memory = [out, memory[0]];
            sample = out * 0.2;
        }
        let syllable = (std::f32::consts::TAU * 4.0 * seconds).sin().abs();
        sound.push((sample * syllable).clamp(-1.0, 1.0));
    }
    sound.as_chunks::<FRAME_SAMPLES>().0.to_vec()
}

proptest! {
    /// Whatever a model says: silence is wanted for a bounded time, marks are answered in order, turns hold their words.
    #[test]
    fn whatever_a_model_says_the_session_keeps_its_order(
        steps in proptest::collection::vec((0_u32..6, prop_oneof![Just(0.0_f32), Just(0.5), Just(1.0)], 0_u8..20), 1..400),
    ) {
        let mut driven = Driven::new(CONVENTIONS);
        let mut marks = 0;
        for (token, pause, mark) in steps {
            if driven.session.wants_silence() {
                driven.step(None, token, pause);
                continue;
            }
            if mark == 0 {
                driven.session.mark(marks, &mut driven.heard);
                marks += 1;
            } else {
                driven.step(Some(&[0.1; FRAME_SAMPLES]), token, pause);
            }
        }
        let mut left = 0;
        while driven.session.wants_silence() {
            driven.step(None, 7, 0.0);
            left += 1;
            prop_assert!(left <= 2 * (3 + WORD_STEPS), "silence is wanted for ever");
        }
        let (mut spoken, mut over, mut at, mut answered) = (Vec::new(), false, 0, 0);
        for heard in driven.heard() {
            match heard {
                Heard::Partial { text } => prop_assert!(text.split(' ').count() > spoken.len()),
                Heard::Word { text, start_ms, end_ms } => {
                    prop_assert!(at <= start_ms && start_ms <= end_ms);
                    at = start_ms;
                    spoken.push(text);
                }
                Heard::EndOfTurn => prop_assert!(!std::mem::replace(&mut over, true)),
                Heard::Final { text } => {
                    prop_assert!(std::mem::take(&mut over));
                    prop_assert_eq!(text, std::mem::take(&mut spoken).join(" "));
                }
                Heard::Marked(mark) => {
                    prop_assert_eq!(mark, answered);
                    answered += 1;
                }
                Heard::Failed(error) => prop_assert!(false, "{error}"),
            }
        }
        prop_assert_eq!(answered, marks);
    }
}
