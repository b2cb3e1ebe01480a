//! Conflicts between appointments. Pure interval arithmetic over expanded occurrences.
//!
//! What takes whole days needs no room before and after it, and what only says what a day is (a birthday, see
//! [`Occurrence::is_marker`]) is in nobody's way.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    appointment::{Appointment, Occurrence},
    recurrence::RecurrenceError,
    text_enum,
};

text_enum! {
    /// How an existing occurrence gets in the way of a proposed one.
    pub enum ConflictKind {
        /// The existing one covers all of the proposed time, or lies wholly inside it.
        Complete = "complete",
        /// The existing one covers the beginning of the proposed time.
        PartialStart = "partial_start",
        /// The existing one covers the end of the proposed time.
        PartialEnd = "partial_end",
        /// They don't overlap, but less than the person's buffer lies between them.
        NoBuffer = "no_buffer",
    }
}

/// An existing occurrence that gets in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// How.
    pub kind: ConflictKind,
    /// What.
    pub with: Occurrence,
}

/// How `existing` gets in the way of `[start, end)`, if it does. Touching ends don't overlap.
pub fn between(
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    existing: &Occurrence,
    buffer: Duration,
) -> Option<ConflictKind> {
    if existing.is_marker() {
        return None;
    }
    if existing.start < end && existing.end > start {
        let covers_start = existing.start <= start;
        let covers_end = existing.end >= end;
        return Some(match (covers_start, covers_end) {
            (true, true) | (false, false) => ConflictKind::Complete,
            (true, false) => ConflictKind::PartialStart,
            (false, true) => ConflictKind::PartialEnd,
        });
    }
    let gap = if existing.end <= start { start - existing.end } else { existing.start - end };
    (gap < buffer && !existing.all_day).then_some(ConflictKind::NoBuffer)
}

/// Every conflict of `[start, end)` with `existing`, in the order given.
pub fn all(
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    existing: impl IntoIterator<Item = Occurrence>,
    buffer: Duration,
) -> Vec<Conflict> {
    existing
        .into_iter()
        .filter_map(|with| between(start, end, &with, buffer).map(|kind| Conflict { kind, with }))
        .collect()
}

/// How many occurrences of a proposed series are checked, and how far ahead: what lies beyond is too uncertain to warn of.
pub const CHECKED: usize = 100;

/// See [`CHECKED`].
pub const CHECKED_AHEAD: Duration = Duration::days(366);

/// The occurrences of a proposed appointment that are checked: those to come, within [`CHECKED`] and [`CHECKED_AHEAD`].
pub fn checked(proposed: &Appointment, now: DateTime<Utc>) -> Result<Vec<Occurrence>, RecurrenceError> {
    let from = now.max(proposed.series_begin());
    proposed.occurrences_between(from, from + CHECKED_AHEAD, CHECKED)
}

/// Every conflict of each of these occurrences, with the occurrence, in their order.
///
/// What is of the same appointment is passed over: a series is not in its own way.
pub fn of_each<'a>(
    proposed: &'a [Occurrence],
    existing: &'a [Occurrence],
    buffer: Duration,
) -> impl Iterator<Item = (&'a Occurrence, Conflict)> {
    proposed.iter().flat_map(move |one| {
        let other = existing.iter().filter(|with| with.appointment != one.appointment);
        let in_the_way = other.filter(move |with| !one.is_marker() && (!one.all_day || overlaps(one, with)));
        in_the_way.filter_map(move |with| {
            let kind = between(one.start, one.end, with, buffer)?;
            Some((one, Conflict { kind, with: with.clone() }))
        })
    })
}

fn overlaps(one: &Occurrence, other: &Occurrence) -> bool {
    one.start < other.end && other.start < one.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::AppointmentId;
    use chrono::TimeZone;

    fn existing(start: i64, end: i64) -> Occurrence {
        Occurrence {
            appointment: AppointmentId::new(at(0)),
            title: "Dentist".into(),
            location: None,
            participants: Vec::new(),
            recurrence_id: at(start),
            start: at(start),
            end: at(end),
            all_day: false,
            recurring: false,
        }
    }

    #[test]
    fn whole_days_need_no_room_and_markers_none_at_all() {
        let buffer = Duration::minutes(5);
        let day = Occurrence { all_day: true, ..existing(0, 1_440) };
        assert_eq!(between(at(1_440), at(1_500), &day, buffer), None);
        assert_eq!(between(at(1_400), at(1_500), &day, buffer), Some(ConflictKind::PartialStart));
        let birthday = Occurrence { recurring: true, ..day.clone() };
        assert_eq!(between(at(60), at(120), &birthday, buffer), None);
        let meetings = [existing(60, 120), existing(1_440, 1_500)];
        assert_eq!(of_each(&[birthday], &meetings, buffer).count(), 0);
        assert_eq!(of_each(&[day], &meetings, buffer).count(), 1);
    }

    #[test]
    fn a_series_is_not_in_its_own_way() {
        let one = existing(0, 60);
        let again = Occurrence { start: at(30), end: at(90), ..one.clone() };
        assert_eq!(of_each(std::slice::from_ref(&one), &[again], Duration::zero()).count(), 0);
        assert_eq!(of_each(&[one], &[existing(30, 90)], Duration::zero()).count(), 1);
    }

    fn at(minute: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_800_000_000 + minute * 60, 0).unwrap()
    }

    #[test]
    fn kinds_of_conflict() {
        let cases = [
            (0, 60, 0, 60, Some(ConflictKind::Complete)),
            (0, 60, 10, 20, Some(ConflictKind::Complete)),
            (10, 20, 0, 60, Some(ConflictKind::Complete)),
            (30, 90, 0, 60, Some(ConflictKind::PartialStart)),
            (0, 60, 30, 90, Some(ConflictKind::PartialEnd)),
            (0, 60, 60, 90, Some(ConflictKind::NoBuffer)),
            (0, 60, 64, 90, Some(ConflictKind::NoBuffer)),
            (0, 60, 65, 90, None),
            (65, 90, 0, 60, None),
            (64, 90, 0, 60, Some(ConflictKind::NoBuffer)),
        ];
        for (start, end, existing_start, existing_end, expected) in cases {
            let existing = existing(existing_start, existing_end);
            let found = between(at(start), at(end), &existing, Duration::minutes(5));
            assert_eq!(found, expected, "{start}-{end} against {existing_start}-{existing_end}");
        }
    }
}
