//! Capabilities of every day: the time, the date, taking something back, help.

use schemars::JsonSchema;
use serde::Deserialize;
use xswarm_core::capability::{Category, EffectClass};
use xswarm_language::command::{Asked, Command, Understood};

use super::{
    super::{
        capability::{Definition, Heard, Refusal},
        changes, everyday, help, topic,
        trust::Spoken,
        turn::{Decision, Turn},
        undo,
    },
    Nothing,
};
use crate::error::Error;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    /// A city, such as "Lisbon"; absent for here.
    place: Option<String>,
}

/// Tells the time.
pub(super) struct TellTime;

impl Definition for TellTime {
    const NAME: &'static str = "tell_time";
    const CATEGORY: Category = Category::Monitoring;
    const DESCRIPTION: &'static str = "Tells what time it is, here or elsewhere.";
    const EXAMPLES: &'static [&'static str] = &["What time is it?", "What time is it in Lisbon?"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = Place;

    fn command(arguments: Place, _: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::TellTime { place: arguments.place })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::TellTime { place } = &understood.command else { return None };
        Some(Ok(everyday::tell_time(turn, place.as_deref())))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Day {
    /// Which day, in the person's words, such as "Easter Monday"; absent for today.
    day: Option<Spoken>,
}

/// Tells the date.
pub(super) struct TellDate;

impl Definition for TellDate {
    const NAME: &'static str = "tell_date";
    const CATEGORY: Category = Category::Monitoring;
    const DESCRIPTION: &'static str = "Tells what day it is, or on which day something falls.";
    const EXAMPLES: &'static [&'static str] = &["What's the date?", "What day is Easter Monday?"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = Day;

    fn command(arguments: Day, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let when = arguments.day.as_ref().map(|day| heard.when(day)).transpose()?;
        Ok(Command::TellDate { when })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::TellDate { when } = &understood.command else { return None };
        Some(Ok(everyday::tell_date(turn, when.as_ref())))
    }
}

/// Takes something back.
pub(super) struct Undo;

impl Definition for Undo {
    const NAME: &'static str = "undo";
    const CATEGORY: Category = Category::Monitoring;
    const DESCRIPTION: &'static str = "Takes the last change back.";
    const EXAMPLES: &'static [&'static str] = &["Undo that"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = Nothing;

    fn command(_: Nothing, _: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::Undo)
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        (understood.command == Command::Undo).then(|| undo::last(turn))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Topic {
    /// With what, such as "timers"; absent for all.
    topic: Option<String>,
}

/// Tells what there is.
pub(super) struct Help;

impl Definition for Help {
    const NAME: &'static str = "help";
    const CATEGORY: Category = Category::Monitoring;
    const DESCRIPTION: &'static str = "Tells what the Boss can do.";
    const EXAMPLES: &'static [&'static str] = &["Help", "What can you do?"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = Topic;

    fn command(arguments: Topic, _: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::Help { topic: arguments.topic })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::Help { topic } = &understood.command else { return None };
        Some(Ok(help::help(turn, topic.as_deref())))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Stretch {
    /// Which stretch, such as "today", "yesterday", "this week"; absent for today.
    range: Option<String>,
}

/// Tells what was changed.
pub(super) struct ListChanges;

impl Definition for ListChanges {
    const NAME: &'static str = "list_changes";
    const CATEGORY: Category = Category::Monitoring;
    const DESCRIPTION: &'static str = "Tells what the Boss changed for the person, from its receipts.";
    const EXAMPLES: &'static [&'static str] = &["What did you do today?"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = Stretch;

    fn command(arguments: Stretch, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::ListChanges { range: heard.range(Some(arguments.range.as_deref().unwrap_or("today"))) })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::ListChanges { range } = &understood.command else { return None };
        Some(changes::list(turn, range))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Thing {
    /// Words of its title; absent for what was spoken of last.
    appointment: Option<Spoken>,
}

/// Tells when and where something is.
pub(super) struct TellAbout;

impl Definition for TellAbout {
    const NAME: &'static str = "tell_about";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Tells when an appointment or a reminder is, where, and who takes part.";
    const EXAMPLES: &'static [&'static str] = &["When is it?", "Who is coming?"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = Thing;

    fn command(arguments: Thing, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::TellAbout { which: heard.which(arguments.appointment.as_ref(), None)?, asked: Asked::When })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::TellAbout { which, asked } = &understood.command else { return None };
        Some(topic::acting::tell(turn, which, *asked))
    }
}
