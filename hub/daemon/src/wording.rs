//! The Boss's words for appointments, reminders and conflicts. Times are worded by the language crate, always with
//! weekday, date, time and zone.

use chrono::{DateTime, Days, Duration, DurationRound, NaiveDate, Utc};
use chrono_tz::Tz;
use xswarm_core::{
    appointment::{Appointment, Occurrence},
    conflict::{Conflict, ConflictKind},
    message::Channel,
    reminder::{Reminder, ReminderKind},
};
use xswarm_language::{say, time::Span};

/// An instant in a zone, to the minute.
pub(crate) fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    moment_with_seconds(at.duration_trunc(Duration::minutes(1)).unwrap_or(at), zone)
}

/// An instant to the second: what a timer of half a minute needs.
pub(crate) fn moment_with_seconds(at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    say::moment(local)
}

/// A day.
pub(crate) fn date(day: NaiveDate) -> String {
    say::date(day)
}

/// A length of time.
pub(crate) fn length(length: Duration) -> String {
    say::duration(Span::seconds(length.num_seconds()))
}

/// Lead times: "1 day, 1 hour and 15 minutes".
pub(crate) fn leads(minutes: &[u32]) -> String {
    let words: Vec<_> = minutes.iter().map(|lead| length(Duration::minutes(i64::from(*lead)))).collect();
    match words.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        Some((only, _)) => only.clone(),
        None => String::new(),
    }
}

/// From one instant to another.
pub(crate) fn span(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz) -> String {
    say::interval(from.with_timezone(&zone), to.with_timezone(&zone))
}

/// "3 reminders".
pub(crate) fn count(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}:")
}

/// How somebody is reached, as the end of a phrase.
pub(crate) fn by(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => " by text",
        Channel::Console => " on the console",
        Channel::Email => " by mail",
        Channel::Voice => " by phone",
        Channel::Room => " in the room",
        Channel::ClaudeCode => "",
    }
}

/// An appointment with its time, and its rule when it repeats.
pub(crate) fn appointment(appointment: &Appointment) -> String {
    let mut words =
        format!("{}, {}", appointment.title, span(appointment.start, appointment.end, appointment.timezone));
    push_place(&mut words, appointment.location.as_deref());
    if let Some(rule) = &appointment.recurrence {
        words = format!("{words}, {}", say::recurrence(rule, &[]));
    }
    words
}

/// An appointment at its next start.
pub(crate) fn upcoming(start: DateTime<Utc>, appointment: &Appointment) -> String {
    let mut words = format!("{}, {}", appointment.title, moment(start, appointment.timezone));
    push_place(&mut words, appointment.location.as_deref());
    words
}

fn push_place(words: &mut String, place: Option<&str>) {
    if let Some(place) = place {
        words.push_str(" at ");
        words.push_str(place);
    }
}

/// A reminder with its time, and its rule when it repeats.
pub(crate) fn reminder(reminder: &Reminder, zone: Tz) -> String {
    let (kind, when) = match reminder.kind {
        ReminderKind::Timer => match reminder.progress.remaining_ms {
            Some(left) => ("timer ", format!("paused with {} left", length(Duration::milliseconds(left)))),
            None => ("timer ", moment_with_seconds(reminder.due, zone)),
        },
        ReminderKind::Alarm => ("alarm: ", moment(reminder.due, zone)),
        ReminderKind::Reminder | ReminderKind::Appointment => ("", moment(reminder.due, zone)),
    };
    match &reminder.recurrence {
        Some(rule) => format!("{kind}{}, {}, first on {when}", reminder.text, say::recurrence(rule, &[])),
        None => format!("{kind}{}, {when}", reminder.text),
    }
}

/// An occurrence with its day.
pub(crate) fn occurrence(one: &Occurrence, zone: Tz) -> String {
    let mut words = format!("{}, {}", one.title, span(one.start, one.end, zone));
    push_place(&mut words, one.location.as_deref());
    words
}

/// A warning about what gets in the way; empty when nothing does. `buffer` is the room that the person wants.
pub(crate) fn conflicts(conflicts: &[Conflict], buffer: Duration, zone: Tz) -> String {
    const NAMED: usize = 3;
    let (near, overlapping): (Vec<&Conflict>, Vec<&Conflict>) =
        conflicts.iter().partition(|conflict| conflict.kind == ConflictKind::NoBuffer);
    let list = |which: &[&Conflict]| {
        let mut names: Vec<_> = which.iter().take(NAMED).map(|conflict| occurrence(&conflict.with, zone)).collect();
        if which.len() > NAMED {
            names.push(format!("{} more", which.len() - NAMED));
        }
        names.join("; ")
    };
    let mut words = String::new();
    if !overlapping.is_empty() {
        words = format!(" Careful, it overlaps with {}.", list(&overlapping));
    }
    if !near.is_empty() {
        words = format!("{words} It leaves less than {} to {}.", length(buffer), list(&near));
    }
    words
}

/// The agenda of some days: a heading for each day that has something.
pub(crate) fn agenda(occurrences: &[Occurrence], first: NaiveDate, days: u32, zone: Tz) -> String {
    let last = first.checked_add_days(Days::new(u64::from(days.saturating_sub(1)))).unwrap_or(first);
    if occurrences.is_empty() {
        return if days == 1 {
            format!("Nothing on your calendar on {}.", date(first))
        } else {
            format!("Nothing on your calendar from {} to {}.", date(first), date(last))
        };
    }
    let mut lines = Vec::new();
    let mut day = None;
    for one in occurrences {
        let (start, end) = (one.start.with_timezone(&zone), one.end.with_timezone(&zone));
        // What began earlier is listed under the first day asked for.
        let on = start.date_naive().max(first);
        if day != Some(on) {
            day = Some(on);
            lines.push(format!("{} ({}):", date(on), start.format("%Z")));
        }
        let until = if end.date_naive() == start.date_naive() { say::clock(end) } else { moment(one.end, zone) };
        let from = if start.date_naive() == on { say::clock(start) } else { "since before".to_owned() };
        let mut line = format!("– {from} to {until} {}", one.title);
        push_place(&mut line, one.location.as_deref());
        lines.push(line);
    }
    lines.join("\n")
}
