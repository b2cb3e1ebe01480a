//! Reminders, timers and alarms. Setting one writes its job in the same transaction; calling it off takes the job back.

mod page;
mod progress;

pub use page::ReminderPage;

use chrono::{DateTime, Utc};
use rusqlite::{Row, ToSql, named_params, params};
use xswarm_core::{
    id::{AppointmentId, DeviceId, MessageId, ReminderId, UserId},
    job::Job,
    message::{Channel, MessageStatus},
    recurrence::Recurrence,
    reminder::{
        DOUBT, Reminder, ReminderKind, ReminderOutcome, ReminderProgress, ReminderStatus, ReminderStep, outcome_of,
    },
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, instant_or_null, json, parsed, parsed_or_null},
};

const COLUMNS: &str = "id, appointment_id, user_id, kind, text, reminder_time, method, recurring_rule, timezone, \
    series, series_start, recurrence_id, generation, step, attempt, status, outcome, error_message, message_id, \
    created_at, sent_at, plan, repetition, on_behalf_of, held_until, remaining_ms, acknowledged_at, retry_count";

fn reminder(row: &Row<'_>) -> rusqlite::Result<Reminder> {
    Ok(Reminder {
        id: parsed(row, "id")?,
        appointment_id: parsed_or_null(row, "appointment_id")?,
        user_id: parsed(row, "user_id")?,
        kind: parsed(row, "kind")?,
        text: row.get("text")?,
        due: instant(row, "reminder_time")?,
        channel: parsed(row, "method")?,
        recurrence: parsed_or_null::<Recurrence>(row, "recurring_rule")?,
        timezone: parsed(row, "timezone")?,
        step: ReminderStep {
            series: row.get("series")?,
            recurrence_id: instant(row, "recurrence_id")?,
            generation: row.get("generation")?,
            step: row.get("step")?,
            attempt: row.get("attempt")?,
        },
        series_start: instant(row, "series_start")?,
        status: parsed(row, "status")?,
        outcome: parsed_or_null(row, "outcome")?,
        error_message: row.get("error_message")?,
        message_id: parsed_or_null(row, "message_id")?,
        created_at: instant(row, "created_at")?,
        sent_at: instant_or_null(row, "sent_at")?,
        plan: json(row, "plan")?,
        progress: ReminderProgress {
            repetition: row.get("repetition")?,
            on_behalf_of: parsed_or_null(row, "on_behalf_of")?,
            held_until: instant_or_null(row, "held_until")?,
            remaining_ms: row.get("remaining_ms")?,
            acknowledged_at: instant_or_null(row, "acknowledged_at")?,
            retry_count: row.get("retry_count")?,
        },
    })
}

impl Rows<'_> {
    /// One reminder.
    pub fn reminder(&self, id: ReminderId) -> Result<Option<Reminder>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM appointment_reminders WHERE id = ?"), [id.to_string()], reminder)
    }

    /// A person's reminders in a state, soonest first.
    pub fn reminders(&self, user: UserId, status: ReminderStatus, limit: u32) -> Result<Vec<Reminder>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM appointment_reminders WHERE user_id = ? AND status = ? \
             ORDER BY reminder_time, id LIMIT ?"
        );
        self.many(&sql, params![user.to_string(), status.as_str(), limit], reminder)
    }

    /// A person's pending reminders of some kinds, soonest first.
    pub fn reminders_pending(
        &self,
        user: UserId,
        kinds: &[ReminderKind],
        limit: u32,
    ) -> Result<Vec<Reminder>, StoreError> {
        let marks = vec!["?"; kinds.len()].join(", ");
        let sql = format!(
            "SELECT {COLUMNS} FROM appointment_reminders WHERE user_id = ? AND kind IN ({marks}) AND status = 'pending' \
             ORDER BY reminder_time, id LIMIT ?"
        );
        let user = user.to_string();
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        let mut values: Vec<&dyn ToSql> = vec![&user];
        values.extend(kinds.iter().map(|kind| kind as &dyn ToSql));
        values.push(&limit);
        self.many(&sql, values.as_slice(), reminder)
    }

    /// All of a person's reminders, latest first.
    pub fn reminders_all(&self, user: UserId, limit: u32) -> Result<Vec<Reminder>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM appointment_reminders WHERE user_id = ? ORDER BY reminder_time DESC, id DESC LIMIT ?"
        );
        self.many(&sql, params![user.to_string(), limit], reminder)
    }

    /// A person's pending reminders that were due before `before`, oldest first; paused timers are not due.
    pub fn reminders_overdue(
        &self,
        user: UserId,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Reminder>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM appointment_reminders WHERE user_id = ? AND status = 'pending' \
             AND reminder_time < ? AND remaining_ms IS NULL ORDER BY reminder_time, id LIMIT ?"
        );
        self.many(&sql, params![user.to_string(), to_text(before), limit], reminder)
    }

    /// What is to ring in a room, soonest first: what is still to come, and what fell due after `since` and was not seen to. What
    /// goes another way because nothing rang there is not among it.
    pub fn reminders_in_room(&self, room: DeviceId, since: DateTime<Utc>) -> Result<Vec<Reminder>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM appointment_reminders WHERE json_extract(plan, '$.room') = ?1 \
             AND json_extract(plan, '$.room') IS NOT NULL AND method = 'room' AND acknowledged_at IS NULL \
             AND (status = 'pending' AND remaining_ms IS NULL OR status = 'sent' AND reminder_time > ?2) \
             ORDER BY reminder_time, id LIMIT 100"
        );
        self.many(&sql, [room.to_string(), to_text(since)], reminder)
    }

    /// The reminders that a message says.
    pub fn reminders_of_message(&self, message: MessageId) -> Result<Vec<Reminder>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM appointment_reminders WHERE message_id = ? ORDER BY reminder_time, id");
        self.many(&sql, [message.to_string()], reminder)
    }

    /// The pending reminders of an appointment.
    pub fn reminders_of_appointment(&self, id: AppointmentId) -> Result<Vec<Reminder>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM appointment_reminders WHERE appointment_id = ? AND status = 'pending' \
             ORDER BY reminder_time, id"
        );
        self.many(&sql, [id.to_string()], reminder)
    }
}

impl Tx<'_> {
    /// Sets a reminder and writes its job; [`StoreError::Exists`] when the same step of the same occurrence was ever
    /// set for this person.
    pub fn reminder_insert(&self, reminder: &Reminder, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "INSERT INTO appointment_reminders (id, appointment_id, user_id, kind, text, reminder_time, method, \
                   recurring_rule, timezone, series, series_start, recurrence_id, generation, step, attempt, status, \
                   created_at, plan, repetition, on_behalf_of, remaining_ms) VALUES (:id, :appointment_id, :user_id, \
                   :kind, :text, :due, :method, :rule, :timezone, :series, :series_start, :recurrence_id, :generation, \
                   :step, :attempt, :status, :created_at, :plan, :repetition, :on_behalf_of, :remaining_ms)";
        let plan = serde_json::to_string(&reminder.plan)?;
        self.run_one(
            "reminder",
            sql,
            named_params! {
                ":id": reminder.id.to_string(),
                ":appointment_id": reminder.appointment_id.map(|id| id.to_string()),
                ":user_id": reminder.user_id.to_string(),
                ":kind": reminder.kind.as_str(),
                ":text": reminder.text,
                ":due": to_text(reminder.due),
                ":method": reminder.channel.as_str(),
                ":rule": reminder.recurrence.as_ref().map(ToString::to_string),
                ":timezone": reminder.timezone.name(),
                ":series": reminder.step.series,
                ":series_start": to_text(reminder.series_start),
                ":recurrence_id": to_text(reminder.step.recurrence_id),
                ":generation": reminder.step.generation,
                ":step": reminder.step.step,
                ":attempt": reminder.step.attempt,
                ":status": reminder.status.as_str(),
                ":created_at": to_text(reminder.created_at),
                ":plan": plan,
                ":repetition": reminder.progress.repetition,
                ":on_behalf_of": reminder.progress.on_behalf_of.map(|id| id.to_string()),
                ":remaining_ms": reminder.progress.remaining_ms,
            },
        )?;
        if reminder.status == ReminderStatus::Pending && reminder.progress.remaining_ms.is_none() {
            self.job_enqueue(&Job::FireReminder { reminder: reminder.id }, None, reminder.due, now)?;
        }
        Ok(())
    }

    /// Calls a pending reminder off and takes its job back. [`StoreError::Stale`] when it is not pending any more.
    pub fn reminder_cancel(&self, id: ReminderId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE appointment_reminders SET status = 'cancelled', outcome = 'cancelled' \
                   WHERE id = ? AND status = 'pending'";
        if self.run(sql, [id.to_string()])? != 1 {
            return Err(StoreError::Stale("reminder"));
        }
        self.job_withdraw(&Job::FireReminder { reminder: id }, now)
    }

    /// Takes a calling-off back. [`StoreError::Stale`] when it was not called off.
    pub fn reminder_restore(&self, id: ReminderId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE appointment_reminders SET status = 'pending', outcome = NULL \
                   WHERE id = ? AND status = 'cancelled' RETURNING reminder_time, remaining_ms IS NOT NULL AS paused";
        let read = |row: &Row<'_>| Ok((instant(row, "reminder_time")?, row.get::<_, bool>("paused")?));
        let (due, paused) = self.one(sql, [id.to_string()], read)?.ok_or(StoreError::Stale("reminder"))?;
        if paused { Ok(()) } else { self.job_rearm(&Job::FireReminder { reminder: id }, due, now) }
    }

    /// The reminder is being said by `message` on `channel`; `late` says why it is late, when it is. The console has
    /// what is said there as soon as it is written.
    pub fn reminder_fired(
        &self,
        id: ReminderId,
        (message, channel): (MessageId, Channel),
        late: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let outcome = match (channel, late) {
            (Channel::Console, None) => Some(ReminderOutcome::Sent),
            (Channel::Console, Some(_)) => Some(ReminderOutcome::Late),
            (Channel::Sms | Channel::Email | Channel::Voice | Channel::ClaudeCode | Channel::Room, _) => None,
        };
        let sql = "UPDATE appointment_reminders SET status = 'sent', message_id = ?, method = ?, outcome = ?, late = ?, \
                   error_message = ?, sent_at = ? WHERE id = ? AND status = 'pending'";
        let outcome = outcome.map(ReminderOutcome::as_str);
        let (message, channel, late_too) = (message.to_string(), channel.as_str(), late.is_some());
        let values = params![message, channel, outcome, late_too, late, to_text(now), id.to_string()];
        if self.run(sql, values)? == 1 { Ok(()) } else { Err(StoreError::Stale("reminder")) }
    }

    /// The reminder ends without being said.
    pub fn reminder_close(
        &self,
        id: ReminderId,
        outcome: ReminderOutcome,
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let status = match outcome {
            ReminderOutcome::Failed => ReminderStatus::Failed,
            ReminderOutcome::Cancelled | ReminderOutcome::Expired => ReminderStatus::Cancelled,
            ReminderOutcome::Sent
            | ReminderOutcome::Delivered
            | ReminderOutcome::Acknowledged
            | ReminderOutcome::Late
            | ReminderOutcome::Unknown => ReminderStatus::Sent,
        };
        let sql = "UPDATE appointment_reminders SET status = ?, outcome = ?, error_message = ?, sent_at = ? \
                   WHERE id = ? AND status = 'pending'";
        let values = params![status.as_str(), outcome.as_str(), why, to_text(now), id.to_string()];
        if self.run(sql, values)? == 1 { Ok(()) } else { Err(StoreError::Stale("reminder")) }
    }

    /// The reminders that a message speaks for follow its state. Where it failed, or nobody can tell, a job goes on to
    /// the next channel; in doubt not before the provider had time to say more.
    pub(super) fn reminders_follow_message(
        &self,
        message: MessageId,
        status: MessageStatus,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = "SELECT id, late FROM appointment_reminders WHERE message_id = ? \
                   AND coalesce(outcome, '') <> 'acknowledged'";
        let spoken_for: Vec<(ReminderId, bool)> =
            self.many(sql, [message.to_string()], |row| Ok((parsed(row, "id")?, row.get("late")?)))?;
        for (id, late) in spoken_for {
            let outcome = outcome_of(status, late);
            let reminder_status =
                if outcome == Some(ReminderOutcome::Failed) { ReminderStatus::Failed } else { ReminderStatus::Sent };
            let tried = u32::from(status == MessageStatus::Sending);
            self.run_one(
                "reminder",
                "UPDATE appointment_reminders SET status = ?, outcome = ?, retry_count = retry_count + ? WHERE id = ?",
                params![reminder_status.as_str(), outcome.map(ReminderOutcome::as_str), tried, id.to_string()],
            )?;
            let go_on = Job::ContinueReminder { reminder: id };
            if outcome == Some(ReminderOutcome::Unknown) {
                self.job_enqueue(&go_on, None, now + DOUBT, now)?;
            } else if outcome == Some(ReminderOutcome::Failed) {
                // It may have been looked at in a doubt that was resolved since.
                self.job_rearm(&go_on, now, now)?;
                self.job_hasten(&go_on, now)?;
            }
        }
        Ok(())
    }
}
