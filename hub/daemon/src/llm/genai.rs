//! The crate `genai`, which speaks the providers' protocols: its shapes are translated here and nowhere else.
//!
//! It is told everything: which protocol, where, with which key, over our own connections. It would take a protocol from
//! a model's name and a key from the environment, repeat nothing and bound nothing; bounds are set here.

mod failures;
mod stream;
mod translation;

use std::{sync::OnceLock, time::Duration};

use genai::{
    Client, ModelIden, ServiceTarget,
    adapter::AdapterKind,
    chat::{CacheControl, ChatOptions, ReasoningEffort},
    resolver::{AuthData, Endpoint},
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Failure, Request,
    attempt::{Attempt, Outcome},
    prices::Known,
};
use crate::{
    config::{LlmConfig, LlmProvider},
    error::{Error, Result},
    web,
};

#[cfg(test)]
pub(super) use failures::scrubbed;

/// Until a connection stands.
const CONNECT: Duration = Duration::from_secs(10);

/// A provider's model, with the means to ask it.
pub(super) struct Service {
    pub(super) provider: LlmProvider,
    pub(super) model: String,
    /// Where the API is, no slash at the end.
    pub(super) base_url: String,
    pub(super) key: Option<SecretString>,
    adapter: AdapterKind,
    known: Known,
    /// Made at first use: certificates and connections cost memory that a box that asks nobody should not pay for.
    client: OnceLock<Client>,
}

impl Service {
    /// The service that is configured, if one is.
    pub(super) fn new(config: &LlmConfig, known: Known, key: Option<SecretString>) -> Option<Self> {
        let adapter = match config.provider {
            LlmProvider::Off => return None,
            LlmProvider::Anthropic => AdapterKind::Anthropic,
            LlmProvider::Openai => AdapterKind::OpenAI,
            LlmProvider::Ollama => AdapterKind::Ollama,
        };
        Some(Self {
            provider: config.provider,
            model: config.model().to_owned(),
            base_url: config.base_url().to_owned(),
            key,
            adapter,
            known,
            client: OnceLock::new(),
        })
    }

    /// Asks once and reads the answer as it comes.
    pub(super) async fn ask(&self, request: &Request, output_tokens: u32) -> Attempt {
        let client = match self.client() {
            Ok(client) => client,
            Err(error) => return Attempt::Ended(Outcome::Failed(Failure::Unreachable(error.chain()))),
        };
        let request = translation::request(request, self.provider);
        let options = self.options(output_tokens);
        match client.exec_chat_stream(self.target(), request, Some(&options)).await {
            Ok(response) => stream::read(response.stream, self).await,
            Err(error) => failures::attempt(error, self, false),
        }
    }

    fn client(&self) -> Result<&Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let http = web::builder()?.connect_timeout(CONNECT).build();
        let http = http.map_err(|error| Error::internal("cannot make an HTTP client").with_source(error))?;
        let made = Client::builder().with_reqwest(http).build();
        let made =
            made.map_err(|error| Error::internal("cannot make a client of language models").with_source(error))?;
        Ok(self.client.get_or_init(|| made))
    }

    fn target(&self) -> ServiceTarget {
        let base_url = match self.provider {
            LlmProvider::Anthropic => format!("{}/v1/", self.base_url),
            LlmProvider::Openai | LlmProvider::Ollama | LlmProvider::Off => format!("{}/", self.base_url),
        };
        // An Ollama takes no key; the crate wants one all the same.
        let key = self.key.as_ref().map_or("none", |key| key.expose_secret());
        ServiceTarget {
            endpoint: Endpoint::from_owned(base_url),
            auth: AuthData::from_single(key),
            model: ModelIden::new(self.adapter, self.model.clone()),
        }
    }

    fn options(&self, output_tokens: u32) -> ChatOptions {
        let options = ChatOptions::default()
            .with_max_tokens(output_tokens)
            .with_capture_usage(true)
            .with_capture_tool_calls(true);
        let options = match self.provider {
            // The system prompt and the tools are the same from turn to turn.
            LlmProvider::Anthropic => options.with_cache_control(CacheControl::Ephemeral),
            // Of the models of its own, the crate turns caching off unless a key asks for it.
            LlmProvider::Openai if self.known.thinks => options.with_prompt_cache_key("xswarm"),
            LlmProvider::Openai | LlmProvider::Ollama | LlmProvider::Off => options,
        };
        if self.known.thinks { options.with_reasoning_effort(ReasoningEffort::Zero) } else { options }
    }
}
