//! The occurrences of several stretches of time at once: what a proposed series is checked against.
//!
//! Single appointments are looked up stretch by stretch; each series is expanded once, however many stretches there are.

use std::{collections::BTreeMap, ops::Range};

use chrono::{DateTime, Utc};
use rusqlite::named_params;
use xswarm_core::{
    appointment::{Appointment, Occurrence},
    id::UserId,
    time::to_text,
};

use super::{COLUMNS, LONG, OCCURRENCES_PER_SERIES, ORDINARY, SERIES, SHORT, appointment};
use crate::{StoreError, rows::Rows};

impl Rows<'_> {
    /// The occurrences of a person's appointments that overlap any of these stretches, each once, in order.
    pub fn occurrences_in(
        &self,
        user: UserId,
        stretches: &[Range<DateTime<Utc>>],
    ) -> Result<Vec<Occurrence>, StoreError> {
        let stretches = joined(stretches);
        let (Some(first), Some(last)) = (stretches.first(), stretches.last()) else { return Ok(Vec::new()) };
        let owner = user.to_string();
        let mut found = BTreeMap::new();
        let mut keep = |rows: Vec<Appointment>| found.extend(rows.into_iter().map(|one| (one.id, one)));
        for stretch in &stretches {
            let (back, from, to) = (to_text(stretch.start - ORDINARY), to_text(stretch.start), to_text(stretch.end));
            keep(self.many(
                &format!("SELECT {COLUMNS} FROM appointments WHERE {SHORT}"),
                named_params! { ":user": owner, ":back": back, ":from": from, ":to": to },
                appointment,
            )?);
        }
        let (back, from) = (to_text(last.end - ORDINARY), to_text(first.start));
        keep(self.many(
            &format!("SELECT {COLUMNS} FROM appointments WHERE {LONG}"),
            named_params! { ":user": owner, ":back": back, ":from": from },
            appointment,
        )?);
        keep(self.many(
            &format!("SELECT {COLUMNS} FROM appointments WHERE {SERIES}"),
            named_params! { ":user": owner, ":from": from, ":to": to_text(last.end) },
            appointment,
        )?);
        let mut occurrences = Vec::with_capacity(found.len());
        for one in found.into_values() {
            match one.occurrences_between(first.start, last.end, OCCURRENCES_PER_SERIES) {
                Ok(more) => occurrences.extend(more.into_iter().filter(|one| overlap(&stretches, one))),
                // One unreadable rule must not hide the rest.
                Err(error) => log::error!(appointment:% = one.id, error:%; "an appointment cannot be expanded"),
            }
        }
        occurrences.sort_by_key(|one| (one.start, one.end, one.appointment));
        Ok(occurrences)
    }
}

/// The same stretches in order and apart from each other.
fn joined(stretches: &[Range<DateTime<Utc>>]) -> Vec<Range<DateTime<Utc>>> {
    let mut joined: Vec<_> = stretches.iter().filter(|stretch| !stretch.is_empty()).cloned().collect();
    joined.sort_by_key(|stretch| stretch.start);
    joined.dedup_by(|later, earlier| {
        let touch = later.start <= earlier.end;
        if touch {
            earlier.end = earlier.end.max(later.end);
        }
        touch
    });
    joined
}

fn overlap(stretches: &[Range<DateTime<Utc>>], one: &Occurrence) -> bool {
    let next = stretches.partition_point(|stretch| stretch.end <= one.start);
    stretches.get(next).is_some_and(|stretch| stretch.start < one.end)
}
