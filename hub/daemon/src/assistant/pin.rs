//! PINs for what is risky on a call: held back until the PIN was typed for it, and then done exactly as it was asked.
//!
//! - [`held`] stands before every commit of a turn: on a call nothing risky gets past it without a [`grant`], whichever way it
//!   was asked for. What it holds becomes the open question, with the very effects that were read back and agreed to.
//! - A grant is a message of the call that stands for "the PIN was typed". It names the message that asked for the PIN, and
//!   is good for the one request that this message held, on that call. It comes from the channel, which compares the PIN
//!   (`channels/call/pin.rs`); no words make one.
//! - What was done on this very call may be taken back on it without a PIN.
//!
//! A person without a PIN, and one whose entry is locked, hears so at once, before they agree to anything.
//!
//! In a room anybody may be speaking, and there are no keys: there the same is never done, only referred to a person's own way.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use xswarm_core::{
    call::CallState,
    id::{CallId, MessageId},
    message::{Channel, Message},
    user::User,
};
use xswarm_language::say;
use xswarm_store::{Conversation, Rows, Tx};

use super::{
    Before,
    effect::{self, Effect, risk},
    question::{Action, Item, Question},
    turn::{Decision, Open, Turn},
};
use crate::{
    error::Error,
    outbox,
    pins::{self, Entry},
};

/// Where a message of ours notes that it asks for the PIN.
const ASKS: &str = "asks_pin";

/// Where a message notes which of ours the PIN was typed for.
const TYPED_FOR: &str = "pin_typed_for";

/// What is said to whoever is asked for it, after what it is for.
const PROMPT: &str = "I need your PIN. Please type it, and press the hash key.";

/// What is said to whoever has none.
const NONE: &str = "I can't do that on the telephone: a caller's number can be forged, and you have no PIN to show me that it \
                    is you. Nothing was changed. Text me instead, or set one on the box: \"xswarm user pin\" and your name.";

/// What is said in a room.
const NOT_IN_A_ROOM: &str = "I can't tell who is speaking in a room, so I don't do that here. Nothing was changed. Text, mail \
                             or call me for it instead.";

/// What is said when the call is over.
const OVER: &str = "For that I need your PIN on the telephone, and the call is over. Nothing was changed. Please ask me for it \
                    here.";

/// What a message contains that stands for a typed PIN.
pub(crate) const TYPED: &str = "(The PIN was typed.)";

/// Notes in a message's metadata that it asks for the PIN.
pub(super) fn note(metadata: &mut Value) {
    if let Some(facts) = metadata.as_object_mut() {
        facts.insert(ASKS.to_owned(), true.into());
    }
}

/// Whether a message of ours asks for the PIN.
pub(crate) fn is_asked_in(metadata: &Value) -> bool {
    metadata.get(ASKS).is_some()
}

/// The metadata of a message that says: on this call the right PIN was typed for what this message of ours asked.
pub(crate) fn grant(call: CallId, asking: MessageId) -> Value {
    json!({ outbox::CALL: call.to_string(), TYPED_FOR: asking.to_string() })
}

/// Which of our messages the PIN was typed for, where a message stands for a PIN.
fn typed_for(message: &Message) -> Option<MessageId> {
    let typed_for = message.metadata.get(TYPED_FOR).filter(|_| message.channel == Channel::Voice);
    typed_for?.as_str()?.parse().ok()
}

/// What was held back, now that the PIN was typed; `None` for a message that is no grant.
pub(super) fn granted(turn: &Turn<'_>, message: &Message, conversation: &Conversation<Question>) -> Option<Decision> {
    typed_for(message)?;
    let held = conversation.question.clone().filter(|_| is_granted(message, conversation));
    let Some(Question::Pin { effects, done, undoable, sources, .. }) = held else {
        let words = "I don't know any more what that PIN was for. Nothing was changed. Please ask me again.";
        return Some(Decision { open: Open::Kept, ..Decision::say(words) });
    };
    log::info!(user:% = turn.user.id; "a request is carried out with a PIN");
    Some(Decision { undoable, sources, open: Open::Answered, ..Decision::act(effects, done) })
}

/// Whether a message is the grant for what the conversation holds.
fn is_granted(message: &Message, conversation: &Conversation<Question>) -> bool {
    let Some(Question::Pin { call, .. }) = &conversation.question else { return false };
    let asked = typed_for(message);
    asked.is_some() && asked == conversation.asked_by && outbox::call_of(&message.metadata) == Some(*call)
}

/// What a turn comes to instead when it needs a PIN that was not typed for it. `None`: it may be done, or asked, as it is.
pub(super) fn held(
    rows: &Rows<'_>,
    before: &Before,
    decision: &Decision,
    now: DateTime<Utc>,
) -> Result<Option<Decision>, Error> {
    let Before { message, user, .. } = before;
    if !message.channel.is_spoken() {
        return Ok(None);
    }
    let call = outbox::call_of(&message.metadata).map_or(Ok(None), |call| rows.call(call))?;
    let wanted =
        risk::needs_pin(&decision.effects) && !only_takes_back(rows, call.as_ref().map(|call| call.id), decision)?;
    if !wanted && !decision.question.as_ref().is_some_and(leads_to_risk) {
        return Ok(None);
    }
    if message.channel == Channel::Room {
        // Whatever was asked elsewhere can still be answered there.
        return Ok(Some(Decision { open: Open::Kept, ..Decision::say(NOT_IN_A_ROOM) }));
    }
    // As it stands now: what was planned was read before.
    let conversation = rows.conversation::<Question>(before.conversation.id, now)?;
    let is_held = |held: &Question| matches!(held, Question::Pin { effects, .. } if *effects == decision.effects);
    let exactly =
        |known: &Conversation<Question>| is_granted(message, known) && known.question.as_ref().is_some_and(is_held);
    if wanted && conversation.as_ref().is_some_and(exactly) {
        return Ok(None);
    }
    let read_back = conversation
        .as_ref()
        .and_then(|known| known.question.as_ref())
        .is_some_and(|question| matches!(question, Question::Confirm { effects, .. } if *effects == decision.effects));
    let instead = |words: String| Ok(Some(Decision { open: decision.open, ..Decision::say(words) }));
    match pins::entry(rows, user.id, now)? {
        Entry::Open => {}
        Entry::None => return instead(NONE.to_owned()),
        Entry::Locked { until } => return instead(locked(until, user.timezone, now)),
    }
    if !wanted {
        return Ok(None);
    }
    let Some(call) = call.filter(|call| call.state == CallState::Connected) else { return instead(OVER.to_owned()) };
    let held = Question::Pin {
        call: call.id,
        effects: decision.effects.clone(),
        done: decision.reply.clone(),
        undoable: decision.undoable,
        sources: decision.sources.clone(),
    };
    let what = if read_back { String::new() } else { effect::words::proposals(&decision.effects, user.timezone) };
    let prompt = if what.is_empty() { format!("For that {PROMPT}") } else { format!("{what}: for that {PROMPT}") };
    Ok(Some(Decision { open: decision.open, ..Decision::ask(prompt, held) }))
}

/// What a call's PIN was asked for is asked for no more.
pub(crate) fn leave(tx: &Tx<'_>, user: &User, call: CallId, now: DateTime<Utc>) -> Result<(), Error> {
    let id = tx.conversation_of(user.id, now)?;
    let question = tx.conversation::<Question>(id, now)?.and_then(|conversation| conversation.question);
    if matches!(question, Some(Question::Pin { call: held, .. }) if held == call) {
        tx.conversation_ask::<Question>(id, None, now)?;
    }
    Ok(())
}

/// What is said while no PIN is taken.
pub(crate) fn locked(until: DateTime<Utc>, zone: chrono_tz::Tz, now: DateTime<Utc>) -> String {
    let (until, now) = (until.with_timezone(&zone), now.with_timezone(&zone));
    let day = if until.date_naive() == now.date_naive() {
        String::new()
    } else {
        format!("{}, ", say::date(until.date_naive()))
    };
    format!(
        "Too many wrong PINs were typed, so I take none before {day}{}. Nothing was changed. Text me instead.",
        until.format("%-I:%M %p")
    )
}

/// Whether all that happens is that things done on this very call are taken back.
fn only_takes_back(rows: &Rows<'_>, call: Option<CallId>, decision: &Decision) -> Result<bool, Error> {
    let receipts = risk::taken_back(&decision.effects);
    for id in &receipts {
        let receipt = rows.receipt::<Effect>(*id)?;
        let asked = receipt.map_or(Ok(None), |receipt| rows.message(receipt.origin.message))?;
        if call.is_none() || asked.and_then(|message| outbox::call_of(&message.metadata)) != call {
            return Ok(false);
        }
    }
    Ok(!receipts.is_empty())
}

/// Whether an answer to a question would do something risky.
fn leads_to_risk(question: &Question) -> bool {
    let stands = |item: &Item| match item {
        Item::Appointment(_) | Item::Occurrence(_) => true,
        Item::Reminder(_) => false,
    };
    match question {
        Question::Confirm { effects, .. } | Question::Proposed { effects, .. } => risk::needs_pin(effects),
        Question::Cancel { items } | Question::Choose { items, action: Action::Cancel } => items.iter().any(stands),
        Question::Scope { action, .. } => *action == Action::Cancel,
        Question::Choose { action: Action::Move { .. }, .. }
        | Question::Pin { .. }
        | Question::Missing { .. }
        | Question::Guessed { .. }
        | Question::Invitation { .. }
        | Question::Suggestion { .. }
        | Question::Book { .. }
        | Question::WhichContact { .. }
        | Question::AnswerLater { .. }
        | Question::More { .. } => false,
    }
}
