//! Saying what is due: when, by which channel, in which order.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    event::Event,
    id::{MessageId, ReminderId},
    mail::Layout,
    message::{Channel, DeliveryNews},
    provenance::{self, Source, Sources},
    reminder::{
        Reminder, ReminderKind, ReminderOutcome, ReminderPreferences, ReminderStatus,
        ladder::{Due, Ladder},
    },
    user::User,
};
use xswarm_store::{StoreError, Tx};

use super::{appointments, digest, follow, words};
use crate::{
    outbox::{self, OurAddresses, Saying, To},
    wording,
};

/// So much earlier than the hub a device may find a reminder due: its clock is another.
const AHEAD: Duration = Duration::seconds(5);

/// What became of a due reminder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fired {
    /// It was said, or had been dealt with before.
    Done,
    /// The clock went back, or quiet hours hold it: not before then.
    NotYet(DateTime<Utc>),
}

/// Somebody who is reminded, and by which ladder.
pub(super) struct Told<'a> {
    /// Who.
    pub(super) user: &'a User,
    /// How they want to be.
    pub(super) preferences: &'a ReminderPreferences,
    /// What is ours.
    pub(super) ours: &'a OurAddresses,
}

impl Told<'_> {
    /// The ladder of one of their reminders.
    pub(super) fn ladder(&self, reminder: &Reminder) -> Ladder {
        Ladder::of(reminder, self.preferences)
    }

    /// The way a reminder goes now; `None` when none is left.
    pub(super) fn way(&self, tx: &Tx<'_>, reminder: &Reminder) -> Result<Option<(Channel, To)>, StoreError> {
        let mut tried = Vec::new();
        if reminder.step.attempt > 0 {
            let attempts = tx.reminder_attempts(&reminder.step, reminder.user_id)?;
            let same = |one: &&Reminder| one.progress.repetition == reminder.progress.repetition;
            let missed = |one: &&Reminder| {
                matches!(one.outcome, Some(ReminderOutcome::Failed | ReminderOutcome::Unknown))
                    && one.message_id.is_some()
            };
            tried.extend(attempts.iter().filter(same).filter(missed).map(|one| one.channel));
        }
        let in_room = reminder.channel == Channel::Room && !tried.contains(&Channel::Room);
        let room = reminder.plan.room.filter(|_| in_room);
        if let Some(device) = room.map_or(Ok(None), |room| tx.device(room))? {
            return Ok(Some((Channel::Room, To::Device { name: device.name })));
        }
        let reaches = |channel| To::user(self.user, channel, self.ours).is_some();
        let channel = self.ladder(reminder).channel(reaches, reminder.progress.repetition, &tried);
        let to = channel.and_then(|channel| Some((channel, To::user(self.user, channel, self.ours)?)));
        Ok(to.map(|(channel, to)| (channel, to.laid_out(Layout::Reminder))))
    }
}

/// Says a reminder that is due, and everything else that is late for the same person.
pub(crate) fn fire(tx: &Tx<'_>, id: ReminderId, ours: &OurAddresses, now: DateTime<Utc>) -> Result<Fired, StoreError> {
    let Some(reminder) = tx.reminder(id)? else { return Ok(Fired::Done) };
    if reminder.status != ReminderStatus::Pending || reminder.progress.remaining_ms.is_some() {
        return Ok(Fired::Done);
    }
    let Some(user) = tx.user(reminder.user_id)? else { return Ok(Fired::Done) };
    let preferences = ReminderPreferences::of(&user.preferences);
    let told = Told { user: &user, preferences: &preferences, ours };
    let start = appointments::starts(tx, &reminder)?;
    match told.ladder(&reminder).due(&reminder, start, now, user.timezone) {
        Due::NotYet(until) => return Ok(Fired::NotYet(until)),
        Due::Hold(until) => {
            let why = format!("held back until quiet hours end, {}", wording::moment(until, user.timezone));
            tx.reminder_hold(reminder.id, until, &why)?;
            return Ok(Fired::NotYet(until));
        }
        Due::Expire(why) => tx.reminder_close(reminder.id, ReminderOutcome::Expired, why, now)?,
        Due::Say => say(tx, &told, &reminder, now)?,
        Due::SayLate => digest::tell(tx, &told, &reminder, now)?,
    }
    Ok(Fired::Done)
}

/// Says everything that is due now, in order, as its jobs would; what became of each.
pub(crate) fn fire_due(
    tx: &Tx<'_>,
    most: u32,
    ours: &OurAddresses,
    now: DateTime<Utc>,
) -> Result<Vec<ReminderId>, StoreError> {
    let due = tx.reminders_due(now, most)?;
    for one in &due {
        match fire(tx, one.id, ours, now)? {
            Fired::Done => tx.reminder_job(one.id, None, now)?,
            Fired::NotYet(until) => tx.reminder_job(one.id, Some(until), now)?,
        }
    }
    Ok(due.into_iter().map(|one| one.id).collect())
}

/// A reminder rings in its room, which the device there does by itself: it is said by that, and has arrived.
pub(crate) fn rang(tx: &Tx<'_>, id: ReminderId, ours: &OurAddresses, now: DateTime<Utc>) -> Result<(), StoreError> {
    let Some(mut reminder) = tx.reminder(id)? else { return Ok(()) };
    let runs = reminder.status == ReminderStatus::Pending && reminder.progress.remaining_ms.is_none();
    if runs && reminder.say_at() <= now + AHEAD {
        let Some(user) = tx.user(reminder.user_id)? else { return Ok(()) };
        let preferences = ReminderPreferences::of(&user.preferences);
        say(tx, &Told { user: &user, preferences: &preferences, ours }, &reminder, now)?;
        reminder = tx.reminder(id)?.unwrap_or(reminder);
    }
    if let (Some(message), Channel::Room) = (reminder.message_id, reminder.channel) {
        tx.message_news(message, DeliveryNews::Started, now)?;
        tx.message_news(message, DeliveryNews::Delivered, now)?;
    }
    Ok(())
}

fn say(tx: &Tx<'_>, told: &Told<'_>, reminder: &Reminder, now: DateTime<Utc>) -> Result<(), StoreError> {
    let Some((channel, to)) = told.way(tx, reminder)? else {
        return unreachable(tx, told, reminder, now);
    };
    let text = words::on_time(tx, told, reminder, channel)?;
    let message = speak(tx, told.user, &to, reminder, (&text, &whose(tx, reminder)?), now)?;
    mark(tx, told, reminder, (message, channel), None, now)?;
    follow::next_of_series(tx, reminder, now)
}

/// Nothing is left that would reach the person.
pub(super) fn unreachable(
    tx: &Tx<'_>,
    told: &Told<'_>,
    reminder: &Reminder,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let channels: Vec<_> = told.ladder(reminder).channels.iter().map(|channel| channel.as_str()).collect();
    let why = format!("{} cannot be reached by any of: {}", told.user.name, channels.join(", "));
    tx.reminder_close(reminder.id, ReminderOutcome::Failed, &why, now)?;
    follow::up(tx, told, reminder, now)?;
    follow::next_of_series(tx, reminder, now)
}

/// Whose words a reminder says: those of its appointment, or of whoever it was set for.
pub(super) fn whose(tx: &Tx<'_>, reminder: &Reminder) -> Result<Sources, StoreError> {
    let mut sources = Sources::of(if reminder.progress.on_behalf_of.is_some() { Source::Member } else { Source::Own });
    if let Some(appointment) = reminder.appointment_id.map_or(Ok(None), |id| tx.appointment(id))? {
        sources.join(&Sources::of(appointment.source.origin.whose()));
    }
    Ok(sources)
}

/// Writes the message that says it, with whose words it holds.
pub(super) fn speak(
    tx: &Tx<'_>,
    user: &User,
    to: &To,
    reminder: &Reminder,
    (text, sources): (&str, &Sources),
    now: DateTime<Utc>,
) -> Result<MessageId, StoreError> {
    let conversation = tx.conversation_of(user.id, now)?;
    let sound = match reminder.kind {
        ReminderKind::Alarm | ReminderKind::Timer => {
            Some(reminder.plan.sound.clone().unwrap_or_else(|| reminder.kind.as_str().to_owned()))
        }
        ReminderKind::Reminder | ReminderKind::Appointment => reminder.plan.sound.clone(),
    };
    let mut metadata = serde_json::json!({ "purpose": "reminder" });
    if let (Some(facts), Some(sound)) = (metadata.as_object_mut(), sound) {
        facts.insert("sound".to_owned(), sound.into());
    }
    provenance::note(&mut metadata, sources);
    let saying = Saying { user: Some(user), conversation: Some(conversation), to, text, in_reply_to: None, metadata };
    outbox::say(tx, &saying, now)
}

/// Records that a message says the reminder, and sets what follows unless somebody answers.
pub(super) fn mark(
    tx: &Tx<'_>,
    told: &Told<'_>,
    reminder: &Reminder,
    said: (MessageId, Channel),
    late: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.reminder_fired(reminder.id, said, late, now)?;
    let event = Event::ReminderFired { reminder: reminder.id, late: late.is_some() };
    tx.event_append(&event, Some(reminder.user_id), now)?;
    follow::up(tx, told, reminder, now)
}
