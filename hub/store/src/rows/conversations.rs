//! Conversations: one for each person, whatever way they speak by; what the Boss waits to hear, and what was last spoken
//! of. What a question or a topic means is the caller's business.

use chrono::{DateTime, Utc};
use rusqlite::params;
use serde::Serialize;
use serde::de::DeserializeOwned;
use xswarm_core::{
    id::{ConversationId, MessageId, UserId},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant_or_null, json_or_null, parsed, parsed_or_null},
};

/// A conversation and the open question in it, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation<Q> {
    /// The row.
    pub id: ConversationId,
    /// Who.
    pub user_id: UserId,
    /// What the Boss asked, while it still counts.
    pub question: Option<Q>,
    /// The message that asked it, while that is kept.
    pub asked_by: Option<MessageId>,
}

impl Rows<'_> {
    /// A conversation. A question that expired before `now` counts as none.
    pub fn conversation<Q: DeserializeOwned>(
        &self,
        id: ConversationId,
        now: DateTime<Utc>,
    ) -> Result<Option<Conversation<Q>>, StoreError> {
        let sql = "SELECT id, user_id, question, question_message_id, question_expires_at FROM conversations \
                   WHERE id = ?";
        self.one(sql, [id.to_string()], |row| {
            let open = instant_or_null(row, "question_expires_at")?.is_some_and(|expires| expires > now);
            Ok(Conversation {
                id: parsed(row, "id")?,
                user_id: parsed(row, "user_id")?,
                question: if open { json_or_null(row, "question")? } else { None },
                asked_by: if open { parsed_or_null(row, "question_message_id")? } else { None },
            })
        })
    }

    /// What was last spoken of with a person.
    pub fn topic<T: DeserializeOwned>(&self, user: UserId) -> Result<Option<T>, StoreError> {
        let sql = "SELECT topic FROM conversations WHERE user_id = ?";
        Ok(self.one(sql, [user.to_string()], |row| json_or_null(row, "topic"))?.flatten())
    }
}

impl Tx<'_> {
    /// The conversation of a person, begun at `now` if there was none.
    pub fn conversation_of(&self, user: UserId, now: DateTime<Utc>) -> Result<ConversationId, StoreError> {
        let find = "SELECT id FROM conversations WHERE user_id = ?";
        if let Some(id) = self.one(find, [user.to_string()], |row| parsed(row, "id"))? {
            return Ok(id);
        }
        let id = ConversationId::new(now);
        self.run_one(
            "conversation",
            "INSERT INTO conversations (id, user_id, created_at) VALUES (?, ?, ?)",
            params![id.to_string(), user.to_string(), to_text(now)],
        )?;
        Ok(id)
    }

    /// Sets or clears the open question, and which message asked it.
    pub fn conversation_ask<Q: Serialize>(
        &self,
        id: ConversationId,
        question: Option<(&Q, MessageId)>,
        expires: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (question, asked_by) = question.unzip();
        let question = question.map(serde_json::to_string).transpose()?;
        let asked_by = asked_by.map(|id| id.to_string());
        let expires = question.is_some().then(|| to_text(expires));
        self.run_one(
            "conversation",
            "UPDATE conversations SET question = ?, question_message_id = ?, question_expires_at = ? WHERE id = ?",
            params![question, asked_by, expires, id.to_string()],
        )
    }

    /// Notes what was just spoken of.
    pub fn topic_set<T: Serialize>(&self, id: ConversationId, topic: &T) -> Result<(), StoreError> {
        let topic = serde_json::to_string(topic)?;
        self.run_one("conversation", "UPDATE conversations SET topic = ? WHERE id = ?", params![topic, id.to_string()])
    }
}
