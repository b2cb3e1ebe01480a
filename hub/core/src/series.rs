//! Edits of a series: of one occurrence, of one and all that follow, of all.
//!
//! An occurrence is named by its original start (RFC 5545 §3.8.4.4). "This and following" makes two series of one: the
//! first ends just before the occurrence, the second begins with it under an id of its own and carries on the rule, what
//! remains of its count, the later further dates and the later exceptions. When all occurrences move, further dates and
//! the names of exceptions move with them; an occurrence that was moved by itself stays where it was put.
//!
//! Nothing is stored here. What comes out is of the next generation, so that its reminders are told from the old ones.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    appointment::{
        Appointment, AppointmentSource, AppointmentStatus, ChangedOccurrence, Exception, Exceptions, SkipReason,
    },
    id::AppointmentId,
    preferences::HolidayRegion,
    recurrence::{Frequency, Recurrence, RecurrenceEnd, RecurrenceError},
    text_enum,
    time::resolve_local,
};

text_enum! {
    /// How much of a series an edit is about.
    pub enum Scope {
        /// One occurrence.
        This = "this",
        /// One occurrence and all that follow it.
        Following = "following",
        /// All of it.
        All = "all",
    }
}

/// What of a series is edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// How much.
    pub scope: Scope,
    /// Which occurrence, by its original start.
    pub recurrence_id: DateTime<Utc>,
}

/// Which days a series leaves out, beyond what its rule can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skips {
    /// Whose public holidays.
    pub holidays: HolidayRegion,
    /// Days on which something else is.
    pub conflicts: bool,
    /// Until when such days have been looked for and made exceptions of the series.
    pub until: DateTime<Utc>,
}

/// What became of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The series as it shall be; called off when nothing of it is left.
    pub series: Appointment,
    /// The series that carries on, when one was split off. It is new.
    pub rest: Option<Appointment>,
}

/// Why a series was not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    /// There is no such occurrence, or it is left out.
    #[error("the series has no occurrence that was to begin at that time")]
    NoSuchOccurrence,
    /// The occurrence is too far from the beginning to count the rule up to it.
    #[error("that occurrence is more than {FARTHEST} occurrences after the first of its series")]
    TooFar,
    /// It would end before it begins.
    #[error("it would end before it begins")]
    EndsBeforeStart,
    /// The rule's days cannot move like that ("the last Friday" has no day after).
    #[error("the days of such a series cannot move like that")]
    Immovable,
    /// The rule cannot be expanded.
    #[error(transparent)]
    Rule(#[from] RecurrenceError),
}

/// How many occurrences a rule is counted through.
const FARTHEST: usize = 100_000;

/// How many occurrences have to agree before a rule counts as moved rightly.
const COMPARED: usize = 60;

/// The series without what is called off.
pub fn cancelled(series: &Appointment, at: Target, now: DateTime<Utc>) -> Result<Edited, SeriesError> {
    let whole = || Appointment { status: AppointmentStatus::Cancelled, ..revised(series, now) };
    let series = match at.scope {
        Scope::This if series.is_series() => skipped(series, at.recurrence_id, SkipReason::Cancelled, now)?,
        Scope::Following => split(series, at.recurrence_id, now)?.0.unwrap_or_else(whole),
        Scope::This | Scope::All => whole(),
    };
    Ok(Edited { series, rest: None })
}

/// The series with what is to be otherwise; `to` is how the occurrence at `at` shall be.
///
/// A title, description or place that is absent stays as it was.
pub fn changed(
    series: &Appointment,
    at: Target,
    to: &ChangedOccurrence,
    now: DateTime<Utc>,
) -> Result<Edited, SeriesError> {
    if to.end <= to.start {
        return Err(SeriesError::EndsBeforeStart);
    }
    let whole = |series| Ok(Edited { series, rest: None });
    match at.scope {
        Scope::This if series.is_series() => {
            series.occurrence_at(at.recurrence_id)?.ok_or(SeriesError::NoSuchOccurrence)?;
            let mut series = revised(series, now);
            let mut to = to.clone();
            if let Some(Exception::Changed(earlier)) = series.exceptions.remove(at.recurrence_id) {
                to.title = to.title.or(earlier.title);
                to.description = to.description.or(earlier.description);
                to.location = to.location.or(earlier.location);
            }
            series.exceptions.insert(at.recurrence_id, Exception::Changed(to));
            whole(series)
        }
        Scope::This | Scope::All => whole(retimed(&revised(series, now), at.recurrence_id, to)?),
        Scope::Following => match split(series, at.recurrence_id, now)? {
            (None, _) => whole(retimed(&revised(series, now), at.recurrence_id, to)?),
            (Some(series), rest) => {
                let rest = retimed(&rest, at.recurrence_id, to)?;
                Ok(Edited { series, rest: Some(rest) })
            }
        },
    }
}

/// The series without the occurrence whose original start is `recurrence_id`.
pub fn skipped(
    series: &Appointment,
    recurrence_id: DateTime<Utc>,
    reason: SkipReason,
    now: DateTime<Utc>,
) -> Result<Appointment, SeriesError> {
    series.occurrence_at(recurrence_id)?.ok_or(SeriesError::NoSuchOccurrence)?;
    let mut series = revised(series, now);
    series.exceptions.insert(recurrence_id, Exception::Skipped { reason });
    Ok(series)
}

/// What of the series lies before an occurrence, and the new series from it on. The first is absent when there is nothing
/// before. Together they occur exactly when the series did.
pub fn split(
    series: &Appointment,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(Option<Appointment>, Appointment), SeriesError> {
    series.occurrence_at(at)?.ok_or(SeriesError::NoSuchOccurrence)?;
    let (rule_before, rule_after, mut later) = divided(series, at)?;
    let dates = series.additional.iter().copied().chain(series.recurrence.is_none().then_some(series.start));
    let (mut earlier, further): (Vec<_>, Vec<_>) = dates.partition(|date| *date < at);
    later.extend(further);
    let mut rest = Appointment {
        id: AppointmentId::new(now),
        // The name it has elsewhere stays with the first part: it is that of one series.
        source: AppointmentSource { uid: None, ..series.source.clone() },
        generation: 0,
        version: 1,
        created_at: now,
        ..revised(series, now)
    };
    rest.exceptions.retain(|id| id >= at);
    begun(&mut rest, rule_after, later).ok_or(SeriesError::NoSuchOccurrence)?;
    let mut before = revised(series, now);
    before.exceptions.retain(|id| id < at);
    let rule_before = rule_before.map(|rule| (series.start, rule));
    earlier.sort_unstable();
    Ok((begun(&mut before, rule_before, earlier).map(|()| before), rest))
}

/// The rule up to before `at`, and from there on with its first occurrence; the occurrence in between that only daylight
/// saving put at `at` comes as a date of its own.
#[allow(clippy::type_complexity, reason = "three parts of one division, taken apart at once")]
fn divided(
    series: &Appointment,
    at: DateTime<Utc>,
) -> Result<(Option<Recurrence>, Option<(DateTime<Utc>, Recurrence)>, Vec<DateTime<Utc>>), SeriesError> {
    let Some(rule) = &series.recurrence else { return Ok((None, None, Vec::new())) };
    let zone = series.timezone;
    let mut dates = Vec::new();
    let (mut before, mut cut) = (0_u32, None);
    for local in rule.local_occurrences(local(series.start, zone))?.take(FARTHEST) {
        let start = resolve_local(local, zone);
        if cut.is_none() && start < at {
            before += 1;
            continue;
        }
        cut = cut.or(Some((local, before)));
        // A series cannot begin at a time that the clock never showed: it would go on at the time it was moved to.
        if self::local(start, zone) == local {
            let (cut, counted) = cut.unwrap_or((local, before));
            let passed = counted + u32::try_from(dates.len()).unwrap_or(u32::MAX);
            let mut after = rule.clone();
            if let RecurrenceEnd::Count(count) = rule.end {
                after.end = RecurrenceEnd::Count(count.saturating_sub(passed).max(1));
            }
            return Ok((ended(rule, cut, counted), Some((start, after)), dates));
        }
        dates.push(start);
    }
    match cut {
        // Nothing but skipped hours is left.
        Some((cut, counted)) => Ok((ended(rule, cut, counted), None, dates)),
        None if usize::try_from(before).is_ok_and(|before| before >= FARTHEST) => Err(SeriesError::TooFar),
        // Only further dates lie after it.
        None => Ok((Some(rule.clone()), None, dates)),
    }
}

/// The rule with an end before `cut`; `None` when it has no occurrence there. Where it occurs once a day at most, that is
/// the end of the day before, which is what people call the last day.
fn ended(rule: &Recurrence, cut: NaiveDateTime, counted: u32) -> Option<Recurrence> {
    let several = match rule.frequency {
        Frequency::Secondly | Frequency::Minutely | Frequency::Hourly => true,
        Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => {
            !rule.by_hour.is_empty() || !rule.by_minute.is_empty() || !rule.by_second.is_empty()
        }
    };
    let moment = if several { cut } else { cut.date().and_time(NaiveTime::MIN) };
    let until = RecurrenceEnd::Until(moment - Duration::seconds(1));
    (counted > 0).then(|| Recurrence { end: until, ..rule.clone() })
}

/// Makes the series begin with its rule or, without one, its first date; `None` when it has neither.
fn begun(
    series: &mut Appointment,
    rule: Option<(DateTime<Utc>, Recurrence)>,
    mut dates: Vec<DateTime<Utc>>,
) -> Option<()> {
    let length = series.length();
    dates.sort_unstable();
    dates.dedup();
    let (start, rule) = match rule {
        Some((start, rule)) => (start, Some(rule)),
        None => (*dates.first()?, None),
    };
    dates.retain(|date| rule.is_some() || *date != start);
    series.start = start;
    series.end = start + length;
    series.recurrence = rule;
    series.additional = dates;
    Some(())
}

/// The series with all of it moved as its occurrence at `at` (left out or not) moves to `to`.
fn retimed(series: &Appointment, at: DateTime<Utc>, to: &ChangedOccurrence) -> Result<Appointment, SeriesError> {
    let zone = series.timezone;
    let mut moved = series.clone();
    if let Some(title) = &to.title {
        moved.title.clone_from(title);
    }
    moved.description = to.description.clone().or(moved.description);
    moved.location = to.location.clone().or(moved.location);
    if !series.is_series() {
        (moved.start, moved.end) = (to.start, to.end);
        return Ok(moved);
    }
    // An occurrence that had been moved by itself moves with the others from now on.
    moved.exceptions.remove(at);
    let named: BTreeSet<_> = moved.exceptions.iter().map(|(id, _)| id).chain([at]).collect();
    let shown = wall_times(series, &named)?;
    let wall = |at: DateTime<Utc>| shown.get(&at).copied().unwrap_or_else(|| local(at, zone));
    let by = local(to.start, zone) - wall(at);
    let shifted = |at: DateTime<Utc>| resolve_local(wall(at) + by, zone);
    moved.start = shifted(series.start);
    moved.end = moved.start + (to.end - to.start);
    moved.additional = series.additional.iter().map(|date| shifted(*date)).collect();
    let mut exceptions = Exceptions::default();
    for (id, exception) in moved.exceptions.iter() {
        exceptions.insert(shifted(id), exception.clone());
    }
    moved.exceptions = exceptions;
    if let Some(rule) = &series.recurrence {
        let new_start = local(moved.start, zone);
        moved.recurrence = Some(moved_rule(rule, (local(series.start, zone), new_start), by)?);
    }
    Ok(moved)
}

/// What the rule calls these occurrences by the clock on the wall: not what the clock showed, where daylight saving
/// skipped the hour.
fn wall_times(
    series: &Appointment,
    named: &BTreeSet<DateTime<Utc>>,
) -> Result<BTreeMap<DateTime<Utc>, NaiveDateTime>, SeriesError> {
    let (Some(rule), Some(last)) = (&series.recurrence, named.last()) else { return Ok(BTreeMap::new()) };
    let all = rule.local_occurrences(local(series.start, series.timezone))?.take(FARTHEST);
    let starts = all.map(|local| (resolve_local(local, series.timezone), local));
    Ok(starts.take_while(|(start, _)| start <= last).filter(|(start, _)| named.contains(start)).collect())
}

/// The rule whose occurrences from the new start are those of `rule` from the old one, each moved by `by`.
fn moved_rule(
    rule: &Recurrence,
    (start, new_start): (NaiveDateTime, NaiveDateTime),
    by: Duration,
) -> Result<Recurrence, SeriesError> {
    if by.is_zero() {
        return Ok(rule.clone());
    }
    let days = (new_start.date() - start.date()).num_days();
    let mut moved = rule.clone();
    if let RecurrenceEnd::Until(until) = rule.end {
        moved.end = RecurrenceEnd::Until(until + by);
    }
    for day in &mut moved.by_day {
        day.weekday = (0..days.rem_euclid(7)).fold(day.weekday, |day, _| day.succ());
    }
    let shifted = |day: &mut i8| {
        let sum = i64::from(*day) + days;
        // Beyond the 28th not every month has the day; the comparison below tells.
        *day = i8::try_from(sum).ok().filter(|sum| (sum.signum() == day.signum()) && sum.abs() <= 31)?;
        Some(())
    };
    moved.by_month_day.iter_mut().try_for_each(shifted).ok_or(SeriesError::Immovable)?;
    let expected = rule.local_occurrences(start)?.take(COMPARED).map(|at| at + by);
    let found = moved.local_occurrences(new_start)?.take(COMPARED);
    if expected.eq(found) { Ok(moved) } else { Err(SeriesError::Immovable) }
}

fn local(at: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// The same appointment in its next generation.
fn revised(before: &Appointment, now: DateTime<Utc>) -> Appointment {
    Appointment { generation: before.generation + 1, updated_at: now, ..before.clone() }
}

#[cfg(test)]
mod tests;
