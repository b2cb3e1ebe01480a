//! The agenda, the time, help, undo: what is asked every day and changes nothing (but for undo).

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus, Occurrence},
    id::AppointmentId,
    message::MessageStatus,
    time::resolve_local,
};
use xswarm_language::{
    command::{AgendaRange, When, Which},
    time::Value,
};
use xswarm_store::MessageFilter;

use super::{
    appointments, contacts,
    effect::Effect,
    free, lists,
    matching::matching,
    timing,
    turn::{Decision, Turn},
};
use crate::{error::Error, wording};

/// How long an effect may be undone.
const UNDO: Duration = Duration::hours(24);

/// What the Boss can do.
pub(super) const HELP: &str = "I keep your calendar, reminders and timers. For example:\n\
    – Schedule a meeting with John tomorrow at 3pm\n\
    – Move the meeting with John to Friday at 10\n\
    – Cancel the dentist on Friday\n\
    – Find a time for a 30 minute call with John tomorrow\n\
    – What's on my calendar today? / this week?\n\
    – Remind me to call mom in 20 minutes / every weekday at 9\n\
    – What reminders do I have? / Cancel the reminder to call mom\n\
    – Wake me at 7 / Snooze / Done\n\
    – Set a pasta timer for 9 minutes / Pause the timer / How much time is left?\n\
    – Add milk and eggs to the shopping list / What's on my to-do list? / Check off eggs\n\
    – Add a contact: Anna, +49 151 23456789, my sister / What is Anna's number?\n\
    – What time is it?\n\
    – Undo (takes back the last change)";

/// The answer to talk for its own sake.
pub(super) const SMALL_TALK: &str = "I'm the Boss, and not much of a talker: I keep your calendar, reminders and timers. \
    Say \"help\" for what I can do.";

/// The answer to what was not understood.
pub(super) fn not_understood(text: &str) -> String {
    let shown: String = text.trim().chars().take(60).collect();
    let more = if text.trim().chars().count() > 60 { "…" } else { "" };
    format!("I did not understand \"{shown}{more}\". Nothing was changed. Say \"help\" for what I can do.")
}

/// Answers what is on the calendar, or whether the person is free.
pub(super) fn agenda(turn: &Turn<'_>, range: &AgendaRange, which: &Which, free: bool) -> Result<Decision, Error> {
    let zone = turn.zone();
    if let AgendaRange::Interval { start, end } = range {
        let from = start.map_or(turn.now, |start| start.with_timezone(&Utc));
        let to = end.map_or(from + Duration::days(7), |end| end.with_timezone(&Utc));
        return within(turn, from, to, which, free);
    }
    let Some((first, after)) = timing::days(range) else { return next(turn, which) };
    let [from, to] = [first, after].map(|day| resolve_local(day.and_time(NaiveTime::MIN), zone));
    let count = u32::try_from((after - first).num_days()).unwrap_or(1);
    let today = turn.said.at.date_naive();
    if free || names_something(which) {
        return within(turn, from.max(turn.now.min(to)), to, which, free);
    }
    let occurrences = turn.rows.occurrences(turn.user.id, from, to)?;
    let mut words = wording::agenda(&occurrences, first, count, zone);
    if occurrences.is_empty() && first == today && count == 1 {
        "Nothing on your calendar today.".clone_into(&mut words);
    }
    Ok(Decision::say(words))
}

fn names_something(which: &Which) -> bool {
    which.title.is_some() || !which.participants.is_empty() || which.nth.is_some()
}

/// What is next, or when something named is.
fn next(turn: &Turn<'_>, which: &Which) -> Result<Decision, Error> {
    let all = appointments::upcoming(turn)?;
    let found = matching(&all, which, turn.zone());
    let most = if names_something(which) { 5 } else { 1 };
    let lines: Vec<_> =
        found.iter().take(most).map(|one| wording::upcoming(&one.occurrence, one.appointment.timezone)).collect();
    Ok(Decision::say(match lines.as_slice() {
        [] => "I find nothing like that ahead on your calendar.".to_owned(),
        [one] => format!("Next: {one}."),
        several => several.join("\n"),
    }))
}

fn within(
    turn: &Turn<'_>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    which: &Which,
    asked_free: bool,
) -> Result<Decision, Error> {
    let mut occurrences = turn.rows.occurrences(turn.user.id, from, to)?;
    if names_something(which) {
        let all = appointments::upcoming(turn)?;
        let named: Vec<AppointmentId> =
            matching(&all, which, turn.zone()).into_iter().map(|one| one.appointment.id).collect();
        occurrences.retain(|one| named.contains(&one.appointment));
    }
    let span = wording::span(from, to, turn.zone());
    let lines: Vec<_> = occurrences.iter().map(|one| format!("– {}", wording::occurrence(one, turn.zone()))).collect();
    Ok(Decision::say(match (lines.is_empty(), asked_free) {
        (true, true) => format!("You are free: {span}."),
        (true, false) => format!("Nothing on your calendar: {span}."),
        (false, true) => {
            let left = free::left_free(turn, from, to)?;
            format!("Not entirely free, {span}:\n{}{left}", lines.join("\n"))
        }
        (false, false) => format!("{span}:\n{}", lines.join("\n")),
    }))
}

/// Says what time it is.
pub(super) fn tell_time(turn: &Turn<'_>, place: Option<&str>) -> Decision {
    let zone = match place {
        None => Some(turn.zone()),
        Some(place) => zone_of(place),
    };
    Decision::say(match zone {
        Some(zone) => format!("It is {}.", wording::moment(turn.now, zone)),
        None => format!("I don't know which time zone \"{}\" is in.", place.unwrap_or_default()),
    })
}

/// The zone that is named after a city, such as "Tokyo" or "New York".
fn zone_of(place: &str) -> Option<Tz> {
    let wanted = place.trim().to_lowercase().replace(' ', "_");
    chrono_tz::TZ_VARIANTS.iter().copied().find(|zone| {
        let name = zone.name().to_lowercase();
        name == wanted || name.rsplit('/').next() == Some(wanted.as_str())
    })
}

/// Says what day it is, or which day something is.
pub(super) fn tell_date(turn: &Turn<'_>, when: Option<&When>) -> Decision {
    let today = turn.now.with_timezone(&turn.zone()).date_naive();
    let day = match when.map(|when| &when.value) {
        None => Some(today),
        Some(Value::Instant { at, .. }) => Some(at.date_naive()),
        Some(Value::Date { start, .. }) => Some(*start),
        Some(Value::Interval { start, .. }) => start.map(|start| start.date_naive()),
        Some(Value::Duration(_) | Value::Recurrence(_)) => None,
    };
    Decision::say(match day {
        Some(day) if day == today => {
            format!("Today is {}, week {}.", wording::date(day), day.iso_week().week())
        }
        Some(day) => format!("That is {}{}.", wording::date(day), distance(day, today)),
        None => "That is not one day.".to_owned(),
    })
}

/// ", in 29 days".
fn distance(day: NaiveDate, today: NaiveDate) -> String {
    let days = (day - today).num_days();
    let count = |days: i64| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    if days > 0 { format!(", in {}", count(days)) } else { format!(", {} ago", count(-days)) }
}

/// Reverses the last turn that changed something.
pub(super) fn undo(turn: &Turn<'_>) -> Result<Decision, Error> {
    let receipts = turn.rows.receipts_of_last_turn::<Effect>(turn.user.id, turn.now - UNDO)?;
    let (mut effects, mut lines) = (Vec::new(), Vec::new());
    for receipt in receipts {
        let current = match &receipt.effect {
            Effect::Book { appointment, .. } => turn.rows.appointment(appointment.id)?,
            Effect::Change { after, .. } => turn.rows.appointment(after.id)?,
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
            | Effect::MarkUndone { .. } => None,
        };
        if let Some(reminder) = said_already(turn, &receipt.effect)? {
            lines.push(format!("{reminder} was already said"));
            effects.push(Effect::MarkUndone { receipt: receipt.id });
            continue;
        }
        if let Some(inverse) = receipt.effect.inverse(current.as_ref(), turn.now) {
            lines.push(undone(&inverse, turn.zone()));
            effects.push(inverse);
        }
        effects.push(Effect::MarkUndone { receipt: receipt.id });
    }
    if effects.is_empty() {
        return Ok(Decision::say("There is nothing to undo from the last 24 hours."));
    }
    // An undo is not itself undone: the next one goes a step further back.
    Ok(Decision { undoable: false, ..Decision::act(effects, format!("Undone: {}.", lines.join("; "))) })
}

/// The text of a reminder that can't be taken back because it was said.
fn said_already(turn: &Turn<'_>, effect: &Effect) -> Result<Option<String>, Error> {
    let (Effect::SetReminder { reminder } | Effect::SnoozeReminder { again: reminder, .. }) = effect else {
        return Ok(None);
    };
    let current = turn.rows.reminder(reminder.id)?;
    let pending = current.is_some_and(|one| one.status == xswarm_core::reminder::ReminderStatus::Pending);
    Ok((!pending).then(|| format!("\"{}\"", reminder.text)))
}

/// Says the last thing again.
pub(super) fn repeat(turn: &Turn<'_>) -> Result<Decision, Error> {
    let filter = MessageFilter { user_id: Some(turn.user.id), limit: 20, ..MessageFilter::default() };
    let last = turn.rows.messages(&filter)?.into_iter().find(|message| {
        message.direction == xswarm_core::message::Direction::Outbound && message.status != MessageStatus::Failed
    });
    Ok(Decision::say(last.map_or_else(|| "I have not said anything yet.".to_owned(), |message| message.content)))
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
        Effect::Contact { change } => contacts::undone(change),
        Effect::List { change, .. } => lists::undone(change),
        Effect::SnoozeReminder { .. }
        | Effect::NamePeople { .. }
        | Effect::AcknowledgeReminder { .. }
        | Effect::LeaveOut { .. }
        | Effect::MarkUndone { .. } => String::new(),
    }
}
