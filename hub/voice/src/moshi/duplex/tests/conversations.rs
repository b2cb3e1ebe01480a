//! Conversations with a real model, tiny and random: what it says means nothing, but it must be of this conversation alone.

use super::*;

/// A model that panics, or fails, at a step. All others are the real one's.
struct Breaks {
    talking: model::Talking,
    steps_left: usize,
    panics: bool,
}

impl Talk for Breaks {
    fn step(&mut self, heard: &[f32; FRAME_SAMPLES]) -> Result<Uttered, Failure> {
        match self.steps_left.checked_sub(1) {
            Some(left) => self.steps_left = left,
            None if self.panics => panic!("the GPU fell off the bus"),
            None => candle_core::bail!("the GPU fell off the bus"),
        }
        self.talking.step(heard)
    }
}

/// The place is free again once the thread has seen that a conversation was dropped.
async fn next_place(engine: &Duplex) -> Conversation {
    engine.thread.free(1).await;
    engine.talk().unwrap()
}

#[tokio::test]
async fn every_frame_is_answered_by_one_of_sound_and_now_and_then_by_text() {
    for files in [Files::new(), Files::quantized()] {
        let engine = files.start(1).unwrap();
        let given = talk(&mut engine.talk().unwrap(), sound(1, 70)).await;
        assert_eq!(given.sound.len(), 70);
        let is_silent = |frame: &Frame| frame.iter().all(|sample| *sample == 0.0);
        assert!(given.sound[..2].iter().all(is_silent), "its sound is whole two steps later");
        assert!(!given.sound[2..].iter().any(is_silent));
        assert!(given.sound.iter().all(|frame| frame.iter().all(|sample| sample.abs() <= 1.0)));
        assert!(given.text.split_whitespace().count() > 5, "{:?}", given.text);
    }
}

#[tokio::test]
async fn the_same_seed_and_sound_give_the_same_answers_and_others_give_others() {
    let files = Files::new();
    let mut all = Vec::new();
    for (seed, kind) in [(1, 1), (1, 1), (2, 1), (1, 2)] {
        all.push(talk(&mut files.start(seed).unwrap().talk().unwrap(), sound(kind, 40)).await);
    }
    assert_eq!(all[0], all[1]);
    assert_ne!(all[0].sound, all[2].sound, "other dice");
    assert_ne!(all[0].sound, all[3].sound, "other sound");
}

#[tokio::test]
async fn a_conversation_after_others_is_bit_for_bit_that_of_a_fresh_engine() {
    let files = Files::new();
    let (fresh, used) = (files.start(1).unwrap(), files.start(1).unwrap());
    // Longer than the model remembers, so that all of its memory is somebody else's; and sound that is none.
    talk(&mut used.talk().unwrap(), sound(9, 60)).await;
    let poison = [f32::NAN, f32::INFINITY, f32::MAX].map(|sample| Box::new([sample; FRAME_SAMPLES]));
    talk(&mut next_place(&used).await, poison.to_vec()).await;
    // As many on the fresh one, in which nothing is said: every conversation has dice of its own.
    for _ in 0..2 {
        drop(next_place(&fresh).await);
    }
    let expected = talk(&mut next_place(&fresh).await, sound(7, 60)).await;
    assert_eq!(talk(&mut next_place(&used).await, sound(7, 60)).await, expected);
}

#[tokio::test]
async fn there_is_one_conversation_and_the_next_begins_when_it_is_dropped() {
    let engine = Files::new().start(1).unwrap();
    let mut conversation = engine.talk().unwrap();
    assert_eq!(engine.talk().unwrap_err(), EngineError::AtCapacity { sessions: 1 });
    talk(&mut conversation, sound(1, 3)).await;
    // Dropped with frames that wait and answers that were not taken.
    for frame in sound(2, 13) {
        conversation.push(frame).unwrap();
    }
    drop(conversation);
    assert_eq!(talk(&mut next_place(&engine).await, sound(1, 3)).await.sound.len(), 3);
}

#[tokio::test]
async fn who_pushes_too_fast_or_takes_nothing_is_told_and_loses_no_answer_to_what_was_accepted() {
    let engine = Files::new().start(1).unwrap();
    let mut conversation = engine.talk().unwrap();
    let behind = EngineError::Behind { behind_ms: 13 * 80 };
    let mut accepted = 0;
    for frame in sound(1, 200) {
        match conversation.push(frame) {
            Ok(()) => accepted += 1,
            Err(error) => assert_eq!(error, behind),
        }
        tokio::task::yield_now().await;
    }
    // Nothing is taken: what waits is bounded, whatever time passes.
    assert!((13..=13 + 26 + 1).contains(&accepted), "{accepted} frames accepted");
    let mut given = Given::default();
    for _ in 0..accepted {
        take(&mut conversation, &mut given).await;
    }
    assert_eq!(given.sound.len(), accepted);
    assert_eq!(talk(&mut conversation, sound(2, 3)).await.sound.len(), 3, "it goes on");
}

#[tokio::test]
async fn when_a_step_breaks_who_talks_is_told_and_nobody_can_begin() {
    for panics in [true, false] {
        let directory = Files::new();
        let path = directory.directory.path().to_owned();
        let engine = Duplex::start_with(1, move || {
            let Loaded { mut begin, tokenizer } = load(&path, CodecSize::Tiny.talking(), &tiny::device())?;
            let begin = move |seed| Breaks { talking: begin(seed), steps_left: 4, panics };
            Ok(Loaded { begin, tokenizer })
        });
        let engine = engine.unwrap();
        let mut conversation = engine.talk().unwrap();
        talk(&mut conversation, sound(1, 4)).await;
        conversation.push(sound(1, 1).remove(0)).unwrap();
        let Reply::Failed(EngineError::Died(reason)) = conversation.next().await else { panic!("it did not fail") };
        assert!(reason.contains("fell off the bus"), "{reason}");
        assert_eq!(engine.ended().await, EngineError::Died(reason));
        let refused = engine.talk().unwrap_err();
        assert!(matches!(&refused, EngineError::Died(reason) if reason.contains("fell off the bus")), "{refused}");
        drop(engine);
        assert_eq!(conversation.push(sound(1, 1).remove(0)), Err(EngineError::Died("its session ended".to_owned())));
    }
}

#[tokio::test]
async fn an_engine_that_is_dropped_ends_its_conversation() {
    let engine = Files::new().start(1).unwrap();
    let mut conversation = engine.talk().unwrap();
    talk(&mut conversation, sound(1, 1)).await;
    drop(engine);
    assert_eq!(conversation.next().await, Reply::Failed(EngineError::Died("it was stopped".to_owned())));
}

#[test]
fn what_it_remembers_can_be_filled_at_once() {
    let files = Files::new();
    let at = |name: &str| files.file(name);
    let codec = weights::open_safetensors(&at(CODEC), DType::F32, &tiny::device()).unwrap();
    let codec = mimi::Mimi::new(tiny::codec(CODEBOOKS), codec).unwrap();
    let language = weights::open(&at("model.safetensors"), DType::F32, &tiny::device()).unwrap();
    let model = Model::new(lm::LmModel::new(&tiny::duplex_config(), language).unwrap(), codec).unwrap();
    let mut talking = model.begin(1);
    // In parts, over the end of what it remembers (48 steps), with steps in between.
    for _ in 0..5 {
        talking.remember(20).unwrap();
        assert!(talking.step(&[0.1; FRAME_SAMPLES]).is_ok());
    }
}
