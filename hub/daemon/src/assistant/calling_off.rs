//! Calling appointments off by conversation: always asked first, with all that goes named.

use chrono::{DateTime, Utc};
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus, Exception, SkipReason},
    id::ReminderId,
    reminder::{Reminder, ReminderStatus},
    series::{self, Edited, Scope, Target},
};
use xswarm_language::command::Which;

use super::{
    appointments::{CHOICES, Meant, choose, meant, none_found},
    effect::{self, Effect},
    matching::Upcoming,
    moving::refused,
    question::{Action, Item, Part, Question},
    scope::{ask_scope, described, untold},
    topic,
    turn::{Decision, Turn},
    whose,
};
use crate::{error::Error, wording};

/// Asks whether to call appointments off.
pub(super) fn cancel(turn: &Turn<'_>, which: &Which) -> Result<Decision, Error> {
    if let Some(decision) = topic::acting::cancel(turn, which)? {
        return Ok(decision);
    }
    let Meant { found, scope } = meant(turn, which)?;
    let scope = scope.or(which.all.then_some(Scope::All));
    match found.as_slice() {
        [] => none_found(turn, which),
        [one] if scope.or_else(|| one.only_scope()).is_none() => Ok(ask_scope(turn, one, Action::Cancel)),
        several if which.all || several.len() == 1 => Ok(confirm(turn, several, scope)),
        several => Ok(choose(several, scope, "Which one shall I cancel?", Action::Cancel)),
    }
}

/// "Cancel it" where nothing was asked that it could drop: what was spoken of; `None` for other words, and when nothing was.
pub(super) fn cancel_it(turn: &Turn<'_>) -> Result<Option<Decision>, Error> {
    const VERBS: [&str; 3] = ["cancel", "delete", "remove"];
    let said = turn.said.text.to_lowercase();
    let mut words = said.split(|c: char| !c.is_alphanumeric()).filter(|word| !matches!(*word, "" | "please"));
    if words.next().is_none_or(|word| !VERBS.contains(&word)) {
        return Ok(None);
    }
    let it = Which { pronoun: true, ..Which::default() };
    if topic::pointed_at(turn, &it)?.is_none() {
        return Ok(None);
    }
    cancel(turn, &it).map(Some)
}

/// "Cancel this? (yes or no)"
fn confirm(turn: &Turn<'_>, several: &[Upcoming], scope: Option<Scope>) -> Decision {
    let shown: Vec<&Upcoming> = several.iter().take(CHOICES).collect();
    let items = shown.iter().map(|one| Item::Occurrence(one.part(scope))).collect();
    let lines: Vec<_> = shown.iter().map(|one| described(one, scope, turn.zone())).collect();
    let told: Vec<_> = shown.iter().filter_map(|one| untold(&one.appointment)).take(1).collect();
    let words = match lines.as_slice() {
        [one] => format!("Cancel {one}?{} (yes or no)", told.concat()),
        _ => format!("Cancel all {} of these?{} (yes or no)\n{}", lines.len(), told.concat(), lines.join("\n")),
    };
    Decision::ask(words, Question::Cancel { items })
}

/// Calls off what the person confirmed or chose. What is gone meanwhile is passed over.
pub(super) fn cancel_items(turn: &Turn<'_>, items: &[Item]) -> Result<Decision, Error> {
    let (mut edits, mut lines, mut effects) = (Vec::<(Appointment, Appointment)>::new(), Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Occurrence(part) => {
                let Some(one) = Upcoming::of(turn, *part)? else { continue };
                // Several days of one series make one change.
                let earlier = edits.iter_mut().find(|(before, _)| before.id == part.appointment);
                let now = earlier.as_ref().map_or(&one.appointment, |(_, after)| after);
                let scope = part.scope.unwrap_or(Scope::All);
                let target = Target { scope, recurrence_id: part.recurrence_id };
                let Edited { series: after, .. } = match series::cancelled(now, target, turn.now) {
                    Ok(edited) => edited,
                    Err(error) => return Ok(refused(&error)),
                };
                lines.push(described(&one, Some(scope), turn.zone()));
                match earlier {
                    Some((_, latest)) => *latest = after,
                    None => edits.push((one.appointment, after)),
                }
            }
            Item::Appointment(id) => {
                let standing = turn.rows.appointment(*id)?.filter(|one| one.status != AppointmentStatus::Cancelled);
                if let Some(before) = standing {
                    lines.push(wording::appointment(&before));
                    let after =
                        Appointment { status: AppointmentStatus::Cancelled, ..effect::revised(&before, turn.now) };
                    edits.push((before, after));
                }
            }
            Item::Reminder(id) => {
                if let Some(reminder) = pending(turn, *id)? {
                    lines.push(wording::reminder(&reminder, turn.zone()));
                    effects.push(Effect::CancelReminder { reminder: Box::new(reminder) });
                }
            }
        }
    }
    effects.extend(edits.into_iter().map(|(before, after)| effect::change(&before, after, turn.reminders_by)));
    if effects.is_empty() {
        return Ok(Decision::say("That is gone already. Nothing was changed."));
    }
    Ok(Decision::act(effects, format!("Cancelled: {}. Say \"undo\" to take it back.", lines.join("; "))))
}

/// Calls off what was chosen from a list; of a series it is asked how much.
pub(super) fn cancel_chosen(turn: &Turn<'_>, item: Item) -> Result<Decision, Error> {
    if let Item::Occurrence(part) = item
        && let Some(one) = Upcoming::of(turn, part)?
        && part.scope.or_else(|| one.only_scope()).is_none()
    {
        return Ok(ask_scope(turn, &one, Action::Cancel));
    }
    cancel_items(turn, &[item])
}

fn pending(turn: &Turn<'_>, id: ReminderId) -> Result<Option<Reminder>, Error> {
    Ok(turn.rows.reminder(id)?.filter(|reminder| reminder.status == ReminderStatus::Pending))
}

/// What was called off lately, and which coming days of series are left out.
pub(super) fn list(turn: &Turn<'_>) -> Result<Decision, Error> {
    const SHOWN: usize = 10;
    const LATELY: chrono::Duration = chrono::Duration::days(31);
    let cancelled = turn.rows.appointments_cancelled(turn.user.id, turn.now - LATELY, 10)?;
    let mut lines: Vec<String> = cancelled.iter().map(wording::appointment).collect();
    let all = turn.rows.appointments_from(turn.user.id, turn.now, super::matching::LOOK_AHEAD)?;
    let mut sources = whose::of_appointments(&cancelled);
    let mut left_out: Vec<(DateTime<Utc>, String)> = Vec::new();
    for one in &all {
        for (at, exception) in one.exceptions.iter().filter(|(at, _)| *at > turn.now) {
            let Exception::Skipped { reason } = exception else { continue };
            sources.join(&whose::of_appointments([one]));
            let why = match reason {
                SkipReason::Cancelled => "",
                SkipReason::Holiday => " (a holiday)",
                SkipReason::Conflict => " (something else was there)",
            };
            left_out.push((at, format!("{}, {}{why}", one.title, wording::moment(at, turn.zone()))));
        }
    }
    left_out.sort();
    lines.extend(left_out.into_iter().map(|(_, line)| line));
    if lines.is_empty() {
        return Ok(Decision::say(
            "Nothing was cancelled in the last month, and no coming day of a series is left out.",
        ));
    }
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    let more = if more > 0 { format!("\nand {more} more") } else { String::new() };
    Ok(Decision { sources, ..Decision::say(format!("Cancelled:\n– {}{more}", lines.join("\n– "))) })
}

/// One part as an item of a list.
impl Upcoming {
    /// This occurrence, and how much of its series.
    pub(super) fn part(&self, scope: Option<Scope>) -> Part {
        let scope = scope.or_else(|| self.only_scope());
        Part { appointment: self.appointment.id, recurrence_id: self.occurrence.recurrence_id, scope }
    }
}
