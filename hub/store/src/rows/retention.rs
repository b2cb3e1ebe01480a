//! Retention: what is old enough is deleted, a little at a time so that nobody waits for it.

use chrono::{DateTime, Utc};
use xswarm_core::time::to_text;

use super::{Rows, Tx};
use crate::StoreError;

/// How many rows one call deletes at most.
const CHUNK: usize = 500;

impl Rows<'_> {
    /// Reads every page and checks it against its signature and the indexes; what was found, unless all is well.
    pub fn check(&self) -> Result<Option<String>, StoreError> {
        // An index of words remembers its structure from one look to the next, and only a question put to it makes it look
        // again: without one it takes what was written in between for damage.
        for index in ["message_words", "memory_words"] {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {index} WHERE {index} MATCH 'a')");
            self.one(&sql, [], |row| row.get::<_, bool>(0))?;
        }
        let verdict: Option<String> = self.one("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        Ok(verdict.filter(|verdict| verdict != "ok"))
    }
}

impl Tx<'_> {
    /// Deletes messages made before `before` that are in a final state. Their provider ids stay, hashed. The number
    /// deleted; call again while it is not zero.
    pub fn messages_expire(&self, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let chosen = format!(
            "id IN (SELECT id FROM communication_logs WHERE created_at < ?1 \
             AND status NOT IN ('pending', 'sending') ORDER BY created_at, id LIMIT {CHUNK})"
        );
        let before = to_text(before);
        self.provider_ids_remember(&chosen, &before, now)?;
        let deleted = self.run(&format!("DELETE FROM communication_logs WHERE {chosen}"), [before])?;
        Ok(u64::try_from(deleted).unwrap_or(u64::MAX))
    }

    /// Deletes jobs done before `before`, pairing codes that expired before it, and keys of requests made before it. The
    /// number of jobs deleted.
    pub fn jobs_expire(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let before = to_text(before);
        self.run("DELETE FROM pairings WHERE expires_at < ?", [&before])?;
        self.run("DELETE FROM request_keys WHERE created_at < ?", [&before])?;
        let sql = format!(
            "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE state = 'done' AND updated_at < ? LIMIT {CHUNK})"
        );
        Ok(u64::try_from(self.run(&sql, [&before])?).unwrap_or(u64::MAX))
    }
}
