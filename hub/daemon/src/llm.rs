//! The language model, whoever serves it: one request in, one answer out, bounded in time, length and money.
//!
//! Every request is booked before it is sent and refused when a cap is reached; what it really cost is booked when it has
//! ended. Nothing is trusted here and nothing is carried out: what a model asks for is the caller's to check. No prompt
//! stands here either, and nothing that was said is logged.

mod attempt;
mod booking;
mod check;
mod genai;
mod prices;
mod request;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use xswarm_core::{
    admin::LlmState,
    id::{MessageId, UserId},
    message::Channel,
    spending::{Cap, Caps, Microdollars, Purpose},
};
use xswarm_store::Store;

use self::genai::Service;
use crate::{clock::Clock, config::LlmConfig, error::Result};
use booking::Booking;
use prices::Known;

pub(crate) use check::Found;
pub(crate) use request::{Call, CallResult, Reply, Request, Tool, Turn};

/// The longest request, in tokens by our estimate. Beyond it some models cost a multiple.
const REQUEST_TOKENS_MAX: u64 = 64_000;

/// On whose account a request goes.
#[derive(Debug, Clone)]
pub(crate) struct Payer {
    /// Who asked.
    pub(crate) user: UserId,
    /// Where.
    pub(crate) channel: Channel,
    /// What for.
    pub(crate) purpose: Purpose,
    /// The message it is about.
    pub(crate) message: Option<MessageId>,
}

/// How far one request may go. The configuration's own limits hold besides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The longest answer, in tokens.
    pub(crate) output_tokens: u32,
    /// All of it, repeated attempts included.
    pub(crate) time: Duration,
}

/// Why there is no answer. The words are for people and for the log: they hold neither the key nor what was said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// Nobody is there to be asked.
    #[error("no language model is set up; run `xswarm setup`")]
    NotConfigured,
    /// All that may be spent is spent. Nothing was sent.
    #[error("the {cap} cap of {limit} for language models is reached; see `xswarm spending`")]
    CapReached {
        /// Which cap.
        cap: Cap,
        /// What may be spent.
        limit: Microdollars,
    },
    /// There was no connection, or the request could not be booked and was therefore not sent.
    #[error("the language model cannot be reached: {0}")]
    Unreachable(String),
    /// The provider is there and has no time for us, or trouble of its own, as often as it was asked.
    #[error("the language model's provider is overloaded or in trouble: {0}")]
    Overloaded(String),
    /// The provider refuses.
    #[error("the language model's provider refuses ({status}): {words}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Why, in the provider's words.
        words: String,
    },
    /// What came is no answer.
    #[error("the language model's answer cannot be read: {0}")]
    Nonsense(String),
    /// It did not come in time.
    #[error("the language model took too long")]
    TooSlow,
    /// The request, or what the model asked for, is longer than it may be.
    #[error("too long for the language model")]
    TooLong,
    /// The caller wants it no more.
    #[error("it was given up")]
    Cancelled,
}

/// The language model.
pub(crate) struct Llm {
    store: Arc<Store>,
    clock: Clock,
    settings: Settings,
    service: Option<Service>,
    missing: Vec<String>,
}

/// What of the configuration is needed again and again.
struct Settings {
    provider: &'static str,
    model: String,
    known: Known,
    caps: Caps,
    limits: Limits,
}

impl Llm {
    /// The model that is configured. Connects to nothing yet.
    pub(crate) fn new(store: Arc<Store>, clock: Clock, config: &LlmConfig, key: Option<SecretString>) -> Result<Self> {
        let known = prices::known(config)?;
        let missing: Vec<_> = match config.provider.secret() {
            Some(name) if key.is_none() => vec![format!("the secret {name}")],
            Some(_) | None => Vec::new(),
        };
        let service = if missing.is_empty() { Service::new(config, known, key) } else { None };
        let settings = Settings {
            provider: config.provider.as_str(),
            model: config.model().to_owned(),
            known,
            caps: config.caps(),
            limits: Limits { output_tokens: config.max_output_tokens, time: config.timeout },
        };
        Ok(Self { store, clock, settings, service, missing })
    }

    /// Whether there is somebody to ask.
    pub(crate) const fn is_configured(&self) -> bool {
        self.service.is_some()
    }

    /// What is still to be set. Nothing is when it is off.
    pub(crate) fn missing(&self) -> &[String] {
        &self.missing
    }

    /// What is set up, for `xswarm status`.
    pub(crate) fn state(&self) -> LlmState {
        let on = self.is_configured() || !self.missing.is_empty();
        LlmState {
            provider: on.then(|| self.settings.provider.to_owned()),
            model: on.then(|| self.settings.model.clone()),
            missing: self.missing.clone(),
        }
    }

    /// What may be spent.
    pub(crate) const fn caps(&self) -> Caps {
        self.settings.caps
    }

    /// The configuration's own limits.
    pub(crate) const fn limits(&self) -> Limits {
        self.settings.limits
    }

    /// Whether the model's price is known, rather than taken for the dearest.
    pub(crate) const fn price_is_known(&self) -> bool {
        self.settings.known.certain
    }

    /// Asks the provider whether it accepts the key and has the model. Costs nothing.
    pub(crate) async fn check(&self) -> Option<Found> {
        Some(self.service.as_ref()?.check().await)
    }

    /// Books, asks, books what it really cost.
    ///
    /// What surely cost nothing (429, 529, 5xx, no connection) is tried again while there is time, and not before the
    /// provider wishes. What broke off may have cost anything up to what was reserved, and counts as that. A caller that
    /// drops this instead of cancelling leaves the request open until the hub starts again; it counts the same.
    pub(crate) async fn ask(
        &self,
        request: &Request,
        payer: &Payer,
        limits: &Limits,
        cancel: &CancellationToken,
    ) -> Result<Reply, Failure> {
        let Some(service) = &self.service else { return Err(Failure::NotConfigured) };
        let until = Instant::now() + limits.time.min(self.settings.limits.time);
        let output_tokens = limits.output_tokens.min(self.settings.limits.output_tokens);
        let input_tokens = booking::estimated_tokens(request);
        if input_tokens > REQUEST_TOKENS_MAX {
            return Err(Failure::TooLong);
        }
        let booking = Booking::begin(self, payer, input_tokens, output_tokens).await?;
        let outcome = tokio::select! {
            biased;
            () = cancel.cancelled() => attempt::Outcome::unclear(Failure::Cancelled),
            outcome = attempt::until_answered(service, request, output_tokens, until) => outcome,
        };
        booking.end(&outcome).await;
        outcome.into_result()
    }
}
