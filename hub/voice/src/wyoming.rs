//! A client of any voice servers that speak the Wyoming protocol: faster-whisper, piper and others.
//!
//! The protocol is that of Home Assistant's voice services (<https://github.com/OHF-Voice/wyoming>). Its servers transcribe
//! a piece of sound and synthesise a piece of text. What is missing for a conversation is done here: where an utterance
//! begins and ends, texts of what was said so far, sentences, and where words lie. There is no encryption and no login in
//! the protocol: servers belong on this machine or in a network that can be trusted.

mod connection;
mod info;
mod listening;
mod sentences;
mod speaking;
mod synthesis;
mod transcription;
mod utterance;
mod wire;
mod words;

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

use self::connection::{Fault, Limits, Server, Service};
pub use self::info::Program;
use crate::{EngineError, listener::Listener, speaker::Speaker};

/// Which servers, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WyomingConfig {
    /// Host and port of the server that listens, with or without `tcp://` before it.
    pub stt: String,
    /// Host and port of the server that speaks.
    pub tts: String,
    /// The language that is spoken, as the servers name it, such as `en`; otherwise they choose.
    pub language: Option<String>,
    /// The voice to speak with, by its name; otherwise the server chooses.
    pub voice: Option<String>,
    /// How many sessions may listen, and how many may speak, at once.
    pub sessions: usize,
}

/// What the servers said that they are.
#[derive(Debug)]
pub struct Checked {
    /// The one that listens, or why it cannot be used.
    pub stt: Result<Program, EngineError>,
    /// The one that speaks, or why it cannot be used.
    pub tts: Result<Program, EngineError>,
}

/// The client.
#[derive(Debug)]
pub struct Wyoming {
    config: WyomingConfig,
    stt: Arc<Server>,
    tts: Arc<Server>,
    listening: Arc<Semaphore>,
    speaking: Arc<Semaphore>,
    tasks: TaskTracker,
}

impl Wyoming {
    /// One for these servers, which need not be there yet. What its sessions do runs in `tasks`.
    pub fn new(config: WyomingConfig, tasks: TaskTracker) -> Self {
        Self::within(config, Limits::default(), tasks)
    }

    fn within(config: WyomingConfig, limits: Limits, tasks: TaskTracker) -> Self {
        let free = || Arc::new(Semaphore::new(config.sessions));
        let server = |service, address: &str| Arc::new(Server::new(service, address, limits));
        let (listening, speaking) = (free(), free());
        let (stt, tts) = (server(Service::Stt, &config.stt), server(Service::Tts, &config.tts));
        Self { config, stt, tts, listening, speaking, tasks }
    }

    /// Asks both servers what they are, and whether they have the language and the voice.
    pub async fn check(&self) -> Checked {
        let (language, voice) = (self.config.language.as_deref(), self.config.voice.as_deref());
        let (stt, tts) = tokio::join!(self.stt.describe(), self.tts.describe());
        let suits = |program: Result<Program, Fault>, voice| {
            let program = program.map_err(|fault| match fault {
                Fault::Away(why) | Fault::Closed(why) | Fault::Slow(why) | Fault::Wrong(why) => {
                    EngineError::Unavailable(why)
                }
            })?;
            program.suits(language, voice).map_err(EngineError::Unavailable)?;
            Ok(program)
        };
        Checked { stt: suits(stt, None), tts: suits(tts, voice) }
    }

    pub(crate) fn listen(&self) -> Result<Listener, EngineError> {
        let place = self.place(&self.listening)?;
        let (listener, ear) = Listener::pair();
        self.tasks.spawn(listening::listen(ear, Arc::clone(&self.stt), self.config.language.clone(), place));
        Ok(listener)
    }

    pub(crate) fn speak(&self) -> Result<Speaker, EngineError> {
        let place = self.place(&self.speaking)?;
        let (speaker, mouth) = Speaker::pair();
        let voice = speaking::Voice { name: self.config.voice.clone(), language: self.config.language.clone() };
        self.tasks.spawn(speaking::speak(mouth, Arc::clone(&self.tts), voice, place));
        Ok(speaker)
    }

    fn place(&self, free: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, EngineError> {
        let taken = |_taken| EngineError::AtCapacity { sessions: self.config.sessions };
        Arc::clone(free).try_acquire_owned().map_err(taken)
    }
}

#[cfg(test)]
mod tests;
