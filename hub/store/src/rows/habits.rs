//! What habits are counted from: the last appointments and messages of a person, and what they asked for on which days.

use std::ops::Range;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::params;
use xswarm_core::{
    habit::{APPOINTMENTS, Asked, Glance, MESSAGES},
    id::UserId,
    message::Channel,
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, parsed},
};

impl Rows<'_> {
    /// From when to when the last single appointments take that a person booked and that stand, the last booked first.
    pub fn booked_lately(&self, user: UserId) -> Result<Vec<Range<DateTime<Utc>>>, StoreError> {
        // The terms of the partial index, word for word, so that SQLite may use it.
        let sql = "SELECT start_time, end_time FROM appointments WHERE user_id = ?1 AND origin = 'boss' \
                   AND series_begin IS NULL AND all_day = 0 AND status <> 'cancelled' \
                   ORDER BY created_at DESC LIMIT ?2";
        self.many(sql, params![user.to_string(), limit(APPOINTMENTS)], |row| {
            Ok(instant(row, "start_time")?..instant(row, "end_time")?)
        })
    }

    /// By which ways the last messages of a person came since an instant, the last first.
    pub fn wrote_lately(&self, user: UserId, since: DateTime<Utc>) -> Result<Vec<Channel>, StoreError> {
        // The terms of the partial index, word for word.
        let sql = "SELECT channel FROM communication_logs WHERE user_id = ?1 AND direction = 'inbound' \
                   AND created_at >= ?2 ORDER BY created_at DESC LIMIT ?3";
        self.many(sql, params![user.to_string(), to_text(since), limit(MESSAGES)], |row| parsed(row, "channel"))
    }

    /// What a person asked for since a day of theirs.
    pub fn glances(&self, user: UserId, since: NaiveDate) -> Result<Vec<Asked>, StoreError> {
        let sql = "SELECT glance, day, hour FROM glances WHERE user_id = ? AND day >= ? ORDER BY day, glance";
        self.many(sql, params![user.to_string(), since.to_string()], |row| {
            Ok(Asked { glance: parsed(row, "glance")?, day: parsed(row, "day")?, hour: row.get("hour")? })
        })
    }
}

impl Tx<'_> {
    /// Notes that a person asked for something in this hour of their own day; of each day the first time counts.
    pub fn glanced(&self, user: UserId, glance: Glance, day: NaiveDate, hour: u8) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO glances (user_id, glance, day, hour) VALUES (?, ?, ?, ?)";
        self.run(sql, params![user.to_string(), glance.as_str(), day.to_string(), hour]).map(drop)
    }

    /// Deletes what was asked for before a day.
    pub fn glances_expire(&self, before: NaiveDate) -> Result<(), StoreError> {
        self.run("DELETE FROM glances WHERE day < ?", [before.to_string()]).map(drop)
    }
}

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}
