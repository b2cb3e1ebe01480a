//! Another title or place for an appointment: of a series the one that was spoken of, else the whole series.

use chrono::Duration;
use xswarm_core::{
    appointment::ChangedOccurrence,
    series::{self, Scope, Target},
};
use xswarm_language::command::Which;

use super::{
    appointments::{CHOICES, Meant, meant, none_found},
    effect,
    matching::Upcoming,
    moving,
    question::Item,
    scope::{guarded, is_foreign},
    topic,
    turn::{Decision, Turn},
    whose,
};
use crate::{error::Error, wording};

/// The longest title or place.
const LONGEST: usize = 200;

/// Gives an appointment another title, or another place.
pub(super) fn edit(
    turn: &Turn<'_>,
    which: &Which,
    (title, place): (Option<&str>, Option<&str>),
) -> Result<Decision, Error> {
    if [title, place].into_iter().flatten().any(|text| text.chars().count() > LONGEST) {
        return Ok(Decision::say(format!("That is more than {LONGEST} characters. Nothing was changed.")));
    }
    if topic::refers(which) && topic::occurrences(turn, which)?.is_none() {
        return Ok(Decision::say(
            "I don't know which appointment you mean. Say it by its name, for example \"rename the dentist to Doctor\".",
        ));
    }
    let Meant { found, scope } = meant(turn, which)?;
    match found.as_slice() {
        [] => none_found(turn, which),
        [one] => edited(turn, one, scope.unwrap_or(Scope::All), (title, place)),
        several => {
            let shown = || several.iter().take(CHOICES);
            let lines: Vec<_> =
                shown().map(|one| format!("– {}", wording::upcoming(&one.occurrence, turn.zone()))).collect();
            let words = format!("Which one? Say it by its name and day. Nothing was changed.\n{}", lines.join("\n"));
            let sources = whose::of_appointments(shown().map(|one| &one.appointment));
            let about = shown().map(|one| Item::Occurrence(one.part(None))).collect();
            Ok(Decision { sources, ..Decision::say(words).about(about) })
        }
    }
}

fn edited(
    turn: &Turn<'_>,
    one: &Upcoming,
    scope: Scope,
    (title, place): (Option<&str>, Option<&str>),
) -> Result<Decision, Error> {
    let (before, occurrence) = (&one.appointment, &one.occurrence);
    let scope = if before.is_series() { scope } else { Scope::All };
    let (start, length) = match scope {
        Scope::This => (occurrence.start, occurrence.end - occurrence.start),
        Scope::Following | Scope::All => (occurrence.recurrence_id, before.length()),
    };
    let end = start + length.max(Duration::seconds(1));
    let (title, location) = (title.map(str::to_owned), place.map(str::to_owned));
    let to = ChangedOccurrence { start, end, title, description: None, location };
    let target = Target { scope, recurrence_id: occurrence.recurrence_id };
    let edited = match series::changed(before, target, &to, turn.now) {
        Ok(edited) => edited,
        Err(error) => return Ok(moving::refused(&error)),
    };
    let whole = edited.rest.as_ref().unwrap_or(&edited.series);
    let (line, which) = match (before.is_series(), scope) {
        (true, Scope::This) => {
            let now = whole.occurrence_at(occurrence.recurrence_id);
            let now = now.map_err(|error| Error::internal("a series cannot be expanded").with_source(error))?;
            let line = now.map(|now| wording::occurrence(&now, turn.zone())).unwrap_or_default();
            (line, " Only this one; the others of the series stay.")
        }
        (true, Scope::Following) => (wording::appointment(whole), " This one and all that follow."),
        (true, Scope::All) => (wording::appointment(whole), " The whole series."),
        (false, Scope::This | Scope::Following | Scope::All) => (wording::appointment(whole), ""),
    };
    let at = place.map(|place| format!(" Place: {place}.")).unwrap_or_default();
    let reply = format!("Changed: {line}.{at}{which}");
    let effects = effect::of_edit(turn.rows, before, edited, turn.reminders_by)?;
    if is_foreign(before) {
        let asked = format!("Shall I change {}?", wording::occurrence(occurrence, turn.zone()));
        return Ok(guarded(before, &asked, effects, reply));
    }
    Ok(Decision::act(effects, reply))
}
