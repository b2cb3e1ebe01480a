//! The ledger's side of sending, the same for every channel that hands messages to a provider.
//!
//! G2 in one place: the row is `sending` on disk before the first byte goes out, and what a crash leaves there is
//! unclear, not pending. What an answer of the provider means is deliberately the channel's business.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    event::Event,
    id::MessageId,
    job::Job,
    message::{Channel, DeliveryNews, Message, MessageStatus},
};
use xswarm_store::{Store, StoreError, Tx};

use crate::{clock::Clock, error::Error, jobs::Outcome};

/// Why the provider is not even asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct OptedOut {
    /// The provider's code for it.
    pub(super) code: Option<i64>,
    /// What to tell.
    pub(super) words: &'static str,
}

/// How one channel's messages move through the ledger.
pub(super) struct Delivery {
    /// Where the ledger is.
    pub(super) store: Arc<Store>,
    /// What time it is.
    pub(super) clock: Clock,
    /// When to ask the provider about an unclear end; never, where there is nobody to ask.
    pub(super) first_look: Option<Duration>,
    /// What holds for recipients who want nothing more.
    pub(super) opted_out: OptedOut,
}

impl Delivery {
    /// Marks the message as being sent; `None` when there is nothing to send (any more), and the job is finished.
    pub(super) async fn begin(&self, id: MessageId, sending: u32, job: i64) -> Result<Option<Message>, Error> {
        self.begin_if(id, sending, job, |_, _| Ok(true)).await
    }

    /// The same unless `ready` says no, having put the job off; what it writes is written with the mark.
    pub(super) async fn begin_if(
        &self,
        id: MessageId,
        sending: u32,
        job: i64,
        ready: impl FnOnce(&Tx<'_>, &Message) -> Result<bool, Error> + Send + 'static,
    ) -> Result<Option<Message>, Error> {
        let (now, first_look, refusal) = (self.clock.now(), self.first_look, self.opted_out);
        self.store
            .write(move |tx| {
                let message = tx.message(id)?;
                let recipient = message.as_ref().and_then(|message| message.recipient.as_deref());
                let opted_out = recipient.map_or(Ok(false), |address| tx.opted_out(address))?;
                match message {
                    Some(message) if message.status == MessageStatus::Pending && !opted_out => {
                        if !ready(tx, &message)? {
                            return Ok(None);
                        }
                        tx.message_news(id, DeliveryNews::Started, now)?;
                        Ok(Some(message))
                    }
                    Some(message) if message.status == MessageStatus::Pending => {
                        refuse(tx, id, refusal.code, refusal.words, now)?;
                        tx.job_finish(job, now)?;
                        Ok(None)
                    }
                    Some(message) if message.status == MessageStatus::Sending => {
                        // An earlier attempt ended between the row and the provider's answer.
                        doubt(tx, id, sending, "the hub stopped while sending it", first_look, now)?;
                        tx.job_finish(job, now)?;
                        Ok(None)
                    }
                    Some(_) | None => {
                        tx.job_finish(job, now)?;
                        Ok::<_, Error>(None)
                    }
                }
            })
            .await
    }

    /// The provider has it, under this id. What is to be sent next by the same way is claimed with it.
    pub(super) async fn accepted(&self, id: MessageId, provider_id: String, job: i64) -> Result<Outcome, Error> {
        self.accepted_with(id, provider_id, job, |_, _| Ok(())).await
    }

    /// The same, and what `also` writes under the provider's id.
    pub(super) async fn accepted_with(
        &self,
        id: MessageId,
        provider_id: String,
        job: i64,
        also: impl FnOnce(&Tx<'_>, &str) -> Result<(), Error> + Send + 'static,
    ) -> Result<Outcome, Error> {
        let now = self.clock.now();
        self.store
            .write(move |tx| {
                also(tx, &provider_id)?;
                // A callback may have been quicker.
                if tx.message(id)?.is_some_and(|message| message.provider_id.is_none()) {
                    tx.message_provider_id(id, &provider_id)?;
                }
                tx.message_error(id, None, None)?;
                tx.message_news(id, DeliveryNews::Accepted, now)?;
                let next = tx.job_finish_and_claim_next(job, now)?;
                Ok::<_, Error>(next.map_or(Outcome::Finished, Outcome::Next))
            })
            .await
    }

    /// The provider surely has not taken it; the job is still to be tried again.
    pub(super) async fn not_taken(&self, id: MessageId) -> Result<(), Error> {
        let now = self.clock.now();
        self.store.write(move |tx| tx.message_news(id, DeliveryNews::NotTaken, now).map_err(Error::from)).await?;
        Ok(())
    }

    /// What holds it up concerns this message only: the others of its lane need not wait for it.
    pub(super) async fn step_aside(&self, job: i64) -> Result<(), Error> {
        let now = self.clock.now();
        self.store.write(move |tx| tx.job_step_aside(job, now).map_err(Error::from)).await
    }

    /// It will not be delivered.
    pub(super) async fn refused(&self, id: MessageId, code: Option<i64>, words: &str, job: i64) -> Result<(), Error> {
        let (now, words) = (self.clock.now(), words.to_owned());
        self.store
            .write(move |tx| {
                refuse(tx, id, code, &words, now)?;
                Ok::<_, Error>(tx.job_finish(job, now)?)
            })
            .await
    }

    /// Nobody can tell whether it went out.
    pub(super) async fn unclear(&self, id: MessageId, sending: u32, reason: &str, job: i64) -> Result<(), Error> {
        log::warn!(message:% = id; "it is unclear whether a message went out: {reason}");
        let (now, reason, first_look) = (self.clock.now(), reason.to_owned(), self.first_look);
        self.store
            .write(move |tx| {
                doubt(tx, id, sending, &reason, first_look, now)?;
                Ok::<_, Error>(tx.job_finish(job, now)?)
            })
            .await
    }

    /// After a start: what was being sent when the hub ended is unclear.
    pub(super) async fn recover(&self, channel: Channel) -> Result<(), Error> {
        let (now, first_look) = (self.clock.now(), self.first_look);
        self.store
            .write(move |tx| {
                for message in tx.messages_outbound(channel, MessageStatus::Sending)? {
                    let sending = tx.message_sending(message.id)?;
                    doubt(tx, message.id, sending, "the hub stopped while sending it", first_look, now)?;
                }
                Ok::<_, Error>(())
            })
            .await
    }
}

/// The message will not be delivered.
pub(super) fn refuse(
    tx: &Tx<'_>,
    id: MessageId,
    code: Option<i64>,
    words: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if tx.message_news(id, DeliveryNews::Refused, now)?.is_some() {
        tx.message_error(id, code, Some(words))?;
        let user = tx.message(id)?.and_then(|message| message.user_id);
        tx.event_append(&Event::MessageFailed { message: id, code }, user, now)?;
    }
    Ok(())
}

/// Nobody can tell whether the message went out; the provider is to be asked, where one can be.
pub(super) fn doubt(
    tx: &Tx<'_>,
    id: MessageId,
    sending: u32,
    reason: &str,
    first_look: Option<Duration>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if tx.message_news(id, DeliveryNews::Unclear, now)?.is_some() {
        tx.message_error(id, None, Some(reason))?;
        let user = tx.message(id)?.and_then(|message| message.user_id);
        tx.event_append(&Event::MessageUnknown { message: id }, user, now)?;
        if let Some(wait) = first_look {
            let job = Job::ResolveDelivery { message: id, sending };
            if !tx.job_enqueue(&job, None, now + wait, now)? {
                // A call is asked about in any case, only later.
                tx.job_hasten(&job, now)?;
            }
        }
    }
    Ok(())
}
