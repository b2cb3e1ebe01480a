//! Local occurrences as instants of a zone, in order and each once, whatever the clocks do.
//!
//! Where clocks skip an hour, its occurrences move behind it ([`resolve_local`]) and may then follow or meet those that
//! stand there anyway; they wait for their turn.

use std::collections::VecDeque;

use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use super::expand::Expansion;
use crate::time::resolve_local;

/// The instants of an expansion.
#[derive(Debug, Clone)]
pub(super) struct Instants {
    local: Expansion,
    zone: Tz,
    /// The next whose local time exists.
    real: Option<DateTime<Utc>>,
    /// Those that the clocks skipped, in order.
    moved: VecDeque<DateTime<Utc>>,
    /// Everything later is still to come.
    after: DateTime<Utc>,
}

impl Instants {
    pub(super) fn new(local: Expansion, zone: Tz) -> Self {
        Self { local, zone, real: None, moved: VecDeque::new(), after: DateTime::<Utc>::MIN_UTC }
    }

    /// Leaves out what is before `from`.
    pub(super) fn seek(mut self, from: DateTime<Utc>) -> Self {
        if let Some(local) = earliest_local(from, self.zone) {
            self.local.seek(local);
        }
        self.after = from.checked_sub_signed(Duration::nanoseconds(1)).unwrap_or(from);
        self
    }

    fn fetch(&mut self) {
        for local in self.local.by_ref() {
            match self.zone.from_local_datetime(&local) {
                LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => {
                    self.real = Some(at.with_timezone(&Utc));
                    return;
                }
                LocalResult::None => self.moved.push_back(resolve_local(local, self.zone)),
            }
        }
    }
}

/// No local time before this one becomes an instant from `from` on: what the clocks show then, or showed a day before
/// if that is less, for they may have skipped what moves behind `from`. No zone ever skipped more than a day.
fn earliest_local(from: DateTime<Utc>, zone: Tz) -> Option<NaiveDateTime> {
    let from = from.naive_utc();
    let day_before = from.checked_sub_signed(Duration::hours(25))?;
    let seconds = |utc: NaiveDateTime| zone.offset_from_utc_datetime(&utc).fix().local_minus_utc();
    let offset = Duration::seconds(seconds(from).min(seconds(day_before)).into());
    Some(from.checked_add_signed(offset).unwrap_or(NaiveDateTime::MAX))
}

impl Iterator for Instants {
    type Item = DateTime<Utc>;

    fn next(&mut self) -> Option<DateTime<Utc>> {
        loop {
            if self.real.is_none() {
                self.fetch();
            }
            let next = match (self.moved.front(), self.real) {
                (Some(moved), Some(real)) if *moved > real => self.real.take(),
                (Some(_), _) => self.moved.pop_front(),
                (None, _) => self.real.take(),
            }?;
            if next > self.after {
                self.after = next;
                return Some(next);
            }
        }
    }
}
