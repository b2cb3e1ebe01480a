//! Speech to text by Kyutai's models: a number of sessions, one named thread that owns the model and steps for all of them.
//!
//! Every session costs the same whether it is used or not: the model steps with all its slots each time.

mod pause;
mod session;
mod slots;
mod step;
mod timeline;
mod words;

use std::path::{Path, PathBuf};

use candle_core::{DType, Device};
use moshi::{lm, mimi};
use tokio::sync::mpsc;

pub(super) use step::{Recogniser, Step};

use self::{
    session::Conventions,
    slots::{Open, Slots},
    step::Failure,
};
use super::{
    CodecSize, Processor,
    published::Published,
    thread::{ModelThread, Owner},
    tokenizer::Tokenizer,
    unavailable, weights,
};
use crate::{EngineError, Listener, catalogue::Model, listener::Heard};

/// The most sessions that one model can have: each takes memory, 98 MB with stt-1b.
const SESSIONS_MOST: usize = 512;

/// The weights' file, where the configuration does not name it.
const WEIGHTS: [&str; 3] = ["model.safetensors", "model.gguf", "model.q8.gguf"];

/// How a speech-to-text model runs.
#[derive(Debug, Clone, PartialEq)]
pub struct TranscriptionSettings {
    /// Which one; it names the command that mends its files.
    pub model: Model,
    /// Where its files are: `config.json` and those that it names.
    pub directory: PathBuf,
    /// How many sessions it can have at once, 1 to 512.
    pub sessions: usize,
    /// How far from the likeliest word it may go; 0 is not at all.
    pub temperature: f64,
}

/// A model that listens.
#[derive(Debug)]
pub(super) struct Transcription(ModelThread<Open>);

/// A model that is loaded, with what its sessions need.
struct Loaded<S> {
    model: S,
    tokenizer: Tokenizer,
    conventions: Conventions,
}

impl Transcription {
    /// Loads a model in its own thread and waits until it has made its first steps: seconds.
    pub(super) fn start(
        settings: &TranscriptionSettings,
        processor: Processor,
        codec: CodecSize,
    ) -> Result<Self, EngineError> {
        if !(1..=SESSIONS_MOST).contains(&settings.sessions) {
            let sessions = settings.sessions;
            return Err(EngineError::Unavailable(format!("it can have 1 to {SESSIONS_MOST} sessions, not {sessions}")));
        }
        let device = super::device(processor)?;
        let settings = settings.clone();
        let sessions = settings.sessions;
        Self::start_with(sessions, move || load(&settings, |codebooks| codec.listening(codebooks), &device))
    }

    /// Starts the thread; what it steps with is made there.
    fn start_with<S: Step + 'static>(
        sessions: usize,
        load: impl FnOnce() -> Result<Loaded<S>, EngineError> + Send + 'static,
    ) -> Result<Self, EngineError> {
        let load = move || {
            let Loaded { model, tokenizer, conventions } = load()?;
            Ok(Listening { model, tokenizer, slots: Slots::new(sessions, conventions) })
        };
        ModelThread::start("moshi-listens", sessions, load).map(Self)
    }

    /// Waits until its thread has ended; why it did.
    pub(super) async fn ended(&self) -> EngineError {
        self.0.ended().await
    }

    /// A session.
    pub(super) fn listen(&self) -> Result<Listener, EngineError> {
        let (listener, ear) = Listener::pair();
        self.0.open(|place| Open { ear, place }).map(|()| listener)
    }
}

/// What the thread owns.
struct Listening<S> {
    model: S,
    tokenizer: Tokenizer,
    slots: Slots,
}

impl<S: Step> Owner for Listening<S> {
    type Open = Open;

    const NAME: &'static str = "a speech-to-text model";

    fn run(&mut self, openings: &mut mpsc::Receiver<Open>) -> Result<(), Failure> {
        self.slots.run(&mut self.model, &self.tokenizer, openings)
    }

    fn fail(&mut self, error: &EngineError) {
        self.slots.fail(error);
    }

    fn refuse(mut open: Open, error: &EngineError) {
        open.ear.commands.close();
        open.ear.heard.try_send(Heard::Failed(error.clone())).unwrap_or_default();
    }
}

/// Loads a model from its files. The codec's file does not say how it is built; there is one way.
fn load(
    settings: &TranscriptionSettings,
    codec: impl FnOnce(usize) -> mimi::Config,
    device: &Device,
) -> Result<Loaded<Recogniser>, EngineError> {
    let wrong = |file: &Path, error: &str| unavailable(settings.model, file, error);
    let model_wrong = |file: &Path, error: &Failure| wrong(file, &format!("does not fit: {}", weights::said(error)));

    let file = settings.directory.join("config.json");
    let published = Published::open(&file).map_err(|error| wrong(&file, &error))?;

    let file = settings.directory.join(&published.tokenizer_name);
    let tokenizer = Tokenizer::open(&file).map_err(|error| wrong(&file, &error))?;
    tokenizer.fits(published.text_pieces()).map_err(|error| wrong(&file, &error))?;

    let file = settings.directory.join(&published.mimi_name);
    let weights = weights::open_safetensors(&file, DType::F32, device).map_err(|error| wrong(&file, &error))?;
    let codec = mimi::Mimi::batched(settings.sessions, codec(published.codebooks()), weights)
        .map_err(|error| model_wrong(&file, &error))?;

    let file = weights_file(&settings.directory, &published);
    let dtype = super::precision(device);
    let weights = weights::open_batched(&file, dtype, device).map_err(|error| wrong(&file, &error))?;
    let has_heads = weights.contains_key("extra_heads.0.weight");
    let language = lm::LmModel::batched(settings.sessions, &published.language_model(has_heads), weights)
        .map_err(|error| model_wrong(&file, &error))?;

    let model =
        Recogniser::new(codec, language, settings.sessions, settings.temperature, has_heads).map_err(|error| {
            wrong(&settings.directory, &format!("holds a model that does not run: {}", weights::said(&error)))
        })?;
    let conventions =
        Conventions { delay_steps: published.delay_steps(), prefix_steps: published.prefix_steps(), has_heads };
    Ok(Loaded { model, tokenizer, conventions })
}

/// The weights' file: the one that is named, else the first that is there.
fn weights_file(directory: &Path, published: &Published) -> PathBuf {
    let named = published.moshi_name.as_deref().into_iter();
    let mut candidates = named.chain(WEIGHTS).map(|name| directory.join(name));
    let first = candidates.next().unwrap_or_default();
    if first.exists() { first } else { candidates.find(|file| file.exists()).unwrap_or(first) }
}

#[cfg(test)]
pub(in crate::moshi) mod tests;
