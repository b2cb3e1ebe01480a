//! `[voice]`: what listens and speaks on calls, and how long a call may be.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Deserializer, de::Error};
use xswarm_core::text_enum;

use super::value;

text_enum! {
    /// What turns sound into words and words into sound.
    pub enum VoiceEngine {
        /// Kyutai's models on this machine.
        Moshi = "moshi",
        /// Servers that speak the Wyoming protocol.
        Wyoming = "wyoming",
        /// The deterministic twin.
        Scripted = "scripted",
    }
}

text_enum! {
    /// How a call is held.
    pub enum VoiceMode {
        /// One model listens, the assistant answers, another model speaks.
        Cascade = "cascade",
        /// Besides, one model chats freely with one caller at a time.
        Duplex = "duplex",
    }
}

text_enum! {
    /// Which of Kyutai's models listens.
    pub enum SttModel {
        /// English and French, half a second behind.
        Stt = "stt",
        /// English, more accurate, two and a half seconds behind.
        SttLarge = "stt-2.6b",
    }
}

text_enum! {
    /// Whether the sound of calls is kept.
    pub enum VoiceRecord {
        /// It is not.
        Off = "off",
        /// It is, and whoever calls is told so first.
        Announced = "announced",
    }
}

/// What computes Kyutai's models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Device {
    /// The processor: too slow for the models as they are published.
    Cpu,
    /// The NVIDIA GPU of this number.
    Cuda(usize),
}

/// `[voice]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoiceConfig {
    /// What listens and speaks, the most wanted first; nothing when it is off: then whoever calls is asked to write.
    #[serde(rename = "engine", deserialize_with = "engines")]
    pub(crate) engines: Vec<VoiceEngine>,
    /// How calls are held.
    pub(crate) mode: VoiceMode,
    /// Host and port of the Wyoming server that listens.
    #[serde(deserialize_with = "value::server")]
    pub(crate) stt_url: String,
    /// Host and port of the Wyoming server that speaks.
    #[serde(deserialize_with = "value::server")]
    pub(crate) tts_url: String,
    /// The language that is spoken; the servers choose where there is none.
    #[serde(deserialize_with = "value::optional_text")]
    pub(crate) language: Option<String>,
    /// The voice to speak with; the server chooses where there is none.
    #[serde(deserialize_with = "value::optional_text")]
    pub(crate) voice: Option<String>,
    /// How many calls there may be at once.
    #[serde(deserialize_with = "value::from_one")]
    pub(crate) sessions: usize,
    /// What the scripted twin hears, in this order.
    pub(crate) script: Vec<String>,
    /// What it says in free conversation, in this order.
    pub(crate) chat: Vec<String>,
    /// Whether a mailbox that takes a call hears what the call is for.
    pub(crate) voicemail_details: bool,
    /// How long a call may be.
    #[serde(deserialize_with = "value::seconds")]
    pub(crate) longest_s: Duration,
    /// Whether the sound of calls is kept.
    pub(crate) record: VoiceRecord,
    /// Kyutai's models.
    pub(crate) moshi: MoshiConfig,
}

/// `[voice.moshi]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoshiConfig {
    /// Which model listens.
    pub(crate) stt: SttModel,
    /// The voice to speak with, by its file's name in `kyutai/tts-voices`; Kyutai's default where there is none.
    #[serde(deserialize_with = "value::optional_text")]
    pub(crate) voice: Option<String>,
    /// Where the models lie, unless beside the rest of the state.
    #[serde(deserialize_with = "value::optional_path")]
    pub(crate) models_dir: Option<PathBuf>,
    /// What computes.
    #[serde(deserialize_with = "device")]
    pub(crate) device: Device,
}

impl VoiceConfig {
    /// What of it does not go together.
    pub(super) fn contradiction(&self) -> Option<&'static str> {
        let talks = self.engines.iter().any(|engine| match engine {
            VoiceEngine::Moshi | VoiceEngine::Scripted => true,
            VoiceEngine::Wyoming => false,
        });
        let needs = "`voice.mode`: duplex needs the engine moshi or scripted: no other converses freely";
        (self.mode == VoiceMode::Duplex && !self.engines.is_empty() && !talks).then_some(needs)
    }
}

/// "off", one engine, or several in their order.
fn engines<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<VoiceEngine>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        One(String),
        Several(Vec<String>),
    }
    let expected = || {
        let known: Vec<_> = VoiceEngine::ALL.iter().map(|engine| engine.as_str()).collect();
        let known = known.join(", ");
        D::Error::custom(format!("must be off, one of {known}, or several of these as [\"moshi\", \"wyoming\"]"))
    };
    let names = match Written::deserialize(from).map_err(|_says_less| expected())? {
        Written::One(name) if name == "off" => Vec::new(),
        Written::One(name) => vec![name],
        Written::Several(names) => names,
    };
    let engines: Vec<VoiceEngine> =
        names.iter().map(|name| name.parse()).collect::<Result<_, _>>().map_err(|_says_less| expected())?;
    for (at, engine) in engines.iter().enumerate() {
        if engines.iter().skip(at + 1).any(|other| other == engine) {
            return Err(D::Error::custom(format!("names {engine} twice")));
        }
    }
    Ok(engines)
}

fn device<'de, D: Deserializer<'de>>(from: D) -> Result<Device, D::Error> {
    let text = String::deserialize(from)?;
    match text.strip_prefix("cuda:").map(str::parse) {
        Some(Ok(number)) => Ok(Device::Cuda(number)),
        None if text == "cpu" => Ok(Device::Cpu),
        Some(Err(_)) | None => {
            Err(D::Error::custom(format!("`{text}` is neither cpu nor an NVIDIA GPU by its number, such as cuda:0")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn voice(text: &str) -> Result<VoiceConfig, String> {
        Config::from_toml(text, "x").map(|config| config.voice).map_err(|error| error.context)
    }

    #[test]
    fn one_engine_or_several_in_their_order_or_none() {
        let engines = |text: &str| voice(&format!("[voice]\nengine = {text}")).map(|voice| voice.engines);
        assert_eq!(voice("").unwrap().engines, []);
        assert_eq!(engines("\"off\"").unwrap(), []);
        assert_eq!(engines("[]").unwrap(), []);
        assert_eq!(engines("\"scripted\"").unwrap(), [VoiceEngine::Scripted]);
        let both = [VoiceEngine::Moshi, VoiceEngine::Wyoming];
        assert_eq!(engines("[\"moshi\", \"wyoming\"]").unwrap(), both);
        for wrong in ["\"moshy\"", "[\"moshi\", \"off\"]", "7", "[\"moshi\", 7]"] {
            let words = engines(wrong).unwrap_err();
            assert_eq!(
                words,
                "x: `voice.engine`: must be off, one of moshi, wyoming, scripted, or several of these as [\"moshi\", \
                 \"wyoming\"]"
            );
        }
        assert_eq!(engines("[\"moshi\", \"moshi\"]").unwrap_err(), "x: `voice.engine`: names moshi twice");
    }

    #[test]
    fn servers_are_named_by_host_and_port() {
        let stt = |address: &str| voice(&format!("[voice]\nstt_url = \"{address}\"")).map(|voice| voice.stt_url);
        for right in ["127.0.0.1:10300", "speech.lan:10300", "[::1]:10300"] {
            assert_eq!(stt(right), Ok(right.to_owned()));
        }
        for wrong in ["", "nonsense", "http://127.0.0.1:10300", "::1:10300", ":10300", "speech.lan:0", "speech.lan:x"] {
            let words = stt(wrong).unwrap_err();
            let expected = format!("x: `voice.stt_url`: `{wrong}` is not a host and port such as 127.0.0.1:10300");
            assert_eq!(words, expected);
        }
    }

    #[test]
    fn free_conversation_needs_an_engine_that_has_it() {
        let mode = |text: &str| voice(&format!("[voice]\nmode = \"duplex\"\nengine = {text}")).map(|voice| voice.mode);
        assert_eq!(voice("").unwrap().mode, VoiceMode::Cascade);
        for engines in ["\"off\"", "\"moshi\"", "\"scripted\"", "[\"moshi\", \"wyoming\"]"] {
            assert_eq!(mode(engines), Ok(VoiceMode::Duplex), "{engines}");
        }
        let words = "x: `voice.mode`: duplex needs the engine moshi or scripted: no other converses freely";
        assert_eq!(mode("\"wyoming\""), Err(words.to_owned()));
    }

    #[test]
    fn kyutais_models_have_a_section_of_their_own() {
        let moshi = |text: &str| voice(&format!("[voice.moshi]\n{text}")).map(|voice| voice.moshi);
        let usual = MoshiConfig { stt: SttModel::Stt, voice: None, models_dir: None, device: Device::Cuda(0) };
        assert_eq!(moshi("").unwrap(), usual);
        assert_eq!(moshi("device = \"cuda:1\"").unwrap().device, Device::Cuda(1));
        assert_eq!(moshi("device = \"cpu\"").unwrap().device, Device::Cpu);
        assert_eq!(moshi("stt = \"stt-2.6b\"").unwrap().stt, SttModel::SttLarge);
        for (text, expected) in [
            (
                "device = \"gpu\"",
                "x: `voice.moshi.device`: `gpu` is neither cpu nor an NVIDIA GPU by its number, such as",
            ),
            ("device = \"cuda:x\"", "x: `voice.moshi.device`: `cuda:x` is neither"),
            ("stt = \"whisper\"", "x: `voice.moshi.stt`: `whisper` is not a SttModel; it is one of stt, stt-2.6b"),
            ("gpu = 1", "x: unknown key `gpu` in [voice.moshi]; known are stt, voice, models_dir, device"),
        ] {
            let words = moshi(text).unwrap_err();
            assert!(words.starts_with(expected), "{words}");
        }
    }
}
