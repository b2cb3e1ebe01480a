//! Inbound catch-up: Twilio does not redeliver a webhook that it could not deliver, so the hub asks.
//!
//! At start, every few minutes, and after the provider was out of reach, inbound messages since the last look are listed
//! and those whose id was never seen are taken in. A box without a tunnel gets all of its messages this way.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::time;
use xswarm_store::Inserted;

use super::Sms;
use crate::{
    channels::inbound,
    error::Error,
    jobs::Outcome,
    twilio::client::{Listed, MessageFilter},
};

/// Where the instant of the last complete look is kept.
const LAST_LOOK: &str = "inbound_last_look";

/// How far before the last look the next one begins: the provider lists by day, and late.
const OVERLAP: Duration = Duration::days(1);

impl Sms {
    /// Lists and takes in what never reached us; then sleeps until the next look.
    pub(crate) async fn catch_up(&self, job: i64) -> Result<Outcome, Error> {
        let now = self.clock.now();
        let Some(client) = &self.client else {
            // Nothing to ask; setting up reloads the hub, and a start looks at once.
            self.again(job, now + Duration::days(1)).await?;
            return Ok(Outcome::Finished);
        };
        let first = self.first_day(now).await?;
        let mut taken_in = 0_u64;
        for number in self.numbers().await? {
            let filter =
                MessageFilter { from: None, to: Some(number.to_string()), sent_on_or_after: Some(first.date_naive()) };
            // An error keeps the last look where it was and is retried soon: that is the look on reconnecting.
            for listed in client.messages(&filter).await? {
                taken_in += u64::from(self.take_in_listed(listed, first).await?);
            }
        }
        if taken_in > 0 {
            log::info!(messages = taken_in; "took in messages that the provider could not deliver");
        }
        self.store.write(move |tx| tx.meta_set(LAST_LOOK, &time::to_text(now)).map_err(Error::from)).await?;
        self.again(job, now + self.settings.catch_up).await?;
        Ok(Outcome::Finished)
    }

    async fn again(&self, job: i64, due: DateTime<Utc>) -> Result<(), Error> {
        let now = self.clock.now();
        self.store.write(move |tx| tx.job_again(job, due, now).map_err(Error::from)).await
    }

    /// From when on messages are ours to take in: a day before the last look, but never from before the first start.
    async fn first_day(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, Error> {
        let (last, installed) = self
            .store
            .read(|rows| Ok::<_, Error>((rows.meta(LAST_LOOK)?, rows.meta(crate::hub::INSTALLED_AT)?)))
            .await?;
        let read = |text: Option<String>| text.and_then(|text| time::from_text(&text).ok());
        let installed = read(installed).unwrap_or(now);
        Ok(read(last).map_or(installed, |last| (last - OVERLAP).max(installed)))
    }

    async fn take_in_listed(&self, listed: Listed, first: DateTime<Utc>) -> Result<bool, Error> {
        let sent_at = listed.created_at;
        if !listed.inbound || sent_at.is_some_and(|at| at < first - Duration::seconds(1)) {
            return Ok(false);
        }
        let (now, number) = (self.clock.now(), self.number());
        let sms = listed.into_inbound();
        let inserted = self
            .store
            .write(move |tx| inbound::take_in(tx, &sms, number.as_ref(), sent_at, now).map_err(Error::from))
            .await?;
        Ok(inserted == Inserted::New)
    }
}
