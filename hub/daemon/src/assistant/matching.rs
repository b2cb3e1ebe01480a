//! Which of the existing things a person means.
//!
//! What they name must fit: each word of a title, each person, the day, the time. Words such as "appointment" name the
//! kind of thing rather than the thing, and only count where something is called so.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use xswarm_core::{
    appointment::{Appointment, Occurrence},
    reminder::Reminder,
};
use xswarm_language::{
    command::{When, Which},
    time::{Grain, Value},
};

/// How many appointments and series ahead are looked at.
pub(super) const LOOK_AHEAD: u32 = 1_000;

/// Words that name a kind of thing.
const KINDS: &[&str] = &[
    "appointment",
    "appointments",
    "meeting",
    "meetings",
    "event",
    "events",
    "reminder",
    "reminders",
    "timer",
    "timers",
];

/// Words that name nothing.
const EMPTY: &[&str] = &["the", "a", "an", "my", "our", "with", "for", "to", "at", "on", "of", "and", "about", "that"];

/// Something that can be meant.
pub(super) trait Named {
    /// Everything it may be called by.
    fn names(&self) -> String;
    /// When it next is.
    fn at(&self) -> DateTime<Utc>;
}

/// An appointment and one of its occurrences.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Upcoming {
    /// The appointment.
    pub(super) appointment: Appointment,
    /// The occurrence that is meant, or the next (or the one that lasts).
    pub(super) occurrence: Occurrence,
}

impl Named for Upcoming {
    fn names(&self) -> String {
        let Occurrence { title, participants, location, .. } = &self.occurrence;
        let (people, place) = (participants.join(" "), location.as_deref().unwrap_or_default());
        format!("{title} {} {people} {place}", self.appointment.title)
    }

    fn at(&self) -> DateTime<Utc> {
        self.occurrence.start
    }
}

impl Named for Reminder {
    fn names(&self) -> String {
        self.text.clone()
    }

    fn at(&self) -> DateTime<Utc> {
        self.due
    }
}

fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !EMPTY.contains(word))
        .map(str::to_owned)
        .collect()
}

/// Those of `all` that `which` may mean, soonest first.
pub(super) fn matching<T: Named + Clone>(all: &[T], which: &Which, zone: Tz) -> Vec<T> {
    let mut wanted = words(which.title.as_deref().unwrap_or_default());
    wanted.extend(which.participants.iter().flat_map(|name| words(name)));
    let in_time = |one: &&T| which.when.as_ref().is_none_or(|when| is_at(one.at(), when, zone));
    let called = |one: &T, wanted: &[String]| {
        let names = words(&one.names());
        wanted.iter().all(|word| names.iter().any(|name| name.starts_with(word.as_str())))
    };
    let in_time: Vec<&T> = all.iter().filter(in_time).collect();
    let mut found: Vec<T> = in_time.iter().filter(|one| called(one, &wanted)).map(|one| T::clone(one)).collect();
    if found.is_empty() {
        let sharper: Vec<String> = wanted.iter().filter(|word| !KINDS.contains(&word.as_str())).cloned().collect();
        if sharper.len() < wanted.len() {
            found = in_time.iter().filter(|one| called(one, &sharper)).map(|one| T::clone(one)).collect();
        }
    }
    if found.is_empty() {
        // "The dentst": the title with a slip of one letter.
        let title = words(which.title.as_deref().unwrap_or_default());
        let slipped = |one: &&&T| {
            let names = words(&one.names());
            title.iter().all(|word| names.iter().any(|name| is_meant_by(name, word)))
        };
        if !title.is_empty() && which.participants.is_empty() {
            found = in_time.iter().filter(slipped).map(|one| T::clone(one)).collect();
        }
    }
    found.sort_by_key(Named::at);
    match which.nth {
        None | Some(0) => found,
        Some(nth) => {
            let index = if nth > 0 {
                usize::try_from(nth - 1).ok()
            } else {
                usize::try_from(-nth).ok().and_then(|back| found.len().checked_sub(back))
            };
            index.and_then(|index| found.get(index).cloned()).into_iter().collect()
        }
    }
}

/// Whether a word is another's beginning, or it but for one letter too many, too few, wrong, or swapped with the next. Short
/// words are too much alike for that.
fn is_meant_by(name: &str, word: &str) -> bool {
    if name.starts_with(word) {
        return true;
    }
    let (name, word): (Vec<char>, Vec<char>) = (name.chars().collect(), word.chars().collect());
    if word.len() < 5 || name.len() < 5 {
        return false;
    }
    let from = name.iter().zip(&word).take_while(|(a, b)| a == b).count();
    let tail = |chars: &[char], skip: usize| chars.get(from + skip..).unwrap_or_default().to_vec();
    let swapped = name.get(from) == word.get(from + 1) && name.get(from + 1) == word.get(from);
    tail(&name, 1) == tail(&word, 1)
        || tail(&name, 1) == tail(&word, 0)
        || tail(&name, 0) == tail(&word, 1)
        || swapped && tail(&name, 2) == tail(&word, 2)
}

/// Whether an instant is when the person said.
fn is_at(at: DateTime<Utc>, when: &When, zone: Tz) -> bool {
    let local = at.with_timezone(&zone);
    match &when.value {
        Value::Instant { at: said, .. } => {
            (!when.date_said || said.date_naive() == local.date_naive())
                && (!when.time_said || said.time() == local.time())
        }
        Value::Date { start, grain } => {
            let day = local.date_naive();
            *start <= day && day < period_end(*start, *grain)
        }
        Value::Interval { start, end, .. } => {
            start.is_none_or(|start| start <= local) && end.is_none_or(|end| local < end)
        }
        Value::Duration(_) | Value::Recurrence(_) => true,
    }
}

/// The first day after a period of the calendar.
pub(super) fn period_end(start: NaiveDate, grain: Grain) -> NaiveDate {
    use chrono::{Days, Months};
    let end = match grain {
        Grain::Second | Grain::Minute | Grain::Hour | Grain::PartOfDay | Grain::Day => {
            start.checked_add_days(Days::new(1))
        }
        Grain::Weekend => start.checked_add_days(Days::new(2)),
        Grain::Week => start.checked_add_days(Days::new(7)),
        Grain::Month => start.checked_add_months(Months::new(1)),
        Grain::Quarter => start.checked_add_months(Months::new(3)),
        Grain::Year => start.checked_add_months(Months::new(12)),
    };
    end.unwrap_or(NaiveDate::MAX)
}
