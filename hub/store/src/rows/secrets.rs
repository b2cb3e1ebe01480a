//! Secrets that setup stored, and small facts about the database itself.

use chrono::{DateTime, Utc};
use rusqlite::params;
use xswarm_core::time::to_text;

use super::{Rows, Tx};
use crate::StoreError;

impl Rows<'_> {
    /// A secret that setup stored.
    pub fn secret(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.one("SELECT value FROM secrets WHERE name = ?", [name], |row| row.get(0))
    }

    /// A small fact, such as whether the hub was stopped in order.
    pub fn meta(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.one("SELECT value FROM meta WHERE name = ?", [name], |row| row.get(0))
    }
}

impl Tx<'_> {
    /// Stores or replaces a secret.
    pub fn secret_set(&self, name: &str, value: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "INSERT INTO secrets (name, value, updated_at) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (name) DO UPDATE SET value = ?2, updated_at = ?3";
        self.run_one("secret", sql, params![name, value, to_text(now)])
    }

    /// Notes a small fact.
    pub fn meta_set(&self, name: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2";
        self.run_one("fact", sql, params![name, value])
    }

    /// Drops a fact about the installation, if it is there.
    pub fn meta_delete(&self, name: &str) -> Result<(), StoreError> {
        self.run("DELETE FROM meta WHERE name = ?", [name]).map(drop)
    }
}
