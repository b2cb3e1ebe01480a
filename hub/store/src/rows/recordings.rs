//! The sound of calls: which file it lies in, and the key without which that file is noise.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};
use xswarm_core::{call::RecordedAs, id::CallId, time::to_text};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, parsed},
};

/// A recording as it is kept. Its key is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptRecording {
    /// Of which call.
    pub call: CallId,
    /// The name of its file.
    pub file: String,
    /// What the file is encrypted with.
    pub key: [u8; 32],
    /// How its sound is written.
    pub format: RecordedAs,
    /// When it began.
    pub started_at: DateTime<Utc>,
}

fn recording(row: &Row<'_>) -> rusqlite::Result<KeptRecording> {
    Ok(KeptRecording {
        call: parsed(row, "call_id")?,
        file: row.get("file")?,
        key: row.get("key")?,
        format: parsed(row, "format")?,
        started_at: instant(row, "started_at")?,
    })
}

impl Rows<'_> {
    /// The recording of a call.
    pub fn recording(&self, call: CallId) -> Result<Option<KeptRecording>, StoreError> {
        let sql = "SELECT call_id, file, key, format, started_at FROM recordings WHERE call_id = ?";
        self.one(sql, [call.to_string()], recording)
    }

    /// Whether any recording lies in this file.
    pub fn recording_is_named(&self, file: &str) -> Result<bool, StoreError> {
        Ok(self.one("SELECT 1 FROM recordings WHERE file = ?", [file], |_| Ok(()))?.is_some())
    }
}

impl Tx<'_> {
    /// Notes a recording that begins.
    pub fn recording_insert(&self, new: &KeptRecording) -> Result<(), StoreError> {
        let sql = "INSERT INTO recordings (call_id, file, key, format, started_at) \
                   VALUES (:call, :file, :key, :format, :started_at)";
        self.run_one(
            "recording",
            sql,
            named_params! {
                ":call": new.call.to_string(),
                ":file": new.file,
                ":key": new.key,
                ":format": new.format.as_str(),
                ":started_at": to_text(new.started_at),
            },
        )
    }

    /// Takes the key of a call's recording away: from the commit on nobody can hear it. Whether there was one.
    pub fn recording_delete(&self, call: CallId) -> Result<bool, StoreError> {
        Ok(self.run("DELETE FROM recordings WHERE call_id = ?", [call.to_string()])? == 1)
    }

    /// The same for those that began before `before`. The number of them.
    pub fn recordings_expire(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let deleted = self.run("DELETE FROM recordings WHERE started_at < ?", [to_text(before)])?;
        Ok(u64::try_from(deleted).unwrap_or(u64::MAX))
    }
}
