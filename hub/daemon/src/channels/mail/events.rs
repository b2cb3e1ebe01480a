//! Signed events settle what became of mails. They come in any order and sometimes twice; each counts once.

use chrono::{DateTime, Utc};
use xswarm_core::{
    event::Event,
    message::{Channel, DeliveryNews, Direction, Message, MessageStatus},
};
use xswarm_store::{Rows, StoreError, Tx};

use crate::sendgrid::events::{MailEvent, What};

/// Takes an event in.
pub(crate) fn settle(tx: &Tx<'_>, event: &MailEvent, now: DateTime<Utc>) -> Result<(), StoreError> {
    let message = message(tx, event)?;
    match &event.what {
        What::News { news, reason } => match message {
            Some(message) => news_of(tx, event, &message, *news, reason.as_deref(), now),
            None => Ok(()),
        },
        What::Stopped => stop(tx, event, message.as_ref(), true, now),
        What::Resumed => stop(tx, event, message.as_ref(), false, now),
    }
}

/// The mail that an event is about: by the row we gave along, else by SendGrid's own id of it.
fn message(rows: &Rows<'_>, event: &MailEvent) -> Result<Option<Message>, StoreError> {
    let message = match (&event.row, &event.message) {
        (Some((row, sending)), _) => {
            // An event about an earlier sending says nothing about the present one.
            let current = rows.message(*row)?.is_some() && rows.message_sending(*row)? == *sending;
            if current { rows.message(*row)? } else { None }
        }
        (None, Some(id)) => rows.message_by_provider_id(id)?,
        (None, None) => None,
    };
    Ok(message.filter(|one| one.channel == Channel::Email && one.direction == Direction::Outbound))
}

fn news_of(
    tx: &Tx<'_>,
    event: &MailEvent,
    message: &Message,
    news: DeliveryNews,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if let (Some(id), None) = (&event.message, &message.provider_id)
        && tx.message_by_provider_id(id)?.is_none()
    {
        tx.message_provider_id(message.id, id)?;
    }
    if matches!(message.status, MessageStatus::Sending | MessageStatus::Unknown) {
        tx.message_news(message.id, DeliveryNews::Accepted, now)?;
        tx.message_error(message.id, None, None)?;
    }
    if tx.message_news(message.id, news, now)? == Some(MessageStatus::Failed) {
        tx.message_error(message.id, None, Some(reason.unwrap_or("it was not delivered")))?;
        tx.event_append(&Event::MessageFailed { message: message.id, code: None }, message.user_id, now)?;
    }
    Ok(())
}

/// The recipient wants no more mail, or wants it again. A repetition of an old event must not undo what came after it,
/// so each is remembered.
fn stop(
    tx: &Tx<'_>,
    event: &MailEvent,
    message: Option<&Message>,
    stopped: bool,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let recipient = message.and_then(|message| message.recipient.clone());
    let Some(address) = event.to.as_ref().map(ToString::to_string).or(recipient) else { return Ok(()) };
    if !tx.provider_id_once(&format!("sendgrid-event/{}", event.id), now)? {
        return Ok(());
    }
    if tx.opt_out_set(&address, stopped, now)? {
        let user = tx.user_by_email(&address)?.map(|user| user.id);
        tx.event_append(&Event::OptOutChanged { stopped }, user, now)?;
    }
    Ok(())
}
