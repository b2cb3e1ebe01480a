//! Kyutai's models on this machine, as `[voice.moshi]` says.

use std::path::Path;

use xswarm_voice::{
    Engine, EngineError,
    catalogue::Model,
    moshi::{
        CodecSize, Moshi, MoshiSettings, Processor, SynthesisSettings, TranscriptionSettings, duplex::DuplexSettings,
        synthesis,
    },
};

use super::aside;
use crate::config::{Device, SttModel, VoiceConfig, VoiceMode};

/// The model that listens.
fn listening(stt: SttModel) -> Model {
    match stt {
        SttModel::Stt => Model::Stt,
        SttModel::SttLarge => Model::SttLarge,
    }
}

/// How the engine runs.
pub(super) fn settings(voice: &VoiceConfig, models_dir: &Path) -> MoshiSettings {
    let model = listening(voice.moshi.stt);
    let directory = models_dir.join(model.name());
    let transcription = TranscriptionSettings { model, directory, sessions: voice.sessions, temperature: 0.0 };
    let mut files = synthesis::Files::published(&models_dir.join(Model::Tts.name()));
    if let Some(name) = &voice.moshi.voice {
        files = files.with_voice(name);
    }
    let duplex = match voice.mode {
        VoiceMode::Cascade => None,
        VoiceMode::Duplex => Some(DuplexSettings { directory: models_dir.join(Model::Moshi.name()), seed: 0 }),
    };
    let manner = synthesis::Settings { slots: voice.sessions, ..synthesis::Settings::default() };
    MoshiSettings {
        processor: match voice.moshi.device {
            Device::Cpu => Processor::Cpu,
            Device::Cuda(number) => Processor::Cuda(number),
        },
        transcription: Some(transcription),
        synthesis: Some(SynthesisSettings { files, manner }),
        duplex,
        #[cfg(feature = "tiny")]
        codec: CodecSize::Tiny,
        #[cfg(not(feature = "tiny"))]
        codec: CodecSize::Published,
    }
}

/// Loads it, on a thread of its own.
pub(super) async fn start(settings: MoshiSettings) -> Result<Engine, EngineError> {
    let panicked = || Err(EngineError::Unavailable("its models cannot be loaded: the log says why".to_owned()));
    aside(move || Moshi::start(&settings).map(Engine::Moshi)).await.unwrap_or_else(panicked)
}
