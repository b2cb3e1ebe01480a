//! Taking a text message in, whether the provider called us or we asked it: recorded once, with the job that answers it.

use chrono::{DateTime, Utc};
use xswarm_core::{
    event::Event,
    id::MessageId,
    job::{Job, Lane},
    message::{Channel, Direction},
    phone::Phone,
    user::User,
};
use xswarm_store::{Inserted, NewMessage, StoreError, Tx};

use crate::twilio::{
    callback::{InboundSms, Party},
    keywords::Keyword,
};

/// Records an inbound text. A repeated one has no second effect.
///
/// `sent_at` is when the sender sent it, where that is known to be earlier than now: relative times in it count from
/// then.
pub(crate) fn take_in(
    tx: &Tx<'_>,
    sms: &InboundSms,
    our_number: Option<&Phone>,
    sent_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Inserted, StoreError> {
    // Short codes and names of companies are no telephone numbers: recorded, never answered.
    let sender = sms.from.phone().cloned();
    let user = sender.as_ref().map_or(Ok(None), |phone| resolve(tx, phone, &sms.to, our_number))?;
    let conversation = match &user {
        Some(user) => Some(tx.conversation_of(user.id, now)?),
        None => None,
    };
    let id = MessageId::new(now);
    let metadata = match sent_at {
        Some(sent_at) => serde_json::json!({ "sent_at": xswarm_core::time::to_text(sent_at) }),
        None => serde_json::json!({}),
    };
    let message = NewMessage {
        id,
        user_id: user.as_ref().map(|user| user.id),
        conversation_id: conversation,
        channel: Channel::Sms,
        direction: Direction::Inbound,
        content: sms.body.clone(),
        sender: Some(sms.from.as_str().to_owned()),
        recipient: Some(sms.to.as_str().to_owned()),
        provider_id: Some(sms.sid.clone()),
        in_reply_to: None,
        metadata,
    };
    if tx.message_insert(&message, now)? == Inserted::Duplicate {
        return Ok(Inserted::Duplicate);
    }
    let Some(sender) = sender else {
        tx.message_processed(id, now)?;
        return Ok(Inserted::New);
    };
    if settled_by_keyword(tx, sms, &sender, user.as_ref(), now)? {
        tx.message_processed(id, now)?;
        return Ok(Inserted::New);
    }
    let lane = conversation.map(Lane::Conversation);
    tx.job_enqueue(&Job::Answer { message: id }, lane.as_ref(), now, now)?;
    Ok(Inserted::New)
}

/// Whose message it is: the person with this telephone, if they wrote to the number that is theirs to write to.
pub(super) fn resolve(
    tx: &Tx<'_>,
    sender: &Phone,
    to: &Party,
    our_number: Option<&Phone>,
) -> Result<Option<User>, StoreError> {
    let user = tx.user_by_phone(sender)?;
    Ok(user.filter(|user| user.boss_phone.as_ref().or(our_number).is_some_and(|expected| to.phone() == Some(expected))))
}

/// STOP and START are settled between the provider and the sender: we note them and say nothing.
fn settled_by_keyword(
    tx: &Tx<'_>,
    sms: &InboundSms,
    sender: &Phone,
    user: Option<&User>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let stopped = match sms.keyword() {
        Some(Keyword::Stop) => true,
        // "Yes" is an answer in a conversation, unless the sender had stopped it.
        Some(Keyword::Start) if tx.opted_out(sender.as_str())? => false,
        Some(Keyword::Start | Keyword::Help) | None => return Ok(false),
    };
    if tx.opt_out_set(sender.as_str(), stopped, now)? {
        tx.event_append(&Event::OptOutChanged { stopped }, user.map(|user| user.id), now)?;
    }
    Ok(true)
}
