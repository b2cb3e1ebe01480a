//! Kyutai's Moshi family on this machine, behind the cargo feature `moshi`.
//!
//! - Speech to text is batched: one thread, one model, a fixed number of sessions.
//! - [`synthesis`] is text to speech: likewise, with a model of our own writing.
//! - [`duplex`] is free conversation, with one model that listens and speaks: one session.
//!
//! Its weights are not part of this program, and nothing here fetches them unasked: a file that is missing is an error
//! that names the command which gets it.

pub mod duplex;
mod published;
mod rehearsal;
pub mod synthesis;
mod thread;
#[cfg(test)]
mod tiny;
mod tokenizer;
mod transcription;
mod weights;

use std::path::Path;

use candle_core::{DType, Device};

pub use self::{rehearsal::Rehearsal, transcription::TranscriptionSettings};
use crate::{EngineError, Listener, Speaker, catalogue::Model};

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Processor {
    /// The processor: enough for tests, far too slow for the published models.
    Cpu,
    /// The NVIDIA GPU of this number; the program must be built with the feature `cuda`.
    Cuda(usize),
}

/// How the engine runs.
#[derive(Debug, Clone, PartialEq)]
pub struct MoshiSettings {
    /// What computes.
    pub processor: Processor,
    /// Speech to text.
    pub transcription: TranscriptionSettings,
}

/// The engine.
#[derive(Debug)]
pub struct Moshi {
    transcription: transcription::Transcription,
}

impl Moshi {
    /// Loads its models and makes their first steps; it takes seconds, and memory as large as the models. Dropping it ends
    /// all sessions, and waits for its threads.
    pub fn start(settings: &MoshiSettings) -> Result<Self, EngineError> {
        let transcription = transcription::Transcription::start(&settings.transcription, settings.processor)?;
        Ok(Self { transcription })
    }

    pub(crate) fn listen(&self) -> Result<Listener, EngineError> {
        self.transcription.listen()
    }

    #[expect(clippy::unused_self, reason = "whether it has a voice is its own affair")]
    pub(crate) fn speak(&self) -> Result<Speaker, EngineError> {
        Err(EngineError::Unavailable("it has no model that speaks".to_owned()))
    }
}

/// What computes, or why it cannot.
fn device(processor: Processor) -> Result<Device, EngineError> {
    match processor {
        Processor::Cpu => Ok(Device::Cpu),
        Processor::Cuda(number) => Device::new_cuda(number)
            .map_err(|error| EngineError::Unavailable(format!("there is no GPU {number}: {}", weights::said(&error)))),
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
mod tests {
    use super::*;

    #[test]
    fn an_engine_without_its_files_says_how_to_get_them() {
        let directory = tempfile::tempdir().unwrap();
        let transcription = TranscriptionSettings {
            model: Model::SttLarge,
            directory: directory.path().join("stt-2.6b"),
            sessions: 1,
            temperature: 0.0,
        };
        let error = Moshi::start(&MoshiSettings { processor: Processor::Cpu, transcription }).unwrap_err();
        let file = directory.path().join("stt-2.6b/config.json");
        let expected = format!("{} is missing; `xswarm model pull stt-2.6b` mends it", file.display());
        assert_eq!(error, EngineError::Unavailable(expected));
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_program_without_cuda_finds_no_gpu() {
        let EngineError::Unavailable(error) = device(Processor::Cuda(0)).unwrap_err() else { panic!("another error") };
        assert!(error.starts_with("there is no GPU 0: "), "{error}");
    }
}
