//! What a day or a week holds for a person, as a letter; and the daily one by mail for whoever wants it.
//!
//! The job of a day's digest has the person and the date for its key, which the database keeps for ever: a day has one
//! digest, whatever restarts and however the clock jumps. The next day's job is written in the transaction that sends
//! this one. A digest whose day is over when the box comes back is passed over: reminders account for themselves.

#[cfg(test)]
mod tests;

use chrono::{DateTime, Days, Duration, NaiveDate, NaiveTime, Utc};
use xswarm_core::{
    appointment::Occurrence,
    id::UserId,
    job::Job,
    mail::{Layout, Letter},
    message::Channel,
    reminder::{ReminderKind, ReminderStatus},
    time::resolve_local,
    user::User,
};
use xswarm_language::say;
use xswarm_store::{Rows, Tx};

use crate::{
    error::Error,
    letters::{self, Day, MailPreferences, Row, Section},
    outbox::{self, OurAddresses, Saying, To},
};

/// How many reminders and tasks of a day are looked up.
const LOOK_UP: u32 = 200;

/// What became of a digest's job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// It is in the ledger, or not wanted any more.
    Settled,
    /// The clock went back, or the person wants it later: it is not due yet.
    NotYet(DateTime<Utc>),
}

/// Writes the digest of `date` for a person, and the job of the next day's.
pub(crate) fn send(
    tx: &Tx<'_>,
    id: UserId,
    date: NaiveDate,
    ours: &OurAddresses,
    now: DateTime<Utc>,
) -> Result<Sent, Error> {
    let Some(user) = tx.user(id)? else { return Ok(Sent::Settled) };
    let Some(time) = MailPreferences::of(&user).daily_digest else { return Ok(Sent::Settled) };
    let due = resolve_local(date.and_time(time), user.timezone);
    if due > now {
        return Ok(Sent::NotYet(due));
    }
    if now.with_timezone(&user.timezone).date_naive() == date {
        match To::user(&user, Channel::Email, ours) {
            Some(to) => write(tx, &user, date, to, now)?,
            None => {
                log::warn!(user:% = id; "a digest is passed over: mail is not set up, or this person has no address");
            }
        }
    }
    schedule(tx, &user, now)?;
    Ok(Sent::Settled)
}

fn write(tx: &Tx<'_>, user: &User, date: NaiveDate, to: To, now: DateTime<Utc>) -> Result<(), Error> {
    let written = letters::digest(&day(tx, user, date)?)?;
    let to =
        to.with_letter(Letter { subject: written.subject, ..Letter::of(Layout::Own { html: Some(written.html) }) });
    let saying = Saying {
        user: Some(user),
        conversation: None,
        to: &to,
        text: &written.text,
        in_reply_to: None,
        metadata: serde_json::json!({ "purpose": "digest" }),
    };
    outbox::say(tx, &saying, now)?;
    Ok(())
}

/// Sees to it that the next digest, and only that, has a job: after one was sent, and when the person's wish or zone
/// changed.
pub(crate) fn schedule(tx: &Tx<'_>, user: &User, now: DateTime<Utc>) -> Result<(), Error> {
    let today = now.with_timezone(&user.timezone).date_naive();
    // A zone may have been left whose day was another; no zones are further apart than two days.
    for date in (-2..=2).map(|days| today + Duration::days(days)) {
        tx.job_withdraw(&Job::SendDigest { user: user.id, date }, now)?;
    }
    let Some(time) = MailPreferences::of(user).daily_digest else { return Ok(()) };
    for date in today.iter_days().take(2) {
        let due = resolve_local(date.and_time(time), user.timezone);
        // Today's may have been sent already: then its key is taken, and tomorrow's is the next.
        if due > now && tx.job_enqueue(&Job::SendDigest { user: user.id, date }, None, due, now)? {
            break;
        }
    }
    Ok(())
}

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
pub(crate) fn week(rows: &Rows<'_>, user: &User, last: NaiveDate) -> Result<letters::Letter, Error> {
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
    let count = Row { when: "in all".to_owned(), what: counted(occurrences.len()), detail: None };
    let took = Row { when: "they took".to_owned(), what: length, detail: None };
    let sums = if occurrences.is_empty() { Vec::new() } else { vec![count, took] };
    let sections = vec![
        Section::new("Appointments", held, "None in these days."),
        Section::new("Sums", sums, "Nothing to add up."),
        Section::new("Tasks still open", tasks.collect(), "No task is due."),
    ];
    letters::weekly_report(first, last, sections)
}

fn counted(appointments: usize) -> String {
    if appointments == 1 { "1 appointment".to_owned() } else { format!("{appointments} appointments") }
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
