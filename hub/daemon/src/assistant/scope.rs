//! How much of a series an edit is about: the question, its answer, and the words for it. And what the Boss did not make:
//! that is never moved without a yes to words that name it.

use chrono_tz::Tz;
use xswarm_core::{
    appointment::{Appointment, AppointmentOrigin, AppointmentStatus},
    series::Scope,
};
use xswarm_language::command::{Answer, Command, Expecting, Understood, scope_answer, understand_answer};

use super::{
    appointments,
    calling_off::cancel_items,
    effect::Effect,
    matching::Upcoming,
    moving,
    question::{Action, Item, Part, Question},
    topic,
    turn::{Decision, Said, Turn, instead},
};
use crate::{error::Error, wording};

impl Upcoming {
    /// What a part of an appointment is now; `None` when it is gone.
    pub(super) fn of(turn: &Turn<'_>, part: Part) -> Result<Option<Self>, Error> {
        let standing = turn.rows.appointment(part.appointment)?;
        let Some(appointment) = standing.filter(|one| one.status != AppointmentStatus::Cancelled) else {
            return Ok(None);
        };
        let found = appointment.occurrence_at(part.recurrence_id);
        let occurrence = found.map_err(|error| Error::internal("a series cannot be expanded").with_source(error))?;
        Ok(occurrence.map(|occurrence| Self { appointment, occurrence }))
    }

    /// What is no series is meant as a whole.
    pub(super) fn only_scope(&self) -> Option<Scope> {
        (!self.appointment.is_series()).then_some(Scope::All)
    }
}

/// "Only this one, this and all following, or the whole series?"
pub(super) fn ask_scope(turn: &Turn<'_>, one: &Upcoming, action: Action) -> Decision {
    let verb = match action {
        Action::Cancel => "cancel",
        Action::Move { .. } => "move",
    };
    let (title, start) = (&one.occurrence.title, one.occurrence.start);
    let words = format!(
        "{title} is a series. What shall I {verb}?\n1. Only this one ({})\n2. This and all following\n3. The whole series",
        wording::moment(start, turn.zone())
    );
    Decision::ask(words, Question::Scope { part: one.part(None), action })
}

/// The answer to [`ask_scope`]; `None` if the person went on to something else.
pub(super) fn answered_scope(
    turn: &Turn<'_>,
    part: Part,
    action: Action,
    understood: &Understood,
) -> Result<Option<Decision>, Error> {
    let expecting = Expecting::Choice { of: 3 };
    let said = match understand_answer(&turn.said.text, expecting, &turn.context()) {
        Answer::No => return Ok(Some(Decision::say("All right, it stays as it is. Nothing was changed."))),
        Answer::Choice(1) => Some(Scope::This),
        Answer::Choice(2) => Some(Scope::Following),
        Answer::Choice(3) => Some(Scope::All),
        Answer::Choice(_)
        | Answer::NewCommand(_)
        | Answer::Time(_)
        | Answer::Duration(_)
        | Answer::Title(_)
        | Answer::Yes
        | Answer::Unclear => None,
    };
    let Some(scope) = scope_answer(&turn.said.text, &turn.context()).or(said) else {
        if !matches!(understood.command, Command::Unknown | Command::Yes | Command::SmallTalk) && understood.sure {
            return instead(turn, understood).map(Some);
        }
        let words =
            "Please answer 1 (only this one), 2 (this and all following), 3 (the whole series), or \"never mind\".";
        return Ok(Some(Decision::ask(words, Question::Scope { part, action })));
    };
    let part = Part { scope: Some(scope), ..part };
    match action {
        Action::Cancel => cancel_items(turn, &[Item::Occurrence(part)]).map(Some),
        Action::Move { text, said_at } => {
            let said =
                Said { message: turn.said.message, text, at: said_at.with_timezone(&turn.zone()), answers: Vec::new() };
            moving::move_chosen(&turn.with(said), part).map(Some)
        }
    }
}

/// What of an appointment is meant, in words.
pub(super) fn described(one: &Upcoming, scope: Option<Scope>, zone: Tz) -> String {
    let line = wording::upcoming(&one.occurrence, zone);
    if !one.appointment.is_series() {
        return line;
    }
    match scope {
        Some(Scope::This) => format!("{line} (only this one of the series)"),
        Some(Scope::Following) => format!("{line}, and all that follow"),
        Some(Scope::All) | None => format!("the whole series {}", wording::appointment(&one.appointment)),
    }
}

/// Whether the Boss did not make it.
pub(super) fn is_foreign(appointment: &Appointment) -> bool {
    match appointment.source.origin {
        AppointmentOrigin::Boss => false,
        AppointmentOrigin::Program | AppointmentOrigin::Import | AppointmentOrigin::Invitation => true,
    }
}

/// That whoever called an appointment learns nothing of what the person does to it here.
pub(super) fn untold(appointment: &Appointment) -> Option<String> {
    let by = || appointment.source.organizer.as_deref().unwrap_or("its organizer").to_owned();
    (appointment.source.origin == AppointmentOrigin::Invitation)
        .then(|| format!(" It is an invitation; {} is not told.", by()))
}

/// Asks before something is moved that the Boss did not make.
pub(super) fn guarded(before: &Appointment, asked: &str, effects: Vec<Effect>, reply: String) -> Decision {
    let from = match before.source.origin {
        AppointmentOrigin::Program => " A program put it there, which is not told.".to_owned(),
        AppointmentOrigin::Boss | AppointmentOrigin::Import | AppointmentOrigin::Invitation => {
            untold(before).unwrap_or_else(|| " It comes from a calendar you imported, which stays as it is.".to_owned())
        }
    };
    Decision::ask(format!("{asked}{from} (yes or no)"), Question::Proposed { effects, reply })
}

/// The answer to [`guarded`]; `None` if the person went on to something else.
pub(super) fn answered_proposal(
    turn: &Turn<'_>,
    effects: Vec<Effect>,
    reply: String,
) -> Result<Option<Decision>, Error> {
    match understand_answer(&turn.said.text, Expecting::YesNo, &turn.context()) {
        Answer::Yes => {
            for effect in &effects {
                if let Effect::Change { before, .. } = effect
                    && turn.rows.appointment(before.id)?.is_none_or(|now| now.version != before.version)
                {
                    return Ok(Some(Decision::say(
                        "It has changed in the meantime. Nothing was changed: please say it again.",
                    )));
                }
            }
            Ok(Some(Decision::act(effects, reply)))
        }
        Answer::No => Ok(Some(Decision::say("All right, it stays as it is. Nothing was changed."))),
        Answer::NewCommand(new) if new.command != Command::Unknown => instead(turn, &new).map(Some),
        Answer::NewCommand(_)
        | Answer::Time(_)
        | Answer::Duration(_)
        | Answer::Title(_)
        | Answer::Choice(_)
        | Answer::Unclear => {
            Ok(Some(Decision::ask("Please answer yes or no: shall I move it?", Question::Proposed { effects, reply })))
        }
    }
}

/// The appointments that an answer chose, moved or called off.
pub(super) fn chosen(turn: &Turn<'_>, item: Item, action: Action) -> Result<Decision, Error> {
    match action {
        Action::Cancel => super::calling_off::cancel_chosen(turn, item),
        Action::Move { text, said_at } => {
            let said =
                Said { message: turn.said.message, text, at: said_at.with_timezone(&turn.zone()), answers: Vec::new() };
            let part = match item {
                Item::Occurrence(part) => Some(part),
                Item::Appointment(id) => appointments::next_part(turn, id)?,
                Item::Reminder(id) => return topic::acting::move_chosen(&turn.with(said), id),
            };
            match part {
                Some(part) => moving::move_chosen(&turn.with(said), part),
                None => Ok(Decision::say("That appointment is gone. Nothing was changed.")),
            }
        }
    }
}
