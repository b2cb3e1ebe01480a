//! Whose words stand in what a turn is about: titles, names and items that others wrote, looked up in what the turn changes
//! or asks. What it merely tells besides is noted where it is told.
//!
//! Nothing is judged here; `trust` does.

use xswarm_core::{
    appointment::Appointment,
    id::AppointmentId,
    provenance::{Source, Sources},
    reminder::Reminder,
};
use xswarm_store::{Rows, StoreError};

use super::{
    effect::Effect,
    question::{Item, Question},
    turn::Decision,
};
use crate::contacts::Change;

/// The decision, with whose words stand in what it changes and asks.
pub(super) fn noted(rows: &Rows<'_>, mut decision: Decision) -> Result<Decision, StoreError> {
    for effect in &decision.effects {
        decision.sources.join(&of_effect(rows, effect)?);
    }
    if let Some(question) = &decision.question {
        decision.sources.join(&of_question(rows, question)?);
    }
    Ok(decision)
}

/// Those of appointments.
pub(super) fn of_appointments<'a>(appointments: impl IntoIterator<Item = &'a Appointment>) -> Sources {
    appointments.into_iter().map(|one| one.source.origin.whose()).collect()
}

/// Those of appointments that are known by their ids.
pub(super) fn of_ids(rows: &Rows<'_>, ids: impl IntoIterator<Item = AppointmentId>) -> Result<Sources, StoreError> {
    let mut sources = Sources::own();
    for id in ids.into_iter().collect::<std::collections::BTreeSet<_>>() {
        sources.join(&of_appointments(&rows.appointment(id)?));
    }
    Ok(sources)
}

/// Those of a reminder: of the appointment that it comes before.
fn of_reminder(rows: &Rows<'_>, reminder: &Reminder) -> Result<Sources, StoreError> {
    of_ids(rows, reminder.appointment_id)
}

fn of_effect(rows: &Rows<'_>, effect: &Effect) -> Result<Sources, StoreError> {
    Ok(match effect {
        Effect::Book { appointment, .. } => of_appointments([appointment.as_ref()]),
        Effect::Change { before, after, .. } => of_appointments([before.as_ref(), after.as_ref()]),
        Effect::SetReminder { reminder }
        | Effect::CancelReminder { reminder }
        | Effect::RestoreReminder { reminder }
        | Effect::AcknowledgeReminder { reminder, .. }
        | Effect::SnoozeReminder { said: reminder, .. }
        | Effect::PauseTimer { timer: reminder, .. }
        | Effect::ResumeTimer { timer: reminder } => of_reminder(rows, reminder)?,
        Effect::PlanReminders { appointment, .. } => of_ids(rows, [*appointment])?,
        Effect::Contact { change } => match change {
            Change::Create { contact } | Change::Delete { contact } => Sources::of(contact.source.whose()),
            Change::Update { before, after } => [before.source.whose(), after.source.whose()].into_iter().collect(),
        },
        Effect::DecideInvitation { .. } => Sources::of(Source::Attachment),
        // What is on lists is noted where it is told: who named it knows it.
        Effect::List { .. }
        | Effect::LeaveOut { .. }
        | Effect::NamePeople { .. }
        | Effect::Remember { .. }
        | Effect::Forget { .. }
        | Effect::Send { .. }
        | Effect::Prefer { .. }
        | Effect::DecideSuggestion { .. }
        | Effect::AnswerLater { .. }
        | Effect::MarkUndone { .. } => Sources::own(),
    })
}

fn of_question(rows: &Rows<'_>, question: &Question) -> Result<Sources, StoreError> {
    let mut sources = Sources::own();
    match question {
        Question::Invitation { .. } => sources.join(&Sources::of(Source::Attachment)),
        Question::Cancel { items } | Question::Choose { items, .. } => {
            for item in items {
                sources.join(&match item {
                    Item::Appointment(id) => of_ids(rows, [*id])?,
                    Item::Occurrence(part) => of_ids(rows, [part.appointment])?,
                    Item::Reminder(id) => match rows.reminder(*id)? {
                        Some(reminder) => of_reminder(rows, &reminder)?,
                        None => Sources::own(),
                    },
                });
            }
        }
        Question::Scope { part, .. } => sources.join(&of_ids(rows, [part.appointment])?),
        Question::Proposed { effects, .. } => {
            for effect in effects {
                sources.join(&of_effect(rows, effect)?);
            }
        }
        Question::Confirm { effects, sources: told, .. } | Question::Pin { effects, sources: told, .. } => {
            sources.join(told);
            for effect in effects {
                sources.join(&of_effect(rows, effect)?);
            }
        }
        Question::More { sources: told, .. } => sources.join(told),
        // Their names were noted when they were looked up.
        Question::WhichContact { .. }
        | Question::Missing { .. }
        | Question::Guessed { .. }
        | Question::Book { .. }
        | Question::Suggestion { .. }
        | Question::AnswerLater { .. } => {}
    }
    Ok(sources)
}
