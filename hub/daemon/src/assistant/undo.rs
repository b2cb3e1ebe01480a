//! Undo: the last turn that changed something, or one change by its receipt.
//!
//! Undoing is not itself undone: saying it again goes a step further back.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus, Occurrence},
    reminder::ReminderStatus,
};
use xswarm_store::{Receipt, Rows};

use super::{
    contacts,
    effect::Effect,
    lists,
    turn::{Decision, Turn},
};
use crate::{error::Error, wording};

/// How long the last turn may be undone.
const UNDO: Duration = Duration::hours(24);

/// How many later changes are looked through before one is taken back by its receipt.
const LATER: u32 = 10_000;

/// What taking changes back comes to.
#[derive(Debug, Default)]
struct Undoing {
    effects: Vec<Effect>,
    lines: Vec<String>,
}

/// Reverses the last turn that changed something.
pub(super) fn last(turn: &Turn<'_>) -> Result<Decision, Error> {
    let receipts = turn.rows.receipts_of_last_turn::<Effect>(turn.user.id, turn.now - UNDO)?;
    let mut undoing = Undoing::default();
    for receipt in receipts {
        if let Some(words) = is_final(&receipt.effect) {
            let effects = vec![Effect::MarkUndone { receipt: receipt.id }];
            return Ok(Decision { undoable: false, ..Decision::act(effects, words) });
        }
        if let Some(reminder) = said_already(turn.rows, &receipt.effect)? {
            undoing.lines.push(format!("{reminder} was already said"));
            undoing.effects.push(Effect::MarkUndone { receipt: receipt.id });
            continue;
        }
        undoing.add(turn.rows, &receipt, turn.zone(), turn.now)?;
    }
    let Undoing { effects, lines } = undoing;
    if effects.is_empty() {
        return Ok(Decision::say("There is nothing to undo from the last 24 hours."));
    }
    Ok(Decision { undoable: false, ..Decision::act(effects, format!("Undone: {}.", lines.join("; "))) })
}

/// What takes back one change, and the words for it. A conflict when it was taken back already, or when something later
/// changed the same.
pub(crate) fn one(
    rows: &Rows<'_>,
    receipt: &Receipt<Effect>,
    zone: Tz,
    now: DateTime<Utc>,
) -> Result<(Vec<Effect>, String), Error> {
    if receipt.undone_at.is_some() {
        return Err(Error::conflict("this was taken back already"));
    }
    if let Some(words) = is_final(&receipt.effect) {
        return Err(Error::conflict(words.split(',').next().unwrap_or(words)));
    }
    if let Some(reminder) = said_already(rows, &receipt.effect)? {
        return Err(Error::conflict(format!("{reminder} was already said, and cannot be taken back")));
    }
    let subject = receipt.effect.subject();
    let until = now + Duration::seconds(1);
    let later = rows.receipts_between::<Effect>(Some(receipt.user), receipt.created_at, until, LATER)?;
    let mut after = later.iter().skip_while(|other| other.id != receipt.id).skip(1);
    let same = |other: &&Receipt<Effect>| {
        let alone = other.undone_at.is_none() && other.origin.message != receipt.origin.message;
        alone && other.effect.subject() == subject
    };
    if let Some(other) = after.find(same) {
        return Err(Error::conflict(format!("it was changed again since: take back {} first", other.id)));
    }
    let mut undoing = Undoing::default();
    undoing.add(rows, receipt, zone, now)?;
    Ok((undoing.effects, undoing.lines.join("; ")))
}

impl Undoing {
    fn add(&mut self, rows: &Rows<'_>, receipt: &Receipt<Effect>, zone: Tz, now: DateTime<Utc>) -> Result<(), Error> {
        let current = match &receipt.effect {
            Effect::Book { appointment, .. } => rows.appointment(appointment.id)?,
            Effect::Change { after, .. } => rows.appointment(after.id)?,
            Effect::LeaveOut { .. }
            | Effect::SetReminder { .. }
            | Effect::CancelReminder { .. }
            | Effect::RestoreReminder { .. }
            | Effect::SnoozeReminder { .. }
            | Effect::AcknowledgeReminder { .. }
            | Effect::PauseTimer { .. }
            | Effect::ResumeTimer { .. }
            | Effect::PlanReminders { .. }
            | Effect::Contact { .. }
            | Effect::NamePeople { .. }
            | Effect::List { .. }
            | Effect::DecideInvitation { .. }
            | Effect::Remember { .. }
            | Effect::Forget { .. }
            | Effect::Send { .. }
            | Effect::Prefer { .. }
            | Effect::DecideSuggestion { .. }
            | Effect::AnswerLater { .. }
            | Effect::MarkUndone { .. } => None,
        };
        if let Some(inverse) = receipt.effect.inverse(current.as_ref(), now) {
            self.lines.push(undone(&inverse, zone));
            self.effects.push(inverse);
        }
        self.effects.push(Effect::MarkUndone { receipt: receipt.id });
        Ok(())
    }
}

/// What is said to whoever wants back what cannot be taken back.
/// Whether a change can be taken back at all.
pub(crate) fn is_reversible(effect: &Effect) -> bool {
    is_final(effect).is_none()
}

fn is_final(effect: &Effect) -> Option<&'static str> {
    match effect {
        Effect::Forget { .. } => Some(
            "What was forgotten is gone for good, and nothing was changed. Say \"undo\" again to take back what you \
             changed before that.",
        ),
        Effect::Send { .. } => Some(
            "A message that was sent can't be taken back, and nothing was changed. Say \"undo\" again to take back what \
             you changed before that.",
        ),
        Effect::Book { .. }
        | Effect::Change { .. }
        | Effect::LeaveOut { .. }
        | Effect::SetReminder { .. }
        | Effect::CancelReminder { .. }
        | Effect::RestoreReminder { .. }
        | Effect::SnoozeReminder { .. }
        | Effect::AcknowledgeReminder { .. }
        | Effect::PauseTimer { .. }
        | Effect::ResumeTimer { .. }
        | Effect::PlanReminders { .. }
        | Effect::Contact { .. }
        | Effect::NamePeople { .. }
        | Effect::List { .. }
        | Effect::Remember { .. }
        | Effect::DecideInvitation { .. }
        | Effect::Prefer { .. }
        | Effect::DecideSuggestion { .. }
        | Effect::AnswerLater { .. }
        | Effect::MarkUndone { .. } => None,
    }
}

/// The text of a reminder that can't be taken back because it was said.
fn said_already(rows: &Rows<'_>, effect: &Effect) -> Result<Option<String>, Error> {
    let (Effect::SetReminder { reminder } | Effect::SnoozeReminder { again: reminder, .. }) = effect else {
        return Ok(None);
    };
    let current = rows.reminder(reminder.id)?;
    let pending = current.is_some_and(|one| one.status == ReminderStatus::Pending);
    Ok((!pending).then(|| format!("\"{}\"", reminder.text)))
}

/// The one occurrence in which a series differs from what it was, as it is now.
fn one_occurrence(before: &Appointment, after: &Appointment) -> Option<Occurrence> {
    let ids: BTreeSet<_> = before.exceptions.iter().chain(after.exceptions.iter()).map(|(id, _)| id).collect();
    let mut other = ids.into_iter().filter(|id| before.exceptions.get(*id) != after.exceptions.get(*id));
    let one = other.next().filter(|_| other.next().is_none())?;
    let same = (before.start, before.end, before.status) == (after.start, after.end, after.status);
    if same { after.occurrence_at(one).ok().flatten() } else { None }
}

/// What undoing did.
fn undone(inverse: &Effect, zone: Tz) -> String {
    match inverse {
        Effect::Change { after, .. } if after.status == AppointmentStatus::Cancelled => {
            format!("{} is cancelled", wording::appointment(after))
        }
        Effect::Change { before, after, .. } => {
            let what = one_occurrence(before, after)
                .map_or_else(|| wording::appointment(after), |one| wording::occurrence(&one, zone));
            format!("{what} stands again")
        }
        Effect::CancelReminder { reminder: one } => format!("{} is cancelled", wording::reminder(one, zone)),
        Effect::RestoreReminder { reminder: one } => format!("{} is set again", wording::reminder(one, zone)),
        Effect::Book { appointment: one, .. } => format!("{} is booked", wording::appointment(one)),
        Effect::SetReminder { reminder: one } => format!("{} is set", wording::reminder(one, zone)),
        Effect::PauseTimer { timer: one, .. } => format!("timer {} is paused again", one.text),
        Effect::ResumeTimer { timer: one } => format!("timer {} runs again", one.text),
        Effect::PlanReminders { .. } => "the reminders of the appointment are as before".to_owned(),
        Effect::DecideInvitation { .. } => "the invitation waits for your answer as before".to_owned(),
        Effect::Prefer { after, .. } => format!("{} again", after.words()),
        Effect::DecideSuggestion { .. } => "the suggestion waits for your answer as before".to_owned(),
        Effect::Contact { change } => contacts::undone(change),
        Effect::List { change, .. } => lists::undone(change),
        Effect::Forget { .. } => "I no longer remember what you told me".to_owned(),
        Effect::SnoozeReminder { .. }
        | Effect::Remember { .. }
        | Effect::Send { .. }
        | Effect::AnswerLater { .. }
        | Effect::NamePeople { .. }
        | Effect::AcknowledgeReminder { .. }
        | Effect::LeaveOut { .. }
        | Effect::MarkUndone { .. } => String::new(),
    }
}
