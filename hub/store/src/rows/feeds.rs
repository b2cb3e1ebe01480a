//! Calendar feeds, and the questions that reading and taking in whole calendars ask. Of a feed's address only a digest is
//! stored: its secret part is 256 random bits, so a plain SHA-256 is enough, and looking it up by digest tells nothing by
//! how long it takes.

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Row, params};
use sha2::{Digest, Sha256};
use xswarm_core::{
    appointment::Appointment,
    exchange::FeedRow,
    id::{FeedId, UserId},
    time::to_text,
};

use super::{
    Rows, Tx,
    appointments::{COLUMNS, appointment},
};
use crate::{
    StoreError,
    row::{instant, instant_or_null, parsed},
};

const FEED: &str = "id, user_id, name, created_at, last_used_at, revoked_at";

fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

fn feed(row: &Row<'_>) -> rusqlite::Result<FeedRow> {
    Ok(FeedRow {
        id: parsed(row, "id")?,
        user_id: parsed(row, "user_id")?,
        name: row.get("name")?,
        created_at: instant(row, "created_at")?,
        last_used_at: instant_or_null(row, "last_used_at")?,
        revoked_at: instant_or_null(row, "revoked_at")?,
    })
}

impl Rows<'_> {
    /// A person's feeds, revoked ones too.
    pub fn feeds(&self, user: UserId) -> Result<Vec<FeedRow>, StoreError> {
        let sql = format!("SELECT {FEED} FROM calendar_feeds WHERE user_id = ? ORDER BY created_at, id");
        self.many(&sql, [user.to_string()], feed)
    }

    /// A feed.
    pub fn feed(&self, id: FeedId) -> Result<Option<FeedRow>, StoreError> {
        self.one(&format!("SELECT {FEED} FROM calendar_feeds WHERE id = ?"), [id.to_string()], feed)
    }

    /// The feed at an address, unless it is unknown or revoked; and whether its use should be noted again (once an hour).
    pub fn feed_at(&self, token: &str, now: DateTime<Utc>) -> Result<Option<(FeedRow, bool)>, StoreError> {
        let sql = format!("SELECT {FEED} FROM calendar_feeds WHERE digest = ? AND revoked_at IS NULL");
        let found = self.one(&sql, [digest(token)], feed)?;
        Ok(found.map(|feed| {
            let note = feed.last_used_at.is_none_or(|last| now - last > Duration::hours(1));
            (feed, note)
        }))
    }

    /// A person's appointment that is called `uid` where it came from.
    pub fn appointment_by_uid(&self, user: UserId, uid: &str) -> Result<Option<Appointment>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM appointments WHERE user_id = ? AND uid = ?");
        self.one(&sql, params![user.to_string(), uid], appointment)
    }

    /// A person's appointments that stand and may occur within `[from, to)`, whole, by their start; at most `limit`.
    pub fn appointments_within(
        &self,
        user: UserId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Appointment>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM appointments WHERE user_id = ?1 AND status <> 'cancelled' \
             AND coalesce(series_begin, start_time) < ?3 \
             AND CASE WHEN series_begin IS NULL THEN end_time > ?2 ELSE series_end IS NULL OR series_end > ?2 END \
             ORDER BY start_time, id LIMIT ?4"
        );
        self.many(&sql, params![user.to_string(), to_text(from), to_text(to), limit], appointment)
    }

    /// When a person's calendar last changed: what was called off counts as well.
    pub fn calendar_changed_at(&self, user: UserId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = "SELECT max(updated_at) AS changed FROM appointments WHERE user_id = ?";
        Ok(self.one(sql, [user.to_string()], |row| instant_or_null(row, "changed"))?.flatten())
    }
}

impl Tx<'_> {
    /// Adds a feed whose address ends in `token`.
    pub fn feed_insert(&self, feed: &FeedRow, token: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO calendar_feeds (id, user_id, name, digest, created_at) VALUES (?, ?, ?, ?, ?)";
        let values =
            params![feed.id.to_string(), feed.user_id.to_string(), feed.name, digest(token), to_text(feed.created_at)];
        self.run_one("feed", sql, values)
    }

    /// Notes that a feed was read.
    pub fn feed_used(&self, id: FeedId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE calendar_feeds SET last_used_at = ? WHERE id = ?";
        self.run(sql, params![to_text(now), id.to_string()]).map(drop)
    }

    /// Revokes a feed.
    pub fn feed_revoke(&self, id: FeedId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE calendar_feeds SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?";
        self.run_one("feed", sql, params![to_text(now), id.to_string()])
    }
}
