//! Text messages through Twilio: composing, sending, resolving what is unclear, catching up on what never reached us.
//!
//! G2 in practice: the row is `sending` on disk before the first byte goes out. Only an answer that proves that nothing
//! was taken (429, or no connection) leads to another try; everything else is `unknown` until the provider says more.

mod catch_up;
mod resolve;

use std::{num::NonZeroU32, sync::Arc};

use chrono::{DateTime, Utc};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use xswarm_core::{
    admin::{NewSms, SmsState},
    event::Event,
    id::MessageId,
    job::Job,
    message::{DeliveryNews, Message, MessageStatus},
    phone::Phone,
    sms::{BODY_LIMIT, units},
};
use xswarm_store::{Store, StoreError, Tx};

use crate::{
    clock::Clock,
    error::Error,
    jobs::Outcome,
    outbox::{self, Saying, To},
    people,
    twilio::{
        client::{Client, OutboundSms, SendResult},
        error_codes,
    },
};

pub(crate) use resolve::settle;

/// What the texting channel needs to know.
pub(crate) struct Settings {
    /// Our number, unless a person has their own.
    pub(crate) number: Option<Phone>,
    /// The address the world reaches our webhooks by.
    pub(crate) public_url: Option<String>,
    /// How many texts a second may leave one number.
    pub(crate) per_second: f64,
    /// How often inbound messages are listed.
    pub(crate) catch_up: chrono::Duration,
    /// What is missing for texting to work.
    pub(crate) missing: Vec<String>,
}

/// The texting channel.
pub(crate) struct Sms {
    store: Arc<Store>,
    clock: Clock,
    client: Option<Client>,
    settings: Settings,
    pace: DefaultKeyedRateLimiter<Phone>,
}

impl Sms {
    /// A channel; without a client nothing can be sent, and every attempt says so.
    pub(crate) fn new(store: Arc<Store>, clock: Clock, client: Option<Client>, settings: Settings) -> Self {
        let period = std::time::Duration::from_secs_f64(1.0 / settings.per_second.max(0.001));
        let quota = Quota::with_period(period).unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN));
        Self { store, clock, client, settings, pace: RateLimiter::keyed(quota) }
    }

    /// Our number, unless a person has their own.
    pub(crate) fn number(&self) -> Option<Phone> {
        self.settings.number.clone()
    }

    /// Whether texts can be sent, and what is missing otherwise.
    pub(crate) fn state(&self) -> SmsState {
        SmsState {
            configured: self.client.is_some(),
            phone_number: self.settings.number.clone(),
            missing: self.settings.missing.clone(),
        }
    }

    /// The provider, for checks and setup.
    pub(crate) fn client(&self) -> Result<&Client, Error> {
        self.client.as_ref().ok_or_else(|| {
            let missing = self.settings.missing.join(", ");
            Error::unavailable(format!("texting is not set up ({missing} missing): run `xswarm setup`"))
        })
    }

    /// Hands a message to the provider.
    pub(crate) async fn deliver(&self, id: MessageId, sending: u32, job: i64) -> Result<Outcome, Error> {
        let Some(message) = self.begin(id, sending, job).await? else { return Ok(Outcome::Finished) };
        let Ok(client) = self.client() else {
            let words = "texting is not set up: run `xswarm setup`, then `xswarm messages resend` this one";
            self.refused(id, None, words, job).await?;
            return Ok(Outcome::Finished);
        };
        let sms = OutboundSms {
            from: message.sender.clone().unwrap_or_default(),
            to: message.recipient.clone().unwrap_or_default(),
            body: message.content.clone(),
            status_callback: self.settings.public_url.as_ref().map(|url| format!("{url}/sms/status?m={id}")),
        };
        match client.send(&sms).await {
            SendResult::Accepted { sid, .. } => self.accepted(id, sid, job).await?,
            SendResult::Refused { code, message, explanation } => {
                log::warn!(message:% = id, code; "the provider refused a text");
                let words = explanation.unwrap_or(message);
                self.refused(id, code, &words, job).await?;
            }
            SendResult::NotTaken { reason, retry_after } => {
                let now = self.clock.now();
                self.store
                    .write(move |tx| tx.message_news(id, DeliveryNews::NotTaken, now).map_err(Error::from))
                    .await?;
                return Ok(Outcome::Retry { error: reason, not_before: retry_after });
            }
            SendResult::Unclear { reason } => self.unclear(id, sending, &reason, job).await?,
        }
        Ok(Outcome::Finished)
    }

    /// Marks the message as being sent; `None` when there is nothing to send (any more), and the job is finished.
    async fn begin(&self, id: MessageId, sending: u32, job: i64) -> Result<Option<Message>, Error> {
        let message = self.store.read(move |rows| rows.message(id).map_err(Error::from)).await?;
        if let Some(sender) = message.as_ref().and_then(|message| message.sender.as_deref()?.parse::<Phone>().ok()) {
            self.pace.until_key_ready(&sender).await;
        }
        let now = self.clock.now();
        self.store
            .write(move |tx| {
                let message = tx.message(id)?;
                let opted_out = match message.as_ref().and_then(|message| message.recipient.as_deref()?.parse().ok()) {
                    Some(recipient) => tx.opted_out(&recipient)?,
                    None => false,
                };
                match message {
                    Some(message) if message.status == MessageStatus::Pending && !opted_out => {
                        tx.message_news(id, DeliveryNews::Started, now)?;
                        Ok(Some(message))
                    }
                    Some(message) if message.status == MessageStatus::Pending => {
                        let words = error_codes::explain(error_codes::STOPPED).unwrap_or("the recipient said STOP");
                        refuse(tx, id, Some(error_codes::STOPPED), words, now)?;
                        tx.job_finish(job, now)?;
                        Ok(None)
                    }
                    Some(message) if message.status == MessageStatus::Sending => {
                        // An earlier attempt ended between the row and the provider's answer.
                        doubt(tx, id, sending, "the hub stopped while sending it", now)?;
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

    async fn accepted(&self, id: MessageId, sid: String, job: i64) -> Result<(), Error> {
        let now = self.clock.now();
        self.store
            .write(move |tx| {
                // A status callback may have been quicker.
                if tx.message(id)?.is_some_and(|message| message.provider_id.is_none()) {
                    tx.message_provider_id(id, &sid)?;
                }
                tx.message_error(id, None, None)?;
                tx.message_news(id, DeliveryNews::Accepted, now)?;
                Ok::<_, Error>(tx.job_finish(job, now)?)
            })
            .await
    }

    async fn refused(&self, id: MessageId, code: Option<i64>, words: &str, job: i64) -> Result<(), Error> {
        let (now, words) = (self.clock.now(), words.to_owned());
        self.store
            .write(move |tx| {
                refuse(tx, id, code, &words, now)?;
                Ok::<_, Error>(tx.job_finish(job, now)?)
            })
            .await
    }

    async fn unclear(&self, id: MessageId, sending: u32, reason: &str, job: i64) -> Result<(), Error> {
        log::warn!(message:% = id; "it is unclear whether a text went out: {reason}");
        let (now, reason) = (self.clock.now(), reason.to_owned());
        self.store
            .write(move |tx| {
                doubt(tx, id, sending, &reason, now)?;
                Ok::<_, Error>(tx.job_finish(job, now)?)
            })
            .await
    }

    /// After a start: what was being sent when the hub ended is unclear.
    pub(crate) async fn recover(&self) -> Result<(), Error> {
        let now = self.clock.now();
        self.store
            .write(move |tx| {
                for message in tx.messages_outbound(xswarm_core::message::Channel::Sms, MessageStatus::Sending)? {
                    let sending = tx.message_sending(message.id)?;
                    doubt(tx, message.id, sending, "the hub stopped while sending it", now)?;
                }
                Ok::<_, Error>(())
            })
            .await
    }

    /// Points the SMS webhooks of our numbers at us.
    pub(crate) async fn set_webhooks(&self) -> Result<Vec<serde_json::Value>, Error> {
        let client = self.client()?;
        let url = self.settings.public_url.as_ref().ok_or_else(|| {
            Error::unavailable("no public_url is set: the provider must know an address to call (run `xswarm setup`)")
        })?;
        let sms_url = format!("{url}/sms/inbound");
        let mut done = Vec::new();
        for number in self.numbers().await? {
            for owned in client.incoming_numbers(&number).await? {
                client.set_sms_webhook(&owned.sid, &sms_url).await?;
                done.push(serde_json::json!({ "phone_number": owned.phone_number, "sms_url": sms_url }));
            }
        }
        Ok(done)
    }

    /// Every number that is ours: the configured one and those of persons.
    pub(crate) async fn numbers(&self) -> Result<Vec<Phone>, Error> {
        let mut numbers = self.store.read(|rows| rows.boss_phones().map_err(Error::from)).await?;
        if let Some(number) = &self.settings.number
            && !numbers.contains(number)
        {
            numbers.insert(0, number.clone());
        }
        Ok(numbers)
    }
}

/// The message will not be delivered.
fn refuse(tx: &Tx<'_>, id: MessageId, code: Option<i64>, words: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    if tx.message_news(id, DeliveryNews::Refused, now)?.is_some() {
        tx.message_error(id, code, Some(words))?;
        let user = tx.message(id)?.and_then(|message| message.user_id);
        tx.event_append(&Event::MessageFailed { message: id, code }, user, now)?;
    }
    Ok(())
}

/// Nobody can tell whether the message went out; the provider is to be asked.
fn doubt(tx: &Tx<'_>, id: MessageId, sending: u32, reason: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    if tx.message_news(id, DeliveryNews::Unclear, now)?.is_some() {
        tx.message_error(id, None, Some(reason))?;
        let user = tx.message(id)?.and_then(|message| message.user_id);
        tx.event_append(&Event::MessageUnknown { message: id }, user, now)?;
        let job = Job::ResolveDelivery { message: id, sending };
        tx.job_enqueue(&job, None, now + resolve::FIRST_LOOK, now)?;
    }
    Ok(())
}

/// A text that a person wants sent to some number.
pub(crate) async fn compose(
    store: &Arc<Store>,
    clock: Clock,
    our_number: Option<Phone>,
    new: NewSms,
) -> Result<Message, Error> {
    let text = new.message.trim().to_owned();
    if text.is_empty() {
        return Err(Error::invalid("the message is empty"));
    }
    if units(&text) > BODY_LIMIT {
        return Err(Error::invalid(format!(
            "a text has at most {BODY_LIMIT} characters; this one has {}",
            units(&text)
        )));
    }
    let now = clock.now();
    store
        .write(move |tx| {
            let user = tx.user(new.user_id)?.ok_or_else(|| Error::not_found("there is no such person"))?;
            let from = user.boss_phone.clone().or(our_number);
            let from = from.ok_or_else(|| Error::unavailable("no number to send from: run `xswarm setup`"))?;
            let to = people::telephone(&new.to, Some(&from))?.ok_or_else(|| Error::invalid("say to which number"))?;
            let client_id = new.client_id.map(|id| format!("{}/{id}", user.id));
            if let Some(client_id) = &client_id
                && let Some(known) = tx.message_by_client_id(client_id)?
            {
                return Ok(known);
            }
            let to = To::Sms { from, to };
            let saying = Saying {
                user: Some(&user),
                conversation: None,
                to: &to,
                text: &text,
                in_reply_to: None,
                metadata: client_id.map_or_else(|| serde_json::json!({}), |id| serde_json::json!({ "client_id": id })),
            };
            let id = outbox::say(tx, &saying, now)?;
            tx.message(id)?.ok_or_else(|| Error::internal("a message just written is not there"))
        })
        .await
}
