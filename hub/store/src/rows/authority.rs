//! The certificate authority of this hub: one row.

use chrono::{DateTime, Utc};
use rusqlite::params;
use xswarm_core::time::to_text;

use super::{Rows, Tx};
use crate::StoreError;

/// The authority as it is kept. Its key never leaves the hub.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptAuthority {
    /// Its certificate (X.509, DER).
    pub certificate: Vec<u8>,
    /// Its private key (PKCS #8, DER).
    pub private_key: Vec<u8>,
}

impl Rows<'_> {
    /// The authority, once there is one.
    pub fn authority(&self) -> Result<Option<KeptAuthority>, StoreError> {
        self.one("SELECT certificate, private_key FROM authority", [], |row| {
            Ok(KeptAuthority { certificate: row.get("certificate")?, private_key: row.get("private_key")? })
        })
    }
}

impl Tx<'_> {
    /// Keeps the first authority; there is never a second one.
    pub fn authority_insert(&self, authority: &KeptAuthority, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "INSERT INTO authority (only, certificate, private_key, created_at) VALUES (1, ?, ?, ?)";
        self.run_one("authority", sql, params![authority.certificate, authority.private_key, to_text(now)])
    }
}
