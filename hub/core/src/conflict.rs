//! Conflicts between appointments. Pure interval arithmetic over expanded occurrences.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

use crate::{appointment::Occurrence, text_enum};

text_enum! {
    /// How an existing occurrence gets in the way of a proposed one.
    pub enum ConflictKind {
        /// The existing one covers all of the proposed time, or lies wholly inside it.
        Complete = "complete",
        /// The existing one covers the beginning of the proposed time.
        PartialStart = "partial_start",
        /// The existing one covers the end of the proposed time.
        PartialEnd = "partial_end",
        /// They don't overlap, but less than the buffer lies between them.
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
    (gap < buffer).then_some(ConflictKind::NoBuffer)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::AppointmentId;
    use chrono::TimeZone;

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
            let existing = Occurrence {
                appointment: AppointmentId::new(at(0)),
                title: "Dentist".into(),
                location: None,
                participants: Vec::new(),
                recurrence_id: at(existing_start),
                start: at(existing_start),
                end: at(existing_end),
                all_day: false,
                recurring: false,
            };
            let found = between(at(start), at(end), &existing, Duration::minutes(5));
            assert_eq!(found, expected, "{start}-{end} against {existing_start}-{existing_end}");
        }
    }
}
