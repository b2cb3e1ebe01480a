//! Mail as the provider posts it. The headers are looked at first: nobody gets 30 MB read who does not even claim to be
//! the provider.
//!
//! The provider drops a mail for good when it hears a 4xx and tries for three days when it hears a 5xx. So a genuine mail
//! is never refused, whatever is in it, and trouble of ours is always a 5xx.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use axum::{
    Extension, Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
};

use super::{App, client_address::client_address, listener::Peer, mail_gate};
use crate::{
    error::{Error, Kind, problem},
    mail::inbound_parse,
};

/// How long a body may take.
const BODY_TIME: Duration = Duration::from_mins(2);

/// Routes of the public listener.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/email/inbound", post(inbound)).route("/email/token", post(token))
}

async fn inbound(State(app): State<App>, Extension(peer): Extension<Peer>, request: Request) -> Response {
    let gate = &app.webhooks.mail;
    if !gate.is_open() {
        return Error::not_found("there is nothing here").into_response();
    }
    let (head, body) = request.into_parts();
    let Some(claim) = gate.claim(&head.headers, app.clock.now()) else { return refuse(&app, peer, &head.headers) };
    if mail_gate::too_large(&head.headers) {
        return mail_gate::refuse_size();
    }
    let Some(_place) = gate.place().await else { return mail_gate::come_again() };
    let body = match read(body).await {
        Ok(body) => body,
        Err(refusal) => return *refusal,
    };
    if !claim.holds(&head.headers, &body, app.clock.now()) {
        return refuse(&app, peer, &head.headers);
    }
    let media_type = head.headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let mail = inbound_parse::read(&String::from_utf8_lossy(media_type), body).await;
    match app.letterbox.take_in(mail).await {
        Ok(_) => StatusCode::OK.into_response(),
        Err(error) => {
            log::error!("a mail could not be taken in, the provider will bring it again: {}", error.chain());
            Error { kind: Kind::Unavailable, ..error }.into_response()
        }
    }
}

async fn read(body: Body) -> Result<Bytes, Box<Response>> {
    match tokio::time::timeout(BODY_TIME, to_bytes(body, mail_gate::BODY_BYTES)).await {
        Ok(Ok(body)) => Ok(body),
        // Too large, or the connection broke and nobody hears this.
        Ok(Err(_)) => Err(Box::new(mail_gate::refuse_size())),
        Err(_) => Err(Box::new(mail_gate::come_again())),
    }
}

/// The token endpoint, for a provider that proves itself by OAuth 2.0.
async fn token(State(app): State<App>, Extension(peer): Extension<Peer>, headers: HeaderMap, body: Bytes) -> Response {
    match app.webhooks.mail.tokens() {
        None => Error::not_found("there is nothing here").into_response(),
        Some(tokens) => tokens.answer(&headers, &body, app.clock.now()).unwrap_or_else(|| refuse(&app, peer, &headers)),
    }
}

fn refuse(app: &App, peer: Peer, headers: &HeaderMap) -> Response {
    let address = client_address(peer, headers).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    if app.webhooks.unsigned.allows(address) {
        Error::denied("this is not proven to come from the mail provider").into_response()
    } else {
        let words = "too many requests that are not proven to come from the mail provider";
        problem(StatusCode::TOO_MANY_REQUESTS, "Too many requests", words)
    }
}
