//! What Twilio tells of calls, and the stream of a call's sound. The webhooks are signed; the stream shows a token that one
//! of them was answered with.

use std::sync::Arc;

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{OriginalUri, State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};

use serde::Deserialize;
use xswarm_core::id::CallId;

use super::{Asked, said, unusable};
use crate::{
    channels::call::Calls,
    error::{Error, problem},
    http::{App, client_address::client_address, listener::Peer},
    twilio::{
        media::MESSAGE_BYTES,
        voice::{CallWebhook, MachineWebhook, Twiml},
    },
};

/// Routes of signed webhooks.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/voice/inbound", post(inbound))
        .route("/voice/after", post(after))
        .route("/voice/status", post(status))
        .route("/voice/recorded", post(recorded))
        .route("/voice/answered", post(taken))
        .route("/voice/machine", post(machine))
        .route("/voice/keys", post(keys))
        .merge(stream_route())
}

/// The route of the stream.
pub(in crate::http) fn stream_route() -> Router<App> {
    Router::new().route("/voice/stream", get(stream))
}

async fn inbound(
    app: State<App>,
    peer: Extension<Peer>,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answered(app, peer, uri, headers, body, async |calls, told| calls.ring(told).await).await
}

async fn after(app: State<App>, peer: Extension<Peer>, uri: OriginalUri, headers: HeaderMap, body: Bytes) -> Response {
    answered(app, peer, uri, headers, body, async |calls, told| calls.after(told).await).await
}

async fn recorded(
    app: State<App>,
    peer: Extension<Peer>,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answered(app, peer, uri, headers, body, async |calls, told| calls.recorded(told).await).await
}

/// Which call of ours a webhook is about, by the address that we gave for it.
#[derive(Deserialize)]
struct Ours {
    c: CallId,
    /// How often the provider's own voice has said what the call is for.
    #[serde(default)]
    said: u32,
}

async fn taken(
    app: State<App>,
    peer: Extension<Peer>,
    uri: OriginalUri,
    ours: Asked<Ours>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let what = async |calls: Arc<Calls>, told| calls.answered(said(ours)?.c, told).await;
    answered(app, peer, uri, headers, body, what).await
}

async fn keys(
    app: State<App>,
    peer: Extension<Peer>,
    uri: OriginalUri,
    ours: Asked<Ours>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let what = async |calls: Arc<Calls>, told| {
        let ours = said(ours)?;
        calls.keys(ours.c, ours.said, told).await
    };
    answered(app, peer, uri, headers, body, what).await
}

async fn machine(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    OriginalUri(uri): OriginalUri,
    ours: Asked<Ours>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let form = match app.webhooks.signed_form(peer, path, &headers, &body) {
        Ok(form) => form,
        Err(refusal) => return *refusal,
    };
    let told = match MachineWebhook::read(&form) {
        Ok(told) => told,
        Err(error) => return unusable(&error),
    };
    let ours = match said(ours) {
        Ok(ours) => ours,
        Err(error) => return error.into_response(),
    };
    match app.calls.found_out(ours.c, told).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => error.into_response(),
    }
}

#[derive(Deserialize)]
struct AnyCall {
    c: Option<CallId>,
}

async fn status(
    app: State<App>,
    peer: Extension<Peer>,
    uri: OriginalUri,
    any: Asked<AnyCall>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let hang_up = async |calls: Arc<Calls>, told| calls.status(said(any)?.c, told).await.map(|()| Twiml::HangUp);
    answered(app, peer, uri, headers, body, hang_up).await
}

/// Answers a genuine webhook with TwiML.
async fn answered(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
    what: impl AsyncFnOnce(Arc<Calls>, CallWebhook) -> Result<Twiml, Error>,
) -> Response {
    let path = uri.path_and_query().map_or("", |path| path.as_str());
    let form = match app.webhooks.signed_form(peer, path, &headers, &body) {
        Ok(form) => form,
        Err(refusal) => return *refusal,
    };
    let told = match CallWebhook::read(&form) {
        Ok(told) => told,
        Err(error) => return unusable(&error),
    };
    match what(Arc::clone(&app.calls), told).await {
        Ok(twiml) => ([(CONTENT_TYPE, "text/xml; charset=utf-8")], twiml.document()).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn stream(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(error) => {
            let detail = format!("a WebSocket is served here (RFC 6455): {}", error.body_text());
            return problem(StatusCode::UPGRADE_REQUIRED, "Upgrade required", &detail);
        }
    };
    let Some(opening) = app.calls.opening(client_address(peer, &headers)) else {
        return problem(StatusCode::SERVICE_UNAVAILABLE, "Unavailable", "too many streams wait to begin");
    };
    upgrade.max_message_size(MESSAGE_BYTES).max_frame_size(MESSAGE_BYTES).on_upgrade(async move |socket| {
        app.calls.serve(socket, opening, &app.stopping).await;
    })
}
