//! Capabilities of the Boss's own suggestions.

use schemars::JsonSchema;
use serde::Deserialize;
use xswarm_core::capability::{Category, EffectClass};
use xswarm_language::command::{Command, Understood};

use super::{
    super::{
        capability::{Definition, Heard, Refusal},
        suggestions,
        turn::{Decision, Turn},
    },
    Nothing,
};
use crate::error::Error;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Whether the person wants suggestions.
    on: bool,
}

/// Switches suggestions off and on.
pub(super) struct SetSuggestions;

impl Definition for SetSuggestions {
    const NAME: &'static str = "set_suggestions";
    const CATEGORY: Category = Category::Automation;
    const DESCRIPTION: &'static str = "Switches the Boss's own suggestions off or on.";
    const EXAMPLES: &'static [&'static str] = &["No suggestions", "Make suggestions again"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = Wanted;

    fn command(arguments: Wanted, _: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::SetSuggestions { on: arguments.on })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::SetSuggestions { on } = &understood.command else { return None };
        Some(Ok(suggestions::set(turn, *on)))
    }
}

/// Tells what was suggested.
pub(super) struct ListSuggestions;

impl Definition for ListSuggestions {
    const NAME: &'static str = "list_suggestions";
    const CATEGORY: Category = Category::Automation;
    const DESCRIPTION: &'static str = "Tells what the Boss suggested, and asks again what was not answered.";
    const EXAMPLES: &'static [&'static str] = &["What suggestions do you have?"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = Nothing;

    fn command(_: Nothing, _: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::ListSuggestions)
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        (understood.command == Command::ListSuggestions).then(|| suggestions::list(turn))
    }
}
