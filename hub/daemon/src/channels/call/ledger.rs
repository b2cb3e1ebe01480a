//! What a call leaves in the ledger: what was said, what was answered, how much of it was heard, and what is owed after it.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    call::{Call, CallEnd},
    id::{CallId, MessageId},
    job::{Job, Lane},
    message::{DeliveryNews, Direction, Message, MessageStatus},
    provenance::{self, Source, Sources},
    user::User,
};
use xswarm_store::{NewMessage, Rows, StoreError, Tx};

use super::outbound;
use crate::{
    error::Error,
    outbox::{self, CALL, OurAddresses, Saying, To},
    reminders,
    twilio::voice::CallWebhook,
};

/// The words of so many strangers an hour are brought to the household by text, which costs money.
const STRANGERS_PER_HOUR: u64 = 20;

/// Where what a partner in free conversation said notes that.
const CHAT: &str = "chat";

/// Records what a person said, with the job that answers it.
pub(super) fn said(
    tx: &Tx<'_>,
    call: &Call,
    user: &User,
    text: &str,
    now: DateTime<Utc>,
) -> Result<MessageId, StoreError> {
    let conversation = tx.conversation_of(user.id, now)?;
    let id = insert(tx, call, Some(user), Some(conversation), text, of_call(call), now)?;
    tx.job_enqueue(&Job::Answer { message: id }, Some(&Lane::Conversation(conversation)), now, now)?;
    Ok(id)
}

/// Records what a guest said in a room, with the job that answers it.
pub(super) fn said_by_guest(tx: &Tx<'_>, call: &Call, text: &str, now: DateTime<Utc>) -> Result<MessageId, StoreError> {
    let id = insert(tx, call, None, None, text, of_call(call), now)?;
    tx.job_enqueue(&Job::Answer { message: id }, None, now, now)?;
    Ok(id)
}

/// Records what a person said in free conversation. It is no part of what they say to the Boss, and nothing follows from it.
pub(super) fn chatted(
    tx: &Tx<'_>,
    call: &Call,
    user: &User,
    text: &str,
    now: DateTime<Utc>,
) -> Result<MessageId, StoreError> {
    let metadata = serde_json::json!({ CALL: call.id.to_string(), CHAT: true });
    let id = insert(tx, call, Some(user), None, text, metadata, now)?;
    tx.message_processed(id, now)?;
    Ok(id)
}

/// Records what a partner in free conversation said, and was heard to say: a model's words, that nothing follows from.
pub(super) fn chatted_back(
    tx: &Tx<'_>,
    call: &Call,
    user: &User,
    text: &str,
    after: Option<MessageId>,
    now: DateTime<Utc>,
) -> Result<MessageId, StoreError> {
    let mut metadata = serde_json::json!({ CHAT: true });
    provenance::note(&mut metadata, &Sources::of(Source::Model));
    let id = on_call(tx, call, user, text, (after, metadata), now)?;
    tx.message_news(id, DeliveryNews::Started, now)?;
    tx.message_news(id, DeliveryNews::Delivered, now)?;
    Ok(id)
}

/// Has the Boss say something unasked on the call.
pub(super) fn set_right(
    tx: &Tx<'_>,
    call: &Call,
    user: &User,
    text: &str,
    now: DateTime<Utc>,
) -> Result<MessageId, StoreError> {
    on_call(tx, call, user, text, (None, serde_json::json!({})), now)
}

/// A message to who is on the call, outside of what they and the Boss say to each other.
fn on_call(
    tx: &Tx<'_>,
    call: &Call,
    user: &User,
    text: &str,
    (in_reply_to, metadata): (Option<MessageId>, serde_json::Value),
    now: DateTime<Utc>,
) -> Result<MessageId, StoreError> {
    let saying = Saying { user: Some(user), conversation: None, to: &To::call(call), text, in_reply_to, metadata };
    outbox::say(tx, &saying, now)
}

/// Whether a message asks something that is still open.
pub(super) fn asks(rows: &Rows<'_>, message: &Message, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let Some(conversation) = message.conversation_id else { return Ok(false) };
    let conversation = rows.conversation::<serde_json::Value>(conversation, now)?;
    Ok(conversation.is_some_and(|conversation| conversation.asked_by == Some(message.id)))
}

/// Records what a stranger said, and tells the household of it. Nothing follows from it.
pub(super) fn left(
    tx: &Tx<'_>,
    call: &Call,
    text: &str,
    ours: &OurAddresses,
    now: DateTime<Utc>,
) -> Result<MessageId, Error> {
    let id = insert(tx, call, None, None, text, of_call(call), now)?;
    tx.message_processed(id, now)?;
    let words = match call.direction {
        Direction::Inbound => format!("Somebody called and said: {text}"),
        Direction::Outbound => format!("They answered your call: {text}"),
    };
    if call.direction == Direction::Inbound && is_too_much(tx, now)? {
        log::warn!(call:% = call.id; "strangers call too often for each to be told by text; their words are kept");
        return Ok(id);
    }
    tell(tx, call, &words, ours, now)?;
    Ok(id)
}

/// A message was recorded because no line was free.
pub(super) fn recorded(tx: &Tx<'_>, told: &CallWebhook, ours: &OurAddresses, now: DateTime<Utc>) -> Result<(), Error> {
    let (Some(call), Some(seconds)) = (tx.call_by_provider_id(&told.sid)?, told.recorded_s) else { return Ok(()) };
    // What is told of again was told; a caller who was not turned away left nothing; nor is silence a message.
    let key = format!("recording/{}", told.sid);
    let known = call.ended_because != Some(CallEnd::AtCapacity) || tx.message_by_client_id(&key)?.is_some();
    if known || seconds == 0 || (call.user_id.is_none() && is_too_much(tx, now)?) {
        return Ok(());
    }
    let url = told.recording_url.clone().unwrap_or_default();
    let text = format!("A message of {seconds} s was left while all lines were busy. The recording: {url}");
    tell_once(tx, &call, &text, serde_json::json!({ "client_id": key }), ours, now)
}

/// Whether strangers have left so much lately that telling it by text costs the household too much.
fn is_too_much(tx: &Tx<'_>, now: DateTime<Utc>) -> Result<bool, StoreError> {
    Ok(tx.words_of_strangers_since(now - Duration::hours(1))? >= STRANGERS_PER_HOUR)
}

/// Tells the person whose call it was, or an admin, by their usual way. It is others' words.
pub(super) fn tell(tx: &Tx<'_>, call: &Call, text: &str, ours: &OurAddresses, now: DateTime<Utc>) -> Result<(), Error> {
    tell_once(tx, call, text, serde_json::json!({}), ours, now)
}

/// The same, with what makes it known when it is told of again.
fn tell_once(
    tx: &Tx<'_>,
    call: &Call,
    text: &str,
    mut metadata: serde_json::Value,
    ours: &OurAddresses,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let user = match call.user_id {
        Some(user) => tx.user(user)?,
        None => tx.user_first_admin()?,
    };
    let Some(user) = user else { return Ok(()) };
    let from = call.phone.as_deref().unwrap_or("a withheld number");
    provenance::note(&mut metadata, &Sources::of(Source::Unknown));
    say(tx, &user, &format!("({from}) {text}"), None, metadata, ours, now)
}

pub(super) fn of_call(call: &Call) -> serde_json::Value {
    serde_json::json!({ CALL: call.id.to_string() })
}

/// Records what came from the other side.
pub(super) fn insert(
    tx: &Tx<'_>,
    call: &Call,
    user: Option<&User>,
    conversation: Option<xswarm_core::id::ConversationId>,
    text: &str,
    metadata: serde_json::Value,
    now: DateTime<Utc>,
) -> Result<MessageId, StoreError> {
    let id = MessageId::new(now);
    let message = NewMessage {
        id,
        user_id: user.map(|user| user.id),
        conversation_id: conversation,
        channel: call.channel(),
        direction: Direction::Inbound,
        content: text.to_owned(),
        sender: call.phone.clone(),
        recipient: call.our_phone.clone(),
        provider_id: None,
        in_reply_to: None,
        metadata,
    };
    tx.message_insert(&message, now)?;
    Ok(id)
}

/// What was answered on a call and is not yet being said.
pub(super) fn waiting(rows: &Rows<'_>, call: &Call) -> Result<Vec<Message>, StoreError> {
    // A stranger is answered by nothing but the call itself; a guest is.
    if call.user_id.is_none() && call.room.is_none() {
        return Ok(Vec::new());
    }
    let id = call.id.to_string();
    let mut waiting = rows.messages_unseen(call.user_id, call.channel())?;
    waiting.retain(|message| message.metadata.get(CALL).and_then(|call| call.as_str()) == Some(id.as_str()));
    Ok(waiting)
}

/// An answer is about to be said.
pub(super) fn begun(tx: &Tx<'_>, reply: MessageId, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.message_news(reply, DeliveryNews::Started, now).map(drop)
}

/// An answer was heard, all of it or its first words: those are what was said, as far as later turns go.
pub(super) fn heard(tx: &Tx<'_>, reply: MessageId, cut_to: Option<&str>, now: DateTime<Utc>) -> Result<(), StoreError> {
    if let Some(words) = cut_to {
        tx.message_heard(reply, words)?;
    }
    tx.message_news(reply, DeliveryNews::Delivered, now).map(drop)
}

/// A call is over. What was answered and not heard goes to the person by their usual way.
pub(super) fn settle(
    tx: &Tx<'_>,
    id: CallId,
    because: CallEnd,
    ours: &OurAddresses,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let Some(call) = tx.call(id)? else { return Ok(()) };
    tx.call_end(id, because, now)?;
    if let Some(message) = call.message_id {
        outbound::unheard(tx, message, None, outbound::why(because), ours, now)?;
    }
    let user = call.user_id.map_or(Ok(None), |user| tx.user(user))?;
    let mut owed = waiting(tx, &call)?;
    let being_said = tx.messages_outbound(call.channel(), MessageStatus::Sending)?;
    let id = id.to_string();
    owed.extend(
        being_said.into_iter().filter(|one| one.metadata.get(CALL).and_then(|call| call.as_str()) == Some(&id)),
    );
    for message in owed {
        tx.message_news(message.id, DeliveryNews::Refused, now)?;
        tx.message_error(message.id, None, Some("the call was over before it was heard"))?;
        // Somebody there has ended it, or it was a guest.
        let Some(user) = user.as_ref().filter(|_| call.room.is_none() || because != CallEnd::Finished) else {
            continue;
        };
        let mut metadata = message.metadata.clone();
        if let Some(facts) = metadata.as_object_mut() {
            facts.remove(CALL);
        }
        let place = if call.room.is_some() { "in the room" } else { "on the telephone" };
        let text = format!("(You have not heard this {place}.) {}", message.content);
        say(tx, user, &text, message.conversation_id, metadata, ours, now)?;
    }
    Ok(())
}

/// Says something to a person in writing.
pub(super) fn say(
    tx: &Tx<'_>,
    user: &User,
    text: &str,
    conversation: Option<xswarm_core::id::ConversationId>,
    metadata: serde_json::Value,
    ours: &OurAddresses,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let to = To::user(user, reminders::written_channel(user, ours), ours).unwrap_or(To::Console);
    let conversation = match conversation {
        Some(conversation) => Some(conversation),
        None => Some(tx.conversation_of(user.id, now)?),
    };
    let saying = Saying { user: Some(user), conversation, to: &to, text, in_reply_to: None, metadata };
    outbox::say(tx, &saying, now)?;
    Ok(())
}
