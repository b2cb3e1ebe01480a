//! Free times by conversation: when there is room, what to suggest and why, and booking what was chosen.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    appointment::{Appointment, Occurrence},
    free::{self, Search, Slot, Suggestion},
    preferences::{CalendarPreferences, WorkingHours},
};
use xswarm_language::command::{AgendaRange, Answer, AppointmentDraft, Command, Expecting, understand_answer};

use super::{
    appointments,
    question::Question,
    timing::{self, later},
    turn::{Decision, Turn, instead},
};
use crate::{error::Error, wording};

/// How far ahead is looked when no stretch was named.
const AHEAD: Duration = Duration::days(7);

/// How many times are suggested.
const SUGGESTED: usize = 3;

/// What is eaten when.
const MEALS: [(&str, &str); 6] = [
    ("breakfast", "mon-sun 7:00-10:00"),
    ("brunch", "mon-sun 10:00-13:00"),
    ("lunch", "mon-sun 11:30-14:00"),
    ("coffee", "mon-sun 9:00-17:30"),
    ("dinner", "mon-sun 17:30-22:00"),
    ("supper", "mon-sun 17:30-22:00"),
];

/// When people are awake: used where the working hours leave nothing of the stretch that was named.
const AWAKE: &str = "mon-sun 7:00-22:00";

/// What is looked for: a stretch of time, and what is to be put there.
struct Wanted {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    length: Duration,
}

/// Suggests times.
pub(super) fn find(turn: &Turn<'_>, range: &AgendaRange, draft: &AppointmentDraft) -> Result<Decision, Error> {
    let preferences = CalendarPreferences::of(turn.user);
    let length = match draft.duration {
        Some(length) => later(turn.now.with_timezone(&turn.zone()), length) - turn.now,
        None => preferences.default_length(),
    };
    if length <= Duration::zero() || length > Duration::days(31) {
        return Ok(Decision::say("That is no length for an appointment: please say minutes, hours or days."));
    }
    let (from, to) = timing::bounds(range, turn.zone()).unwrap_or((turn.now, turn.now + AHEAD));
    let from = from.max(turn.now);
    let wanted = Wanted { from, to: to.min(from + free::FARTHEST), length };
    if wanted.to <= turn.now {
        return Ok(Decision::say("That is already past. Please name a time to come."));
    }
    let meal = draft.title.as_deref().and_then(meal_hours);
    let found = suggestions(turn, &wanted, meal.as_ref().unwrap_or(&preferences.working_hours), SUGGESTED)?;
    let what = draft.title.as_deref().map(|title| format!(" for {title}")).unwrap_or_default();
    let long = wording::length(length);
    let outside =
        if found.is_empty() && meal.is_none() { suggestions(turn, &wanted, &awake(), SUGGESTED)? } else { Vec::new() };
    let (found, note) = if outside.is_empty() { (found, "") } else { (outside, ", outside your working hours") };
    let span = wording::span(wanted.from, wanted.to, turn.zone());
    if found.is_empty() {
        return Ok(Decision::say(format!("I find no free {long}{what}: {span}.")));
    }
    let hours_said = note.is_empty() && meal.is_none();
    let lines = found.iter().enumerate().map(|(n, one)| format!("{}. {}", n + 1, suggested(one, hours_said, turn)));
    let words = format!(
        "Free for {long}{what}{note}:\n{}\nSay \"book the first one\", another number, or \"never mind\".",
        lines.collect::<Vec<_>>().join("\n")
    );
    let question = Question::Book {
        slots: found.into_iter().map(|one| one.slot).collect(),
        title: draft.title.clone(),
        participants: draft.participants.clone(),
        place: draft.place.clone(),
    };
    Ok(Decision::ask(words, question))
}

fn suggested(one: &Suggestion, hours_said: bool, turn: &Turn<'_>) -> String {
    let reasons: Vec<_> = (one.reasons.iter())
        .filter(|reason| hours_said || **reason != free::Reason::WorkingHours)
        .map(|reason| wording::reason(*reason))
        .collect();
    let span = wording::span(one.slot.start, one.slot.end, turn.zone());
    if reasons.is_empty() { span } else { format!("{span} ({})", reasons.join(", ")) }
}

fn meal_hours(title: &str) -> Option<WorkingHours> {
    let title = title.to_lowercase();
    let meal = MEALS.iter().find(|(meal, _)| title.split(|c: char| !c.is_alphabetic()).any(|word| word == *meal));
    meal.and_then(|(_, hours)| hours.parse().ok())
}

fn awake() -> WorkingHours {
    AWAKE.parse().unwrap_or_default()
}

fn suggestions(turn: &Turn<'_>, wanted: &Wanted, hours: &WorkingHours, limit: usize) -> Result<Vec<Suggestion>, Error> {
    let busy = busy(turn, wanted.from, wanted.to)?;
    let Wanted { from, to, length } = *wanted;
    let (zone, buffer, now) = (turn.zone(), turn.buffer(), turn.now);
    Ok(free::suggestions(&busy, &Search { from, to, length, hours: Some(hours), zone, buffer, now }, limit))
}

fn busy(turn: &Turn<'_>, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Occurrence>, Error> {
    let around = Duration::days(1);
    Ok(turn.rows.occurrences(turn.user.id, from - around, to + around)?)
}

/// What is free beside what is on the calendar, as the end of an answer; empty when nothing is.
pub(super) fn left_free(turn: &Turn<'_>, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<String, Error> {
    const SHOWN: usize = 6;
    const SHORTEST: Duration = Duration::minutes(15);
    let preferences = CalendarPreferences::of(turn.user);
    let (zone, buffer, now) = (turn.zone(), turn.buffer(), turn.now);
    let busy = busy(turn, from, to)?;
    let search = Search { from, to, length: SHORTEST, hours: Some(&preferences.working_hours), zone, buffer, now };
    let mut slots = free::slots(&busy, &search);
    if slots.is_empty() {
        slots = free::slots(&busy, &Search { hours: Some(&awake()), ..search });
    }
    let lines: Vec<_> = slots.iter().take(SHOWN).map(|slot| wording::span(slot.start, slot.end, zone)).collect();
    Ok(if lines.is_empty() { String::new() } else { format!("\nFree: {}.", lines.join("; ")) })
}

/// The offer of another time for what was just booked into a conflict; empty when there is none.
pub(super) fn alternatives(turn: &Turn<'_>, booked: &Appointment) -> Result<String, Error> {
    let preferences = CalendarPreferences::of(turn.user);
    let length = booked.length();
    let wanted = Wanted { from: booked.start, to: booked.start + AHEAD, length };
    // Dinner is not moved into the working hours.
    let awake = awake();
    let within = |hours: &WorkingHours| {
        let search = Search {
            from: booked.start,
            to: booked.end,
            length,
            hours: Some(hours),
            zone: turn.zone(),
            buffer: Duration::zero(),
            now: turn.now,
        };
        !free::slots(&[], &search).is_empty()
    };
    let hours = if within(&preferences.working_hours) { &preferences.working_hours } else { &awake };
    let found = suggestions(turn, &wanted, hours, 2 * SUGGESTED)?;
    let day = |slot: &Slot| slot.start.with_timezone(&turn.zone()).date_naive();
    let Some(first) = found.first().map(|one| one.slot) else { return Ok(String::new()) };
    let second = found.iter().map(|one| one.slot).find(|slot| day(slot) != day(&first));
    let times: Vec<_> =
        std::iter::once(first).chain(second).map(|slot| wording::moment(slot.start, turn.zone())).collect();
    let clock = wording::clock(first.start, turn.zone());
    let to = if day(&first) == booked.start.with_timezone(&turn.zone()).date_naive() {
        clock
    } else {
        format!("{} at {clock}", day(&first).format("%A"))
    };
    Ok(format!(" Free: {}. Say \"move it to {to}\" to change it.", times.join("; ")))
}

/// Books one of the suggested times; `None` if the person went on to something else.
pub(super) fn answered(turn: &Turn<'_>, question: Question) -> Result<Option<Decision>, Error> {
    let Question::Book { slots, title, participants, place } = &question else { return Ok(None) };
    match understand_answer(&turn.said.text, Expecting::Choice { of: slots.len() }, &turn.context()) {
        Answer::Choice(chosen) => match slots.get(chosen.saturating_sub(1)) {
            Some(slot) if slot.start > turn.now => {
                let mut appointment = appointments::blank(turn, title.clone(), (slot.start, slot.end));
                appointment.participants.clone_from(participants);
                appointment.location.clone_from(place);
                appointments::book(turn, appointment, turn.reminders_by, "").map(Some)
            }
            Some(_) => Ok(Some(Decision::say("That time has gone by. Nothing was booked: please ask again."))),
            None => Ok(Some(Decision::ask("That number is not in the list.", question))),
        },
        Answer::No => Ok(Some(Decision::say("All right. Nothing was booked."))),
        Answer::NewCommand(new) if new.command != Command::Unknown => instead(turn, &new).map(Some),
        Answer::NewCommand(_)
        | Answer::Time(_)
        | Answer::Duration(_)
        | Answer::Title(_)
        | Answer::Yes
        | Answer::Unclear => {
            let words = format!("Please answer with a number from 1 to {}, or \"never mind\".", slots.len());
            Ok(Some(Decision::ask(words, question)))
        }
    }
}
