//! The whole engine on tiny models, as a hub has it.

use std::time::Duration;

use super::*;
use crate::{Engine, FRAME_SAMPLES, Frame, Heard, Spoken};

/// A directory with a tiny model that listens; the one that speaks lies in the repository.
struct Models {
    directory: tempfile::TempDir,
}

impl Models {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        tiny::write_stt(directory.path(), true, 0.5, 0.0);
        Self { directory }
    }

    fn settings(&self, sessions: usize) -> MoshiSettings {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/reference/synthesis"));
        let file = |name: &str| folder.join(name);
        let files = synthesis::Files {
            config: file("config.json"),
            weights: file("model.safetensors"),
            codec: file("codec.safetensors"),
            tokenizer: file("tokenizer.model"),
            voices: vec![("a".to_owned(), file("voice-a.safetensors"))],
        };
        let manner = synthesis::Settings { slots: sessions, codebooks: 6, ..synthesis::Settings::default() };
        let transcription = TranscriptionSettings {
            model: Model::Stt,
            directory: self.directory.path().to_owned(),
            sessions,
            temperature: 0.0,
        };
        MoshiSettings {
            processor: tiny::PROCESSOR,
            transcription: Some(transcription),
            synthesis: Some(SynthesisSettings { files, manner }),
            duplex: None,
            codec: CodecSize::Tiny,
        }
    }

    fn engine(&self, sessions: usize) -> Engine {
        Engine::Moshi(Moshi::start(&self.settings(sessions)).unwrap())
    }
}

/// What comes of it within half a minute.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what).await.unwrap()
}

fn noise(random: &mut fastrand::Rng) -> Frame {
    let level = random.f32();
    let mut frame: Frame = Box::new([0.0; FRAME_SAMPLES]);
    frame.fill_with(|| level * (random.f32() - 0.5));
    frame
}

/// Words of eight seconds of noise, and whether every one of them stands in an utterance.
async fn words(engine: &Engine) -> Vec<String> {
    let mut listener = engine.listen().unwrap();
    let (mut random, mut words, mut uttered) = (fastrand::Rng::with_seed(3), Vec::new(), Vec::new());
    let mut take = |heard: Heard| match heard {
        Heard::Word { text, .. } => words.push(text),
        Heard::Final { text } => uttered.push(text),
        Heard::Partial { .. } | Heard::EndOfTurn => {}
        Heard::Marked(_) | Heard::Failed(_) => panic!("{heard:?}"),
    };
    for _ in 0..100 {
        let frame = noise(&mut random);
        while listener.push(frame.clone()).is_err() {
            take(soon(listener.next()).await);
        }
    }
    while listener.mark(7).is_err() {
        take(soon(listener.next()).await);
    }
    loop {
        match soon(listener.next()).await {
            Heard::Marked(mark) => break assert_eq!(mark, 7),
            heard @ (Heard::Partial { .. }
            | Heard::Word { .. }
            | Heard::EndOfTurn
            | Heard::Final { .. }
            | Heard::Failed(_)) => take(heard),
        }
    }
    // Words without meaning may hold spaces.
    assert!(words.join(" ").starts_with(&uttered.join(" ")), "{words:?}, {uttered:?}");
    words
}

/// The sound of a text, and its words.
async fn sound(engine: &Engine, text: &str) -> (Vec<f32>, Vec<String>) {
    let mut speaker = engine.speak().unwrap();
    speaker.say(text).await.unwrap();
    speaker.end().await.unwrap();
    let (mut sound, mut words) = (Vec::new(), Vec::new());
    loop {
        match soon(speaker.next()).await {
            Spoken::Audio(more) => sound.extend(more),
            Spoken::Word { text, .. } => words.push(text),
            Spoken::Done => return (sound, words),
            Spoken::Failed(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn one_engine_listens_and_speaks_at_the_same_time() {
    let engine = Models::new().engine(2);
    assert_eq!(engine.name(), "moshi");
    let alone = words(&engine).await;
    assert!(alone.len() >= 5, "{alone:?}");
    let (heard, (sound, said)) = tokio::join!(words(&engine), sound(&engine, "Hello there, it's ten to four."));
    assert_eq!(heard, alone, "speaking does not change what is heard");
    assert_eq!(said, ["Hello", "there,", "it's", "ten", "to", "four."]);
    assert!(sound.len() >= 12 * FRAME_SAMPLES && sound.iter().any(|sample| sample.abs() > 0.0), "{}", sound.len());
    assert!(sound.iter().all(|sample| sample.is_finite()));
}

#[tokio::test]
async fn each_half_counts_its_own_sessions_and_what_is_dropped_is_free_again() {
    let engine = Models::new().engine(1);
    let full = Err(EngineError::AtCapacity { sessions: 1 });
    let (listener, speaker) = (engine.listen().unwrap(), engine.speak().unwrap());
    assert_eq!(engine.listen().map(drop), full);
    assert_eq!(engine.speak().map(drop), full);
    // In the midst of an utterance.
    speaker.say("Wait a little please now Wait").await.unwrap();
    listener.push(noise(&mut fastrand::Rng::new())).unwrap();
    drop((listener, speaker));
    let again = async {
        while engine.listen().is_err() || engine.speak().is_err() {
            tokio::task::yield_now().await;
        }
    };
    soon(again).await;
}

#[tokio::test]
async fn either_half_may_be_absent() {
    let models = Models::new();
    let both = models.settings(1);
    let deaf = Engine::Moshi(Moshi::start(&MoshiSettings { transcription: None, ..both.clone() }).unwrap());
    assert_eq!(sound(&deaf, "Yes.").await.1, ["Yes."]);
    let error = deaf.listen().unwrap_err();
    assert_eq!(error, EngineError::Unavailable("it has no model that listens".to_owned()));
    let mute = Engine::Moshi(Moshi::start(&MoshiSettings { synthesis: None, ..both }).unwrap());
    assert!(!words(&mute).await.is_empty());
    let error = mute.speak().unwrap_err();
    assert_eq!(error, EngineError::Unavailable("it has no model that speaks".to_owned()));
}

#[tokio::test]
async fn it_converses_where_it_has_the_model_for_it() {
    let (models, directory) = (Models::new(), tempfile::tempdir().unwrap());
    let alone = MoshiSettings { transcription: None, synthesis: None, ..models.settings(1) };
    let none = Engine::Moshi(Moshi::start(&alone).unwrap());
    let error = none.talk().unwrap_err();
    assert_eq!(error, EngineError::Unavailable("it has no model for free conversation".to_owned()));
    tiny::write_moshi(directory.path());
    let duplex = Some(duplex::DuplexSettings { directory: directory.path().to_owned(), seed: 0 });
    let engine = Engine::Moshi(Moshi::start(&MoshiSettings { duplex, ..alone }).unwrap());
    let mut conversation = engine.talk().unwrap();
    conversation.push(noise(&mut fastrand::Rng::with_seed(1))).unwrap();
    assert!(!matches!(soon(conversation.next()).await, crate::Reply::Failed(_)));
}

#[tokio::test]
async fn when_the_thread_of_either_model_dies_the_engine_has_ended() {
    let models = Models::new();
    let mut moshi = Moshi::start(&models.settings(1)).unwrap();
    let lives = tokio::time::timeout(Duration::ZERO, moshi.ended()).await;
    assert!(lives.is_err(), "{lives:?}");
    // The model was never given such a voice: its thread fails at the first step.
    let mut speaker = moshi.synthesis.as_ref().unwrap().session(7).unwrap();
    speaker.say("Yes.").await.unwrap();
    assert!(matches!(soon(speaker.next()).await, Spoken::Failed(EngineError::Died(_))));
    assert!(matches!(soon(moshi.ended()).await, EngineError::Died(_)));
    let refused = async {
        loop {
            match moshi.speak() {
                Ok(_) | Err(EngineError::AtCapacity { .. }) => tokio::task::yield_now().await,
                Err(error) => return error,
            }
        }
    };
    assert!(matches!(soon(refused).await, EngineError::Died(_)));

    moshi.synthesis = None;
    moshi.transcription = Some(transcription::tests::breaking_at_once(1));
    let mut listener = moshi.listen().unwrap();
    listener.push(noise(&mut fastrand::Rng::new())).unwrap();
    assert!(matches!(soon(listener.next()).await, Heard::Failed(EngineError::Died(_))));
    let EngineError::Died(why) = soon(moshi.ended()).await else { panic!("another error") };
    assert!(why.contains("fell off the bus"), "{why}");
    assert_eq!(moshi.listen().unwrap_err(), EngineError::Died(why));
}

#[test]
fn an_engine_without_its_files_says_how_to_get_them() {
    let directory = tempfile::tempdir().unwrap();
    let mut settings = Models::new().settings(1);
    let transcription = TranscriptionSettings {
        model: Model::SttLarge,
        directory: directory.path().join("stt-2.6b"),
        sessions: 1,
        temperature: 0.0,
    };
    settings.transcription = Some(transcription);
    let file = directory.path().join("stt-2.6b/config.json");
    let expected = format!("{} is missing; `xswarm model pull stt-2.6b` mends it", file.display());
    assert_eq!(Moshi::start(&settings).unwrap_err(), EngineError::Unavailable(expected));

    settings.transcription = None;
    let files = synthesis::Files::published(&directory.path().join("tts"));
    settings.synthesis = Some(SynthesisSettings { files, manner: synthesis::Settings::default() });
    let file = directory.path().join("tts/config.json");
    let expected = format!("{} is missing; `xswarm model pull tts` mends it", file.display());
    assert_eq!(Moshi::start(&settings).unwrap_err(), EngineError::Unavailable(expected));
}

#[cfg(not(feature = "cuda"))]
#[test]
fn a_program_without_cuda_says_that_it_cannot_use_a_gpu() {
    let EngineError::Unavailable(error) = device(Processor::Cuda(0)).unwrap_err() else { panic!("another error") };
    assert!(error.contains("`cuda`"), "{error}");
}
