//! Listening through servers that do what they should not.

use std::{sync::Mutex, time::Duration};

use serde_json::json;
use tokio::{sync::mpsc, time::timeout};
use tokio_util::task::TaskTracker;
use xswarm_tests::wait::wait_for;

use super::peer::{Peer, Server, silence, speech, stt, wyoming};
use crate::{EngineError, Frame, Heard, Listener};

/// Pushes frames, letting the engine take each.
async fn push(listener: &Listener, frames: Vec<Frame>) {
    for frame in frames {
        // One that has ended meanwhile says so where it is asked.
        listener.push(frame).unwrap_or_default();
        tokio::task::yield_now().await;
    }
}

/// Somebody says something and is silent.
async fn say(listener: &Listener) {
    push(listener, [silence(400), speech(1_200), silence(1_200)].concat()).await;
}

/// How a session ends.
async fn failure(listener: &mut Listener) -> EngineError {
    loop {
        if let Heard::Failed(error) = listener.next().await {
            return error;
        }
    }
}

/// Everything up to a final text.
async fn utterance(listener: &mut Listener) -> Vec<Heard> {
    let mut all = Vec::new();
    loop {
        let heard = listener.next().await;
        assert!(!matches!(heard, Heard::Failed(_)), "{heard:?}");
        let last = matches!(heard, Heard::Final { .. });
        all.push(heard);
        if last {
            return all;
        }
    }
}

fn transcript(text: &str) -> serde_json::Value {
    json!({ "text": text })
}

/// What becomes of a session whose server answers all sound with these bytes, and then closes or says no more.
async fn answered_with(bytes: Vec<u8>, closes: bool) -> EngineError {
    let server = Server::start(stt(false), move |_, mut peer: Peer| {
        let bytes = bytes.clone();
        async move {
            if peer.until("audio-stop").await.is_some() {
                peer.send(&bytes).await;
                if !closes {
                    peer.hold().await;
                }
            }
        }
    })
    .await;
    let tasks = TaskTracker::new();
    let engine = wyoming(&server.address, 1, &tasks);
    let mut listener = engine.listen().unwrap();
    say(&listener).await;
    let error = timeout(Duration::from_secs(20), failure(&mut listener)).await.expect("it does not hang");
    tasks.close();
    tasks.wait().await;
    server.left_alone().await;
    assert!(matches!(failure(&mut listener).await, EngineError::Died(_)), "it stays over");
    engine.listen().expect("its place is free");
    error
}

#[tokio::test]
async fn whatever_it_sends_the_session_ends_with_one_clear_error() {
    let line = |text: &str| format!("{text}\n").into_bytes();
    let cases = [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), "no header of an event"),
        (vec![0xFF; 3_000_000], "a line of more than 65536 bytes"),
        (line(r#"{"type":"transcript","data_length":99999999999}"#), "data of 99999999999 bytes"),
        (line(r#"{"type":"transcript","payload_length":5000000}"#), "a payload of 5000000 bytes"),
        (line(r#"{"type":"transcript","data_length":4}"#), "has not answered within 400 ms"),
        (line(r#"{"type":"transcript","data_length":4}"#).into_iter().chain(*b"null").collect(), "no JSON object"),
        (line(r#"{"type":"transcript"}"#), "a transcript without text"),
        (line(r#"{"type":"transcript","data":{"text":7}}"#), "a transcript without text"),
        (
            line(&format!(r#"{{"type":"transcript","data":{{"text":"{}"}}}}"#, "la ".repeat(9_000))),
            "27000 bytes of text",
        ),
        (line(r#"{"type":"error","data":{"text":"out of memory"}}"#), "an error: out of memory"),
        (line(r#"{"type":"error"}"#), "it does not say which"),
        (line(r#"{"type":"pong"}"#).repeat(50_000), "has not answered within 400 ms"),
        (
            line(&format!(r#"{{"type":"transcript-chunk","data":{{"text":"{}"}}}}"#, "la ".repeat(90))).repeat(99),
            "bytes of text",
        ),
        (Vec::new(), "has not answered within 400 ms"),
    ];
    for (bytes, expected) in cases {
        let shown = String::from_utf8_lossy(bytes.get(..60).unwrap_or(&bytes)).into_owned();
        let error = answered_with(bytes, false).await;
        let EngineError::Died(why) = &error else { panic!("{shown}: {error:?}") };
        assert!(why.contains(expected), "{shown}: {why}");
        assert!(why.contains("the speech-to-text server at 127.0.0.1:"), "{shown}: {why}");
    }
}

#[tokio::test]
async fn one_that_always_closes_is_given_up() {
    for bytes in [b"".to_vec(), b"{\"type\":\"transcript\",\"data_length\":17}\n{\"te".to_vec()] {
        let EngineError::Died(why) = answered_with(bytes, true).await else { panic!("it is there") };
        assert!(why.contains("closed the connection before it had answered"), "{why}");
    }
}

#[tokio::test]
async fn one_that_answers_before_the_sound_has_ended_is_refused() {
    let server = Server::start(stt(false), async |_, mut peer: Peer| {
        peer.until("audio-start").await;
        peer.tell("transcript", &transcript("so soon"), &[]).await;
        peer.hold().await;
    })
    .await;
    let mut listener = wyoming(&server.address, 1, &TaskTracker::new()).listen().unwrap();
    say(&listener).await;
    let error = failure(&mut listener).await.to_string();
    assert!(error.contains("a transcript before the sound had ended"), "{error}");
    server.left_alone().await;
}

#[tokio::test]
async fn one_that_is_away_is_told_before_anybody_speaks() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap().to_string();
    drop(closed);
    let mut listener = wyoming(&address, 1, &TaskTracker::new()).listen().unwrap();
    let EngineError::Unavailable(why) = failure(&mut listener).await else { panic!("it is away") };
    assert!(why.contains("cannot be reached") && why.contains("or correct `stt` in [voice]"), "{why}");
}

#[tokio::test]
async fn after_a_connection_broke_the_whole_utterance_goes_over_another() {
    let (told, mut sounds) = mpsc::channel(8);
    let broken = Mutex::new(false);
    let server = Server::start(stt(false), move |_, mut peer: Peer| {
        let breaks = !std::mem::replace(&mut *broken.lock().unwrap(), true);
        let told = told.clone();
        async move {
            if breaks {
                // In the midst of the sound.
                for _ in 0..8 {
                    peer.next().await;
                }
                return;
            }
            if let Some(sound) = peer.until("audio-stop").await {
                told.send(sound.len()).await.unwrap_or_default();
                peer.tell("transcript", &transcript(" here  again "), &[]).await;
            }
        }
    })
    .await;
    let mut listener = wyoming(&server.address, 1, &TaskTracker::new()).listen().unwrap();
    say(&listener).await;
    let heard = utterance(&mut listener).await;
    assert_eq!(heard.iter().filter(|one| **one == Heard::EndOfTurn).count(), 1, "{heard:?}");
    assert_eq!(heard.last(), Some(&Heard::Final { text: "here again".to_owned() }));
    let mut longest = 0;
    while let Ok(length) = sounds.try_recv() {
        longest = longest.max(length);
    }
    // 300 ms before it, itself, and 700 ms after it.
    assert!((2_100..2_500).contains(&(longest / 32)), "{} ms", longest / 32);
}

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
async fn a_dropped_listener_ends_everything_at_once() {
    // While the server reads nothing, while it takes sound, and while it should answer.
    for (reads, ends) in [(false, false), (true, false), (true, true)] {
        let (told, mut reached) = mpsc::channel(8);
        let server = Server::start(stt(false), move |_, mut peer: Peer| {
            let told = told.clone();
            async move {
                if reads {
                    peer.until(if ends { "audio-stop" } else { "audio-chunk" }).await;
                }
                told.send(()).await.unwrap_or_default();
                peer.hold().await;
            }
        })
        .await;
        let tasks = TaskTracker::new();
        let listener = wyoming(&server.address, 1, &tasks).listen().unwrap();
        push(&listener, [silence(400), speech(800), silence(if ends { 1_200 } else { 0 })].concat()).await;
        reached.recv().await.unwrap();
        drop(listener);
        tasks.close();
        timeout(Duration::from_millis(100), tasks.wait()).await.expect("its task ends at once");
        server.left_alone().await;
    }
}

#[tokio::test]
async fn a_dropped_listener_frees_its_place() {
    let server = with_aside(stt(false), true).await;
    let engine = wyoming(&server.address, 2, &TaskTracker::new());
    let (first, _second) = (engine.listen().unwrap(), engine.listen().unwrap());
    assert_eq!(engine.listen().unwrap_err(), EngineError::AtCapacity { sessions: 2 });
    drop(first);
    wait_for("a free place", async || engine.listen().ok()).await;
}
