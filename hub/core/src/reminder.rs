//! Reminders, timers and alarms: one row per occurrence, step and attempt, each of which ends in exactly one recorded
//! outcome.
//!
//! A *step* is one of the times at which an occurrence is remembered (24 hours, 1 hour, 15 minutes before). An *attempt*
//! is one saying of it: the first, another channel after a failure, a repetition, or after a snooze. Telling a second
//! person is the same step with another recipient. What is decided when is in [`ladder`].

pub mod ladder;
pub mod plan;
pub mod preferences;
pub mod requests;

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::{AppointmentId, MessageId, ReminderId, UserId},
    message::{Channel, MessageStatus},
    recurrence::Recurrence,
    text_enum,
};

pub use plan::{ReminderPlan, StepPlan};
pub use preferences::ReminderPreferences;

/// How late a reminder may fire and still count as on time.
pub const GRACE: Duration = Duration::seconds(60);

/// How long the provider is given to say what became of a message that ended unclear, before the next channel is used.
pub const DOUBT: Duration = Duration::seconds(60);

text_enum! {
    /// What is being remembered.
    pub enum ReminderKind {
        /// "Remind me to …".
        Reminder = "reminder",
        /// "Set a timer for …".
        Timer = "timer",
        /// Before an appointment.
        Appointment = "appointment",
        /// "Wake me at 7": rings until it is stopped.
        Alarm = "alarm",
    }
}

text_enum! {
    /// The specification's status of a reminder.
    pub enum ReminderStatus {
        /// Not yet due.
        Pending = "pending",
        /// A message was made for it.
        Sent = "sent",
        /// It could not be delivered.
        Failed = "failed",
        /// Called off.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// The final state of a reminder, finer than its status.
    pub enum ReminderOutcome {
        /// The provider has the message.
        Sent = "sent",
        /// The message arrived.
        Delivered = "delivered",
        /// The person said they have seen it.
        Acknowledged = "acknowledged",
        /// It was said later than [`GRACE`] after its time; `error_message` says why.
        Late = "late",
        /// Policy decided that it was no longer worth saying.
        Expired = "expired",
        /// It could not be delivered; `error_message` says why.
        Failed = "failed",
        /// Nobody can tell whether the message went out.
        Unknown = "unknown",
        /// Called off before it was due.
        Cancelled = "cancelled",
    }
}

/// One reminder, timer or step before an appointment (table `appointment_reminders`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reminder {
    /// The row.
    pub id: ReminderId,
    /// The appointment it belongs to.
    pub appointment_id: Option<AppointmentId>,
    /// Who is reminded.
    pub user_id: UserId,
    /// What is being remembered.
    pub kind: ReminderKind,
    /// What to say: "call mom", "pasta".
    pub text: String,
    /// When it is due.
    #[serde(rename = "reminder_time", alias = "due")]
    pub due: DateTime<Utc>,
    /// How the person is reached; while it is pending, how they would be.
    #[serde(rename = "method", alias = "channel")]
    pub channel: Channel,
    /// How it repeats. The rule counts from `series_start`.
    pub recurrence: Option<Recurrence>,
    /// The zone of its wall-clock time.
    #[schema(value_type = String, example = "Europe/Berlin")]
    pub timezone: Tz,
    /// Which occurrence of what: with the recipient, the judge of duplicates.
    pub step: ReminderStep,
    /// When the first of the series was due.
    pub series_start: DateTime<Utc>,
    /// The specification's status.
    pub status: ReminderStatus,
    /// How it ended; absent while pending, and between firing and the provider's word.
    pub outcome: Option<ReminderOutcome>,
    /// Why it was held back, late, given up or failed.
    pub error_message: Option<String>,
    /// The message that was made for it.
    pub message_id: Option<MessageId>,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When it fired.
    pub sent_at: Option<DateTime<Utc>>,
    /// Where it differs from what the person usually wants.
    #[serde(default)]
    pub plan: ReminderPlan,
    /// How far along its ladder it is.
    #[serde(default, flatten)]
    pub progress: ReminderProgress,
}

impl Reminder {
    /// When it is to be said: when it is due, or when what held it back ends.
    pub fn say_at(&self) -> DateTime<Utc> {
        self.progress.held_until.map_or(self.due, |held| held.max(self.due))
    }

    /// Whether it is the occurrence itself, not a repetition, another try, or for somebody else.
    pub const fn is_first(&self) -> bool {
        self.step.attempt == 0 && self.progress.on_behalf_of.is_none()
    }

    /// A new row at `due` with what this one is about, under another step.
    #[must_use]
    pub fn again(&self, id: ReminderId, due: DateTime<Utc>, step: ReminderStep, now: DateTime<Utc>) -> Self {
        Self {
            id,
            due,
            step,
            status: ReminderStatus::Pending,
            outcome: None,
            error_message: None,
            message_id: None,
            created_at: now,
            sent_at: None,
            progress: ReminderProgress { on_behalf_of: self.progress.on_behalf_of, ..ReminderProgress::default() },
            ..self.clone()
        }
    }
}

/// How far along its ladder a reminder is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReminderProgress {
    /// How often it had been said when this row was made, other tries of the same saying not counted.
    pub repetition: u32,
    /// The person who did not answer, when this row tells somebody else.
    pub on_behalf_of: Option<UserId>,
    /// Quiet hours hold it back until then.
    pub held_until: Option<DateTime<Utc>>,
    /// A paused timer's time still to run, in milliseconds.
    pub remaining_ms: Option<i64>,
    /// When the person said they have seen it.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// How often its message was handed to a provider.
    pub retry_count: u32,
}

/// Which occurrence, generation and step a reminder is. Unique in the database together with the recipient.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct ReminderStep {
    /// The id of the first reminder of the series, or of the appointment.
    pub series: String,
    /// The occurrence's original start, RFC 5545 §3.8.4.4 `RECURRENCE-ID`.
    pub recurrence_id: DateTime<Utc>,
    /// Grows when the appointment or the reminder moves.
    pub generation: u32,
    /// Which step of the ladder: for an appointment how many minutes before it, otherwise 0.
    pub step: u32,
    /// Which saying of the step, from 0.
    pub attempt: u32,
}

/// The outcome of a fired reminder whose message is now in `status`; `late` says whether it fired after [`GRACE`].
///
/// A late reminder stays late when it arrives; failure and doubt are said whether late or not.
pub const fn outcome_of(status: MessageStatus, late: bool) -> Option<ReminderOutcome> {
    match status {
        MessageStatus::Failed => Some(ReminderOutcome::Failed),
        MessageStatus::Unknown => Some(ReminderOutcome::Unknown),
        MessageStatus::Sent | MessageStatus::Delivered if late => Some(ReminderOutcome::Late),
        MessageStatus::Sent => Some(ReminderOutcome::Sent),
        MessageStatus::Delivered => Some(ReminderOutcome::Delivered),
        MessageStatus::Pending | MessageStatus::Sending | MessageStatus::Processed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_final_message_state_gives_the_reminder_a_final_outcome() {
        for status in MessageStatus::ALL.iter().filter(|status| status.is_final()) {
            for late in [false, true] {
                let expected = *status != MessageStatus::Processed;
                assert_eq!(outcome_of(*status, late).is_some(), expected, "{status} late={late}");
            }
        }
        assert_eq!(outcome_of(MessageStatus::Delivered, true), Some(ReminderOutcome::Late));
        assert_eq!(outcome_of(MessageStatus::Failed, true), Some(ReminderOutcome::Failed));
    }
}
