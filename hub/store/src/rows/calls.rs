//! Telephone calls: one row for each, one for each of its turns, and the PINs that are asked for in them.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params, params};
use xswarm_core::{
    call::{Call, CallEnd, CallState, CallTurn},
    id::{CallId, MessageId, UserId},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, instant_or_null, parsed, parsed_or_null},
};

const COLUMNS: &str = "id, user_id, direction, phone, our_phone, provider_id, message_id, state, ended_because, engine, \
                       created_at, connected_at, ended_at";

/// A turn of a call as it is noted: which messages it consists of, and when each step was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TurnNote {
    /// What was said.
    pub message: Option<MessageId>,
    /// What was answered.
    pub reply: Option<MessageId>,
    /// How many words of that were heard.
    pub words_heard: u32,
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

/// A person's PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Its hash, as a PHC string.
    pub hash: String,
    /// How often it was entered wrongly since it was last right.
    pub failures: u32,
    /// Until when none is taken.
    pub locked_until: Option<DateTime<Utc>>,
}

fn call(row: &Row<'_>) -> rusqlite::Result<Call> {
    Ok(Call {
        id: parsed(row, "id")?,
        user_id: parsed_or_null(row, "user_id")?,
        direction: parsed(row, "direction")?,
        phone: row.get("phone")?,
        our_phone: row.get("our_phone")?,
        provider_id: row.get("provider_id")?,
        message_id: parsed_or_null(row, "message_id")?,
        state: parsed(row, "state")?,
        ended_because: parsed_or_null(row, "ended_because")?,
        engine: row.get("engine")?,
        created_at: instant(row, "created_at")?,
        connected_at: instant_or_null(row, "connected_at")?,
        ended_at: instant_or_null(row, "ended_at")?,
    })
}

fn turn(row: &Row<'_>) -> rusqlite::Result<CallTurn> {
    let answer: String = row.get("answer")?;
    let words_heard: u32 = row.get("words_heard")?;
    let words_heard = usize::try_from(words_heard).unwrap_or(usize::MAX);
    let ms = |name: &str| Ok::<_, rusqlite::Error>(row.get::<_, Option<u32>>(name)?.map(u64::from));
    Ok(CallTurn {
        number: row.get("number")?,
        said: row.get("said")?,
        heard: answer.split_whitespace().take(words_heard).collect::<Vec<_>>().join(" "),
        answer,
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

    /// The turns of a call, in order.
    pub fn call_turns(&self, id: CallId) -> Result<Vec<CallTurn>, StoreError> {
        let sql = "SELECT turns.number, turns.words_heard, turns.interrupted, turns.speech_ended_ms, \
                   turns.turn_ended_ms, turns.answered_ms, turns.first_audio_ms, \
                   coalesce(said.message_content, '') AS said, coalesce(answer.message_content, '') AS answer \
                   FROM call_turns AS turns LEFT JOIN communication_logs AS said ON said.id = turns.message_id \
                   LEFT JOIN communication_logs AS answer ON answer.id = turns.reply_id \
                   WHERE turns.call_id = ? ORDER BY turns.number";
        self.many(sql, [id.to_string()], turn)
    }

    /// A person's PIN.
    pub fn pin(&self, user: UserId) -> Result<Option<Pin>, StoreError> {
        self.one("SELECT hash, failures, locked_until FROM pins WHERE user_id = ?", [user.to_string()], |row| {
            Ok(Pin {
                hash: row.get("hash")?,
                failures: row.get("failures")?,
                locked_until: instant_or_null(row, "locked_until")?,
            })
        })
    }
}

impl Tx<'_> {
    /// Notes a new call. [`StoreError::Exists`] when the provider's id is known.
    pub fn call_insert(&self, new: &Call) -> Result<(), StoreError> {
        let sql = "INSERT INTO calls (id, user_id, direction, phone, our_phone, provider_id, message_id, state, \
                   ended_because, engine, created_at, connected_at, ended_at) VALUES (:id, :user_id, :direction, :phone, \
                   :our_phone, :provider_id, :message_id, :state, :ended_because, :engine, :created_at, :connected_at, \
                   :ended_at)";
        self.run_one(
            "call",
            sql,
            named_params! {
                ":id": new.id.to_string(),
                ":user_id": new.user_id.map(|user| user.to_string()),
                ":direction": new.direction.as_str(),
                ":phone": new.phone,
                ":our_phone": new.our_phone,
                ":provider_id": new.provider_id,
                ":message_id": new.message_id.map(|message| message.to_string()),
                ":state": new.state.as_str(),
                ":ended_because": new.ended_because.map(CallEnd::as_str),
                ":engine": new.engine,
                ":created_at": to_text(new.created_at),
                ":connected_at": new.connected_at.map(to_text),
                ":ended_at": new.ended_at.map(to_text),
            },
        )
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

    /// Sets the provider's id of a call that we made.
    pub fn call_provider_id(&self, id: CallId, provider_id: &str) -> Result<(), StoreError> {
        let sql = "UPDATE calls SET provider_id = ?2 WHERE id = ?1 AND provider_id IS NULL";
        self.run(sql, params![id.to_string(), provider_id]).map(drop)
    }

    /// Ends a call. Whether it was not over before.
    pub fn call_end(&self, id: CallId, because: CallEnd, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let sql = "UPDATE calls SET state = 'ended', ended_because = ?2, ended_at = ?3, token_digest = NULL, \
                   token_expires_at = NULL WHERE id = ?1 AND state <> 'ended'";
        Ok(self.run(sql, params![id.to_string(), because.as_str(), to_text(now)])? == 1)
    }

    /// After a start: no call outlives the hub. How many there were.
    pub fn calls_recover(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let open = self.calls_open()?;
        // One that still rings may yet be answered: what it is to open is asked for then.
        for one in open.iter().filter(|one| one.state == CallState::Connected) {
            self.call_end(one.id, CallEnd::HubStopped, now)?;
        }
        Ok(open.len())
    }

    /// Notes a turn of a call, or what has become of it.
    pub fn call_turn_note(&self, id: CallId, number: u32, note: &TurnNote) -> Result<(), StoreError> {
        let sql = "INSERT INTO call_turns (call_id, number, message_id, reply_id, words_heard, interrupted, \
                   speech_ended_ms, turn_ended_ms, answered_ms, first_audio_ms) VALUES (:call, :number, :message, :reply, \
                   :words_heard, :interrupted, :speech_ended_ms, :turn_ended_ms, :answered_ms, :first_audio_ms) \
                   ON CONFLICT (call_id, number) DO UPDATE SET message_id = :message, reply_id = :reply, \
                   words_heard = :words_heard, interrupted = :interrupted, speech_ended_ms = :speech_ended_ms, \
                   turn_ended_ms = :turn_ended_ms, answered_ms = :answered_ms, first_audio_ms = :first_audio_ms";
        let ms = |at: Option<u64>| at.map(|at| u32::try_from(at).unwrap_or(u32::MAX));
        self.run(
            sql,
            named_params! {
                ":call": id.to_string(),
                ":number": number,
                ":message": note.message.map(|message| message.to_string()),
                ":reply": note.reply.map(|message| message.to_string()),
                ":words_heard": note.words_heard,
                ":interrupted": note.interrupted,
                ":speech_ended_ms": ms(note.speech_ended_ms),
                ":turn_ended_ms": ms(note.turn_ended_ms),
                ":answered_ms": ms(note.answered_ms),
                ":first_audio_ms": ms(note.first_audio_ms),
            },
        )
        .map(drop)
    }

    /// Sets or replaces a person's PIN, or takes it away. What was entered wrongly before is forgotten.
    pub fn pin_set(&self, user: UserId, hash: Option<&str>) -> Result<(), StoreError> {
        match hash {
            Some(hash) => {
                let sql = "INSERT INTO pins (user_id, hash) VALUES (?1, ?2) \
                           ON CONFLICT (user_id) DO UPDATE SET hash = ?2, failures = 0, locked_until = NULL";
                self.run(sql, [user.to_string(), hash.to_owned()]).map(drop)
            }
            None => self.run("DELETE FROM pins WHERE user_id = ?", [user.to_string()]).map(drop),
        }
    }

    /// Notes how often a PIN was entered wrongly, and until when none is taken.
    pub fn pin_tried(
        &self,
        user: UserId,
        failures: u32,
        locked_until: Option<DateTime<Utc>>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE pins SET failures = ?2, locked_until = ?3 WHERE user_id = ?1";
        self.run(sql, params![user.to_string(), failures, locked_until.map(to_text)]).map(drop)
    }
}
