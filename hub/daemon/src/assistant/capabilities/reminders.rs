//! Capabilities of reminders and alarms.

use schemars::JsonSchema;
use serde::Deserialize;
use xswarm_core::{
    capability::{Category, EffectClass},
    habit::Glance,
};
use xswarm_language::command::{AgendaRange, Command, Nature, Understood, Which};

use super::super::{
    capability::{Definition, Heard, Refusal},
    reminders::{self, Of, Wanted, answers, before},
    trust::Spoken,
    turn::{Decision, Turn, problem_words},
};
use crate::error::Error;

/// Sets a reminder or an alarm.
pub(super) struct SetReminder;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewReminder {
    /// Of what, in the person's words; may be absent for an alarm.
    text: Option<Spoken>,
    /// When, exactly in the person's words, such as "in 20 minutes" or "every weekday at 9".
    when: Spoken,
    /// Whether it rings until it is stopped.
    #[serde(default)]
    alarm: bool,
}

impl Definition for SetReminder {
    const NAME: &'static str = "set_reminder";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Sets a reminder or an alarm, once or repeating.";
    const EXAMPLES: &'static [&'static str] = &["Remind me to call mom in 20 minutes", "Wake me at 7"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = NewReminder;

    fn command(arguments: NewReminder, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::SetReminder {
            text: heard.perhaps(arguments.text.as_ref()),
            when: Some(heard.when(&arguments.when)?),
            channel: None,
            lead_time: None,
            nature: Nature { alarm: arguments.alarm, urgent: false },
        })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::SetReminder { text, when, channel, lead_time, nature } = &understood.command else { return None };
        let wanted = Wanted { channel: *channel, nature: *nature };
        if let (None, Some(lead)) = (when, lead_time) {
            let which = Which { title: text.clone(), ..Which::default() };
            return Some(before::add(turn, &which, &[*lead], wanted));
        }
        let problem = understood.problems.first().map(problem_words);
        Some(reminders::set(turn, text.as_deref(), when.as_ref(), wanted, problem))
    }
}

/// Reminds before an appointment.
pub(super) struct RemindBefore;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Before {
    /// Which appointment; absent for what was spoken of last.
    appointment: Option<Spoken>,
    /// How long before it, each in the person's words, such as "one hour".
    before: Vec<Spoken>,
}

impl Definition for RemindBefore {
    const NAME: &'static str = "remind_before";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Sets how long before an appointment the person is reminded.";
    const EXAMPLES: &'static [&'static str] = &["Remind me 24 hours, 1 hour and 15 minutes before the dentist"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = Before;

    fn command(arguments: Before, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let leads = arguments.before.iter().map(|lead| heard.length(lead)).collect::<Result<Vec<_>, _>>()?;
        if leads.is_empty() {
            return Err(Refusal("Say how long before.".to_owned()));
        }
        Ok(Command::RemindBefore { which: heard.which(arguments.appointment.as_ref(), None)?, leads })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::RemindBefore { which, leads } = &understood.command else { return None };
        Some(before::add(turn, which, leads, Wanted::default()))
    }
}

/// Moves a reminder.
pub(super) struct MoveReminder;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Move {
    /// Words of the reminder; absent for the one spoken of last.
    reminder: Option<Spoken>,
    /// The new time, exactly in the person's words.
    to: Spoken,
}

impl Definition for MoveReminder {
    const NAME: &'static str = "move_reminder";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Moves a reminder or an alarm to another time.";
    const EXAMPLES: &'static [&'static str] = &["Move the reminder to call mom to 6pm"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = Move;

    fn command(arguments: Move, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let which = heard.which(arguments.reminder.as_ref(), None)?;
        Ok(Command::MoveReminder { which, to: Some(heard.when(&arguments.to)?), by: None })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::MoveReminder { which, to, by } = &understood.command else { return None };
        Some(reminders::move_to(turn, which, to.as_ref(), *by))
    }
}

/// Lists reminders.
pub(super) struct ListReminders;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Look {
    /// Which stretch, such as "tomorrow"; absent for all.
    range: Option<String>,
    /// Only those with these words in them.
    about: Option<String>,
}

impl Definition for ListReminders {
    const NAME: &'static str = "list_reminders";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Tells which reminders and alarms are set.";
    const EXAMPLES: &'static [&'static str] = &["What reminders do I have?"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = Look;

    fn command(arguments: Look, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let range = heard.range(arguments.range.as_deref());
        Ok(Command::ListReminders { range, which: Which { title: arguments.about, ..Which::default() } })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::ListReminders { range, which } = &understood.command else { return None };
        let list = reminders::list(turn, range, which);
        let all = *which == Which::default() && matches!(range, AgendaRange::Any | AgendaRange::Next);
        let glance = all.then_some(Glance::Reminders);
        Some(list.map(|decision| Decision { glance, ..decision }))
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    /// Words of the reminder; absent for the one spoken of last.
    reminder: Option<Spoken>,
}

/// Calls a reminder off.
pub(super) struct CancelReminder;

impl Definition for CancelReminder {
    const NAME: &'static str = "cancel_reminder";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Calls a reminder or an alarm off.";
    const EXAMPLES: &'static [&'static str] = &["Cancel the reminder to call mom"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = One;

    fn command(arguments: One, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::CancelReminder { which: heard.which(arguments.reminder.as_ref(), None)? })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::CancelReminder { which } = &understood.command else { return None };
        Some(reminders::cancel(turn, which, Of::Reminders))
    }
}

/// Says a reminder again later.
pub(super) struct SnoozeReminder;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Snooze {
    /// Words of the reminder; absent for the one said last.
    reminder: Option<Spoken>,
    /// For how long, in the person's words.
    length: Option<Spoken>,
}

impl Definition for SnoozeReminder {
    const NAME: &'static str = "snooze_reminder";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Says a reminder again later.";
    const EXAMPLES: &'static [&'static str] = &["Snooze for ten minutes"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = Snooze;

    fn command(arguments: Snooze, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let which = heard.which(arguments.reminder.as_ref(), None)?;
        let for_ = arguments.length.as_ref().map(|length| heard.length(length)).transpose()?;
        Ok(Command::SnoozeReminder { which, for_, until: None })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::SnoozeReminder { which, for_, until } = &understood.command else { return None };
        Some(answers::snooze(turn, which, *for_, until.as_ref()))
    }
}

/// Notes that a reminder was seen or settled.
pub(super) struct AcknowledgeReminder;

impl Definition for AcknowledgeReminder {
    const NAME: &'static str = "acknowledge_reminder";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Notes that what a reminder was about is done.";
    const EXAMPLES: &'static [&'static str] = &["Done", "Got it"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = One;

    fn command(arguments: One, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::AcknowledgeReminder { which: heard.which(arguments.reminder.as_ref(), None)?, settled: true })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::AcknowledgeReminder { which, settled } = &understood.command else { return None };
        Some(answers::acknowledge(turn, which, *settled))
    }
}
