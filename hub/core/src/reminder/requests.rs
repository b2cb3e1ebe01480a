//! What the REST interface takes about reminders, shared with the command line.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ReminderKind, preferences::Repeat};
use crate::{
    admin::calendar::Moment,
    id::{AppointmentId, UserId},
    message::Channel,
};

/// `POST /api/reminders`. With an appointment it is a further reminder before that; otherwise `text` is needed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReminder {
    /// Who is reminded; the caller when absent.
    pub user_id: Option<UserId>,
    /// Before which appointment.
    pub appointment_id: Option<AppointmentId>,
    /// Of what.
    pub text: Option<String>,
    /// When; without an offset in the person's zone.
    pub reminder_time: Moment,
    /// A reminder unless said otherwise; timers and alarms ring.
    pub kind: Option<ReminderKind>,
    /// How it repeats: an RFC 5545 `RRULE`.
    pub recurring_rule: Option<String>,
    /// How the person is reached first.
    pub method: Option<Channel>,
    /// Whether it may disturb quiet hours and is repeated until it is acknowledged.
    #[serde(default)]
    pub urgent: bool,
    /// How it is repeated until it is acknowledged.
    pub repeat: Option<Repeat>,
    /// What it sounds like in the room: a short name without spaces.
    pub sound: Option<String>,
}

/// `PUT /api/reminders/{id}`: what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReminderChange {
    /// Of what.
    pub text: Option<String>,
    /// When; without an offset in the person's zone.
    pub reminder_time: Option<Moment>,
    /// How the person is reached first.
    pub method: Option<Channel>,
    /// Whether it may disturb quiet hours.
    pub urgent: Option<bool>,
    /// How it is repeated until it is acknowledged.
    pub repeat: Option<Repeat>,
}

/// `POST /api/reminders/{id}/acknowledge`; the body may be missing.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Acknowledgement {
    /// It is done: the further steps of the same occurrence are called off as well.
    pub done: bool,
}

/// `POST /api/reminders/{id}/snooze`; ten minutes when nothing is said.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SnoozeRequest {
    /// For so many minutes.
    pub minutes: Option<u32>,
    /// Or until then; without an offset in the person's zone.
    pub until: Option<Moment>,
}

/// `POST /api/appointments/{id}/reminders`: further reminders before it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NewLeads {
    /// One of so many minutes before each start …
    pub minutes_before: Option<u32>,
    /// … or several …
    pub lead_minutes: Option<Vec<u32>>,
    /// … or one at this time, before the next start; without an offset in the appointment's zone.
    pub reminder_time: Option<Moment>,
    /// How the person is reached first.
    pub method: Option<Channel>,
    /// Whether they may disturb quiet hours and are repeated until they are acknowledged.
    pub urgent: Option<bool>,
}
