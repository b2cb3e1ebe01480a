//! What a person answers to a reminder: seen, done, later.

use chrono::{DateTime, Utc};
use xswarm_core::{
    event::Event,
    reminder::{Reminder, ReminderStatus},
};
use xswarm_store::{StoreError, Tx};

use super::follow;
use crate::wording;

/// One answer is enough: the repetitions and whoever else would be told of this step are called off. "Done"
/// (`settled`) calls off the further steps of the occurrence as well; who has merely seen that the dentist is tomorrow
/// still wants to hear of it an hour before. Whoever was told for somebody else answers for them.
pub(crate) fn acknowledge(tx: &Tx<'_>, said: &Reminder, settled: bool, now: DateTime<Utc>) -> Result<(), StoreError> {
    for one in tx.reminders_of_occurrence(&said.step.series, said.step.recurrence_id)? {
        let same_step = one.step.step == said.step.step;
        if one.status != ReminderStatus::Pending {
            if same_step {
                tx.reminder_acknowledge(one.id, None, now)?;
            }
        } else if settled || same_step && !one.is_first() {
            tx.reminder_cancel(one.id, now)?;
        }
    }
    tx.event_append(&Event::ReminderAcknowledged { reminder: said.id }, Some(said.user_id), now)
}

/// Says a reminder again at `again.due`: a further attempt of the same step, in place of its repetitions. The attempt's
/// number is settled here.
pub(crate) fn snooze(tx: &Tx<'_>, said: &Reminder, again: &Reminder, now: DateTime<Utc>) -> Result<(), StoreError> {
    let why = format!("snoozed until {}", wording::moment(again.due, again.timezone));
    for one in tx.reminders_of_occurrence(&said.step.series, said.step.recurrence_id)? {
        if one.step.step != said.step.step {
            continue;
        }
        if one.status != ReminderStatus::Pending {
            tx.reminder_acknowledge(one.id, Some(&why), now)?;
        } else if !one.is_first() {
            tx.reminder_cancel(one.id, now)?;
        }
    }
    let attempts = tx.reminder_attempts(&said.step, said.user_id)?;
    let numbered = follow::attempt(said, &attempts, again.due, now);
    tx.reminder_insert(&Reminder { id: again.id, channel: again.channel, ..numbered }, now)?;
    tx.event_append(&Event::ReminderChanged { reminder: again.id }, Some(said.user_id), now)
}
