//! The calendar inside a transaction: booking, changing and calling off appointments together with their reminders.
//!
//! What a sentence means, and what is said about it, is the assistant's business.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus},
    conflict::{self, Conflict},
    event::Event,
    id::{ReminderId, UserId},
    message::Channel,
    reminder::{Reminder, ReminderKind, ReminderStatus, ReminderStep},
};
use xswarm_store::{AppointmentChange, Rows, StoreError, Tx};

/// How much room a person wants between two appointments.
pub(crate) const BUFFER: Duration = Duration::minutes(5);

/// What gets in the way of `[start, end)` for a person, apart from `except` itself.
pub(crate) fn conflicts(
    rows: &Rows<'_>,
    user: UserId,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    except: Option<xswarm_core::id::AppointmentId>,
) -> Result<Vec<Conflict>, StoreError> {
    let near = rows.occurrences(user, start - BUFFER, end + BUFFER)?;
    Ok(conflict::all(start, end, near.into_iter().filter(|one| Some(one.appointment) != except), BUFFER))
}

/// Books an appointment and sets its first reminder.
pub(crate) fn book(
    tx: &Tx<'_>,
    appointment: &Appointment,
    channel: Channel,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.appointment_insert(appointment)?;
    set_next_reminder(tx, appointment, None, channel, now)?;
    let event = Event::AppointmentCreated { appointment: appointment.id };
    tx.event_append(&event, Some(appointment.user_id), now)
}

/// Replaces an appointment, if it is still as `before` says: its pending reminders are called off and set anew under
/// the next generation. Cancelling and taking a cancellation back are such replacements too.
pub(crate) fn change(
    tx: &Tx<'_>,
    before: &Appointment,
    after: &Appointment,
    channel: Channel,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.appointment_update(after, AppointmentChange::IfVersion(before.version))?;
    for pending in tx.reminders_of_appointment(after.id)? {
        tx.reminder_cancel(pending.id, now)?;
    }
    let event = match after.status {
        AppointmentStatus::Cancelled => Event::AppointmentCancelled { appointment: after.id },
        AppointmentStatus::Confirmed | AppointmentStatus::Tentative => {
            set_next_reminder(tx, after, None, channel, now)?;
            Event::AppointmentChanged { appointment: after.id }
        }
    };
    tx.event_append(&event, Some(after.user_id), now)
}

/// The reminder before the first occurrence that starts after `after` (when given) and whose reminder is still to
/// come; `None` when there is none.
pub(crate) fn next_reminder(
    appointment: &Appointment,
    after: Option<DateTime<Utc>>,
    channel: Channel,
    now: DateTime<Utc>,
) -> Option<Reminder> {
    let lead = Duration::minutes(i64::from(appointment.reminder_minutes?));
    let mut ahead = appointment.occurrences_from(now).ok()?;
    let next = ahead.find(|one| one.start - lead > now && after.is_none_or(|after| one.start > after))?;
    Some(Reminder {
        id: ReminderId::new(now),
        appointment_id: Some(appointment.id),
        user_id: appointment.user_id,
        kind: ReminderKind::Appointment,
        text: next.title,
        due: next.start - lead,
        channel,
        recurrence: None,
        timezone: appointment.timezone,
        step: ReminderStep {
            series: appointment.id.to_string(),
            recurrence_id: next.recurrence_id,
            generation: appointment.generation,
            step: 0,
            attempt: 0,
        },
        series_start: appointment.start,
        status: ReminderStatus::Pending,
        outcome: None,
        error_message: None,
        message_id: None,
        created_at: now,
        sent_at: None,
    })
}

/// Sets the next reminder of an appointment, if one is still to come.
pub(crate) fn set_next_reminder(
    tx: &Tx<'_>,
    appointment: &Appointment,
    after: Option<DateTime<Utc>>,
    channel: Channel,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    match next_reminder(appointment, after, channel, now) {
        Some(reminder) => tx.reminder_insert(&reminder, now),
        None => Ok(()),
    }
}
