//! Timers by conversation: set, named, several at once, paused, resumed, changed, asked about.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::reminder::{Reminder, ReminderKind};
use xswarm_language::{command::Which, time::Span};

use super::{moved, new, pending};
use crate::{
    assistant::{
        effect::Effect,
        matching::matching,
        question::{Item, Slot},
        timing::later,
        topic,
        turn::{Decision, Turn},
    },
    error::Error,
    wording,
};

/// The longest timer.
const LONGEST_TIMER: Duration = Duration::days(366);

/// Sets a timer.
pub(in super::super) fn set(turn: &Turn<'_>, length: Option<Span>, name: Option<&str>) -> Decision {
    let Some(length) = length else {
        return turn.missing(Slot::Duration, "For how long?");
    };
    match timer(turn, length, name) {
        Ok(timer) => {
            let reply = format!("Timer set: {}.", timer_words(&timer, turn));
            Decision::act(vec![Effect::SetReminder { reminder: Box::new(timer) }], reply)
        }
        Err(why) => Decision::say(format!("{why} Nothing was set.")),
    }
}

/// Sets several timers, or none of them.
pub(in super::super) fn set_several(turn: &Turn<'_>, wanted: &[(Option<Span>, Option<String>)]) -> Decision {
    let mut timers = Vec::new();
    for (length, name) in wanted {
        let Some(length) = length else {
            return Decision::say("I did not get how long each of them runs. Nothing was set.");
        };
        match timer(turn, *length, name.as_deref()) {
            Ok(timer) => timers.push(timer),
            Err(why) => return Decision::say(format!("{why} Nothing was set.")),
        }
    }
    let lines: Vec<_> = timers.iter().map(|timer| format!("– {}", timer_words(timer, turn))).collect();
    let reply = format!("{} timers set:\n{}", timers.len(), lines.join("\n"));
    let effects = timers.into_iter().map(|timer| Effect::SetReminder { reminder: Box::new(timer) }).collect();
    Decision::act(effects, reply)
}

fn timer(turn: &Turn<'_>, length: Span, name: Option<&str>) -> Result<Reminder, &'static str> {
    let due = later(turn.said.at, length);
    let runs = due - turn.said.at.with_timezone(&Utc);
    if runs <= Duration::zero() || runs > LONGEST_TIMER {
        return Err("A timer runs for a second up to a year.");
    }
    let text = match name {
        Some(name) => format!("{name} ({})", wording::length(runs)),
        None => wording::length(runs),
    };
    // A message that was long on its way may ask for a timer that has run out: it fires at once, marked late.
    Ok(new(turn, ReminderKind::Timer, &text, due, None))
}

fn timer_words(timer: &Reminder, turn: &Turn<'_>) -> String {
    format!("{}, until {}", timer.text, wording::moment_with_seconds(timer.due, turn.zone()))
}

fn running_or_paused(turn: &Turn<'_>) -> Result<Vec<Reminder>, Error> {
    pending(turn, &[ReminderKind::Timer])
}

/// How long a timer still runs, or would if it were not paused.
fn left(timer: &Reminder, now: DateTime<Utc>) -> Duration {
    timer.progress.remaining_ms.map_or(timer.due - now, Duration::milliseconds)
}

fn left_words(timer: &Reminder, left: Duration) -> String {
    let paused = if timer.progress.remaining_ms.is_some() { ", paused" } else { "" };
    format!("{} left{paused}", wording::length(left.max(Duration::seconds(1))))
}

/// Says how long timers still run.
pub(in super::super) fn status(turn: &Turn<'_>, which: &Which) -> Result<Decision, Error> {
    let all = running_or_paused(turn)?;
    let found = matching(&all, which, turn.zone());
    if all.is_empty() {
        return Ok(Decision::say("No timer is running."));
    }
    let shown = if found.is_empty() { all } else { found };
    let lines: Vec<_> =
        shown.iter().map(|one| format!("{}: {}", one.text, left_words(one, left(one, turn.now)))).collect();
    let items = shown.iter().map(|one| Item::Reminder(one.id)).collect();
    Ok(Decision::say(lines.join("\n")).about(items))
}

/// The timers that are meant, of those that `fit`; or what to say when it is unclear.
fn meant(
    turn: &Turn<'_>,
    which: &Which,
    fit: impl Fn(&Reminder) -> bool,
) -> Result<Result<Vec<Reminder>, Decision>, Error> {
    let all: Vec<_> = running_or_paused(turn)?.into_iter().filter(|one| fit(one)).collect();
    let found = match topic::reminders(turn, which, |one| all.contains(one))? {
        Some(found) => found,
        None => matching(&all, which, turn.zone()),
    };
    Ok(match found.as_slice() {
        [] => Err(Decision::say("No such timer is running. Nothing was changed.")),
        [_, _, ..] if !which.all => {
            let names: Vec<_> = found.iter().map(|one| one.text.clone()).collect();
            Err(Decision::say(format!("Which timer? There are: {}. Nothing was changed.", names.join("; "))))
        }
        _ => Ok(found),
    })
}

/// Makes timers longer or shorter, or lets one run so long from now. A paused one stays paused.
pub(in super::super) fn change(
    turn: &Turn<'_>,
    which: &Which,
    by: Option<Span>,
    to: Option<Span>,
) -> Result<Decision, Error> {
    match meant(turn, which, |_| true)? {
        Ok(found) => change_these(turn, found, by, to),
        Err(unclear) => Ok(unclear),
    }
}

/// The same for timers that are known.
pub(in super::super) fn change_these(
    turn: &Turn<'_>,
    found: Vec<Reminder>,
    by: Option<Span>,
    to: Option<Span>,
) -> Result<Decision, Error> {
    let changed = |due: DateTime<Utc>| match (to, by) {
        (Some(to), _) => Some(later(turn.said.at, to)),
        (None, Some(by)) => Some(later(due.with_timezone(&turn.zone()), by)),
        (None, None) => None,
    };
    let (mut effects, mut lines) = (Vec::new(), Vec::new());
    for one in found {
        let paused = one.progress.remaining_ms.is_some();
        let due = if paused { turn.now + left(&one, turn.now) } else { one.due };
        let Some(due) = changed(due) else { return Ok(turn.missing(Slot::Duration, "By how much?")) };
        if due <= turn.now {
            return Ok(Decision::say("That would end it at once. Nothing was changed; say \"cancel the timer\"."));
        }
        let mut after = moved(turn, &one, due)?;
        after.progress.remaining_ms = paused.then(|| (due - turn.now).num_milliseconds());
        lines.push(format!("{}, {}", one.text, left_words(&after, due - turn.now)));
        effects.push(Effect::CancelReminder { reminder: Box::new(one) });
        effects.push(Effect::SetReminder { reminder: Box::new(after) });
    }
    Ok(Decision::act(effects, format!("Timer changed: {}.", lines.join("; "))))
}

/// Stops timers with what is left of them.
pub(in super::super) fn pause(turn: &Turn<'_>, which: &Which) -> Result<Decision, Error> {
    let runs = |one: &Reminder| one.progress.remaining_ms.is_none() && one.due > turn.now;
    let found = match meant(turn, which, runs)? {
        Ok(found) => found,
        Err(unclear) => return Ok(unclear),
    };
    let (mut effects, mut lines) = (Vec::new(), Vec::new());
    for one in found {
        let left = left(&one, turn.now);
        lines.push(format!("{}, {} left", one.text, wording::length(left.max(Duration::seconds(1)))));
        effects.push(Effect::PauseTimer { remaining_ms: left.num_milliseconds(), timer: Box::new(one) });
    }
    Ok(Decision::act(effects, format!("Paused: {}. Say \"resume\" when it shall run on.", lines.join("; "))))
}

/// Lets paused timers run on.
pub(in super::super) fn resume(turn: &Turn<'_>, which: &Which) -> Result<Decision, Error> {
    let found = match meant(turn, which, |one| one.progress.remaining_ms.is_some())? {
        Ok(found) => found,
        Err(_) if !running_or_paused(turn)?.iter().any(|one| one.progress.remaining_ms.is_some()) => {
            return Ok(Decision::say("No timer is paused. Nothing was changed."));
        }
        Err(unclear) => return Ok(unclear),
    };
    let lines: Vec<_> = (found.iter())
        .map(|one| {
            let until = wording::moment_with_seconds(turn.now + left(one, turn.now), turn.zone());
            format!("{}, until {until}", one.text)
        })
        .collect();
    let effects = found.into_iter().map(|one| Effect::ResumeTimer { timer: Box::new(one) }).collect();
    Ok(Decision::act(effects, format!("Running again: {}.", lines.join("; "))))
}
