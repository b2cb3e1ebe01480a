//! Speech from text with Kyutai's delayed-streams model (`kyutai/tts-1.6b-en_fr`), on candle.
//!
//! The model hears the text word by word and makes sound 16 steps (1.28 s) of its own time later; it runs faster than that
//! time, and the first steps make no sound and are short. Many utterances are made at once: each has a slot, and every step
//! is one pass over the weights for all of them.
//!
//! - [`Synthesis`] is the engine's end: sessions, counted. One named thread (`thread`) owns the model.
//! - `script` finds the words in the text, `pacing` decides when each begins, `utterance` knows which tokens lie where.
//! - `backbone` and `depth` are the two transformers, `conditions` what they are conditioned on; `network` has it all.
//!
//! The `moshi` crate gives the codec only: its own model lacks the second text stream, the schedule of weights and batches,
//! and it cannot be told from a checkpoint in PyTorch's layout. Written after the published description and checked by numbers
//! against Kyutai's Python (`tests/reference`). Voices are Kyutai's vectors; a voice cannot be made from a recording.

use std::path::{Path, PathBuf};

use ::moshi::mimi;

use super::{Processor, thread::ModelThread};
use crate::{EngineError, catalogue, speaker::Speaker};

mod attention;
mod backbone;
mod conditions;
mod config;
mod depth;
mod embedding;
mod layers;
pub mod measure;
mod network;
mod pacing;
mod sampling;
mod script;
mod slot;
mod thread;
mod utterance;

/// Where the model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// `config.json` of the checkpoint.
    pub config: PathBuf,
    /// The language model, safetensors in PyTorch's layout.
    pub weights: PathBuf,
    /// Mimi, the audio codec, safetensors.
    pub codec: PathBuf,
    /// The text's tokenizer, a SentencePiece model.
    pub tokenizer: PathBuf,
    /// Voices by name, each a safetensors file with `speaker_wavs`. The first is the voice of who asks for none.
    pub voices: Vec<(String, PathBuf)>,
}

impl Files {
    /// Those that `xswarm model pull tts` has brought to a directory, with Kyutai's default voice.
    pub fn published(directory: &Path) -> Self {
        let file = |name: &str| directory.join(name);
        Self {
            config: file("config.json"),
            weights: file("dsm_tts_1e68beda@240.safetensors"),
            codec: file("tokenizer-e351c8d8-checkpoint125.safetensors"),
            tokenizer: file("tokenizer_spm_8k_en_fr_audio.model"),
            voices: vec![(catalogue::DEFAULT_VOICE.to_owned(), file(&catalogue::voice_file(catalogue::DEFAULT_VOICE)))],
        }
    }

    /// The same with another voice of `kyutai/tts-voices`, by its file's name there without the ending that names the model.
    #[must_use]
    pub fn with_voice(mut self, name: &str) -> Self {
        let directory = self.config.parent().unwrap_or(Path::new(""));
        self.voices = vec![(name.to_owned(), directory.join(catalogue::voice_file(name)))];
        self
    }
}

/// How it speaks.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How many utterances at once. Each takes some 70 MB of the GPU.
    pub slots: usize,
    /// How many codebooks are spoken, of those that the model has. Fewer are faster and rougher; Kyutai serves with 24 of 32.
    pub codebooks: usize,
    /// How freely tokens are chosen; 0 is always the likeliest.
    pub temperature: f32,
    /// How strictly voice and text are followed: 1 to 4 in halves.
    pub guidance: f64,
    /// From which the dice of every session are derived; the same seed and order of sessions give the same speech.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { slots: 4, codebooks: 24, temperature: 0.6, guidance: 2.0, seed: 0 }
    }
}

/// The engine that speaks. Dropping it ends its sessions and waits for its thread.
#[derive(Debug)]
pub struct Synthesis {
    thread: ModelThread<slot::Session>,
    settings: Settings,
    voices: Vec<String>,
    seeds: std::sync::Mutex<fastrand::Rng>,
}

impl Synthesis {
    /// Loads the model on its thread and waits until it can speak.
    pub fn start(files: &Files, settings: &Settings, processor: Processor) -> Result<Self, EngineError> {
        Self::start_with_codec(files, settings, processor, mimi::Config::v0_1(Some(settings.codebooks)))
    }

    /// The same with a codec of other sizes than the published one.
    pub(crate) fn start_with_codec(
        files: &Files,
        settings: &Settings,
        processor: Processor,
        codec: mimi::Config,
    ) -> Result<Self, EngineError> {
        if files.voices.is_empty() || settings.slots == 0 {
            return Err(EngineError::Unavailable("speech synthesis needs a voice and a slot".to_owned()));
        }
        let of_thread = (files.clone(), settings.clone());
        let load = move || {
            let (files, settings) = of_thread;
            let device = super::device(processor)?;
            let mut model = network::Model::open(&files, &settings, codec, &device)?;
            let cannot = |error| format!("the model that speaks cannot run: {}", super::weights::said(&error));
            model.warm_up().map_err(|error| EngineError::Unavailable(cannot(error)))?;
            Ok(thread::Thread::new(model, &settings))
        };
        Ok(Self {
            thread: ModelThread::start("voice-synthesis", settings.slots, load)?,
            voices: files.voices.iter().map(|(name, _)| name.clone()).collect(),
            seeds: std::sync::Mutex::new(fastrand::Rng::with_seed(settings.seed)),
            settings: settings.clone(),
        })
    }

    /// Waits until its thread has ended; why it did.
    pub async fn ended(&self) -> EngineError {
        self.thread.ended().await
    }

    /// A session that speaks with the first voice.
    pub fn speak(&self) -> Result<Speaker, EngineError> {
        self.session(0)
    }

    /// A session that speaks with a voice by its name.
    pub fn speak_as(&self, voice: &str) -> Result<Speaker, EngineError> {
        let known = self.voices.iter().position(|known| known == voice);
        let voice = known.ok_or_else(|| EngineError::Unavailable(format!("there is no voice {voice:?}")))?;
        self.session(voice)
    }

    pub(super) fn session(&self, voice: usize) -> Result<Speaker, EngineError> {
        let (speaker, mouth) = Speaker::pair();
        let seed = || self.seeds.lock().map_or(self.settings.seed, |mut seeds| seeds.u64(..));
        self.thread.open(|place| slot::Session { mouth, voice, seed: seed(), place }).map(|()| speaker)
    }
}

#[cfg(test)]
mod tests;
