//! What became of a message whose sending ended unclear: the provider's callback, or an unambiguous match in its list.
//!
//! That a message is not in the list proves nothing (lists lag behind), so absence never leads to another sending.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    event::Event,
    id::MessageId,
    message::{Channel, DeliveryNews, Message, MessageStatus},
};
use xswarm_store::{Rows, StoreError, Tx};

use super::Sms;
use crate::{
    error::Error,
    jobs::Outcome,
    twilio::{
        callback::StatusCallback,
        client::{Listed, MessageFilter},
        error_codes,
    },
};

/// How long after the unclear end the provider is first asked.
pub(super) const FIRST_LOOK: Duration = Duration::seconds(3);

/// How long the provider is asked. After that the message stays unknown until a callback or a person decides.
const PATIENCE: Duration = Duration::hours(1);

/// The provider's clock and ours may differ, and its times have whole seconds.
const SLACK: Duration = Duration::seconds(2);

/// How soon to ask again, by how long it has been unclear.
fn next_look(unclear_for: Duration) -> Option<Duration> {
    if unclear_for < Duration::minutes(1) {
        Some(Duration::seconds(10))
    } else if unclear_for < Duration::minutes(10) {
        Some(Duration::minutes(1))
    } else if unclear_for < PATIENCE {
        Some(Duration::minutes(5))
    } else {
        None
    }
}

impl Sms {
    /// Asks the provider what became of a message.
    pub(crate) async fn resolve(&self, id: MessageId, sending: u32, job: i64) -> Result<Outcome, Error> {
        let unclear = self
            .store
            .read(move |rows| {
                let message = rows.message(id)?;
                let current = message.is_some() && rows.message_sending(id)? == sending;
                Ok::<_, Error>(message.filter(|message| current && message.status == MessageStatus::Unknown))
            })
            .await?;
        let now = self.clock.now();
        let Some(message) = unclear else {
            self.store.write(move |tx| tx.job_finish(job, now).map_err(Error::from)).await?;
            return Ok(Outcome::Finished);
        };
        let began = message.processed_at.unwrap_or(message.created_at);
        let filter = MessageFilter {
            from: message.sender.clone(),
            to: message.recipient.clone(),
            sent_on_or_after: Some((began - Duration::days(1)).date_naive()),
        };
        let listed = match self.client()?.messages(&filter).await {
            Ok(listed) => listed,
            Err(error) => {
                log::warn!(message:% = id; "the provider could not be asked about a text: {}", error.chain());
                Vec::new()
            }
        };
        self.store
            .write(move |tx| {
                if let Some(found) = unambiguous(tx, &message, &listed, began)? {
                    tx.message_provider_id(id, &found.sid)?;
                    tx.message_error(id, None, None)?;
                    tx.message_news(id, DeliveryNews::Accepted, now)?;
                    tx.message_news(id, found.status.news(), now)?;
                    tx.job_finish(job, now)?;
                    log::info!(message:% = id; "the provider has the text whose sending was unclear");
                } else if let Some(wait) = next_look(now - began) {
                    tx.job_again(job, now + wait, now)?;
                } else {
                    tx.job_finish(job, now)?;
                }
                Ok::<_, Error>(())
            })
            .await?;
        Ok(Outcome::Finished)
    }
}

/// The one listed message that can only be this one.
fn unambiguous<'a>(
    rows: &Rows<'_>,
    message: &Message,
    listed: &'a [Listed],
    began: DateTime<Utc>,
) -> Result<Option<&'a Listed>, StoreError> {
    let same = |from: Option<&str>, to: Option<&str>, body: &str| {
        from == message.sender.as_deref() && to == message.recipient.as_deref() && body == message.content
    };
    let mut candidates = Vec::new();
    for one in listed.iter().filter(|one| same(Some(&one.from), Some(&one.to), &one.body)) {
        let recent = one.created_at.is_some_and(|at| at >= began - SLACK);
        if recent && rows.message_by_provider_id(&one.sid)?.is_none() {
            candidates.push(one);
        }
    }
    // Two unclear messages with the same words to the same person cannot be told apart.
    let unclear = rows.messages_outbound(Channel::Sms, MessageStatus::Unknown)?;
    let twins = unclear
        .iter()
        .filter(|other| same(other.sender.as_deref(), other.recipient.as_deref(), &other.content))
        .count();
    Ok(match (candidates.as_slice(), twins) {
        ([one], 1) => Some(one),
        _ => None,
    })
}

/// A signed callback says what became of a message: `row` is the id we gave with the request, if it carried one.
pub(crate) fn settle(
    tx: &Tx<'_>,
    row: Option<MessageId>,
    callback: &StatusCallback,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let by_row = row.map_or(Ok(None), |id| tx.message(id))?;
    let message = match by_row {
        Some(message) => Some(message),
        None => tx.message_by_provider_id(&callback.sid)?,
    };
    let Some(message) = message else { return Ok(()) };
    match message.provider_id.as_deref() {
        Some(known) if known != callback.sid => {
            // A callback about an earlier sending of a message that was sent again.
            return Ok(());
        }
        Some(_) => {}
        None => tx.message_provider_id(message.id, &callback.sid)?,
    }
    if matches!(message.status, MessageStatus::Sending | MessageStatus::Unknown) {
        tx.message_news(message.id, DeliveryNews::Accepted, now)?;
        tx.message_error(message.id, None, None)?;
    }
    let news = callback.status.news();
    if tx.message_news(message.id, news, now)? == Some(MessageStatus::Failed) {
        let words = callback.error_code.and_then(error_codes::explain);
        tx.message_error(message.id, callback.error_code, Some(words.unwrap_or("the network did not deliver it")))?;
        let event = Event::MessageFailed { message: message.id, code: callback.error_code };
        tx.event_append(&event, message.user_id, now)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_provider_is_asked_ever_less_often_and_then_no_more() {
        let looks = [5, 30, 90, 700, 3_500, 3_700].map(|s| next_look(Duration::seconds(s)).map(|d| d.num_seconds()));
        assert_eq!(looks, [Some(10), Some(10), Some(60), Some(300), Some(300), None]);
    }
}
