//! Capabilities of invitations.

use schemars::JsonSchema;
use serde::Deserialize;
use xswarm_core::capability::{Category, EffectClass};
use xswarm_language::command::{Command, Understood};

use super::{
    super::{
        capability::{Definition, Heard, Refusal},
        invitations,
        trust::Spoken,
        turn::{Decision, Turn},
    },
    Nothing,
};
use crate::error::Error;

/// Lists invitations.
pub(super) struct ListInvitations;

impl Definition for ListInvitations {
    const NAME: &'static str = "list_invitations";
    const CATEGORY: Category = Category::Integration;
    const DESCRIPTION: &'static str = "Tells which invitations wait for an answer.";
    const EXAMPLES: &'static [&'static str] = &["Show my invitations"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = Nothing;

    fn command(_: Nothing, _: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::ListInvitations)
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        (understood.command == Command::ListInvitations).then(|| invitations::list(turn))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reply {
    /// Words of its title or of who sent it; absent for the only one.
    invitation: Option<Spoken>,
    /// Whether the person accepts it.
    accept: bool,
}

/// Accepts or declines.
pub(super) struct AnswerInvitation;

impl Definition for AnswerInvitation {
    const NAME: &'static str = "answer_invitation";
    const CATEGORY: Category = Category::Integration;
    const DESCRIPTION: &'static str =
        "Accepts an invitation, which books it, or declines it. The organizer is not told.";
    const EXAMPLES: &'static [&'static str] = &["Accept the invitation to lunch", "Decline Anna's invitation"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = Reply;

    fn command(arguments: Reply, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let which = heard.which(arguments.invitation.as_ref(), None)?;
        Ok(Command::AnswerInvitation { accept: arguments.accept, which })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::AnswerInvitation { accept, which } = &understood.command else { return None };
        Some(invitations::answer(turn, *accept, which))
    }
}
