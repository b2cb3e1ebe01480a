//! Appointments: something that takes a person's time from one instant to another, once or repeatedly.

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    id::{AppointmentId, UserId},
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
    /// How many minutes before each start the person is reminded; not at all when absent.
    pub reminder_minutes: Option<u32>,
    /// Whether it stands.
    pub status: AppointmentStatus,
    /// Grows when the time changes, so that the reminders of an old time are told from those of the new.
    pub generation: u32,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// One occurrence of an appointment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occurrence {
    /// Which appointment.
    pub appointment: AppointmentId,
    /// Its title.
    pub title: String,
    /// Where it is.
    pub location: Option<String>,
    /// Who else takes part.
    pub participants: Vec<String>,
    /// When this occurrence begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// Whether others follow or precede it.
    pub recurring: bool,
}

impl Appointment {
    /// How long one occurrence takes.
    pub fn length(&self) -> Duration {
        self.end - self.start
    }

    /// The occurrences that overlap `[from, to)`, in order, at most `limit`.
    pub fn occurrences_between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<Occurrence>, RecurrenceError> {
        let length = self.length();
        let overlaps = move |start: &DateTime<Utc>| *start < to && *start + length > from;
        let starts: Vec<_> = match &self.recurrence {
            None => Some(self.start).into_iter().filter(overlaps).collect(),
            Some(rule) => rule
                .occurrences(self.start, self.timezone)?
                .take_while(|start| *start < to)
                .filter(overlaps)
                .take(limit)
                .collect(),
        };
        Ok(starts.into_iter().map(|start| self.occurrence(start)).collect())
    }

    /// When the last occurrence ends; `None` while the series never ends or is too long to count out here.
    pub fn series_end(&self) -> Option<DateTime<Utc>> {
        const COUNTED_OUT: u32 = 10_000;
        match self.recurrence.as_ref().map(|rule| (rule, rule.end)) {
            None => Some(self.end),
            Some((_, RecurrenceEnd::Never)) => None,
            Some((_, RecurrenceEnd::Until(until))) => Some(resolve_local(until, self.timezone) + self.length()),
            Some((_, RecurrenceEnd::Count(count))) if count > COUNTED_OUT => None,
            Some((rule, RecurrenceEnd::Count(_))) => {
                let last = rule.occurrences(self.start, self.timezone).ok()?.last();
                Some(last.unwrap_or(self.start) + self.length())
            }
        }
    }

    /// The first start strictly after `after`.
    pub fn next_start(&self, after: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, RecurrenceError> {
        match &self.recurrence {
            None => Ok(Some(self.start).filter(|start| *start > after)),
            Some(rule) => Ok(rule.occurrences(self.start, self.timezone)?.find(|start| *start > after)),
        }
    }

    fn occurrence(&self, start: DateTime<Utc>) -> Occurrence {
        Occurrence {
            appointment: self.id,
            title: self.title.clone(),
            location: self.location.clone(),
            participants: self.participants.clone(),
            start,
            end: start + self.length(),
            recurring: self.recurrence.is_some(),
        }
    }
}
