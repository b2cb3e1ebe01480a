//! The Boss's words for appointments, reminders and conflicts. Times are worded by the language crate, always with
//! weekday, date, time and zone.

use chrono::{DateTime, Days, Duration, DurationRound, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use xswarm_core::{
    appointment::{Appointment, Occurrence},
    conflict::{Conflict, ConflictKind},
    free::Reason,
    message::Channel,
    reminder::{Reminder, ReminderKind},
    time::resolve_local,
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

/// When something is: from one instant to another, or which days it takes.
pub(crate) fn time_of(start: DateTime<Utc>, end: DateTime<Utc>, all_day: bool, zone: Tz) -> String {
    if !all_day {
        return span(start, end, zone);
    }
    let [first, last] = [start, end - Duration::milliseconds(1)].map(|at| at.with_timezone(&zone).date_naive());
    if first >= last {
        format!("{}, all day", date(first))
    } else {
        format!("{} to {}, all day", date(first), date(last))
    }
}

/// An appointment with its time, and its rule when it repeats.
pub(crate) fn appointment(appointment: &Appointment) -> String {
    let Appointment { start, end, all_day, timezone, .. } = appointment;
    let mut words = format!("{}, {}", appointment.title, time_of(*start, *end, *all_day, *timezone));
    push_place(&mut words, appointment.location.as_deref());
    if let Some(rule) = &appointment.recurrence {
        words = format!("{words}, {}", say::recurrence(rule, &[]));
    }
    words
}

/// An occurrence by its start.
pub(crate) fn upcoming(one: &Occurrence, zone: Tz) -> String {
    let when = if one.all_day { time_of(one.start, one.end, true, zone) } else { moment(one.start, zone) };
    let mut words = format!("{}, {when}", one.title);
    push_place(&mut words, one.location.as_deref());
    words
}

/// A time of day.
pub(crate) fn clock(at: DateTime<Utc>, zone: Tz) -> String {
    say::clock(at.with_timezone(&zone))
}

/// The same without seconds.
pub(crate) fn clock_to_the_minute(at: DateTime<Utc>, zone: Tz) -> String {
    clock(at.duration_trunc(Duration::minutes(1)).unwrap_or(at), zone)
}

/// What speaks for a suggested time.
pub(crate) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Soonest => "the soonest",
        Reason::WorkingHours => "in your working hours",
        Reason::EmptyDay => "the day is otherwise empty",
        Reason::Adjacent => "next to something else, so the rest stays in one piece",
        Reason::Buffer => "leaves room before and after",
        Reason::Tight => "leaves little room to what is beside it",
    }
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
    let usual = reminder.step.recurrence_id;
    match &reminder.recurrence {
        // One of them was moved: the rule still says when the others come.
        Some(rule) if usual != reminder.due && reminder.kind != ReminderKind::Appointment => {
            let (rule, at) = (say::recurrence(rule, &[]), clock_to_the_minute(usual, zone));
            format!("{kind}{}, {when} this once; otherwise {rule} at {at}", reminder.text)
        }
        Some(rule) => format!("{kind}{}, {}, first on {when}", reminder.text, say::recurrence(rule, &[])),
        None => format!("{kind}{}, {when}", reminder.text),
    }
}

/// An occurrence with its day.
pub(crate) fn occurrence(one: &Occurrence, zone: Tz) -> String {
    let mut words = format!("{}, {}", one.title, time_of(one.start, one.end, one.all_day, zone));
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
    let days: Vec<NaiveDate> = first.iter_days().take_while(|day| *day <= last).collect();
    let mut lines = Vec::new();
    for day in days {
        let of_day: Vec<_> = occurrences.iter().filter_map(|one| line(one, day, zone)).collect();
        if !of_day.is_empty() {
            let noon = resolve_local(day.and_time(NaiveTime::MIN) + Duration::hours(12), zone);
            lines.push(format!("{} ({}):", date(day), noon.with_timezone(&zone).format("%Z")));
            // What takes the whole day comes first.
            let (whole, timed): (Vec<_>, Vec<_>) = of_day.into_iter().partition(|(whole, _)| *whole);
            lines.extend(whole.into_iter().chain(timed).map(|(_, line)| line));
        }
    }
    lines.join("\n")
}

/// An occurrence in the agenda of one day, and whether it takes all of it; `None` when it is not on that day.
fn line(one: &Occurrence, day: NaiveDate, zone: Tz) -> Option<(bool, String)> {
    let [start, end] = [one.start, one.end].map(|at| at.with_timezone(&zone));
    let [first, last] = [one.start, one.end - Duration::milliseconds(1)].map(|at| at.with_timezone(&zone).date_naive());
    if day < first || last < day {
        return None;
    }
    let (when, whole) = match (first == day, last == day) {
        _ if one.all_day => ("all day".to_owned(), true),
        (true, true) => (format!("{} to {}", say::clock(start), say::clock(end)), false),
        (true, false) => (format!("from {}", say::clock(start)), false),
        (false, true) => (format!("until {}", say::clock(end)), false),
        (false, false) => ("all day".to_owned(), true),
    };
    let mut words = format!("– {when} {}", one.title);
    push_place(&mut words, one.location.as_deref());
    let days = (last - first).num_days() + 1;
    if days > 1 {
        words = format!("{words} (day {} of {days})", (day - first).num_days() + 1);
    }
    Some((whole, words))
}
