//! What a caller's number is not enough for: it can be forged, so on a call these need a PIN.
//!
//! It is what reaches others, what is gone for good, and what deletes: contacts, lists, memories, and appointments that
//! stand. What merely adds or moves is asked, read back and undone without one.

use xswarm_core::{
    appointment::{Appointment, AppointmentStatus, Exception, SkipReason},
    id::ReceiptId,
};

use super::Effect;
use crate::{contacts, lists};

/// Whether any of these needs a PIN on a call.
pub(crate) fn needs_pin(effects: &[Effect]) -> bool {
    // "This and all that follow" that are moved end the series and book the rest anew: nothing is taken away.
    let splits = effects.iter().any(|effect| matches!(effect, Effect::Book { split: true, .. }));
    effects.iter().any(|effect| effect.is_risky(splits))
}

/// The receipts that these mark as taken back.
pub(crate) fn taken_back(effects: &[Effect]) -> Vec<ReceiptId> {
    let marked = |effect: &Effect| if let Effect::MarkUndone { receipt } = effect { Some(*receipt) } else { None };
    effects.iter().filter_map(marked).collect()
}

impl Effect {
    fn is_risky(&self, splits: bool) -> bool {
        match self {
            Self::Send { .. } | Self::Forget { .. } => true,
            Self::Change { before, after, .. } => takes_away(before, after, splits),
            Self::Contact { change } => match change {
                contacts::Change::Delete { .. } => true,
                contacts::Change::Create { .. } | contacts::Change::Update { .. } => false,
            },
            Self::List { change, .. } => match change {
                lists::Change::Delete { .. } => true,
                lists::Change::Create { .. }
                | lists::Change::Add { .. }
                | lists::Change::Remove { .. }
                | lists::Change::CheckOff { .. }
                | lists::Change::Reopen { .. } => false,
            },
            Self::Book { .. }
            | Self::LeaveOut { .. }
            | Self::SetReminder { .. }
            | Self::CancelReminder { .. }
            | Self::RestoreReminder { .. }
            | Self::SnoozeReminder { .. }
            | Self::AcknowledgeReminder { .. }
            | Self::PauseTimer { .. }
            | Self::ResumeTimer { .. }
            | Self::PlanReminders { .. }
            | Self::NamePeople { .. }
            | Self::Remember { .. }
            | Self::DecideInvitation { .. }
            | Self::Prefer { .. }
            | Self::DecideSuggestion { .. }
            | Self::AnswerLater { .. }
            | Self::MarkUndone { .. } => false,
        }
    }
}

/// Whether a change calls an appointment off, or some of its occurrences.
fn takes_away(before: &Appointment, after: &Appointment, splits: bool) -> bool {
    let is_off = |one: &Appointment| one.status == AppointmentStatus::Cancelled;
    let called_off = |one: &Appointment| {
        let off = |(id, exception): (_, &Exception)| {
            matches!(exception, Exception::Skipped { reason: SkipReason::Cancelled }).then_some(id)
        };
        one.exceptions.iter().filter_map(off).collect::<Vec<_>>()
    };
    let ends_earlier = !splits
        && before.start == after.start
        && before.recurrence.as_ref().map(|rule| rule.end) != after.recurrence.as_ref().map(|rule| rule.end);
    let known = called_off(before);
    !is_off(before) && (is_off(after) || ends_earlier || called_off(after).iter().any(|id| !known.contains(id)))
}
