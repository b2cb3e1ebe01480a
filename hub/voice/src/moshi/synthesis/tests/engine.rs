//! The engine as its callers see it.

use std::{path::Path, time::Duration};

use super::{Speech, apart, codec, engine, files, folder, golden, hear, settings};
use crate::{
    EngineError, catalogue,
    moshi::{
        synthesis::{Files, Synthesis},
        tiny,
    },
    speaker::Spoken,
};

/// Says one of the golden texts.
async fn say(engine: &Synthesis, voice: &str, text: &str) -> Speech {
    let mut speaker = engine.speak_as(voice).unwrap();
    speaker.say(text).await.unwrap();
    speaker.end().await.unwrap();
    hear(&mut speaker).await
}

#[tokio::test]
async fn a_session_speaks_as_kyutais_python_does() {
    let (golden, tensors) = golden();
    let runs = [(golden.codebooks, &golden.said, ""), (golden.fewer_codebooks, &golden.said_with_fewer, "fewer.")];
    for (codebooks, said, prefix) in runs {
        let engine = engine(&settings(codebooks, 1));
        for (number, said) in said.iter().enumerate() {
            let speech = say(&engine, &said.voice, &said.text).await;
            assert_eq!(speech.sound.len(), said.samples);
            let kept: Vec<f32> = speech.sound.iter().copied().step_by(golden.stride).collect();
            let theirs = tensors[&format!("{prefix}sound.{number}")].to_vec1::<f32>().unwrap();
            assert!(apart(&kept, &theirs) < 2e-5, "sound {number} is {} apart", apart(&kept, &theirs));

            // Sound begins two frames after the first step, and so do the words.
            let starts: Vec<u64> = said.begun.iter().map(|(_, step)| (*step as u64 - 2) * 80).collect();
            let ours: Vec<u64> = speech.words.iter().map(|(_, start, _)| *start).collect();
            assert_eq!(ours, starts);
            let last = speech.words.last().unwrap().2;
            assert_eq!(last, (said.end_step as u64 - 2) * 80);
            for (pair, before) in speech.words.windows(2).zip(&speech.samples_before) {
                assert_eq!(pair[0].2, pair[1].1, "a word ends where the next begins");
                assert!(*before as u64 <= pair[0].1 * 24, "a word is told before its sound");
            }
        }
    }
}

#[tokio::test]
async fn text_may_come_in_pieces_and_is_waited_for() {
    let engine = engine(&settings(6, 1));
    let text = "Hello there, it’s ten to four.";
    let whole = say(&engine, "a", text).await;
    let words: Vec<&str> = whole.words.iter().map(|(word, ..)| word.as_str()).collect();
    assert_eq!(words, ["Hello", "there,", "it’s", "ten", "to", "four."]);

    let mut speaker = free(&engine).await;
    for letter in text.chars() {
        speaker.say(letter).await.unwrap();
    }
    // Three words are whole, and the last may still go on: nothing can be heard yet of the third.
    let mut sound = Vec::new();
    while sound.len() < 1_920 {
        if let Spoken::Audio(more) = speaker.next().await {
            sound.extend(more);
        }
    }
    speaker.end().await.unwrap();
    let rest = hear(&mut speaker).await;
    sound.extend(rest.sound);
    assert!(apart(&sound, &whole.sound) < 2e-5);
}

#[tokio::test]
async fn sessions_share_the_steps_and_nothing_else() {
    let texts = [("a", "Hello there, it’s ten to four."), ("b", "Yes."), ("a", "a little please"), ("b", "now")];
    let alone = engine(&settings(6, 1));
    let mut expected = Vec::new();
    for (voice, text) in texts {
        expected.push(say(&alone, voice, text).await);
    }

    // The second begins while the first is heard; the third takes a place that was used and dropped in its midst.
    let together = engine(&settings(6, 2));
    let (mut first, mut heard) = (together.speak_as("a").unwrap(), Speech::default());
    first.say(texts[0].1).await.unwrap();
    first.end().await.unwrap();
    while heard.sound.len() < 4 * 1_920 {
        match first.next().await {
            Spoken::Audio(sound) => heard.sound.extend(sound),
            Spoken::Word { text, start_ms, end_ms } => heard.words.push((text, start_ms, end_ms)),
            other @ (Spoken::Done | Spoken::Failed(_)) => panic!("{other:?}"),
        }
    }
    assert!(same(&say(&together, "b", texts[1].1).await, &expected[1]));
    let mut dropped = free(&together).await;
    dropped.say("Wait a little please now Wait").await.unwrap();
    assert!(matches!(dropped.next().await, Spoken::Word { .. }));
    drop(dropped);
    let third = free(&together).await;
    drop(third);
    let mut third = free(&together).await;
    third.say(texts[2].1).await.unwrap();
    third.end().await.unwrap();
    assert!(same(&hear(&mut third).await, &expected[2]));
    let rest = hear(&mut first).await;
    heard.sound.extend(rest.sound);
    heard.words.extend(rest.words);
    assert!(same(&heard, &expected[0]));
}

#[tokio::test]
async fn who_does_not_listen_holds_nobody_up() {
    let engine = engine(&settings(6, 2));
    let silent = engine.speak().unwrap();
    silent.say("Hello there, it's ten to four. ".repeat(10)).await.unwrap();
    silent.end().await.unwrap();
    let before = say(&engine, "b", "Yes.").await;
    // The silent one's sound fills the room there is for it, and its place stays taken.
    let after = loop {
        match engine.speak_as("b") {
            Ok(mut speaker) => {
                speaker.say("Yes.").await.unwrap();
                speaker.end().await.unwrap();
                break hear(&mut speaker).await;
            }
            Err(_taken) => tokio::task::yield_now().await,
        }
    };
    assert!(same(&before, &after));
    drop(silent);
}

#[tokio::test]
async fn places_are_counted_and_dropping_frees_them() {
    let engine = engine(&settings(4, 2));
    let (one, _other) = (engine.speak().unwrap(), engine.speak().unwrap());
    assert_eq!(engine.speak().unwrap_err(), EngineError::AtCapacity { sessions: 2 });
    one.say("Wait a little").await.unwrap();
    drop(one);
    free(&engine).await;
    assert!(matches!(engine.speak_as("c"), Err(EngineError::Unavailable(what)) if what.contains("\"c\"")));
}

#[tokio::test]
async fn a_text_without_words_is_done_at_once() {
    let engine = engine(&settings(4, 1));
    for text in ["", " \n", "(", "<break time=\"1s\"/>"] {
        let mut speaker = free(&engine).await;
        speaker.say(text).await.unwrap();
        speaker.end().await.unwrap();
        assert_eq!(speaker.next().await, Spoken::Done, "{text:?}");
    }
}

#[tokio::test]
async fn a_seed_decides_what_chance_says() {
    let mut said = Vec::new();
    for seed in [1, 1, 2] {
        let settings = crate::moshi::synthesis::Settings { temperature: 0.8, seed, ..settings(6, 1) };
        said.push(say(&engine(&settings), "a", "Yes.").await);
    }
    assert_eq!(said[0], said[1]);
    assert_ne!(said[0].sound, said[2].sound);
}

#[tokio::test]
async fn an_engine_that_is_dropped_ends_its_sessions() {
    let engine = engine(&settings(4, 1));
    let mut speaker = engine.speak().unwrap();
    speaker.say("Wait").await.unwrap();
    drop(engine);
    assert!(matches!(speaker.next().await, Spoken::Failed(EngineError::Died(_))));
}

#[tokio::test]
async fn when_the_model_fails_every_session_is_told() {
    let engine = engine(&settings(4, 2));
    let speaker = engine.speak().unwrap();
    // The model was never given such a voice.
    let broken = engine.session(7).unwrap();
    broken.say("Yes.").await.unwrap();
    for mut speaker in [speaker, broken] {
        let told = tokio::time::timeout(Duration::from_secs(30), speaker.next()).await.unwrap();
        assert!(matches!(&told, Spoken::Failed(EngineError::Died(what)) if what.contains("voice 7")), "{told:?}");
    }
    let gone = async {
        loop {
            match engine.speak() {
                Ok(_) | Err(EngineError::AtCapacity { .. }) => tokio::task::yield_now().await,
                Err(error) => return error,
            }
        }
    };
    let error = tokio::time::timeout(Duration::from_secs(30), gone).await.unwrap();
    assert!(matches!(error, EngineError::Died(_)), "{error}");
}

#[test]
fn the_published_files_are_those_of_the_catalogue() {
    let files = Files::published(Path::new("tts"));
    let mut ours = vec![files.config, files.weights, files.codec, files.tokenizer];
    ours.extend(files.voices.into_iter().map(|(_, file)| file));
    let known: Vec<_> = catalogue::Model::Tts.files().iter().map(|file| Path::new("tts").join(&*file.name)).collect();
    assert_eq!(ours.len(), known.len());
    assert!(ours.iter().all(|file| known.contains(file)), "{ours:?}");
    let other = Files::published(Path::new("tts")).with_voice("vctk/p225_023.wav").voices;
    let pulled = Path::new("tts").join(&*catalogue::voice("vctk/p225_023.wav").unwrap().name);
    assert_eq!(other, [("vctk/p225_023.wav".to_owned(), pulled)]);
}

#[test]
fn what_is_wrong_is_told_with_the_files_name() {
    let start = |files: &Files, guidance| {
        let settings = crate::moshi::synthesis::Settings { guidance, ..settings(6, 1) };
        Synthesis::start_with_codec(files, &settings, tiny::PROCESSOR, codec(6)).unwrap_err().to_string()
    };
    let missing = Files { weights: folder().join("none.safetensors"), ..files() };
    let said = start(&missing, 2.0);
    assert!(said.contains("none.safetensors is missing; `xswarm model pull tts` mends it"), "{said}");
    let swapped = Files { weights: files().codec, ..files() };
    let said = start(&swapped, 2.0);
    assert!(said.contains("codec.safetensors does not fit: ") && said.contains("emb.0.weight"), "{said}");
    let no_voice = Files { voices: vec![("x".to_owned(), files().codec)], ..files() };
    let said = start(&no_voice, 2.0);
    assert!(said.contains("codec.safetensors does not fit: ") && said.contains("speaker_wavs"), "{said}");
    let no_file = Files { voices: vec![("x/y.wav".to_owned(), folder().join("none"))], ..files() };
    let said = start(&no_file, 2.0);
    assert!(said.ends_with("none is missing; `xswarm model pull tts --voice x/y.wav` mends it"), "{said}");
    let said = start(&files(), 1.7);
    assert!(said.contains("1.7"), "{said}");

    let folder = tempfile::tempdir().unwrap();
    let config = std::fs::read_to_string(files().config).unwrap();
    for (from, to, says) in [
        ("\"demux_second_stream\": true", "\"demux_second_stream\": false", "second text stream"),
        ("\"layer_scale\": null", "\"layer_scale\": 0.1", "layer scale"),
        ("\"card\": 16", "\"card\": \"many\"", "invalid type"),
    ] {
        let other = folder.path().join("config.json");
        assert!(config.contains(from));
        std::fs::write(&other, config.replacen(from, to, 1)).unwrap();
        let said = start(&Files { config: other, ..files() }, 2.0);
        assert!(said.contains("config.json does not fit: ") && said.contains(says), "{said}");
    }
}

fn same(one: &Speech, other: &Speech) -> bool {
    one.words == other.words && apart(&one.sound, &other.sound) < 2e-5
}

/// A session as soon as a place is free, for at most half a minute.
async fn free(engine: &Synthesis) -> crate::Speaker {
    let soon = async {
        loop {
            match engine.speak() {
                Ok(speaker) => return speaker,
                Err(EngineError::AtCapacity { .. }) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), soon).await.unwrap()
}
