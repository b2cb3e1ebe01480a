//! Sessions on a real model, tiny and random: what it writes means nothing, but it must be each session's own.

use super::*;
use crate::moshi::transcription::session::Said;

/// A model that panics, or fails, at a step. All others are the real one's.
struct Breaks {
    model: Recogniser,
    steps_left: usize,
    panics: bool,
}

impl Step for Breaks {
    fn step(&mut self, sound: &[Option<&[f32; FRAME_SAMPLES]>]) -> Result<Vec<Said>, Failure> {
        match self.steps_left.checked_sub(1) {
            Some(left) => self.steps_left = left,
            None if self.panics => panic!("the GPU fell off the bus"),
            None => candle_core::bail!("the GPU fell off the bus"),
        }
        self.model.step(sound)
    }

    fn reset(&mut self, slot: usize) -> Result<(), Failure> {
        self.model.reset(slot)
    }
}

pub(super) fn breaking(files: &Files, sessions: usize, steps_left: usize, panics: bool) -> Transcription {
    let loaded = files.load(sessions);
    let load = move || {
        let Loaded { model, tokenizer, conventions } = loaded?;
        Ok(Loaded { model: Breaks { model, steps_left, panics }, tokenizer, conventions })
    };
    Transcription::start_with(sessions, load).unwrap()
}

fn words(heard: &[Heard]) -> Vec<&str> {
    fn word(heard: &Heard) -> Option<&str> {
        if let Heard::Word { text, .. } = heard { Some(text) } else { None }
    }
    heard.iter().filter_map(word).collect()
}

#[tokio::test]
async fn sound_becomes_words_with_times_and_turns_that_hold_them() {
    let engine = Files::new(true).start(1).unwrap();
    let (mut count, mut turns) = (0, 0);
    for kind in 2..=5 {
        let heard = alone(&engine, kind, 100).await;
        let (mut spoken, mut over, mut at): (Vec<String>, _, _) = (Vec::new(), false, 0);
        for one in &heard {
            match one {
                Heard::Partial { text } => assert!(text.split_whitespace().count() > spoken.len()),
                Heard::Word { text, start_ms, end_ms } => {
                    assert!(at <= *start_ms && start_ms <= end_ms && *end_ms <= 100 * 80, "{one:?} after {at} ms");
                    at = *start_ms;
                    count += 1;
                    spoken.push(text.clone());
                }
                Heard::EndOfTurn => over = true,
                Heard::Final { text } => {
                    assert!(over, "a turn is out before it ended");
                    assert_eq!(*text, spoken.join(" "));
                    (turns, over) = (turns + 1, false);
                    spoken.clear();
                }
                Heard::Marked(_) | Heard::Failed(_) => panic!("{one:?}"),
            }
        }
        assert_ne!(words(&heard), words(&alone(&engine, kind + 10, 100).await), "other sound is other words");
    }
    assert!(count >= 20, "{count} words in 32 s");
    assert!(turns >= 5, "{turns} turns in 32 s");
}

#[tokio::test]
async fn four_at_once_that_begin_at_different_times_hear_what_each_hears_alone() {
    let engine = Files::new(true).start(4).unwrap();
    let mut expected = Vec::new();
    for kind in 1..=4 {
        expected.push(alone(&engine, kind, 90).await);
    }
    assert!(expected.iter().all(|heard| !words(heard).is_empty()));
    let mut sessions: Vec<(Listener, Vec<Heard>)> = Vec::new();
    let mut waiting: Vec<_> = (1..=4).map(|kind| sound(kind, 90).into_iter()).collect();
    for round in 0..120 {
        if round % 10 == 0 && sessions.len() < 4 {
            sessions.push((engine.listen().unwrap(), Vec::new()));
        }
        for ((listener, heard), waiting) in sessions.iter_mut().zip(&mut waiting) {
            push(listener, waiting.next().into_iter().collect(), heard).await;
        }
    }
    for ((kind, (mut listener, heard)), expected) in (1..).zip(sessions).zip(expected) {
        assert_eq!(up_to(&mut listener, kind, heard).await, expected, "session {kind}");
    }
}

#[tokio::test]
async fn a_slot_that_is_used_again_keeps_nothing_of_who_had_it_before() {
    let engine = Files::new(true).start(1).unwrap();
    let expected = alone(&engine, 7, 60).await;
    for kind in 1..=2 {
        // Longer than the model remembers, so that all of its memory is somebody else's.
        alone(&engine, kind, 70).await;
        assert_eq!(alone(&engine, 7, 60).await, expected, "after {kind}");
    }
    // Not even a sample that is no number, or a louder one than there can be.
    for poison in [f32::NAN, f32::INFINITY, f32::MAX] {
        engine.0.free(1).await;
        let mut listener = engine.listen().unwrap();
        let mut heard = Vec::new();
        push(&mut listener, vec![Box::new([poison; FRAME_SAMPLES]); 3], &mut heard).await;
        up_to(&mut listener, 1, heard).await;
        drop(listener);
        assert_eq!(alone(&engine, 7, 60).await, expected, "after {poison}");
    }
}

#[tokio::test]
async fn a_session_that_is_dropped_in_the_midst_disturbs_nobody_and_frees_its_slot() {
    let engine = Files::new(true).start(2).unwrap();
    let expected = alone(&engine, 3, 80).await;
    engine.0.free(2).await;
    let mut stays = engine.listen().unwrap();
    let mut leaves = engine.listen().unwrap();
    assert_eq!(engine.listen().unwrap_err(), EngineError::AtCapacity { sessions: 2 });
    let mut rest = sound(3, 80);
    let first: Vec<_> = rest.drain(..40).collect();
    let mut heard = Vec::new();
    push(&mut stays, first, &mut heard).await;
    push(&mut leaves, sound(9, 45), &mut Vec::new()).await;
    drop(leaves);
    engine.0.free(1).await;
    let mut follows = engine.listen().unwrap();
    let mut followed = Vec::new();
    push(&mut follows, sound(3, 80), &mut followed).await;
    push(&mut stays, rest, &mut heard).await;
    for (mut listener, heard) in [(stays, heard), (follows, followed)] {
        assert_eq!(up_to(&mut listener, 2, heard).await, expected);
    }
}

#[tokio::test]
async fn who_does_not_take_what_is_heard_waits_and_holds_nobody_up() {
    let engine = Files::new(true).start(2).unwrap();
    let expected = alone(&engine, 5, 60).await;
    engine.0.free(2).await;
    let mut slow = engine.listen().unwrap();
    // Marks are answered at once. 256 answers may wait to be taken, one waits to be told, then the marks themselves wait.
    let mut marks = 0;
    while marks < 256 + 1 + 50 {
        match slow.mark(marks) {
            Ok(()) => marks += 1,
            Err(error) => assert_eq!(error, EngineError::Behind { behind_ms: 4_000 }),
        }
        tokio::task::yield_now().await;
    }
    for kind in [5, 5] {
        assert_eq!(alone(&engine, kind, 60).await, expected);
    }
    assert_eq!(slow.mark(marks), Err(EngineError::Behind { behind_ms: 4_000 }));
    for mark in 0..marks {
        assert_eq!(slow.next().await, Heard::Marked(mark));
    }
}

#[tokio::test]
async fn when_a_step_breaks_every_session_is_told_and_none_can_begin() {
    for panics in [true, false] {
        let engine = breaking(&Files::new(true), 2, 10, panics);
        let sessions = [engine.listen().unwrap(), engine.listen().unwrap()];
        for session in &sessions {
            for frame in sound(1, 12) {
                session.push(frame).unwrap();
            }
        }
        for mut session in sessions {
            let failed = loop {
                if let Heard::Failed(failed) = session.next().await {
                    break failed;
                }
            };
            let EngineError::Died(reason) = &failed else { panic!("{failed}") };
            assert!(reason.contains("fell off the bus"), "{reason}");
            assert_eq!(
                session.push(Box::new([0.0; FRAME_SAMPLES])),
                Err(EngineError::Died("its session ended".to_owned()))
            );
        }
        let refused = engine.listen().unwrap_err();
        assert!(matches!(&refused, EngineError::Died(reason) if reason.contains("fell off the bus")), "{refused}");
    }
}

#[tokio::test]
async fn an_engine_that_is_dropped_ends_its_sessions() {
    let engine = Files::new(true).start(1).unwrap();
    let mut listener = engine.listen().unwrap();
    listener.push(sound(1, 1).remove(0)).unwrap();
    drop(engine);
    assert_eq!(listener.next().await, Heard::Failed(EngineError::Died("it was stopped".to_owned())));
}
