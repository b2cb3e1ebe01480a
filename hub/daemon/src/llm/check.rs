//! Whether the provider accepts us and has the model: asked by listing models, which costs nothing.

use std::time::Duration;

use reqwest::{RequestBuilder, StatusCode};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::genai::Service;
use crate::{
    config::LlmProvider,
    web::{self, Web},
};

/// How long the question may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The version of Anthropic's API that we speak.
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// What the question showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// Everything is in order.
    Model,
    /// The key is accepted, and there is no such model.
    NoSuchModel,
    /// The key is not accepted.
    NotAccepted(u16),
    /// The provider is there, and overloaded or in trouble.
    InTrouble(StatusCode),
    /// Nobody answers, or something else than a model's provider does.
    NotThere(String),
}

impl Service {
    /// Asks whether the model is there.
    pub(super) async fn check(&self) -> Found {
        let web = Web::new(PATIENCE);
        let client = match web.http() {
            Ok(client) => client,
            Err(error) => return Found::NotThere(error.chain()),
        };
        let key = self.key.as_ref().map_or("", |key| key.expose_secret());
        let question = match self.provider {
            LlmProvider::Anthropic => client
                .get(format!("{}/v1/models/{}", self.base_url, self.model))
                .header("x-api-key", key)
                .header("anthropic-version", ANTHROPIC_VERSION),
            LlmProvider::Openai | LlmProvider::Off => client.get(format!("{}/models", self.base_url)).bearer_auth(key),
            LlmProvider::Ollama => client.get(format!("{}/api/tags", self.base_url)),
        };
        match answer(question).await {
            Err(words) => Found::NotThere(words),
            Ok((StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, status, _)) => Found::NotAccepted(status),
            Ok((StatusCode::NOT_FOUND, _, body)) if self.provider == LlmProvider::Anthropic && body.is_some() => {
                Found::NoSuchModel
            }
            Ok((status, _, Some(body))) if status.is_success() => {
                if self.lists(&body) {
                    Found::Model
                } else {
                    Found::NoSuchModel
                }
            }
            Ok((status, _, _)) if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Found::InTrouble(status)
            }
            Ok((status, _, _)) => Found::NotThere(format!("it answers {status}")),
        }
    }

    fn lists(&self, body: &Value) -> bool {
        let named = |list: &str, name: &str| {
            let rows = body.get(list).and_then(Value::as_array).into_iter().flatten();
            rows.filter_map(|row| row.get(name)?.as_str()).any(|found| {
                // An Ollama's model without a tag is its latest.
                found == self.model || found.strip_suffix(":latest") == Some(&self.model)
            })
        };
        match self.provider {
            // An alias is answered with what it stands for.
            LlmProvider::Anthropic => body.get("id").is_some_and(Value::is_string),
            LlmProvider::Openai | LlmProvider::Off => named("data", "id"),
            LlmProvider::Ollama => named("models", "name"),
        }
    }
}

async fn answer(question: RequestBuilder) -> Result<(StatusCode, u16, Option<Value>), String> {
    let response = question.send().await.map_err(web::words)?;
    let status = response.status();
    let body = web::bounded(response).await?;
    Ok((status, status.as_u16(), serde_json::from_slice(&body).ok()))
}
