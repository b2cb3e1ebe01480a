//! What went wrong, in our terms: what it means, whether it cost anything, whether it may be tried again.

use genai::Error;
use reqwest::{StatusCode, header::HeaderMap};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::Service;
use crate::{
    llm::{
        Failure,
        attempt::{Attempt, Outcome},
    },
    web,
};

/// The longest words of a provider that are passed on, in characters.
const WORDS_MAX: usize = 200;

/// The status with which Anthropic says that it is overloaded.
const OVERLOADED: u16 = 529;

#[expect(clippy::wildcard_enum_match_arm, reason = "thirty kinds that cannot come from a stream")]
/// What an error means. `begun` says whether an answer had begun.
pub(super) fn attempt(error: Error, service: &Service, begun: bool) -> Attempt {
    match error {
        Error::WebStream { error, .. } => match error.downcast::<Error>() {
            Ok(inner) => attempt(*inner, service, begun),
            Err(error) => match error.downcast::<reqwest::Error>() {
                Ok(error) => transport(*error, begun),
                Err(_) => unclear(Failure::Nonsense("it is not text".to_owned())),
            },
        },
        Error::HttpError { status, body, headers, .. } => refused(status, &body, &headers, service),
        Error::ChatResponse { body, .. } => reported(&body, service, begun),
        Error::StreamParse { .. } | Error::JsonValueExt(_) | Error::SerdeJson(_) => {
            unclear(Failure::Nonsense("it does not follow the protocol".to_owned()))
        }
        // Whatever else there is happens before anything is sent. Its words may hold the whole request.
        _ => Attempt::Ended(Outcome::Failed(Failure::Nonsense("the request cannot be made".to_owned()))),
    }
}

fn unclear(failure: Failure) -> Attempt {
    Attempt::Ended(Outcome::unclear(failure))
}

fn transport(error: reqwest::Error, begun: bool) -> Attempt {
    if web::reached_nobody(&error) {
        return Attempt::Again(Failure::Unreachable(web::words(error)), None);
    }
    if error.is_timeout() {
        return unclear(Failure::TooSlow);
    }
    unclear(if begun || error.is_body() || error.is_decode() {
        Failure::Nonsense("it broke off".to_owned())
    } else {
        Failure::Unreachable(web::words(error))
    })
}

/// An answer with a status that is not 2xx: nothing was served, so it cost nothing.
fn refused(status: StatusCode, body: &str, headers: &HeaderMap, service: &Service) -> Attempt {
    let said = serde_json::from_str(body).ok().and_then(|body| message(&body)).map(|words| scrubbed(&words, service));
    let busy = status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::REQUEST_TIMEOUT;
    if busy || status.is_server_error() || status.as_u16() == OVERLOADED {
        let words = said.unwrap_or_else(|| format!("it answers {status}"));
        return Attempt::Again(Failure::Overloaded(words), web::retry_after(headers));
    }
    let words = if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        // Providers repeat a part of the key here.
        "the key is not accepted".to_owned()
    } else {
        said.unwrap_or_else(|| "it does not say why".to_owned())
    };
    Attempt::Ended(Outcome::Failed(Failure::Refused { status: status.as_u16(), words }))
}

/// An error that comes instead of an answer's next part.
fn reported(body: &Value, service: &Service, begun: bool) -> Attempt {
    let words = message(body).map_or_else(|| "it does not say why".to_owned(), |words| scrubbed(&words, service));
    let kind = body.pointer("/error/type").or_else(|| body.get("type")).and_then(Value::as_str).unwrap_or_default();
    let busy = ["overloaded_error", "rate_limit_error", "api_error", "server_error"].contains(&kind);
    match (busy, begun) {
        (true, false) => Attempt::Again(Failure::Overloaded(words), None),
        (true, true) => unclear(Failure::Overloaded(words)),
        (false, _) => unclear(Failure::Nonsense(words)),
    }
}

/// The words of an error: `{"error": {"message": …}}` of Anthropic and OpenAI, `{"error": …}` of Ollama.
fn message(body: &Value) -> Option<String> {
    let candidates = [body.pointer("/error/message"), body.get("error"), body.get("message")];
    candidates.into_iter().flatten().find_map(Value::as_str).map(str::to_owned)
}

/// A provider's words: one short line, and never the key.
pub(in crate::llm) fn scrubbed(words: &str, service: &Service) -> String {
    let key = service.key.as_ref().map(ExposeSecret::expose_secret).filter(|key| !key.is_empty());
    let words = key.map_or_else(|| words.to_owned(), |key| words.replace(key, "…"));
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(WORDS_MAX).collect()
}
