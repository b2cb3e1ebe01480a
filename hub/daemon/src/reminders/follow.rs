//! What follows: saying it again, telling somebody else, the next channel, the next of the series.

use chrono::{DateTime, Utc};
use xswarm_core::{
    appointment::AppointmentStatus,
    id::ReminderId,
    reminder::{GRACE, Reminder, ReminderOutcome, ReminderPreferences, ReminderProgress, ReminderStatus, ReminderStep},
};
use xswarm_store::{StoreError, Tx};

use super::{appointments, fire::Told};
use crate::outbox::OurAddresses;

/// Sets what follows the saying of a reminder unless somebody answers: the repetition, and telling somebody else.
pub(super) fn up(tx: &Tx<'_>, told: &Told<'_>, said: &Reminder, now: DateTime<Utc>) -> Result<(), StoreError> {
    let follow = told.ladder(said).follow(said, now);
    if let Some(due) = follow.again {
        let attempts = tx.reminder_attempts(&said.step, said.user_id)?;
        // Another channel's try of the same saying finds the repetition set.
        let waits = attempts.iter().any(|one| one.status == ReminderStatus::Pending && one.id != said.id);
        if !waits {
            let mut again = attempt(said, &attempts, due, now);
            again.progress.repetition = said.progress.repetition + 1;
            tx.reminder_insert(&again, now)?;
        }
    }
    if let Some((to, due)) = follow.escalate
        && tx.user(to)?.is_some()
        && tx.reminder_attempts(&said.step, to)?.is_empty()
    {
        let step = ReminderStep { attempt: 0, ..said.step.clone() };
        let progress = ReminderProgress { on_behalf_of: Some(said.user_id), ..ReminderProgress::default() };
        let mut other = Reminder { user_id: to, progress, ..said.again(ReminderId::new(now), due, step, now) };
        // How they are reached is for them to say.
        other.plan.channels = None;
        tx.reminder_insert(&other, now)?;
    }
    Ok(())
}

/// A further attempt of the same step.
pub(super) fn attempt(said: &Reminder, attempts: &[Reminder], due: DateTime<Utc>, now: DateTime<Utc>) -> Reminder {
    let next = attempts.iter().map(|one| one.step.attempt + 1).max().unwrap_or(said.step.attempt + 1);
    said.again(ReminderId::new(now), due, ReminderStep { attempt: next, ..said.step.clone() }, now)
}

/// The message of a reminder failed, or nobody can tell: says it by the next channel, unless there is none or somebody
/// answered meanwhile.
pub(crate) fn go_on(tx: &Tx<'_>, id: ReminderId, ours: &OurAddresses, now: DateTime<Utc>) -> Result<(), StoreError> {
    let missed = |one: &Reminder| {
        matches!(one.outcome, Some(ReminderOutcome::Failed | ReminderOutcome::Unknown)) && one.message_id.is_some()
    };
    let Some(missed) = tx.reminder(id)?.filter(missed) else { return Ok(()) };
    let Some(user) = tx.user(missed.user_id)? else { return Ok(()) };
    let attempts = tx.reminder_attempts(&missed.step, missed.user_id)?;
    let went_on = attempts.iter().any(|one| {
        one.step.attempt > missed.step.attempt && one.progress.repetition == missed.progress.repetition
            || one.progress.acknowledged_at > missed.sent_at
    });
    if went_on {
        return Ok(());
    }
    let preferences = ReminderPreferences::of(&user.preferences);
    let told = Told { user: &user, preferences: &preferences, ours };
    let mut next = attempt(&missed, &attempts, missed.due, now);
    next.progress.repetition = missed.progress.repetition;
    if let Some((channel, _)) = told.way(tx, &next)? {
        next.channel = channel;
        tx.reminder_insert(&next, now)?;
    }
    Ok(())
}

/// Sets the next of a repeating reminder, or the next of one lead time of a repeating appointment.
pub(super) fn next_of_series(tx: &Tx<'_>, reminder: &Reminder, now: DateTime<Utc>) -> Result<(), StoreError> {
    if !reminder.is_first() {
        return Ok(());
    }
    if let Some(appointment) = appointments::of(tx, reminder)? {
        let stands = appointment.status != AppointmentStatus::Cancelled && appointment.is_series();
        return if stands { appointments::arm_next(tx, &appointment, reminder, now) } else { Ok(()) };
    }
    let Some(rule) = &reminder.recurrence else { return Ok(()) };
    let last = reminder.step.recurrence_id;
    let next = rule
        .occurrences(reminder.series_start, reminder.timezone)
        .ok()
        .and_then(|mut occurrences| occurrences.find(|at| *at > last && *at > now - GRACE));
    match next {
        Some(due) => unless_known(tx, &following(reminder, due, now), now),
        None => Ok(()),
    }
}

/// Sets a reminder unless the same step of the same occurrence was ever set.
pub(super) fn unless_known(tx: &Tx<'_>, reminder: &Reminder, now: DateTime<Utc>) -> Result<(), StoreError> {
    let known = !tx.reminder_attempts(&reminder.step, reminder.user_id)?.is_empty();
    if known { Ok(()) } else { tx.reminder_insert(reminder, now) }
}

/// The same reminder at a later occurrence.
pub(super) fn following(reminder: &Reminder, due: DateTime<Utc>, now: DateTime<Utc>) -> Reminder {
    let step = ReminderStep { recurrence_id: due, attempt: 0, ..reminder.step.clone() };
    reminder.again(ReminderId::new(now), due, step, now)
}
