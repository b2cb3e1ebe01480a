//! How reminders go along their ladders: attempts of one occurrence, holding back, pausing, acknowledging.

use chrono::{DateTime, Duration, Utc};
use rusqlite::params;
use xswarm_core::{
    id::{AppointmentId, ReminderId, UserId},
    job::Job,
    reminder::{Reminder, ReminderPlan, ReminderStep},
    time::to_text,
};

use super::{COLUMNS, reminder};
use crate::{
    StoreError,
    row::{instant, json, parsed},
    rows::{Rows, Tx},
};

impl Rows<'_> {
    /// Everything that was ever said, or is to be said, of one occurrence: all steps, generations, attempts and
    /// recipients, in the order they were made.
    pub fn reminders_of_occurrence(
        &self,
        series: &str,
        recurrence_id: DateTime<Utc>,
    ) -> Result<Vec<Reminder>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM appointment_reminders WHERE series = ? AND recurrence_id = ? \
             ORDER BY generation, step, user_id, attempt"
        );
        self.many(&sql, params![series, to_text(recurrence_id)], reminder)
    }

    /// The attempts of one step of one occurrence to one person, in order.
    pub fn reminder_attempts(&self, step: &ReminderStep, user: UserId) -> Result<Vec<Reminder>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM appointment_reminders WHERE series = ? AND recurrence_id = ? AND generation = ? \
             AND step = ? AND user_id = ? ORDER BY attempt"
        );
        let recurrence_id = to_text(step.recurrence_id);
        self.many(&sql, params![step.series, recurrence_id, step.generation, step.step, user.to_string()], reminder)
    }

    /// The generation that comes after all that an occurrence ever had.
    pub fn reminder_next_generation(&self, series: &str, recurrence_id: DateTime<Utc>) -> Result<u32, StoreError> {
        let sql = "SELECT coalesce(max(generation) + 1, 0) AS next FROM appointment_reminders \
                   WHERE series = ? AND recurrence_id = ?";
        let next = self.one(sql, params![series, to_text(recurrence_id)], |row| row.get("next"))?;
        Ok(next.unwrap_or(0))
    }

    /// What quiet hours hold back from a person until after `now`, in the order of its being due.
    pub fn reminders_held(&self, user: UserId, now: DateTime<Utc>) -> Result<Vec<ReminderId>, StoreError> {
        let sql = "SELECT id FROM appointment_reminders WHERE user_id = ? AND status = 'pending' AND held_until > ? \
                   ORDER BY reminder_time, id";
        self.many(sql, params![user.to_string(), to_text(now)], |row| parsed(row, "id"))
    }

    /// What a person was reminded of since `since`, the last first.
    pub fn reminders_said(&self, user: UserId, since: DateTime<Utc>, limit: u32) -> Result<Vec<Reminder>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM appointment_reminders WHERE user_id = ? AND sent_at >= ? AND status = 'sent' \
             AND message_id IS NOT NULL ORDER BY sent_at DESC, id DESC LIMIT ?"
        );
        self.many(&sql, params![user.to_string(), to_text(since), limit], reminder)
    }

    /// Reminders of anybody that are to be said at `now` or were before, in order.
    pub fn reminders_due(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Reminder>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM appointment_reminders WHERE status = 'pending' AND reminder_time <= ?1 \
             AND remaining_ms IS NULL AND coalesce(held_until, '') <= ?1 ORDER BY reminder_time, id LIMIT ?2"
        );
        self.many(&sql, params![to_text(now), limit], reminder)
    }

    /// Where the reminders of an appointment differ from the usual.
    pub fn appointment_plan(&self, id: AppointmentId) -> Result<ReminderPlan, StoreError> {
        let sql = "SELECT plan FROM appointment_reminder_plans WHERE appointment_id = ?";
        Ok(self.one(sql, [id.to_string()], |row| json(row, "plan"))?.unwrap_or_default())
    }
}

impl Tx<'_> {
    /// From now on the reminders of an appointment differ so from the usual.
    pub fn appointment_plan_set(&self, id: AppointmentId, plan: &ReminderPlan) -> Result<(), StoreError> {
        let sql = "INSERT INTO appointment_reminder_plans (appointment_id, plan) VALUES (?, ?) \
                   ON CONFLICT (appointment_id) DO UPDATE SET plan = excluded.plan";
        self.run_one("plan", sql, params![id.to_string(), serde_json::to_string(plan)?])
    }

    /// A pending reminder waits for the end of quiet hours. Its job is the caller's, who runs it.
    pub fn reminder_hold(&self, id: ReminderId, until: DateTime<Utc>, why: &str) -> Result<(), StoreError> {
        let sql = "UPDATE appointment_reminders SET held_until = ?, error_message = ? \
                   WHERE id = ? AND status = 'pending'";
        self.changed(sql, params![to_text(until), why, id.to_string()])
    }

    /// The job of a reminder that was fired by other means: due at another time, or not needed any more.
    pub fn reminder_job(
        &self,
        id: ReminderId,
        due: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let job = Job::FireReminder { reminder: id };
        self.job_withdraw(&job, now)?;
        due.map_or(Ok(()), |due| self.job_rearm(&job, due, now))
    }

    /// Replaces words, plan and time of a pending reminder; another time is another generation. [`StoreError::Stale`]
    /// when it is not pending any more.
    pub fn reminder_update(&self, reminder: &Reminder, now: DateTime<Utc>) -> Result<(), StoreError> {
        let before = self.reminder(reminder.id)?.ok_or(StoreError::Missing("reminder"))?;
        let moves = before.due != reminder.due;
        let generation = if moves {
            self.reminder_next_generation(&before.step.series, before.step.recurrence_id)?
        } else {
            before.step.generation
        };
        let sql = "UPDATE appointment_reminders SET text = ?, reminder_time = ?, method = ?, plan = ?, generation = ?, \
                   held_until = CASE WHEN ? THEN NULL ELSE held_until END \
                   WHERE id = ? AND status = 'pending' AND remaining_ms IS NULL";
        let plan = serde_json::to_string(&reminder.plan)?;
        let (due, channel, id) = (to_text(reminder.due), reminder.channel.as_str(), reminder.id.to_string());
        self.changed(sql, params![reminder.text, due, channel, plan, generation, moves, id])?;
        if moves { self.reminder_job(reminder.id, Some(reminder.due), now) } else { Ok(()) }
    }

    /// A timer stops running with this much time left. [`StoreError::Stale`] when it does not run.
    pub fn reminder_pause(&self, id: ReminderId, remaining: Duration, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE appointment_reminders SET remaining_ms = ? \
                   WHERE id = ? AND status = 'pending' AND remaining_ms IS NULL";
        self.changed(sql, params![remaining.num_milliseconds().max(1), id.to_string()])?;
        self.job_withdraw(&Job::FireReminder { reminder: id }, now)
    }

    /// A paused timer runs on; when it is due. [`StoreError::Stale`] when it is not paused.
    pub fn reminder_resume(&self, id: ReminderId, now: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError> {
        let sql = "SELECT remaining_ms FROM appointment_reminders \
                   WHERE id = ? AND status = 'pending' AND remaining_ms IS NOT NULL";
        let left: i64 = self.one(sql, [id.to_string()], |row| row.get(0))?.ok_or(StoreError::Stale("reminder"))?;
        let sql = "UPDATE appointment_reminders SET remaining_ms = NULL, reminder_time = ? WHERE id = ? \
                   RETURNING reminder_time";
        let due = to_text(now + Duration::milliseconds(left));
        let due = self.one(sql, params![due, id.to_string()], |row| instant(row, "reminder_time"))?;
        let due = due.ok_or(StoreError::Missing("reminder"))?;
        self.job_rearm(&Job::FireReminder { reminder: id }, due, now)?;
        Ok(due)
    }

    /// Somebody said they have seen a reminder that was said; `why` says what they wanted, when not simply that.
    /// False when it needed no saying so: it was not said, or it was acknowledged before.
    pub fn reminder_acknowledge(
        &self,
        id: ReminderId,
        why: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE appointment_reminders SET status = 'sent', outcome = 'acknowledged', acknowledged_at = ?, \
                   error_message = coalesce(?, error_message) \
                   WHERE id = ? AND message_id IS NOT NULL AND acknowledged_at IS NULL";
        Ok(self.run(sql, params![to_text(now), why, id.to_string()])? == 1)
    }

    fn changed(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), StoreError> {
        if self.run(sql, values)? == 1 { Ok(()) } else { Err(StoreError::Stale("reminder")) }
    }
}
