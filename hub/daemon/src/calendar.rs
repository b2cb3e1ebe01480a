//! The calendar inside a transaction: booking, changing and calling off appointments together with their reminders.
//!
//! What a sentence means, and what is said about it, is the assistant's business.

pub(crate) mod skips;

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus, Occurrence},
    conflict::{self, Conflict},
    event::Event,
    id::{AppointmentId, UserId},
    message::Channel,
    preferences::CalendarPreferences,
    user::User,
};
use xswarm_store::{AppointmentChange, Rows, StoreError, Tx};

use crate::{error::Error, reminders};

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

/// Books an appointment and sets its first reminders.
pub(crate) fn book(
    tx: &Tx<'_>,
    appointment: &Appointment,
    channel: Channel,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.appointment_insert(appointment)?;
    reminders::arm(tx, appointment, channel, now)?;
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
            reminders::arm(tx, after, channel, now)?;
            Event::AppointmentChanged { appointment: after.id }
        }
    };
    tx.event_append(&event, Some(after.user_id), now)
}
