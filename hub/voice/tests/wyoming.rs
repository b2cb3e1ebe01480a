//! The client against real servers: text becomes speech, and the speech becomes the same text again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation is a failed test"
)]

use std::time::{Duration, Instant};

use tokio_util::task::TaskTracker;
use xswarm_tests::voice_servers::VoiceServers;
use xswarm_voice::{
    Engine, EngineError, FRAME_SAMPLES, Frame, Heard, Listener, Program, SAMPLE_RATE_HZ, Spoken, Wyoming, WyomingConfig,
};

const SENTENCES: [&str; 6] = [
    "What's on my calendar today",
    "schedule a meeting with John tomorrow at 2pm",
    "remind me to call my mother in twenty minutes",
    "no, I mean the day after tomorrow",
    "wake me at 3:30 on 28 November",
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
            other @ (Heard::Partial { .. } | Heard::Word { .. } | Heard::EndOfTurn | Heard::Final { .. }) => {
                all.push(other);
            }
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

/// What is heard of sound that comes as fast as it was spoken, up to a final text, each with how long after the first
/// sample it was told.
async fn heard_in_time(listener: &mut Listener, sound: &[f32]) -> Vec<(Heard, u64)> {
    let mut ticks = tokio::time::interval(Duration::from_millis(80));
    let mut pieces = sound.chunks_exact(FRAME_SAMPLES);
    let begun = Instant::now();
    let mut all = Vec::new();
    loop {
        tokio::select! {
            _ = ticks.tick() => if let Some(piece) = pieces.next() {
                listener.push(Box::new(piece.try_into().unwrap())).unwrap();
            },
            heard = listener.next() => {
                let last = matches!(heard, Heard::Final { .. } | Heard::Failed(_));
                all.push((heard, u64::try_from(begun.elapsed().as_millis()).unwrap()));
                if last {
                    return all;
                }
            }
        }
    }
}

#[tokio::test]
async fn in_real_time_a_partial_text_comes_while_the_first_words_are_said() {
    for servers in [VoiceServers::start(&SENTENCES), VoiceServers::streaming(&SENTENCES)] {
        let engine = engine(&servers);
        let (sound, _) = spoken(&engine, SENTENCES[1]).await;
        let silence = vec![0.0; SAMPLE_RATE_HZ as usize];
        let sound = [&silence, sound.as_slice(), &silence, &silence].concat();
        let heard = heard_in_time(&mut engine.listen().unwrap(), &sound).await;
        let at = |wanted: fn(&Heard) -> bool| heard.iter().find(|(heard, _)| wanted(heard)).unwrap().1;
        let partial = at(|heard| matches!(heard, Heard::Partial { .. }));
        let end = at(|heard| matches!(heard, Heard::EndOfTurn));
        let last = at(|heard| matches!(heard, Heard::Final { .. }));
        // The speech begins after a second.
        assert!((1_000..2_500).contains(&partial), "{heard:?}");
        assert!(last - end < 1_500, "{heard:?}");
        assert_eq!(heard.last().unwrap().0, Heard::Final { text: SENTENCES[1].to_owned() });
    }
}

#[tokio::test]
async fn the_first_word_is_spoken_soon() {
    let servers = VoiceServers::start(&SENTENCES);
    let engine = engine(&servers);
    let mut speaker = engine.speak().unwrap();
    let asked = Instant::now();
    speaker.say("You have two appointments today. The first").await.unwrap();
    assert!(matches!(speaker.next().await, Spoken::Word { text, .. } if text == "You"));
    let first = asked.elapsed();
    assert!(first < Duration::from_secs(2), "{first:?}");
}

#[tokio::test]
async fn what_the_servers_are_can_be_checked() {
    let servers = VoiceServers::start(&SENTENCES);
    let check = async |config| Wyoming::new(config, TaskTracker::new()).check().await;
    let found = check(config(&servers)).await;
    let (stt, tts) = (found.stt.unwrap(), found.tts.unwrap());
    assert_eq!((stt.name.as_str(), stt.version.as_deref(), stt.streaming), ("pocketsphinx", Some("5.1.1"), false));
    assert_eq!(
        (tts.name.as_str(), tts.voices.as_slice()),
        ("espeak-ng", ["en-us".to_owned(), "en-gb".to_owned()].as_slice())
    );

    let exchanged = WyomingConfig { stt: servers.tts.clone(), tts: servers.stt.clone(), ..config(&servers) };
    let found = check(exchanged).await;
    assert_unavailable(found.stt, "has no speech-to-text but espeak-ng; name another one as `stt_url` in [voice]");
    assert_unavailable(found.tts, "has no text-to-speech but pocketsphinx; name another one as `tts_url` in [voice]");

    let wrong = WyomingConfig { language: Some("fr-CA".to_owned()), ..config(&servers) };
    let found = check(wrong).await;
    assert_unavailable(found.stt, "pocketsphinx has no `fr-CA`; set `language` in [voice] to one it has, such as en");
    assert_unavailable(found.tts, "espeak-ng has no `fr-CA`");

    let voice = Some("bob".to_owned());
    let found = check(WyomingConfig { voice, ..config(&servers) }).await;
    assert_unavailable(found.tts, "no voice `bob`; set `voice` in [voice] to one it has, such as en-us, en-gb");
    assert!(found.stt.is_ok());

    let streaming = VoiceServers::streaming(&SENTENCES);
    let found = check(config(&streaming)).await;
    assert!(found.stt.unwrap().streaming && found.tts.unwrap().streaming);

    let gone = config(&servers);
    drop(servers);
    let found = check(gone).await;
    assert_unavailable(found.stt, "start it, or correct `stt_url` in [voice]");
    assert_unavailable(found.tts, "start it, or correct `tts_url` in [voice]");
}

fn assert_unavailable(found: Result<Program, EngineError>, why: &str) {
    match found {
        Err(EngineError::Unavailable(text)) => assert!(text.contains(why), "{text}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn servers_that_die_end_the_sessions() {
    let mut servers = VoiceServers::start(&SENTENCES);
    let tasks = TaskTracker::new();
    let engine = Engine::Wyoming(Wyoming::new(config(&servers), tasks.clone()));
    let (sound, _) = spoken(&engine, SENTENCES[0]).await;
    let mut listener = engine.listen().unwrap();
    let mut speaker = engine.speak().unwrap();
    push(&listener, &sound[..sound.len() / 2], 0).await;
    servers.kill();
    push(&listener, &sound[sound.len() / 2..], 1_000).await;
    speaker.say("Is anybody there?").await.unwrap();
    loop {
        match listener.next().await {
            Heard::Failed(error) => break assert!(matches!(error, EngineError::Unavailable(_) | EngineError::Died(_))),
            Heard::Partial { .. } | Heard::EndOfTurn => {}
            other @ (Heard::Word { .. } | Heard::Final { .. } | Heard::Marked(_)) => panic!("{other:?}"),
        }
    }
    assert!(matches!(speaker.next().await, Spoken::Failed(EngineError::Unavailable(_))));
    tasks.close();
    tasks.wait().await;
}

#[tokio::test]
async fn two_can_speak_and_listen_at_once() {
    let servers = VoiceServers::start(&SENTENCES);
    let engine = engine(&servers);
    tokio::join!(round_trip(&engine), round_trip(&engine));
}
