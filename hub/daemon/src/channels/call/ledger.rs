//! What a call leaves in the ledger: what was said, what was answered, how much of it was heard, and what is owed after it.

use chrono::{DateTime, Utc};
use xswarm_core::{
    call::{Call, CallEnd},
    id::{CallId, MessageId},
    job::{Job, Lane},
    message::{Channel, DeliveryNews, Direction, Message, MessageStatus},
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

/// Records what a person said, with the job that answers it.
pub(super) fn said(
    tx: &Tx<'_>,
    call: &Call,
    user: &User,
    text: &str,
    now: DateTime<Utc>,
) -> Result<MessageId, StoreError> {
    let conversation = tx.conversation_of(user.id, now)?;
    let id = insert(tx, call, Some(user), Some(conversation), text, now)?;
    tx.job_enqueue(&Job::Answer { message: id }, Some(&Lane::Conversation(conversation)), now, now)?;
    Ok(id)
}

/// Records what a stranger said, and tells the household of it. Nothing follows from it.
pub(super) fn left(
    tx: &Tx<'_>,
    call: &Call,
    text: &str,
    ours: &OurAddresses,
    now: DateTime<Utc>,
) -> Result<MessageId, Error> {
    let id = insert(tx, call, None, None, text, now)?;
    tx.message_processed(id, now)?;
    let words = match call.direction {
        Direction::Inbound => format!("Somebody called and said: {text}"),
        Direction::Outbound => format!("They answered your call: {text}"),
    };
    tell(tx, call, &words, ours, now)?;
    Ok(id)
}

/// A message was recorded because no line was free.
pub(super) fn recorded(tx: &Tx<'_>, told: &CallWebhook, ours: &OurAddresses, now: DateTime<Utc>) -> Result<(), Error> {
    let (Some(call), Some(seconds)) = (tx.call_by_provider_id(&told.sid)?, told.recorded_s) else { return Ok(()) };
    let url = told.recording_url.clone().unwrap_or_default();
    let text = format!("A message of {seconds} s was left while all lines were busy. The recording: {url}");
    tell(tx, &call, &text, ours, now)
}

/// Tells the person whose call it was, or an admin, by their usual way. It is others' words.
pub(super) fn tell(tx: &Tx<'_>, call: &Call, text: &str, ours: &OurAddresses, now: DateTime<Utc>) -> Result<(), Error> {
    let user = match call.user_id {
        Some(user) => tx.user(user)?,
        None => tx.user_first_admin()?,
    };
    let Some(user) = user else { return Ok(()) };
    let from = call.phone.as_deref().unwrap_or("a withheld number");
    let mut metadata = serde_json::json!({});
    let stranger = xswarm_core::provenance::Sources::of(xswarm_core::provenance::Source::Unknown);
    xswarm_core::provenance::note(&mut metadata, &stranger);
    say(tx, &user, &format!("({from}) {text}"), None, metadata, ours, now)
}

/// Records what came from the other side.
pub(super) fn insert(
    tx: &Tx<'_>,
    call: &Call,
    user: Option<&User>,
    conversation: Option<xswarm_core::id::ConversationId>,
    text: &str,
    now: DateTime<Utc>,
) -> Result<MessageId, StoreError> {
    let id = MessageId::new(now);
    let message = NewMessage {
        id,
        user_id: user.map(|user| user.id),
        conversation_id: conversation,
        channel: Channel::Voice,
        direction: Direction::Inbound,
        content: text.to_owned(),
        sender: call.phone.clone(),
        recipient: call.our_phone.clone(),
        provider_id: None,
        in_reply_to: None,
        metadata: serde_json::json!({ CALL: call.id.to_string() }),
    };
    tx.message_insert(&message, now)?;
    Ok(id)
}

/// What was answered on a call and is not yet being said.
pub(super) fn waiting(rows: &Rows<'_>, call: &Call) -> Result<Vec<Message>, StoreError> {
    let Some(user) = call.user_id else { return Ok(Vec::new()) };
    let id = call.id.to_string();
    let mut waiting = rows.messages_unseen(user, Channel::Voice)?;
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
    let Some(user) = call.user_id.map_or(Ok(None), |user| tx.user(user))? else { return Ok(()) };
    let mut owed = waiting(tx, &call)?;
    let being_said = tx.messages_outbound(Channel::Voice, MessageStatus::Sending)?;
    let id = id.to_string();
    owed.extend(
        being_said.into_iter().filter(|one| one.metadata.get(CALL).and_then(|call| call.as_str()) == Some(&id)),
    );
    for message in owed {
        tx.message_news(message.id, DeliveryNews::Refused, now)?;
        tx.message_error(message.id, None, Some("the call was over before it was heard"))?;
        let mut metadata = message.metadata.clone();
        if let Some(facts) = metadata.as_object_mut() {
            facts.remove(CALL);
        }
        let text = format!("(You have not heard this on the telephone.) {}", message.content);
        say(tx, &user, &text, message.conversation_id, metadata, ours, now)?;
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
