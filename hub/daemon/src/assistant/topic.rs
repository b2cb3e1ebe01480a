//! What was last spoken of with a person, whatever way they speak by: what "it", "that meeting" and "the second one" mean.
//!
//! Three things set it: a turn (what it listed, in the order shown, else what it changed or asked about), which keeps it in
//! the conversation's row; a change that was asked for by other means, which has its receipts; and a reminder that was said.
//! The latest counts. Contacts and lists are not kept: nothing refers to them yet.

pub(super) mod acting;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use xswarm_core::{
    appointment::{Appointment, Occurrence},
    id::MessageId,
    reminder::{Reminder, ReminderKind, ReminderStatus},
    series::Scope,
};
use xswarm_language::command::Which;

use super::{
    appointments::{self, Meant},
    effect::Effect,
    matching::{LOOK_AHEAD, Upcoming},
    question::{Item, PATIENCE, Part, Question},
    turn::{Decision, Turn},
};
use crate::error::Error;

/// The most that is kept of a list.
const MOST: usize = 50;

/// What was spoken of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Topic {
    /// In the order in which it was said.
    pub(crate) items: Vec<Item>,
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// In the answer to which message, or in which one of the Boss's own accord.
    pub(crate) turn: MessageId,
}

impl Topic {
    /// What a decision speaks of; `None` when it speaks of nothing, and what was spoken of before stays.
    pub(super) fn of(decision: &Decision, turn: MessageId, now: DateTime<Utc>) -> Option<Self> {
        let mut items = decision.about.clone();
        if items.is_empty() {
            items = of_effects(&decision.effects);
        }
        if items.is_empty() {
            items = decision.question.as_ref().map(of_question).unwrap_or_default();
        }
        items.truncate(MOST);
        (!items.is_empty()).then_some(Self { items, at: now, turn })
    }
}

/// An occurrence that was shown: that one, of a series.
pub(super) fn shown(one: &Occurrence) -> Item {
    let (appointment, recurrence_id) = (one.appointment, one.recurrence_id);
    Item::Occurrence(Part { appointment, recurrence_id, scope: Some(Scope::This) })
}

/// What effects were about. A series that was booked or changed is meant as a whole, an occurrence that was changed by
/// itself as that one.
fn of_effects(effects: &[Effect]) -> Vec<Item> {
    // What was split off carries on.
    for effect in effects {
        if let Effect::Book { appointment, split: true, .. } = effect {
            return vec![Item::Appointment(appointment.id)];
        }
    }
    let sets = effects.iter().any(|effect| matches!(effect, Effect::SetReminder { .. }));
    let mut items: Vec<Item> = Vec::new();
    for effect in effects {
        let item = match effect {
            Effect::Book { appointment, .. } => Some(Item::Appointment(appointment.id)),
            Effect::Change { before, after, .. } => Some(changed(before, after)),
            Effect::PlanReminders { appointment, .. } => Some(Item::Appointment(*appointment)),
            // One that moves is called off and set anew.
            Effect::CancelReminder { .. } if sets => None,
            Effect::SetReminder { reminder }
            | Effect::CancelReminder { reminder }
            | Effect::RestoreReminder { reminder }
            | Effect::SnoozeReminder { again: reminder, .. } => Some(Item::Reminder(reminder.id)),
            Effect::PauseTimer { timer, .. } | Effect::ResumeTimer { timer } => Some(Item::Reminder(timer.id)),
            Effect::LeaveOut { .. }
            | Effect::AcknowledgeReminder { .. }
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
        items.extend(item.filter(|item| !items.contains(item)));
    }
    items
}

fn changed(before: &Appointment, after: &Appointment) -> Item {
    let differs = |id: &DateTime<Utc>| before.exceptions.get(*id) != after.exceptions.get(*id);
    let mut ids = after.exceptions.iter().map(|(id, _)| id).filter(differs);
    let only = if before.start == after.start { ids.next().filter(|_| ids.next().is_none()) } else { None };
    match only {
        Some(recurrence_id) => {
            Item::Occurrence(Part { appointment: after.id, recurrence_id, scope: Some(Scope::This) })
        }
        None => Item::Appointment(after.id),
    }
}

fn of_question(question: &Question) -> Vec<Item> {
    match question {
        Question::Cancel { items } | Question::Choose { items, .. } => items.clone(),
        Question::Scope { part, .. } => vec![Item::Occurrence(*part)],
        Question::Proposed { effects, .. } | Question::Confirm { effects, .. } | Question::Pin { effects, .. } => {
            of_effects(effects)
        }
        Question::Missing { .. }
        | Question::Guessed { .. }
        | Question::Invitation { .. }
        | Question::Book { .. }
        | Question::WhichContact { .. }
        | Question::AnswerLater { .. }
        | Question::Suggestion { .. }
        | Question::More { .. } => Vec::new(),
    }
}

/// Something that was spoken of, as it is now.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Referent {
    /// An occurrence, and how much of its series is meant.
    Occurrence(Box<Upcoming>, Option<Scope>),
    /// A reminder, timer or alarm: to come, or said.
    Reminder(Box<Reminder>),
}

impl Referent {
    /// The same as something that can be chosen.
    pub(super) fn item(&self) -> Item {
        match self {
            Self::Occurrence(one, scope) => Item::Occurrence(one.part(*scope)),
            Self::Reminder(one) => Item::Reminder(one.id),
        }
    }
}

/// Whether a sentence points instead of naming.
pub(super) fn refers(which: &Which) -> bool {
    let named = which.title.is_some() || !which.participants.is_empty();
    !named && (which.pronoun || which.several.is_some() || which.listed && which.when.is_none())
}

/// What a sentence points at, of all that was spoken of; `None` when it names what it means, or nothing fits. More than one
/// where it does not say which.
pub(super) fn pointed_at(turn: &Turn<'_>, which: &Which) -> Result<Option<Vec<Referent>>, Error> {
    pointed_at_among(turn, which, |_| true)
}

/// The same among those that `fit`.
fn pointed_at_among(
    turn: &Turn<'_>,
    which: &Which,
    fit: impl Fn(&Referent) -> bool,
) -> Result<Option<Vec<Referent>>, Error> {
    if !refers(which) {
        return Ok(None);
    }
    let mut all = spoken_of(turn)?;
    all.retain(fit);
    let picked = match (which.several, which.nth) {
        (Some(count), _) if count < 0 => {
            let skipped = all.len().saturating_sub(usize::try_from(-count).unwrap_or_default());
            all.split_off(skipped)
        }
        (Some(count), _) => {
            all.truncate(usize::try_from(count).unwrap_or_default());
            all
        }
        (None, Some(nth)) => {
            let index = if nth > 0 {
                usize::try_from(nth - 1).ok()
            } else {
                usize::try_from(-nth).ok().and_then(|back| all.len().checked_sub(back))
            };
            index.and_then(|index| all.get(index).cloned()).into_iter().collect()
        }
        (None, None) => all,
    };
    Ok((!picked.is_empty()).then_some(picked))
}

/// The occurrences that a sentence points at, and how much of their series.
pub(super) fn occurrences(turn: &Turn<'_>, which: &Which) -> Result<Option<Meant>, Error> {
    let only = |one: &Referent| matches!(one, Referent::Occurrence(..));
    let Some(picked) = pointed_at_among(turn, which, only)? else { return Ok(None) };
    let parts: Vec<(Upcoming, Option<Scope>)> = picked
        .into_iter()
        .filter_map(|one| match one {
            Referent::Occurrence(one, scope) => Some((*one, scope)),
            Referent::Reminder(_) => None,
        })
        .collect();
    let scope = parts.first().and_then(|(_, scope)| *scope);
    let alike = parts.iter().all(|(_, other)| *other == scope);
    let found = parts.into_iter().map(|(one, _)| one).collect();
    Ok(Some(Meant { found, scope: which.scope.or(scope.filter(|_| alike)) }))
}

/// The reminders that a sentence points at, of those kinds that `fits`.
pub(super) fn reminders(
    turn: &Turn<'_>,
    which: &Which,
    fits: impl Fn(&Reminder) -> bool,
) -> Result<Option<Vec<Reminder>>, Error> {
    let only = |one: &Referent| matches!(one, Referent::Reminder(reminder) if fits(reminder));
    let picked = pointed_at_among(turn, which, only)?;
    Ok(picked.map(|all| {
        let reminder = |one| match one {
            Referent::Reminder(one) => Some(*one),
            Referent::Occurrence(..) => None,
        };
        all.into_iter().filter_map(reminder).collect()
    }))
}

/// All that was last spoken of and still is there, in the order in which it was said.
fn spoken_of(turn: &Turn<'_>) -> Result<Vec<Referent>, Error> {
    let since = turn.now - PATIENCE;
    // What an earlier version kept may read otherwise; then nothing was spoken of.
    let kept = turn.rows.topic::<serde_json::Value>(turn.user.id)?;
    let kept = kept.and_then(|kept| serde_json::from_value::<Topic>(kept).ok()).filter(|topic| topic.at > since);
    let mut last: Option<Topic> = kept;
    let mut later = |topic: Topic| {
        if !topic.items.is_empty() && last.as_ref().is_none_or(|known| topic.at > known.at) {
            last = Some(topic);
        }
    };
    let receipts = turn.rows.receipts_of_last_turn::<Effect>(turn.user.id, since)?;
    if let Some((at, turn)) = receipts.first().map(|receipt| (receipt.created_at, receipt.origin.message)) {
        // Receipts come newest first.
        let effects: Vec<Effect> = receipts.into_iter().rev().map(|receipt| receipt.effect).collect();
        later(Topic { items: of_effects(&effects), at, turn });
    }
    if let Some(topic) = said(turn, since)? {
        later(topic);
    }
    let mut found = Vec::new();
    for item in last.map(|topic| topic.items).unwrap_or_default() {
        found.extend(referent(turn, item)?);
    }
    Ok(found)
}

/// What the last message that reminded spoke of.
fn said(turn: &Turn<'_>, since: DateTime<Utc>) -> Result<Option<Topic>, Error> {
    let said = turn.rows.reminders_said(turn.user.id, since, LOOK_AHEAD)?;
    let Some((last, at)) = said.first().and_then(|one| Some((one.message_id?, one.sent_at?))) else { return Ok(None) };
    let of_last = said.iter().filter(|one| one.message_id == Some(last));
    let items = of_last.map(|one| match one.appointment_id.filter(|_| one.kind == ReminderKind::Appointment) {
        Some(appointment) => {
            let recurrence_id = one.step.recurrence_id;
            Item::Occurrence(Part { appointment, recurrence_id, scope: Some(Scope::This) })
        }
        None => Item::Reminder(one.id),
    });
    Ok(Some(Topic { items: items.collect(), at, turn: last }))
}

/// Something that was spoken of as it is now; `None` when it is gone.
fn referent(turn: &Turn<'_>, item: Item) -> Result<Option<Referent>, Error> {
    let (part, scope) = match item {
        Item::Reminder(id) => {
            let known = turn.rows.reminder(id)?.filter(|one| one.status != ReminderStatus::Cancelled);
            return Ok(known.map(|one| Referent::Reminder(Box::new(one))));
        }
        Item::Occurrence(part) => (Some(part), part.scope),
        Item::Appointment(id) => (appointments::next_part(turn, id)?, Some(Scope::All)),
    };
    let found = part.map_or(Ok(None), |part| Upcoming::of(turn, part))?;
    Ok(found.map(|one| Referent::Occurrence(Box::new(one), scope)))
}
