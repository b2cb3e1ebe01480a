//! Timers that ring in rooms. The device rings by itself, also while the hub is away, and says so; the hub's part is to tell
//! it of its timers, and to go on to the person's other ways when it did not ring.

use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::{Instant, timeout_at};
use xswarm_core::{
    device::Device,
    id::{DeviceId, MessageId, ReminderId},
    message::MessageStatus,
    reminder::ReminderStatus,
    room::RoomTimer,
};

use super::Rooms;
use crate::{error::Error, jobs::Outcome, reminders};

/// So soon a device must have said that it rings.
const RINGS_WITHIN: Duration = Duration::from_secs(10);

/// How long a device rings when nobody comes.
const RINGS_FOR: TimeDelta = TimeDelta::minutes(10);

impl Rooms {
    /// What is to ring in a room, the next one first.
    pub(super) async fn timers(&self, room: DeviceId) -> Result<Vec<RoomTimer>, Error> {
        let since = self.clock.now() - RINGS_FOR;
        let timers = self.store.read(move |rows| rows.reminders_in_room(room, since).map_err(Error::from)).await?;
        let timer =
            |one: xswarm_core::reminder::Reminder| RoomTimer { id: one.id, due_at: one.say_at(), text: one.text };
        Ok(timers.into_iter().map(timer).collect())
    }

    /// A device says that a timer rings there.
    pub(super) async fn rings(&self, device: &Device, timer: ReminderId) -> Result<(), Error> {
        let (now, ours, room) = (self.clock.now(), self.ours.clone(), device.id);
        self.store
            .write(move |tx| {
                if tx.reminder(timer)?.is_some_and(|timer| timer.plan.room == Some(room)) {
                    reminders::rang(tx, timer, &ours, now)?;
                }
                Ok::<_, Error>(())
            })
            .await
    }

    /// Somebody there made it stop: they have heard it.
    pub(super) async fn stopped(&self, device: &Device, timer: ReminderId) -> Result<(), Error> {
        let (now, room) = (self.clock.now(), device.id);
        self.store
            .write(move |tx| {
                let rang = tx.reminder(timer)?.filter(|timer| timer.plan.room == Some(room));
                match rang.filter(|timer| timer.status != ReminderStatus::Pending) {
                    Some(timer) => Ok::<_, Error>(reminders::acknowledge(tx, &timer, true, now)?),
                    None => Ok(()),
                }
            })
            .await
    }

    /// Sees to it that a room rings, or that it is known that it does not.
    pub(crate) async fn deliver(&self, id: MessageId, sending: u32, job: i64) -> Result<Outcome, Error> {
        let Some(message) = self.delivery.begin(id, sending, job).await? else { return Ok(Outcome::Finished) };
        let name = message.recipient.unwrap_or_default();
        let device = self.store.read(move |rows| rows.device_by_name(&name).map_err(Error::from)).await?;
        let Some(device) = device else {
            self.delivery.refused(id, None, "there is no device in that room any more", job).await?;
            return Ok(Outcome::Finished);
        };
        // One that is away may be about to come back and tell that it rang: after a restart of the hub they all are.
        let (mut changed, deadline) = (self.store.changed(), Instant::now() + RINGS_WITHIN);
        loop {
            changed.mark_unchanged();
            let message = self.store.read(move |rows| rows.message(id).map_err(Error::from)).await?;
            if message.is_none_or(|message| message.status == MessageStatus::Delivered) {
                return self.settled(job).await;
            }
            if !matches!(timeout_at(deadline, changed.changed()).await, Ok(Ok(()))) {
                let why = if self.is_connected(device.id) {
                    "the device of that room did not ring"
                } else {
                    "the device of that room is not connected"
                };
                self.delivery.refused(id, None, why, job).await?;
                return Ok(Outcome::Finished);
            }
        }
    }

    /// Nothing more is to be done about a message.
    pub(crate) async fn settled(&self, job: i64) -> Result<Outcome, Error> {
        let now = self.clock.now();
        self.store.write(move |tx| tx.job_finish(job, now).map_err(Error::from)).await?;
        Ok(Outcome::Finished)
    }
}
