//! Waiting for a hub that reads its configuration again: it stops and starts, and is then as new.

use std::time::Duration;

use xswarm_core::admin::Status;

use crate::client::{Client, ClientError};

/// How long the hub may take: it finishes what runs first.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Waits until the hub serves again after `before`. Gives what was wrong at the end when it does not come back.
pub(crate) async fn restarted(hub: &Client, before: &Status) -> Result<(), ClientError> {
    let mut last = None;
    let looking = async {
        loop {
            match hub.get::<Status>("/api/status").await {
                Ok(status) if status.started_at != before.started_at => return,
                Ok(_) => {}
                Err(error) => last = Some(error),
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    match tokio::time::timeout(PATIENCE, looking).await {
        Ok(()) => Ok(()),
        Err(elapsed) => Err(last.unwrap_or_else(|| ClientError::Broken {
            what: format!("it still runs as before after {} s", PATIENCE.as_secs()),
            source: elapsed.into(),
        })),
    }
}
