//! Conversations: one person on one channel, and what the Boss waits to hear.

use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::Serialize;
use serde::de::DeserializeOwned;
use xswarm_core::{
    id::{ConversationId, UserId},
    message::Channel,
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant_or_null, json_or_null, parsed},
};

/// A conversation and the open question in it, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation<Q> {
    /// The row.
    pub id: ConversationId,
    /// Who.
    pub user_id: UserId,
    /// Where.
    pub channel: Channel,
    /// What the Boss asked, while it still counts.
    pub question: Option<Q>,
}

impl Rows<'_> {
    /// A conversation. A question that expired before `now` counts as none.
    pub fn conversation<Q: DeserializeOwned>(
        &self,
        id: ConversationId,
        now: DateTime<Utc>,
    ) -> Result<Option<Conversation<Q>>, StoreError> {
        let sql = "SELECT id, user_id, channel, question, question_expires_at FROM conversations WHERE id = ?";
        self.one(sql, [id.to_string()], |row| {
            let open = instant_or_null(row, "question_expires_at")?.is_some_and(|expires| expires > now);
            Ok(Conversation {
                id: parsed(row, "id")?,
                user_id: parsed(row, "user_id")?,
                channel: parsed(row, "channel")?,
                question: if open { json_or_null(row, "question")? } else { None },
            })
        })
    }
}

impl Tx<'_> {
    /// The conversation of a person on a channel, begun at `now` if there was none.
    pub fn conversation_of(
        &self,
        user: UserId,
        channel: Channel,
        now: DateTime<Utc>,
    ) -> Result<ConversationId, StoreError> {
        let find = "SELECT id FROM conversations WHERE user_id = ? AND channel = ?";
        if let Some(id) = self.one(find, params![user.to_string(), channel.as_str()], |row| parsed(row, "id"))? {
            return Ok(id);
        }
        let id = ConversationId::new(now);
        self.run_one(
            "conversation",
            "INSERT INTO conversations (id, user_id, channel, created_at) VALUES (?, ?, ?, ?)",
            params![id.to_string(), user.to_string(), channel.as_str(), to_text(now)],
        )?;
        Ok(id)
    }

    /// Sets or clears the open question.
    pub fn conversation_ask<Q: Serialize>(
        &self,
        id: ConversationId,
        question: Option<&Q>,
        expires: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let question = question.map(serde_json::to_string).transpose()?;
        let expires = question.is_some().then(|| to_text(expires));
        self.run_one(
            "conversation",
            "UPDATE conversations SET question = ?, question_expires_at = ? WHERE id = ?",
            params![question, expires, id.to_string()],
        )
    }
}
