//! The published models that can be used here: what they are for, where they are published, of which files; and how they get
//! onto this machine.
//!
//! They are Kyutai's, under the Creative Commons licence CC-BY 4.0: whoever gets them is told so. Sizes are what is
//! published, or follow from the number of weights; the hub that serves a file has the last word. Nothing here computes: a
//! command line that only gets models compiles no more than the feature `models`.

mod installed;
mod pull;

use std::borrow::Cow;

pub use installed::Installed;
pub use pull::{ENDPOINT, Progress, PullError, pull};

/// What must be said to whoever gets a model.
pub const LICENCE: &str =
    "by Kyutai (https://kyutai.org), licensed CC-BY 4.0 (https://creativecommons.org/licenses/by/4.0/)";

/// A model, as `xswarm model pull` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Model {
    /// Speech to text, English and French, half a second behind, tells the ends of turns: 1 billion weights.
    Stt,
    /// Speech to text, English, 2.5 seconds behind, more accurate: 2.6 billion weights.
    SttLarge,
    /// Text to speech, English and French: 1.6 billion weights.
    Tts,
    /// Free conversation, Moshika's voice, 8 bits a weight: 7.7 billion weights.
    Moshi,
}

/// One file of a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFile {
    /// Where it is published: owner and name on Hugging Face.
    pub repository: &'static str,
    /// Its path there, and in the model's directory.
    pub name: Cow<'static, str>,
    /// About how long it is, in bytes.
    pub bytes: u64,
}

const STT: &str = "kyutai/stt-1b-en_fr-candle";
const STT_LARGE: &str = "kyutai/stt-2.6b-en-candle";
const TTS: &str = "kyutai/tts-1.6b-en_fr";
const VOICES: &str = "kyutai/tts-voices";
const MOSHI: &str = "kyutai/moshika-candle-q8";

const fn file(repository: &'static str, name: &'static str, bytes: u64) -> ModelFile {
    ModelFile { repository, name: Cow::Borrowed(name), bytes }
}

/// Which voice speaks unless another is chosen: Kyutai's own choice for their voice assistant.
pub const DEFAULT_VOICE: &str = "unmute-prod-website/default_voice.wav";

/// How long a voice is, in bytes.
const VOICE_BYTES: u64 = 256_000;

/// What says of a voice's file for which model it was made.
const VOICE_ENDING: &str = ".1e68beda@240.safetensors";

/// A voice of `kyutai/tts-voices` by its name there, such as [`DEFAULT_VOICE`]: a file of [`Model::Tts`]. `None` for what
/// cannot be a name.
pub fn voice(name: &str) -> Option<ModelFile> {
    let stays = name.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    stays.then(|| ModelFile { repository: VOICES, name: voice_file(name).into(), bytes: VOICE_BYTES })
}

/// The path of a voice's file, there and in the model's directory.
pub fn voice_file(name: &str) -> String {
    format!("{name}{VOICE_ENDING}")
}

impl Model {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Stt, Self::SttLarge, Self::Tts, Self::Moshi];

    /// Its name on the command line, and of its directory.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stt => "stt",
            Self::SttLarge => "stt-2.6b",
            Self::Tts => "tts",
            Self::Moshi => "moshi",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.name() == name)
    }

    /// What it consists of; the largest last, so that what is wrong shows early.
    pub fn files(self) -> &'static [ModelFile] {
        match self {
            Self::Stt => {
                const {
                    &[
                        file(STT, "config.json", 2_000),
                        file(STT, "tokenizer_en_fr_audio_8000.model", 120_378),
                        file(STT, "mimi-pytorch-e351c8d8@125.safetensors", 384_644_900),
                        file(STT, "model.safetensors", 1_979_000_000),
                    ]
                }
            }
            Self::SttLarge => {
                const {
                    &[
                        file(STT_LARGE, "config.json", 1_257),
                        file(STT_LARGE, "tokenizer_en_audio_4000.model", 59_339),
                        file(STT_LARGE, "mimi-pytorch-e351c8d8@125.safetensors", 384_644_900),
                        file(STT_LARGE, "model.safetensors", 5_234_275_128),
                    ]
                }
            }
            Self::Tts => {
                const {
                    &[
                        file(TTS, "config.json", 4_000),
                        file(TTS, "tokenizer_spm_8k_en_fr_audio.model", 120_378),
                        file(VOICES, "unmute-prod-website/default_voice.wav.1e68beda@240.safetensors", VOICE_BYTES),
                        file(TTS, "tokenizer-e351c8d8-checkpoint125.safetensors", 384_644_900),
                        file(TTS, "dsm_tts_1e68beda@240.safetensors", 3_683_719_712),
                    ]
                }
            }
            Self::Moshi => {
                const {
                    &[
                        file(MOSHI, "tokenizer_spm_32k_3.model", 552_778),
                        file(MOSHI, "tokenizer-e351c8d8-checkpoint125.safetensors", 384_644_900),
                        file(MOSHI, "model.q8.gguf", 8_170_000_000),
                    ]
                }
            }
        }
    }

    /// About how long all of it is, in bytes.
    pub fn bytes(self) -> u64 {
        self.files().iter().map(|file| file.bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_is_a_file_that_stays_in_its_directory() {
        let usual = voice(DEFAULT_VOICE).unwrap();
        assert!(Model::Tts.files().contains(&usual), "{usual:?}");
        assert_eq!(voice("vctk/p225_023.wav").unwrap().name, "vctk/p225_023.wav.1e68beda@240.safetensors");
        for name in ["", "/etc/passwd", "../x", "a/../../x", "a//b", "./a"] {
            assert_eq!(voice(name), None, "{name}");
        }
    }

    #[test]
    fn every_model_is_found_by_its_name_and_has_files_that_stay_in_its_directory() {
        for model in Model::ALL {
            assert_eq!(Model::named(model.name()), Some(model));
            assert!(model.bytes() > 1 << 30);
            for file in model.files() {
                assert!(!file.name.starts_with('/') && !file.name.contains(".."), "{}", file.name);
                assert_eq!(file.repository.split('/').count(), 2, "{}", file.repository);
            }
        }
        assert_eq!(Model::named("gpt"), None);
    }
}
