//! Turns that the deterministic understanding is not sure of: a language model is asked, and acts through the capabilities
//! alone.
//!
//! Context → model ⇄ tools → answer. Looking things up happens side by side, effects one at a time, each in one transaction
//! with its receipts and its step in the journal; a crash is followed by reading the journal. Steps, length and time are
//! bounded. What was done is worded by us, from what was committed. Who may cause what is decided in `trust`, not here, and
//! money is the business of `llm`.

mod acting;
pub(super) mod again;
mod context;
mod ending;
mod frugality;
mod progress;
mod summary;
pub(super) mod wording;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;
use xswarm_core::{
    id::MessageId,
    job::Job,
    message::Channel,
    provenance::{self, Sources},
    receipt::AskedBy,
    spending::Purpose,
};
use xswarm_language::{
    command::{Command, understand},
    time::Context,
};
use xswarm_store::{Store, Tx};

use super::{Before, commit, suggestions, turn::Decision, way_back};
use crate::{
    clock::Clock,
    conventions::Conventions,
    error::Error,
    llm::{Failure, Limits, Llm, Payer, Reply},
    outbox::{self, OurAddresses, Saying},
};
use context::Thought;
use ending::Ended;
use progress::{Progress, Step};

/// How long a whole turn may take.
const TURN: Duration = Duration::from_secs(50);

/// When somebody who waits is told that the answer takes longer. It must reach them within five seconds.
const HOLDING: Duration = Duration::from_millis(3_500);

/// What they are told.
const HOLDING_WORDS: &str = "One moment, I'm thinking about that.";

/// Between two looks whether the person wants it no more.
const LISTENING: Duration = Duration::from_millis(250);

/// Where a message of ours says that it was a holding answer.
pub(crate) const HELD: &str = "holding";

/// Answers by thinking.
pub(super) struct Thinking {
    pub(super) store: Arc<Store>,
    pub(super) clock: Clock,
    pub(super) ours: OurAddresses,
    pub(super) llm: Arc<Llm>,
    pub(super) at_work: Arc<AtomicUsize>,
    pub(super) stopping: CancellationToken,
}

impl Thinking {
    /// Answers a message and finishes the job. `fallback` is what is answered without a model.
    pub(super) async fn answer(&self, before: Before, fallback: Decision, job: i64) -> Result<(), Error> {
        let _counted = Counted::one_more(&self.at_work);
        let (message, ours) = (before.message.id, self.ours.clone());
        let (thought, mut steps) = self
            .store
            .read(move |rows| {
                let steps = rows.turn_steps::<Step>(message)?;
                Ok::<_, Error>((Thought::read(rows, before, ours)?, steps))
            })
            .await?;
        let thought = Arc::new(thought);
        let ended = self.until_the_end(&thought, &mut steps).await?;
        if let (Ended::Without(failure), Some(attempt)) = (&ended, thought.before.again)
            && again::is_worth_it(failure, attempt)
        {
            log::warn!(message:% = thought.before.message.id, attempt; "a message is put off further: {failure}");
            let now = self.clock.now();
            let later = Job::AnswerLater { message: thought.before.message.id, attempt: attempt + 1 };
            return self
                .store
                .write(move |tx| {
                    tx.job_enqueue(&later, None, now + again::wait(attempt + 1), now)?;
                    tx.job_finish(job, now).map_err(Error::from)
                })
                .await;
        }
        let progress = Progress::of(&steps, thought.seen.clone());
        let stopped = if let Ended::Stopped(by) = &ended { Some(*by) } else { None };
        let mut decision = ending::decision(&thought, ended, &progress, fallback);
        if thought.before.again.is_some() {
            let about: String = super::trust::shown(&thought.before.message.content).chars().take(60).collect();
            decision.reply = format!("About \"{about}\": {}", decision.reply);
        }
        let (now, caps) = (self.clock.now(), self.llm.caps());
        self.store
            .write(move |tx| {
                let mut decision = decision.clone();
                decision.reply.push_str(&frugality::warning(tx, &thought.before.user, caps, now)?);
                commit(tx, &thought.before, &decision, &thought.ours, now)?;
                if let Some(by) = stopped {
                    tx.message_processed(by, now)?;
                }
                tx.turn_steps_delete(thought.before.message.id)?;
                summary::want(tx, thought.before.conversation.id, thought.before.message.id, now)?;
                tx.job_finish(job, now).map_err(Error::from)
            })
            .await
    }

    /// Thinks, says that it takes longer when it does, and listens for "stop".
    async fn until_the_end(&self, thought: &Arc<Thought>, steps: &mut Vec<Step>) -> Result<Ended, Error> {
        let cancel = CancellationToken::new();
        let think = self.think(thought, steps, &cancel);
        tokio::pin!(think);
        let hold = self.hold(thought);
        tokio::pin!(hold);
        let stop = self.stopped(thought);
        tokio::pin!(stop);
        let (mut holding, mut stopped, mut leaving) = (true, None, false);
        loop {
            tokio::select! {
                biased;
                ended = &mut think => {
                    // What was finished before the word came stands; what was not is given up.
                    return match (ended?, stopped) {
                        (Ended::Without(Failure::Cancelled), Some(by)) => Ok(Ended::Stopped(by)),
                        (Ended::Without(Failure::Cancelled), None) if leaving => {
                            Err(Error::unavailable("the hub stops; the turn goes on when it is back"))
                        }
                        (ended, _) => Ok(ended),
                    };
                }
                by = &mut stop, if stopped.is_none() => {
                    stopped = Some(by?);
                    cancel.cancel();
                }
                () = self.stopping.cancelled(), if !leaving => {
                    leaving = true;
                    cancel.cancel();
                }
                held = &mut hold, if holding => {
                    holding = false;
                    held?;
                }
            }
        }
    }

    /// The loop itself.
    async fn think(
        &self,
        thought: &Arc<Thought>,
        steps: &mut Vec<Step>,
        cancel: &CancellationToken,
    ) -> Result<Ended, Error> {
        let began = tokio::time::Instant::now();
        loop {
            let progress = Progress::of(steps, thought.seen.clone());
            if let Some(end) = progress.end {
                return Ok(Ended::By(end));
            }
            if cancel.is_cancelled() {
                return Ok(Ended::Without(Failure::Cancelled));
            }
            let looks: Vec<_> = progress.pending.iter().take_while(|call| acting::only_reads(call)).cloned().collect();
            if !looks.is_empty() {
                let looked = join_all(looks.into_iter().map(|call| {
                    let (thought, now) = (Arc::clone(thought), self.clock.now());
                    self.store.read(move |rows| acting::look(rows, &thought, &call, now))
                }));
                let looked = looked.await.into_iter().collect::<Result<Vec<_>, Error>>()?;
                let used = looked.iter().filter_map(|one| one.used).collect();
                self.note(thought, steps, looked.into_iter().map(|one| one.step).collect(), used).await?;
            } else if let Some(call) = progress.pending.first().cloned() {
                let (thought, at, now) = (Arc::clone(thought), steps.len(), self.clock.now());
                let seen = progress.seen;
                let step = self.store.write(move |tx| act_once(tx, &thought, &call, &seen, at, now)).await?;
                steps.push(step);
            } else {
                let left = TURN.saturating_sub(began.elapsed());
                match self.ask(thought, &progress.turns, left, cancel).await {
                    Ok(reply) => self.note(thought, steps, vec![Step::Replied { reply }], Vec::new()).await?,
                    Err(failure) => return Ok(Ended::Without(failure)),
                }
            }
        }
    }

    async fn ask(
        &self,
        thought: &Thought,
        turns: &[crate::llm::Turn],
        time: Duration,
        cancel: &CancellationToken,
    ) -> Result<Reply, Failure> {
        if time.is_zero() {
            return Err(Failure::TooSlow);
        }
        let message = &thought.before.message;
        let payer = Payer {
            user: thought.before.user.id,
            channel: message.channel,
            purpose: Purpose::Turn,
            message: Some(message.id),
        };
        let request = thought.request(turns, self.clock.now());
        let limits = Limits { time, ..self.llm.limits() };
        self.llm.ask(&request, &payer, &limits, cancel).await
    }

    /// Adds steps to the journal, and counts the capabilities they used. Nothing depends on them yet, so nobody waits for
    /// the disk: what comes later makes them durable too.
    async fn note(
        &self,
        thought: &Thought,
        steps: &mut Vec<Step>,
        fresh: Vec<Step>,
        used: Vec<acting::Used>,
    ) -> Result<(), Error> {
        let (message, user) = (thought.before.message.id, thought.before.user.clone());
        let (at, now) = (steps.len(), self.clock.now());
        let added = fresh.clone();
        self.store
            .write_relaxed(move |tx| {
                for (offset, step) in added.iter().enumerate() {
                    tx.turn_step_add(message, at + offset, step, now)?;
                }
                for acting::Used { capability, glance } in used {
                    tx.capability_used(capability, user.id, AskedBy::Model, now)?;
                    suggestions::note(tx, &user, glance, now)?;
                }
                Ok::<_, Error>(())
            })
            .await?;
        steps.extend(fresh);
        Ok(())
    }

    /// Tells the person once that the answer takes longer.
    async fn hold(&self, thought: &Arc<Thought>) -> Result<(), Error> {
        tokio::time::sleep(HOLDING).await;
        // Nobody sits before their mail and waits.
        if thought.before.message.channel == Channel::Email || thought.before.again.is_some() {
            return Ok(());
        }
        let (thought, now) = (Arc::clone(thought), self.clock.now());
        self.store
            .write(move |tx| {
                let Before { message, user, conversation, .. } = &thought.before;
                // After a crash the turn is taken up again; they were told already.
                let key = format!("holding/{}", message.id);
                if tx.message_by_client_id(&key)?.is_some() {
                    return Ok(());
                }
                let to = way_back(tx, message, user, &thought.ours)?;
                let saying = Saying {
                    user: Some(user),
                    conversation: Some(conversation.id),
                    to: &to,
                    text: HOLDING_WORDS,
                    // At the console whoever waits for the answer is shown meanwhile what comes by itself.
                    in_reply_to: (message.channel != Channel::Console).then_some(message.id),
                    metadata: serde_json::json!({ HELD: true, "client_id": key }),
                };
                outbox::say(tx, &saying, now)?;
                Ok::<_, Error>(())
            })
            .await
    }

    /// Waits until the person says that they want it no more, and says in which message.
    async fn stopped(&self, thought: &Arc<Thought>) -> Result<MessageId, Error> {
        let mut changed = self.store.changed();
        loop {
            changed.mark_unchanged();
            let thought = Arc::clone(thought);
            let by = self
                .store
                .read(move |rows| {
                    let Before { message, user, conversation, .. } = &thought.before;
                    let conventions = Conventions::of(user);
                    let is_stop = |text: &str, context: &Context<'_>| understand(text, context).command == Command::No;
                    let later = rows.conversation_waiting(conversation.id, message.id)?;
                    Ok::<_, Error>(later.into_iter().find(|later| {
                        let context = conventions.context(later.created_at.with_timezone(&user.timezone));
                        provenance::of_content(&later.metadata).is_own() && is_stop(&later.content, &context)
                    }))
                })
                .await?;
            if let Some(message) = by {
                return Ok(message.id);
            }
            // While much else is written, one look in a while is enough.
            tokio::time::sleep(LISTENING).await;
            if changed.changed().await.is_err() {
                return Err(Error::unavailable("the hub is stopping"));
            }
        }
    }
}

/// Does one thing and notes it, in one transaction.
fn act_once(
    tx: &Tx<'_>,
    thought: &Thought,
    call: &crate::llm::Call,
    seen: &Sources,
    at: usize,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Step, Error> {
    let step = acting::act(tx, thought, call, seen, now)?;
    tx.turn_step_add(thought.before.message.id, at, &step, now)?;
    Ok(step)
}

/// One turn that thinks, counted while it lasts.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn one_more(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
