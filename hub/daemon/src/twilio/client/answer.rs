//! Reading answers of the REST API: success, refusal, and everything from which nothing follows.

use reqwest::{RequestBuilder, Response, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};

use super::SendResult;
use crate::{
    error::{Error, Result},
    twilio::{callback::TwilioStatus, error_codes},
    web::{bounded, retry_after, words},
};

/// Twilio's description of a failure.
#[derive(Debug, Default, Deserialize)]
struct Failure {
    code: Option<i64>,
    #[serde(default)]
    message: String,
}

/// What an answer to a sending means.
pub(super) async fn read_send_answer(response: Response) -> SendResult {
    #[derive(Deserialize)]
    struct Sent {
        sid: String,
        status: Option<String>,
    }
    let (status, retry_after) = (response.status(), retry_after(response.headers()));
    let body = bounded(response).await;
    if status == StatusCode::TOO_MANY_REQUESTS {
        return SendResult::NotTaken { reason: "Twilio is asked too much at once (429)".to_owned(), retry_after };
    }
    if status.is_success() {
        return match body.map(|body| serde_json::from_slice::<Sent>(&body)) {
            Ok(Ok(Sent { sid, status })) if !sid.is_empty() => {
                SendResult::Accepted { sid, status: TwilioStatus::read(status.as_deref().unwrap_or_default()) }
            }
            Ok(_) => SendResult::Unclear { reason: "Twilio's answer cannot be read".to_owned() },
            Err(reason) => SendResult::Unclear { reason },
        };
    }
    if status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT {
        // 4xx is a refusal even when its description is lost or unreadable.
        let failure: Failure = body.ok().and_then(|body| serde_json::from_slice(&body).ok()).unwrap_or_default();
        return SendResult::Refused {
            code: failure.code,
            explanation: failure.code.and_then(error_codes::explain).map(str::to_owned),
            message: if failure.message.is_empty() { format!("Twilio refused it ({status})") } else { failure.message },
        };
    }
    SendResult::Unclear { reason: format!("Twilio answered {status}") }
}

/// Sends a request that changes nothing when it fails halfway, and reads its answer.
pub(super) async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T> {
    let response = request.send().await.map_err(|error| Error::unavailable(format!("Twilio: {}", words(error))))?;
    let status = response.status();
    let body = bounded(response).await.map_err(|reason| Error::unavailable(format!("Twilio: {reason}")))?;
    if status.is_success() {
        return serde_json::from_slice(&body)
            .map_err(|error| Error::unavailable("Twilio's answer cannot be read").with_source(error));
    }
    let failure: Failure = serde_json::from_slice(&body).unwrap_or_default();
    let known = failure.code.and_then(error_codes::explain).unwrap_or(&failure.message);
    let context = format!("Twilio answered {status}: {known}");
    Err(match status {
        StatusCode::NOT_FOUND => Error::not_found(context),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Error::denied(context),
        StatusCode::BAD_REQUEST => Error::invalid(context),
        _ => Error::unavailable(context),
    })
}
