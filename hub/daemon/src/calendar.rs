//! The calendar inside a transaction: booking, changing and calling off appointments together with their reminders.
//!
//! What a sentence means, and what is said about it, is the assistant's business.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus, Occurrence},
    conflict::{self, Conflict},
    event::Event,
    id::{AppointmentId, ReminderId, UserId},
    message::Channel,
    preferences::CalendarPreferences,
    reminder::{Reminder, ReminderKind, ReminderStatus, ReminderStep},
    user::User,
};
use xswarm_store::{AppointmentChange, Rows, StoreError, Tx};

use crate::error::Error;

/// What gets in the way of `[start, end)` for a person, apart from `except` itself, by the room they want.
pub(crate) fn conflicts(
    rows: &Rows<'_>,
    user: UserId,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    except: Option<AppointmentId>,
) -> Result<Vec<Conflict>, StoreError> {
    let buffer = rows.user(user)?.map_or(Duration::zero(), |user| CalendarPreferences::of(&user).buffer());
    let near = rows.occurrences(user, start - buffer, end + buffer)?;
    Ok(conflict::all(start, end, near.into_iter().filter(|one| Some(one.appointment) != except), buffer))
}

/// An occurrence of a proposed appointment, and what gets in its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clash {
    /// What is proposed.
    pub(crate) occurrence: Occurrence,
    /// What is there.
    pub(crate) conflict: Conflict,
}

/// What gets in the way of a proposed appointment: of a series, in the way of its next occurrences
/// ([`conflict::checked`]). `except` are appointments that it takes the place of.
pub(crate) fn clashes(
    rows: &Rows<'_>,
    user: &User,
    proposed: &Appointment,
    except: &[AppointmentId],
    now: DateTime<Utc>,
) -> Result<Vec<Clash>, Error> {
    let unreadable = |error| Error::invalid("this rule cannot be expanded").with_source(error);
    let checked = conflict::checked(proposed, now).map_err(unreadable)?;
    let buffer = CalendarPreferences::of(user).buffer();
    let stretches: Vec<_> = checked.iter().map(|one| one.start - buffer..one.end + buffer).collect();
    let mut existing = rows.occurrences_in(user.id, &stretches)?;
    existing.retain(|one| !except.contains(&one.appointment));
    let found = conflict::of_each(&checked, &existing, buffer);
    Ok(found.map(|(one, conflict)| Clash { occurrence: one.clone(), conflict }).collect())
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
