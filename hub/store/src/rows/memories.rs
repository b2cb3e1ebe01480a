//! What persons told the Boss to remember. The index of its words is kept by the database itself.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use xswarm_core::{
    id::{MemoryId, UserId},
    memory::Memory,
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, parsed, parsed_or_null},
};

const COLUMNS: &str = "id, user_id, text, source, message_id, created_at, updated_at";

fn memory(row: &Row<'_>) -> rusqlite::Result<Memory> {
    Ok(Memory {
        id: parsed(row, "id")?,
        user_id: parsed(row, "user_id")?,
        text: row.get("text")?,
        source: parsed(row, "source")?,
        message_id: parsed_or_null(row, "message_id")?,
        created_at: instant(row, "created_at")?,
        updated_at: instant(row, "updated_at")?,
    })
}

/// What stands in a message whose text was forgotten.
const EMPTIED: &str = "(forgotten)";

impl Rows<'_> {
    /// All that a person told, oldest first.
    pub fn memories(&self, user: UserId) -> Result<Vec<Memory>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM memories WHERE user_id = ? ORDER BY number");
        self.many(&sql, [user.to_string()], memory)
    }

    /// What a person told that has all these words, or words that begin so; newest first.
    pub fn memories_about(&self, user: UserId, words: &str) -> Result<Vec<Memory>, StoreError> {
        let Some(wanted) = self.memories_with(words)? else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT {COLUMNS} FROM memories WHERE user_id = ? \
             AND number IN (SELECT rowid FROM memory_words WHERE memory_words MATCH ?) ORDER BY number DESC"
        );
        self.many(&sql, params![user.to_string(), wanted], memory)
    }

    /// One memory.
    pub fn memory(&self, id: MemoryId) -> Result<Option<Memory>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM memories WHERE id = ?"), [id.to_string()], memory)
    }

    /// How much a person told.
    pub fn memories_count(&self, user: UserId) -> Result<u64, StoreError> {
        self.count("SELECT count(*) FROM memories WHERE user_id = ?", [user.to_string()])
    }
}

impl Tx<'_> {
    /// Remembers something. Refused by the database unless it is in the person's own words.
    pub fn memory_insert(&self, new: &Memory) -> Result<(), StoreError> {
        let sql = "INSERT INTO memories (id, user_id, text, source, message_id, created_at, updated_at) \
                   VALUES (?, ?, ?, ?, ?, ?, ?)";
        let values = params![
            new.id.to_string(),
            new.user_id.to_string(),
            new.text,
            new.source.as_str(),
            new.message_id.map(|message| message.to_string()),
            to_text(new.created_at),
            to_text(new.updated_at)
        ];
        self.run_one("memory", sql, values)
    }

    /// Forgets something, and with it every summary that reaches to when it was told or beyond, for it may have gone into
    /// any of those, every open question with its words, and what was said about it: messages of the person's that have all
    /// its telling words stay as rows and lose their text. Whether it was there.
    pub fn memory_delete(&self, id: MemoryId) -> Result<bool, StoreError> {
        let Some(memory) = self.memory(id)? else { return Ok(false) };
        // It was told when its message came, a moment before it was kept.
        let sql = "SELECT created_at FROM communication_logs WHERE id = ?";
        let message = memory.message_id.map(|message| message.to_string());
        let said: Option<DateTime<Utc>> = self.one(sql, [message], |row| instant(row, "created_at"))?;
        let told = said.map_or(memory.created_at, |said| said.min(memory.created_at));
        let sql = "DELETE FROM summaries WHERE user_id = ? AND until_at >= ?";
        self.run(sql, params![memory.user_id.to_string(), to_text(told)])?;
        // An answer too long to be said at once waits as an open question, with the words in it.
        let text = serde_json::to_string(&memory.text)?;
        let sql = "UPDATE conversations SET question = NULL, question_expires_at = NULL \
                   WHERE user_id = ? AND instr(question, ?) > 0";
        self.run(sql, params![memory.user_id.to_string(), text.trim_matches('"')])?;
        self.messages_emptied(memory.user_id, &memory.text)?;
        Ok(self.run("DELETE FROM memories WHERE id = ?", [id.to_string()])? == 1)
    }

    /// Takes the text out of a person's messages that have all telling words of `text`. What is still to be sent stays.
    fn messages_emptied(&self, user: UserId, text: &str) -> Result<(), StoreError> {
        let sql = "UPDATE communication_logs SET message_content = ?2, metadata = json_remove(metadata, '$.tainted') \
                   WHERE id = ?1 AND NOT (direction = 'outbound' AND status = 'pending')";
        loop {
            let mut emptied = 0;
            for message in self.messages_with_words_of(user, text)? {
                // Whoever heard the call would hear it.
                let of_call = "DELETE FROM recordings WHERE call_id = \
                               (SELECT json_extract(metadata, '$.call') FROM communication_logs WHERE id = ?)";
                self.run(of_call, [message.to_string()])?;
                emptied += self.run(sql, [message.to_string(), EMPTIED.to_owned()])?;
                self.turn_steps_delete(message)?;
            }
            if emptied == 0 {
                return Ok(());
            }
        }
    }
}
