//! The tiny model of tests/reference: against the numbers of Kyutai's Python, and as an engine.

use std::{collections::HashMap, path::Path, time::Duration};

use candle_core::{Device, Tensor};
use serde::Deserialize;

use super::{Files, Settings, Synthesis};
use crate::{
    moshi::{tiny, tiny::speaking_codec as codec},
    speaker::{Speaker, Spoken},
};

mod engine;
mod numbers;

/// What tests/reference/synthesis.py wrote down.
#[derive(Debug, Deserialize)]
struct Golden {
    stride: usize,
    codebooks: usize,
    fewer_codebooks: usize,
    said: Vec<Said>,
    said_with_fewer: Vec<Said>,
}

/// One text.
#[derive(Debug, Deserialize)]
struct Said {
    voice: String,
    text: String,
    end_step: usize,
    samples: usize,
    /// Words with their tokens.
    entries: Vec<(String, Vec<u32>)>,
    /// Words with the step at which they begin.
    begun: Vec<(String, usize)>,
    /// For each step the model's text token, and what it was given: the second stream's token plus one, times 49, plus the
    /// first stream's.
    asked_and_given: Vec<(u32, u32)>,
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/reference/synthesis"))
}

fn golden() -> (Golden, HashMap<String, Tensor>) {
    let text = std::fs::read_to_string(folder().join("golden.json")).unwrap();
    let tensors = candle_core::safetensors::load(folder().join("golden.safetensors"), &Device::Cpu).unwrap();
    (serde_json::from_str(&text).unwrap(), tensors)
}

fn files() -> Files {
    let file = |name: &str| folder().join(name);
    Files {
        config: file("config.json"),
        weights: file("model.safetensors"),
        codec: file("codec.safetensors"),
        tokenizer: file("tokenizer.model"),
        voices: ["a", "b"].map(|voice| (voice.to_owned(), file(&format!("voice-{voice}.safetensors")))).into(),
    }
}

fn settings(codebooks: usize, slots: usize) -> Settings {
    Settings { slots, codebooks, temperature: 0.0, ..Settings::default() }
}

fn engine(settings: &Settings) -> Synthesis {
    Synthesis::start_with_codec(&files(), settings, tiny::PROCESSOR, codec(settings.codebooks)).unwrap()
}

/// What a session said.
#[derive(Debug, Default, PartialEq)]
struct Speech {
    sound: Vec<f32>,
    words: Vec<(String, u64, u64)>,
    /// Samples that had come before each word.
    samples_before: Vec<usize>,
}

/// Hears a session out; it must not take longer than half a minute to say the next thing.
async fn hear(speaker: &mut Speaker) -> Speech {
    let mut speech = Speech::default();
    loop {
        match tokio::time::timeout(Duration::from_secs(30), speaker.next()).await.unwrap() {
            Spoken::Audio(sound) => {
                assert!(!sound.is_empty() && sound.len() <= 24_000, "{} samples", sound.len());
                speech.sound.extend(sound);
            }
            Spoken::Word { text, start_ms, end_ms } => {
                speech.words.push((text, start_ms, end_ms));
                speech.samples_before.push(speech.sound.len());
            }
            Spoken::Done => return speech,
            Spoken::Failed(error) => panic!("{error}"),
        }
    }
}

/// The largest difference.
fn apart(ours: &[f32], theirs: &[f32]) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(theirs).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max)
}
