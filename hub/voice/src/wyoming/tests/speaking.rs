//! Speaking through servers that do what they should not.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::task::TaskTracker;

use super::peer::{Peer, Server, impatient, tts, wyoming};
use crate::{EngineError, Speaker, Spoken};

fn shape(rate: u32, width: u32, channels: u32) -> Value {
    json!({ "rate": rate, "width": width, "channels": channels })
}

/// A tone of so many samples in each of so many channels.
fn tone(samples: usize, channels: usize) -> Vec<u8> {
    let one = |at: usize| if (at / 40).is_multiple_of(2) { 8_000_i16 } else { -8_000 };
    (0..samples).flat_map(|at| std::iter::repeat_n(one(at).to_le_bytes(), channels)).flatten().collect()
}

/// Gives sound of this rate for each text: 10 ms a letter.
async fn speaks(peer: &mut Peer, text: &str, rate: u32, channels: u8) {
    let shape = shape(rate, 2, channels.into());
    peer.tell("audio-start", &shape, &[]).await;
    let sound = tone(text.len() * rate as usize / 100, channels.into());
    for piece in sound.chunks(2_000) {
        peer.tell("audio-chunk", &shape, piece).await;
    }
    peer.tell("audio-stop", &json!({}), &[]).await;
}

/// A server that speaks as it should, and the texts that it is given.
async fn good(rate: u32, channels: u8) -> (Server, mpsc::Receiver<Value>) {
    let (told, texts) = mpsc::channel(64);
    let server = Server::start(tts(false), move |_, mut peer: Peer| {
        let told = told.clone();
        async move {
            let Some(event) = peer.next().await else { return };
            assert_eq!(event.kind, "synthesize");
            let text = event.text("text").unwrap().to_owned();
            told.send(Value::Object(event.data)).await.unwrap_or_default();
            speaks(&mut peer, &text, rate, channels).await;
        }
    })
    .await;
    (server, texts)
}

/// Everything that is spoken, and how it ended.
async fn all(speaker: &mut Speaker) -> (Vec<String>, usize, Option<EngineError>) {
    let (mut words, mut samples) = (Vec::new(), 0);
    loop {
        match speaker.next().await {
            Spoken::Word { text, start_ms, .. } => {
                assert_eq!(start_ms, samples as u64 / 24, "a word is told when its sound comes next");
                words.push(text);
            }
            Spoken::Audio(sound) => samples += sound.len(),
            Spoken::Done => return (words, samples, None),
            Spoken::Failed(error) => return (words, samples, Some(error)),
        }
    }
}

async fn answered_with(events: &'static [(&'static str, Value, usize)], closes: bool) -> EngineError {
    let server = Server::start(tts(false), move |_, mut peer: Peer| async move {
        peer.until("synthesize").await;
        for (kind, data, samples) in events {
            peer.tell(kind, data, &tone(*samples, 1)).await;
        }
        if !closes {
            peer.hold().await;
        }
    })
    .await;
    let tasks = TaskTracker::new();
    let engine = impatient(&server.address, &tasks);
    let mut speaker = engine.speak().unwrap();
    speaker.say("Good morning.").await.unwrap();
    speaker.end().await.unwrap();
    let ended = timeout(Duration::from_secs(20), all(&mut speaker)).await.expect("it does not hang");
    tasks.close();
    tasks.wait().await;
    server.left_alone().await;
    engine.speak().expect("its place is free");
    let (words, samples, Some(error)) = ended else { panic!("{ended:?}") };
    assert_eq!((words.as_slice(), samples), ([].as_slice(), 0), "nothing is told of what is not whole");
    error
}

#[tokio::test]
async fn whatever_it_sends_the_session_ends_with_one_clear_error() {
    let none = || json!({});
    let good = || shape(22_050, 2, 1);
    let minute = vec![("audio-chunk", good(), 200_000); 10];
    let cases = [
        (vec![("audio-chunk", good(), 100)], "sound before it said that it begins"),
        (vec![("audio-stop", none(), 0)], "the end of sound that never began"),
        (vec![("audio-start", none(), 0)], "sound of 0 samples a second"),
        (vec![("audio-start", good(), 0), ("audio-stop", none(), 0)], "no sound for a sentence"),
        (vec![("audio-start", shape(22_050, 4, 1), 0)], "4 bytes each"),
        (vec![("audio-start", shape(22_050, 2, 9), 0)], "9 channels"),
        (vec![("audio-start", good(), 0), ("audio-chunk", shape(1, 2, 1), 9)], "sound of 1 samples a second"),
        (vec![("audio-start", good(), 0), ("audio-chunk", good(), 100)], "has not answered within 400 ms"),
        ([vec![("audio-start", good(), 0)], minute].concat(), "more than a minute of sound"),
        (vec![("transcript", json!({ "text": "what?" }), 0)], "has not answered within 400 ms"),
        (vec![("error", json!({ "text": "no such voice" }), 0)], "an error: no such voice"),
    ];
    for (events, expected) in cases {
        let EngineError::Died(why) = answered_with(events.leak(), false).await else { panic!("it is there") };
        assert!(why.contains(expected) && why.contains("the text-to-speech server at 127.0.0.1:"), "{expected}: {why}");
    }
}

#[tokio::test]
async fn one_that_always_closes_is_given_up() {
    let midway = vec![("audio-start", shape(22_050, 2, 1), 0), ("audio-chunk", shape(22_050, 2, 1), 100)];
    for events in [vec![], midway] {
        let EngineError::Died(why) = answered_with(events.leak(), true).await else { panic!("it is there") };
        assert!(why.contains("closed the connection before it had answered"), "{why}");
    }
}

#[tokio::test]
async fn the_first_sentence_is_spoken_while_the_text_is_being_written() {
    let (server, mut texts) = good(22_050, 1).await;
    let mut speaker = wyoming(&server.address, 1, &TaskTracker::new()).speak().unwrap();
    for delta in ["Good mor", "ning. ", "You"] {
        speaker.say(delta).await.unwrap();
    }
    for expected in ["Good", "morning."] {
        assert!(matches!(speaker.next().await, Spoken::Word { text, .. } if text == expected));
        assert!(matches!(speaker.next().await, Spoken::Audio(_)));
    }
    assert_eq!(texts.recv().await.unwrap()["text"], "Good morning.");
    // And one that may go on, but does not.
    speaker.say(" have nothing today!").await.unwrap();
    assert!(matches!(speaker.next().await, Spoken::Word { text, start_ms, .. } if text == "You" && start_ms > 0));
    assert_eq!(texts.recv().await.unwrap()["text"], "You have nothing today!");
    speaker.end().await.unwrap();
    let mut last = speaker.next().await;
    while last != Spoken::Done {
        last = speaker.next().await;
    }
}

#[tokio::test]
async fn sound_of_any_rate_keeps_its_length() {
    let text = "It is a quarter past four, and nothing else is to be done. Enjoy the evening.";
    for (rate, channels) in [(8_000, 1), (16_000, 1), (22_050, 1), (24_000, 1), (44_100, 2), (48_000, 1)] {
        let (server, _texts) = good(rate, channels).await;
        let mut speaker = wyoming(&server.address, 1, &TaskTracker::new()).speak().unwrap();
        speaker.say(text).await.unwrap();
        speaker.end().await.unwrap();
        let (words, samples, error) = all(&mut speaker).await;
        assert_eq!(error, None);
        assert_eq!(words.join(" "), text);
        // Two spaces between sentences are not spoken; each end of a sentence may take 40 ms more.
        let expected = (text.len() - 1) * 240;
        assert!((expected - 480..expected + 4 * 960).contains(&samples), "{rate} Hz: {samples} and not {expected}");
    }
}

#[tokio::test]
async fn text_without_words_is_not_spoken() {
    let (server, _texts) = good(22_050, 1).await;
    let engine = wyoming(&server.address, 1, &TaskTracker::new());
    let mut speaker = engine.speak().unwrap();
    speaker.say(" … — \n").await.unwrap();
    speaker.end().await.unwrap();
    assert_eq!(speaker.next().await, Spoken::Done);
}

#[tokio::test]
async fn a_server_that_streams_is_given_text_in_its_way() {
    let server = Server::start(tts(true), async |_, mut peer: Peer| {
        let event = peer.next().await.unwrap();
        assert_eq!(event.kind, "synthesize-start");
        let event = peer.next().await.unwrap();
        assert_eq!(event.kind, "synthesize-chunk");
        let text = event.text("text").unwrap().to_owned();
        assert_eq!(peer.next().await.unwrap().kind, "synthesize-stop");
        // The sound of each part of the text has its own start and stop, and may be of its own rate.
        for (part, rate) in text.split(", ").zip([22_050, 16_000]) {
            speaks(&mut peer, part, rate, 1).await;
        }
        peer.tell("synthesize-stopped", &json!({}), &[]).await;
    })
    .await;
    let mut speaker = wyoming(&server.address, 1, &TaskTracker::new()).speak().unwrap();
    speaker.say("One, two.").await.unwrap();
    speaker.end().await.unwrap();
    let (words, samples, error) = all(&mut speaker).await;
    assert_eq!((words.join(" ").as_str(), error), ("One, two.", None));
    assert!((7 * 240..7 * 240 + 4 * 960).contains(&samples), "{samples}");
}

#[tokio::test]
async fn a_dropped_speaker_ends_everything_at_once() {
    let (told, mut reached) = mpsc::channel(8);
    let server = Server::start(tts(false), move |_, mut peer: Peer| {
        let told = told.clone();
        async move {
            peer.until("synthesize").await;
            peer.tell("audio-start", &shape(22_050, 2, 1), &[]).await;
            told.send(()).await.unwrap_or_default();
            peer.hold().await;
        }
    })
    .await;
    let tasks = TaskTracker::new();
    let engine = wyoming(&server.address, 1, &tasks);
    let speaker = engine.speak().unwrap();
    assert_eq!(engine.speak().unwrap_err(), EngineError::AtCapacity { sessions: 1 });
    speaker.say("Good morning. ").await.unwrap();
    reached.recv().await.unwrap();
    drop(speaker);
    tasks.close();
    timeout(Duration::from_millis(100), tasks.wait()).await.expect("its task ends at once");
    server.left_alone().await;
    engine.speak().expect("its place is free");
}
