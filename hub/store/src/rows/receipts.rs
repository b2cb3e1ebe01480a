//! Receipts: what was changed, so that it can be shown and undone. What an effect means is the caller's business.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use serde::{Serialize, de::DeserializeOwned};
use xswarm_core::{
    id::{MessageId, ReceiptId, UserId},
    message::Channel,
    receipt::{AskedBy, ReceiptOrigin},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, instant_or_null, json, parsed, parsed_or_null},
};

const COLUMNS: &str = "receipts.id, receipts.user_id, message_id, receipts.channel, asked_by, effect, \
                       receipts.created_at, undone_at, asking.id IS NOT NULL AS message_kept, asking.provider_id";

const FROM: &str = "FROM receipts LEFT JOIN communication_logs asking ON asking.id = receipts.message_id";

/// A committed effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt<E> {
    /// The row.
    pub id: ReceiptId,
    /// Whose things were changed.
    pub user: UserId,
    /// Who asked for it, and how.
    pub origin: ReceiptOrigin,
    /// Whether the message that asked is kept.
    pub message_kept: bool,
    /// The provider's id of the message that asked.
    pub provider_id: Option<String>,
    /// What was changed, with all that undoing it needs.
    pub effect: E,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was taken back.
    pub undone_at: Option<DateTime<Utc>>,
}

fn receipt<E: DeserializeOwned>(row: &Row<'_>) -> rusqlite::Result<Receipt<E>> {
    Ok(Receipt {
        id: parsed(row, "id")?,
        user: parsed(row, "user_id")?,
        origin: ReceiptOrigin {
            message: parsed(row, "message_id")?,
            channel: parsed_or_null::<Channel>(row, "channel")?,
            asked_by: parsed::<AskedBy>(row, "asked_by")?,
        },
        message_kept: row.get("message_kept")?,
        provider_id: row.get("provider_id")?,
        effect: json(row, "effect")?,
        created_at: instant(row, "created_at")?,
        undone_at: instant_or_null(row, "undone_at")?,
    })
}

impl Rows<'_> {
    /// One receipt.
    pub fn receipt<E: DeserializeOwned>(&self, id: ReceiptId) -> Result<Option<Receipt<E>>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} {FROM} WHERE receipts.id = ?"), [id.to_string()], receipt)
    }

    /// Whether anything was done because of a message, undone or not.
    pub fn message_has_receipts(&self, message: MessageId) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM receipts WHERE message_id = ?)";
        Ok(self.one(sql, [message.to_string()], |row| row.get(0))?.unwrap_or_default())
    }

    /// The effects of a person's last turn that has any not yet undone, newest first; none older than `since`.
    pub fn receipts_of_last_turn<E: DeserializeOwned>(
        &self,
        user: UserId,
        since: DateTime<Utc>,
    ) -> Result<Vec<Receipt<E>>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} {FROM} WHERE receipts.user_id = ?1 AND undone_at IS NULL \
             AND receipts.created_at >= ?2 AND message_id = (SELECT message_id FROM receipts WHERE user_id = ?1 \
             AND undone_at IS NULL ORDER BY rowid DESC LIMIT 1) ORDER BY receipts.rowid DESC"
        );
        self.many(&sql, params![user.to_string(), to_text(since)], receipt)
    }

    /// What was changed in `[from, to)`, undone or not, the oldest first; of more than `limit` the latest. For everybody when
    /// nobody is named.
    pub fn receipts_between<E: DeserializeOwned>(
        &self,
        user: Option<UserId>,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Receipt<E>>, StoreError> {
        let whose = if user.is_some() { "receipts.user_id = ?1" } else { "?1 IS NULL" };
        let sql = format!(
            "SELECT {COLUMNS} {FROM} WHERE {whose} AND receipts.created_at >= ?2 AND receipts.created_at < ?3 \
             ORDER BY receipts.created_at DESC, receipts.rowid DESC LIMIT ?4"
        );
        let user = user.map(|user| user.to_string());
        let mut found = self.many(&sql, params![user, to_text(from), to_text(to), limit], receipt)?;
        found.reverse();
        Ok(found)
    }
}

impl Tx<'_> {
    /// Notes an effect.
    pub fn receipt_insert<E: Serialize>(
        &self,
        user: UserId,
        origin: ReceiptOrigin,
        effect: &E,
        now: DateTime<Utc>,
    ) -> Result<ReceiptId, StoreError> {
        let id = ReceiptId::new(now);
        let effect = serde_json::to_string(effect)?;
        let sql = "INSERT INTO receipts (id, user_id, message_id, channel, asked_by, effect, created_at) \
                   VALUES (?, ?, ?, ?, ?, ?, ?)";
        let channel = origin.channel.map(Channel::as_str);
        let (message, asked_by) = (origin.message.to_string(), origin.asked_by.as_str());
        let values = params![id.to_string(), user.to_string(), message, channel, asked_by, effect, to_text(now)];
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
