//! Reminders before appointments: one row ahead for each lead time, and the next when it has fired.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    appointment::Appointment,
    id::ReminderId,
    message::Channel,
    reminder::{
        GRACE, Reminder, ReminderKind, ReminderPlan, ReminderPreferences, ReminderProgress, ReminderStatus,
        ReminderStep,
        ladder::{self, AheadOf},
    },
    user::User,
};
use xswarm_store::{Rows, StoreError, Tx};

/// The appointment that a reminder precedes.
pub(super) fn of(rows: &Rows<'_>, reminder: &Reminder) -> Result<Option<Appointment>, StoreError> {
    reminder.appointment_id.map_or(Ok(None), |id| rows.appointment(id))
}

/// When the occurrence that a reminder precedes begins.
pub(super) fn start_of(appointment: &Appointment, reminder: &Reminder) -> DateTime<Utc> {
    let id = reminder.step.recurrence_id;
    appointment.occurrence_at(id).ok().flatten().map_or(id, |occurrence| occurrence.start)
}

/// When that begins which a reminder precedes; `None` when it precedes no appointment.
pub(super) fn starts(rows: &Rows<'_>, reminder: &Reminder) -> Result<Option<DateTime<Utc>>, StoreError> {
    Ok(of(rows, reminder)?.map(|appointment| start_of(&appointment, reminder)))
}

/// How many minutes before its next occurrences somebody will still be reminded, longest first.
pub(crate) fn leads_ahead(appointment: &Appointment, plan: &ReminderPlan, user: &User, now: DateTime<Utc>) -> Vec<u32> {
    let mut leads = ladder::leads(appointment, plan, &ReminderPreferences::of(&user.preferences));
    leads.retain(|lead| ladder::before_occurrence(appointment, *lead, None, now).is_some());
    leads
}

/// Sets the next reminder of an appointment for each of its lead times.
pub(crate) fn arm(
    tx: &Tx<'_>,
    appointment: &Appointment,
    channel: Channel,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(user) = tx.user(appointment.user_id)? else { return Ok(()) };
    let plan = tx.appointment_plan(appointment.id)?;
    for lead in ladder::leads(appointment, &plan, &ReminderPreferences::of(&user.preferences)) {
        if let Some(ahead) = ladder::before_occurrence(appointment, lead, None, now) {
            insert(tx, row(appointment, &plan, lead, &ahead, channel, now), now)?;
        }
    }
    Ok(())
}

/// After a change of the plan: calls off the lead times that are no longer wanted and sets those that are missing. What
/// was said and waits for an answer goes on.
pub(super) fn re_arm(
    tx: &Tx<'_>,
    appointment: &Appointment,
    channel: Channel,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for pending in tx.reminders_of_appointment(appointment.id)?.into_iter().filter(Reminder::is_first) {
        tx.reminder_cancel(pending.id, now)?;
    }
    arm(tx, appointment, channel, now)
}

/// Sets the reminder with the same lead time of the occurrence after the one that `last` preceded.
pub(super) fn arm_next(
    tx: &Tx<'_>,
    appointment: &Appointment,
    last: &Reminder,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(user) = tx.user(appointment.user_id)? else { return Ok(()) };
    let plan = tx.appointment_plan(appointment.id)?;
    let lead = last.step.step;
    if !ladder::leads(appointment, &plan, &ReminderPreferences::of(&user.preferences)).contains(&lead) {
        return Ok(());
    }
    let after = (start_of(appointment, last), last.step.recurrence_id);
    match ladder::before_occurrence(appointment, lead, Some(after), now - GRACE) {
        Some(ahead) => {
            let next = row(appointment, &plan, lead, &ahead, last.channel, now);
            super::follow::unless_known(tx, &next, now)
        }
        None => Ok(()),
    }
}

/// The rows of the same lead time that were missed since `last`, at most `most`.
pub(super) fn missed_since(
    tx: &Tx<'_>,
    appointment: &Appointment,
    last: &Reminder,
    most: usize,
    now: DateTime<Utc>,
) -> Result<Vec<Reminder>, StoreError> {
    let plan = tx.appointment_plan(appointment.id)?;
    let mut after = (start_of(appointment, last), last.step.recurrence_id);
    let mut missed = Vec::new();
    while missed.len() < most {
        let not_before = last.due - Duration::milliseconds(1);
        let next = ladder::before_occurrence(appointment, last.step.step, Some(after), not_before);
        let Some(ahead) = next.filter(|ahead| ahead.due <= now - GRACE) else { break };
        after = (ahead.start, ahead.recurrence_id);
        missed.push(row(appointment, &plan, last.step.step, &ahead, last.channel, now));
    }
    Ok(missed)
}

/// Inserts a row. When the same step of the same occurrence was called off before, it is a new generation; when it was
/// said for the same time, it is not said again.
fn insert(tx: &Tx<'_>, mut row: Reminder, now: DateTime<Utc>) -> Result<(), StoreError> {
    let known = tx.reminder_attempts(&row.step, row.user_id)?;
    if known.iter().any(|one| one.status != ReminderStatus::Cancelled && one.due == row.due) {
        return Ok(());
    }
    if !known.is_empty() {
        row.step.generation = tx.reminder_next_generation(&row.step.series, row.step.recurrence_id)?;
    }
    tx.reminder_insert(&row, now)
}

fn row(
    appointment: &Appointment,
    plan: &ReminderPlan,
    lead: u32,
    ahead: &AheadOf,
    channel: Channel,
    now: DateTime<Utc>,
) -> Reminder {
    let plan = plan.of_step(lead);
    let channel = plan.channels.as_deref().and_then(<[_]>::first).copied().unwrap_or(channel);
    Reminder {
        id: ReminderId::new(now),
        appointment_id: Some(appointment.id),
        user_id: appointment.user_id,
        kind: ReminderKind::Appointment,
        text: ahead.title.clone(),
        due: ahead.due,
        channel,
        recurrence: None,
        timezone: appointment.timezone,
        step: ReminderStep {
            series: appointment.id.to_string(),
            recurrence_id: ahead.recurrence_id,
            generation: appointment.generation,
            step: lead,
            attempt: 0,
        },
        series_start: appointment.start,
        status: ReminderStatus::Pending,
        outcome: None,
        error_message: None,
        message_id: None,
        created_at: now,
        sent_at: None,
        plan,
        progress: ReminderProgress::default(),
    }
}
