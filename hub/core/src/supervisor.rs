//! What the supervisor socket says: news of the household as it happens, one JSON text frame each.
//!
//! The specification's frame is `{type, data, timestamp, user_id?, session_id?}`. Beyond that a frame that tells of a fact
//! carries its `sequence` (table `system_events`): whoever was away says after which it wants to go on. `session_id`
//! comes with the news of sessions, which are those of the voice. A type that a client does not know is to be skipped.
//!
//! `data` is the state at the time the frame is sent, in the shape in which the REST interface answers it; whoever hears
//! late of a fact hears what became of it, and null when it is gone.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    admin::{Counts, calendar::CalendarAppointment},
    id::{ReminderId, UserId},
    reminder::ReminderKind,
    text_enum,
};

/// The news there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum News {
    /// An appointment was booked. `None` in this and the others: it is no longer there.
    AppointmentCreated(Option<Box<CalendarAppointment>>),
    /// An appointment changed; this is what it is now.
    AppointmentChanged(Option<Box<CalendarAppointment>>),
    /// An appointment was called off.
    AppointmentCancelled(Option<Box<CalendarAppointment>>),
    /// A reminder, timer or alarm is being said.
    ReminderDue(Option<ReminderDue>),
    /// How the hub is: at first, every half a minute, and when it changes.
    SystemHealth(Health),
}

/// A reminder that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReminderDue {
    /// Which.
    pub reminder_id: ReminderId,
    /// What it is about.
    pub text: String,
    /// Reminder, timer, or before an appointment.
    pub kind: ReminderKind,
    /// When it was due.
    pub due: DateTime<Utc>,
    /// Whether it is said after its grace.
    pub late: bool,
}

text_enum! {
    /// Whether the hub keeps its promises just now.
    pub enum HealthStatus {
        /// It does.
        Ok = "ok",
        /// It cannot write to its database: nothing new is confirmed.
        Degraded = "degraded",
    }
}

/// How the hub is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Whether it keeps its promises.
    pub status: HealthStatus,
    /// Its version.
    pub version: String,
    /// When it began to serve.
    pub started_at: DateTime<Utc>,
    /// What is on its mind.
    pub counts: Counts,
}

/// One frame to a client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// What happened.
    #[serde(flatten)]
    pub news: News,
    /// When.
    pub timestamp: DateTime<Utc>,
    /// Whom it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Its place in the record of facts; absent where there is no fact behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<i64>,
}

/// What a client may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "snake_case", deny_unknown_fields)]
pub enum Wish {
    /// Go on after this fact. The same as `?after=` in the address; once, before anything else.
    Resume {
        /// The last `sequence` that the client has.
        after: i64,
    },
}

/// Why the hub ends a connection: the codes of RFC 6455 §7.4.1, and one of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCode {
    /// The hub stops or starts again.
    GoingAway,
    /// The client sent what is no text.
    Unsupported,
    /// The client said what it may not, or may no longer listen.
    Policy,
    /// The client's frame was too long.
    TooBig,
    /// A fault of the hub.
    Internal,
    /// The client does not read what it is sent. Of our own, from the range that is private (4000–4999).
    TooSlow,
}

impl CloseCode {
    /// The number on the wire.
    pub const fn number(self) -> u16 {
        match self {
            Self::GoingAway => 1001,
            Self::Unsupported => 1003,
            Self::Policy => 1008,
            Self::TooBig => 1009,
            Self::Internal => 1011,
            Self::TooSlow => 4008,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time;

    #[test]
    fn a_frame_has_the_specified_shape_and_reads_back() {
        let at = time::from_text("2026-11-24T10:00:00Z").unwrap();
        let reminder_id = ReminderId::new(at);
        let due =
            ReminderDue { reminder_id, text: "call mom".into(), kind: ReminderKind::Reminder, due: at, late: false };
        let user = UserId::new(at);
        let frame = Frame { news: News::ReminderDue(Some(due)), timestamp: at, user_id: Some(user), sequence: Some(7) };
        let json = serde_json::to_value(&frame).unwrap();
        let expected = serde_json::json!({
            "type": "reminder_due",
            "data": {
                "reminder_id": reminder_id, "text": "call mom", "kind": "reminder", "due": "2026-11-24T10:00:00Z",
                "late": false,
            },
            "timestamp": "2026-11-24T10:00:00Z",
            "user_id": user,
            "sequence": 7,
        });
        assert_eq!(json, expected);
        assert_eq!(serde_json::from_value::<Frame>(json).unwrap(), frame);
        let gone = Frame { news: News::AppointmentCreated(None), timestamp: at, user_id: None, sequence: None };
        let json = serde_json::to_value(&gone).unwrap();
        assert_eq!(json, serde_json::json!({ "type": "appointment_created", "data": null, "timestamp": at }));
        assert_eq!(serde_json::from_value::<Frame>(json).unwrap(), gone);
    }

    #[test]
    fn a_client_may_resume_and_nothing_else() {
        let read = serde_json::from_str::<Wish>;
        assert_eq!(read(r#"{"type":"resume","data":{"after":7}}"#).unwrap(), Wish::Resume { after: 7 });
        for wrong in [
            "",
            "7",
            "{}",
            r#"{"type":"resume"}"#,
            r#"{"type":"resume","data":{}}"#,
            r#"{"type":"resume","data":{"after":"7"}}"#,
            r#"{"type":"resume","data":{"after":7,"as":"admin"}}"#,
            r#"{"type":"resume","data":{"after":7},"user_id":"x"}"#,
            r#"{"type":"shutdown","data":{}}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
