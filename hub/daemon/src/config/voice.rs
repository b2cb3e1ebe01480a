//! `[voice]`: what listens and speaks on calls, and how long a call may be.

use std::time::Duration;

use serde::Deserialize;
use xswarm_core::text_enum;

use super::value;

text_enum! {
    /// What turns sound into words and words into sound.
    pub enum VoiceEngine {
        /// Nothing: whoever calls is asked to write instead.
        Off = "off",
        /// Servers that speak the Wyoming protocol.
        Wyoming = "wyoming",
        /// The deterministic twin.
        Scripted = "scripted",
    }
}

/// `[voice]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VoiceConfig {
    /// What listens and speaks.
    pub(crate) engine: VoiceEngine,
    /// Host and port of the Wyoming server that listens.
    #[serde(deserialize_with = "value::not_empty")]
    pub(crate) stt_url: String,
    /// Host and port of the Wyoming server that speaks.
    #[serde(deserialize_with = "value::not_empty")]
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
    /// Whether a mailbox that takes a call hears what the call is for.
    pub(crate) voicemail_details: bool,
    /// How long a call may be.
    #[serde(deserialize_with = "value::seconds")]
    pub(crate) longest_s: Duration,
}
