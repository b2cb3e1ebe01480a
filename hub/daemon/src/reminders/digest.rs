//! One message, or a few numbered ones, that account for all that could not be told in time.
//!
//! Of several lead times of one occurrence that are all late the nearest is told; the others have expired.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use xswarm_core::{
    id::MessageId,
    message::Channel,
    provenance::Sources,
    reminder::{GRACE, Reminder, ReminderKind, ReminderOutcome, ladder::Due},
};
use xswarm_store::{StoreError, Tx};

use super::{
    appointments,
    fire::{self, Told},
    follow,
};
use crate::{outbox, wording};

/// How many late reminders one digest accounts for; the rest follow in the next.
const DIGEST_MOST: u32 = 200;

/// How many missed occurrences of one series are recorded each by itself; what was missed beyond them is not.
const MISSED_MOST: usize = 200;

/// Why a lead time is not told.
const NEARER: &str = "a nearer reminder of the same appointment was late as well";

/// A late reminder and the later ones of its series that are late as well.
struct Entry {
    first: Reminder,
    missed: Vec<Reminder>,
}

impl Entry {
    fn all(&self) -> impl Iterator<Item = &Reminder> {
        std::iter::once(&self.first).chain(&self.missed)
    }
}

/// Tells everything that is late for the person and goes the same way as `first`.
pub(super) fn tell(tx: &Tx<'_>, told: &Told<'_>, first: &Reminder, now: DateTime<Utc>) -> Result<(), StoreError> {
    let Some((channel, to)) = told.way(tx, first)? else {
        return fire::unreachable(tx, told, first, now);
    };
    let entries = gather(tx, told, channel, now)?;
    let nearest = nearest(&entries);
    let is_told = |one: &Reminder| nearest.get(&occurrence(one)).is_none_or(|step| *step == one.step.step);
    let zone = told.user.timezone;
    let (mut lines, mut sources) = (vec![heading(&entries).to_owned()], Sources::own());
    for entry in &entries {
        let count = entry.all().filter(|one| is_told(one)).count();
        if let Some(one) = entry.all().find(|one| is_told(one)) {
            lines.push(line(tx, one, count - 1, zone)?);
            sources.join(&fire::whose(tx, one)?);
        }
    }
    // Each text of the digest is a row of its own; every reminder points at the first.
    let mut message = None;
    for text in outbox::numbered(&lines) {
        let id = fire::speak(tx, told.user, &to, first, (&text, &sources), now)?;
        message.get_or_insert(id);
    }
    let Some(message) = message else { return Ok(()) };
    for entry in &entries {
        for missed in &entry.missed {
            follow::unless_known(tx, missed, now)?;
        }
        for one in entry.all() {
            close(tx, told, one, is_told(one).then_some((message, channel)), now)?;
        }
        let last = entry.missed.last().unwrap_or(&entry.first);
        follow::next_of_series(tx, last, now)?;
    }
    Ok(())
}

/// What is late for the person and would go by the same channel, with what else of each series is.
fn gather(tx: &Tx<'_>, told: &Told<'_>, channel: Channel, now: DateTime<Utc>) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    for reminder in tx.reminders_overdue(told.user.id, now - GRACE, DIGEST_MOST)? {
        let start = appointments::starts(tx, &reminder)?;
        let late = told.ladder(&reminder).due(&reminder, start, now, told.user.timezone) == Due::SayLate;
        if late && told.way(tx, &reminder)?.is_some_and(|(way, _)| way == channel) {
            let missed = missed_since(tx, &reminder, now)?;
            entries.push(Entry { first: reminder, missed });
        }
    }
    Ok(entries)
}

/// The occurrences of a repeating reminder or appointment after this one that are late as well.
fn missed_since(tx: &Tx<'_>, reminder: &Reminder, now: DateTime<Utc>) -> Result<Vec<Reminder>, StoreError> {
    if !reminder.is_first() {
        return Ok(Vec::new());
    }
    if let Some(appointment) = appointments::of(tx, reminder)? {
        return appointments::missed_since(tx, &appointment, reminder, MISSED_MOST, now);
    }
    let Some(rule) = &reminder.recurrence else { return Ok(Vec::new()) };
    let Ok(occurrences) = rule.occurrences(reminder.series_start, reminder.timezone) else { return Ok(Vec::new()) };
    let late = occurrences.skip_while(|at| *at <= reminder.step.recurrence_id).take_while(|at| *at <= now - GRACE);
    Ok(late.take(MISSED_MOST).map(|due| follow::following(reminder, due, now)).collect())
}

/// Which occurrence of which appointment a reminder precedes, for whom.
fn occurrence(one: &Reminder) -> (String, DateTime<Utc>) {
    (one.step.series.clone(), one.step.recurrence_id)
}

/// The shortest lead time that is late, of each occurrence of an appointment.
fn nearest(entries: &[Entry]) -> HashMap<(String, DateTime<Utc>), u32> {
    let mut nearest = HashMap::new();
    for one in entries.iter().flat_map(Entry::all).filter(|one| one.kind == ReminderKind::Appointment) {
        let step = nearest.entry(occurrence(one)).or_insert(one.step.step);
        *step = one.step.step.min(*step);
    }
    nearest
}

fn close(
    tx: &Tx<'_>,
    told: &Told<'_>,
    one: &Reminder,
    said: Option<(MessageId, Channel)>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(said) = said else {
        return tx.reminder_close(one.id, ReminderOutcome::Expired, NEARER, now);
    };
    let after = wording::length(now - one.due);
    let why = match one.progress.held_until {
        Some(_) => format!("said {after} after it was due: quiet hours"),
        None => format!("said {after} after it was due"),
    };
    fire::mark(tx, told, one, said, Some(&why), now)
}

fn heading(entries: &[Entry]) -> &'static str {
    let held = entries.iter().all(|entry| entry.first.progress.held_until.is_some());
    match (held, entries.len()) {
        (true, _) => "Kept for you until your quiet hours ended:",
        (false, 1) => "I could not tell you this in time:",
        (false, _) => "I could not tell you these in time:",
    }
}

fn line(tx: &Tx<'_>, reminder: &Reminder, further: usize, zone: Tz) -> Result<String, StoreError> {
    let more = match further {
        0 => String::new(),
        _ => format!(", and {further} more since"),
    };
    let whose = match reminder.progress.on_behalf_of.map_or(Ok(None), |id| tx.user(id))? {
        Some(other) => format!("for {}: ", other.name),
        None => String::new(),
    };
    let what = match reminder.kind {
        ReminderKind::Reminder => reminder.text.clone(),
        ReminderKind::Timer => format!("timer done: {}", reminder.text),
        ReminderKind::Alarm => format!("alarm: {}", reminder.text),
        ReminderKind::Appointment => {
            let appointment = appointments::of(tx, reminder)?;
            let start = appointment.map_or(reminder.step.recurrence_id, |one| appointments::start_of(&one, reminder));
            return Ok(format!("– late: {whose}{} ({}{more})", reminder.text, wording::moment(start, zone)));
        }
    };
    Ok(format!("– late: {whose}{what} (due {}{more})", wording::moment(reminder.due, zone)))
}
