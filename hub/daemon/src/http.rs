//! The listeners' routes and what their handlers share.
//!
//! `public` answers signed webhooks only; `lan` answers the REST interface to whoever has a key; the admin socket answers
//! the same and more to whoever may open it.

pub(crate) mod api;
mod authority;
pub(crate) mod bearer;
pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod client_address;
pub(crate) mod feed;
mod front;
pub(crate) mod listener;
pub(crate) mod mail_gate;
mod mail_webhook;
mod openapi;
pub(crate) mod page;
mod room;
pub(crate) mod supervisor;
pub(crate) mod unsigned_limit;
pub(crate) mod version;
pub(crate) mod webhooks;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use xswarm_store::Store;

use crate::{
    about::About,
    authority::Authority,
    channels::{call::Calls, letterbox::Letterbox, mail::Mail, room::Rooms, sms::Sms},
    clock::Clock,
    error::{Error, problem},
    llm::Llm,
    outbox::OurAddresses,
};
use supervisor::Supervisor;
use webhooks::Webhooks;

/// The largest webhook body.
const WEBHOOK_BODY_BYTES: usize = 64 << 10;

/// The largest REST body.
const API_BODY_BYTES: usize = 256 << 10;

/// What handlers share.
#[derive(Clone)]
pub(crate) struct App {
    /// The database.
    pub(crate) store: Arc<Store>,
    /// What time it is.
    pub(crate) clock: Clock,
    /// Texting.
    pub(crate) sms: Arc<Sms>,
    /// Mailing.
    pub(crate) mail: Arc<Mail>,
    /// Calls.
    pub(crate) calls: Arc<Calls>,
    /// Devices of rooms.
    pub(crate) rooms: Arc<Rooms>,
    /// What is ours.
    pub(crate) ours: OurAddresses,
    /// The language model.
    pub(crate) llm: Arc<Llm>,
    /// Where mails arrive.
    pub(crate) letterbox: Arc<Letterbox>,
    /// Signatures of webhooks.
    pub(crate) webhooks: Arc<Webhooks>,
    /// What this hub is and where it listens.
    pub(crate) about: Arc<About>,
    /// Whom devices and browsers trust.
    pub(crate) authority: Arc<Authority>,
    /// Whoever listens to what happens.
    pub(crate) supervisor: Arc<Supervisor>,
    /// Fires when the hub stops: long polls end.
    pub(crate) stopping: CancellationToken,
}

/// The public listener.
pub(crate) fn public(app: App) -> Router {
    Router::new()
        .route("/health", get(health))
        .merge(webhooks::routes())
        .merge(mail_webhook::routes())
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_that_method)
        .layer(DefaultBodyLimit::max(WEBHOOK_BODY_BYTES))
        .with_state(app)
}

/// The voice bridge: the sound of calls, and nothing else.
pub(crate) fn voice(app: App) -> Router {
    Router::new()
        .merge(webhooks::voice::stream_route())
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_that_method)
        .with_state(app)
}

/// The LAN listener.
pub(crate) fn lan(app: App) -> Router {
    let keys = (Arc::clone(&app.store), app.clock);
    keyed_routes()
        .route_layer(middleware::from_fn_with_state(keys, caller::from_key))
        .merge(open_routes())
        // A WebSocket, which OpenAPI cannot describe: `core/room.rs` does.
        .merge(room::routes())
        .fallback(front::nothing)
        .method_not_allowed_fallback(not_that_method)
        .layer(DefaultBodyLimit::max(API_BODY_BYTES))
        .with_state(app)
}

/// What a key opens.
fn keyed_routes() -> Router<App> {
    Router::new()
        .nest("/api", api::routes())
        .route("/sms/outbound", post(api::messages::send_sms))
        .route("/email/outbound", post(api::messages::send_mail))
}

/// What needs none.
fn open_routes() -> Router<App> {
    Router::new()
        .route("/health", get(health))
        .merge(front::routes())
        .merge(authority::routes())
        .merge(openapi::routes())
        .merge(feed::routes())
        .merge(api::devices::pairing_route())
}

/// All that the LAN listener answers, for comparison with its description.
#[cfg(test)]
fn lan_routes() -> Router<App> {
    keyed_routes().merge(open_routes())
}

/// The supervisor listener.
pub(crate) fn supervisor(app: App) -> Router {
    let keys = (Arc::clone(&app.store), app.clock);
    supervisor::routes("/")
        .route_layer(middleware::from_fn_with_state(keys, caller::from_key))
        .fallback(nothing_here)
        .with_state(app)
}

/// The admin socket.
pub(crate) fn admin(app: App) -> Router {
    Router::new()
        .merge(open_routes())
        .nest("/api", api::routes().merge(api::socket_routes()).merge(supervisor::routes("/watch")))
        .route("/sms/outbound", post(api::messages::send_sms))
        .route("/email/outbound", post(api::messages::send_mail))
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_that_method)
        .layer(middleware::from_fn(caller::from_socket))
        .layer(DefaultBodyLimit::max(API_BODY_BYTES))
        .with_state(app)
}

async fn nothing_here() -> Error {
    Error::not_found("there is nothing here")
}

async fn not_that_method() -> Response {
    problem(
        StatusCode::METHOD_NOT_ALLOWED,
        "Not that method",
        "this cannot be done here; the header Allow says what can",
    )
}

/// Whether the hub works: the writer answers, and what it writes is committed. Only while it is not, the check itself
/// writes something, to notice when it is again; a healthy disk is not worn by being asked.
async fn health(State(app): State<App>) -> Response {
    let commits = app.store.commits();
    let now = app.clock.now();
    let probe = move |tx: &xswarm_store::Tx<'_>| {
        if commits { tx.meta("min_reader").map(drop) } else { tx.meta_set("health", &xswarm_core::time::to_text(now)) }
    };
    let works = tokio::time::timeout(
        std::time::Duration::from_secs(5),
        app.store.write(move |tx| probe(tx).map_err(Error::from)),
    )
    .await;
    let version = env!("CARGO_PKG_VERSION");
    if matches!(works, Ok(Ok(()))) {
        return Json(json!({ "status": "ok", "version": version })).into_response();
    }
    let detail = "the database does not answer; see the hub's log";
    let body = json!({ "status": "degraded", "version": version, "detail": detail });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}
