//! What a day or a week holds for a person, as a letter.

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, Utc};
use xswarm_core::{
    appointment::Occurrence,
    reminder::{ReminderKind, ReminderStatus},
    time::resolve_local,
    user::User,
};
use xswarm_language::say;
use xswarm_store::Rows;

use crate::{
    error::Error,
    letters::{self, Day, Letter, Row, Section},
};

/// How many reminders and tasks of a day are looked up.
const LOOK_UP: u32 = 200;

/// What a day holds.
pub(crate) fn day(rows: &Rows<'_>, user: &User, date: NaiveDate) -> Result<Day, Error> {
    let (from, to) = bounds(user, date, 1)?;
    let occurrences = rows.occurrences(user.id, from, to)?;
    // What is said before an appointment is not a thing of its own.
    let reminders = rows.reminders(user.id, ReminderStatus::Pending, LOOK_UP)?.into_iter();
    let reminders = reminders.filter(|one| one.kind != ReminderKind::Appointment && (from..to).contains(&one.due));
    Ok(Day {
        date,
        zone: user.timezone,
        occurrences,
        reminders: reminders.collect(),
        tasks: rows.tasks_due(user.id, date, LOOK_UP)?,
    })
}

/// The report of the seven days up to and with `last`.
pub(crate) fn week(rows: &Rows<'_>, user: &User, last: NaiveDate) -> Result<Letter, Error> {
    let first = last.checked_sub_days(Days::new(6)).ok_or_else(too_far)?;
    let (from, to) = bounds(user, first, 7)?;
    let occurrences = rows.occurrences(user.id, from, to)?;
    let hours: Duration = occurrences.iter().filter(|one| !one.all_day).map(|one| one.end - one.start).sum();
    let length = say::duration(xswarm_language::time::Span::seconds(hours.num_seconds()));
    let held = occurrences.iter().map(|one| held(one, user)).collect();
    let tasks = rows.tasks_due(user.id, last, LOOK_UP)?;
    let tasks = tasks.into_iter().map(|task| Row {
        when: task.due.format("%a %-d %b").to_string(),
        what: task.title,
        detail: Some(task.project),
    });
    let count = Row { when: "in all".to_owned(), what: format!("{} appointments", occurrences.len()), detail: None };
    let took = Row { when: "they took".to_owned(), what: length, detail: None };
    let sums = if occurrences.is_empty() { Vec::new() } else { vec![count, took] };
    let sections = vec![
        Section::new("Appointments", held, "None in these days."),
        Section::new("Sums", sums, "Nothing to add up."),
        Section::new("Tasks still open", tasks.collect(), "No task is due."),
    ];
    letters::weekly_report(first, last, sections)
}

fn held(one: &Occurrence, user: &User) -> Row {
    let start = one.start.with_timezone(&user.timezone);
    let when = if one.all_day { String::new() } else { format!(" {}", say::clock(start)) };
    Row { when: format!("{}{when}", start.format("%a")), what: one.title.clone(), detail: one.location.clone() }
}

fn bounds(user: &User, first: NaiveDate, days: u64) -> Result<(DateTime<Utc>, DateTime<Utc>), Error> {
    let after = first.checked_add_days(Days::new(days)).ok_or_else(too_far)?;
    let midnight = |date: NaiveDate| resolve_local(date.and_time(NaiveTime::MIN), user.timezone);
    Ok((midnight(first), midnight(after)))
}

fn too_far() -> Error {
    Error::invalid("that date is too far away")
}
