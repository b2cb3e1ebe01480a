//! Capabilities of timers.

use schemars::JsonSchema;
use serde::Deserialize;
use xswarm_core::capability::{Category, EffectClass};
use xswarm_language::command::{Command, Understood};

use super::super::{
    capability::{Definition, Heard, Refusal},
    reminders::{self, Of, timers},
    trust::Spoken,
    turn::{Decision, Turn},
};
use crate::error::Error;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTimer {
    /// How long, in the person's words, such as "9 minutes".
    length: Spoken,
    /// What it is called.
    name: Option<Spoken>,
}

/// Starts a timer, or several.
pub(super) struct SetTimer;

impl Definition for SetTimer {
    const NAME: &'static str = "set_timer";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Starts a timer.";
    const EXAMPLES: &'static [&'static str] = &["Set a pasta timer for 9 minutes"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = NewTimer;

    fn command(arguments: NewTimer, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let duration = Some(heard.length(&arguments.length)?);
        Ok(Command::SetTimer { duration, name: heard.perhaps(arguments.name.as_ref()) })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        if let Command::SetTimers { timers: wanted } = &understood.command {
            return Some(Ok(timers::set_several(turn, wanted)));
        }
        let Command::SetTimer { duration, name } = &understood.command else { return None };
        Some(Ok(timers::set(turn, *duration, name.as_deref())))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    /// What it is called; absent for the only one.
    timer: Option<Spoken>,
}

/// Stops a timer.
pub(super) struct CancelTimer;

impl Definition for CancelTimer {
    const NAME: &'static str = "cancel_timer";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Stops a timer for good.";
    const EXAMPLES: &'static [&'static str] = &["Cancel the pasta timer"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = One;

    fn command(arguments: One, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::CancelTimer { which: heard.which(arguments.timer.as_ref(), None)? })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::CancelTimer { which } = &understood.command else { return None };
        Some(reminders::cancel(turn, which, Of::Timers))
    }
}

/// Tells how much time is left.
pub(super) struct ShowTimers;

impl Definition for ShowTimers {
    const NAME: &'static str = "show_timers";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Tells how much time is left.";
    const EXAMPLES: &'static [&'static str] = &["How much time is left?"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = One;

    fn command(arguments: One, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::TimerStatus { which: heard.which(arguments.timer.as_ref(), None)? })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::TimerStatus { which } = &understood.command else { return None };
        Some(timers::status(turn, which))
    }
}

/// Pauses a timer.
pub(super) struct PauseTimer;

impl Definition for PauseTimer {
    const NAME: &'static str = "pause_timer";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Pauses a timer.";
    const EXAMPLES: &'static [&'static str] = &["Pause the timer"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = One;

    fn command(arguments: One, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::PauseTimer { which: heard.which(arguments.timer.as_ref(), None)? })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::PauseTimer { which } = &understood.command else { return None };
        Some(timers::pause(turn, which))
    }
}

/// Lets a timer run on.
pub(super) struct ResumeTimer;

impl Definition for ResumeTimer {
    const NAME: &'static str = "resume_timer";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Lets a paused timer run on.";
    const EXAMPLES: &'static [&'static str] = &["Resume the timer"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = One;

    fn command(arguments: One, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::ResumeTimer { which: heard.which(arguments.timer.as_ref(), None)? })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::ResumeTimer { which } = &understood.command else { return None };
        Some(timers::resume(turn, which))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// What it is called; absent for the only one.
    timer: Option<Spoken>,
    /// How long it runs from now on, in the person's words.
    to: Spoken,
}

/// Changes how long a timer runs.
pub(super) struct ChangeTimer;

impl Definition for ChangeTimer {
    const NAME: &'static str = "change_timer";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Makes a timer run longer or shorter.";
    const EXAMPLES: &'static [&'static str] = &["Add five minutes to the timer"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = Change;

    fn command(arguments: Change, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let which = heard.which(arguments.timer.as_ref(), None)?;
        Ok(Command::ChangeTimer { which, by: None, to: Some(heard.length(&arguments.to)?) })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::ChangeTimer { which, by, to } = &understood.command else { return None };
        Some(timers::change(turn, which, *by, *to))
    }
}
