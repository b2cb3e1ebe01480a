//! Where in a calendar there is room: stretches that are free, and times to suggest with the reasons for them.
//!
//! Pure arithmetic over expanded occurrences. Hours are those of the clock on the wall, so a day of daylight saving has
//! its own length. What takes whole days takes all of them, but for what only says what a day is
//! ([`Occurrence::is_marker`]). How a reason is worded is decided elsewhere.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    appointment::Occurrence,
    preferences::{Stretch, WorkingHours},
    text_enum,
    time::resolve_local,
};

/// What room is looked for.
#[derive(Debug, Clone)]
pub struct Search<'a> {
    /// Not before this.
    pub from: DateTime<Utc>,
    /// Over by this. More than [`FARTHEST`] after `from` is not looked at.
    pub to: DateTime<Utc>,
    /// How long it has to be.
    pub length: Duration,
    /// Only within these hours; at any when absent.
    pub hours: Option<&'a WorkingHours>,
    /// Where the clock hangs.
    pub zone: Tz,
    /// How much room to leave before and after what is there.
    pub buffer: Duration,
    /// What time it is: nothing earlier is free.
    pub now: DateTime<Utc>,
}

/// How far a search reaches.
pub const FARTHEST: Duration = Duration::days(366);

/// How many free stretches a search finds at most.
pub const MOST: usize = 1_000;

/// A free stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Its beginning.
    pub start: DateTime<Utc>,
    /// Its end.
    pub end: DateTime<Utc>,
}

text_enum! {
    /// What speaks for a suggested time, or is to be known about it.
    pub enum Reason {
        /// It is the earliest there is.
        Soonest = "soonest",
        /// It lies within the working hours.
        WorkingHours = "working_hours",
        /// The day has nothing else.
        EmptyDay = "empty_day",
        /// It follows or precedes something else, so that the rest of the day stays in one piece.
        Adjacent = "adjacent",
        /// It leaves the buffer to what is before and after.
        Buffer = "buffer",
        /// It leaves less than the buffer: nothing better was found.
        Tight = "tight",
    }
}

/// A time to suggest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestion {
    /// When; as long as was asked for.
    #[serde(flatten)]
    pub slot: Slot,
    /// What speaks for it.
    pub reasons: Vec<Reason>,
}

/// The stretches in which what is looked for has room, in order, each as long as it goes. `busy` is in any order.
pub fn slots(busy: &[Occurrence], search: &Search<'_>) -> Vec<Slot> {
    let from = search.from.max(search.now);
    let to = search.to.min(from + FARTHEST);
    if search.length <= Duration::zero() || from >= to {
        return Vec::new();
    }
    let taken = taken(busy, search.buffer);
    let mut taken = taken.iter().peekable();
    let mut found = Vec::new();
    for open in opening(search, from, to) {
        let mut at = open.start;
        while let Some(next) = taken.peek().filter(|next| next.start < open.end) {
            push(&mut found, Slot { start: at, end: next.start }, search.length);
            at = at.max(next.end);
            if next.end > open.end {
                break;
            }
            taken.next();
        }
        push(&mut found, Slot { start: at, end: open.end }, search.length);
        if found.len() >= MOST {
            found.truncate(MOST);
            break;
        }
    }
    found
}

fn push(found: &mut Vec<Slot>, slot: Slot, length: Duration) {
    if slot.end - slot.start >= length {
        found.push(slot);
    }
}

/// What is taken, with the room around it, in order and apart from each other.
fn taken(busy: &[Occurrence], buffer: Duration) -> Vec<Slot> {
    let mut taken: Vec<Slot> = (busy.iter().filter(|one| !one.is_marker()))
        .map(|one| {
            let buffer = if one.all_day { Duration::zero() } else { buffer };
            Slot { start: one.start - buffer, end: one.end + buffer }
        })
        .collect();
    taken.sort_by_key(|slot| slot.start);
    taken.dedup_by(|later, earlier| {
        let touch = later.start <= earlier.end;
        if touch {
            earlier.end = earlier.end.max(later.end);
        }
        touch
    });
    taken
}

/// The stretches that may be used at all, in order and apart from each other.
fn opening(search: &Search<'_>, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Slot> {
    const WHOLE_DAY: [Stretch; 1] = [Stretch { from_minute: 0, to_minute: 1_440 }];
    let first = local_day(from, search.zone);
    // The day that began before midnight of UTC may still be open.
    let days = first.iter_days().take_while(|day| resolve_local(day.and_time(NaiveTime::MIN), search.zone) < to);
    let mut open: Vec<Slot> = days
        .flat_map(|day| {
            let stretches = search.hours.map_or(WHOLE_DAY.as_slice(), |hours| hours.on(day.weekday()));
            stretches.iter().map(move |stretch| {
                let at = |minute: u16| {
                    let local = day.and_time(NaiveTime::MIN) + Duration::minutes(i64::from(minute));
                    resolve_local(local, search.zone)
                };
                Slot { start: at(stretch.from_minute).max(from), end: at(stretch.to_minute).min(to) }
            })
        })
        .filter(|slot| slot.start < slot.end)
        .collect();
    // Midnight of one day is midnight of the next.
    open.dedup_by(|later, earlier| {
        let touch = later.start <= earlier.end;
        if touch {
            earlier.end = earlier.end.max(later.end);
        }
        touch
    });
    open
}

fn local_day(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// Times to suggest, the best first, at most `limit`, apart from each other.
///
/// Sooner is better; of one day, what lies beside something else or on an empty day is better than what breaks a free
/// stretch in two. When nothing leaves the buffer, what leaves less is suggested and says so.
pub fn suggestions(busy: &[Occurrence], search: &Search<'_>, limit: usize) -> Vec<Suggestion> {
    let roomy = ranked(busy, search, limit);
    if !roomy.is_empty() || search.buffer.is_zero() {
        return roomy;
    }
    let mut tight = ranked(busy, &Search { buffer: Duration::zero(), ..search.clone() }, limit);
    for one in &mut tight {
        one.reasons.retain(|reason| *reason != Reason::Buffer);
        one.reasons.push(Reason::Tight);
    }
    tight
}

/// A time that might be suggested, and how little speaks for it.
struct Candidate {
    slot: Slot,
    day: NaiveDate,
    adjacent: bool,
    cost: i64,
}

fn ranked(busy: &[Occurrence], search: &Search<'_>, limit: usize) -> Vec<Suggestion> {
    let slots = slots(busy, search);
    let Some(soonest) = slots.first().map(|slot| rounded(slot.start, search.zone).min(slot.end - search.length)) else {
        return Vec::new();
    };
    let mut taken_days: BTreeSet<NaiveDate> = BTreeSet::new();
    for one in busy.iter().filter(|one| !one.is_marker()) {
        let last = local_day(one.end - Duration::milliseconds(1), search.zone);
        let (start, end) = (one.start.max(search.from), last.min(local_day(search.to, search.zone)));
        taken_days.extend(local_day(start, search.zone).iter_days().take_while(|day| *day <= end));
    }
    let first_day = local_day(soonest, search.zone);
    let mut candidates: Vec<Candidate> = slots.iter().flat_map(|slot| candidates(*slot, search)).collect();
    for one in &mut candidates {
        let beside = |at: DateTime<Utc>, edge: DateTime<Utc>| (at - edge).abs() <= search.buffer + QUARTER;
        let others = busy.iter().filter(|other| !other.all_day);
        one.adjacent =
            others.clone().any(|other| beside(one.slot.start, other.end) || beside(other.start, one.slot.end));
        let splits = taken_days.contains(&one.day) && !one.adjacent;
        let hour = i64::from(one.slot.start.with_timezone(&search.zone).hour());
        one.cost = (one.day - first_day).num_days() * 1_000 + hour * 10 + if splits { 15 } else { 0 };
    }
    candidates.sort_by_key(|one| (one.cost, one.slot.start));
    let chosen = chosen(candidates, limit);
    let reasons = |one: &Candidate| {
        let empty = !taken_days.contains(&one.day);
        [
            (one.slot.start == soonest, Reason::Soonest),
            (search.hours.is_some(), Reason::WorkingHours),
            (empty, Reason::EmptyDay),
            (one.adjacent, Reason::Adjacent),
            (!empty && !search.buffer.is_zero(), Reason::Buffer),
        ]
    };
    let worded = |one: Candidate| {
        let reasons = reasons(&one).into_iter().filter(|(holds, _)| *holds).map(|(_, reason)| reason).collect();
        Suggestion { slot: one.slot, reasons }
    };
    chosen.into_iter().map(worded).collect()
}

/// The best of them that lie apart: at first no more than two of one day, so that there is a choice of days.
fn chosen(candidates: Vec<Candidate>, limit: usize) -> Vec<Candidate> {
    const A_DAY: usize = 2;
    let (mut chosen, mut waiting): (Vec<Candidate>, Vec<Candidate>) = (Vec::new(), Vec::new());
    let apart =
        |one: &Candidate, other: &Candidate| one.slot.start >= other.slot.end || one.slot.end <= other.slot.start;
    for one in candidates {
        if chosen.len() < limit && chosen.iter().all(|other| apart(&one, other)) {
            let today = chosen.iter().filter(|other| other.day == one.day).count();
            if today < A_DAY { &mut chosen } else { &mut waiting }.push(one);
        }
    }
    for one in waiting {
        if chosen.len() < limit && chosen.iter().all(|other| apart(&one, other)) {
            chosen.push(one);
        }
    }
    chosen.sort_by_key(|one| (one.cost, one.slot.start));
    chosen
}

/// Appointments begin on the quarter hour, where there is room for that.
const QUARTER: Duration = Duration::minutes(15);

/// The next quarter of an hour by the clock on the wall.
fn rounded(at: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let local = at.with_timezone(&zone);
    let into = i64::from(local.minute() % 15) * 60_000
        + i64::from(local.second()) * 1_000
        + i64::from(local.timestamp_subsec_millis());
    if into == 0 { at } else { at + QUARTER - Duration::milliseconds(into) }
}

/// The beginnings worth suggesting within a free stretch: its first, its last, and on the hour in between, at most six.
fn candidates(slot: Slot, search: &Search<'_>) -> Vec<Candidate> {
    let latest = slot.end - search.length;
    let first = rounded(slot.start, search.zone).min(latest);
    let step = search.length.max(Duration::hours(1));
    let between = (1..5).map(|n| first + step * n).take_while(|start| *start + step <= latest);
    let mut starts: Vec<_> = std::iter::once(first).chain(between).collect();
    let next_quarter = rounded(latest, search.zone);
    let last = if next_quarter == latest { latest } else { next_quarter - QUARTER };
    if last > first {
        starts.push(last);
    }
    let candidate = |start: DateTime<Utc>| Candidate {
        slot: Slot { start, end: start + search.length },
        day: local_day(start, search.zone),
        adjacent: false,
        cost: 0,
    };
    starts.into_iter().map(candidate).collect()
}

#[cfg(test)]
mod tests;
