//! Jobs: promises the hub has made to itself, kept in the database until they are done.
//!
//! A job is written in the same transaction as the change that makes it necessary. Its key is unique for ever, which
//! makes the database the judge of duplicates. Jobs of one lane run one at a time, in the order they were written.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::{AppointmentId, ConversationId, MessageId, ReminderId, UserId},
    mail::MailAddress,
    phone::Phone,
    text_enum,
};

/// What is to be done. Closed: adding a variant shows every place that must handle it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "payload", rename_all = "snake_case")]
pub enum Job {
    /// Understand an inbound message, act, and answer it.
    Answer {
        /// The inbound message.
        message: MessageId,
    },
    /// Wait until the language model may work again, then answer a message that was put off.
    AnswerLater {
        /// The inbound message.
        message: MessageId,
        /// Which attempt this leads to, from 1.
        attempt: u32,
    },
    /// Answer a message that was put off.
    AnswerAgain {
        /// The inbound message.
        message: MessageId,
        /// Which attempt this is, from 1.
        attempt: u32,
    },
    /// Sum up what lies too far back in a conversation.
    Summarise {
        /// Which conversation.
        conversation: ConversationId,
        /// Up to which message.
        until: MessageId,
    },
    /// Tell the persons concerned what the calendar files of a mail propose.
    ConsiderInvitations {
        /// The inbound mail.
        message: MessageId,
        /// Where it comes from, when that is proven.
        sender: Option<MailAddress>,
    },
    /// Hand an outbound message to its channel.
    Deliver {
        /// The outbound message.
        message: MessageId,
        /// Which sending this is: grows when a person decides to resend.
        sending: u32,
    },
    /// Ask the provider what became of a message whose sending ended unclear.
    ResolveDelivery {
        /// The outbound message.
        message: MessageId,
        /// Which sending ended unclear.
        sending: u32,
    },
    /// Say a reminder that is due.
    FireReminder {
        /// The reminder.
        reminder: ReminderId,
    },
    /// Mail a person what their day holds.
    SendDigest {
        /// Whose.
        user: UserId,
        /// Which day, in their zone.
        date: NaiveDate,
    },
    /// Mail a person the confirmation of what was booked.
    ConfirmBooking {
        /// What.
        appointment: AppointmentId,
    },
    /// The message of a reminder failed or ended unclear: go on to the next channel of its ladder.
    ContinueReminder {
        /// The reminder.
        reminder: ReminderId,
    },
    /// List the provider's inbound messages and take in those that never reached us. Runs again and again.
    CatchUpInbound {},
    /// Delete what retention says, and finished jobs. Runs again and again.
    Sweep {},
}

/// What runs one at a time, in order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Lane {
    /// The turns of one person, whatever way they speak by.
    Conversation(ConversationId),
    /// Texts that leave from one number.
    SmsFrom(Phone),
    /// Mails that leave from one address.
    MailFrom(MailAddress),
    /// Calls to one number: nobody takes two at once.
    CallsTo(Phone),
}

impl Lane {
    /// Its textual form in the database.
    pub fn to_text(&self) -> String {
        match self {
            Self::Conversation(id) => format!("conversation/{id}"),
            Self::SmsFrom(phone) => format!("sms/{phone}"),
            Self::MailFrom(address) => format!("mail/{address}"),
            Self::CallsTo(phone) => format!("call/{phone}"),
        }
    }
}

text_enum! {
    /// Where a job stands.
    pub enum JobState {
        /// An earlier job of its lane must finish first.
        Waiting = "waiting",
        /// To be run when due.
        Ready = "ready",
        /// Being run; after a crash it becomes ready again.
        Running = "running",
        /// Done.
        Done = "done",
        /// Given up after too many attempts. A person may retry it.
        Dead = "dead",
        /// Of a kind that this version doesn't know; kept for the version that does.
        Parked = "parked",
    }
}

impl Job {
    /// The name of its kind, as in the database.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Answer { .. } => "answer",
            Self::AnswerLater { .. } => "answer_later",
            Self::AnswerAgain { .. } => "answer_again",
            Self::Summarise { .. } => "summarise",
            Self::ConsiderInvitations { .. } => "consider_invitations",
            Self::Deliver { .. } => "deliver",
            Self::ResolveDelivery { .. } => "resolve_delivery",
            Self::FireReminder { .. } => "fire_reminder",
            Self::SendDigest { .. } => "send_digest",
            Self::ConfirmBooking { .. } => "confirm_booking",
            Self::ContinueReminder { .. } => "continue_reminder",
            Self::CatchUpInbound {} => "catch_up_inbound",
            Self::Sweep {} => "sweep",
        }
    }

    /// The key that keeps it from being written twice.
    pub fn key(&self) -> String {
        match self {
            Self::Answer { message } => format!("answer/{message}"),
            Self::AnswerLater { message, attempt } => format!("answer_later/{message}/{attempt}"),
            Self::AnswerAgain { message, attempt } => format!("answer_again/{message}/{attempt}"),
            Self::Summarise { until, .. } => format!("summarise/{until}"),
            Self::ConsiderInvitations { message, .. } => format!("consider_invitations/{message}"),
            Self::Deliver { message, sending } => format!("deliver/{message}/{sending}"),
            Self::ResolveDelivery { message, sending } => format!("resolve_delivery/{message}/{sending}"),
            Self::FireReminder { reminder } => format!("fire_reminder/{reminder}"),
            Self::SendDigest { user, date } => format!("send_digest/{user}/{date}"),
            Self::ConfirmBooking { appointment } => format!("confirm_booking/{appointment}"),
            Self::ContinueReminder { reminder } => format!("continue_reminder/{reminder}"),
            Self::CatchUpInbound {} | Self::Sweep {} => self.kind().to_owned(),
        }
    }

    /// After how many failed attempts it is given up. Periodic jobs never are.
    pub const fn max_attempts(&self) -> u32 {
        match self {
            Self::Answer { .. }
            | Self::AnswerLater { .. }
            | Self::AnswerAgain { .. }
            | Self::Summarise { .. }
            | Self::ConsiderInvitations { .. }
            | Self::FireReminder { .. }
            | Self::SendDigest { .. }
            | Self::ConfirmBooking { .. }
            | Self::ContinueReminder { .. } => 12,
            Self::Deliver { .. } => 20,
            Self::ResolveDelivery { .. } => 8,
            Self::CatchUpInbound {} | Self::Sweep {} => u32::MAX,
        }
    }
}

/// How long to wait before the attempt after `attempts` failed ones: 1 s doubling to 5 min, spread by ±20 %.
///
/// `jitter` is a random number; all of its values are equally good.
pub fn backoff(attempts: u32, jitter: u32) -> Duration {
    let exponent = attempts.saturating_sub(1).min(9);
    let base_ms = (1_000_u64 << exponent).min(300_000);
    let spread = base_ms * 2 / 5;
    let offset = if spread == 0 { 0 } else { u64::from(jitter) % spread };
    Duration::from_millis(base_ms - spread / 2 + offset)
}

/// A job as the database has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobRow {
    /// Row number: the order of writing.
    pub id: i64,
    /// The name of its kind, perhaps one this version doesn't know.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// Its arguments.
    pub payload: serde_json::Value,
    /// What it must wait for.
    pub lane: Option<String>,
    /// Not before.
    pub due_at: DateTime<Utc>,
    /// How often it was begun.
    pub attempts: u32,
    /// Where it stands.
    pub state: JobState,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn backoff_doubles_to_five_minutes_within_a_fifth() {
        for (attempts, ms) in [(1, 1_000), (2, 2_000), (3, 4_000), (9, 256_000), (10, 300_000), (500, 300_000)] {
            for jitter in [0, 1, 399, 77_777, u32::MAX] {
                let waited = u64::try_from(backoff(attempts, jitter).as_millis()).unwrap();
                assert!((ms * 4 / 5..=ms * 6 / 5).contains(&waited), "{attempts} {jitter}: {waited}");
            }
        }
    }

    #[test]
    fn a_job_is_tagged_by_its_kind() {
        let message = MessageId::new(DateTime::UNIX_EPOCH);
        let reminder = ReminderId::new(DateTime::UNIX_EPOCH);
        for job in [
            Job::Answer { message },
            Job::AnswerLater { message, attempt: 1 },
            Job::AnswerAgain { message, attempt: 2 },
            Job::Summarise { conversation: ConversationId::new(DateTime::UNIX_EPOCH), until: message },
            Job::Deliver { message, sending: 1 },
            Job::ResolveDelivery { message, sending: 0 },
            Job::FireReminder { reminder },
            Job::SendDigest { user: UserId::new(DateTime::UNIX_EPOCH), date: NaiveDate::MIN },
            Job::ContinueReminder { reminder },
            Job::CatchUpInbound {},
            Job::Sweep {},
        ] {
            let json = serde_json::to_value(&job).unwrap();
            assert_eq!(json["kind"], job.kind());
            assert_eq!(serde_json::from_value::<Job>(json).unwrap(), job);
        }
    }
}
