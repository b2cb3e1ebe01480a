//! The record of facts, read once for everybody who listens, and worded as frames.
//!
//! Facts hold ids; what they are about is looked up when they are told, so that `data` is the state when the frame is sent,
//! in the REST interface's shape, and null when it is gone. While nobody listens nothing is read.

use std::{sync::Arc, time::Duration};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;
use xswarm_core::{
    event::{Event, EventRow},
    id::UserId,
    supervisor::{Frame, Health, HealthStatus, News, ReminderDue},
};
use xswarm_store::{Rows, Store};

use crate::{
    about::About,
    clock::Clock,
    error::{Error, Result},
    http::api::calendar::shown,
};

/// Facts read at a time.
const FACTS: u32 = 256;

/// How many portions a client may be behind before it reads the record itself.
const PORTIONS: usize = 16;

/// Between two looks at whether the hub is well.
const PULSE: Duration = Duration::from_secs(5);

/// So many looks between two tellings that nothing changed.
const PULSES: u32 = 6;

/// What everybody is told.
pub(super) enum Told {
    /// What stands in the record.
    Facts(Portion),
    /// How the hub is, for admins.
    Health(Utf8Bytes),
}

/// A stretch of the record: what follows `after`, up to and with `upto`.
pub(super) struct Portion {
    /// It follows this fact.
    pub(super) after: i64,
    /// Its last fact, whether or not that is told.
    pub(super) upto: i64,
    /// Whether more may follow at once.
    pub(super) full: bool,
    /// What is told of it, in order.
    pub(super) facts: Vec<Fact>,
}

/// A fact that clients care about.
#[derive(Clone)]
pub(super) struct Fact {
    /// Its place in the record.
    pub(super) sequence: i64,
    /// Whom it concerns.
    pub(super) user: Option<UserId>,
    /// What it means to clients.
    pub(super) meaning: Meaning,
}

/// What a fact means to clients.
#[derive(Clone)]
pub(super) enum Meaning {
    /// A frame for those who may see it.
    News(Utf8Bytes),
    /// Somebody may no longer listen, or may hear more or less than before.
    Rights,
}

/// The record of facts for everybody who listens.
pub(super) struct Feed {
    pub(super) store: Arc<Store>,
    clock: Clock,
    about: Arc<About>,
    told: broadcast::Sender<Arc<Told>>,
    /// Rings when somebody begins to listen.
    joined: Notify,
}

impl Feed {
    pub(super) fn new(store: Arc<Store>, clock: Clock, about: Arc<About>) -> Self {
        Self { store, clock, about, told: broadcast::Sender::new(PORTIONS), joined: Notify::new() }
    }

    /// Begins to listen. What was in the record before is to be read from it ([`Feed::read`]).
    pub(super) fn listen(&self) -> broadcast::Receiver<Arc<Told>> {
        let told = self.told.subscribe();
        self.joined.notify_one();
        told
    }

    /// What follows in the record.
    pub(super) async fn read(&self, after: i64) -> Result<Portion> {
        self.store.read(move |rows| portion(rows, after)).await
    }

    /// Tells what happens until `stop`.
    pub(super) async fn run(&self, stop: &CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.joined.notified() => {}
            }
            if let Err(error) = self.tell(stop).await {
                log::warn!("the supervisor socket falls silent for a moment: {}", error.chain());
                tokio::time::sleep(PULSE).await;
                self.joined.notify_one();
            }
        }
    }

    /// Tells what happens for as long as somebody listens.
    async fn tell(&self, stop: &CancellationToken) -> Result<()> {
        let mut changed = self.store.changed();
        let mut position = self.store.read(|rows| rows.event_last().map_err(Error::from)).await?;
        // Whoever read the record up to an earlier place learns from this that something lies between.
        self.say(Told::Facts(Portion { after: position, upto: position, full: false, facts: Vec::new() }));
        let mut pulse = tokio::time::interval(PULSE);
        let (mut looks, mut well) = (0, self.status());
        while self.told.receiver_count() > 0 {
            changed.mark_unchanged();
            let portion = self.read(position).await?;
            let full = portion.full;
            if portion.upto > position {
                position = portion.upto;
                self.say(Told::Facts(portion));
            }
            if full {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                news = changed.changed() => if news.is_err() { return Ok(()) },
                _ = pulse.tick() => {
                    looks += 1;
                    if looks % PULSES == 0 || well != self.status() {
                        well = self.status();
                        self.say(Told::Health(self.health().await?));
                    }
                }
            }
        }
        Ok(())
    }

    /// That nobody hears it is no failure.
    fn say(&self, told: Told) {
        let _ = self.told.send(Arc::new(told));
    }

    fn status(&self) -> HealthStatus {
        if self.store.commits() { HealthStatus::Ok } else { HealthStatus::Degraded }
    }

    /// A frame that says how the hub is.
    pub(super) async fn health(&self) -> Result<Utf8Bytes> {
        let now = self.clock.now();
        let counts = self.store.read(move |rows| rows.counts(now).map_err(Error::from)).await?;
        let health = Health {
            status: self.status(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: self.about.started_at,
            counts,
        };
        text(&Frame { news: News::SystemHealth(health), timestamp: now, user_id: None, sequence: None })
    }
}

fn text(frame: &Frame) -> Result<Utf8Bytes> {
    let text = serde_json::to_string(frame)
        .map_err(|error| Error::internal("news cannot be put into JSON").with_source(error))?;
    Ok(text.into())
}

fn portion(rows: &Rows<'_>, after: i64) -> Result<Portion> {
    let rows_read = rows.events_following(after, FACTS)?;
    let full = rows_read.len() >= usize::try_from(FACTS).unwrap_or(usize::MAX);
    let upto = rows_read.last().map_or(after, |row| row.sequence);
    let mut facts = Vec::new();
    for row in &rows_read {
        if let Some(meaning) = meaning(rows, row)? {
            facts.push(Fact { sequence: row.sequence, user: row.user_id, meaning });
        }
    }
    Ok(Portion { after, upto, full, facts })
}

/// What a fact means to clients, if anything.
fn meaning(rows: &Rows<'_>, row: &EventRow) -> Result<Option<Meaning>> {
    let appointment = |id| rows.appointment(id).map(|found| found.map(|one| Box::new(shown(&one))));
    let Some(event) = row.event() else { return Ok(None) };
    let news = match event {
        Event::AppointmentCreated { appointment: id } => News::AppointmentCreated(appointment(id)?),
        Event::AppointmentChanged { appointment: id } => News::AppointmentChanged(appointment(id)?),
        Event::AppointmentCancelled { appointment: id } => News::AppointmentCancelled(appointment(id)?),
        Event::ReminderFired { reminder, late } => {
            let found = rows.reminder(reminder)?;
            News::ReminderDue(found.map(|one| ReminderDue {
                reminder_id: one.id,
                text: one.text,
                kind: one.kind,
                due: one.due,
                late,
            }))
        }
        Event::KeyRevoked { .. } | Event::UserChanged { .. } | Event::UserRemoved { .. } => {
            return Ok(Some(Meaning::Rights));
        }
        Event::HubStarted { .. }
        | Event::HubStopped {}
        | Event::UserCreated { .. }
        | Event::PinChanged { .. }
        | Event::PinLocked { .. }
        | Event::KeyCreated { .. }
        | Event::DevicePaired { .. }
        | Event::DeviceForgotten { .. }
        | Event::SecretSet { .. }
        | Event::PairingOffered { .. }
        | Event::PairingApproved { .. }
        | Event::ReminderSet { .. }
        | Event::ReminderCancelled { .. }
        | Event::ReminderAcknowledged { .. }
        | Event::ReminderChanged { .. }
        | Event::ContactCreated { .. }
        | Event::ContactChanged { .. }
        | Event::ContactDeleted { .. }
        | Event::ContactsImported { .. }
        | Event::ListCreated { .. }
        | Event::ListChanged { .. }
        | Event::ListDeleted { .. }
        | Event::MemoryAdded { .. }
        | Event::MemoryForgotten { .. }
        | Event::SummaryCorrected { .. }
        | Event::SummaryDeleted { .. }
        | Event::EffectUndone { .. }
        | Event::MessageFailed { .. }
        | Event::MessageUnknown { .. }
        | Event::MessageResent { .. }
        | Event::JobDead { .. }
        | Event::OptOutChanged { .. }
        | Event::TextsDeleted { .. }
        | Event::SpendingNearCap { .. }
        | Event::SpendingCapReached { .. } => return Ok(None),
    };
    let frame = Frame { news, timestamp: row.created_at, user_id: row.user_id, sequence: Some(row.sequence) };
    Ok(Some(Meaning::News(text(&frame)?)))
}
