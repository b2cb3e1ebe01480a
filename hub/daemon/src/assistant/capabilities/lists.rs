//! Capabilities of lists.

use schemars::JsonSchema;
use serde::Deserialize;
use xswarm_core::capability::{Category, EffectClass};
use xswarm_language::command::{Command, ListCommand, Understood};

use super::super::{
    capability::{Definition, Heard, Refusal},
    lists,
    trust::Spoken,
    turn::{Decision, Turn},
};
use crate::error::Error;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Items {
    /// Which list, such as "shopping"; absent for the usual one.
    list: Option<Spoken>,
    /// What, each in the person's words.
    #[serde(default)]
    items: Vec<Spoken>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    /// Which list, such as "shopping"; absent for the usual one.
    list: Option<Spoken>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    /// What it is called.
    name: Spoken,
    /// Whether it is the whole household's.
    #[serde(default)]
    shared: bool,
}

/// Puts things on a list.
pub(super) struct AddToList;

impl Definition for AddToList {
    const NAME: &'static str = "add_to_list";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Puts things on a list.";
    const EXAMPLES: &'static [&'static str] = &["Add milk and eggs to the shopping list"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = Items;

    fn command(arguments: Items, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let (list, items) = (heard.perhaps(arguments.list.as_ref()), heard.claim.texts(&arguments.items));
        Ok(Command::List(ListCommand::Add { list, items }))
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::List(about @ ListCommand::Add { .. }) = &understood.command else { return None };
        Some(lists::about(turn, about))
    }
}

/// Shows a list, or all of them.
pub(super) struct ShowList;

impl Definition for ShowList {
    const NAME: &'static str = "show_list";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Tells what is on a list, or which lists there are.";
    const EXAMPLES: &'static [&'static str] = &["What's on the shopping list?", "What lists do I have?"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = One;

    fn command(arguments: One, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::List(match heard.perhaps(arguments.list.as_ref()) {
            Some(list) => ListCommand::Show { list: Some(list) },
            None => ListCommand::Overview,
        }))
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::List(about @ (ListCommand::Show { .. } | ListCommand::Overview)) = &understood.command else {
            return None;
        };
        Some(lists::about(turn, about))
    }
}

/// Takes things off a list.
pub(super) struct RemoveFromList;

impl Definition for RemoveFromList {
    const NAME: &'static str = "remove_from_list";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Takes things off a list.";
    const EXAMPLES: &'static [&'static str] = &["Take milk off the shopping list"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = Items;

    fn command(arguments: Items, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let (list, items) = (heard.perhaps(arguments.list.as_ref()), heard.claim.texts(&arguments.items));
        Ok(Command::List(ListCommand::Remove { list, items }))
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::List(about @ ListCommand::Remove { .. }) = &understood.command else { return None };
        Some(lists::about(turn, about))
    }
}

/// Checks things on a list off.
pub(super) struct CheckOff;

impl Definition for CheckOff {
    const NAME: &'static str = "check_off";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Checks things on a list off.";
    const EXAMPLES: &'static [&'static str] = &["Check off eggs"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = Items;

    fn command(arguments: Items, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let (list, items) = (heard.perhaps(arguments.list.as_ref()), heard.claim.texts(&arguments.items));
        Ok(Command::List(ListCommand::CheckOff { list, items }))
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::List(about @ ListCommand::CheckOff { .. }) = &understood.command else { return None };
        Some(lists::about(turn, about))
    }
}

/// Takes everything off a list.
pub(super) struct ClearList;

impl Definition for ClearList {
    const NAME: &'static str = "clear_list";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Takes everything off a list.";
    const EXAMPLES: &'static [&'static str] = &["Clear the shopping list"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = One;

    fn command(arguments: One, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::List(ListCommand::Clear { list: heard.perhaps(arguments.list.as_ref()) }))
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::List(about @ ListCommand::Clear { .. }) = &understood.command else { return None };
        Some(lists::about(turn, about))
    }
}

/// Deletes a list with all that is on it.
pub(super) struct DeleteList;

impl Definition for DeleteList {
    const NAME: &'static str = "delete_list";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Deletes a list with all that is on it.";
    const EXAMPLES: &'static [&'static str] = &["Delete the packing list"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = One;

    fn command(arguments: One, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::List(ListCommand::Delete { list: heard.perhaps(arguments.list.as_ref()) }))
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::List(about @ ListCommand::Delete { .. }) = &understood.command else { return None };
        Some(lists::about(turn, about))
    }
}

/// Makes a list.
pub(super) struct CreateList;

impl Definition for CreateList {
    const NAME: &'static str = "create_list";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Makes a new list.";
    const EXAMPLES: &'static [&'static str] = &["Create a list called packing"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = New;

    fn command(arguments: New, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let name = heard.perhaps(Some(&arguments.name));
        Ok(Command::List(ListCommand::Create { name, shared: arguments.shared }))
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::List(about @ ListCommand::Create { .. }) = &understood.command else { return None };
        Some(lists::about(turn, about))
    }
}
