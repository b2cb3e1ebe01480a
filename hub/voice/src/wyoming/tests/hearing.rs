//! Listening through servers that do what they should not.

use std::{sync::Mutex, time::Duration};

use tokio::{sync::mpsc, time::timeout};
use tokio_util::task::TaskTracker;
use xswarm_tests::wait::wait_for;

use super::peer::{Peer, Server, impatient, push, say, silence, speech, stt, transcript, utterance, wyoming};
use crate::{EngineError, Heard, Listener};

/// How a session ends.
async fn failure(listener: &mut Listener) -> EngineError {
    loop {
        if let Heard::Failed(error) = listener.next().await {
            return error;
        }
    }
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
    let engine = impatient(&server.address, &tasks);
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
    assert!(why.contains("cannot be reached") && why.contains("or correct `stt_url` in [voice]"), "{why}");
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
    let server = Server::start(stt(false), async |_, mut peer: Peer| peer.hold().await).await;
    let engine = wyoming(&server.address, 2, &TaskTracker::new());
    let (first, _second) = (engine.listen().unwrap(), engine.listen().unwrap());
    assert_eq!(engine.listen().unwrap_err(), EngineError::AtCapacity { sessions: 2 });
    drop(first);
    wait_for("a free place", async || engine.listen().ok()).await;
}
