//! What became of a mail whose sending ended unclear.
//!
//! Its events settle it: each carries our id. Beside waiting for them SendGrid is asked, where the account has the list
//! that can be asked (an add-on). That a mail is not in the list proves nothing, so absence never leads to another
//! sending: after a while the mail stays unknown until an event comes or a person decides.

use chrono::Duration;
use xswarm_core::{
    id::MessageId,
    message::{DeliveryNews, MessageStatus},
};

use super::{Carrier, Mail};
use crate::{error::Error, jobs::Outcome, sendgrid::client::Found};

/// How long after the unclear end SendGrid is first asked.
pub(super) const FIRST_LOOK: Duration = Duration::seconds(5);

/// How soon to ask again, by how long it has been unclear. The list lags behind by minutes.
fn next_look(unclear_for: Duration) -> Option<Duration> {
    if unclear_for < Duration::minutes(2) {
        Some(Duration::seconds(30))
    } else if unclear_for < Duration::hours(1) {
        Some(Duration::minutes(5))
    } else {
        None
    }
}

impl Mail {
    /// Asks what became of a mail.
    pub(crate) async fn resolve(&self, id: MessageId, sending: u32, job: i64) -> Result<Outcome, Error> {
        let store = &self.delivery.store;
        let unclear = store
            .read(move |rows| {
                let message = rows.message(id)?;
                let current = message.is_some() && rows.message_sending(id)? == sending;
                Ok::<_, Error>(message.filter(|message| current && message.status == MessageStatus::Unknown))
            })
            .await?;
        let now = self.delivery.clock.now();
        let found = match (&unclear, &self.carrier) {
            (Some(_), Carrier::Sendgrid(client)) => client.find(id, sending).await.unwrap_or_else(|error| {
                log::warn!(message:% = id; "SendGrid could not be asked about a mail: {}", error.chain());
                Found::NotYet
            }),
            (Some(_), Carrier::Smtp(_) | Carrier::Nobody) | (None, _) => Found::NotAllowed,
        };
        store
            .write(move |tx| {
                let unclear_for = unclear.map(|message| now - message.processed_at.unwrap_or(message.created_at));
                match (found, unclear_for.and_then(next_look)) {
                    (Found::There(provider_id), _) => {
                        // An event may have been quicker.
                        if tx.message(id)?.is_some_and(|message| message.provider_id.is_none()) {
                            tx.message_provider_id(id, &provider_id)?;
                        }
                        tx.message_error(id, None, None)?;
                        tx.message_news(id, DeliveryNews::Accepted, now)?;
                        tx.job_finish(job, now)?;
                        log::info!(message:% = id; "SendGrid has the mail whose sending was unclear");
                    }
                    (Found::NotYet, Some(wait)) => tx.job_again(job, now + wait, now)?,
                    (Found::NotYet, None) | (Found::NotAllowed, _) => tx.job_finish(job, now)?,
                }
                Ok::<_, Error>(())
            })
            .await?;
        Ok(Outcome::Finished)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sendgrid_is_asked_ever_less_often_and_then_no_more() {
        let looks = [5, 119, 121, 3_599, 3_601].map(|s| next_look(Duration::seconds(s)).map(|d| d.num_seconds()));
        assert_eq!(looks, [Some(30), Some(30), Some(300), Some(300), None]);
    }
}
