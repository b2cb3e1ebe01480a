//! Kyutai's Moshi family on this machine, behind the cargo feature `moshi`.
//!
//! - Speech to text is batched: one thread, one model, a fixed number of sessions.
//! - [`synthesis`] is text to speech: likewise, with a model of our own writing.
//! - [`duplex`] is free conversation, with one model that listens and speaks: one session.
//! - Any of them may be absent. When the thread of one dies, [`Moshi::ended`] tells; it does not start itself again.
//!
//! Its weights are not part of this program, and nothing here fetches them unasked: a file that is missing is an error
//! that names the command which gets it.

pub mod duplex;
mod published;
mod rehearsal;
pub mod synthesis;
mod thread;
#[cfg(any(test, feature = "tiny"))]
pub mod tiny;
mod tokenizer;
mod transcription;
mod weights;

use std::path::Path;

use ::moshi::{lm, mimi};
use candle_core::{DType, Device};

pub use self::{rehearsal::Rehearsal, transcription::TranscriptionSettings};
use crate::{Conversation, EngineError, Listener, Speaker, catalogue::Model};

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processor {
    /// The processor: enough for tests, far too slow for the published models.
    Cpu,
    /// The NVIDIA GPU of this number; the program must be built with the feature `cuda`.
    Cuda(usize),
}

/// How large the codec is, which its file does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CodecSize {
    /// As Kyutai publishes it.
    #[default]
    Published,
    /// As the tests make it: see [`tiny`].
    #[cfg(any(test, feature = "tiny"))]
    Tiny,
}

/// How a model speaks.
#[derive(Debug, Clone, PartialEq)]
pub struct SynthesisSettings {
    /// Where it is.
    pub files: synthesis::Files,
    /// How it speaks.
    pub manner: synthesis::Settings,
}

/// How the engine runs.
#[derive(Debug, Clone, PartialEq)]
pub struct MoshiSettings {
    /// What computes.
    pub processor: Processor,
    /// Speech to text; without it nobody is listened to.
    pub transcription: Option<TranscriptionSettings>,
    /// Text to speech; without it nothing is said.
    pub synthesis: Option<SynthesisSettings>,
    /// Free conversation; without it there is none.
    pub duplex: Option<duplex::DuplexSettings>,
    /// How large the codec of all of them is, and the model of free conversation.
    pub codec: CodecSize,
}

/// The engine.
#[derive(Debug)]
pub struct Moshi {
    transcription: Option<transcription::Transcription>,
    synthesis: Option<synthesis::Synthesis>,
    duplex: Option<duplex::Duplex>,
}

impl Moshi {
    /// Loads its models and makes their first steps; it takes seconds, and memory as large as the models. Dropping it ends
    /// all sessions, and waits for its threads: for the step that they are making.
    pub fn start(settings: &MoshiSettings) -> Result<Self, EngineError> {
        let MoshiSettings { processor, transcription, synthesis, duplex, codec } = settings;
        let transcription = transcription
            .as_ref()
            .map(|settings| transcription::Transcription::start(settings, *processor, *codec))
            .transpose()?;
        let synthesis = synthesis
            .as_ref()
            .map(|SynthesisSettings { files, manner }| {
                synthesis::Synthesis::start_with_codec(files, manner, *processor, codec.speaking(manner.codebooks))
            })
            .transpose()?;
        let duplex = duplex.as_ref().map(|settings| duplex::Duplex::start(settings, *processor, *codec)).transpose()?;
        Ok(Self { transcription, synthesis, duplex })
    }

    /// Waits until one of its models has ended, and can begin no more sessions; why it did.
    pub async fn ended(&self) -> EngineError {
        let listening = async {
            match &self.transcription {
                Some(transcription) => transcription.ended().await,
                None => std::future::pending().await,
            }
        };
        let speaking = async {
            match &self.synthesis {
                Some(synthesis) => synthesis.ended().await,
                None => std::future::pending().await,
            }
        };
        let talking = async {
            match &self.duplex {
                Some(duplex) => duplex.ended().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            why = listening => why,
            why = speaking => why,
            why = talking => why,
        }
    }

    pub(crate) fn listen(&self) -> Result<Listener, EngineError> {
        let none = || EngineError::Unavailable("it has no model that listens".to_owned());
        self.transcription.as_ref().ok_or_else(none)?.listen()
    }

    pub(crate) fn speak(&self) -> Result<Speaker, EngineError> {
        let none = || EngineError::Unavailable("it has no model that speaks".to_owned());
        self.synthesis.as_ref().ok_or_else(none)?.speak()
    }

    pub(crate) fn talk(&self) -> Result<Conversation, EngineError> {
        let none = || EngineError::Unavailable("it has no model for free conversation".to_owned());
        self.duplex.as_ref().ok_or_else(none)?.talk()
    }
}

impl CodecSize {
    /// The codec of a model that listens.
    fn listening(self, codebooks: usize) -> mimi::Config {
        match self {
            Self::Published => mimi::Config::v0_1(Some(codebooks)),
            #[cfg(any(test, feature = "tiny"))]
            Self::Tiny => tiny::codec(codebooks),
        }
    }

    /// The model of free conversation, and its codec.
    fn talking(self) -> (lm::Config, mimi::Config) {
        match self {
            Self::Published => (lm::Config::v0_1_streaming(duplex::CODEBOOKS), self.listening(duplex::CODEBOOKS)),
            #[cfg(any(test, feature = "tiny"))]
            Self::Tiny => (tiny::duplex_config(), self.listening(duplex::CODEBOOKS)),
        }
    }

    /// The codec of a model that speaks.
    fn speaking(self, codebooks: usize) -> mimi::Config {
        match self {
            Self::Published => mimi::Config::v0_1(Some(codebooks)),
            #[cfg(any(test, feature = "tiny"))]
            Self::Tiny => tiny::speaking_codec(codebooks),
        }
    }
}

/// What computes, or why it cannot.
fn device(processor: Processor) -> Result<Device, EngineError> {
    match processor {
        Processor::Cpu => Ok(Device::Cpu),
        Processor::Cuda(number) if cfg!(feature = "cuda") => Device::new_cuda(number)
            .map_err(|error| EngineError::Unavailable(format!("there is no GPU {number}: {}", weights::said(&error)))),
        Processor::Cuda(_) => Err(EngineError::Unavailable(
            "this program cannot use a GPU: build it with the cargo feature `cuda`".to_owned(),
        )),
    }
}

/// How wide numbers are. Tests compare numbers, and compute in 32 bits everywhere.
fn precision(device: &Device) -> DType {
    if cfg!(test) { DType::F32 } else { device.bf16_default_to_f32() }
}

/// What is wrong with a model's file, and what mends it.
fn unavailable(model: Model, file: &Path, error: &str) -> EngineError {
    let (file, model) = (file.display(), model.name());
    EngineError::Unavailable(format!("{file} {error}; `xswarm model pull {model}` mends it"))
}

#[cfg(test)]
mod tests;
