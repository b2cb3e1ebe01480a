//! The letters there are: the day, a booked appointment, the week, a finished project.

#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use xswarm_core::{
    appointment::{Appointment, Occurrence},
    reminder::Reminder,
    task::DueTask,
};
use xswarm_language::say;

use super::{Letter, Page, Row, Section};
use crate::{error::Error, wording};

/// What a day holds.
#[derive(Debug, Clone)]
pub(crate) struct Day {
    /// Which.
    pub(crate) date: NaiveDate,
    /// Where its hours are counted.
    pub(crate) zone: Tz,
    /// What is on the calendar, in order.
    pub(crate) occurrences: Vec<Occurrence>,
    /// What the person will be reminded of, in order.
    pub(crate) reminders: Vec<Reminder>,
    /// Tasks that are due on that day or overdue, in order.
    pub(crate) tasks: Vec<DueTask>,
}

/// The letter of a day.
pub(crate) fn digest(day: &Day) -> Result<Letter, Error> {
    let date = say::date(day.date);
    let appointments: Vec<_> = day.occurrences.iter().map(|one| occurrence(one, day.date, day.zone)).collect();
    let reminders = day.reminders.iter().map(|one| row(clock(one.due, day.zone), &one.text, None)).collect();
    let tasks = day.tasks.iter().map(|task| {
        let overdue = task.due < day.date;
        let when = if overdue { format!("since {}", task.due.format("%-d %B")) } else { "today".to_owned() };
        row(when, &task.title, Some(task.project.clone()))
    });
    let subject = match appointments.len() {
        0 => format!("{date}: nothing on your calendar"),
        1 => format!("{date}: 1 appointment"),
        count => format!("{date}: {count} appointments"),
    };
    let zone = day.occurrences.first().map(|one| one.start).unwrap_or_default().with_timezone(&day.zone);
    let lead = if appointments.is_empty() { String::new() } else { format!("Times are {}.", zone.format("%Z")) };
    let sections = vec![
        Section::new("On your calendar", appointments, "Nothing today."),
        Section::new("Reminders", reminders, "None today."),
        Section::new("Due tasks", tasks.collect(), "No task is due."),
    ];
    Page::new(&date, &lead, sections).letter(&subject)
}

/// The letter that confirms a booking. It goes with the appointment as a calendar file.
pub(crate) fn confirmation(appointment: &Appointment) -> Result<Letter, Error> {
    let when = wording::span(appointment.start, appointment.end, appointment.timezone);
    let mut rows = vec![row("When".to_owned(), &when, None)];
    if let Some(rule) = &appointment.recurrence {
        rows.push(row("Repeats".to_owned(), &say::recurrence(rule, &[]), None));
    }
    if let Some(place) = &appointment.location {
        rows.push(row("Where".to_owned(), place, None));
    }
    if !appointment.participants.is_empty() {
        rows.push(row("With".to_owned(), &appointment.participants.join(", "), None));
    }
    if let Some(description) = &appointment.description {
        rows.push(row("Note".to_owned(), description, None));
    }
    let lead = "It is on your calendar. The file that goes with this mail adds it to others.";
    let page = Page::new(&appointment.title, lead, vec![Section::new("Booked", rows, "")]);
    page.letter(&format!("Booked: {}, {when}", appointment.title))
}

/// The letter of a week, with the sections that reports fill.
pub(crate) fn weekly_report(first: NaiveDate, last: NaiveDate, sections: Vec<Section>) -> Result<Letter, Error> {
    let heading = "Your week";
    let lead = format!("{} to {}", say::date(first), say::date(last));
    Page::new(heading, &lead, sections).letter(&format!("{heading}: {lead}"))
}

/// The letter that a project is finished, with what was done.
pub(crate) fn completion(project: &str, sections: Vec<Section>) -> Result<Letter, Error> {
    Page::new(project, "The project is finished.", sections).letter(&format!("Finished: {project}"))
}

fn row(when: String, what: &str, detail: Option<String>) -> Row {
    Row { when, what: what.to_owned(), detail }
}

fn clock(at: DateTime<Utc>, zone: Tz) -> String {
    say::clock(at.with_timezone(&zone))
}

/// An occurrence as a row of its day; what began before or ends after the day says so.
fn occurrence(one: &Occurrence, date: NaiveDate, zone: Tz) -> Row {
    let (start, end) = (one.start.with_timezone(&zone), one.end.with_timezone(&zone));
    let when = if one.all_day || (start.date_naive() < date && end.date_naive() > date) {
        "all day".to_owned()
    } else if start.date_naive() < date {
        format!("until {}", say::clock(end))
    } else if end.date_naive() > date {
        format!("from {}", say::clock(start))
    } else {
        let (from, to) = (say::clock(start), say::clock(end));
        let same_half = ["AM", "PM"].into_iter().find(|half| from.ends_with(half) && to.ends_with(half));
        format!("{} – {to}", same_half.map_or(from.as_str(), |half| from.trim_end_matches(half).trim_end()))
    };
    let mut detail: Vec<String> = one.location.iter().cloned().collect();
    let title = one.title.to_lowercase();
    let others: Vec<_> = one.participants.iter().filter(|name| !title.contains(&name.to_lowercase())).collect();
    if !others.is_empty() {
        let names: Vec<_> = others.into_iter().map(String::as_str).collect();
        detail.push(format!("with {}", names.join(", ")));
    }
    row(when, &one.title, (!detail.is_empty()).then(|| detail.join(" · ")))
}
