//! Requests that were carried out, by the key that their client gave them: the same request again has no second effect.
//! Kept as long as finished jobs.

use chrono::{DateTime, Utc};
use rusqlite::params;
use sha2::{Digest, Sha256};
use xswarm_core::{id::UserId, time::to_text};

use super::{Rows, Tx};
use crate::StoreError;

/// A request that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRequest {
    /// The id of what it made.
    pub subject: String,
    /// Whether its body was the same as this one's.
    pub same: bool,
}

fn digest(body: &str) -> Vec<u8> {
    Sha256::digest(body.as_bytes()).to_vec()
}

impl Rows<'_> {
    /// The request for this person that had this key, compared with another body.
    pub fn request(&self, user: UserId, key: &str, body: &str) -> Result<Option<KnownRequest>, StoreError> {
        let sql = "SELECT subject, digest FROM request_keys WHERE user_id = ? AND key = ?";
        self.one(sql, params![user.to_string(), key], |row| {
            let known: Vec<u8> = row.get("digest")?;
            Ok(KnownRequest { subject: row.get("subject")?, same: known == digest(body) })
        })
    }
}

impl Tx<'_> {
    /// Notes a request and what it made. [`StoreError::Exists`] when the key was used already.
    pub fn request_insert(
        &self,
        user: UserId,
        (key, body): (&str, &str),
        subject: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO request_keys (user_id, key, digest, subject, created_at) VALUES (?, ?, ?, ?, ?)";
        self.run_one("request", sql, params![user.to_string(), key, digest(body), subject, to_text(now)])
    }
}
