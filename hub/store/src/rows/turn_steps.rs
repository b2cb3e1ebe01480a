//! The journal of turns that think: what a turn has done so far, so that a crash is followed by reading instead of asking
//! and acting again. What a step holds is the caller's business.

use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::{Serialize, de::DeserializeOwned};
use xswarm_core::{id::MessageId, time::to_text};

use super::{Rows, Tx};
use crate::{StoreError, row::json};

impl Rows<'_> {
    /// The steps of the turn that answers a message, in order.
    pub fn turn_steps<S: DeserializeOwned>(&self, message: MessageId) -> Result<Vec<S>, StoreError> {
        let sql = "SELECT content FROM turn_steps WHERE message_id = ? ORDER BY step";
        self.many(sql, [message.to_string()], |row| json(row, "content"))
    }
}

impl Tx<'_> {
    /// Adds a step. [`StoreError::Stale`] when the turn has come further than `step` already.
    pub fn turn_step_add<S: Serialize>(
        &self,
        message: MessageId,
        step: usize,
        content: &S,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO turn_steps (message_id, step, content, created_at) VALUES (?, ?, ?, ?)";
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        let values = params![message.to_string(), step, serde_json::to_string(content)?, to_text(now)];
        if self.run(sql, values)? == 1 { Ok(()) } else { Err(StoreError::Stale("turn step")) }
    }

    /// Forgets the steps of a turn that is over.
    pub fn turn_steps_delete(&self, message: MessageId) -> Result<(), StoreError> {
        self.run("DELETE FROM turn_steps WHERE message_id = ?", [message.to_string()]).map(drop)
    }
}
