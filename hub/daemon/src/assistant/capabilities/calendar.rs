//! Capabilities of the calendar.

use schemars::JsonSchema;
use serde::Deserialize;
use xswarm_core::capability::{Category, EffectClass};
use xswarm_language::command::{AppointmentDraft, Command, NewLength, Understood, Which};

use super::{
    super::{
        appointments, calling_off,
        capability::{Definition, Heard, Refusal},
        details, everyday, free, moving, suggestions,
        trust::Spoken,
        turn::{Decision, Turn, problem_words},
    },
    Nothing,
};
use crate::error::Error;

/// Books.
pub(super) struct CreateAppointment;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAppointment {
    /// What it is, in the person's words, such as "dinner with Anna".
    title: Spoken,
    /// When, exactly in the person's words, such as "Friday at 7pm" or "every Monday at 9". Never a date you worked out.
    when: Spoken,
    /// How long, in the person's words, such as "two hours".
    length: Option<Spoken>,
    /// Who takes part, as the person named them.
    #[serde(default)]
    with: Vec<Spoken>,
    /// Where.
    place: Option<Spoken>,
}

impl Definition for CreateAppointment {
    const NAME: &'static str = "create_appointment";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Books an appointment, once or repeating.";
    const EXAMPLES: &'static [&'static str] =
        &["Schedule a meeting with John tomorrow at 3pm", "Dentist on Friday from 3:30 to 4:15pm"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = NewAppointment;

    fn command(arguments: NewAppointment, heard: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::CreateAppointment(AppointmentDraft {
            title: Some(titled(&heard.text(&arguments.title))),
            when: Some(heard.when(&arguments.when)?),
            duration: arguments.length.as_ref().map(|length| heard.length(length)).transpose()?,
            participants: heard.claim.texts(&arguments.with),
            place: heard.perhaps(arguments.place.as_ref()),
            ..AppointmentDraft::default()
        }))
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::CreateAppointment(draft) = &understood.command else { return None };
        Some(appointments::create(turn, draft, understood.problems.first().map(problem_words)))
    }
}

/// A title as it stands in a calendar: it begins with a capital.
fn titled(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

/// Moves, or changes the length.
pub(super) struct MoveAppointment;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Move {
    /// Words of its title or who takes part; absent for what was spoken of last.
    appointment: Option<Spoken>,
    /// When it is now, in the person's words, where they said so.
    now: Option<Spoken>,
    /// The new time, exactly in the person's words.
    to: Option<Spoken>,
    /// The new length, in the person's words.
    length: Option<Spoken>,
}

impl Definition for MoveAppointment {
    const NAME: &'static str = "move_appointment";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Moves an appointment to another time, or makes it longer or shorter.";
    const EXAMPLES: &'static [&'static str] =
        &["Move the meeting with John to Friday at 10", "Extend the meeting with John by 30 minutes"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = Move;

    fn command(arguments: Move, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let to = arguments.to.as_ref().map(|to| heard.when(to)).transpose()?;
        let length = arguments.length.as_ref().map(|length| heard.length(length)).transpose()?;
        if to.is_none() && length.is_none() {
            return Err(Refusal("Give the new time or the new length.".to_owned()));
        }
        let which = heard.which(arguments.appointment.as_ref(), arguments.now.as_ref())?;
        Ok(Command::MoveAppointment { which, to, by: None, length: length.map(NewLength::Exactly) })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::MoveAppointment { which, to, by, length } = &understood.command else { return None };
        let change = moving::Change { to: to.clone(), by: *by, length: *length };
        Some(moving::move_to(turn, which, &change, understood.problems.first().map(problem_words)))
    }
}

/// Gives another title or place.
pub(super) struct EditAppointment;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    /// Words of its title or who takes part; absent for what was spoken of last.
    appointment: Option<Spoken>,
    /// When it is, in the person's words, where they said so.
    when: Option<Spoken>,
    /// The new title, in the person's words.
    title: Option<Spoken>,
    /// The new place, in the person's words.
    place: Option<Spoken>,
}

impl Definition for EditAppointment {
    const NAME: &'static str = "edit_appointment";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Gives an appointment another title or another place.";
    const EXAMPLES: &'static [&'static str] =
        &["Rename the meeting with John to Kickoff", "Set the location of the meeting with John to Room 5"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = Edit;

    fn command(arguments: Edit, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let title = heard.perhaps(arguments.title.as_ref()).map(|title| titled(&title));
        let place = heard.perhaps(arguments.place.as_ref());
        if title.is_none() && place.is_none() {
            return Err(Refusal("Give the new title or the new place.".to_owned()));
        }
        let which = heard.which(arguments.appointment.as_ref(), arguments.when.as_ref())?;
        Ok(Command::EditAppointment { which, title, place })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::EditAppointment { which, title, place } = &understood.command else { return None };
        Some(details::edit(turn, which, (title.as_deref(), place.as_deref())))
    }
}

/// Calls off.
pub(super) struct CancelAppointment;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    /// Words of its title or who takes part; absent for what was spoken of last.
    appointment: Option<Spoken>,
    /// When it is, in the person's words, where they said so.
    when: Option<Spoken>,
}

impl Definition for CancelAppointment {
    const NAME: &'static str = "cancel_appointment";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Calls off an appointment. The person is asked before it happens.";
    const EXAMPLES: &'static [&'static str] = &["Cancel the dentist on Friday", "Cancel my meeting with John"];
    const EFFECT: EffectClass = EffectClass::WriteOwn;
    type Arguments = One;

    fn command(arguments: One, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let which = heard.which(arguments.appointment.as_ref(), arguments.when.as_ref())?;
        Ok(Command::CancelAppointment { which })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::CancelAppointment { which } = &understood.command else { return None };
        Some(calling_off::cancel(turn, which))
    }
}

/// Shows what is on.
pub(super) struct ShowAgenda;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Look {
    /// Which stretch: "today", "on Friday", "this week", "in the next 7 days"; absent for what comes next.
    range: Option<String>,
    /// Only appointments with these words in them.
    about: Option<String>,
}

impl Definition for ShowAgenda {
    const NAME: &'static str = "show_agenda";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Tells what is on the calendar, or when something is.";
    const EXAMPLES: &'static [&'static str] = &["What's on my calendar today?", "Am I free tomorrow afternoon?"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = Look;

    fn command(arguments: Look, heard: &Heard<'_>) -> Result<Command, Refusal> {
        let range = heard.range(arguments.range.as_deref());
        Ok(Command::ShowAgenda { range, which: Which { title: arguments.about, ..Which::default() }, free: false })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::ShowAgenda { range, which, free } = &understood.command else { return None };
        let agenda = everyday::agenda(turn, range, which, *free);
        let glance = if *free { None } else { suggestions::agenda_glance(turn, range, which) };
        Some(agenda.map(|decision| Decision { glance, ..decision }))
    }
}

/// Finds free times.
pub(super) struct FindTime;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Room {
    /// Within which stretch: "tomorrow afternoon", "next week".
    range: Option<String>,
    /// For how long, in the person's words.
    length: Option<Spoken>,
    /// What for.
    title: Option<Spoken>,
    /// Who takes part.
    #[serde(default)]
    with: Vec<Spoken>,
}

impl Definition for FindTime {
    const NAME: &'static str = "find_time";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Finds times at which nothing is on, and offers to book one.";
    const EXAMPLES: &'static [&'static str] = &["Find a time for a 30 minute call with John tomorrow"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = Room;

    fn command(arguments: Room, heard: &Heard<'_>) -> Result<Command, Refusal> {
        // What is offered here is booked by a number alone, so nothing goes into it that the person did not say.
        let own = |spoken: &&Spoken| heard.claim.is_own(spoken);
        let draft = AppointmentDraft {
            title: heard.perhaps(arguments.title.as_ref().filter(own)),
            duration: arguments.length.as_ref().map(|length| heard.length(length)).transpose()?,
            participants: arguments.with.iter().filter(own).map(|name| heard.text(name)).collect(),
            ..AppointmentDraft::default()
        };
        Ok(Command::FindTime { range: heard.range(arguments.range.as_deref()), draft })
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        let Command::FindTime { range, draft } = &understood.command else { return None };
        Some(match understood.problems.first().map(problem_words) {
            Some(problem) => Ok(Decision::say(format!("{problem} Please say it with another time."))),
            None => free::find(turn, range, draft),
        })
    }
}

/// Shows what was called off.
pub(super) struct ListCancelled;

impl Definition for ListCancelled {
    const NAME: &'static str = "list_cancelled";
    const CATEGORY: Category = Category::Scheduling;
    const DESCRIPTION: &'static str = "Tells which appointments were called off lately.";
    const EXAMPLES: &'static [&'static str] = &["What did I cancel?"];
    const EFFECT: EffectClass = EffectClass::Read;
    type Arguments = Nothing;

    fn command(_: Nothing, _: &Heard<'_>) -> Result<Command, Refusal> {
        Ok(Command::ListCancelled)
    }

    fn plan(turn: &Turn<'_>, understood: &Understood) -> Option<Result<Decision, Error>> {
        (understood.command == Command::ListCancelled).then(|| calling_off::list(turn))
    }
}
