//! Retention and the daily check: old texts, recordings and finished jobs are deleted, the database file is read through, and series
//! that leave days out are looked at further ahead.

use std::sync::Arc;

use chrono::Duration;
use xswarm_core::event::Event;
use xswarm_store::Store;

use crate::{blobs::Blobs, calendar::skips, clock::Clock, error::Error, jobs::Outcome, recordings::Recordings};

/// How long a suggestion waits for an answer.
const SUGGESTION: Duration = Duration::days(14);

/// How long it is kept who asked for what on which day: longer than habits are counted from.
const GLANCES: Duration = Duration::days(35);

/// How long things are kept.
pub(crate) struct Retention {
    /// Where they are.
    pub(crate) store: Arc<Store>,
    /// Where the files are that came with messages.
    pub(crate) blobs: Arc<Blobs>,
    /// Where the sound of calls is.
    pub(crate) recordings: Arc<Recordings>,
    /// What time it is.
    pub(crate) clock: Clock,
    /// The sound of calls.
    pub(crate) kept_recordings: Duration,
    /// Texts of messages.
    pub(crate) texts: Duration,
    /// Finished jobs.
    pub(crate) jobs: Duration,
}

impl Retention {
    /// Deletes what is old enough, checks the file, and comes back tomorrow.
    pub(crate) async fn sweep(&self, job: i64) -> Result<Outcome, Error> {
        let now = self.clock.now();
        let (texts_before, jobs_before) = (now - self.texts, now - self.jobs);
        let mut messages = 0;
        // Small steps: other writers get in between.
        loop {
            let deleted =
                self.store.write(move |tx| tx.messages_expire(texts_before, now).map_err(Error::from)).await?;
            messages += deleted;
            if deleted == 0 {
                break;
            }
        }
        while self.store.write(move |tx| tx.jobs_expire(jobs_before).map_err(Error::from)).await? > 0 {}
        self.blobs.sweep(&self.store, now).await?;
        let recordings_before = now - self.kept_recordings;
        self.store.write(move |tx| tx.recordings_expire(recordings_before).map_err(Error::from)).await?;
        self.recordings.sweep().await?;
        self.store
            .write(move |tx| {
                tx.suggestions_expire(now - SUGGESTION, now)?;
                tx.glances_expire((now - GLANCES).date_naive()).map_err(Error::from)
            })
            .await?;
        while self.store.write(move |tx| skips::look_ahead(tx, now)).await? {}
        if let Some(damage) = self.store.read(|rows| rows.check().map_err(Error::from)).await? {
            log::error!("the database is damaged ({damage}): restore it from a backup");
        }
        self.store
            .write(move |tx| {
                if messages > 0 {
                    tx.event_append(&Event::TextsDeleted { messages }, None, now)?;
                }
                Ok::<_, Error>(tx.job_again(job, now + Duration::days(1), now)?)
            })
            .await?;
        Ok(Outcome::Finished)
    }
}
