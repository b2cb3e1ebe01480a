//! `GET /room/stream`: the link of a room device (WebSocket). Its token is its key; people's keys open nothing here.

use std::sync::Arc;

use axum::{
    Router,
    extract::{
        State,
        ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::get,
};
use xswarm_core::room::MESSAGE_BYTES;

use super::{App, caller::unauthorized};
use crate::error::problem;

/// The route.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/room/stream", get(stream))
}

async fn stream(
    State(app): State<App>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let token =
        headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|text| text.strip_prefix("Bearer "));
    let device = match token {
        Some(token) => app.rooms.known(token.trim().to_owned()).await,
        None => Ok(None),
    };
    let device = match device {
        Ok(Some(device)) => device,
        Ok(None) => {
            return unauthorized("this device is not known: pair it (`xswarm device pair`, then `xswarm-room pair`)");
        }
        Err(error) => return error.into_response(),
    };
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(error) => {
            let detail = format!("a WebSocket is served here (RFC 6455): {}", error.body_text());
            return problem(StatusCode::UPGRADE_REQUIRED, "Upgrade required", &detail);
        }
    };
    upgrade.max_message_size(MESSAGE_BYTES).max_frame_size(MESSAGE_BYTES).on_upgrade(async move |socket| {
        Arc::clone(&app.rooms).serve(socket, device, &app.stopping).await;
    })
}
