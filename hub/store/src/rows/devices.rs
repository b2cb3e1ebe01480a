//! Devices of rooms. Only digests of codes and tokens are stored: both are random and long, so a plain SHA-256 is enough.

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Row, params};
use sha2::{Digest, Sha256};
use xswarm_core::{
    device::Device,
    id::{DeviceId, UserId},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, instant_or_null, parsed},
};

const COLUMNS: &str = "id, name, created_at, paired_at, last_seen_at";

/// How fine it is noted when a device was last seen.
const SEEN: Duration = Duration::minutes(1);

fn digest(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Without the persons, who are rows of their own.
fn device(row: &Row<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        id: parsed(row, "id")?,
        name: row.get("name")?,
        user_ids: Vec::new(),
        created_at: instant(row, "created_at")?,
        paired_at: instant_or_null(row, "paired_at")?,
        last_seen_at: instant_or_null(row, "last_seen_at")?,
        health: None,
    })
}

impl Rows<'_> {
    /// Every device, by name.
    pub fn devices(&self) -> Result<Vec<Device>, StoreError> {
        let all = self.many(&format!("SELECT {COLUMNS} FROM devices ORDER BY name"), [], device)?;
        all.into_iter().map(|one| self.with_persons(one)).collect()
    }

    /// One device.
    pub fn device(&self, id: DeviceId) -> Result<Option<Device>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM devices WHERE id = ?");
        self.one(&sql, [id.to_string()], device)?.map(|one| self.with_persons(one)).transpose()
    }

    /// The device of a name, however it is capitalised.
    pub fn device_by_name(&self, name: &str) -> Result<Option<Device>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM devices WHERE name = ?");
        self.one(&sql, [name], device)?.map(|one| self.with_persons(one)).transpose()
    }

    /// Which device shows this token.
    pub fn device_by_token(&self, token: &str) -> Result<Option<Device>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM devices WHERE token_digest = ?");
        self.one(&sql, [digest(token)], device)?.map(|one| self.with_persons(one)).transpose()
    }

    fn with_persons(&self, device: Device) -> Result<Device, StoreError> {
        let sql = "SELECT user_id FROM device_users WHERE device_id = ? ORDER BY position";
        let user_ids = self.many(sql, [device.id.to_string()], |row| parsed(row, "user_id"))?;
        Ok(Device { user_ids, ..device })
    }
}

impl Tx<'_> {
    /// Adds a device that is not paired and serves nobody.
    pub fn device_insert(&self, device: &Device) -> Result<(), StoreError> {
        let sql = "INSERT INTO devices (id, name, created_at) VALUES (?, ?, ?)";
        self.run_one("device", sql, params![device.id.to_string(), device.name, to_text(device.created_at)])
    }

    /// A device may be paired by this code until then, and serves these persons afterwards. Until it is, the token that it had
    /// goes on working, for whom it served before.
    pub fn device_code_set(
        &self,
        id: DeviceId,
        code: &str,
        until: DateTime<Utc>,
        users: &[UserId],
    ) -> Result<(), StoreError> {
        let sql = "UPDATE devices SET code_digest = ?, code_expires_at = ? WHERE id = ?";
        self.run_one("device", sql, params![digest(code), to_text(until), id.to_string()])?;
        self.run("DELETE FROM device_code_users WHERE device_id = ?", [id.to_string()])?;
        for (user, position) in users.iter().zip(1..) {
            let sql = "INSERT INTO device_code_users (device_id, user_id, position) VALUES (?, ?, ?)";
            self.run_one("person of a device", sql, params![id.to_string(), user.to_string(), position])?;
        }
        Ok(())
    }

    /// Uses a code up: the device it was for is known by `token` from now on, and serves whom the code was for. `None` for a
    /// code that is not good.
    pub fn device_pair(&self, code: &str, token: &str, now: DateTime<Utc>) -> Result<Option<Device>, StoreError> {
        let sql = "UPDATE devices SET code_digest = NULL, code_expires_at = NULL, token_digest = ?, paired_at = ? \
                   WHERE code_digest = ? AND code_expires_at > ? RETURNING id";
        let now = to_text(now);
        let paired = self.one(sql, params![digest(token), now, digest(code), now], |row| parsed(row, "id"))?;
        let Some(id): Option<DeviceId> = paired else { return Ok(None) };
        for sql in [
            "DELETE FROM device_users WHERE device_id = ?",
            "INSERT INTO device_users SELECT device_id, user_id, position FROM device_code_users WHERE device_id = ?",
            "DELETE FROM device_code_users WHERE device_id = ?",
        ] {
            self.run(sql, [id.to_string()])?;
        }
        self.device(id)
    }

    /// A device was seen; noted once a minute.
    pub fn device_seen(&self, id: DeviceId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE devices SET last_seen_at = ?1 WHERE id = ?2 AND (last_seen_at IS NULL OR last_seen_at <= ?3)";
        self.run(sql, params![to_text(now), id.to_string(), to_text(now - SEEN)]).map(drop)
    }

    /// Forgets a device: its token opens nothing any more.
    pub fn device_delete(&self, id: DeviceId) -> Result<(), StoreError> {
        self.run_one("device", "DELETE FROM devices WHERE id = ?", [id.to_string()])
    }
}
