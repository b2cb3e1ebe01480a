//! Mail: handing letters to whoever carries them.

use std::sync::Arc;

use xswarm_core::{id::MessageId, mail::MailAddress, message::Channel};
use xswarm_store::Store;

use super::delivery::{Delivery, OptedOut};
use crate::{
    clock::Clock,
    config::{MailConfig, MailProvider},
    error::Error,
    jobs::Outcome,
};

/// The mailing channel.
pub(crate) struct Mail {
    delivery: Delivery,
    config: MailConfig,
}

impl Mail {
    /// A channel.
    pub(crate) fn new(store: &Arc<Store>, clock: Clock, config: MailConfig) -> Self {
        let opted_out = OptedOut { code: None, words: "the recipient wants no more mail" };
        Self { delivery: Delivery { store: Arc::clone(store), clock, first_look: None, opted_out }, config }
    }

    /// The address that mails leave from; `None` while mail is off.
    pub(crate) fn address(&self) -> Option<MailAddress> {
        match self.config.provider {
            MailProvider::Off => None,
            MailProvider::Sendgrid | MailProvider::Smtp => self.config.from.clone(),
        }
    }

    /// Hands a letter over.
    pub(crate) async fn deliver(&self, id: MessageId, sending: u32, job: i64) -> Result<Outcome, Error> {
        if self.delivery.begin(id, sending, job).await?.is_some() {
            let words = "mail is not set up: run `xswarm setup`, then `xswarm messages resend` this one";
            self.delivery.refused(id, None, words, job).await?;
        }
        Ok(Outcome::Finished)
    }

    /// Asks what became of a letter.
    pub(crate) async fn resolve(&self, id: MessageId, sending: u32, job: i64) -> Result<Outcome, Error> {
        log::debug!(message:% = id, sending; "nobody can be asked about a mail");
        let now = self.delivery.clock.now();
        self.delivery.store.write(move |tx| tx.job_finish(job, now).map_err(Error::from)).await?;
        Ok(Outcome::Finished)
    }

    /// After a start: what was being sent when the hub ended is unclear.
    pub(crate) async fn recover(&self) -> Result<(), Error> {
        self.delivery.recover(Channel::Email).await
    }
}
