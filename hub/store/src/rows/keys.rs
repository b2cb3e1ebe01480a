//! API keys. Only a digest is stored: the key itself is 256 random bits, so a plain SHA-256 is enough.

use chrono::{DateTime, Duration, Utc};
use rusqlite::params;
use sha2::{Digest, Sha256};
use xswarm_core::{
    admin::KeyRow,
    id::{KeyId, UserId},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, instant_or_null, parsed},
};

fn digest(key: &str) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).to_vec()
}

impl Rows<'_> {
    /// Every key, revoked ones too.
    pub fn keys(&self) -> Result<Vec<KeyRow>, StoreError> {
        let sql =
            "SELECT id, user_id, name, created_at, last_used_at, revoked_at FROM api_keys ORDER BY created_at, id";
        self.many(sql, [], |row| {
            Ok(KeyRow {
                id: parsed(row, "id")?,
                user_id: parsed(row, "user_id")?,
                name: row.get("name")?,
                created_at: instant(row, "created_at")?,
                last_used_at: instant_or_null(row, "last_used_at")?,
                revoked_at: instant_or_null(row, "revoked_at")?,
            })
        })
    }

    /// Whose key this is, unless it is unknown or revoked; and whether its use should be noted again (once an hour).
    pub fn key_owner(&self, key: &str, now: DateTime<Utc>) -> Result<Option<(KeyId, UserId, bool)>, StoreError> {
        let sql = "SELECT id, user_id, last_used_at FROM api_keys WHERE digest = ? AND revoked_at IS NULL";
        self.one(sql, [digest(key)], |row| {
            let last = instant_or_null(row, "last_used_at")?;
            let note = last.is_none_or(|last| now - last > Duration::hours(1));
            Ok((parsed(row, "id")?, parsed(row, "user_id")?, note))
        })
    }

    /// Whose key it is, unless it is gone or revoked.
    pub fn key_user(&self, id: KeyId) -> Result<Option<UserId>, StoreError> {
        let sql = "SELECT user_id FROM api_keys WHERE id = ? AND revoked_at IS NULL";
        self.one(sql, [id.to_string()], |row| parsed(row, "user_id"))
    }
}

impl Tx<'_> {
    /// Adds a key.
    pub fn key_insert(
        &self,
        id: KeyId,
        user: UserId,
        name: &str,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO api_keys (id, user_id, name, digest, created_at) VALUES (?, ?, ?, ?, ?)";
        self.run_one("key", sql, params![id.to_string(), user.to_string(), name, digest(key), to_text(now)])
    }

    /// Notes that a key was used.
    pub fn key_used(&self, id: KeyId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.run("UPDATE api_keys SET last_used_at = ? WHERE id = ?", params![to_text(now), id.to_string()]).map(drop)
    }

    /// Revokes a key.
    pub fn key_revoke(&self, id: KeyId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?";
        self.run_one("key", sql, params![to_text(now), id.to_string()])
    }
}
