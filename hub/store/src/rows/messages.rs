//! The message ledger.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params, params};
use sha2::{Digest, Sha256};
use xswarm_core::{
    id::{ConversationId, MessageId, UserId},
    message::{Channel, DeliveryNews, Direction, Message, MessageStatus},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, instant_or_null, json, parsed, parsed_or_null},
};

const COLUMNS: &str = "id, user_id, conversation_id, channel, direction, message_content, sender, recipient, \
    provider_id, in_reply_to, metadata, status, error_code, error_message, created_at, processed_at";

/// The terms of the partial index `communication_logs_open`, word for word, so that SQLite may use it.
const OPEN: &str = "direction = 'outbound' AND status IN ('pending', 'sending', 'failed', 'unknown')";

/// A message to be recorded.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The row.
    pub id: MessageId,
    /// Whose conversation.
    pub user_id: Option<UserId>,
    /// Which conversation.
    pub conversation_id: Option<ConversationId>,
    /// How it travels.
    pub channel: Channel,
    /// Which way.
    pub direction: Direction,
    /// What it says.
    pub content: String,
    /// From where.
    pub sender: Option<String>,
    /// To where.
    pub recipient: Option<String>,
    /// The provider's id, unique for ever.
    pub provider_id: Option<String>,
    /// What it answers.
    pub in_reply_to: Option<MessageId>,
    /// Further facts, an object.
    pub metadata: serde_json::Value,
}

/// What became of recording a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inserted {
    /// It is new.
    New,
    /// Its provider id was seen before; nothing was done.
    Duplicate,
}

/// Which messages to list; `None` means any.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// Whose.
    pub user_id: Option<UserId>,
    /// Which channel.
    pub channel: Option<Channel>,
    /// In which state.
    pub status: Option<MessageStatus>,
    /// At most so many.
    pub limit: u32,
}

fn message_of(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: parsed(row, "id")?,
        user_id: parsed_or_null(row, "user_id")?,
        conversation_id: parsed_or_null(row, "conversation_id")?,
        channel: parsed(row, "channel")?,
        direction: parsed(row, "direction")?,
        content: row.get("message_content")?,
        sender: row.get("sender")?,
        recipient: row.get("recipient")?,
        provider_id: row.get("provider_id")?,
        in_reply_to: parsed_or_null(row, "in_reply_to")?,
        metadata: json(row, "metadata")?,
        status: parsed(row, "status")?,
        error_code: row.get("error_code")?,
        error_message: row.get("error_message")?,
        created_at: instant(row, "created_at")?,
        processed_at: instant_or_null(row, "processed_at")?,
    })
}

fn digest(provider_id: &str) -> Vec<u8> {
    Sha256::digest(provider_id.as_bytes()).to_vec()
}

impl Rows<'_> {
    /// One message.
    pub fn message(&self, id: MessageId) -> Result<Option<Message>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM communication_logs WHERE id = ?"), [id.to_string()], message_of)
    }

    /// The message with a provider's id.
    pub fn message_by_provider_id(&self, provider_id: &str) -> Result<Option<Message>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM communication_logs WHERE provider_id = ?"), [provider_id], message_of)
    }

    /// The message that a client made with this id of its own (`client_id` in the metadata).
    pub fn message_by_client_id(&self, client_id: &str) -> Result<Option<Message>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM communication_logs \
             WHERE metadata ->> 'client_id' = ? AND metadata ->> 'client_id' IS NOT NULL"
        );
        self.one(&sql, [client_id], message_of)
    }

    /// Whether a provider's id was ever seen, in the ledger or before retention deleted it.
    pub fn provider_id_seen(&self, provider_id: &str) -> Result<bool, StoreError> {
        let live = "SELECT 1 FROM communication_logs WHERE provider_id = ?";
        if self.one(live, [provider_id], |_| Ok(()))?.is_some() {
            return Ok(true);
        }
        let gone = "SELECT 1 FROM provider_ids_seen WHERE digest = ?";
        Ok(self.one(gone, [digest(provider_id)], |_| Ok(()))?.is_some())
    }

    /// The newest messages that pass the filter.
    pub fn messages(&self, filter: &MessageFilter) -> Result<Vec<Message>, StoreError> {
        let mut wanted = vec!["1"];
        let mut values = Vec::new();
        if let Some(user) = filter.user_id {
            wanted.push("user_id = ?");
            values.push(user.to_string());
        }
        if let Some(channel) = filter.channel {
            wanted.push("channel = ?");
            values.push(channel.to_string());
        }
        if let Some(status) = filter.status {
            wanted.push("status = ?");
            values.push(status.to_string());
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM communication_logs WHERE {} ORDER BY created_at DESC, rowid DESC LIMIT {}",
            wanted.join(" AND "),
            filter.limit,
        );
        self.many(&sql, rusqlite::params_from_iter(values), message_of)
    }

    /// The answers to a message, in order.
    pub fn message_replies(&self, id: MessageId) -> Result<Vec<Message>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM communication_logs WHERE in_reply_to = ? ORDER BY rowid");
        self.many(&sql, [id.to_string()], message_of)
    }

    /// What the Boss said to a person on a channel and they have not been shown yet, in order.
    pub fn messages_unseen(
        &self,
        user: impl Into<Option<UserId>>,
        channel: Channel,
    ) -> Result<Vec<Message>, StoreError> {
        // The plus keeps SQLite from walking all that was ever said to the person instead of what is open.
        let sql = format!(
            "SELECT {COLUMNS} FROM communication_logs WHERE {OPEN} AND status = 'pending' AND channel = ? \
             AND +user_id IS ? ORDER BY rowid"
        );
        let user = user.into().map(|user| user.to_string());
        self.many(&sql, params![channel.as_str(), user], message_of)
    }

    /// Outbound messages on a channel in a state, oldest first.
    pub fn messages_outbound(&self, channel: Channel, status: MessageStatus) -> Result<Vec<Message>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM communication_logs WHERE {OPEN} AND status = ? AND channel = ? ORDER BY rowid"
        );
        self.many(&sql, params![status.as_str(), channel.as_str()], message_of)
    }

    /// What was said in a conversation before a message, newest first.
    pub fn conversation_before(
        &self,
        conversation: ConversationId,
        message: MessageId,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM communication_logs WHERE conversation_id = ? AND rowid < \
             (SELECT rowid FROM communication_logs WHERE id = ?) ORDER BY rowid DESC LIMIT {limit}"
        );
        self.many(&sql, params![conversation.to_string(), message.to_string()], message_of)
    }

    /// The last `limit` of what was said in a conversation after one message and up to another, oldest first. A message
    /// that is gone was before all that are there.
    pub fn conversation_stretch(
        &self,
        conversation: ConversationId,
        after: Option<MessageId>,
        until: MessageId,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM communication_logs WHERE conversation_id = ?1 AND rowid > \
             coalesce((SELECT rowid FROM communication_logs WHERE id = ?2), 0) AND rowid <= \
             (SELECT rowid FROM communication_logs WHERE id = ?3) ORDER BY rowid DESC LIMIT {limit}"
        );
        let after = after.map(|id| id.to_string());
        let mut found = self.many(&sql, params![conversation.to_string(), after, until.to_string()], message_of)?;
        found.reverse();
        Ok(found)
    }

    /// What was said to the Boss in a conversation after a message and is not dealt with, in order.
    pub fn conversation_waiting(
        &self,
        conversation: ConversationId,
        message: MessageId,
    ) -> Result<Vec<Message>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM communication_logs WHERE conversation_id = ? AND rowid > \
             (SELECT rowid FROM communication_logs WHERE id = ?) AND direction = 'inbound' AND status = 'pending' \
             ORDER BY rowid"
        );
        self.many(&sql, params![conversation.to_string(), message.to_string()], message_of)
    }

    /// What the Boss said last in a conversation.
    pub fn conversation_last_said(&self, conversation: ConversationId) -> Result<Option<MessageId>, StoreError> {
        let sql = "SELECT id FROM communication_logs WHERE conversation_id = ? AND direction = 'outbound' \
                   ORDER BY rowid DESC LIMIT 1";
        self.one(sql, [conversation.to_string()], |row| parsed(row, "id"))
    }

    /// Whether a message was recorded after another that is still there.
    pub fn message_came_after(&self, id: MessageId, other: MessageId) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) FROM communication_logs one JOIN communication_logs other \
                   ON other.id = ? AND one.id = ? AND one.rowid > other.rowid";
        Ok(self.count(sql, [other.to_string(), id.to_string()])? > 0)
    }

    /// How many answers went out on a channel to an address since an instant.
    pub fn answers_since(&self, channel: Channel, to: &str, since: DateTime<Utc>) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM communication_logs WHERE created_at >= ? AND channel = ? AND recipient = ? \
                   AND direction = 'outbound' AND in_reply_to IS NOT NULL";
        self.count(sql, params![to_text(since), channel.as_str(), to])
    }

    /// Which sending of a message the present one is, from 0.
    pub fn message_sending(&self, id: MessageId) -> Result<u32, StoreError> {
        let sql = "SELECT sending FROM communication_logs WHERE id = ?";
        self.one(sql, [id.to_string()], |row| row.get(0))?.ok_or(StoreError::Missing("message"))
    }
}

impl Tx<'_> {
    /// Records a message as pending, unless its provider id was seen before.
    pub fn message_insert(&self, new: &NewMessage, now: DateTime<Utc>) -> Result<Inserted, StoreError> {
        if let Some(provider_id) = &new.provider_id
            && self.provider_id_seen(provider_id)?
        {
            return Ok(Inserted::Duplicate);
        }
        let sql = "INSERT INTO communication_logs (id, user_id, conversation_id, channel, direction, \
                   message_content, sender, recipient, provider_id, in_reply_to, metadata, status, created_at) \
                   VALUES (:id, :user_id, :conversation_id, :channel, :direction, :content, :sender, :recipient, \
                   :provider_id, :in_reply_to, :metadata, 'pending', :created_at)";
        self.run_one(
            "message",
            sql,
            named_params! {
                ":id": new.id.to_string(),
                ":user_id": new.user_id.map(|id| id.to_string()),
                ":conversation_id": new.conversation_id.map(|id| id.to_string()),
                ":channel": new.channel.as_str(),
                ":direction": new.direction.as_str(),
                ":content": new.content,
                ":sender": new.sender,
                ":recipient": new.recipient,
                ":provider_id": new.provider_id,
                ":in_reply_to": new.in_reply_to.map(|id| id.to_string()),
                ":metadata": new.metadata.to_string(),
                ":created_at": to_text(now),
            },
        )?;
        Ok(Inserted::New)
    }

    /// Notes which message an inbound one answers, unless it named one itself.
    pub fn message_answers(&self, id: MessageId, answered: MessageId) -> Result<(), StoreError> {
        let sql = "UPDATE communication_logs SET in_reply_to = ? WHERE id = ? AND direction = 'inbound' \
                   AND in_reply_to IS NULL";
        self.run(sql, params![answered.to_string(), id.to_string()]).map(drop)
    }

    /// Notes how much of an outbound message was heard, where that was not all of it.
    pub fn message_heard(&self, id: MessageId, words: &str) -> Result<(), StoreError> {
        let sql = "UPDATE communication_logs SET metadata = json_set(metadata, '$.heard', ?2) WHERE id = ?1 \
                   AND direction = 'outbound'";
        self.run(sql, [id.to_string(), words.to_owned()]).map(drop)
    }

    /// Marks an inbound message as dealt with.
    pub fn message_processed(&self, id: MessageId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE communication_logs SET status = 'processed', processed_at = ? \
                   WHERE id = ? AND direction = 'inbound'";
        self.run_one("message", sql, params![to_text(now), id.to_string()])
    }

    /// Applies news about an outbound message: the new state, or `None` when the news is old. Reminders that the
    /// message speaks for get their outcome in the same transaction.
    pub fn message_news(
        &self,
        id: MessageId,
        news: DeliveryNews,
        now: DateTime<Utc>,
    ) -> Result<Option<MessageStatus>, StoreError> {
        let sql = "SELECT status FROM communication_logs WHERE id = ? AND direction = 'outbound'";
        let status: MessageStatus =
            self.one(sql, [id.to_string()], |row| parsed(row, "status"))?.ok_or(StoreError::Missing("message"))?;
        let Some(next) = status.after(news) else { return Ok(None) };
        let resent = u32::from(news == DeliveryNews::Resend);
        // The beginning of the attempt is what matters for asking the provider later.
        let began = next == MessageStatus::Sending;
        self.run_one(
            "message",
            "UPDATE communication_logs SET status = ?1, sending = sending + ?2, \
             processed_at = CASE WHEN ?3 THEN ?4 ELSE coalesce(processed_at, ?4) END WHERE id = ?5",
            params![next.as_str(), resent, began, to_text(now), id.to_string()],
        )?;
        self.reminders_follow_message(id, next, now)?;
        Ok(Some(next))
    }

    /// Notes the provider's id of an outbound message. [`StoreError::Exists`] when another message has it.
    pub fn message_provider_id(&self, id: MessageId, provider_id: &str) -> Result<(), StoreError> {
        let sql = "UPDATE communication_logs SET provider_id = ? WHERE id = ?";
        self.run_one("message", sql, params![provider_id, id.to_string()])
    }

    /// Notes what went wrong, or clears it; also on the reminders that failed, or are in doubt, because of it.
    pub fn message_error(&self, id: MessageId, code: Option<i64>, error: Option<&str>) -> Result<(), StoreError> {
        let sql = "UPDATE communication_logs SET error_code = ?, error_message = ? WHERE id = ?";
        self.run_one("message", sql, params![code, error, id.to_string()])?;
        let sql = "UPDATE appointment_reminders SET error_message = ? \
                   WHERE message_id = ? AND outcome IN ('failed', 'unknown')";
        self.run(sql, params![error, id.to_string()]).map(drop)
    }

    /// Remembers, hashed, an id of a provider's that belongs to no message. True the first time.
    pub fn provider_id_once(&self, id: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let insert = "INSERT OR IGNORE INTO provider_ids_seen (digest, seen_at) VALUES (?, ?)";
        Ok(self.run(insert, params![digest(id), to_text(now)])? == 1)
    }

    /// Remembers, hashed, the provider ids of the messages that `condition` (on ?1) selects, before they are deleted.
    pub(super) fn provider_ids_remember(
        &self,
        condition: &str,
        value: &str,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let sql = format!("SELECT provider_id FROM communication_logs WHERE provider_id IS NOT NULL AND {condition}");
        let ids: Vec<String> = self.many(&sql, [value], |row| row.get(0))?;
        let insert = "INSERT OR IGNORE INTO provider_ids_seen (digest, seen_at) VALUES (?, ?)";
        for id in &ids {
            self.run(insert, params![digest(id), to_text(now)])?;
        }
        Ok(u64::try_from(ids.len()).unwrap_or(u64::MAX))
    }
}
