//! Who may serve the language model, and what is usual with each: the model, the address, whether a key is wanted.
//!
//! What is asked, and what it costs, is the hub's.

use crate::text_enum;

text_enum! {
    /// Who serves the language model.
    pub enum LlmProvider {
        /// Nobody: the Boss understands by itself only.
        Off = "off",
        /// Anthropic, by its Messages API.
        Anthropic = "anthropic",
        /// OpenAI, or whoever speaks its Chat Completions API.
        Openai = "openai",
        /// Ollama, on this machine or another of the household.
        Ollama = "ollama",
    }
}

impl LlmProvider {
    /// The model that is asked when none is named: the cheapest of the current ones that call tools well.
    pub const fn usual_model(self) -> &'static str {
        match self {
            Self::Off => "",
            Self::Anthropic => "claude-haiku-5-5",
            Self::Openai => "gpt-6-luna",
            Self::Ollama => "qwen3:8b",
        }
    }

    /// Where the API is, as the provider's own documentation and SDK write it.
    pub const fn usual_url(self) -> &'static str {
        match self {
            Self::Off => "",
            Self::Anthropic => "https://api.anthropic.com",
            Self::Openai => "https://api.openai.com/v1",
            Self::Ollama => "http://127.0.0.1:11434",
        }
    }

    /// The name of its key, where it wants one.
    pub const fn secret(self) -> Option<&'static str> {
        match self {
            Self::Off | Self::Ollama => None,
            Self::Anthropic => Some("anthropic_api_key"),
            Self::Openai => Some("openai_api_key"),
        }
    }
}
