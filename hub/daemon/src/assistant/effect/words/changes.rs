//! The words of a change of an appointment: moved, called off, put back, of a series one, what follows or all, and
//! whatever else differs, each time what it was and what it is.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus, Exception, Occurrence},
    recurrence::{Recurrence, RecurrenceEnd},
};
use xswarm_language::say;

use super::{Tense, in_full, joined, quoted};
use crate::wording;

/// What becomes of an appointment.
pub(super) fn words(before: &Appointment, after: &Appointment, zone: Tz, tense: Tense) -> String {
    let off = |one: &Appointment| one.status == AppointmentStatus::Cancelled;
    match (off(before), off(after)) {
        (false, true) if before.is_series() => {
            tense.say("Called off", "Call off", &format!("the whole series {}", in_full(before)))
        }
        (false, true) => tense.say("Called off", "Call off", &in_full(before)),
        (true, false) => tense.say("Put back", "Put back", &in_full(after)),
        (true, true) | (false, false) => changed(before, after, zone, tense),
    }
}

fn changed(before: &Appointment, after: &Appointment, zone: Tz, tense: Tense) -> String {
    let mut lines = Vec::new();
    let details = details(before, after);
    let title = &before.title;
    if let Some(last) = ended(before, after) {
        let what = format!("the series {title}; its last one is {}", wording::occurrence(&last, after.timezone));
        let was = format!("{what}; it was {}", in_full(before));
        lines.push(tense.say("Ended", "End", &was));
    } else if when(before) != when(after) {
        let series = if before.is_series() { "the whole series " } else { "" };
        let what = format!("{series}{title}, from {} to {}", when(before), when(after));
        lines.push(tense.say("Moved", "Move", &what));
    } else {
        lines.extend(occurrences(before, after, zone, tense));
    }
    if !details.is_empty() {
        let which = if lines.is_empty() { in_full(before) } else { title.clone() };
        lines.push(tense.say("Changed", "Change", &format!("{which}: {}", details.join("; "))));
    }
    if lines.is_empty() {
        return tense.say("As it was", "Leave as it is:", &in_full(after));
    }
    lines.join(". ")
}

/// When all of an appointment is: its time, its rule, its further dates.
fn when(one: &Appointment) -> String {
    let mut words = wording::time_of(one.start, one.end, one.all_day, one.timezone);
    if let Some(rule) = &one.recurrence {
        words = format!("{words}, {}", say::recurrence(rule, &[]));
    }
    for at in &one.additional {
        words = format!("{words}, and {}", wording::moment(*at, one.timezone));
    }
    words
}

/// The last occurrence of a series that was cut short and is otherwise as it was.
fn ended(before: &Appointment, after: &Appointment) -> Option<Occurrence> {
    let endless = |rule: &Recurrence| Recurrence { end: RecurrenceEnd::Never, ..rule.clone() };
    let (earlier, later) = (before.recurrence.as_ref()?, after.recurrence.as_ref()?);
    let same = (before.start, before.end, before.all_day, before.timezone)
        == (after.start, after.end, after.all_day, after.timezone);
    let shorter = match (before.series_end(), after.series_end()?) {
        (None, _) => true,
        (Some(was), is) => is < was,
    };
    if !same || !shorter || endless(earlier) != endless(later) {
        return None;
    }
    after.occurrences_from(after.start).ok()?.last()
}

/// The single occurrences that are otherwise than they were.
fn occurrences(before: &Appointment, after: &Appointment, zone: Tz, tense: Tense) -> Vec<String> {
    const ONE: &str = "(only this one of the series)";
    let ids: BTreeSet<DateTime<Utc>> =
        before.exceptions.iter().chain(after.exceptions.iter()).map(|(id, _)| id).collect();
    let other = ids.into_iter().filter(|id| before.exceptions.get(*id) != after.exceptions.get(*id));
    let lines = other.filter_map(|id| {
        let at = |one: &Appointment| one.occurrence_at(id).ok().flatten();
        Some(match (at(before), at(after), after.exceptions.get(id)) {
            (Some(was), None, _) => {
                tense.say("Called off", "Call off", &format!("{} {ONE}", wording::occurrence(&was, zone)))
            }
            (None, Some(is), _) => {
                tense.say("Put back", "Put back", &format!("{} {ONE}", wording::occurrence(&is, zone)))
            }
            (Some(was), Some(is), exception) => {
                let time = |one: &Occurrence| wording::time_of(one.start, one.end, one.all_day, zone);
                let mut what = if time(&was) == time(&is) {
                    wording::occurrence(&was, zone)
                } else {
                    format!("{}, from {} to {}", was.title, time(&was), time(&is))
                };
                what = format!("{what} {ONE}");
                let mut more = Vec::new();
                push(&mut more, "title", &was.title, &is.title);
                push_some(&mut more, "place", was.location.as_deref(), is.location.as_deref());
                if let Some(Exception::Changed(changed)) = exception
                    && let Some(description) = &changed.description
                {
                    more.push(format!("note {}", quoted(description)));
                }
                if !more.is_empty() {
                    what = format!("{what}: {}", more.join("; "));
                }
                if time(&was) == time(&is) {
                    tense.say("Changed", "Change", &what)
                } else {
                    tense.say("Moved", "Move", &what)
                }
            }
            (None, None, _) => return None,
        })
    });
    lines.collect()
}

/// What else differs than the time: "place from Luigi's to none".
fn details(before: &Appointment, after: &Appointment) -> Vec<String> {
    let mut all = Vec::new();
    push(&mut all, "title", &before.title, &after.title);
    push_some(&mut all, "place", before.location.as_deref(), after.location.as_deref());
    let people = |one: &Appointment| joined(&one.participants.iter().map(String::as_str).collect::<Vec<_>>());
    let (was, is) = (people(before), people(after));
    push_some(&mut all, "people", some(&was), some(&is));
    push_some(&mut all, "note", before.description.as_deref(), after.description.as_deref());
    let reminded = |one: &Appointment| one.reminder_minutes.map(|lead| format!("{} before", wording::leads(&[lead])));
    let (was, is) = (reminded(before), reminded(after));
    push_some(&mut all, "reminder", was.as_deref(), is.as_deref());
    if before.status != after.status {
        all.push(format!("status from {} to {}", before.status.as_str(), after.status.as_str()));
    }
    all
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn push(all: &mut Vec<String>, what: &str, was: &str, is: &str) {
    push_some(all, what, Some(was), Some(is));
}

fn push_some(all: &mut Vec<String>, what: &str, was: Option<&str>, is: Option<&str>) {
    if was != is {
        let told = |text: Option<&str>| text.map_or_else(|| "none".to_owned(), quoted);
        all.push(format!("{what} from {} to {}", told(was), told(is)));
    }
}
