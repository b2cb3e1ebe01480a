//! What the Boss says of its own accord: asked for again and again, and waited for at the hub.

use std::{future::Future, pin::Pin, time::Duration};

use serde::Deserialize;
use xswarm_core::{id::UserId, message::Message};

use super::Said;
use crate::client::{Client, ClientError, Request};

/// How long the hub may wait for something to say, in seconds.
const WAIT_S: u64 = 25;

/// Before trying again when the hub is out of reach: first, and at most, in milliseconds.
const PAUSE_MS: (u64, u64) = (250, 8_000);

#[derive(Deserialize)]
pub(in crate::verbs) struct Unseen {
    pub(in crate::verbs) messages: Vec<Message>,
}

type Asking<'h> = Pin<Box<dyn Future<Output = Result<Vec<Message>, ClientError>> + 'h>>;

/// A question that is always being asked. Dropping it may lose what the hub is just handing over, so it is kept for as
/// long as the conversation lasts.
pub(super) struct News<'h> {
    hub: &'h Client,
    user: Option<UserId>,
    asking: Asking<'h>,
    /// The pause after the last failure; 0 while all is well.
    pause_ms: u64,
}

impl<'h> News<'h> {
    /// Begins to ask.
    pub(super) fn new(hub: &'h Client, user: Option<UserId>) -> Self {
        Self { hub, user, asking: Box::pin(ask(hub, user, 0)), pause_ms: 0 }
    }

    /// Waits for something to show. May be dropped and called again without losing anything.
    pub(super) async fn next(&mut self) -> Said {
        loop {
            let result = (&mut self.asking).await;
            let lost = self.pause_ms > 0;
            self.pause_ms = match &result {
                Ok(_) => 0,
                Err(_) => (self.pause_ms * 2).clamp(PAUSE_MS.0, PAUSE_MS.1),
            };
            self.asking = Box::pin(ask(self.hub, self.user, self.pause_ms));
            match result {
                Ok(messages) if !messages.is_empty() => return Said::Messages(messages),
                Ok(_) if lost => return Said::Back,
                // A hub that reads its configuration again is away for a moment; that is not worth a word.
                Err(_) if self.pause_ms == PAUSE_MS.0 * 8 => return Said::Lost,
                Ok(_) | Err(_) => {}
            }
        }
    }
}

async fn ask(hub: &Client, user: Option<UserId>, pause_ms: u64) -> Result<Vec<Message>, ClientError> {
    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
    // After a failure the answer is wanted at once: it tells that the hub is back.
    let wait_s = if pause_ms == 0 { WAIT_S } else { 0 };
    let request = Request::get("/api/console")
        .query("user_id", user)
        .query("wait_s", Some(wait_s))
        .within(Duration::from_secs(wait_s + 15));
    let unseen: Unseen = hub.send(request).await?.read()?;
    Ok(unseen.messages)
}
