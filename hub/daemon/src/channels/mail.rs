//! Mail: handing letters to whoever carries them, SendGrid or a mail server.
//!
//! The ledger's rules are those of every channel (`delivery`). What a mail says in HTML is made when it leaves; the plain
//! text is the row's content, word for word.

mod compose;
mod events;
mod resolve;

use std::{num::NonZeroU32, sync::Arc};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use xswarm_core::{
    admin::MailState,
    id::MessageId,
    mail::{Layout, Letter, MailAddress},
    message::{Channel, Message},
};
use xswarm_store::Store;

use super::delivery::{Delivery, OptedOut};
use crate::{
    clock::Clock,
    error::Error,
    jobs::Outcome,
    letters::{self, Mark},
    post::{Handover, Mailing, Words},
    sendgrid, smtp,
};

pub(crate) use compose::compose;
pub(crate) use events::settle;

/// Who carries mail.
pub(crate) enum Carrier {
    /// Nobody.
    Nobody,
    /// SendGrid.
    Sendgrid(sendgrid::client::Client),
    /// A mail server.
    Smtp(smtp::Client),
}

/// What the mailing channel needs to know.
pub(crate) struct Settings {
    /// The address that mails leave from, unless a person has another of ours.
    pub(crate) from: Option<MailAddress>,
    /// How many mails a second may leave.
    pub(crate) per_second: f64,
    /// What is missing for mailing to work; nothing is when mail is off.
    pub(crate) missing: Vec<String>,
}

/// The mailing channel.
pub(crate) struct Mail {
    delivery: Delivery,
    carrier: Carrier,
    settings: Settings,
    pace: DefaultDirectRateLimiter,
}

impl Mail {
    /// A channel; with nobody to carry it, every attempt says so.
    pub(crate) fn new(store: &Arc<Store>, clock: Clock, carrier: Carrier, settings: Settings) -> Self {
        let period = std::time::Duration::from_secs_f64(1.0 / settings.per_second.max(0.001));
        let quota = Quota::with_period(period).unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN));
        let first_look = match &carrier {
            Carrier::Sendgrid(_) => Some(resolve::FIRST_LOOK),
            Carrier::Smtp(_) | Carrier::Nobody => None,
        };
        let opted_out = OptedOut {
            code: None,
            words: "the recipient unsubscribed or reported a mail as spam: they get no more until they ask for it",
        };
        let delivery = Delivery { store: Arc::clone(store), clock, first_look, opted_out };
        Self { delivery, carrier, settings, pace: RateLimiter::direct(quota) }
    }

    /// The address that mails leave from; `None` while there is nobody to carry them.
    pub(crate) fn address(&self) -> Option<MailAddress> {
        match &self.carrier {
            Carrier::Nobody => None,
            Carrier::Sendgrid(_) | Carrier::Smtp(_) => self.settings.from.clone(),
        }
    }

    /// Who carries mail, for checks.
    pub(crate) fn carrier(&self) -> &Carrier {
        &self.carrier
    }

    /// Whether mails can be sent, and what is missing otherwise; how they come in, others know.
    pub(crate) fn state(&self) -> MailState {
        let provider = match &self.carrier {
            Carrier::Nobody => None,
            Carrier::Sendgrid(_) => Some("sendgrid".to_owned()),
            Carrier::Smtp(_) => Some("smtp".to_owned()),
        };
        MailState { provider, address: self.address(), incoming: None, missing: self.settings.missing.clone() }
    }

    /// Hands a letter over.
    pub(crate) async fn deliver(&self, id: MessageId, sending: u32, job: i64) -> Result<Outcome, Error> {
        self.pace.until_ready().await;
        let Some(message) = self.delivery.begin(id, sending, job).await? else { return Ok(Outcome::Finished) };
        let mailing = match mailing(&message, sending) {
            Ok(mailing) => mailing,
            Err(error) => {
                self.delivery.refused(id, None, &error.chain(), job).await?;
                return Ok(Outcome::Finished);
            }
        };
        let handover = match &self.carrier {
            Carrier::Sendgrid(client) => client.send(&mailing).await,
            Carrier::Smtp(client) => client.send(&mailing).await,
            Carrier::Nobody => Handover::Refused {
                code: None,
                words: "mail is not set up: run `xswarm setup`, then `xswarm messages resend` this one".to_owned(),
            },
        };
        match handover {
            Handover::Accepted { id: provider_id } => return self.delivery.accepted(id, provider_id, job).await,
            Handover::Refused { code, words } => {
                log::warn!(message:% = id, code; "a mail was refused");
                self.delivery.refused(id, code, &words, job).await?;
            }
            Handover::NotTaken { reason, retry_after, alone } => {
                self.delivery.not_taken(id).await?;
                if alone {
                    self.delivery.step_aside(job).await?;
                }
                return Ok(Outcome::Retry { error: reason, not_before: retry_after });
            }
            Handover::Unclear { reason } => self.delivery.unclear(id, sending, &reason, job).await?,
        }
        Ok(Outcome::Finished)
    }

    /// After a start: what was being sent when the hub ended is unclear.
    pub(crate) async fn recover(&self) -> Result<(), Error> {
        self.delivery.recover(Channel::Email).await
    }
}

fn mailing(message: &Message, sending: u32) -> Result<Mailing, Error> {
    let address = |text: Option<&str>| {
        let parsed: Result<MailAddress, _> = text.unwrap_or_default().parse();
        parsed.map_err(|error| Error::invalid("the mail has no usable address").with_source(error))
    };
    let letter = Letter::of_metadata(&message.metadata).for_text(&message.content);
    let html = match &letter.layout {
        Layout::Own { html } => html.clone(),
        Layout::Answer => Some(letters::html_of(&message.content, Mark::None)?),
        Layout::Reminder => Some(letters::html_of(&message.content, Mark::Reminder)?),
    };
    Ok(Mailing {
        row: message.id,
        sending,
        from: address(message.sender.as_deref())?,
        to: address(message.recipient.as_deref())?,
        letter,
        words: Words { text: message.content.clone(), html },
        written_at: message.created_at,
    })
}
