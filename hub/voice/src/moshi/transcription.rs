//! Speech to text by Kyutai's models: a number of sessions, one named thread that owns the model and steps for all of them.
//!
//! Every session costs the same whether it is used or not: the model steps with all its slots each time. It deliberately
//! does not start itself again when it failed; whoever has it takes another engine.

mod pause;
mod session;
mod slots;
mod step;
mod timeline;
mod words;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    thread::JoinHandle,
};

use candle_core::{DType, Device};
use moshi::{lm, mimi};
use tokio::sync::{
    Semaphore,
    mpsc::{self, error::TrySendError},
};

pub(super) use step::{Recogniser, Step};

use self::{
    session::Conventions,
    slots::{Open, Slots},
    step::Failure,
};
use super::{CodecSize, Processor, published::Published, thread::panicked, tokenizer::Tokenizer, unavailable, weights};
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
pub(super) struct Transcription {
    /// `None` only while it is dropped.
    commands: Option<mpsc::Sender<Open>>,
    places: Arc<Semaphore>,
    sessions: usize,
    ended: Arc<OnceLock<String>>,
    thread: Option<JoinHandle<()>>,
}

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
        // As many may begin before the thread looks as there are places.
        let (commands, to_thread) = mpsc::channel(sessions);
        let ended = Arc::new(OnceLock::new());
        let (ready, is_ready) = std::sync::mpsc::sync_channel(1);
        let thread = std::thread::Builder::new().name("moshi-listens".to_owned()).spawn({
            let ended = Arc::clone(&ended);
            move || match catch_unwind(AssertUnwindSafe(load)) {
                Ok(Ok(loaded)) => {
                    ready.send(Ok(())).unwrap_or_default();
                    work(loaded, sessions, to_thread, &ended);
                }
                Ok(Err(error)) => ready.send(Err(error)).unwrap_or_default(),
                Err(panic) => {
                    let error = format!("its model cannot be loaded: {}", panicked(&*panic));
                    ready.send(Err(EngineError::Unavailable(error))).unwrap_or_default();
                }
            }
        });
        let thread = thread.map_err(|error| EngineError::Unavailable(format!("it gets no thread: {error}")))?;
        let gone = |_| Err(EngineError::Unavailable("its thread ended while it loaded".to_owned()));
        let loaded = is_ready.recv().unwrap_or_else(gone);
        let places = Arc::new(Semaphore::new(sessions));
        let this = Self { commands: Some(commands), places, sessions, ended, thread: Some(thread) };
        loaded.map(|()| this)
    }

    /// Waits until its thread has ended; why it did.
    pub(super) async fn ended(&self) -> EngineError {
        if let Some(commands) = &self.commands {
            commands.closed().await;
        }
        EngineError::Died(self.why_ended())
    }

    fn why_ended(&self) -> String {
        self.ended.get().cloned().unwrap_or_else(|| "it ended".to_owned())
    }

    /// A session.
    pub(super) fn listen(&self) -> Result<Listener, EngineError> {
        let at_capacity = EngineError::AtCapacity { sessions: self.sessions };
        let ended = || EngineError::Died(self.why_ended());
        let Some(commands) = self.commands.as_ref().filter(|commands| !commands.is_closed()) else {
            return Err(ended());
        };
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return Err(at_capacity) };
        let (listener, ear) = Listener::pair();
        match commands.try_send(Open { ear, place }) {
            Ok(()) => Ok(listener),
            Err(TrySendError::Full(_)) => Err(at_capacity),
            Err(TrySendError::Closed(_)) => Err(ended()),
        }
    }
}

impl Drop for Transcription {
    fn drop(&mut self) {
        drop(self.commands.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("the thread of a speech-to-text model ended in a panic");
        }
    }
}

/// The thread's work, and what is to be done if it fails: every session is told, none can begin.
fn work<S: Step>(loaded: Loaded<S>, sessions: usize, mut commands: mpsc::Receiver<Open>, ended: &OnceLock<String>) {
    let Loaded { mut model, tokenizer, conventions } = loaded;
    let mut slots = Slots::new(sessions, conventions);
    let worked = catch_unwind(AssertUnwindSafe(|| slots.run(&mut model, &tokenizer, &mut commands)));
    let reason = match worked {
        Ok(Ok(())) => "it was stopped".to_owned(),
        Ok(Err(failure)) => format!("a step of its model failed: {}", weights::said(&failure)),
        Err(panic) => format!("a step of its model panicked: {}", panicked(&*panic)),
    };
    if commands.is_closed() {
        log::debug!("a speech-to-text model ends: {reason}");
    } else {
        log::error!("a speech-to-text model ends: {reason}");
    }
    // In this order: whoever finds the thread gone finds the reason too.
    ended.set(reason.clone()).unwrap_or_default();
    commands.close();
    let error = EngineError::Died(reason);
    slots.fail(&error);
    while let Ok(open) = commands.try_recv() {
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
