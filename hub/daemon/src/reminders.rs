//! Reminders, timers and alarms inside a transaction: setting, calling off, saying those that are due, and what follows.
//!
//! A reminder that is due on time is said by itself ([`fire()`]). One that is late (the box was off, the clock jumped, quiet
//! hours held it back) is gathered with everything else that is late for the same person, and one digest accounts for all
//! of it ([`digest`]). What was said may be said again, or to somebody else, until it is answered ([`follow`],
//! [`answer`]). A failed delivery goes on to the next channel; one that ended unclear does too, once the provider had
//! time to say more: the person was perhaps not reached, and no channel is used twice for the same saying.

mod answer;
mod appointments;
mod digest;
mod fire;
mod follow;
mod glance;
mod words;

use chrono::{DateTime, Utc};
use xswarm_core::{
    appointment::AppointmentStatus,
    event::Event,
    id::{AppointmentId, UserId},
    message::Channel,
    reminder::{Reminder, ReminderPlan, ReminderPreferences},
    user::User,
};
use xswarm_store::{StoreError, Tx};

pub(crate) use answer::{acknowledge, snooze};
pub(crate) use appointments::{arm, leads_ahead};
pub(crate) use fire::{Fired, fire, fire_due, rang};
pub(crate) use follow::go_on;

use crate::outbox::{OurAddresses, To};

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

/// A pending reminder becomes another: its words, its plan, and when it is due, which is its next generation.
pub(crate) fn change(tx: &Tx<'_>, after: &Reminder, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.reminder_update(after, now)?;
    tx.event_append(&Event::ReminderChanged { reminder: after.id }, Some(after.user_id), now)
}

/// A timer stops running, with what is left of it.
pub(crate) fn pause(tx: &Tx<'_>, timer: &Reminder, remaining_ms: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.reminder_pause(timer.id, chrono::Duration::milliseconds(remaining_ms), now)?;
    tx.event_append(&Event::ReminderChanged { reminder: timer.id }, Some(timer.user_id), now)
}

/// A paused timer runs on.
pub(crate) fn resume(tx: &Tx<'_>, timer: &Reminder, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.reminder_resume(timer.id, now)?;
    tx.event_append(&Event::ReminderChanged { reminder: timer.id }, Some(timer.user_id), now)
}

/// From now on the reminders before an appointment follow this plan.
pub(crate) fn plan(
    tx: &Tx<'_>,
    id: AppointmentId,
    plan: &ReminderPlan,
    channel: Channel,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.appointment_plan_set(id, plan)?;
    match tx.appointment(id)? {
        Some(appointment) if appointment.status != AppointmentStatus::Cancelled => {
            appointments::re_arm(tx, &appointment, channel, now)
        }
        Some(_) | None => Ok(()),
    }
}

/// After a change of what a person prefers: what quiet hours hold back is looked at again now, and is held until they
/// end if there still are any.
pub(crate) fn look_again(tx: &Tx<'_>, user: UserId, now: DateTime<Utc>) -> Result<(), StoreError> {
    for one in tx.reminders_held(user, now)? {
        tx.reminder_hold(one, now, "held back until the quiet hours were changed")?;
        tx.reminder_job(one, Some(now), now)?;
    }
    Ok(())
}

/// The way by which a person is written to first, as things stand: nobody is called for what can be read.
pub(crate) fn written_channel(user: &User, ours: &OurAddresses) -> Channel {
    let written = |channel: &Channel| match channel {
        Channel::Sms | Channel::Email | Channel::Console => To::user(user, *channel, ours).is_some(),
        Channel::Voice | Channel::ClaudeCode | Channel::Room => false,
    };
    let preferences = ReminderPreferences::of(&user.preferences);
    preferences.channels.iter().copied().find(written).unwrap_or(Channel::Console)
}

/// The way by which a person is reminded first, as things stand.
pub(crate) fn usual_channel(user: &User, ours: &OurAddresses) -> Channel {
    let preferences = ReminderPreferences::of(&user.preferences);
    let reaches = |channel: &Channel| To::user(user, *channel, ours).is_some();
    preferences.channels.iter().copied().find(reaches).unwrap_or(Channel::Console)
}
