//! Strangers: pairing codes, and addresses that asked to be left alone.

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Row, params};
use xswarm_core::{address::Address, admin::PairingRow, time::to_text};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, parsed},
};

fn pairing(row: &Row<'_>) -> rusqlite::Result<PairingRow> {
    Ok(PairingRow {
        code: row.get("code")?,
        address: parsed(row, "address")?,
        created_at: instant(row, "created_at")?,
        expires_at: instant(row, "expires_at")?,
    })
}

impl Rows<'_> {
    /// The codes that still work, newest first.
    pub fn pairings(&self, now: DateTime<Utc>) -> Result<Vec<PairingRow>, StoreError> {
        let sql = "SELECT code, address, created_at, expires_at FROM pairings WHERE expires_at > ? \
                   ORDER BY created_at DESC";
        self.many(sql, [to_text(now)], pairing)
    }

    /// The pairing with a code that still works.
    pub fn pairing(&self, code: &str, now: DateTime<Utc>) -> Result<Option<PairingRow>, StoreError> {
        let sql = "SELECT code, address, created_at, expires_at FROM pairings WHERE code = ? AND expires_at > ?";
        self.one(sql, params![code, to_text(now)], pairing)
    }

    /// How many strangers were answered since an instant.
    pub fn pairings_answered_since(&self, since: DateTime<Utc>) -> Result<u64, StoreError> {
        self.count("SELECT count(*) FROM pairings WHERE answered_at >= ?", [to_text(since)])
    }

    /// Whether a number or mail address asked to be left alone.
    pub fn opted_out(&self, address: &str) -> Result<bool, StoreError> {
        Ok(self.one("SELECT 1 FROM opt_outs WHERE address = ?", [address], |_| Ok(()))?.is_some())
    }
}

impl Tx<'_> {
    /// The code to tell a stranger, or `None` when they were answered within the last day and nothing is to be said.
    /// `fresh` is the code they get if they have none that works.
    pub fn pairing_offer(
        &self,
        address: &Address,
        fresh: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, StoreError> {
        let find = "SELECT code, answered_at, expires_at FROM pairings WHERE address = ?";
        let known = self.one(find, [address.as_str()], |row| {
            Ok((row.get::<_, String>("code")?, instant(row, "answered_at")?, instant(row, "expires_at")?))
        })?;
        let code = match known {
            Some((_, answered, _)) if now - answered < Duration::days(1) => return Ok(None),
            Some((code, _, expires)) if expires > now => code,
            Some(_) | None => fresh.to_owned(),
        };
        let sql = "INSERT INTO pairings (code, address, created_at, expires_at, answered_at) VALUES (?1, ?2, ?3, ?4, ?3) \
                   ON CONFLICT (address) DO UPDATE SET code = ?1, expires_at = ?4, answered_at = ?3";
        let expires = now + Duration::days(7);
        self.run(sql, params![code, address.as_str(), to_text(now), to_text(expires)])?;
        Ok(Some(code))
    }

    /// Forgets a pairing: it was approved, or the number became somebody's.
    pub fn pairing_delete(&self, address: &Address) -> Result<(), StoreError> {
        self.run("DELETE FROM pairings WHERE address = ?", [address.as_str()]).map(drop)
    }

    /// Notes that a number or mail address asked to be left alone, or no longer does. True when that is news.
    pub fn opt_out_set(&self, address: &str, stopped: bool, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let changed = if stopped {
            let sql = "INSERT OR IGNORE INTO opt_outs (address, created_at) VALUES (?, ?)";
            self.run(sql, params![address, to_text(now)])?
        } else {
            self.run("DELETE FROM opt_outs WHERE address = ?", [address])?
        };
        Ok(changed == 1)
    }
}
