//! `POST /email/events`: what became of mails, told by SendGrid in signed batches.
//!
//! The signature is checked over the bytes as they came, before anything is read. A batch is taken in whole, in one
//! transaction, or not at all; SendGrid tries again for a day what was not answered 2xx, so a genuine batch that cannot
//! be read is answered 400 only because no later try would read better.

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};

use super::{App, Peer};
use crate::{
    channels::mail,
    error::Error,
    sendgrid::{
        events,
        signature::{Age, SIGNATURE, Signed, TIMESTAMP},
    },
};

/// The largest batch. SendGrid sends at most some 1,000 events of below 2 KB at once.
const BATCH_BYTES: usize = 8 << 20;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/email/events", post(take_in)).layer(DefaultBodyLimit::max(BATCH_BYTES))
}

async fn take_in(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let now = app.clock.now();
    let header = |name: &str| headers.get(name).map_or(b"".as_slice(), HeaderValue::as_bytes);
    let signed = Signed { signature: header(SIGNATURE), timestamp: header(TIMESTAMP), body: &body };
    if !app.webhooks.mail_key.as_ref().is_some_and(|key| key.verify(&signed, Age::EVENTS, now)) {
        return app.webhooks.unsigned(peer, &headers);
    }
    let events = match events::read(&body) {
        Ok(events) => events,
        Err(error) => return Error::invalid(format!("a signed webhook cannot be used: {error}")).into_response(),
    };
    let settled = app
        .store
        .write(move |tx| events.iter().try_for_each(|event| mail::settle(tx, event, now)).map_err(Error::from))
        .await;
    match settled {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => error.into_response(),
    }
}
