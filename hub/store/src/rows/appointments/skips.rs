//! Which days series leave out, beyond what their rules can say (table `series_skips`).

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use xswarm_core::{id::AppointmentId, series::Skips, time::to_text};

use crate::{
    StoreError,
    row::{instant, parsed},
    rows::{Rows, Tx},
};

fn skips(row: &Row<'_>) -> rusqlite::Result<Skips> {
    Ok(Skips {
        holidays: parsed(row, "holidays")?,
        conflicts: row.get("conflicts")?,
        until: instant(row, "looked_until")?,
    })
}

impl Rows<'_> {
    /// What a series leaves out, if anything.
    pub fn series_skips(&self, series: AppointmentId) -> Result<Option<Skips>, StoreError> {
        let sql = "SELECT holidays, conflicts, looked_until FROM series_skips WHERE appointment_id = ?";
        self.one(sql, [series.to_string()], skips)
    }

    /// The series of which less than up to `until` has been looked at, at most `limit`.
    pub fn series_skips_due(
        &self,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<(AppointmentId, Skips)>, StoreError> {
        let sql = "SELECT appointment_id, holidays, conflicts, looked_until FROM series_skips \
                   WHERE looked_until < ? ORDER BY looked_until LIMIT ?";
        self.many(sql, params![to_text(until), limit], |row| Ok((parsed(row, "appointment_id")?, skips(row)?)))
    }
}

impl Tx<'_> {
    /// Says what a series leaves out, in place of what was said before.
    pub fn series_skips_set(&self, series: AppointmentId, skips: &Skips) -> Result<(), StoreError> {
        let sql = "INSERT INTO series_skips (appointment_id, holidays, conflicts, looked_until) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (appointment_id) DO UPDATE SET holidays = ?2, conflicts = ?3, looked_until = ?4";
        let Skips { holidays, conflicts, until } = skips;
        self.run(sql, params![series.to_string(), holidays.as_str(), conflicts, to_text(*until)]).map(|_rows| ())
    }

    /// A series leaves nothing out any more.
    pub fn series_skips_delete(&self, series: AppointmentId) -> Result<(), StoreError> {
        self.run("DELETE FROM series_skips WHERE appointment_id = ?", [series.to_string()]).map(|_rows| ())
    }
}
