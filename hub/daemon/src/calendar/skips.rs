//! Series that leave out holidays, or days on which something else is.
//!
//! Which days those are is found for the coming year and recorded as exceptions of the series, so that everything that
//! reads a calendar sees them; the daily sweep looks further ahead as the year goes by.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus, Exception, SkipReason},
    conflict::{self, ConflictKind},
    event::Event,
    series::Skips,
};
use xswarm_language::holidays::holiday;
use xswarm_store::{AppointmentChange, Rows, Tx};

use crate::error::Error;

/// How far ahead days are left out.
const AHEAD: Duration = Duration::days(366);

/// When less than this has been looked at, the sweep goes on.
const ENOUGH: Duration = Duration::days(335);

/// How many occurrences are looked at in one go.
const AT_ONCE: usize = 400;

/// How many series one sweep looks at.
const SERIES_AT_ONCE: u32 = 200;

/// Leaves out of a series what its policy says, from where it was looked at before to a year ahead; what that is.
pub(crate) fn leave_out(
    rows: &Rows<'_>,
    series: &mut Appointment,
    policy: &mut Skips,
    now: DateTime<Utc>,
) -> Result<Vec<(DateTime<Utc>, SkipReason)>, Error> {
    let unreadable = |error| Error::internal("a series cannot be expanded").with_source(error);
    let (from, to) = (policy.until.max(now), now + AHEAD);
    let mut ahead = series.occurrences_between(from, to, AT_ONCE).map_err(unreadable)?;
    // However many there are, the next look begins later than this one.
    let reached = ahead.last().map_or(to, |last| last.start).max(from + Duration::days(1));
    policy.until = if ahead.len() == AT_ONCE { reached.min(to) } else { to };
    // What a person changed by hand stays.
    ahead.retain(|one| one.start >= from && !series.exceptions.contains(one.recurrence_id));
    let mut busy = Vec::new();
    if policy.conflicts {
        let stretches: Vec<_> = ahead.iter().map(|one| one.start..one.end).collect();
        busy = rows.occurrences_in(series.user_id, &stretches)?;
    }
    let mut left_out = Vec::new();
    for one in &ahead {
        let day = one.start.with_timezone(&series.timezone).date_naive();
        let taken = || {
            let mut found = conflict::of_each(std::slice::from_ref(one), &busy, Duration::zero());
            found.any(|(_, conflict)| conflict.kind != ConflictKind::NoBuffer)
        };
        let reason = if holiday(policy.holidays, day).is_some() {
            SkipReason::Holiday
        } else if taken() {
            SkipReason::Conflict
        } else {
            continue;
        };
        series.exceptions.insert(one.recurrence_id, Exception::Skipped { reason });
        left_out.push((one.recurrence_id, reason));
    }
    Ok(left_out)
}

/// Looks further ahead for every series of which less than most of a year has been looked at; whether there may be more.
pub(crate) fn look_ahead(tx: &Tx<'_>, now: DateTime<Utc>) -> Result<bool, Error> {
    let due = tx.series_skips_due(now + ENOUGH, SERIES_AT_ONCE)?;
    let more = due.len() == usize::try_from(SERIES_AT_ONCE).unwrap_or(usize::MAX);
    for (id, mut policy) in due {
        let standing = tx.appointment(id)?.filter(|one| one.status != AppointmentStatus::Cancelled);
        let Some(mut series) = standing else {
            // It may be taken back yet; until then it leaves nothing out.
            policy.until = now + AHEAD;
            tx.series_skips_set(id, &policy)?;
            continue;
        };
        let version = series.version;
        let ended = series.series_end().is_some_and(|end| end <= now);
        let left_out = leave_out(tx, &mut series, &mut policy, now)?;
        if !left_out.is_empty() {
            series.updated_at = now;
            tx.appointment_update(&series, AppointmentChange::IfVersion(version))?;
            tx.event_append(&Event::AppointmentChanged { appointment: id }, Some(series.user_id), now)?;
        }
        if ended {
            tx.series_skips_delete(id)?;
        } else {
            tx.series_skips_set(id, &policy)?;
        }
    }
    Ok(more)
}
