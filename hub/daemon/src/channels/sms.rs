//! Text messages through Twilio: composing, sending, resolving what is unclear, catching up on what never reached us.
//!
//! G2 in practice: the row is `sending` on disk before the first byte goes out. Only an answer that proves that nothing
//! was taken (429, or no connection) leads to another try; everything else is `unknown` until the provider says more.

mod catch_up;
mod resolve;

use std::{num::NonZeroU32, sync::Arc};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use serde::Serialize;
use xswarm_core::{
    admin::{NewSms, SmsState},
    id::MessageId,
    message::{Channel, Message},
    phone::Phone,
    sms::{BODY_LIMIT, units},
};
use xswarm_store::Store;

use super::delivery::{Delivery, OptedOut};
use crate::{
    clock::Clock,
    error::Error,
    jobs::Outcome,
    outbox::{self, Saying, To},
    people,
    twilio::{
        client::{Client, OutboundSms, SendResult, Webhooks},
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
    /// Whether calls are taken, too.
    pub(crate) takes_calls: bool,
    /// What is missing for texting to work.
    pub(crate) missing: Vec<String>,
}

/// A number that was pointed at us.
#[derive(Debug, Serialize)]
pub(crate) struct Pointed {
    /// The number.
    pub(crate) phone_number: String,
    /// Where what comes to it is brought now.
    #[serde(flatten)]
    pub(crate) webhooks: Webhooks,
}

/// The texting channel.
pub(crate) struct Sms {
    store: Arc<Store>,
    clock: Clock,
    delivery: Delivery,
    client: Option<Arc<Client>>,
    settings: Settings,
    pace: DefaultKeyedRateLimiter<Phone>,
}

impl Sms {
    /// A channel; without a client nothing can be sent, and every attempt says so.
    pub(crate) fn new(store: Arc<Store>, clock: Clock, client: Option<Arc<Client>>, settings: Settings) -> Self {
        let period = std::time::Duration::from_secs_f64(1.0 / settings.per_second.max(0.001));
        let quota = Quota::with_period(period).unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN));
        let opted_out = OptedOut {
            code: Some(error_codes::STOPPED),
            words: error_codes::explain(error_codes::STOPPED).unwrap_or("the recipient said STOP"),
        };
        let first_look = Some(resolve::FIRST_LOOK);
        let delivery = Delivery { store: Arc::clone(&store), clock, first_look, opted_out };
        Self { store, clock, delivery, client, settings, pace: RateLimiter::keyed(quota) }
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
        self.client.as_deref().ok_or_else(|| {
            let missing = self.settings.missing.join(", ");
            Error::unavailable(format!("texting is not set up ({missing} missing): run `xswarm setup`"))
        })
    }

    /// The provider, for whoever else needs it; nobody while texting is not set up.
    pub(crate) fn shared_client(&self) -> Option<Arc<Client>> {
        self.client.clone()
    }

    /// Hands a message to the provider.
    pub(crate) async fn deliver(&self, id: MessageId, sending: u32, job: i64) -> Result<Outcome, Error> {
        self.wait_for_turn(id).await?;
        let Some(message) = self.delivery.begin(id, sending, job).await? else { return Ok(Outcome::Finished) };
        let Ok(client) = self.client() else {
            let words = "texting is not set up: run `xswarm setup`, then `xswarm messages resend` this one";
            self.delivery.refused(id, None, words, job).await?;
            return Ok(Outcome::Finished);
        };
        let sms = OutboundSms {
            from: message.sender.clone().unwrap_or_default(),
            to: message.recipient.clone().unwrap_or_default(),
            body: message.content.clone(),
            status_callback: self.settings.public_url.as_ref().map(|url| format!("{url}/sms/status?m={id}")),
        };
        match client.send(&sms).await {
            SendResult::Accepted { sid, .. } => return self.delivery.accepted(id, sid, job).await,
            SendResult::Refused { code, message, explanation } => {
                log::warn!(message:% = id, code; "the provider refused a text");
                let words = explanation.unwrap_or(message);
                self.delivery.refused(id, code, &words, job).await?;
            }
            SendResult::NotTaken { reason, retry_after } => {
                self.delivery.not_taken(id).await?;
                return Ok(Outcome::Retry { error: reason, not_before: retry_after });
            }
            SendResult::Unclear { reason } => self.delivery.unclear(id, sending, &reason, job).await?,
        }
        Ok(Outcome::Finished)
    }

    /// Waits until the number that the message leaves from may send again.
    async fn wait_for_turn(&self, id: MessageId) -> Result<(), Error> {
        let message = self.store.read(move |rows| rows.message(id).map_err(Error::from)).await?;
        if let Some(sender) = message.as_ref().and_then(|message| message.sender.as_deref()?.parse::<Phone>().ok()) {
            self.pace.until_key_ready(&sender).await;
        }
        Ok(())
    }

    /// After a start: what was being sent when the hub ended is unclear.
    pub(crate) async fn recover(&self) -> Result<(), Error> {
        self.delivery.recover(Channel::Sms).await
    }

    /// Where Twilio is to bring what comes to our numbers; `None` while the world cannot reach us.
    pub(crate) fn webhooks(&self) -> Option<Webhooks> {
        self.settings.public_url.as_ref().map(|url| Webhooks::of_hub(url, self.settings.takes_calls))
    }

    /// Points the webhooks of our numbers at us.
    pub(crate) async fn set_webhooks(&self) -> Result<Vec<Pointed>, Error> {
        let client = self.client()?;
        let webhooks = self.webhooks().ok_or_else(|| {
            Error::unavailable("no public_url is set: the provider must know an address to call (run `xswarm setup`)")
        })?;
        let mut done = Vec::new();
        for number in self.numbers().await? {
            for owned in client.incoming_numbers(&number).await? {
                client.set_webhooks(&owned.sid, &webhooks).await?;
                done.push(Pointed { phone_number: owned.phone_number, webhooks: webhooks.clone() });
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

/// Words that a person wants brought to some number, in this way.
pub(crate) async fn compose(
    store: &Arc<Store>,
    clock: Clock,
    our_number: Option<Phone>,
    new: NewSms,
    way: impl FnOnce(Phone, Phone) -> To + Send + 'static,
) -> Result<Message, Error> {
    let text = new.message.trim().to_owned();
    if text.is_empty() {
        return Err(Error::invalid("the message is empty"));
    }
    if units(&text) > BODY_LIMIT {
        return Err(Error::invalid(format!(
            "a message has at most {BODY_LIMIT} characters; this one has {}",
            units(&text)
        )));
    }
    let now = clock.now();
    store
        .write(move |tx| {
            let user = tx.user(new.user_id)?.ok_or_else(|| Error::not_found("there is no such person"))?;
            let mut ours = tx.boss_phones()?;
            ours.extend(our_number.clone());
            let from = user.boss_phone.clone().or(our_number);
            let from = from.ok_or_else(|| Error::unavailable("no number to send from: run `xswarm setup`"))?;
            let to = people::telephone(&new.to, Some(user.phone.as_ref().unwrap_or(&from)))?
                .ok_or_else(|| Error::invalid("say to which number"))?;
            if ours.contains(&to) {
                return Err(Error::invalid(format!("{to} is the Boss's own number")));
            }
            if people::is_premium(&to) {
                return Err(Error::invalid(format!("{to} is a premium-rate number: the Boss does not dial those")));
            }
            let client_id = new.client_id.map(|id| format!("{}/{id}", user.id));
            if let Some(client_id) = &client_id
                && let Some(known) = tx.message_by_client_id(client_id)?
            {
                return Ok(known);
            }
            let to = way(from, to);
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
