//! The supervisor socket: a WebSocket that tells programs of the household what happens, as it happens.
//!
//! Whoever shows a key at the upgrade hears their own news, an admin those of the household. The record of facts is the
//! buffer: a client has a place in it, is given what follows, and asks to go on from any place (`?after=SEQUENCE`, or the
//! first frame `{"type":"resume","data":{"after":SEQUENCE}}`); nothing is lost or said twice over a restart of either
//! side, and nothing grows for a client that does not read. A key in the address is deliberately not taken: addresses end
//! up in logs.

mod client;
mod feed;

use std::sync::Arc;

use axum::{
    Router,
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use xswarm_store::Store;

use super::{App, body::Parameters, caller::Caller};
use crate::{
    about::About,
    clock::Clock,
    config::SupervisorConfig,
    error::{Error, Result, problem},
};
use client::Client;
use feed::Feed;

/// The longest frame that is read whole, in bytes. What a client may say is far shorter.
const FRAME_BYTES: usize = 16 << 10;

/// Everything behind the supervisor socket.
pub(crate) struct Supervisor {
    feed: Feed,
    config: SupervisorConfig,
    /// One for each client.
    places: Arc<Semaphore>,
}

impl Supervisor {
    /// Nobody listens yet.
    pub(crate) fn new(store: Arc<Store>, clock: Clock, about: Arc<About>, config: SupervisorConfig) -> Self {
        let places = Arc::new(Semaphore::new(config.clients_max));
        Self { feed: Feed::new(store, clock, about), config, places }
    }

    /// Tells what happens to whoever listens, until `stop`; then waits for the clients to be gone.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) -> Result<()> {
        self.feed.run(&stop).await;
        let all = u32::try_from(self.config.clients_max).unwrap_or(u32::MAX);
        // Each client has `stop` too, and a bounded time to part.
        let gone = tokio::time::timeout(client::PARTING * 2, self.places.acquire_many(all)).await;
        if gone.is_err() {
            log::warn!("clients of the supervisor socket did not part in time and were cut");
        }
        Ok(())
    }
}

/// The route of the socket, for whoever a [`Caller`] is known of.
pub(super) fn routes(path: &str) -> Router<App> {
    Router::new().route(path, get(listen))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    after: Option<i64>,
}

async fn listen(
    State(app): State<App>,
    caller: Caller,
    Parameters(place): Parameters<Place>,
    upgrade: std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(error) => {
            let detail = format!("a WebSocket is served here (RFC 6455): {}", error.body_text());
            return problem(StatusCode::UPGRADE_REQUIRED, "Upgrade required", &detail);
        }
    };
    let supervisor = Arc::clone(&app.supervisor);
    let Ok(seat) = Arc::clone(&supervisor.places).try_acquire_owned() else {
        let most = supervisor.config.clients_max;
        return Error::unavailable(format!("{most} clients listen already, the most there may be")).into_response();
    };
    let client = match Client::new(&supervisor.feed, caller, place.after).await {
        Ok(client) => client,
        Err(error) => return error.into_response(),
    };
    upgrade.max_message_size(FRAME_BYTES).max_frame_size(FRAME_BYTES).on_upgrade(move |socket| async move {
        client.serve(socket, &supervisor.feed, supervisor.config.ping, &app.stopping).await;
        drop(seat);
    })
}
