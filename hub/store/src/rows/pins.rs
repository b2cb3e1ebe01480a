//! PINs: a hash for each person who has one, and how often wrong ones were typed.

use chrono::{DateTime, Utc};
use rusqlite::params;
use xswarm_core::{id::UserId, time::to_text};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, instant_or_null},
};

/// A person's PIN as it is kept. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptPin {
    /// What proves it: an argon2id hash in the PHC format.
    pub hash: String,
    /// When it was set.
    pub set_at: DateTime<Utc>,
    /// Tries since the right one was last typed, or since the entry was last locked.
    pub failures: u32,
    /// How often the entry was locked since the right one was last typed.
    pub lockouts: u32,
    /// Until when none is taken.
    pub locked_until: Option<DateTime<Utc>>,
}

impl Rows<'_> {
    /// A person's PIN, if they have one.
    pub fn pin(&self, user: UserId) -> Result<Option<KeptPin>, StoreError> {
        let sql = "SELECT hash, set_at, failures, lockouts, locked_until FROM pins WHERE user_id = ?";
        self.one(sql, [user.to_string()], |row| {
            Ok(KeptPin {
                hash: row.get("hash")?,
                set_at: instant(row, "set_at")?,
                failures: row.get("failures")?,
                lockouts: row.get("lockouts")?,
                locked_until: instant_or_null(row, "locked_until")?,
            })
        })
    }
}

impl Tx<'_> {
    /// Sets or replaces a person's PIN; what was counted of an earlier one is forgotten.
    pub fn pin_set(&self, user: UserId, hash: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "INSERT INTO pins (user_id, hash, set_at) VALUES (?1, ?2, ?3) ON CONFLICT (user_id) DO UPDATE SET \
                   hash = ?2, set_at = ?3, failures = 0, lockouts = 0, locked_until = NULL";
        self.run_one("PIN", sql, params![user.to_string(), hash, to_text(now)])
    }

    /// Takes a person's PIN away. Whether they had one.
    pub fn pin_clear(&self, user: UserId) -> Result<bool, StoreError> {
        Ok(self.run("DELETE FROM pins WHERE user_id = ?", [user.to_string()])? == 1)
    }

    /// Notes what was tried. Whether the person has a PIN.
    pub fn pin_tried(
        &self,
        user: UserId,
        failures: u32,
        lockouts: u32,
        locked_until: Option<DateTime<Utc>>,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE pins SET failures = ?2, lockouts = ?3, locked_until = ?4 WHERE user_id = ?1";
        Ok(self.run(sql, params![user.to_string(), failures, lockouts, locked_until.map(to_text)])? == 1)
    }
}
