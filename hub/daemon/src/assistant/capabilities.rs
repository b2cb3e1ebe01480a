//! The registry: every capability, one line each. A new one is a definition in a file and a line here; grammar, model,
//! help, lists and counts follow from it.

mod calendar;
mod contacts;
mod everyday;
mod invitations;
mod lists;
mod memory;
mod messages;
mod reminders;
mod suggestions;
mod timers;

use std::time::Instant;

use xswarm_language::command::Understood;

use super::{
    capability::{Availability, Capability},
    turn::{Decision, Turn},
};
use crate::error::Error;

/// All there are, by category.
pub(crate) const ALL: &[Capability] = &[
    Capability::of::<calendar::CreateAppointment>(),
    Capability::of::<calendar::MoveAppointment>(),
    Capability::of::<calendar::EditAppointment>(),
    Capability::of::<calendar::CancelAppointment>(),
    Capability::of::<calendar::ShowAgenda>(),
    Capability::of::<everyday::TellAbout>(),
    Capability::of::<calendar::FindTime>(),
    Capability::of::<calendar::ListCancelled>(),
    Capability::of::<reminders::SetReminder>(),
    Capability::of::<reminders::RemindBefore>(),
    Capability::of::<reminders::MoveReminder>(),
    Capability::of::<reminders::ListReminders>(),
    Capability::of::<reminders::CancelReminder>(),
    Capability::of::<reminders::SnoozeReminder>(),
    Capability::of::<reminders::AcknowledgeReminder>(),
    Capability::of::<timers::SetTimer>(),
    Capability::of::<timers::CancelTimer>(),
    Capability::of::<timers::ShowTimers>(),
    Capability::of::<timers::PauseTimer>(),
    Capability::of::<timers::ResumeTimer>(),
    Capability::of::<timers::ChangeTimer>(),
    Capability::of::<lists::AddToList>(),
    Capability::of::<lists::ShowList>(),
    Capability::of::<lists::RemoveFromList>(),
    Capability::of::<lists::CheckOff>(),
    Capability::of::<lists::ClearList>(),
    Capability::of::<lists::CreateList>(),
    Capability::of::<lists::DeleteList>(),
    Capability::of::<suggestions::SetSuggestions>(),
    Capability::of::<suggestions::ListSuggestions>(),
    Capability::of::<contacts::AddContact>(),
    Capability::of::<contacts::ShowContact>(),
    Capability::of::<contacts::ListContacts>(),
    Capability::of::<contacts::DeleteContact>(),
    Capability::of::<messages::SendMessage>(),
    Capability::of::<messages::SendMail>(),
    Capability::of::<messages::ReadMail>(),
    Capability::of::<invitations::ListInvitations>(),
    Capability::of::<invitations::AnswerInvitation>(),
    Capability::of::<memory::SearchMessages>(),
    Capability::of::<memory::Remember>(),
    Capability::of::<memory::Forget>(),
    Capability::of::<memory::ShowMemory>(),
    Capability::of::<everyday::TellTime>(),
    Capability::of::<everyday::TellDate>(),
    Capability::of::<everyday::ListChanges>(),
    Capability::of::<everyday::Undo>(),
    Capability::of::<everyday::Help>(),
];

/// The capability of a name.
pub(crate) fn named(name: &str) -> Option<&'static Capability> {
    ALL.iter().find(|one| one.name == name)
}

/// Plans what a command asks for by the capability it belongs to; `None` when it belongs to none.
pub(super) fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
    let began = Instant::now();
    ALL.iter().find_map(|capability| {
        let planned = capability.plan(turn, understood)?;
        log_planned(capability, began);
        Some(planned.map(|decision| match capability.availability(&turn.around()) {
            Availability::Ready => Decision { used: Some(capability.name), ..decision },
            Availability::Not(why) => Decision::say(format!("I can't do that: {why}. Nothing was changed.")),
        }))
    })
}

/// Logs how long it took from a request to a plan: to find the capability, to check what was asked, to read the rows.
pub(super) fn log_planned(capability: &Capability, began: Instant) {
    log::debug!(capability = capability.name, micros = began.elapsed().as_micros(); "planned");
}

/// The arguments of a capability that takes none.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

#[cfg(test)]
mod tests;
