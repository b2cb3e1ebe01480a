//! Reminders and timers inside a transaction: setting, calling off, and saying those that are due.
//!
//! A reminder that is due on time is said by itself. One that is late (the box was off, the clock jumped) is gathered
//! with everything else that is late for the same person on the same channel, and one digest accounts for all of it.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus},
    event::Event,
    id::{MessageId, ReminderId},
    mail::Layout,
    reminder::{GRACE, Reminder, ReminderKind, ReminderOutcome, ReminderStatus, ReminderStep},
    user::User,
};
use xswarm_store::{StoreError, Tx};

use crate::{
    calendar,
    outbox::{self, OurAddresses, Saying, To},
    wording,
};

/// How many late reminders one digest accounts for; the rest follow in the next.
const DIGEST_MOST: u32 = 200;

/// How many missed occurrences of one series are recorded each by itself; older ones are passed over as expired.
const MISSED_MOST: usize = 200;

/// Sets a reminder.
pub(crate) fn set(tx: &Tx<'_>, reminder: &Reminder, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.reminder_insert(reminder, now)?;
    tx.event_append(&Event::ReminderSet { reminder: reminder.id }, Some(reminder.user_id), now)
}

/// Calls a reminder off.
pub(crate) fn cancel(tx: &Tx<'_>, reminder: &Reminder, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.reminder_cancel(reminder.id, now)?;
    tx.event_append(&Event::ReminderCancelled { reminder: reminder.id }, Some(reminder.user_id), now)
}

/// What became of a due reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fired {
    /// It was said, or had been dealt with before.
    Done,
    /// The clock went back: it is not due yet.
    NotYet(DateTime<Utc>),
}

/// Says a reminder that is due, and everything else that is late for the same person.
pub(crate) fn fire(tx: &Tx<'_>, id: ReminderId, ours: &OurAddresses, now: DateTime<Utc>) -> Result<Fired, StoreError> {
    let Some(reminder) = tx.reminder(id)? else { return Ok(Fired::Done) };
    if reminder.status != ReminderStatus::Pending {
        return Ok(Fired::Done);
    }
    if reminder.due > now {
        return Ok(Fired::NotYet(reminder.due));
    }
    let Some(user) = tx.user(reminder.user_id)? else { return Ok(Fired::Done) };
    let Some(to) = To::user(&user, reminder.channel, ours).map(|to| to.laid_out(Layout::Reminder)) else {
        let why = format!("{} cannot be reached by {}", user.name, reminder.channel);
        tx.reminder_close(reminder.id, ReminderOutcome::Failed, &why, now)?;
        schedule_next(tx, &reminder, now)?;
        return Ok(Fired::Done);
    };
    if now - reminder.due <= GRACE {
        let text = on_time(tx, &reminder, &user)?;
        let message = speak(tx, &user, &to, &reminder, &text, now)?;
        mark(tx, &reminder, message, None, now)?;
    } else {
        digest(tx, &user, &to, &reminder, now)?;
    }
    Ok(Fired::Done)
}

fn speak(
    tx: &Tx<'_>,
    user: &User,
    to: &To,
    reminder: &Reminder,
    text: &str,
    now: DateTime<Utc>,
) -> Result<MessageId, StoreError> {
    let conversation = tx.conversation_of(user.id, reminder.channel, now)?;
    let saying = Saying {
        user: Some(user),
        conversation: Some(conversation),
        to,
        text,
        in_reply_to: None,
        metadata: serde_json::json!({ "purpose": "reminder" }),
    };
    outbox::say(tx, &saying, now)
}

/// Records that `message` says the reminder, and sets the next of its series.
fn mark(
    tx: &Tx<'_>,
    reminder: &Reminder,
    message: MessageId,
    late: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.reminder_fired(reminder.id, message, late, now)?;
    let event = Event::ReminderFired { reminder: reminder.id, late: late.is_some() };
    tx.event_append(&event, Some(reminder.user_id), now)?;
    schedule_next(tx, reminder, now)
}

fn on_time(tx: &Tx<'_>, reminder: &Reminder, user: &User) -> Result<String, StoreError> {
    Ok(match reminder.kind {
        ReminderKind::Reminder => format!("Reminder: {}", reminder.text),
        ReminderKind::Timer => format!("Timer done: {}", reminder.text),
        ReminderKind::Appointment => match appointment_of(tx, reminder)? {
            Some(appointment) => {
                let start = wording::moment(reminder.step.recurrence_id, user.timezone);
                let place = appointment.location.map(|place| format!(", {place}")).unwrap_or_default();
                format!("Coming up: {}, {start}{place}", appointment.title)
            }
            None => format!("Coming up: {}", reminder.text),
        },
    })
}

fn appointment_of(tx: &Tx<'_>, reminder: &Reminder) -> Result<Option<Appointment>, StoreError> {
    reminder.appointment_id.map_or(Ok(None), |id| tx.appointment(id))
}

fn digest(tx: &Tx<'_>, user: &User, to: &To, first: &Reminder, now: DateTime<Utc>) -> Result<(), StoreError> {
    let late = tx.reminders_overdue(user.id, first.channel, now - GRACE, DIGEST_MOST)?;
    let mut entries = Vec::new();
    for reminder in late {
        let missed = missed_since(&reminder, now);
        entries.push((reminder, missed));
    }
    let mut lines = vec![match entries.len() {
        1 => "I could not tell you this in time:".to_owned(),
        _ => "I could not tell you these in time:".to_owned(),
    }];
    lines.extend(entries.iter().map(|(reminder, missed)| late_line(reminder, missed.len(), user.timezone)));
    // Each text of the digest is a row of its own; every reminder points at the first.
    let mut message = None;
    for text in outbox::numbered(&lines) {
        let id = speak(tx, user, to, first, &text, now)?;
        message.get_or_insert(id);
    }
    let Some(message) = message else { return Ok(()) };
    for (reminder, missed) in entries {
        let why = format!("said {} after it was due", wording::length(now - reminder.due));
        tx.reminder_fired(reminder.id, message, Some(&why), now)?;
        tx.event_append(&Event::ReminderFired { reminder: reminder.id, late: true }, Some(user.id), now)?;
        let mut last = reminder;
        for due in missed {
            let next = following(&last, due, now);
            tx.reminder_insert(&next, now)?;
            tx.reminder_fired(next.id, message, Some(&why), now)?;
            last = next;
        }
        schedule_next(tx, &last, now)?;
    }
    Ok(())
}

fn late_line(reminder: &Reminder, further: usize, zone: Tz) -> String {
    let what = match reminder.kind {
        ReminderKind::Reminder => reminder.text.clone(),
        ReminderKind::Timer => format!("timer done: {}", reminder.text),
        ReminderKind::Appointment => {
            let start = wording::moment(reminder.step.recurrence_id, zone);
            return format!("– late: {} ({start})", reminder.text);
        }
    };
    let due = wording::moment(reminder.due, zone);
    match further {
        0 => format!("– late: {what} (due {due})"),
        _ => format!("– late: {what} (due {due}, and {further} more since)"),
    }
}

/// The occurrences of a repeating reminder after this one that are late as well.
fn missed_since(reminder: &Reminder, now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let Some(rule) = &reminder.recurrence else { return Vec::new() };
    let Ok(occurrences) = rule.occurrences(reminder.series_start, reminder.timezone) else { return Vec::new() };
    occurrences.skip_while(|at| *at <= reminder.due).take_while(|at| *at <= now - GRACE).take(MISSED_MOST).collect()
}

/// Sets the next of a repeating reminder, or of a repeating appointment's reminders.
fn schedule_next(tx: &Tx<'_>, reminder: &Reminder, now: DateTime<Utc>) -> Result<(), StoreError> {
    if let Some(appointment) = appointment_of(tx, reminder)? {
        let stands = appointment.status != AppointmentStatus::Cancelled && appointment.recurrence.is_some();
        let after = Some(reminder.step.recurrence_id);
        return if stands {
            calendar::set_next_reminder(tx, &appointment, after, reminder.channel, now)
        } else {
            Ok(())
        };
    }
    let Some(rule) = &reminder.recurrence else { return Ok(()) };
    let next = rule
        .occurrences(reminder.series_start, reminder.timezone)
        .ok()
        .and_then(|mut occurrences| occurrences.find(|at| *at > reminder.due && *at > now - GRACE));
    match next {
        Some(due) => tx.reminder_insert(&following(reminder, due, now), now),
        None => Ok(()),
    }
}

/// The same reminder at a later occurrence.
fn following(reminder: &Reminder, due: DateTime<Utc>, now: DateTime<Utc>) -> Reminder {
    Reminder {
        id: ReminderId::new(now),
        due,
        step: ReminderStep { recurrence_id: due, attempt: 0, ..reminder.step.clone() },
        status: ReminderStatus::Pending,
        outcome: None,
        error_message: None,
        message_id: None,
        created_at: now,
        sent_at: None,
        ..reminder.clone()
    }
}
