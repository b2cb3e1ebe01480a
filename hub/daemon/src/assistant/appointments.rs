//! Appointments by conversation: booking, moving, calling off.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    appointment::{Appointment, AppointmentSource, AppointmentStatus, Exceptions},
    id::{AppointmentId, ReminderId},
    message::Channel,
    preferences::CalendarPreferences,
    reminder::{ReminderPreferences, ReminderStatus},
};
use xswarm_language::{
    command::{AppointmentDraft, ChannelWord, NewLength, When, Which},
    time::{Span, Value},
};

use super::{
    doubt,
    effect::{self, Effect},
    matching::{LOOK_AHEAD, Upcoming, matching},
    question::{Action, Item, Question, Slot},
    timing::{self, NoTiming, Timing, later},
    turn::{Decision, Turn},
};
use crate::{calendar, error::Error, reminders, wording};

/// The longest appointment that is believed without doubt.
const LONGEST: Duration = Duration::days(31);

/// How many things are listed to choose from.
pub(super) const CHOICES: usize = 9;

/// Books an appointment.
pub(super) fn create(turn: &Turn<'_>, draft: &AppointmentDraft, problem: Option<String>) -> Result<Decision, Error> {
    if let Some(problem) = problem {
        return Ok(turn.missing(Slot::When, format!("{problem} When should it be? Nothing is booked yet.")));
    }
    let Some(when) = &draft.when else {
        return Ok(turn.missing(Slot::When, "When?"));
    };
    let timing = match timing::timing(when, turn.said.at, &turn.conventions.policy) {
        Ok(timing) => timing,
        Err(NoTiming::Which { question }) => return Ok(turn.missing(Slot::When, question)),
        Err(NoTiming::Unusable { why }) => return Ok(Decision::say(format!("{why} Nothing was booked."))),
    };
    if let Some(complaint) = past(turn, timing.start) {
        return Ok(turn.missing(Slot::When, format!("{complaint} When should it be? Nothing is booked yet.")));
    }
    let end = match end(turn, &timing, draft.duration) {
        Ok(end) => end,
        Err(why) => return Ok(Decision::say(format!("{why} Nothing was booked."))),
    };
    let channel = reminder_channel(turn, draft.channel);
    let usual_lead = || ReminderPreferences::of(&turn.user.preferences).usual_lead();
    let appointment = Appointment {
        id: AppointmentId::new(turn.now),
        user_id: turn.user.id,
        title: draft.title.clone().unwrap_or_else(|| "Appointment".to_owned()),
        description: draft.description.clone(),
        start: timing.start,
        end,
        timezone: turn.zone(),
        location: draft.place.clone(),
        participants: draft.participants.clone(),
        recurrence: timing.recurrence,
        additional: Vec::new(),
        exceptions: Exceptions::default(),
        all_day: false,
        source: AppointmentSource::BOSS,
        reminder_minutes: if draft.silent { None } else { draft.lead_time.and_then(minutes).or_else(usual_lead) },
        status: AppointmentStatus::Confirmed,
        generation: 0,
        version: 1,
        created_at: turn.now,
        updated_at: turn.now,
    };
    let clashes = calendar::clashes(turn.rows, turn.user, &appointment, &[], turn.now)?;
    let mut reply = format!("Booked: {}.", wording::appointment(&appointment));
    if !when.time_said && timing_defaulted(&when.value) {
        reply.push_str(" You said no time, so I took the usual one.");
    }
    if let Some(other) = doubt::hint(when, turn.now.with_timezone(&turn.zone())) {
        reply.push_str(&other);
    }
    reply.push_str(&reminder_words(turn, &appointment, channel)?);
    let conflicts: Vec<_> = clashes.into_iter().map(|clash| clash.conflict).collect();
    reply.push_str(&wording::conflicts(&conflicts, turn.buffer(), turn.zone()));
    Ok(Decision::act(vec![Effect::Book { appointment: Box::new(appointment), channel }], reply))
}

fn timing_defaulted(value: &Value) -> bool {
    match value {
        Value::Date { .. } => true,
        Value::Recurrence(repeat) => repeat.times.is_empty(),
        Value::Instant { .. } | Value::Interval { .. } | Value::Duration(_) => false,
    }
}

fn minutes(lead: Span) -> Option<u32> {
    let seconds = lead.seconds + i64::from(lead.days) * 86_400;
    u32::try_from(seconds / 60).ok()
}

/// By which way the person asked to be reminded; by the usual one when they did not say, or it is not there.
fn reminder_channel(turn: &Turn<'_>, said: Option<ChannelWord>) -> Channel {
    match said {
        Some(ChannelWord::Sms | ChannelWord::Email | ChannelWord::Phone | ChannelWord::Room) | None => {
            turn.reminders_by
        }
    }
}

fn reminder_words(turn: &Turn<'_>, appointment: &Appointment, channel: Channel) -> Result<String, Error> {
    if appointment.reminder_minutes.is_none() {
        return Ok(String::new());
    }
    let plan = turn.rows.appointment_plan(appointment.id)?;
    let leads = reminders::leads_ahead(appointment, &plan, turn.user, turn.now);
    if leads.is_empty() {
        return Ok(" It is too soon for a reminder.".to_owned());
    }
    Ok(format!(" I'll remind you {} before{}.", wording::leads(&leads), wording::by(channel)))
}

/// A complaint if the time has gone by.
pub(super) fn past(turn: &Turn<'_>, start: DateTime<Utc>) -> Option<String> {
    (start <= turn.now - Duration::minutes(1))
        .then(|| format!("{} is already past.", wording::moment(start, turn.zone())))
}

fn end(turn: &Turn<'_>, timing: &Timing, length: Option<Span>) -> Result<DateTime<Utc>, String> {
    let end = match (timing.end, length) {
        (Some(end), _) => end,
        (None, Some(length)) => later(timing.start.with_timezone(&turn.zone()), length),
        (None, None) => timing.start + CalendarPreferences::of(turn.user).default_length(),
    };
    if end <= timing.start {
        return Err("That ends before it begins.".to_owned());
    }
    if end - timing.start > LONGEST {
        return Err("That is longer than a month.".to_owned());
    }
    Ok(end)
}

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
    if change.to.is_none() && change.by.is_none() && change.length.is_none() {
        return Ok(turn.missing(Slot::When, "To when?"));
    }
    let found = meant(turn, which)?;
    match found.as_slice() {
        [] => Ok(Decision::say(none_found(turn, which)?)),
        [one] => moved(turn, one, change),
        several => Ok(choose(
            several,
            "Which one shall I move?",
            Action::Move { text: turn.said.text.clone(), said_at: turn.said.at.with_timezone(&Utc) },
        )),
    }
}

/// Moves the appointment that was chosen from a list, as the sentence of `turn` said.
pub(super) fn move_chosen(turn: &Turn<'_>, item: Item) -> Result<Decision, Error> {
    use xswarm_language::command::{Command, understand};
    let gone = || Decision::say("That appointment is gone. Nothing was changed.");
    let Item::Appointment(id) = item else { return Ok(gone()) };
    let Some(one) = upcoming(turn)?.into_iter().find(|one| one.appointment.id == id) else { return Ok(gone()) };
    let command = understand(&turn.said.text, &turn.context()).command;
    let Command::MoveAppointment { to, by, length, .. } = command else { return Ok(gone()) };
    moved(turn, &one, &Change { to, by, length })
}

fn moved(turn: &Turn<'_>, one: &Upcoming, change: &Change) -> Result<Decision, Error> {
    let (before, zone) = (&one.appointment, turn.zone());
    let old = one.start.with_timezone(&zone);
    let (start, end) = match (&change.to, change.by) {
        (Some(when), _) if when.date_said && !when.time_said => {
            let Ok(timing) = timing::timing(when, turn.said.at, &turn.conventions.policy) else {
                return Ok(turn.missing(Slot::When, "To which day, and what time?"));
            };
            let day = timing.start.with_timezone(&zone).date_naive();
            (xswarm_core::time::resolve_local(day.and_time(old.time()), zone), None)
        }
        (Some(when), _) if !when.date_said && when.time_said => {
            let Ok(timing) = timing::timing(when, turn.said.at, &turn.conventions.policy) else {
                return Ok(turn.missing(Slot::When, "To what time?"));
            };
            let at = |at: DateTime<Utc>| {
                let clock = at.with_timezone(&zone).time();
                xswarm_core::time::resolve_local(old.date_naive().and_time(clock), zone)
            };
            (at(timing.start), timing.end.map(at))
        }
        (Some(when), _) => match timing::timing(when, turn.said.at, &turn.conventions.policy) {
            Ok(timing) => (timing.start, timing.end),
            Err(NoTiming::Which { question }) => return Ok(turn.missing(Slot::When, question)),
            Err(NoTiming::Unusable { why }) => return Ok(Decision::say(format!("{why} Nothing was changed."))),
        },
        (None, Some(by)) => (later(old, by), None),
        (None, None) => (one.start, None),
    };
    if let Some(complaint) = past(turn, start) {
        return Ok(turn.missing(Slot::When, format!("{complaint} To when shall I move it? Nothing was changed yet.")));
    }
    let length = match change.length {
        Some(NewLength::Exactly(length)) => later(start.with_timezone(&zone), length) - start,
        Some(NewLength::By(more)) => later((start + before.length()).with_timezone(&zone), more) - start,
        None => before.length(),
    };
    let end = end.unwrap_or(start + length);
    if end <= start {
        return Ok(Decision::say("That ends before it begins. Nothing was changed."));
    }
    let mut after = Appointment { start, end, ..effect::revised(before, turn.now) };
    let mut series = "";
    if before.recurrence.is_some() {
        let same_day = start.with_timezone(&zone).date_naive() == old.date_naive();
        if !same_day {
            return Ok(Decision::say(
                "That is one of a series, and I can't move a single day of a series yet. Nothing was changed. You can \
                 move the series to another time of day, or cancel it and book it anew.",
            ));
        }
        // The series keeps its days and takes the new time of day from its first occurrence on.
        let first = before.start.with_timezone(&zone).date_naive().and_time(start.with_timezone(&zone).time());
        after.start = xswarm_core::time::resolve_local(first, zone);
        after.end = after.start + (end - start);
        series = " The whole series moves.";
    }
    let conflicts = calendar::conflicts(turn.rows, turn.user.id, start, end, Some(before.id))?;
    let mut reply = format!("Moved: {}.{series}", wording::appointment(&after));
    reply.push_str(&reminder_words(turn, &after, turn.reminders_by)?);
    reply.push_str(&wording::conflicts(&conflicts, turn.buffer(), zone));
    Ok(Decision::act(vec![effect::change(before, after, turn.reminders_by)], reply))
}

/// Asks whether to call appointments off.
pub(super) fn cancel(turn: &Turn<'_>, which: &Which) -> Result<Decision, Error> {
    let found = meant(turn, which)?;
    match found.as_slice() {
        [] => Ok(Decision::say(none_found(turn, which)?)),
        several if which.all || several.len() == 1 => {
            let several: Vec<&Upcoming> = several.iter().take(CHOICES).collect();
            let items = several.iter().map(|one| Item::Appointment(one.appointment.id)).collect();
            let lines: Vec<_> = several.iter().map(|one| wording::upcoming(one.start, &one.appointment)).collect();
            let series = if several.iter().any(|one| one.appointment.recurrence.is_some()) {
                " That means every occurrence of a series."
            } else {
                ""
            };
            let words = match lines.as_slice() {
                [one] => format!("Cancel {one}?{series} (yes or no)"),
                _ => format!("Cancel all {} of these?{series} (yes or no)\n{}", lines.len(), lines.join("\n")),
            };
            Ok(Decision::ask(words, Question::Cancel { items }))
        }
        several => Ok(choose(several, "Which one shall I cancel?", Action::Cancel)),
    }
}

/// Calls off what the person confirmed or chose. What is gone meanwhile is passed over.
pub(super) fn cancel_items(turn: &Turn<'_>, items: &[Item]) -> Result<Decision, Error> {
    let (mut effects, mut lines) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Appointment(id) => {
                let standing = turn.rows.appointment(*id)?.filter(|one| one.status != AppointmentStatus::Cancelled);
                if let Some(before) = standing {
                    lines.push(wording::appointment(&before));
                    let after =
                        Appointment { status: AppointmentStatus::Cancelled, ..effect::revised(&before, turn.now) };
                    effects.push(effect::change(&before, after, turn.reminders_by));
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
    if effects.is_empty() {
        return Ok(Decision::say("That is gone already. Nothing was changed."));
    }
    Ok(Decision::act(effects, format!("Cancelled: {}. Say \"undo\" to take it back.", lines.join("; "))))
}

fn pending(turn: &Turn<'_>, id: ReminderId) -> Result<Option<xswarm_core::reminder::Reminder>, Error> {
    Ok(turn.rows.reminder(id)?.filter(|reminder| reminder.status == ReminderStatus::Pending))
}

/// A list to choose from.
fn choose(several: &[Upcoming], question: &str, action: Action) -> Decision {
    let shown: Vec<&Upcoming> = several.iter().take(CHOICES).collect();
    let lines = shown
        .iter()
        .enumerate()
        .map(|(n, one)| format!("{}. {}", n + 1, wording::upcoming(one.start, &one.appointment)));
    let mut words = format!("{question}\n{}", lines.collect::<Vec<_>>().join("\n"));
    if several.len() > shown.len() {
        words.push_str("\n(There are more; name the day or the title to narrow it down.)");
    }
    let items = shown.iter().map(|one| Item::Appointment(one.appointment.id)).collect();
    Decision::ask(words, Question::Choose { items, action })
}

/// A person's appointments that are not over, each with its next start.
pub(super) fn upcoming(turn: &Turn<'_>) -> Result<Vec<Upcoming>, Error> {
    let all = turn.rows.appointments_from(turn.user.id, turn.now, LOOK_AHEAD)?;
    let next = |appointment: Appointment| {
        let start = match &appointment.recurrence {
            None => Some(appointment.start),
            Some(_) => appointment.next_start(turn.now - appointment.length()).ok().flatten(),
        };
        start.map(|start| Upcoming { appointment, start })
    };
    let mut upcoming: Vec<_> = all.into_iter().filter_map(next).collect();
    upcoming.sort_by_key(|one| one.start);
    Ok(upcoming)
}

/// The appointments that a person means.
fn meant(turn: &Turn<'_>, which: &Which) -> Result<Vec<Upcoming>, Error> {
    let all = upcoming(turn)?;
    if which.pronoun
        && let Some(last) = last_touched(turn)?
    {
        return Ok(all.into_iter().filter(|one| one.appointment.id == last).collect());
    }
    Ok(matching(&all, which, turn.zone()))
}

/// The appointment that the last effect was about: "it".
fn last_touched(turn: &Turn<'_>) -> Result<Option<AppointmentId>, Error> {
    let receipts = turn.rows.receipts_of_last_turn::<Effect>(turn.user.id, turn.now - Duration::days(1))?;
    Ok(receipts.into_iter().find_map(|receipt| match receipt.effect {
        Effect::Book { appointment, .. } => Some(appointment.id),
        Effect::Change { after, .. } => Some(after.id),
        Effect::PlanReminders { appointment, .. } => Some(appointment),
        Effect::SetReminder { .. }
        | Effect::CancelReminder { .. }
        | Effect::RestoreReminder { .. }
        | Effect::SnoozeReminder { .. }
        | Effect::AcknowledgeReminder { .. }
        | Effect::PauseTimer { .. }
        | Effect::ResumeTimer { .. }
        | Effect::List { .. }
        | Effect::MarkUndone { .. } => None,
    }))
}

fn none_found(turn: &Turn<'_>, which: &Which) -> Result<String, Error> {
    let what = which.title.as_deref().map(|title| format!(" called \"{title}\"")).unwrap_or_default();
    let when = which.when.as_ref().map(|when| format!(" {}", when.text)).unwrap_or_default();
    let mut words = format!("I find no appointment{what}{when}. Nothing was changed.");
    let whole = Which { when: None, ..which.clone() };
    let series = |one: &Upcoming| one.appointment.recurrence.is_some();
    if which.when.is_some()
        && which.title.is_some()
        && let Some(one) = matching(&upcoming(turn)?, &whole, turn.zone()).into_iter().find(series)
    {
        let line = wording::upcoming(one.start, &one.appointment);
        return Ok(format!(
            "{words} There is a series: {line}. I can change it as a whole, not a single day of it yet."
        ));
    }
    let next: Vec<_> =
        upcoming(turn)?.iter().take(3).map(|one| wording::upcoming(one.start, &one.appointment)).collect();
    if !next.is_empty() {
        words = format!("{words} Coming up: {}.", next.join("; "));
    }
    Ok(words)
}
