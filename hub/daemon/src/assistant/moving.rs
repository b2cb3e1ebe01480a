//! Moving appointments by conversation: to another time, by so much, to another length; of a series one, one and all
//! that follow, or all.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    appointment::{Appointment, ChangedOccurrence},
    conflict::Conflict,
    series::{self, Scope, SeriesError, Target},
    time::resolve_local,
};
use xswarm_language::{
    command::{NewLength, When, Which},
    time::Span,
};

use super::{
    appointments::{Meant, choose, meant, none_found, past, reminder_words},
    effect,
    matching::Upcoming,
    question::{Action, Part, Slot},
    scope::{ask_scope, guarded, is_foreign},
    timing::{self, NoTiming, later},
    topic,
    turn::{Decision, Turn},
    whose,
};
use crate::{calendar, error::Error, wording};

/// What is to change about an appointment.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// The new time.
    pub(super) to: Option<When>,
    /// How far it moves.
    pub(super) by: Option<Span>,
    /// The new length.
    pub(super) length: Option<NewLength>,
}

impl Change {
    /// Whether it lacks what shall be otherwise.
    fn says_nothing(&self) -> bool {
        let length = matches!(self.length, Some(NewLength::Exactly(_) | NewLength::By(_)));
        self.to.is_none() && self.by.is_none() && !length
    }
}

/// Moves an appointment.
pub(super) fn move_to(
    turn: &Turn<'_>,
    which: &Which,
    change: &Change,
    problem: Option<String>,
) -> Result<Decision, Error> {
    if let Some(problem) = problem {
        return Ok(turn.missing(Slot::When, format!("{problem} To when shall I move it? Nothing was changed yet.")));
    }
    if change.says_nothing() {
        return Ok(match change.length {
            Some(_) => turn.missing(Slot::Duration, "By how much?"),
            None => turn.missing(Slot::When, "To when?"),
        });
    }
    if let Some(decision) = topic::acting::move_to(turn, which, change)? {
        return Ok(decision);
    }
    let Meant { found, scope } = meant(turn, which)?;
    let action = || Action::Move { text: turn.said.text.clone(), said_at: turn.said.at.with_timezone(&Utc) };
    match found.as_slice() {
        [] => none_found(turn, which),
        [one] => match scope.or_else(|| one.only_scope()) {
            Some(scope) => moved(turn, one, scope, change),
            None => Ok(ask_scope(turn, one, action())),
        },
        several => Ok(choose(several, scope, "Which one shall I move?", action())),
    }
}

/// Moves what was chosen, as the sentence of `turn` said.
pub(super) fn move_chosen(turn: &Turn<'_>, part: Part) -> Result<Decision, Error> {
    use xswarm_language::command::{Command, understand};
    let gone = || Decision::say("That appointment is gone. Nothing was changed.");
    let Some(one) = Upcoming::of(turn, part)? else { return Ok(gone()) };
    let command = understand(&turn.said.text, &turn.context()).command;
    let Command::MoveAppointment { to, by, length, .. } = command else { return Ok(gone()) };
    let change = Change { to, by, length };
    if change.says_nothing() {
        // What was missing had been answered; the sentence alone does not hold it.
        return Ok(Decision::say("Please say that in one sentence, with the new time or length. Nothing was changed."));
    }
    if let Some(scope) = part.scope.or_else(|| one.only_scope()) {
        return moved(turn, &one, scope, &change);
    }
    let (text, said_at) = (turn.said.text.clone(), turn.said.at.with_timezone(&Utc));
    Ok(ask_scope(turn, &one, Action::Move { text, said_at }))
}

/// The new time of an occurrence, or what is to be asked or said instead.
fn new_time(
    turn: &Turn<'_>,
    (old, length): (DateTime<Utc>, Duration),
    change: &Change,
) -> Result<(DateTime<Utc>, DateTime<Utc>), Box<Decision>> {
    let zone = turn.zone();
    let old = old.with_timezone(&zone);
    let said = |when: &When| timing::timing(when, turn.said.at, &turn.conventions.policy);
    let missing = |question: &str| Box::new(turn.missing(Slot::When, question));
    let refused = |why: String| Box::new(Decision::say(format!("{why} Nothing was changed.")));
    let (start, end) = match (&change.to, change.by) {
        (Some(when), _) if when.date_said && !when.time_said => {
            let timing = said(when).map_err(|_why| missing("To which day, and what time?"))?;
            let day = timing.start.with_timezone(&zone).date_naive();
            (resolve_local(day.and_time(old.time()), zone), None)
        }
        (Some(when), _) if let Some(start) = timing::on_its_day(when, old, turn.now) => (start, None),
        (Some(when), _) if !when.date_said && when.time_said => {
            let timing = said(when).map_err(|_why| missing("To what time?"))?;
            let at = |at: DateTime<Utc>| {
                let clock = at.with_timezone(&zone).time();
                resolve_local(old.date_naive().and_time(clock), zone)
            };
            (at(timing.start), timing.end.map(at))
        }
        (Some(when), _) => match said(when) {
            Ok(timing) => (timing.start, timing.end),
            Err(NoTiming::Which { question }) => return Err(missing(question)),
            Err(NoTiming::Unusable { why }) => return Err(refused(why)),
        },
        (None, Some(by)) => (later(old, by), None),
        (None, None) => (old.with_timezone(&Utc), None),
    };
    if let Some(complaint) = past(turn, start) {
        let words = format!("{complaint} To when shall I move it? Nothing was changed yet.");
        return Err(missing(&words));
    }
    let length = match change.length {
        Some(NewLength::Exactly(length)) => later(start.with_timezone(&zone), length) - start,
        Some(NewLength::By(more)) => later((start + length).with_timezone(&zone), more) - start,
        Some(NewLength::Longer | NewLength::Shorter) | None => length,
    };
    let end = end.unwrap_or(start + length);
    if end <= start {
        return Err(refused("That ends before it begins.".to_owned()));
    }
    Ok((start, end))
}

/// Moves `scope` of a series (or a single appointment) as its occurrence `one` is to move.
fn moved(turn: &Turn<'_>, one: &Upcoming, scope: Scope, change: &Change) -> Result<Decision, Error> {
    let (before, occurrence) = (&one.appointment, &one.occurrence);
    // One that was moved by itself says nothing about when the others are.
    let old = match scope {
        Scope::This => (occurrence.start, occurrence.end - occurrence.start),
        Scope::Following | Scope::All => (occurrence.recurrence_id, before.length()),
    };
    let (start, end) = match new_time(turn, old, change) {
        Ok(time) => time,
        Err(decision) => return Ok(*decision),
    };
    let to = ChangedOccurrence { start, end, title: None, description: None, location: None };
    let target = Target { scope, recurrence_id: occurrence.recurrence_id };
    let edited = match series::changed(before, target, &to, turn.now) {
        Ok(edited) => edited,
        Err(error) => return Ok(refused(&error)),
    };
    let whole = edited.rest.as_ref().unwrap_or(&edited.series);
    let (line, which) = if before.is_series() && scope == Scope::This {
        let moved = xswarm_core::appointment::Occurrence { start, end, ..occurrence.clone() };
        (wording::occurrence(&moved, turn.zone()), " Only this one; the others of the series stay.")
    } else {
        let which = match (before.is_series(), &edited.rest, scope) {
            (false, ..) => "",
            (true, Some(_), _) => " This one and all that follow; the earlier ones stay.",
            (true, None, Scope::This | Scope::Following | Scope::All) => " The whole series moves.",
        };
        (wording::appointment(whole), which)
    };
    let conflicts = in_the_way(turn, (before, whole), scope, (start, end))?;
    let mut reply = format!("Moved: {line}.{which}");
    reply.push_str(&reminder_words(turn, whole, turn.reminders_by)?);
    reply.push_str(&wording::conflicts(&conflicts, turn.buffer(), turn.zone()));
    let sources = whose::of_ids(turn.rows, conflicts.iter().map(|conflict| conflict.with.appointment))?;
    let effects = effect::of_edit(turn.rows, before, edited, turn.reminders_by)?;
    if is_foreign(before) {
        let old = wording::occurrence(occurrence, turn.zone());
        let asked = format!("Shall I move {old} to {}?", wording::moment(start, turn.zone()));
        return Ok(Decision { sources, ..guarded(before, &asked, effects, reply) });
    }
    Ok(Decision { sources, ..Decision::act(effects, reply) })
}

/// What gets in the way of what was moved, the appointment itself aside.
fn in_the_way(
    turn: &Turn<'_>,
    (before, whole): (&Appointment, &Appointment),
    scope: Scope,
    (start, end): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Conflict>, Error> {
    match scope {
        Scope::This => Ok(calendar::conflicts(turn.rows, turn.user.id, start, end, Some(whole.id))?),
        Scope::Following | Scope::All => {
            let clashes = calendar::clashes(turn.rows, turn.user, whole, &[before.id, whole.id], turn.now)?;
            Ok(clashes.into_iter().map(|clash| clash.conflict).collect())
        }
    }
}

/// Why a series does not change like that.
pub(super) fn refused(error: &SeriesError) -> Decision {
    Decision::say(match error {
        SeriesError::NoSuchOccurrence => "That day of the series is gone already. Nothing was changed.".to_owned(),
        SeriesError::Immovable => {
            "The days of such a series cannot move like that. Nothing was changed. Cancel the series and book it anew on \
             its new days."
                .to_owned()
        }
        SeriesError::EndsBeforeStart => "That ends before it begins. Nothing was changed.".to_owned(),
        SeriesError::TooFar | SeriesError::Rule(_) => {
            format!("I can't change that series: {error}. Nothing was changed.")
        }
    })
}
