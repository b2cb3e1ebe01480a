//! The calendar's part of the REST interface (`/api/calendar/…`): what is sent and what is answered.
//!
//! Names are the specification's. Times are answered as instants in UTC; they may be sent as an instant with its offset,
//! as a local time (read in the body's `timezone`, else the person's), or as a date ([`Moment`]).

#![expect(clippy::option_option, reason = "in a change, absent and null are two things")]

mod moment;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

pub use moment::{Moment, NotAMoment, optional_day};

use crate::{
    appointment::{Appointment, AppointmentOrigin, AppointmentStatus, Exception, Exceptions, Occurrence},
    conflict::ConflictKind,
    free::{Reason, Slot},
    id::{AppointmentId, UserId},
    recurrence::specified::Specified,
};

/// An appointment, or with `recurrence_id` one occurrence of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CalendarAppointment {
    /// Which.
    pub id: AppointmentId,
    /// Whose.
    pub user_id: UserId,
    /// What it is.
    pub title: String,
    /// More about it.
    pub description: Option<String>,
    /// When it begins; of a series the first occurrence.
    pub start_time: DateTime<Utc>,
    /// When it ends.
    pub end_time: DateTime<Utc>,
    /// The zone of its wall-clock time.
    #[schema(value_type = String, example = "Europe/Berlin")]
    pub timezone: Tz,
    /// Where it is.
    pub location: Option<String>,
    /// Who else takes part.
    pub participants: Vec<String>,
    /// How it repeats.
    pub recurring_rule: Option<Specified>,
    /// The rule in words: "every other Friday".
    #[serde(default)]
    pub repeats: Option<String>,
    /// Further starts beyond the rule's (RFC 5545 `RDATE`).
    #[serde(default)]
    pub additional_dates: Vec<DateTime<Utc>>,
    /// Occurrences that are left out or differ, by their original start.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub exceptions: Exceptions,
    /// Whether it takes whole days.
    #[serde(default)]
    pub all_day: bool,
    /// Who made it.
    pub origin: AppointmentOrigin,
    /// How many minutes before each start the person is reminded.
    pub reminder_minutes: Option<u32>,
    /// Whether it stands.
    pub status: AppointmentStatus,
    /// Grows with every change; the `ETag` is this number in quotes.
    pub version: u32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// Of an occurrence: its original start, which names it in `PUT` and `DELETE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence_id: Option<DateTime<Utc>>,
}

impl CalendarAppointment {
    /// A whole appointment.
    pub fn of(appointment: &Appointment, repeats: Option<String>) -> Self {
        let one = appointment.clone();
        Self {
            id: one.id,
            user_id: one.user_id,
            title: one.title,
            description: one.description,
            start_time: one.start,
            end_time: one.end,
            timezone: one.timezone,
            location: one.location,
            participants: one.participants,
            recurring_rule: one.recurrence.map(|rule| Specified::shown(rule, one.timezone)),
            repeats,
            additional_dates: one.additional,
            exceptions: one.exceptions,
            all_day: one.all_day,
            origin: one.source.origin,
            reminder_minutes: one.reminder_minutes,
            status: one.status,
            version: one.version,
            created_at: one.created_at,
            updated_at: one.updated_at,
            recurrence_id: None,
        }
    }

    /// The same as one of its occurrences.
    #[must_use]
    pub fn at(self, occurrence: &Occurrence) -> Self {
        let description = match self.exceptions.get(occurrence.recurrence_id) {
            Some(Exception::Changed(changed)) => changed.description.clone(),
            Some(Exception::Skipped { .. }) | None => None,
        };
        Self {
            title: occurrence.title.clone(),
            description: description.or(self.description),
            location: occurrence.location.clone(),
            start_time: occurrence.start,
            end_time: occurrence.end,
            recurrence_id: Some(occurrence.recurrence_id),
            ..self
        }
    }
}

/// `POST /api/calendar/appointments`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "Dentist", "start_time": "2026-12-01T15:00", "end_time": "2026-12-01T16:00",
    "timezone": "Europe/Berlin", "location": "Main Street 4", "reminder_minutes": 30
}))]
pub struct NewAppointment {
    /// Whose; the caller's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// What it is, 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub title: String,
    /// More about it, at most 10,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    pub description: Option<String>,
    /// When it begins.
    pub start_time: Moment,
    /// When it ends, after the start; when absent the person's usual length later, or a day for whole days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Moment>,
    /// The zone of its wall-clock time; the person's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    pub timezone: Option<Tz>,
    /// Where it is, at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub location: Option<String>,
    /// Who else takes part: at most 100 names or addresses of at most 200 characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub participants: Vec<String>,
    /// How it repeats. Of a rule that does not occur at the start, the start moves to its first occurrence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurring_rule: Option<Specified>,
    /// Further starts beyond the rule's, at most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1_000)]
    pub additional_dates: Vec<Moment>,
    /// Occurrences that are left out, by their original start, at most 1,000.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1_000)]
    pub excluded_dates: Vec<Moment>,
    /// Whether it takes whole days; then it begins and ends at midnight of its zone.
    #[serde(default)]
    pub all_day: bool,
    /// How many minutes before each start the person is reminded, at most four weeks; 15 when absent, never when null.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<u32>, maximum = 40_320)]
    pub reminder_minutes: Option<Option<u32>>,
    /// Confirmed when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<AppointmentStatus>,
    /// An id the client made up, like the header `Idempotency-Key`: the same request again has no second effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub client_id: Option<String>,
}

/// `PUT /api/calendar/appointments/{id}`: what is absent stays, null takes away.
///
/// A whole appointment as it was read may be sent back: what cannot be changed is passed over.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "start_time": "2026-12-01T16:00", "end_time": "2026-12-01T17:00" }))]
pub struct AppointmentChange {
    /// What it is, 1 to 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 500)]
    pub title: Option<String>,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 10_000)]
    pub description: Option<Option<String>>,
    /// When it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Moment>,
    /// When it ends; when only the start is given, the length stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Moment>,
    /// The zone of its wall-clock time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    pub timezone: Option<Tz>,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 500)]
    pub location: Option<Option<String>>,
    /// Who else takes part.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 100)]
    pub participants: Option<Vec<String>>,
    /// How it repeats; null makes it a single one.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<Specified>)]
    pub recurring_rule: Option<Option<Specified>>,
    /// Further starts beyond the rule's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 1_000)]
    pub additional_dates: Option<Vec<Moment>>,
    /// Occurrences that are left out or differ, by their original start: exactly these.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub exceptions: Option<Exceptions>,
    /// Whether it takes whole days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all_day: Option<bool>,
    /// How many minutes before each start the person is reminded; never when null.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[schema(value_type = Option<u32>, maximum = 40_320)]
    pub reminder_minutes: Option<Option<u32>>,
    /// Whether it stands. `cancelled` calls it off, `confirmed` takes that back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<AppointmentStatus>,
    /// Passed over, as all below.
    #[serde(skip_serializing)]
    pub id: Option<AppointmentId>,
    /// Passed over.
    #[serde(skip_serializing)]
    pub user_id: Option<UserId>,
    /// Passed over.
    #[serde(skip_serializing)]
    pub repeats: Option<String>,
    /// Passed over.
    #[serde(skip_serializing)]
    pub origin: Option<AppointmentOrigin>,
    /// Passed over: the version is compared with `If-Match`.
    #[serde(skip_serializing)]
    pub version: Option<u32>,
    /// Passed over.
    #[serde(skip_serializing)]
    pub created_at: Option<DateTime<Utc>>,
    /// Passed over.
    #[serde(skip_serializing)]
    pub updated_at: Option<DateTime<Utc>>,
    /// Passed over: the occurrence is named by the query string.
    #[serde(skip_serializing)]
    pub recurrence_id: Option<DateTime<Utc>>,
}

/// Tells null from absent.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// One appointment, and after a change what is now in its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AppointmentAnswer {
    /// It.
    pub appointment: CalendarAppointment,
    /// The series that carries on, when a change of "this and following" made two of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub following: Option<CalendarAppointment>,
    /// What is in its way. Nothing is refused because of that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<CalendarConflict>,
}

/// Several appointments or occurrences, in order of their start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AppointmentsAnswer {
    /// They.
    pub appointments: Vec<CalendarAppointment>,
    /// Where the next page begins; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// `POST /api/calendar/conflicts`: what would be in the way?
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "start_time": "2026-12-01T15:00", "end_time": "2026-12-01T16:00" }))]
pub struct ConflictSearch {
    /// Whose calendar; the caller's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// When it would begin.
    pub start_time: Moment,
    /// When it would end; when absent the person's usual length later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Moment>,
    /// The zone of local times; the person's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    pub timezone: Option<Tz>,
    /// How it would repeat. The next 100 occurrences within a year are checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurring_rule: Option<Specified>,
    /// Whether it would take whole days.
    #[serde(default)]
    pub all_day: bool,
    /// Appointments that are not in its way, such as itself before it is moved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub except: Vec<AppointmentId>,
}

/// What is in the way of a proposed occurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CalendarConflict {
    /// How it is in the way.
    pub kind: ConflictKind,
    /// When the proposed occurrence begins.
    pub start_time: DateTime<Utc>,
    /// When it ends.
    pub end_time: DateTime<Utc>,
    /// What is there.
    pub with: ConflictingOccurrence,
}

/// An occurrence that is in the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConflictingOccurrence {
    /// Which appointment.
    pub appointment_id: AppointmentId,
    /// Its title.
    pub title: String,
    /// When it begins.
    pub start_time: DateTime<Utc>,
    /// When it ends.
    pub end_time: DateTime<Utc>,
    /// Its original start.
    pub recurrence_id: DateTime<Utc>,
}

/// The answer to [`ConflictSearch`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConflictsAnswer {
    /// What is in the way, in order.
    pub conflicts: Vec<CalendarConflict>,
}

/// `POST /api/calendar/free-slots`: where is room?
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "duration_minutes": 60, "start_date": "2026-12-01", "end_date": "2026-12-05" }))]
pub struct FreeSearch {
    /// Whose calendar; the caller's when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// How long it has to be, at most a week; the person's usual length when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10_080)]
    pub duration_minutes: Option<u32>,
    /// Not before this; now when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// Over by this; seven days later when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Moment>,
    /// Instead of `from`: the first day.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "optional_day")]
    pub start_date: Option<NaiveDate>,
    /// Instead of `to`: the last day.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "optional_day")]
    pub end_date: Option<NaiveDate>,
    /// The zone of local times and days; the person's when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    pub timezone: Option<Tz>,
    /// At any hour, not only within the person's working hours.
    pub any_hour: bool,
    /// At most so many suggestions; five when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 50)]
    pub suggestions: Option<u32>,
}

/// The answer to [`FreeSearch`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FreeAnswer {
    /// The free stretches, in order, each as long as it goes; at most 1,000.
    pub free_slots: Vec<FreeSlot>,
    /// The best times in them, the best first.
    pub suggestions: Vec<SuggestedSlot>,
    /// The zone in which days and hours were counted.
    #[schema(value_type = String, example = "Europe/Berlin")]
    pub timezone: Tz,
}

/// A free stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FreeSlot {
    /// Its beginning.
    pub start_time: DateTime<Utc>,
    /// Its end.
    pub end_time: DateTime<Utc>,
}

impl From<Slot> for FreeSlot {
    fn from(slot: Slot) -> Self {
        Self { start_time: slot.start, end_time: slot.end }
    }
}

/// A time to suggest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SuggestedSlot {
    /// Its beginning.
    pub start_time: DateTime<Utc>,
    /// Its end.
    pub end_time: DateTime<Utc>,
    /// What speaks for it.
    pub reasons: Vec<Reason>,
}

/// `POST /api/times` (admin socket only): a time in plain words.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaidTime {
    /// "next Friday from 3 to 4pm", "every Monday at 9".
    pub text: String,
    /// Whose words; the admin's when absent.
    pub user_id: Option<UserId>,
}

/// The answer to [`SaidTime`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderstoodTime {
    /// When it (first) begins.
    pub start_time: DateTime<Utc>,
    /// When it ends, if that was said.
    pub end_time: Option<DateTime<Utc>>,
    /// How it repeats.
    pub recurring_rule: Option<Specified>,
    /// The person's zone.
    pub timezone: Tz,
}
