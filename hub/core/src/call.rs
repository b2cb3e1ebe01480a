//! Telephone calls, and conversations in a room: who called whom, what it was about, how it went and why it ended.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::{CallId, MessageId, UserId},
    message::{Channel, Direction},
    text_enum,
};

text_enum! {
    /// How far a call is.
    pub enum CallState {
        /// The provider told us of it, or was asked for it; nobody speaks yet.
        Ringing = "ringing",
        /// Sound goes both ways.
        Connected = "connected",
        /// It is over.
        Ended = "ended",
    }
}

text_enum! {
    /// Why a call ended.
    pub enum CallEnd {
        /// Everything was said.
        Finished = "finished",
        /// The other side hung up, or the line broke.
        HungUp = "hung_up",
        /// Nobody said anything any more.
        Silence = "silence",
        /// It took as long as a call may.
        TooLong = "too_long",
        /// Nothing came of it: too many turns, or the same words again and again.
        Loop = "loop",
        /// What listens and speaks failed.
        EngineFailed = "engine_failed",
        /// All lines were taken; a message was asked for.
        AtCapacity = "at_capacity",
        /// Nobody took the call.
        NotAnswered = "not_answered",
        /// A machine took it, and was left a message.
        Voicemail = "voicemail",
        /// The provider did not put it through.
        Refused = "refused",
        /// The other side sent what no line sends.
        BadProtocol = "bad_protocol",
        /// The hub stopped.
        HubStopped = "hub_stopped",
    }
}

text_enum! {
    /// How the sound of a recorded call is written: as it travels on the line.
    pub enum RecordedAs {
        /// G.711 µ-law, 8,000 samples a second.
        MuLaw = "mulaw",
        /// 16-bit PCM, 24,000 samples a second.
        Linear = "linear",
    }
}

text_enum! {
    /// Who took a call that we made.
    pub enum AnsweredBy {
        /// A person.
        Person = "person",
        /// A machine that takes messages; what it says itself is over.
        Machine = "machine",
        /// A machine that takes none.
        Fax = "fax",
        /// It cannot be told.
        Unclear = "unclear",
    }
}

/// A call (table `calls`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Call {
    /// The row.
    pub id: CallId,
    /// Which person's, unless a stranger's.
    pub user_id: Option<UserId>,
    /// Who called whom, seen from the hub.
    pub direction: Direction,
    /// The other side's number; absent when it was withheld.
    pub phone: Option<String>,
    /// Which of our numbers.
    pub our_phone: Option<String>,
    /// The room it takes place in, for a conversation that is no telephone call.
    pub room: Option<String>,
    /// The provider's id, `CA…`.
    pub provider_id: Option<String>,
    /// What is to be said, for a call that we make.
    pub message_id: Option<MessageId>,
    /// How far it is.
    pub state: CallState,
    /// Why it ended.
    pub ended_because: Option<CallEnd>,
    /// Who took it, for a call that we make.
    pub answered_by: Option<AnsweredBy>,
    /// Which engine listened and spoke.
    pub engine: Option<String>,
    /// When we learned of it.
    pub created_at: DateTime<Utc>,
    /// When sound went both ways.
    pub connected_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Call {
    /// How what is said on it travels.
    pub const fn channel(&self) -> Channel {
        if self.room.is_some() { Channel::Room } else { Channel::Voice }
    }
}

/// One turn of a call (table `call_turns`): what was said, what was answered, and how long each step took. The instants
/// are milliseconds from the moment at which the call was connected.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct CallTurn {
    /// Which of the call's, from 1 on.
    pub number: u32,
    /// What the other side said.
    pub said: String,
    /// What the Boss answered, all of it.
    pub answer: String,
    /// How much of it was heard.
    pub heard: String,
    /// When the other side stopped speaking.
    pub speech_ended_ms: Option<u64>,
    /// When the engine held the turn for finished.
    pub turn_ended_ms: Option<u64>,
    /// When the answer's first words were there.
    pub answered_ms: Option<u64>,
    /// When the answer's first sound was sent.
    pub first_audio_ms: Option<u64>,
    /// Whether the other side interrupted the answer.
    pub interrupted: bool,
}
