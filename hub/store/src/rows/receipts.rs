//! Receipts: what a turn changed, so that it can be shown and undone. What an effect means is the caller's business.

use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::{Serialize, de::DeserializeOwned};
use xswarm_core::{
    id::{MessageId, ReceiptId, UserId},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, json, parsed},
};

/// A committed effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt<E> {
    /// The row.
    pub id: ReceiptId,
    /// The message that asked for it.
    pub message: MessageId,
    /// What was changed, with all that undoing it needs.
    pub effect: E,
    /// When.
    pub created_at: DateTime<Utc>,
}

impl Rows<'_> {
    /// The effects of a person's last turn that has any not yet undone, newest first; none older than `since`.
    pub fn receipts_of_last_turn<E: DeserializeOwned>(
        &self,
        user: UserId,
        since: DateTime<Utc>,
    ) -> Result<Vec<Receipt<E>>, StoreError> {
        let sql = "SELECT id, message_id, effect, created_at FROM receipts WHERE user_id = ?1 AND undone_at IS NULL \
                   AND created_at >= ?2 AND message_id = (SELECT message_id FROM receipts WHERE user_id = ?1 \
                   AND undone_at IS NULL ORDER BY rowid DESC LIMIT 1) ORDER BY rowid DESC";
        self.many(sql, params![user.to_string(), to_text(since)], |row| {
            Ok(Receipt {
                id: parsed(row, "id")?,
                message: parsed(row, "message_id")?,
                effect: json(row, "effect")?,
                created_at: instant(row, "created_at")?,
            })
        })
    }
}

impl Tx<'_> {
    /// Notes an effect.
    pub fn receipt_insert<E: Serialize>(
        &self,
        user: UserId,
        message: MessageId,
        effect: &E,
        now: DateTime<Utc>,
    ) -> Result<ReceiptId, StoreError> {
        let id = ReceiptId::new(now);
        let effect = serde_json::to_string(effect)?;
        let sql = "INSERT INTO receipts (id, user_id, message_id, effect, created_at) VALUES (?, ?, ?, ?, ?)";
        let values = params![id.to_string(), user.to_string(), message.to_string(), effect, to_text(now)];
        self.run_one("receipt", sql, values)?;
        Ok(id)
    }

    /// Marks an effect as undone. [`StoreError::Stale`] when it was already.
    pub fn receipt_undone(&self, id: ReceiptId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE receipts SET undone_at = ? WHERE id = ? AND undone_at IS NULL";
        if self.run(sql, params![to_text(now), id.to_string()])? == 1 {
            Ok(())
        } else {
            Err(StoreError::Stale("receipt"))
        }
    }
}
