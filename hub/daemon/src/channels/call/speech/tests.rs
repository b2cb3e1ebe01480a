//! What of an answer was heard, as marks come back.

use chrono::DateTime;
use tokio_util::task::TaskTracker;
use xswarm_voice::Scripted;

use super::*;

fn engine() -> Engine {
    Engine::Scripted(Scripted::new([].into(), 1, TaskTracker::new()))
}

fn reply() -> MessageId {
    MessageId::new(DateTime::UNIX_EPOCH)
}

/// Speaks it all, and gives the names of its marks, in order.
async fn spoken(speech: &mut Speech, engine: &Engine) -> Vec<String> {
    assert!(speech.begin(engine).await.unwrap());
    while speech.wants_more() {
        let next = speech.next().await;
        assert_eq!(speech.take(next), Progress::On);
    }
    let mut marks = Vec::new();
    loop {
        let sent = speech.tick();
        if sent.is_empty() {
            return marks;
        }
        marks.extend(sent.into_iter().filter_map(|one| match one {
            Sent::Mark(mark) => Some(speech.name(mark)),
            Sent::Sound(_) => None,
        }));
    }
}

#[tokio::test]
async fn an_answer_is_heard_when_its_last_mark_comes_back() {
    let (engine, mut speech, reply) = (engine(), Speech::default(), reply());
    speech.say("You are free today".to_owned(), Some(reply));
    let marks = spoken(&mut speech, &engine).await;
    assert_eq!(marks.len(), 4, "one for each word");
    for mark in &marks[..3] {
        speech.heard(mark);
    }
    assert_eq!(speech.finished(), Finished::NotYet);
    speech.heard(&marks[3]);
    assert_eq!(speech.finished(), Finished::Answer(HeardOf { reply, words: 4, whole: true }));
    assert!(speech.is_idle());
}

#[tokio::test]
async fn after_an_interruption_only_the_words_heard_count() {
    let (engine, mut speech, reply) = (engine(), Speech::default(), reply());
    speech.say("You are free today".to_owned(), Some(reply));
    speech.say("Never said".to_owned(), None);
    let marks = spoken(&mut speech, &engine).await;
    speech.heard(&marks[1]);
    assert_eq!(speech.clear(), Some(HeardOf { reply, words: 2, whole: false }));
    speech.heard(&marks[3]);
    assert!(speech.is_idle(), "what waited is dropped too");
}

#[tokio::test]
async fn marks_of_what_was_dropped_by_a_pause_do_not_count() {
    let (engine, mut speech, reply) = (engine(), Speech::default(), reply());
    speech.say("You are free today".to_owned(), Some(reply));
    let first = spoken(&mut speech, &engine).await;
    speech.heard(&first[0]);
    speech.pause();
    // Twilio sends the marks of what it drops back, too.
    for mark in &first {
        speech.heard(mark);
    }
    speech.resume();
    let mut again = Vec::new();
    loop {
        let sent = speech.tick();
        if sent.is_empty() {
            break;
        }
        again.extend(
            sent.into_iter().filter_map(|one| if let Sent::Mark(mark) = one { Some(speech.name(mark)) } else { None }),
        );
    }
    assert_eq!(again.len(), 3, "it goes on with the second word");
    speech.heard(&again[2]);
    assert_eq!(speech.finished(), Finished::Answer(HeardOf { reply, words: 4, whole: true }));
}

#[tokio::test]
async fn what_made_no_sound_was_not_heard() {
    let (engine, mut speech, reply) = (engine(), Speech::default(), reply());
    speech.say("You are free today".to_owned(), Some(reply));
    assert!(speech.begin(&engine).await.unwrap());
    assert_eq!(speech.take(Spoken::Done), Progress::On);
    assert_eq!(speech.finished(), Finished::Answer(HeardOf { reply, words: 0, whole: false }));
}
