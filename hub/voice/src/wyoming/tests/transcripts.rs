//! What is told of an utterance, and when.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::peer::{Peer, Server, push, say, silence, speech, stt, transcript, utterance, wyoming};
use crate::Heard;

/// A server of which the second connection of an utterance, and each later one, is served by `aside`.
async fn with_aside(info: serde_json::Value, answers: bool) -> Server {
    Server::start(info, move |number, mut peer: Peer| async move {
        if number > 1 && !answers {
            return;
        }
        if let Some(sound) = peer.until("audio-stop").await {
            let text = if number > 1 { format!("{} ms", sound.len() / 32) } else { "all of it".to_owned() };
            peer.tell("transcript", &transcript(&text), &[]).await;
        }
    })
    .await
}

#[tokio::test]
async fn what_was_said_so_far_is_told_while_somebody_speaks() {
    for (streaming, expected) in [(false, 800..1_000), (true, 1_300..1_500)] {
        let server = with_aside(stt(streaming), true).await;
        let mut listener = wyoming(&server.address, 1, &TaskTracker::new()).listen().unwrap();
        push(&listener, [silence(800), speech(1_600)].concat()).await;
        let Heard::Partial { text } = listener.next().await else { panic!("a partial text is first") };
        let ms: usize = text.strip_suffix(" ms").unwrap().parse().unwrap();
        assert!(expected.contains(&ms), "{text}");
        push(&listener, silence(1_200)).await;
        let heard = utterance(&mut listener).await;
        assert_eq!(heard.last(), Some(&Heard::Final { text: "all of it".to_owned() }));
    }
}

#[tokio::test]
async fn a_word_of_less_than_half_a_second_has_a_partial_text_when_it_is_over() {
    let server = with_aside(stt(false), true).await;
    let mut listener = wyoming(&server.address, 1, &TaskTracker::new()).listen().unwrap();
    push(&listener, [silence(800), speech(320), silence(320)].concat()).await;
    assert!(matches!(listener.next().await, Heard::Partial { .. }));
}

#[tokio::test]
async fn without_a_second_connection_the_final_text_comes_nevertheless() {
    let server = with_aside(stt(false), false).await;
    let mut listener = wyoming(&server.address, 1, &TaskTracker::new()).listen().unwrap();
    say(&listener).await;
    let heard = utterance(&mut listener).await;
    assert!(!heard.iter().any(|one| matches!(one, Heard::Partial { .. })), "{heard:?}");
    let words: Vec<_> = heard.iter().filter(|one| matches!(one, Heard::Word { .. })).collect();
    assert_eq!(words.len(), 3, "{heard:?}");
    let [Heard::Word { start_ms: first, .. }, .., Heard::Word { end_ms: last, .. }] = words.as_slice() else {
        panic!("{words:?}");
    };
    assert!((380..560).contains(first) && (1_550..1_800).contains(last), "{words:?}");
}

#[tokio::test]
async fn pieces_of_a_server_that_streams_are_partial_texts() {
    let server = Server::start(stt(true), async |_, mut peer: Peer| {
        peer.until("audio-chunk").await;
        peer.tell("transcript-start", &json!({}), &[]).await;
        peer.tell("transcript-chunk", &transcript("call"), &[]).await;
        peer.tell("transcript-chunk", &transcript(" home"), &[]).await;
        peer.until("audio-stop").await;
        peer.tell("transcript", &transcript("call home"), &[]).await;
        peer.tell("transcript-stop", &json!({}), &[]).await;
    })
    .await;
    let mut listener = wyoming(&server.address, 1, &TaskTracker::new()).listen().unwrap();
    push(&listener, [silence(400), speech(800)].concat()).await;
    for text in ["call", "call home"] {
        assert_eq!(listener.next().await, Heard::Partial { text: text.to_owned() });
    }
    push(&listener, silence(1_200)).await;
    let heard = utterance(&mut listener).await;
    assert_eq!(heard.first(), Some(&Heard::EndOfTurn));
    assert_eq!(heard.last(), Some(&Heard::Final { text: "call home".to_owned() }));
}

#[tokio::test]
async fn a_mark_comes_after_everything_before_it() {
    let server = with_aside(stt(false), true).await;
    let mut listener = wyoming(&server.address, 1, &TaskTracker::new()).listen().unwrap();
    listener.mark(1).unwrap();
    assert_eq!(listener.next().await, Heard::Marked(1));
    push(&listener, [silence(400), speech(800)].concat()).await;
    listener.mark(2).unwrap();
    let heard = utterance(&mut listener).await;
    assert!(!heard.contains(&Heard::EndOfTurn), "nobody said that it is one: {heard:?}");
    assert_eq!(listener.next().await, Heard::Marked(2));
}

#[tokio::test]
async fn what_is_said_while_the_server_thinks_waits_for_its_turn() {
    let thinks = Arc::new(Semaphore::new(0));
    let thought = Arc::clone(&thinks);
    let server = Server::start(stt(false), move |_, mut peer: Peer| {
        let thought = Arc::clone(&thought);
        async move {
            let Some(sound) = peer.until("audio-stop").await else { return };
            drop(thought.acquire().await.unwrap());
            peer.tell("transcript", &transcript(&format!("{}", sound.len() / 32_000)), &[]).await;
        }
    })
    .await;
    let mut listener = wyoming(&server.address, 1, &TaskTracker::new()).listen().unwrap();
    push(&listener, [silence(400), speech(1_200), silence(800)].concat()).await;
    assert_eq!(listener.next().await, Heard::EndOfTurn);
    push(&listener, [speech(3_200), silence(800)].concat()).await;
    thinks.add_permits(1);
    for seconds in ["2", "4"] {
        assert_eq!(utterance(&mut listener).await.last(), Some(&Heard::Final { text: seconds.to_owned() }));
    }
}
