//! Free conversation with Kyutai's Moshi: it listens while it speaks. One conversation at a time; one named thread owns the
//! model.
//!
//! - `model` is a step of it, `delays` what goes into a step, `wording` the text of what it says.
//! - [`rehearsal`] is the model at its published size without its weights, for a machine to be measured.
//!
//! Moshi was published with two voices, Moshiko and Moshika, and each with 16 and with 8 bits a weight; any of the four runs,
//! and the weights' file alone tells which.

mod delays;
mod model;
pub mod rehearsal;
mod wording;

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::Mutex,
    task::{Context, Poll},
};

use candle_core::{DType, Device};
use moshi::{lm, mimi};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_util::sync::PollSender;

use self::{
    model::{Failure, Model, Talk, Uttered},
    wording::Wording,
};
use super::{
    CodecSize, Processor,
    thread::{ModelThread, Owner, clean, rest_until},
    tokenizer::Tokenizer,
    unavailable, weights,
};
use crate::{
    EngineError, FRAME_SAMPLES, Frame, catalogue,
    conversation::{Conversation, Partner, Reply},
};

/// The codec's file.
pub(super) const CODEC: &str = "tokenizer-e351c8d8-checkpoint125.safetensors";

/// The tokenizer's file.
pub(super) const TOKENIZER: &str = "tokenizer_spm_32k_3.model";

/// The weights' file: 8 bits each, as `xswarm model pull moshi` brings them, or 16.
const WEIGHTS: [&str; 2] = ["model.q8.gguf", "model.safetensors"];

/// Streams of sound tokens of each of the two voices.
pub(super) const CODEBOOKS: usize = 8;

/// Where Moshi is, and how it talks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplexSettings {
    /// Where its files are.
    pub directory: PathBuf,
    /// From which the dice of every conversation are derived.
    pub seed: u64,
}

/// How the model and its codec are built, which their files do not say.
type Build = (lm::Config, mimi::Config);

/// A model that talks. Dropping it ends its conversation and waits for its thread.
#[derive(Debug)]
pub struct Duplex {
    thread: ModelThread<Open>,
    seeds: Mutex<fastrand::Rng>,
}

/// A conversation that begins.
#[derive(Debug)]
struct Open {
    partner: Partner,
    seed: u64,
    place: OwnedSemaphorePermit,
}

/// A model that is loaded: `begin` makes a conversation of a seed.
struct Loaded<B> {
    begin: B,
    tokenizer: Tokenizer,
}

impl Duplex {
    /// Loads the model in its own thread and waits until it has made its first steps: seconds, and 8 or 16 GB.
    pub fn start(settings: &DuplexSettings, processor: Processor, size: CodecSize) -> Result<Self, EngineError> {
        let device = super::device(processor)?;
        let directory = settings.directory.clone();
        Self::start_with(settings.seed, move || load(&directory, size.talking(), &device))
    }

    /// Starts the thread; what it talks with is made there.
    fn start_with<T: Talk, B: FnMut(u64) -> T>(
        seed: u64,
        load: impl FnOnce() -> Result<Loaded<B>, EngineError> + Send + 'static,
    ) -> Result<Self, EngineError> {
        let load = move || load().map(|loaded| Talking { loaded, current: None });
        let thread = ModelThread::start("moshi-talks", 1, load)?;
        Ok(Self { thread, seeds: Mutex::new(fastrand::Rng::with_seed(seed)) })
    }

    /// Waits until its thread has ended; why it did.
    pub async fn ended(&self) -> EngineError {
        self.thread.ended().await
    }

    /// A conversation; at capacity while there is another.
    pub fn talk(&self) -> Result<Conversation, EngineError> {
        let (conversation, partner) = Conversation::pair();
        let seed = || self.seeds.lock().map_or(0, |mut seeds| seeds.u64(..));
        self.thread.open(|place| Open { partner, seed: seed(), place }).map(|()| conversation)
    }
}

/// What the thread owns: the model, and the conversation that is.
struct Talking<B> {
    loaded: Loaded<B>,
    current: Option<Session>,
}

impl<T: Talk, B: FnMut(u64) -> T> Owner for Talking<B> {
    type Open = Open;

    const NAME: &'static str = "the model that talks";

    fn run(&mut self, openings: &mut mpsc::Receiver<Open>) -> Result<(), Failure> {
        run(&mut self.loaded, openings, &mut self.current)
    }

    fn fail(&mut self, error: &EngineError) {
        if let Some(session) = self.current.take() {
            session.fail(Reply::Failed(error.clone()));
        }
    }

    fn refuse(open: Open, error: &EngineError) {
        open.partner.replies.try_send(Reply::Failed(error.clone())).unwrap_or_default();
    }
}

/// One conversation after the other, until the engine is dropped or something fails.
fn run<T: Talk, B: FnMut(u64) -> T>(
    loaded: &mut Loaded<B>,
    openings: &mut mpsc::Receiver<Open>,
    current: &mut Option<Session>,
) -> Result<(), Failure> {
    while let Some(open) = openings.blocking_recv() {
        let mut talking = (loaded.begin)(open.seed);
        let session = current.insert(Session::new(open));
        loop {
            match rest_until(|context| session.next(openings, context)) {
                Next::Frame(mut frame) => {
                    clean(&mut frame);
                    session.stepped(talking.step(&frame)?, &loaded.tokenizer);
                }
                Next::Left => break,
                Next::Stopped => return Ok(()),
            }
        }
        // All that it knows of the conversation goes before its place is free.
        drop(talking);
        *current = None;
    }
    Ok(())
}

/// The conversation that is.
struct Session {
    frames: mpsc::Receiver<Frame>,
    replies: PollSender<Reply>,
    /// What was not told yet; no step is made before all of it is taken.
    outbox: VecDeque<Reply>,
    wording: Wording,
    _place: OwnedSemaphorePermit,
}

/// What a conversation has next.
enum Next {
    Frame(Frame),
    /// Whoever talked is gone.
    Left,
    /// The engine was dropped.
    Stopped,
}

impl Session {
    fn new(Open { partner, place, .. }: Open) -> Self {
        let replies = PollSender::new(partner.replies);
        Self { frames: partner.frames, replies, outbox: VecDeque::new(), wording: Wording::default(), _place: place }
    }

    fn next(&mut self, openings: &mut mpsc::Receiver<Open>, context: &mut Context<'_>) -> Poll<Next> {
        // Whoever has left is not answered: the place is free at once, whatever sound still waits.
        if self.replies.is_closed() {
            return Poll::Ready(Next::Left);
        }
        // Nobody can begin meanwhile, so that this only tells whether the engine is still there.
        if let Poll::Ready(None) = openings.poll_recv(context) {
            return Poll::Ready(Next::Stopped);
        }
        while !self.outbox.is_empty() {
            match self.replies.poll_reserve(context) {
                Poll::Ready(Ok(())) => {
                    if let Some(reply) = self.outbox.pop_front()
                        && self.replies.send_item(reply).is_err()
                    {
                        return Poll::Ready(Next::Left);
                    }
                }
                Poll::Ready(Err(_closed)) => return Poll::Ready(Next::Left),
                Poll::Pending => return Poll::Pending,
            }
        }
        self.frames.poll_recv(context).map(|frame| frame.map_or(Next::Left, Next::Frame))
    }

    fn stepped(&mut self, uttered: Uttered, tokenizer: &Tokenizer) {
        let text = uttered.piece.and_then(|piece| self.wording.take(piece, |pieces| tokenizer.text(pieces)));
        self.outbox.extend(text.map(Reply::Text));
        let mut sound: Frame = Box::new([0.0; FRAME_SAMPLES]);
        for (to, from) in sound.iter_mut().zip(uttered.sound.unwrap_or_default()) {
            *to = from;
        }
        clean(&mut sound);
        self.outbox.push_back(Reply::Sound(sound));
    }

    /// Tells that the engine ended, after what it said before: who has not taken that learns it by the session's end.
    fn fail(mut self, failed: Reply) {
        // Before it is told: whoever knows of the end can push nothing more.
        self.frames.close();
        if self.outbox.is_empty()
            && let Some(replies) = self.replies.get_ref()
        {
            replies.try_send(failed).unwrap_or_default();
        }
    }
}

/// Loads the model from its files.
fn load(
    directory: &Path,
    (language, codec): Build,
    device: &Device,
) -> Result<Loaded<impl FnMut(u64) -> model::Talking + use<>>, EngineError> {
    let wrong = |file: &Path, error: &str| unavailable(catalogue::Model::Moshi, file, error);
    let model_wrong = |file: &Path, error: &Failure| wrong(file, &format!("does not fit: {}", weights::said(error)));

    let file = directory.join(TOKENIZER);
    let tokenizer = Tokenizer::open(&file).map_err(|error| wrong(&file, &error))?;
    tokenizer.fits(language.text_out_vocab_size).map_err(|error| wrong(&file, &error))?;

    let file = directory.join(CODEC);
    let weights = weights::open_safetensors(&file, DType::F32, device).map_err(|error| wrong(&file, &error))?;
    let codec = mimi::Mimi::new(codec, weights).map_err(|error| model_wrong(&file, &error))?;

    let file = weights_file(directory);
    let dtype = super::precision(device);
    let weights = weights::open(&file, dtype, device).map_err(|error| wrong(&file, &error))?;
    let language = lm::LmModel::new(&language, weights).map_err(|error| model_wrong(&file, &error))?;

    let model = Model::new(language, codec)
        .map_err(|error| wrong(directory, &format!("holds a model that does not run: {}", weights::said(&error))))?;
    Ok(Loaded { begin: move |seed| model.begin(seed), tokenizer })
}

/// The weights' file: the first that is there.
fn weights_file(directory: &Path) -> PathBuf {
    let [first, second] = WEIGHTS.map(|name| directory.join(name));
    if !first.exists() && second.exists() { second } else { first }
}

#[cfg(test)]
mod tests;
