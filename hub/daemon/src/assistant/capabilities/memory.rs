//! Capabilities of memory.

use schemars::JsonSchema;
use serde::Deserialize;
use xswarm_core::capability::{Category, EffectClass};
use xswarm_language::command::{Command, Understood};

use super::super::{
    capability::{Definition, Heard, Refusal},
    memory, reminders,
    trust::Spoken,
    turn::{Decision, Turn, nothing_asked},
};
use crate::error::Error;

/// Remembers.
pub(super) struct Remember;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Fact {
    /// What to remember, word for word as the person just said it.
    text: Spoken,
}

impl Definition for Remember {
    const NAME: &'static str = "remember";
    const CATEGORY: Category = Category::Monitoring;
    const DESCRIPTION: &'static str = "Remembers something that the person says about themselves or others.";
    const EXAMPLES: &'static [&'static str] = &["Remember that Anna is allergic to nuts"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = Fact;

    fn command(arguments: Fact, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::Remember { text: heard.text(&arguments.text) })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::Remember { text } = &understood.command else { return None };
        Some(memory::remember(turn, text))
    }
}

/// Forgets.
pub(super) struct Forget;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Old {
    /// Words of what to forget; absent for what was told last.
    what: Option<Spoken>,
}

impl Definition for Forget {
    const NAME: &'static str = "forget";
    const CATEGORY: Category = Category::Monitoring;
    const DESCRIPTION: &'static str = "Forgets for good what the person told. They are asked first.";
    const EXAMPLES: &'static [&'static str] = &["Forget that Anna is allergic to nuts", "Forget everything"];
    const EFFECT: EffectClass = EffectClass::Irreversible;
    type Arguments = Old;

    fn command(arguments: Old, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::Forget { what: heard.perhaps(arguments.what.as_ref()) })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        if understood.command == Command::ForgetAll {
            return Some(memory::forget_all(turn));
        }
        let Command::Forget { what } = &understood.command else { return None };
        Some(forget(turn, what.as_deref()))
    }
}

fn forget(turn: &Turn<'_>, what: Option<&str>) -> Result<Decision, Error> {
    if what.is_none() && memory::told_lately(turn)?.is_none() {
        return Ok(reminders::answers::stop_ringing(turn)?.unwrap_or_else(nothing_asked));
    }
    memory::forget(turn, what)
}

/// Tells what it remembers.
pub(super) struct ShowMemory;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct About {
    /// Words of what it is about; absent for all.
    about: Option<String>,
}

impl Definition for ShowMemory {
    const NAME: &'static str = "show_memory";
    const CATEGORY: Category = Category::Monitoring;
    const DESCRIPTION: &'static str = "Tells what the person asked to be remembered.";
    const EXAMPLES: &'static [&'static str] = &["What do you know about Anna?", "What do you remember?"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = About;

    fn command(arguments: About, _: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::ShowMemory { about: arguments.about })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::ShowMemory { about } = &understood.command else { return None };
        Some(memory::show(turn, about.as_deref()))
    }
}

/// Looks through messages.
pub(super) struct SearchMessages;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    /// What to look for.
    words: String,
}

impl Definition for SearchMessages {
    const NAME: &'static str = "search_messages";
    const CATEGORY: Category = Category::Communication;
    const DESCRIPTION: &'static str =
        "Looks for words in the person's own messages and in what they asked to remember.";
    const EXAMPLES: &'static [&'static str] = &["Search my messages for the boiler"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = Words;

    fn command(arguments: Words, _: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::SearchMessages { words: arguments.words })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::SearchMessages { words } = &understood.command else { return None };
        Some(memory::search(turn, words))
    }
}
