//! The runner: claims the jobs that are due, runs each in its own task, and sees to retries.
//!
//! Running jobs are marked on disk; after a crash they are ready again, so every job must bear being run twice: it looks
//! at the row it is about first, and finishes in the same transaction as its effect. A panic fails its job only.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::body::Bytes;
use chrono::{DateTime, Utc};
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;
use xswarm_core::{
    id::{MessageId, ReminderId},
    job::Job,
    message::Channel,
};
use xswarm_store::{Claimed, Retry, Store, Tx};

use crate::{
    assistant::Assistant,
    blobs::Blobs,
    channels::{call::Calls, mail::Mail, room::Rooms, sms::Sms},
    clock::Clock,
    confirmation,
    digest::{self, Sent},
    error::Error,
    outbox::OurAddresses,
    random,
    reminders::{self, Fired},
    retention::Retention,
};

/// How many jobs run at the same time.
const AT_ONCE: usize = 64;

/// How many turns that wait for a language model do not count as running.
const THINKING_AT_ONCE: usize = 256;

/// How many claims of due reminders may wait to be fired.
const QUEUED: usize = 4;

/// So many writes a second mean that messages are pouring in; answering them waits a little then.
const BUSY_PER_SECOND: f64 = 2_000.0;

/// How long it waits, at most, before jobs are claimed all the same.
const COURTESY: Duration = Duration::from_millis(250);

/// What became of an attempt that did not fail.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It settled its job row itself.
    Finished,
    /// It settled its job row itself and claimed the next of its lane, which is to be run at once.
    Next(Claimed),
    /// Nothing happened; try again later.
    Retry {
        /// Why.
        error: String,
        /// Not before so long.
        not_before: Option<Duration>,
    },
}

/// What jobs need to run.
pub(crate) struct Runner {
    /// Where the jobs are.
    pub(crate) store: Arc<Store>,
    /// What time it is.
    pub(crate) clock: Clock,
    /// Answers messages.
    pub(crate) assistant: Assistant,
    /// Sends texts.
    pub(crate) sms: Arc<Sms>,
    /// Sends mails.
    pub(crate) mail: Arc<Mail>,
    /// Makes calls.
    pub(crate) calls: Arc<Calls>,
    /// Rings in rooms.
    pub(crate) rooms: Arc<Rooms>,
    /// What is ours.
    pub(crate) ours: OurAddresses,
    /// Where the files are that came with messages.
    pub(crate) blobs: Arc<Blobs>,
    /// Deletes what is old.
    pub(crate) retention: Retention,
}

impl Runner {
    /// Runs jobs until `stopping`; then lets those that run finish.
    pub(crate) async fn run(self: Arc<Self>, stopping: CancellationToken) -> Result<(), Error> {
        let mut changed = self.store.changed();
        let mut running: JoinSet<()> = JoinSet::new();
        let (due, queue) = mpsc::channel(QUEUED);
        let mut firing = JoinSet::new();
        firing.spawn(Arc::clone(&self).fire_in_order(queue));
        let mut pace = Pace::begin(self.store.writes_done());
        loop {
            while running.try_join_next().is_some() {}
            changed.mark_unchanged();
            // Turns that wait for a language model keep nobody else waiting.
            let busy = running.len().saturating_sub(self.assistant.thinking().min(THINKING_AT_ONCE));
            let wait = match self.claim(AT_ONCE.saturating_sub(busy), &mut pace, &stopping).await {
                Ok((claimed, wait)) => {
                    let is_due = |one: &Claimed| matches!(one.job, Job::FireReminder { .. });
                    let (reminders, others): (Vec<_>, Vec<_>) = claimed.into_iter().partition(is_due);
                    for one in others {
                        running.spawn(Arc::clone(&self).work_off(one, stopping.clone()));
                    }
                    if !reminders.is_empty() && due.send(reminders).await.is_err() {
                        return Err(Error::internal("reminders are not fired any more"));
                    }
                    wait
                }
                Err(error) => {
                    log::error!("jobs could not be claimed: {}", error.chain());
                    Duration::from_secs(1)
                }
            };
            tokio::select! {
                () = stopping.cancelled() => break,
                tick = changed.changed() => if tick.is_err() { break },
                _ = running.join_next(), if busy >= AT_ONCE => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        drop(due);
        while firing.join_next().await.is_some() {}
        while running.join_next().await.is_some() {}
        Ok(())
    }

    /// Fires reminders in the order in which they were claimed, those that wait together in one transaction. When one of
    /// them fails, each is tried by itself.
    async fn fire_in_order(self: Arc<Self>, mut queue: mpsc::Receiver<Vec<Claimed>>) {
        while let Some(mut due) = queue.recv().await {
            while let Ok(more) = queue.try_recv() {
                due.extend(more);
            }
            let (now, ours) = (self.clock.now(), self.ours.clone());
            let reminder = |one: &Claimed| {
                if let Job::FireReminder { reminder } = one.job { Some((one.id, reminder)) } else { None }
            };
            let all: Vec<_> = due.iter().filter_map(reminder).collect();
            let fired = self
                .store
                .write(move |tx| {
                    for (job, reminder) in &all {
                        fire(tx, *reminder, *job, &ours, now)?;
                    }
                    Ok::<_, Error>(())
                })
                .await;
            if let Err(error) = fired {
                log::warn!(jobs = due.len(); "reminders are fired one by one: {}", error.chain());
                for one in due {
                    // A reminder has no lane and hands nothing over.
                    let _ = Arc::clone(&self).attempt(one).await;
                }
            }
        }
    }

    /// The jobs to run now, and how long to wait for the next.
    async fn claim(
        &self,
        room: usize,
        pace: &mut Pace,
        stopping: &CancellationToken,
    ) -> Result<(Vec<Claimed>, Duration), Error> {
        // The longest sleep; it bounds how late a jump of the clock is noticed.
        const LONGEST: Duration = Duration::from_secs(5);
        if room == 0 || stopping.is_cancelled() {
            return Ok((Vec::new(), LONGEST));
        }
        let now = self.clock.now();
        let next = self.store.read(|rows| rows.job_next_due().map_err(Error::from)).await?;
        match next {
            None => Ok((Vec::new(), LONGEST)),
            Some(due) if due > now => Ok((Vec::new(), (due - now).to_std().unwrap_or_default().min(LONGEST))),
            Some(_) => {
                self.let_messages_in(pace).await;
                let claimed =
                    self.store.write_relaxed(move |tx| tx.job_claim_due(room, now).map_err(Error::from)).await?;
                Ok((claimed, Duration::ZERO))
            }
        }
    }

    /// Taking messages in comes first: while they pour in, claiming waits.
    async fn let_messages_in(&self, pace: &mut Pace) {
        const STEP: Duration = Duration::from_millis(25);
        let mut waited = Duration::ZERO;
        while pace.per_second(self.store.writes_done()) > BUSY_PER_SECOND && waited < COURTESY {
            tokio::time::sleep(STEP).await;
            waited += STEP;
        }
    }

    /// Runs a job, and those of its lane that it hands over.
    async fn work_off(self: Arc<Self>, first: Claimed, stopping: CancellationToken) {
        let mut next = Some(first);
        while let Some(claimed) = next {
            next = Arc::clone(&self).attempt(claimed).await;
            if let Some(claimed) = next.take_if(|_| stopping.is_cancelled()) {
                let now = self.clock.now();
                let released =
                    self.store.write(move |tx| tx.job_again(claimed.id, now, now).map_err(Error::from)).await;
                if let Err(error) = released {
                    // The next start takes up what was running.
                    log::warn!(job = claimed.id; "a job could not be put back: {}", error.chain());
                }
            }
        }
    }

    /// Runs a job. What it hands over is the caller's to run.
    async fn attempt(self: Arc<Self>, claimed: Claimed) -> Option<Claimed> {
        let Claimed { id, job, attempts } = claimed;
        let (kind, most) = (job.kind(), job.max_attempts());
        // The inner task turns a panic into an error of this job alone.
        let runner = Arc::clone(&self);
        let mut inner = JoinSet::new();
        inner.spawn(async move { runner.dispatch(job, id).await });
        let result = match inner.join_next().await {
            Some(Ok(result)) => result,
            Some(Err(panic)) => Err(Error::internal("a job panicked").with_source(panic)),
            None => Err(Error::internal("a job vanished")),
        };
        let (error, not_before) = match result {
            Ok(Outcome::Finished) => return None,
            Ok(Outcome::Next(next)) => return Some(next),
            Ok(Outcome::Retry { error, not_before }) => (error, not_before),
            Err(error) => (error.chain(), None),
        };
        let now = self.clock.now();
        let jitter = jitter();
        let words = error.clone();
        let retried = self
            .store
            .write(move |tx| tx.job_retry(id, most, &words, not_before, jitter, now).map_err(Error::from))
            .await;
        match retried {
            Ok(Retry::At(due)) => log::warn!(job = id, kind, attempts, due:%; "a job is tried again: {error}"),
            Ok(Retry::Dead) => log::error!(job = id, kind, attempts; "a job is given up: {error}"),
            Err(failure) => log::error!(job = id, kind; "a job's failure could not be recorded: {}", failure.chain()),
        }
        None
    }

    async fn dispatch(&self, job: Job, id: i64) -> Result<Outcome, Error> {
        match job {
            Job::Answer { message } => self.assistant.answer(message, id).await,
            Job::AnswerLater { message, attempt } => self.assistant.answer_later(message, attempt, id).await,
            Job::AnswerAgain { message, attempt } => self.assistant.answer_again(message, attempt, id).await,
            Job::Summarise { conversation, until } => self.assistant.summarise(conversation, until, id).await,
            Job::ConsiderInvitations { message, sender } => {
                let files = self.calendar_files(message).await?;
                self.assistant.consider(message, sender, files, id).await
            }
            Job::Deliver { message, sending } => match self.carrier(message).await? {
                Carrier::Texts => self.sms.deliver(message, sending, id).await,
                Carrier::Mails => self.mail.deliver(message, sending, id).await,
                Carrier::Calls => self.calls.deliver(message, sending, id).await,
                Carrier::Rooms => self.rooms.deliver(message, sending, id).await,
            },
            Job::ResolveDelivery { message, sending } => match self.carrier(message).await? {
                Carrier::Texts => self.sms.resolve(message, sending, id).await,
                Carrier::Mails => self.mail.resolve(message, sending, id).await,
                Carrier::Calls => self.calls.resolve(message, sending, id).await,
                // A room says at once that it rings, or does not ring: there is nothing to be asked later.
                Carrier::Rooms => self.rooms.settled(id).await,
            },
            Job::FireReminder { reminder } => {
                let (now, ours) = (self.clock.now(), self.ours.clone());
                self.store
                    .write(move |tx| {
                        fire(tx, reminder, id, &ours, now)?;
                        Ok::<_, Error>(Outcome::Finished)
                    })
                    .await
            }
            Job::ContinueReminder { reminder } => {
                let (now, ours) = (self.clock.now(), self.ours.clone());
                self.store
                    .write(move |tx| {
                        reminders::go_on(tx, reminder, &ours, now)?;
                        tx.job_finish(id, now)?;
                        Ok::<_, Error>(Outcome::Finished)
                    })
                    .await
            }
            Job::ConfirmBooking { appointment } => {
                let (now, ours) = (self.clock.now(), self.ours.clone());
                self.store
                    .write(move |tx| {
                        confirmation::send(tx, appointment, &ours, now)?;
                        tx.job_finish(id, now)?;
                        Ok::<_, Error>(Outcome::Finished)
                    })
                    .await
            }
            Job::SendDigest { user, date } => {
                let (now, ours) = (self.clock.now(), self.ours.clone());
                self.store
                    .write(move |tx| {
                        match digest::send(tx, user, date, &ours, now)? {
                            Sent::Settled => tx.job_finish(id, now)?,
                            Sent::NotYet(due) => tx.job_again(id, due, now)?,
                        }
                        Ok::<_, Error>(Outcome::Finished)
                    })
                    .await
            }
            Job::CatchUpInbound {} => self.sms.catch_up(id).await,
            Job::Sweep {} => self.retention.sweep(id).await,
        }
    }

    /// The calendar files that a message brought.
    async fn calendar_files(&self, id: MessageId) -> Result<Vec<Bytes>, Error> {
        let attachments = self.store.read(move |rows| rows.attachments(id).map_err(Error::from)).await?;
        let mut files = Vec::new();
        for blob in attachments.iter().filter(|one| one.is_calendar()).filter_map(|one| one.blob.as_ref()) {
            files.push(self.blobs.get(blob).await?);
        }
        Ok(files)
    }

    /// Who carries a message. One that is gone is anybody's to finish.
    async fn carrier(&self, id: MessageId) -> Result<Carrier, Error> {
        let message = self.store.read(move |rows| rows.message(id).map_err(Error::from)).await?;
        Ok(match message.map(|message| message.channel) {
            Some(Channel::Email) => Carrier::Mails,
            Some(Channel::Voice) => Carrier::Calls,
            Some(Channel::Room) => Carrier::Rooms,
            Some(Channel::Sms | Channel::ClaudeCode | Channel::Console) | None => Carrier::Texts,
        })
    }
}

/// The channels with a provider.
enum Carrier {
    Texts,
    Mails,
    Calls,
    Rooms,
}

/// Fires a reminder and settles its job.
fn fire(tx: &Tx<'_>, reminder: ReminderId, job: i64, ours: &OurAddresses, now: DateTime<Utc>) -> Result<(), Error> {
    match reminders::fire(tx, reminder, ours, now)? {
        Fired::Done => tx.job_finish(job, now)?,
        Fired::NotYet(due) => tx.job_again(job, due, now)?,
    }
    Ok(())
}

/// How fast the writer writes, from one look to the next.
struct Pace {
    at: Instant,
    writes: u64,
}

impl Pace {
    fn begin(writes: u64) -> Self {
        Self { at: Instant::now(), writes }
    }

    /// Writes a second since the last look. Looks closer together than a few milliseconds say nothing.
    #[expect(clippy::cast_precision_loss, reason = "a rate need not be exact")]
    fn per_second(&mut self, writes: u64) -> f64 {
        let elapsed = self.at.elapsed().as_secs_f64();
        let rate = writes.saturating_sub(self.writes) as f64 / elapsed.max(0.005);
        *self = Self::begin(writes);
        rate
    }
}

/// A random number to spread retries by.
fn jitter() -> u32 {
    let mut bytes = [0; 4];
    // Without randomness retries are merely less spread.
    if random::fill(&mut bytes).is_err() {
        return 0;
    }
    u32::from_le_bytes(bytes)
}
