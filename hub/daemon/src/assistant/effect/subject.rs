//! Which row an effect is about.

use xswarm_core::receipt::ReceiptSubject;

use super::Effect;
use crate::{contacts, lists};

impl Effect {
    /// The row that it changes; `None` for what is part of another effect.
    pub(crate) fn subject(&self) -> Option<ReceiptSubject> {
        let (table, id) = match self {
            Self::Book { appointment, .. } => ("appointments", appointment.id.to_string()),
            Self::Change { after, .. } => ("appointments", after.id.to_string()),
            Self::PlanReminders { appointment, .. } => ("appointments", appointment.to_string()),
            Self::SetReminder { reminder }
            | Self::CancelReminder { reminder }
            | Self::RestoreReminder { reminder }
            | Self::SnoozeReminder { again: reminder, .. }
            | Self::AcknowledgeReminder { reminder, .. }
            | Self::PauseTimer { timer: reminder, .. }
            | Self::ResumeTimer { timer: reminder } => ("appointment_reminders", reminder.id.to_string()),
            Self::Contact { change } => {
                let contact = match change {
                    contacts::Change::Create { contact } | contacts::Change::Delete { contact } => contact,
                    contacts::Change::Update { after, .. } => after,
                };
                ("contacts", contact.id.to_string())
            }
            Self::List { change, .. } => {
                let list = match change {
                    lists::Change::Create { list, .. } | lists::Change::Delete { list, .. } => list.id,
                    lists::Change::Add { list, .. }
                    | lists::Change::Remove { list, .. }
                    | lists::Change::Clear { list, .. }
                    | lists::Change::CheckOff { list, .. }
                    | lists::Change::Reopen { list, .. } => *list,
                };
                ("lists", list.to_string())
            }
            Self::DecideInvitation { invitation, .. } => ("invitations", invitation.to_string()),
            Self::Remember { memory } => ("memories", memory.id.to_string()),
            // Of several that are forgotten together the first stands for all.
            Self::Forget { memories, .. } => ("memories", memories.first()?.to_string()),
            Self::Prefer { user, .. } => ("users", user.to_string()),
            Self::DecideSuggestion { suggestion, .. } => ("suggestions", suggestion.to_string()),
            Self::LeaveOut { .. }
            | Self::NamePeople { .. }
            | Self::Send { .. }
            | Self::AnswerLater { .. }
            | Self::MarkUndone { .. } => return None,
        };
        Some(ReceiptSubject { table: table.to_owned(), id })
    }
}
