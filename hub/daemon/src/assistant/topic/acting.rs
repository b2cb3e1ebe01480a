//! Moving, calling off and asking about what was just spoken of, where it may be a reminder as well as an appointment.
//!
//! What is an appointment alone goes its usual way.

use xswarm_core::{
    id::ReminderId,
    reminder::{Reminder, ReminderKind, ReminderStatus},
    series::Scope,
};
use xswarm_language::{
    command::{Asked, Command, NewLength, When, Which, understand},
    time::Span,
};

use super::{Referent, pointed_at};
use crate::{
    assistant::{
        appointments::CHOICES,
        calling_off,
        moving::Change,
        question::{Action, Item, Question},
        reminders::{self, answers, timers},
        turn::{Decision, Turn},
    },
    error::Error,
    wording,
};

/// What a sentence points at, when a reminder is among it. "That meeting" is none.
fn with_reminders(turn: &Turn<'_>, which: &Which) -> Result<Option<Vec<Referent>>, Error> {
    const APPOINTMENTS: [&str; 6] = ["meeting", "meetings", "appointment", "appointments", "event", "events"];
    let said = turn.said.text.to_lowercase();
    if said.split(|c: char| !c.is_alphanumeric()).any(|word| APPOINTMENTS.contains(&word)) {
        return Ok(None);
    }
    let reminds = |one: &Referent| matches!(one, Referent::Reminder(_));
    Ok(pointed_at(turn, which)?.filter(|picked| picked.iter().any(reminds)))
}

/// Calls off what the sentence points at; `None` when that is no reminder.
pub(in crate::assistant) fn cancel(turn: &Turn<'_>, which: &Which) -> Result<Option<Decision>, Error> {
    let Some(picked) = with_reminders(turn, which)? else { return Ok(None) };
    match picked.as_slice() {
        [Referent::Reminder(one)] => cancel_one(turn, one).map(Some),
        several if which.all => {
            let items = several.iter().take(CHOICES).map(Referent::item).collect();
            let words = format!("Cancel all {} of these? (yes or no)\n{}", several.len(), lines(turn, several));
            Ok(Some(Decision::ask(words, Question::Cancel { items })))
        }
        several => Ok(Some(choose(turn, several, "Which one shall I cancel?", Action::Cancel))),
    }
}

/// Calls off a reminder that is to come; one that was said is done.
pub(in crate::assistant) fn cancel_one(turn: &Turn<'_>, one: &Reminder) -> Result<Decision, Error> {
    if one.status == ReminderStatus::Pending {
        return calling_off::cancel_items(turn, &[Item::Reminder(one.id)]);
    }
    Ok(answers::acknowledged(vec![one.clone()], true).unwrap_or_else(|| Decision::say("That was said already.")))
}

/// Moves what the sentence points at; `None` when that is no reminder.
pub(in crate::assistant) fn move_to(
    turn: &Turn<'_>,
    which: &Which,
    change: &Change,
) -> Result<Option<Decision>, Error> {
    let Some(picked) = with_reminders(turn, which)? else { return Ok(None) };
    match picked.as_slice() {
        [Referent::Reminder(one)] => resized(turn, one, change).map(Some),
        several => {
            let action =
                Action::Move { text: turn.said.text.clone(), said_at: turn.said.at.with_timezone(&chrono::Utc) };
            Ok(Some(choose(turn, several, "Which one shall I move?", action)))
        }
    }
}

/// A timer may be given another length, which is how long it still runs; a reminder has none.
fn resized(turn: &Turn<'_>, one: &Reminder, change: &Change) -> Result<Decision, Error> {
    let runs = one.kind == ReminderKind::Timer && one.status == ReminderStatus::Pending;
    match (change.length, runs.then(|| vec![one.clone()])) {
        (Some(NewLength::Exactly(length)), Some(timer)) => timers::change_these(turn, timer, None, Some(length)),
        (Some(NewLength::By(by)), Some(timer)) => timers::change_these(turn, timer, Some(by), None),
        (Some(_), _) => Ok(Decision::say("A reminder has no length. Nothing was changed.")),
        (None, _) => move_one(turn, one, change.to.as_ref(), change.by),
    }
}

/// Moves the reminder that was chosen, as the sentence of `turn` said.
pub(in crate::assistant) fn move_chosen(turn: &Turn<'_>, id: ReminderId) -> Result<Decision, Error> {
    let known = turn.rows.reminder(id)?.filter(|one| one.status != ReminderStatus::Cancelled);
    let command = understand(&turn.said.text, &turn.context()).command;
    match (known, command) {
        (Some(one), Command::MoveAppointment { to, by, .. } | Command::MoveReminder { to, by, .. }) => {
            move_one(turn, &one, to.as_ref(), by)
        }
        (Some(_) | None, _) => Ok(Decision::say("That reminder is gone. Nothing was changed.")),
    }
}

/// One that was said is said again then.
fn move_one(turn: &Turn<'_>, one: &Reminder, to: Option<&When>, by: Option<Span>) -> Result<Decision, Error> {
    if one.status != ReminderStatus::Pending {
        return Ok(answers::say_again(turn, one.clone(), by, to));
    }
    match (one.kind, by) {
        (ReminderKind::Timer, Some(_)) => timers::change_these(turn, vec![one.clone()], by, None),
        (ReminderKind::Timer, None) if one.progress.remaining_ms.is_some() => Ok(Decision::say(
            "That timer is paused. Nothing was changed; say \"resume the timer\" or how long it shall run.",
        )),
        (_, _) => reminders::move_one(turn, one, to, by),
    }
}

fn choose(turn: &Turn<'_>, several: &[Referent], question: &str, action: Action) -> Decision {
    let items = several.iter().take(CHOICES).map(Referent::item).collect();
    Decision::ask(format!("{question}\n{}", lines(turn, several)), Question::Choose { items, action })
}

fn lines(turn: &Turn<'_>, several: &[Referent]) -> String {
    let numbered = several.iter().take(CHOICES).enumerate();
    numbered.map(|(n, one)| format!("{}. {}", n + 1, described(turn, one))).collect::<Vec<_>>().join("\n")
}

fn described(turn: &Turn<'_>, one: &Referent) -> String {
    match one {
        Referent::Occurrence(one, Some(Scope::All)) => wording::appointment(&one.appointment),
        Referent::Occurrence(one, _) => wording::occurrence(&one.occurrence, one.appointment.timezone),
        Referent::Reminder(one) => wording::reminder(one, turn.zone()),
    }
}

/// Answers when, where, with whom or how long it is.
pub(in crate::assistant) fn tell(turn: &Turn<'_>, which: &Which, asked: Asked) -> Result<Decision, Error> {
    let Some(picked) = pointed_at(turn, which)? else {
        return Ok(Decision::say("I don't know which one you mean. Say it by its name or day."));
    };
    let about = picked.iter().map(Referent::item).collect();
    let told: Vec<_> = picked.iter().take(CHOICES).map(|one| told(turn, one, asked)).collect();
    Ok(Decision::say(told.join("\n")).about(about))
}

fn told(turn: &Turn<'_>, one: &Referent, asked: Asked) -> String {
    let words = described(turn, one);
    let Referent::Occurrence(one, _) = one else { return format!("{words}.") };
    let occurrence = &one.occurrence;
    match asked {
        Asked::When => format!("{words}."),
        Asked::Where => match &occurrence.location {
            Some(place) => format!("At {place}: {words}."),
            None => format!("I know of no place: {words}."),
        },
        Asked::Who if occurrence.participants.is_empty() => format!("I know of nobody else: {words}."),
        Asked::Who => format!("With {}: {words}.", occurrence.participants.join(", ")),
        Asked::HowLong if occurrence.all_day => format!("All day: {words}."),
        Asked::HowLong => format!("{}: {words}.", wording::length(occurrence.end - occurrence.start)),
    }
}
