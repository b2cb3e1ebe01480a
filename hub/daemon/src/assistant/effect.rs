//! What a turn changes: planned while reading, applied in the turn's one transaction, kept as a receipt, reversible.

pub(crate) mod risk;
mod sending;
mod subject;
pub(crate) mod words;

use std::{borrow::Cow, collections::BTreeMap};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus},
    event::Event,
    id::{AppointmentId, ContactId, InvitationId, MemoryId, MessageId, ReceiptId, SuggestionId, UserId},
    invitation::InvitationState,
    job::Job,
    memory::Memory,
    message::Channel,
    receipt::{AskedBy, ReceiptOrigin},
    reminder::{Reminder, ReminderPlan},
    series::{Edited, Skips},
    suggestion::SuggestionState,
    user::User,
};
use xswarm_store::{Rows, StoreError, Tx};

use super::thinking::again;
use crate::{
    calendar, confirmation, contacts, error::Error, invitations, lists, memory, preferences::Wish, reminders, wording,
};
pub(crate) use sending::Outgoing;

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub(crate) enum Effect {
    /// A new appointment; its reminders go by `channel`.
    Book {
        /// All of it.
        appointment: Box<Appointment>,
        /// How the person is reminded.
        channel: Channel,
        /// It is the later part of a series that was there, and so nothing newly booked.
        #[serde(default)]
        split: bool,
    },
    /// An appointment becomes another: moved, called off, or taken back.
    Change {
        /// As it was read.
        before: Box<Appointment>,
        /// As it shall be.
        after: Box<Appointment>,
        /// How the person is reminded.
        channel: Channel,
    },
    /// A series leaves days out from now on; those of the coming year are exceptions of it already.
    LeaveOut {
        /// Which series.
        series: AppointmentId,
        /// Which days.
        skips: Skips,
    },
    /// A new reminder or timer.
    SetReminder {
        /// All of it.
        reminder: Box<Reminder>,
    },
    /// A reminder or timer is called off.
    CancelReminder {
        /// As it was read.
        reminder: Box<Reminder>,
    },
    /// A reminder or timer that was called off stands again.
    RestoreReminder {
        /// As it was read.
        reminder: Box<Reminder>,
    },
    /// A reminder that was said is said again later.
    SnoozeReminder {
        /// The one that was said.
        said: Box<Reminder>,
        /// The one to come.
        again: Box<Reminder>,
    },
    /// A reminder that was said was seen.
    AcknowledgeReminder {
        /// The one that was said.
        reminder: Box<Reminder>,
        /// Nothing more of its occurrence is wanted.
        settled: bool,
    },
    /// A timer stops running.
    PauseTimer {
        /// As it was read.
        timer: Box<Reminder>,
        /// What is left of it.
        remaining_ms: i64,
    },
    /// A paused timer runs on.
    ResumeTimer {
        /// As it was read.
        timer: Box<Reminder>,
    },
    /// The reminders before an appointment change.
    PlanReminders {
        /// Which.
        appointment: AppointmentId,
        /// The appointment in words, as it was read.
        #[serde(default)]
        about: String,
        /// As they were.
        before: Box<ReminderPlan>,
        /// As they shall be.
        after: Box<ReminderPlan>,
        /// How the person is reminded.
        channel: Channel,
    },
    /// A contact changes.
    Contact {
        /// How.
        change: contacts::Change,
    },
    /// Which contacts the names of those who take part in an appointment stand for.
    NamePeople {
        /// The appointment.
        appointment: AppointmentId,
        /// Who is who.
        people: BTreeMap<String, ContactId>,
    },
    /// A list changes.
    List {
        /// Who changes it.
        by: UserId,
        /// What it is called.
        #[serde(default)]
        name: String,
        /// How.
        change: lists::Change,
    },
    /// Something is remembered.
    Remember {
        /// All of it; a receipt has it without the words.
        memory: Box<Memory>,
    },
    /// What was remembered is forgotten for good.
    Forget {
        /// Whose it was.
        user: UserId,
        /// What.
        memories: Vec<MemoryId>,
    },
    /// A proposal is decided, or open again.
    DecideInvitation {
        /// Which.
        invitation: InvitationId,
        /// What it is and who sent it, in words.
        #[serde(default)]
        about: String,
        /// As it was read.
        from: InvitationState,
        /// As it shall be.
        to: InvitationState,
    },
    /// Words for somebody outside the conversation.
    Send {
        /// To whom, and which.
        message: Box<Outgoing>,
    },
    /// A person's preference changes.
    Prefer {
        /// Whose.
        user: UserId,
        /// As it was read.
        before: Box<Wish>,
        /// As it shall be.
        after: Box<Wish>,
    },
    /// A suggestion is decided, or open again.
    DecideSuggestion {
        /// Which.
        suggestion: SuggestionId,
        /// What was proposed, in words.
        about: String,
        /// As it was read.
        from: SuggestionState,
        /// As it shall be.
        to: SuggestionState,
    },
    /// A message that the language model could not be asked about is answered later.
    AnswerLater {
        /// Which.
        message: MessageId,
    },
    /// An earlier effect is marked as undone. Its inverse is an effect of its own.
    MarkUndone {
        /// The earlier effect's receipt.
        receipt: ReceiptId,
    },
}

/// Makes effects true that were asked for by other means than a message, each with its receipt, so that "undo" takes all of
/// them back.
pub(crate) fn commit(tx: &Tx<'_>, user: UserId, effects: &[Effect], now: DateTime<Utc>) -> Result<(), Error> {
    // Receipts belong together by the message that asked; no message has this id.
    let origin = ReceiptOrigin { message: MessageId::new(now), channel: None, asked_by: AskedBy::Api };
    for effect in effects {
        effect.apply(tx, now)?;
        tx.receipt_insert(user, origin, &effect.as_kept(), now)?;
    }
    Ok(())
}

/// The effects of an edit. What was split off leaves out what the series did, and reminds as it did.
pub(crate) fn of_edit(
    rows: &Rows<'_>,
    before: &Appointment,
    edited: Edited,
    channel: Channel,
) -> Result<Vec<Effect>, StoreError> {
    let mut effects = vec![change(before, edited.series, channel)];
    if let Some(rest) = edited.rest {
        let (id, about) = (rest.id, wording::appointment(&rest));
        effects.push(Effect::Book { appointment: Box::new(rest), channel, split: true });
        effects.extend(rows.series_skips(before.id)?.map(|skips| Effect::LeaveOut { series: id, skips }));
        let plan = rows.appointment_plan(before.id)?;
        if plan != ReminderPlan::default() {
            let (before, after) = (Box::default(), Box::new(plan));
            effects.push(Effect::PlanReminders { appointment: id, about, before, after, channel });
        }
    }
    Ok(effects)
}

/// Reminds so many minutes before an appointment and at no other time, whatever the person's usual times are.
pub(crate) fn reminding_once(appointment: &Appointment, known: ReminderPlan, minutes: u32, channel: Channel) -> Effect {
    let after = ReminderPlan { lead_minutes: Some(vec![minutes]), ..known.clone() };
    Effect::PlanReminders {
        appointment: appointment.id,
        about: wording::appointment(appointment),
        before: Box::new(known),
        after: Box::new(after),
        channel,
    }
}

impl Effect {
    /// A person's preference becomes this one.
    pub(crate) fn prefer(user: &User, after: Wish) -> Self {
        Self::Prefer { user: user.id, before: Box::new(after.as_kept(user)), after: Box::new(after) }
    }

    /// What accepting an invitation changes.
    pub(crate) fn of(step: invitations::Step, channel: Channel) -> Self {
        match step {
            invitations::Step::Book(appointment) => Self::Book { appointment, channel, split: false },
            invitations::Step::Change { before, after } => Self::Change { before, after, channel },
        }
    }

    /// Does it.
    pub(crate) fn apply(&self, tx: &Tx<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
        match self {
            Self::Book { appointment, channel, split } => {
                calendar::book(tx, appointment, *channel, now)?;
                if *split { Ok(()) } else { confirmation::want(tx, appointment, now) }
            }
            Self::Change { before, after, channel } => calendar::change(tx, before, after, *channel, now),
            Self::LeaveOut { series, skips } => tx.series_skips_set(*series, skips),
            Self::SetReminder { reminder } => reminders::set(tx, reminder, now),
            Self::CancelReminder { reminder } => reminders::cancel(tx, reminder, now),
            Self::RestoreReminder { reminder } => tx.reminder_restore(reminder.id, now),
            Self::SnoozeReminder { said, again } => reminders::snooze(tx, said, again, now),
            Self::AcknowledgeReminder { reminder, settled } => reminders::acknowledge(tx, reminder, *settled, now),
            Self::PauseTimer { timer, remaining_ms } => reminders::pause(tx, timer, *remaining_ms, now),
            Self::ResumeTimer { timer } => reminders::resume(tx, timer, now),
            Self::PlanReminders { appointment, after, channel, .. } => {
                reminders::plan(tx, *appointment, after, *channel, now)
            }
            Self::Contact { change } => change.apply(tx, now),
            Self::NamePeople { appointment, people } => contacts::name_people(tx, *appointment, people),
            Self::List { by, change, .. } => change.apply(tx, *by, now),
            Self::Remember { memory } => memory::remember(tx, memory, now),
            Self::Forget { user, memories } => {
                memories.iter().try_for_each(|memory| memory::forget(tx, *user, *memory, now).map(drop))
            }
            Self::DecideInvitation { invitation, from, to, .. } => tx.invitation_decide(*invitation, *from, *to, now),
            Self::Send { message } => message.send(tx, now),
            Self::Prefer { user, after, .. } => after.apply(tx, *user, now),
            Self::DecideSuggestion { suggestion, from, to, .. } => tx.suggestion_decide(*suggestion, *from, *to, now),
            Self::AnswerLater { message } => {
                let job = Job::AnswerLater { message: *message, attempt: 1 };
                tx.job_enqueue(&job, None, now + again::wait(1), now).map(drop)
            }
            Self::MarkUndone { receipt } => {
                tx.receipt_undone(*receipt, now)?;
                tx.event_append(&Event::EffectUndone { receipt: *receipt }, None, now)
            }
        }
    }

    /// Whether a person may want it reversed.
    pub(crate) const fn is_undoable(&self) -> bool {
        match self {
            Self::Book { .. }
            | Self::Change { .. }
            | Self::SetReminder { .. }
            | Self::CancelReminder { .. }
            | Self::RestoreReminder { .. }
            | Self::SnoozeReminder { .. }
            | Self::PauseTimer { .. }
            | Self::ResumeTimer { .. }
            | Self::PlanReminders { .. }
            | Self::Contact { .. }
            | Self::List { .. }
            | Self::Remember { .. }
            // It cannot be; but whoever asks for it hears so, instead of losing the change before it.
            | Self::Forget { .. }
            | Self::Prefer { .. }
            | Self::DecideSuggestion { .. }
            | Self::DecideInvitation { .. }
            // It cannot be taken back; its receipt says that it was sent.
            | Self::Send { .. } => true,
            // What was seen stays seen; what is left out goes with the series.
            Self::AcknowledgeReminder { .. }
            | Self::LeaveOut { .. }
            | Self::NamePeople { .. }
            | Self::AnswerLater { .. }
            | Self::MarkUndone { .. } => false,
        }
    }

    /// The effect that reverses this one, given the appointment as it is now. `None` when there is nothing to reverse.
    pub(crate) fn inverse(&self, current: Option<&Appointment>, now: DateTime<Utc>) -> Option<Self> {
        match self {
            Self::Book { channel, .. } => {
                let before = current?;
                let after = Appointment { status: AppointmentStatus::Cancelled, ..revised(before, now) };
                Some(change(before, after, *channel))
            }
            Self::Change { before: earlier, channel, .. } => {
                let before = current?;
                let revised = revised(before, now);
                let after = Appointment {
                    generation: revised.generation,
                    updated_at: revised.updated_at,
                    ..Appointment::clone(earlier)
                };
                Some(change(before, after, *channel))
            }
            Self::SetReminder { reminder } | Self::RestoreReminder { reminder } => {
                Some(Self::CancelReminder { reminder: reminder.clone() })
            }
            Self::CancelReminder { reminder } => Some(Self::RestoreReminder { reminder: reminder.clone() }),
            Self::SnoozeReminder { again, .. } => Some(Self::CancelReminder { reminder: again.clone() }),
            Self::PauseTimer { timer, .. } => Some(Self::ResumeTimer { timer: timer.clone() }),
            Self::ResumeTimer { timer } => {
                let remaining_ms = timer.progress.remaining_ms?;
                Some(Self::PauseTimer { timer: timer.clone(), remaining_ms })
            }
            Self::PlanReminders { appointment, about, before, after, channel } => Some(Self::PlanReminders {
                appointment: *appointment,
                about: about.clone(),
                before: after.clone(),
                after: before.clone(),
                channel: *channel,
            }),
            Self::Contact { change } => Some(Self::Contact { change: change.inverse() }),
            Self::List { by, name, change } => {
                Some(Self::List { by: *by, name: name.clone(), change: change.inverse() })
            }
            Self::DecideInvitation { invitation, about, from, to } => {
                Some(Self::DecideInvitation { invitation: *invitation, about: about.clone(), from: *to, to: *from })
            }
            Self::Remember { memory } => Some(Self::Forget { user: memory.user_id, memories: vec![memory.id] }),
            Self::Prefer { user, before, after } => {
                Some(Self::Prefer { user: *user, before: after.clone(), after: before.clone() })
            }
            Self::DecideSuggestion { suggestion, about, from, to } => {
                Some(Self::DecideSuggestion { suggestion: *suggestion, about: about.clone(), from: *to, to: *from })
            }
            Self::AcknowledgeReminder { .. }
            | Self::LeaveOut { .. }
            | Self::NamePeople { .. }
            | Self::Send { .. }
            | Self::AnswerLater { .. }
            | Self::Forget { .. }
            | Self::MarkUndone { .. } => None,
        }
    }

    /// As its receipt has it: what is remembered stands in one place only, so that it can be forgotten.
    pub(crate) fn as_kept(&self) -> Cow<'_, Self> {
        if let Self::Remember { memory } = self {
            let memory = Box::new(Memory { text: String::new(), ..Memory::clone(memory) });
            return Cow::Owned(Self::Remember { memory });
        }
        Cow::Borrowed(self)
    }
}

/// The same appointment in its next generation.
pub(crate) fn revised(before: &Appointment, now: DateTime<Utc>) -> Appointment {
    Appointment { generation: before.generation + 1, updated_at: now, ..before.clone() }
}

/// A change from `before` to `after`.
pub(crate) fn change(before: &Appointment, after: Appointment, channel: Channel) -> Effect {
    Effect::Change { before: Box::new(before.clone()), after: Box::new(after), channel }
}
