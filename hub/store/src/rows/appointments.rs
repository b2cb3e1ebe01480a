//! Appointments, and the range questions a calendar asks.

mod page;
mod skips;
mod stretches;

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Row, named_params, params};
use serde::Deserialize;
use xswarm_core::{
    appointment::{Appointment, AppointmentSource, AppointmentStatus, Occurrence},
    id::{AppointmentId, UserId},
    recurrence::{Recurrence, specified::Specified},
    time::to_text,
};

pub use page::AppointmentPage;

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, instant_or_null, json, json_or_null, parsed},
};

pub(super) const COLUMNS: &str = "id, user_id, title, description, start_time, end_time, timezone, location, participants, \
    recurring_rule, additional, exceptions, all_day, origin, uid, sequence, organizer, revised_at, reminder_minutes, \
    status, generation, version, created_at, updated_at";

/// How many occurrences one series may contribute to one question.
const OCCURRENCES_PER_SERIES: usize = 5_000;

/// What is not in the index of long appointments is shorter than this: a day, and the second that `unixepoch` cuts off.
const ORDINARY: Duration = Duration::seconds(86_401);

// The three range questions, where `:back` lies [`ORDINARY`] before `:from`. Each names the terms of its partial index
// word for word, so that SQLite may use it.
const SHORT: &str = "series_begin IS NULL AND status <> 'cancelled' AND user_id = :user \
    AND start_time > :back AND start_time < :to AND end_time > :from";
const LONG: &str = "series_begin IS NULL AND status <> 'cancelled' \
    AND unixepoch(end_time) - unixepoch(start_time) > 86400 AND user_id = :user AND end_time > :from \
    AND start_time <= :back";
const SERIES: &str = "series_begin IS NOT NULL AND status <> 'cancelled' AND user_id = :user \
    AND series_begin < :to AND (series_end IS NULL OR series_end > :from)";

/// What happens to an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppointmentChange {
    /// Only if it is still of the version that was read.
    IfVersion(u32),
    /// Whatever it is now.
    Always,
}

/// What is read of the column `recurring_rule`: the whole rule; the rest only says it again.
#[derive(Deserialize)]
struct Stored {
    rrule: Recurrence,
}

pub(super) fn appointment(row: &Row<'_>) -> rusqlite::Result<Appointment> {
    let rule: Option<Stored> = json_or_null(row, "recurring_rule")?;
    Ok(Appointment {
        id: parsed(row, "id")?,
        user_id: parsed(row, "user_id")?,
        title: row.get("title")?,
        description: row.get("description")?,
        start: instant(row, "start_time")?,
        end: instant(row, "end_time")?,
        timezone: parsed(row, "timezone")?,
        location: row.get("location")?,
        participants: json(row, "participants")?,
        recurrence: rule.map(|rule| rule.rrule),
        additional: json(row, "additional")?,
        exceptions: json(row, "exceptions")?,
        all_day: row.get("all_day")?,
        source: AppointmentSource {
            origin: parsed(row, "origin")?,
            uid: row.get("uid")?,
            sequence: row.get("sequence")?,
            organizer: row.get("organizer")?,
            revised: instant_or_null(row, "revised_at")?,
        },
        reminder_minutes: row.get("reminder_minutes")?,
        status: parsed(row, "status")?,
        generation: row.get("generation")?,
        version: row.get("version")?,
        created_at: instant(row, "created_at")?,
        updated_at: instant(row, "updated_at")?,
    })
}

impl Rows<'_> {
    /// One appointment.
    pub fn appointment(&self, id: AppointmentId) -> Result<Option<Appointment>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM appointments WHERE id = ?"), [id.to_string()], appointment)
    }

    /// The occurrences of a person's appointments that overlap `[from, to)`, in order.
    pub fn occurrences(
        &self,
        user: UserId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<Occurrence>, StoreError> {
        let back = to_text(from - ORDINARY);
        let (user, from_text, to_text) = (user.to_string(), to_text(from), to_text(to));
        let mut found = self.many(
            &format!("SELECT {COLUMNS} FROM appointments WHERE {SHORT}"),
            named_params! { ":user": user, ":back": back, ":from": from_text, ":to": to_text },
            appointment,
        )?;
        found.extend(self.many(
            &format!("SELECT {COLUMNS} FROM appointments WHERE {LONG}"),
            named_params! { ":user": user, ":back": back, ":from": from_text },
            appointment,
        )?);
        found.extend(self.many(
            &format!("SELECT {COLUMNS} FROM appointments WHERE {SERIES}"),
            named_params! { ":user": user, ":from": from_text, ":to": to_text },
            appointment,
        )?);
        let mut occurrences = Vec::with_capacity(found.len());
        for one in found {
            match one.occurrences_between(from, to, OCCURRENCES_PER_SERIES) {
                Ok(more) => occurrences.extend(more),
                // One unreadable rule must not hide the rest of the day.
                Err(error) => log::error!(appointment:% = one.id, error:%; "an appointment cannot be expanded"),
            }
        }
        occurrences.sort_by_key(|one| (one.start, one.end, one.appointment));
        Ok(occurrences)
    }

    /// A person's appointments that are not over at `from`: single ones by start, then series; at most `limit` of each.
    pub fn appointments_from(
        &self,
        user: UserId,
        from: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Appointment>, StoreError> {
        let (user, back, from) = (user.to_string(), to_text(from - ORDINARY), to_text(from));
        // The plus keeps SQLite from walking all that ever began, in order, instead of the few long ones.
        let sql = format!("SELECT {COLUMNS} FROM appointments WHERE {LONG} ORDER BY +start_time LIMIT :limit");
        let values = named_params! { ":user": user, ":from": from, ":back": back, ":limit": limit };
        // All of these begin before any of the others.
        let mut found = self.many(&sql, values, appointment)?;
        let sql = format!(
            "SELECT {COLUMNS} FROM appointments WHERE series_begin IS NULL AND status <> 'cancelled' \
             AND user_id = ? AND start_time > ? AND end_time > ? ORDER BY start_time LIMIT ?"
        );
        found.extend(self.many(&sql, params![user, back, from, limit], appointment)?);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let sql = format!(
            "SELECT {COLUMNS} FROM appointments WHERE series_begin IS NOT NULL AND status <> 'cancelled' \
             AND user_id = ? AND (series_end IS NULL OR series_end > ?) ORDER BY start_time LIMIT ?"
        );
        found.extend(self.many(&sql, params![user, from, limit], appointment)?);
        Ok(found)
    }
}

impl Rows<'_> {
    /// A person's appointments that were called off since `since`, the latest first; at most `limit`.
    pub fn appointments_cancelled(
        &self,
        user: UserId,
        since: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Appointment>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM appointments WHERE user_id = ? AND status = 'cancelled' AND updated_at >= ? \
             ORDER BY updated_at DESC, id DESC LIMIT ?"
        );
        self.many(&sql, params![user.to_string(), to_text(since), limit], appointment)
    }
}

impl Tx<'_> {
    /// Adds an appointment.
    pub fn appointment_insert(&self, appointment: &Appointment) -> Result<(), StoreError> {
        let sql = "INSERT INTO appointments (id, user_id, title, description, start_time, end_time, timezone, \
                   location, participants, recurring_rule, additional, exceptions, all_day, origin, uid, sequence, \
                   organizer, revised_at, reminder_minutes, status, generation, version, series_begin, series_end, created_at, \
                   updated_at) VALUES (:id, :user_id, :title, :description, :start_time, :end_time, \
                   :timezone, :location, :participants, :recurring_rule, :additional, :exceptions, :all_day, :origin, \
                   :uid, :sequence, :organizer, :revised_at, :reminder_minutes, :status, :generation, :version, :series_begin, \
                   :series_end, :created_at, :updated_at)";
        self.appointment_write(sql, appointment)
            .and_then(|rows| if rows == 1 { Ok(()) } else { Err(StoreError::Missing("appointment")) })
    }

    /// Replaces an appointment; its version is one more than it was.
    pub fn appointment_update(&self, new: &Appointment, when: AppointmentChange) -> Result<(), StoreError> {
        let current = self.appointment(new.id)?.ok_or(StoreError::Missing("appointment"))?;
        if when != AppointmentChange::Always && when != AppointmentChange::IfVersion(current.version) {
            return Err(StoreError::Stale("appointment"));
        }
        let new = &Appointment { version: current.version + 1, ..new.clone() };
        let sql = "UPDATE appointments SET user_id = :user_id, title = :title, description = :description, \
                   start_time = :start_time, end_time = :end_time, timezone = :timezone, location = :location, \
                   participants = :participants, recurring_rule = :recurring_rule, \
                   additional = :additional, exceptions = :exceptions, all_day = :all_day, origin = :origin, \
                   uid = :uid, sequence = :sequence, organizer = :organizer, revised_at = :revised_at, version = :version, \
                   series_begin = :series_begin, reminder_minutes = :reminder_minutes, status = :status, generation = :generation, \
                   series_end = :series_end, created_at = :created_at, updated_at = :updated_at WHERE id = :id";
        match self.appointment_write(sql, new)? {
            1 => Ok(()),
            _ => Err(StoreError::Missing("appointment")),
        }
    }

    fn appointment_write(&self, sql: &str, appointment: &Appointment) -> Result<usize, StoreError> {
        let rule =
            appointment.recurrence.clone().map(|rule| serde_json::to_string(&Specified::new(rule))).transpose()?;
        self.run(
            sql,
            named_params! {
                ":id": appointment.id.to_string(),
                ":user_id": appointment.user_id.to_string(),
                ":title": appointment.title,
                ":description": appointment.description,
                ":start_time": to_text(appointment.start),
                ":end_time": to_text(appointment.end),
                ":timezone": appointment.timezone.name(),
                ":location": appointment.location,
                ":participants": serde_json::to_string(&appointment.participants)?,
                ":recurring_rule": rule,
                ":additional": serde_json::to_string(&appointment.additional)?,
                ":exceptions": serde_json::to_string(&appointment.exceptions)?,
                ":all_day": appointment.all_day,
                ":origin": appointment.source.origin.as_str(),
                ":uid": appointment.source.uid,
                ":sequence": appointment.source.sequence,
                ":organizer": appointment.source.organizer,
                ":revised_at": appointment.source.revised.map(to_text),
                ":reminder_minutes": appointment.reminder_minutes,
                ":status": AppointmentStatus::as_str(appointment.status),
                ":generation": appointment.generation,
                ":version": appointment.version,
                ":series_begin": appointment.is_series().then(|| to_text(appointment.series_begin())),
                ":series_end": appointment.series_end().map(to_text),
                ":created_at": to_text(appointment.created_at),
                ":updated_at": to_text(appointment.updated_at),
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;
    use xswarm_core::user::{Role, User};

    use super::*;
    use crate::rows::tests::scratch;

    #[test]
    fn every_range_question_walks_its_index() {
        scratch(|tx| {
            for (question, index) in [
                (SHORT, "appointments_single (user_id=? AND start_time>? AND start_time<?)"),
                (LONG, "appointments_long (user_id=? AND end_time>?)"),
                (SERIES, "appointments_series (user_id=? AND series_begin>? AND series_begin<?)"),
            ] {
                let plan = tx.plan(&format!("SELECT {COLUMNS} FROM appointments WHERE {question}"));
                assert_eq!(plan, [format!("SEARCH appointments USING INDEX {index}")]);
            }
        });
    }

    /// A year's days hold some 270 appointments each, all of one person. What a day asks for must not grow with the rest.
    #[test]
    fn a_day_among_a_hundred_thousand_appointments_costs_what_is_in_it() {
        const INSERT: &str = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999) \
            INSERT INTO appointments (id, user_id, title, start_time, end_time, timezone, recurring_rule, status, \
            created_at, updated_at) SELECT 'id ' || i, :user, 'appointment ' || i, \
            strftime('%Y-%m-%dT%H:%M:%fZ', '2026-01-01', (i * 315) || ' seconds'), \
            strftime('%Y-%m-%dT%H:%M:%fZ', '2026-01-01', (i * 315 + CASE i % 1000 WHEN 0 THEN 200000 ELSE 900 END) \
            || ' seconds'), 'UTC', NULL, CASE i % 10 WHEN 9 THEN 'cancelled' ELSE 'confirmed' END, '', '' FROM n";
        scratch(|tx| {
            let zone = chrono_tz::UTC;
            let user = User {
                id: UserId::new(DateTime::UNIX_EPOCH),
                name: "Ada".into(),
                email: None,
                phone: None,
                timezone: zone,
                preferences: serde_json::json!({}),
                boss_phone: None,
                boss_email: None,
                can_provision_numbers: false,
                role: Role::Member,
                created_at: DateTime::UNIX_EPOCH,
                updated_at: DateTime::UNIX_EPOCH,
            };
            tx.user_insert(&user).unwrap();
            let connection = tx.connection();
            connection.execute_batch("BEGIN").unwrap();
            connection.execute(INSERT, [user.id.to_string()]).unwrap();
            let (from, to) = ("2026-07-01T00:00:00.000Z", "2026-07-02T00:00:00.000Z");
            let mut found = 0;
            for (question, most) in [(SHORT, 600), (LONG, 120), (SERIES, 0)] {
                let sql = format!("SELECT id FROM appointments WHERE {question}");
                let mut statement = connection.prepare(&sql).unwrap();
                let values = [(":user", user.id.to_string()), (":from", from.into()), (":to", to.into())];
                for (name, value) in values.into_iter().chain([(":back", "2026-06-29T23:59:59.000Z".into())]) {
                    if let Some(index) = statement.parameter_index(name).unwrap() {
                        statement.raw_bind_parameter(index, value).unwrap();
                    }
                }
                let mut rows = statement.raw_query();
                while rows.next().unwrap().is_some() {
                    found += 1;
                }
                drop(rows);
                assert_eq!(statement.get_status(StatementStatus::FullscanStep), 0);
                let steps = statement.get_status(StatementStatus::VmStep);
                assert!(steps < 100 + most * 30, "{steps} steps for {question}");
            }
            // Some 274 begin on the day, one in ten of them called off; a few began before it and reach into it.
            let expected = tx
                .count(
                    "SELECT count(*) FROM appointments NOT INDEXED WHERE status <> 'cancelled' AND start_time < ? \
                     AND end_time > ?",
                    [to, from],
                )
                .unwrap();
            assert_eq!(found, expected);
            assert!((240..260).contains(&found), "{found}");
            connection.execute_batch("ROLLBACK").unwrap();
        });
    }
}
