//! How often capabilities are used: counts by day, never what was said.

use chrono::{DateTime, Utc};
use rusqlite::params;
use xswarm_core::{capability::CapabilityUse, id::UserId, receipt::AskedBy, time::to_text};

use super::{Rows, Tx};
use crate::{StoreError, row::instant};

impl Rows<'_> {
    /// The uses since an instant, by whomever or by one person, most used first. Days count whole.
    pub fn capability_uses(
        &self,
        user: Option<UserId>,
        since: DateTime<Utc>,
    ) -> Result<Vec<CapabilityUse>, StoreError> {
        let sql = "SELECT capability, sum(uses) FILTER (WHERE asked_by = 'words') AS by_words, \
                   sum(uses) FILTER (WHERE asked_by = 'model') AS by_model, max(last_used_at) AS last_used_at \
                   FROM capability_uses WHERE day >= ?1 AND (?2 IS NULL OR user_id = ?2) \
                   GROUP BY capability ORDER BY sum(uses) DESC, capability";
        let count = |row: &rusqlite::Row<'_>, name: &str| {
            row.get::<_, Option<i64>>(name).map(|uses| u64::try_from(uses.unwrap_or(0)).unwrap_or(0))
        };
        self.many(sql, params![day(since), user.map(|id| id.to_string())], |row| {
            Ok(CapabilityUse {
                capability: row.get("capability")?,
                by_words: count(row, "by_words")?,
                by_model: count(row, "by_model")?,
                last_used_at: instant(row, "last_used_at")?,
            })
        })
    }
}

impl Tx<'_> {
    /// Counts one use.
    pub fn capability_used(
        &self,
        capability: &str,
        user: UserId,
        asked_by: AskedBy,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO capability_uses (capability, user_id, day, asked_by, uses, last_used_at) \
                   VALUES (?, ?, ?, ?, 1, ?) ON CONFLICT (capability, user_id, day, asked_by) \
                   DO UPDATE SET uses = uses + 1, last_used_at = excluded.last_used_at";
        let values = params![capability, user.to_string(), day(now), asked_by.as_str(), to_text(now)];
        self.run_one("capability use", sql, values)
    }
}

fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}
