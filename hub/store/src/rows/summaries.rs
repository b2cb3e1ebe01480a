//! Summaries of older stretches of persons' conversations. They go with the messages that they cover, and with what was
//! forgotten; see the triggers of the schema and [`Tx::memory_delete`].

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use xswarm_core::{
    id::{SummaryId, UserId},
    memory::{Summary, SummaryAuthor},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, json, parsed},
};

const COLUMNS: &str = "id, user_id, text, sources, from_at, until_at, made_by, created_at, updated_at";

fn summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    Ok(Summary {
        id: parsed(row, "id")?,
        user_id: parsed(row, "user_id")?,
        text: row.get("text")?,
        sources: json(row, "sources")?,
        from_at: instant(row, "from_at")?,
        until_at: instant(row, "until_at")?,
        made_by: parsed(row, "made_by")?,
        created_at: instant(row, "created_at")?,
        updated_at: instant(row, "updated_at")?,
    })
}

impl Rows<'_> {
    /// A person's summaries, of the oldest stretch first.
    pub fn summaries(&self, user: UserId) -> Result<Vec<Summary>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM summaries WHERE user_id = ? ORDER BY from_at, id");
        self.many(&sql, [user.to_string()], summary)
    }

    /// One summary.
    pub fn summary(&self, id: SummaryId) -> Result<Option<Summary>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM summaries WHERE id = ?"), [id.to_string()], summary)
    }
}

impl Tx<'_> {
    /// Adds a summary.
    pub fn summary_insert(&self, new: &Summary) -> Result<(), StoreError> {
        let sql = "INSERT INTO summaries (id, user_id, text, sources, from_at, until_at, made_by, created_at, \
                   updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let values = params![
            new.id.to_string(),
            new.user_id.to_string(),
            new.text,
            serde_json::to_string(&new.sources)?,
            to_text(new.from_at),
            to_text(new.until_at),
            new.made_by.as_str(),
            to_text(new.created_at),
            to_text(new.updated_at)
        ];
        self.run_one("summary", sql, values)
    }

    /// A person puts a summary in their own words.
    pub fn summary_correct(&self, id: SummaryId, text: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE summaries SET text = ?, made_by = ?, updated_at = ? WHERE id = ?";
        self.run_one("summary", sql, params![text, SummaryAuthor::Person.as_str(), to_text(now), id.to_string()])
    }

    /// Deletes a summary. Whether it was there.
    pub fn summary_delete(&self, id: SummaryId) -> Result<bool, StoreError> {
        Ok(self.run("DELETE FROM summaries WHERE id = ?", [id.to_string()])? == 1)
    }
}
