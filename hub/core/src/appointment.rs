//! Appointments: something that takes a person's time from one instant to another, once or repeatedly.
//!
//! A series is a rule (RFC 5545 `RRULE`), further dates (`RDATE`) and exceptions: occurrences that are left out
//! (`EXDATE`) or differ from the rest (`RECURRENCE-ID`). An occurrence is named by its original start for ever, wherever
//! it was moved.

mod exception;

use std::iter::Peekable;

use chrono::{DateTime, Duration, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use exception::{ChangedOccurrence, Exception, Exceptions, SkipReason};

use crate::{
    id::{AppointmentId, UserId},
    provenance::Source,
    recurrence::{Recurrence, RecurrenceEnd, RecurrenceError},
    text_enum,
    time::resolve_local,
};

text_enum! {
    /// RFC 5545 §3.8.1.11 `STATUS` of an event.
    pub enum AppointmentStatus {
        /// Proposed, not yet agreed.
        Tentative = "tentative",
        /// It stands.
        Confirmed = "confirmed",
        /// It was called off; the row stays for undo and history.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Where an appointment came from. What the Boss did not make is never moved without asking.
    pub enum AppointmentOrigin {
        /// The person asked the Boss for it.
        Boss = "boss",
        /// A program made it, with a key of the person's.
        Program = "program",
        /// It stood in a calendar file.
        Import = "import",
        /// Somebody invited the person.
        Invitation = "invitation",
    }
}

impl AppointmentOrigin {
    /// Whose words its title, its place and its people are.
    pub const fn whose(self) -> Source {
        match self {
            Self::Boss => Source::Own,
            Self::Program | Self::Import => Source::Imported,
            Self::Invitation => Source::Attachment,
        }
    }
}

/// Where an appointment came from, and what it is called there (RFC 5545 §3.8.4.7, §3.8.4.3, §3.8.7.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppointmentSource {
    /// Who made it.
    pub origin: AppointmentOrigin,
    /// `UID`, when it has one from elsewhere; our own is made from the id.
    pub uid: Option<String>,
    /// `SEQUENCE`: the organizer's revision.
    pub sequence: u32,
    /// `ORGANIZER`: the mail address of whoever called it.
    pub organizer: Option<String>,
    /// `LAST-MODIFIED`, else `DTSTAMP`, of what was taken in: of two with the same `SEQUENCE` the later one counts.
    #[serde(default)]
    pub revised: Option<DateTime<Utc>>,
}

impl AppointmentSource {
    /// Made here, by the Boss.
    pub const BOSS: Self =
        Self { origin: AppointmentOrigin::Boss, uid: None, sequence: 0, organizer: None, revised: None };
}

/// An appointment (table `appointments`). For a recurring one `start` and `end` are those of the first occurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appointment {
    /// The row.
    pub id: AppointmentId,
    /// Whose it is.
    pub user_id: UserId,
    /// What it is.
    pub title: String,
    /// More about it.
    pub description: Option<String>,
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends; after `start`.
    pub end: DateTime<Utc>,
    /// The zone its wall-clock time belongs to.
    pub timezone: Tz,
    /// Where it is.
    pub location: Option<String>,
    /// Who else takes part.
    pub participants: Vec<String>,
    /// How it repeats.
    pub recurrence: Option<Recurrence>,
    /// Further starts beyond the rule's.
    pub additional: Vec<DateTime<Utc>>,
    /// Occurrences that are left out or differ, by their original start.
    pub exceptions: Exceptions,
    /// Whether it takes whole days: then it begins and ends at midnight of its zone.
    pub all_day: bool,
    /// Where it came from.
    pub source: AppointmentSource,
    /// How many minutes before each start the person is reminded; not at all when absent.
    pub reminder_minutes: Option<u32>,
    /// Whether it stands.
    pub status: AppointmentStatus,
    /// Grows when the time changes, so that the reminders of an old time are told from those of the new.
    pub generation: u32,
    /// Grows with every change: what a change was based on is told from what it has become.
    pub version: u32,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// One occurrence of an appointment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Occurrence {
    /// Which appointment.
    pub appointment: AppointmentId,
    /// Its title.
    pub title: String,
    /// Where it is.
    pub location: Option<String>,
    /// Who else takes part.
    pub participants: Vec<String>,
    /// Its original start, RFC 5545 `RECURRENCE-ID`; the same as `start` unless it was moved by itself.
    pub recurrence_id: DateTime<Utc>,
    /// When this occurrence begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// Whether it takes whole days.
    pub all_day: bool,
    /// Whether others follow or precede it.
    pub recurring: bool,
}

impl Occurrence {
    /// Whether it says what a day is rather than what takes it: whole days that come again, such as a birthday or a
    /// holiday. A single whole day (a trip, a day off) takes it.
    pub fn is_marker(&self) -> bool {
        self.all_day && self.recurring
    }
}

impl Appointment {
    /// How long one occurrence takes.
    pub fn length(&self) -> Duration {
        self.end - self.start
    }

    /// Whether it occurs more than once.
    pub fn is_series(&self) -> bool {
        self.recurrence.is_some() || !self.additional.is_empty()
    }

    /// The occurrences that end after `from`, by their start. Lazy: a series that never ends yields for ever.
    pub fn occurrences_from(
        &self,
        from: DateTime<Utc>,
    ) -> Result<impl Iterator<Item = Occurrence> + use<'_>, RecurrenceError> {
        let length = self.length();
        let regular = match &self.recurrence {
            None => None,
            // A whole day may be an hour longer than the first one was.
            Some(rule) => Some(rule.occurrences_from(self.start, self.timezone, from - length - Duration::days(1))?),
        };
        let once = self.recurrence.is_none().then_some(self.start);
        let stands = move |start: &DateTime<Utc>| self.end_of(*start) > from && !self.exceptions.contains(*start);
        let regular = regular.into_iter().flatten().filter(stands).map(|start| self.occurrence(start));
        let mut others: Vec<_> = (once.into_iter().chain(self.additional.iter().copied()).filter(stands))
            .map(|start| self.occurrence(start))
            .chain(self.exceptions.moved().map(|(id, changed)| self.changed_occurrence(id, changed)))
            .filter(|one| one.end > from)
            .collect();
        others.sort_by_key(|one| one.start);
        Ok(Merged { regular: regular.peekable(), others: others.into_iter().peekable() })
    }

    /// The occurrences that overlap `[from, to)`, in order, at most `limit`.
    pub fn occurrences_between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Occurrence>, RecurrenceError> {
        Ok(self.occurrences_from(from)?.take_while(|one| one.start < to).take(limit).collect())
    }

    /// The occurrence whose original start is `recurrence_id`, if it stands.
    pub fn occurrence_at(&self, recurrence_id: DateTime<Utc>) -> Result<Option<Occurrence>, RecurrenceError> {
        if let Some(exception) = self.exceptions.get(recurrence_id) {
            return Ok(match exception {
                Exception::Skipped { .. } => None,
                Exception::Changed(changed) => Some(self.changed_occurrence(recurrence_id, changed)),
            });
        }
        let first_second = recurrence_id - self.length() + Duration::milliseconds(1);
        let mut from = self.occurrences_from(first_second)?.take_while(|one| one.start <= recurrence_id);
        Ok(from.find(|one| one.recurrence_id == recurrence_id))
    }

    /// When the earliest occurrence begins.
    pub fn series_begin(&self) -> DateTime<Utc> {
        let moved = self.exceptions.moved().map(|(_, changed)| changed.start);
        moved.chain(self.additional.iter().copied()).fold(self.start, DateTime::min)
    }

    /// When the last occurrence ends; `None` while the series never ends or is too long to count out here.
    pub fn series_end(&self) -> Option<DateTime<Utc>> {
        const COUNTED_OUT: u32 = 10_000;
        let ruled = match self.recurrence.as_ref().map(|rule| (rule, rule.end)) {
            None => Some(self.end),
            Some((_, RecurrenceEnd::Never)) => None,
            Some((_, RecurrenceEnd::Until(until))) => Some(self.end_of(resolve_local(until, self.timezone))),
            Some((_, RecurrenceEnd::Count(count))) if count > COUNTED_OUT => None,
            Some((rule, RecurrenceEnd::Count(_))) => {
                let last = rule.occurrences(self.start, self.timezone).ok()?.last();
                Some(self.end_of(last.unwrap_or(self.start)))
            }
        }?;
        let moved = self.exceptions.moved().map(|(_, changed)| changed.end);
        Some(moved.chain(self.additional.iter().map(|start| self.end_of(*start))).fold(ruled, DateTime::max))
    }

    /// The first start strictly after `after`.
    pub fn next_start(&self, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, RecurrenceError> {
        Ok(self.occurrences_from(after)?.map(|one| one.start).find(|start| *start > after))
    }

    /// When the occurrence that begins at `start` ends. Whole days are counted by the calendar: one of them may have 23 or
    /// 25 hours.
    pub fn end_of(&self, start: DateTime<Utc>) -> DateTime<Utc> {
        if !self.all_day {
            return start + self.length();
        }
        let date = |at: DateTime<Utc>| at.with_timezone(&self.timezone).date_naive();
        let last = date(start) + (date(self.end) - date(self.start)).max(Duration::days(1));
        resolve_local(last.and_time(NaiveTime::MIN), self.timezone)
    }

    fn occurrence(&self, start: DateTime<Utc>) -> Occurrence {
        Occurrence {
            appointment: self.id,
            title: self.title.clone(),
            location: self.location.clone(),
            participants: self.participants.clone(),
            recurrence_id: start,
            start,
            end: self.end_of(start),
            all_day: self.all_day,
            recurring: self.is_series(),
        }
    }

    fn changed_occurrence(&self, recurrence_id: DateTime<Utc>, changed: &ChangedOccurrence) -> Occurrence {
        Occurrence {
            title: changed.title.clone().unwrap_or_else(|| self.title.clone()),
            location: changed.location.clone().or_else(|| self.location.clone()),
            start: changed.start,
            end: changed.end,
            ..self.occurrence(recurrence_id)
        }
    }
}

/// Two sequences in order become one in order.
struct Merged<R: Iterator<Item = Occurrence>, O: Iterator<Item = Occurrence>> {
    regular: Peekable<R>,
    others: Peekable<O>,
}

impl<R: Iterator<Item = Occurrence>, O: Iterator<Item = Occurrence>> Iterator for Merged<R, O> {
    type Item = Occurrence;

    fn next(&mut self) -> Option<Occurrence> {
        match (self.regular.peek(), self.others.peek()) {
            (Some(regular), Some(other)) if other.start < regular.start => self.others.next(),
            // The same start twice (an RDATE that the rule has as well) is one occurrence (RFC 5545 §3.8.5.2).
            (Some(regular), Some(other)) if other.recurrence_id == regular.recurrence_id => {
                self.others.next();
                self.regular.next()
            }
            (Some(_), _) => self.regular.next(),
            (None, _) => self.others.next(),
        }
    }
}
