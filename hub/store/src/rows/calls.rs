//! Telephone calls: one row for each, and one for each of its turns.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params, params};
use xswarm_core::{
    call::{AnsweredBy, Call, CallEnd, CallTurn},
    id::{CallId, MessageId, UserId},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, instant_or_null, parsed, parsed_or_null},
};

const COLUMNS: &str = "id, user_id, direction, phone, our_phone, room, provider_id, message_id, state, ended_because, \
                       answered_by, engine, created_at, connected_at, ended_at";

/// A turn of a call as it is noted: which messages it consists of, and when each step was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TurnNote {
    /// What was said.
    pub message: Option<MessageId>,
    /// What was answered.
    pub reply: Option<MessageId>,
    /// Whether the answer was interrupted.
    pub interrupted: bool,
    /// When the other side stopped speaking, in milliseconds of the call.
    pub speech_ended_ms: Option<u64>,
    /// When the turn was held for finished.
    pub turn_ended_ms: Option<u64>,
    /// When the answer was there.
    pub answered_ms: Option<u64>,
    /// When its first sound was sent.
    pub first_audio_ms: Option<u64>,
}

fn call(row: &Row<'_>) -> rusqlite::Result<Call> {
    Ok(Call {
        id: parsed(row, "id")?,
        user_id: parsed_or_null(row, "user_id")?,
        direction: parsed(row, "direction")?,
        phone: row.get("phone")?,
        our_phone: row.get("our_phone")?,
        room: row.get("room")?,
        provider_id: row.get("provider_id")?,
        message_id: parsed_or_null(row, "message_id")?,
        state: parsed(row, "state")?,
        ended_because: parsed_or_null(row, "ended_because")?,
        answered_by: parsed_or_null(row, "answered_by")?,
        engine: row.get("engine")?,
        created_at: instant(row, "created_at")?,
        connected_at: instant_or_null(row, "connected_at")?,
        ended_at: instant_or_null(row, "ended_at")?,
    })
}

fn turn(row: &Row<'_>) -> rusqlite::Result<CallTurn> {
    let ms = |name: &str| Ok::<_, rusqlite::Error>(row.get::<_, Option<u32>>(name)?.map(u64::from));
    Ok(CallTurn {
        number: row.get("number")?,
        said: row.get("said")?,
        answer: row.get("answer")?,
        heard: row.get("heard")?,
        speech_ended_ms: ms("speech_ended_ms")?,
        turn_ended_ms: ms("turn_ended_ms")?,
        answered_ms: ms("answered_ms")?,
        first_audio_ms: ms("first_audio_ms")?,
        interrupted: row.get("interrupted")?,
    })
}

impl Rows<'_> {
    /// One call.
    pub fn call(&self, id: CallId) -> Result<Option<Call>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM calls WHERE id = ?"), [id.to_string()], call)
    }

    /// The call that the provider knows by an id.
    pub fn call_by_provider_id(&self, provider_id: &str) -> Result<Option<Call>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM calls WHERE provider_id = ?"), [provider_id], call)
    }

    /// The latest calls, of a person or of everybody.
    pub fn calls(&self, user: Option<UserId>, limit: u32) -> Result<Vec<Call>, StoreError> {
        let whose = if user.is_some() { "user_id = ?1" } else { "?1 IS NULL" };
        let sql = format!("SELECT {COLUMNS} FROM calls WHERE {whose} ORDER BY created_at DESC, id DESC LIMIT ?2");
        self.many(&sql, params![user.map(|user| user.to_string()), limit], call)
    }

    /// Those that are not over.
    pub fn calls_open(&self) -> Result<Vec<Call>, StoreError> {
        self.many(&format!("SELECT {COLUMNS} FROM calls WHERE state <> 'ended' ORDER BY created_at, id"), [], call)
    }

    /// The last call that was made to say a message.
    pub fn call_of_message(&self, message: MessageId) -> Result<Option<Call>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM calls WHERE message_id = ? ORDER BY created_at DESC, id DESC LIMIT 1");
        self.one(&sql, [message.to_string()], call)
    }

    /// The turns of a call, in order.
    pub fn call_turns(&self, id: CallId) -> Result<Vec<CallTurn>, StoreError> {
        let sql = "SELECT turns.number, turns.interrupted, turns.speech_ended_ms, \
                   turns.turn_ended_ms, turns.answered_ms, turns.first_audio_ms, \
                   coalesce(said.message_content, '') AS said, coalesce(answer.message_content, '') AS answer, \
                   CASE WHEN answer.status = 'delivered' THEN coalesce(json_extract(answer.metadata, '$.heard'), \
                   answer.message_content) ELSE '' END AS heard \
                   FROM call_turns AS turns LEFT JOIN communication_logs AS said ON said.id = turns.message_id \
                   LEFT JOIN communication_logs AS answer ON answer.id = turns.reply_id \
                   WHERE turns.call_id = ? ORDER BY turns.number";
        self.many(sql, [id.to_string()], turn)
    }
}

impl Rows<'_> {
    /// How many calls of strangers since an instant left words, or may have left a recording: a call without either counts
    /// for nothing, and guests in a room are no strangers.
    pub fn words_of_strangers_since(&self, since: DateTime<Utc>) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM calls WHERE created_at >= ? AND user_id IS NULL AND room IS NULL \
                   AND direction = 'inbound' AND (ended_because = 'at_capacity' \
                   OR EXISTS (SELECT 1 FROM call_turns WHERE call_id = calls.id))";
        self.count(sql, [to_text(since)])
    }
}

impl Tx<'_> {
    /// Notes a new call. [`StoreError::Exists`] when the provider's id is known.
    pub fn call_insert(&self, new: &Call) -> Result<(), StoreError> {
        let sql = "INSERT INTO calls (id, user_id, direction, phone, our_phone, room, provider_id, message_id, state, \
                   ended_because, answered_by, engine, created_at, connected_at, ended_at) VALUES (:id, :user_id, \
                   :direction, :phone, :our_phone, :room, :provider_id, :message_id, :state, :ended_because, :answered_by, \
                   :engine, :created_at, :connected_at, :ended_at)";
        self.run_one(
            "call",
            sql,
            named_params! {
                ":id": new.id.to_string(),
                ":user_id": new.user_id.map(|user| user.to_string()),
                ":direction": new.direction.as_str(),
                ":phone": new.phone,
                ":our_phone": new.our_phone,
                ":room": new.room,
                ":provider_id": new.provider_id,
                ":message_id": new.message_id.map(|message| message.to_string()),
                ":state": new.state.as_str(),
                ":ended_because": new.ended_because.map(CallEnd::as_str),
                ":answered_by": new.answered_by.map(AnsweredBy::as_str),
                ":engine": new.engine,
                ":created_at": to_text(new.created_at),
                ":connected_at": new.connected_at.map(to_text),
                ":ended_at": new.ended_at.map(to_text),
            },
        )
    }

    /// Whose call it is, of whom somebody says that they are that person.
    pub fn call_belongs_to(&self, id: CallId, user: UserId) -> Result<(), StoreError> {
        self.run_one("call", "UPDATE calls SET user_id = ?2 WHERE id = ?1", [id.to_string(), user.to_string()])
    }

    /// The provider has the call that was asked for, under this id, unless it was known before.
    pub fn call_placed(&self, id: CallId, provider_id: &str) -> Result<(), StoreError> {
        let sql = "UPDATE calls SET provider_id = ?2 WHERE id = ?1 AND provider_id IS NULL";
        self.run(sql, [id.to_string(), provider_id.to_owned()]).map(drop)
    }

    /// Somebody or something took a call that we made. What is noted first stands.
    pub fn call_answered_by(&self, id: CallId, by: AnsweredBy) -> Result<(), StoreError> {
        let sql = "UPDATE calls SET answered_by = ?2 WHERE id = ?1 AND answered_by IS NULL";
        self.run(sql, [id.to_string(), by.as_str().to_owned()]).map(drop)
    }

    /// A call is connected without a stream of ours: `engine` speaks. Whether it rang until now.
    pub fn call_connect(&self, id: CallId, engine: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "UPDATE calls SET state = 'connected', engine = ?2, connected_at = ?3 \
                   WHERE id = ?1 AND state = 'ringing'";
        Ok(self.run(sql, params![id.to_string(), engine, to_text(now)])? == 1)
    }

    /// Sets the token by which the call's stream may be opened, once, until `expires_at`. An earlier one is void.
    pub fn call_token_set(&self, id: CallId, digest: &str, expires_at: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE calls SET token_digest = ?2, token_expires_at = ?3 WHERE id = ?1 AND state = 'ringing'";
        self.run(sql, params![id.to_string(), digest, to_text(expires_at)]).map(drop)
    }

    /// Takes a token: the call that it opens, which is connected from now on. `None` when it is unknown, used or expired.
    pub fn call_token_take(&self, digest: &str, engine: &str, now: DateTime<Utc>) -> Result<Option<Call>, StoreError> {
        let sql = format!(
            "UPDATE calls SET token_digest = NULL, token_expires_at = NULL, state = 'connected', engine = ?2, \
             connected_at = ?3 WHERE token_digest = ?1 AND token_expires_at > ?3 AND state = 'ringing' \
             RETURNING {COLUMNS}"
        );
        self.one(&sql, params![digest, engine, to_text(now)], call)
    }

    /// Ends a call. Whether it was not over before.
    pub fn call_end(&self, id: CallId, because: CallEnd, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "UPDATE calls SET state = 'ended', ended_because = ?2, ended_at = ?3, token_digest = NULL, \
                   token_expires_at = NULL WHERE id = ?1 AND state <> 'ended'";
        Ok(self.run(sql, params![id.to_string(), because.as_str(), to_text(now)])? == 1)
    }

    /// Notes a turn of a call, or what has become of it.
    pub fn call_turn_note(&self, id: CallId, number: u32, note: &TurnNote) -> Result<(), StoreError> {
        let sql = "INSERT INTO call_turns (call_id, number, message_id, reply_id, interrupted, \
                   speech_ended_ms, turn_ended_ms, answered_ms, first_audio_ms) VALUES (:call, :number, :message, :reply, \
                   :interrupted, :speech_ended_ms, :turn_ended_ms, :answered_ms, :first_audio_ms) \
                   ON CONFLICT (call_id, number) DO UPDATE SET message_id = :message, reply_id = :reply, \
                   interrupted = :interrupted, speech_ended_ms = :speech_ended_ms, \
                   turn_ended_ms = :turn_ended_ms, answered_ms = :answered_ms, first_audio_ms = :first_audio_ms";
        let ms = |at: Option<u64>| at.map(|at| u32::try_from(at).unwrap_or(u32::MAX));
        self.run(
            sql,
            named_params! {
                ":call": id.to_string(),
                ":number": number,
                ":message": note.message.map(|message| message.to_string()),
                ":reply": note.reply.map(|message| message.to_string()),
                ":interrupted": note.interrupted,
                ":speech_ended_ms": ms(note.speech_ended_ms),
                ":turn_ended_ms": ms(note.turn_ended_ms),
                ":answered_ms": ms(note.answered_ms),
                ":first_audio_ms": ms(note.first_audio_ms),
            },
        )
        .map(drop)
    }
}
