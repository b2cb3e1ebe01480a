//! The client against real servers: text becomes speech, and the speech becomes the same text again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation is a failed test"
)]

use tokio_util::task::TaskTracker;
use xswarm_tests::voice_servers::VoiceServers;
use xswarm_voice::{
    Engine, EngineError, FRAME_SAMPLES, Frame, Heard, Listener, SAMPLE_RATE_HZ, Spoken, Wyoming, WyomingConfig,
};

const SENTENCES: [&str; 5] = [
    "What's on my calendar today",
    "schedule a meeting with John tomorrow at 2pm",
    "remind me to call my mother in twenty minutes",
    "no, I mean the day after tomorrow",
    "thank you, that is all",
];

fn config(servers: &VoiceServers) -> WyomingConfig {
    WyomingConfig {
        stt: format!("tcp://{}", servers.stt),
        tts: servers.tts.clone(),
        language: Some("en".to_owned()),
        voice: None,
        sessions: 2,
    }
}

fn engine(servers: &VoiceServers) -> Engine {
    Engine::Wyoming(Wyoming::new(config(servers), TaskTracker::new()))
}

/// The sound of a text, and its words with their ends in milliseconds.
async fn spoken(engine: &Engine, text: &str) -> (Vec<f32>, Vec<(String, u64)>) {
    let mut speaker = engine.speak().unwrap();
    // As a language model writes: in pieces that are no words.
    for piece in text.as_bytes().chunks(5) {
        speaker.say(String::from_utf8_lossy(piece)).await.unwrap();
    }
    speaker.end().await.unwrap();
    let (mut sound, mut words) = (Vec::new(), Vec::new());
    loop {
        match speaker.next().await {
            Spoken::Word { text, start_ms, end_ms } => {
                assert_eq!(start_ms, words.last().map_or(0, |&(_, end)| end));
                assert_eq!(start_ms, ms(sound.len()), "a word is told before its sound and after that of the last one");
                words.push((text, end_ms));
            }
            Spoken::Audio(piece) => {
                assert!((1..=SAMPLE_RATE_HZ as usize).contains(&piece.len()));
                sound.extend(piece);
            }
            Spoken::Done => break,
            Spoken::Failed(error) => panic!("{error}"),
        }
    }
    assert_eq!(words.last().unwrap().1, ms(sound.len()));
    (sound, words)
}

fn ms(samples: usize) -> u64 {
    samples as u64 * 1_000 / u64::from(SAMPLE_RATE_HZ)
}

/// Pushes sound and a second of silence after it, never more than the engine takes.
async fn push(listener: &Listener, sound: &[f32], silence_ms: usize) {
    let mut sound = sound.to_vec();
    sound.resize(sound.len() + silence_ms * 24, 0.0);
    for piece in sound.chunks(FRAME_SAMPLES) {
        let mut frame: Frame = Box::new([0.0; FRAME_SAMPLES]);
        frame[..piece.len()].copy_from_slice(piece);
        listener.push(frame).unwrap();
        tokio::task::yield_now().await;
    }
}

/// Everything that is told up to a mark.
async fn heard(listener: &mut Listener, mark: u64) -> Vec<Heard> {
    listener.mark(mark).unwrap();
    let mut all = Vec::new();
    loop {
        match listener.next().await {
            Heard::Marked(reached) => {
                assert_eq!(reached, mark);
                return all;
            }
            Heard::Failed(error) => panic!("{error}"),
            other => all.push(other),
        }
    }
}

fn finals(heard: &[Heard]) -> Vec<&str> {
    heard.iter().filter_map(|one| if let Heard::Final { text } = one { Some(text.as_str()) } else { None }).collect()
}

async fn round_trip(engine: &Engine) {
    let mut listener = engine.listen().unwrap();
    for (mark, sentence) in (0..).zip(SENTENCES) {
        let (sound, words) = spoken(engine, sentence).await;
        assert_eq!(words.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>().join(" "), sentence);
        push(&listener, &sound, 1_500).await;
        let heard = heard(&mut listener, mark).await;
        println!("{heard:?}");
        assert_eq!(finals(&heard), [sentence], "{heard:?}");
        assert_eq!(heard.iter().filter(|one| **one == Heard::EndOfTurn).count(), 1);
    }
}

#[tokio::test]
async fn what_is_spoken_is_heard_word_for_word() {
    let servers = VoiceServers::start(&SENTENCES);
    round_trip(&engine(&servers)).await;
}

#[tokio::test]
async fn what_is_spoken_is_heard_word_for_word_in_streams() {
    let servers = VoiceServers::streaming(&SENTENCES);
    round_trip(&engine(&servers)).await;
}
