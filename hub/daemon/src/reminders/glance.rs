//! What a reminder tells besides its own text: the day, the week or the reminders ahead, as they are when it is said. Read
//! from the database and worded here; no model takes part.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use xswarm_core::{
    habit::Glance,
    reminder::{ReminderKind, ReminderStatus},
    time::resolve_local,
    user::User,
};
use xswarm_store::{Rows, StoreError};

use crate::wording;

/// How many days a week ahead has.
const WEEK: u32 = 7;

/// How many reminders are looked through.
const MOST: u32 = 200;

/// What there is to tell on the day of `at`.
pub(super) fn words(rows: &Rows<'_>, user: &User, glance: Glance, at: DateTime<Utc>) -> Result<String, StoreError> {
    match glance {
        Glance::Day => agenda(rows, user, at, 1),
        Glance::Week => agenda(rows, user, at, WEEK),
        Glance::Reminders => reminders(rows, user, at),
    }
}

/// From that day's midnight to the one so many days later.
fn stretch(user: &User, at: DateTime<Utc>, days: u32) -> (NaiveDate, DateTime<Utc>, DateTime<Utc>) {
    let first = at.with_timezone(&user.timezone).date_naive();
    let after = first.checked_add_days(Days::new(u64::from(days))).unwrap_or(first);
    let midnight = |day: NaiveDate| resolve_local(day.and_time(NaiveTime::MIN), user.timezone);
    (first, midnight(first), midnight(after))
}

fn agenda(rows: &Rows<'_>, user: &User, at: DateTime<Utc>, days: u32) -> Result<String, StoreError> {
    let (first, from, to) = stretch(user, at, days);
    Ok(wording::agenda(&rows.occurrences(user.id, from, to)?, first, days, user.timezone))
}

fn reminders(rows: &Rows<'_>, user: &User, at: DateTime<Utc>) -> Result<String, StoreError> {
    let (_, _, to) = stretch(user, at, WEEK);
    let ahead = rows.reminders(user.id, ReminderStatus::Pending, MOST)?;
    let lines: Vec<String> = ahead
        .iter()
        .filter(|one| one.due > at && one.due < to && one.is_first() && one.progress.repetition == 0)
        .filter(|one| one.kind != ReminderKind::Appointment)
        .map(|one| format!("– {}", wording::reminder(one, user.timezone)))
        .collect();
    Ok(if lines.is_empty() { "Nothing is set for the next 7 days.".to_owned() } else { lines.join("\n") })
}
