//! The twin hears its script and speaks in tones.

use super::*;
use crate::{FRAME_SAMPLES, Frame};

fn scripted(lines: &[&str], sessions: usize) -> Scripted {
    Scripted::new(lines.iter().map(|&line| line.to_owned()).collect(), sessions, TaskTracker::new())
}

fn frame(level: f32) -> Frame {
    Box::new([level; FRAME_SAMPLES])
}

async fn push(listener: &Listener, level: f32, ms: u64) {
    for _ in 0..ms / FRAME_MS {
        listener.push(frame(level)).unwrap();
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn speech_is_the_next_line_and_a_cough_is_nothing() {
    let mut listener = scripted(&["what's on today", "thanks"], 1).listen().unwrap();
    push(&listener, 0.1, 160).await;
    push(&listener, 0.0, 800).await;
    push(&listener, 0.1, 800).await;
    assert_eq!(listener.next().await, Heard::Partial { text: "what's on today".to_owned() });
    push(&listener, 0.0, 640).await;
    assert_eq!(listener.next().await, Heard::EndOfTurn);
    assert_eq!(listener.next().await, Heard::Final { text: "what's on today".to_owned() });
    push(&listener, 0.1, 400).await;
    assert_eq!(listener.next().await, Heard::Partial { text: "thanks".to_owned() });
    listener.mark(7).unwrap();
    assert_eq!(listener.next().await, Heard::Marked(7));
}

#[tokio::test]
async fn text_becomes_tones_as_long_as_its_words() {
    let mut speaker = scripted(&[], 1).speak().unwrap();
    speaker.say("Good mor").await.unwrap();
    speaker.say("ning").await.unwrap();
    speaker.end().await.unwrap();
    let mut words = Vec::new();
    let mut samples = 0;
    loop {
        match speaker.next().await {
            Spoken::Word { text, start_ms, end_ms } => words.push((text, start_ms, end_ms)),
            Spoken::Audio(sound) => samples += sound.len(),
            Spoken::Done => break,
            Spoken::Failed(error) => panic!("{error}"),
        }
    }
    assert_eq!(words, [("Good".to_owned(), 0, 200), ("morning".to_owned(), 200, 520)]);
    assert_eq!(samples, 520 * 24);
}

#[tokio::test]
async fn sessions_are_counted_and_a_dropped_one_is_free_again() {
    let tasks = TaskTracker::new();
    let engine = Scripted::new([].into(), 1, tasks.clone());
    let first = engine.listen().unwrap();
    assert_eq!(engine.listen().unwrap_err(), EngineError::AtCapacity { sessions: 1 });
    engine.speak().unwrap();
    drop(first);
    tasks.close();
    tasks.wait().await;
    engine.listen().unwrap();
}

#[tokio::test]
async fn free_conversation_is_for_one_at_a_time_and_only_with_a_script() {
    let tasks = TaskTracker::new();
    let silent = Scripted::new(Script::default(), 1, tasks.clone());
    assert!(matches!(silent.talk(), Err(EngineError::Unavailable(_))));
    let chatting = silent.chatting(vec!["Hello.".to_owned()].into());
    let mut first = chatting.talk().unwrap();
    assert_eq!(chatting.talk().map(drop), Err(EngineError::AtCapacity { sessions: 1 }));
    first.push(Box::new([0.0; FRAME_SAMPLES])).unwrap();
    assert_eq!(first.next().await, crate::Reply::Sound(Box::new([0.0; FRAME_SAMPLES])));
    drop(first);
    tasks.close();
    tasks.wait().await;
    assert!(chatting.talk().is_ok());
}
