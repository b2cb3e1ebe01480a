//! Reminders and timers by conversation.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    id::ReminderId,
    message::Channel,
    recurrence::Recurrence,
    reminder::{Reminder, ReminderKind, ReminderStatus, ReminderStep},
};
use xswarm_language::{
    command::{AgendaRange, ChannelWord, When, Which},
    time::{Span, Value},
};

use super::{
    appointments::{CHOICES, past},
    effect::Effect,
    matching::{LOOK_AHEAD, matching},
    question::{Action, Item, Question, Slot},
    timing::{self, NoTiming, later},
    turn::{Decision, Turn},
};
use crate::{error::Error, wording};

/// The longest timer.
const LONGEST_TIMER: Duration = Duration::days(366);

/// How long a snooze is when nothing was said.
const SNOOZE: Span = Span::minutes(10);

/// Which of the two kinds is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Reminders.
    Reminders,
    /// Timers.
    Timers,
}

impl Of {
    fn includes(self, kind: ReminderKind) -> bool {
        match self {
            Self::Reminders => kind == ReminderKind::Reminder,
            Self::Timers => kind == ReminderKind::Timer,
        }
    }

    fn one(self) -> &'static str {
        match self {
            Self::Reminders => "reminder",
            Self::Timers => "timer",
        }
    }
}

/// Sets a reminder.
pub(super) fn set(
    turn: &Turn<'_>,
    text: Option<&str>,
    when: Option<&When>,
    said_channel: Option<ChannelWord>,
    problem: Option<String>,
) -> Decision {
    if let Some(problem) = problem {
        return turn.missing(Slot::When, format!("{problem} When shall I remind you? Nothing is set yet."));
    }
    let Some(text) = text else {
        return turn.missing(Slot::Title, "What shall I remind you of?");
    };
    let Some(when) = when else {
        return turn.missing(Slot::When, "When shall I remind you?");
    };
    let (due, recurrence) = match &when.value {
        Value::Duration(span) => (later(turn.said.at, *span), None),
        Value::Instant { .. } | Value::Date { .. } | Value::Interval { .. } | Value::Recurrence(_) => {
            match timing::timing(when, turn.said.at, &turn.conventions.policy) {
                Ok(timing) => (timing.start, timing.recurrence),
                Err(NoTiming::Which { question }) => return turn.missing(Slot::When, question),
                Err(NoTiming::Unusable { why }) => return Decision::say(format!("{why} Nothing was set.")),
            }
        }
    };
    if let Some(complaint) = past(turn, due) {
        return turn.missing(Slot::When, format!("{complaint} When shall I remind you? Nothing is set yet."));
    }
    let reminder = new(turn, ReminderKind::Reminder, text, due, recurrence);
    let unavailable = match said_channel {
        Some(ChannelWord::Email | ChannelWord::Phone | ChannelWord::Room) => {
            " I can't reach you that way yet, so it comes the usual way."
        }
        Some(ChannelWord::Sms) if turn.reminders_by != Channel::Sms => {
            " Texting is not set up for you, so it comes here."
        }
        Some(ChannelWord::Sms) | None => "",
    };
    let reply = format!(
        "I'll remind you{}: {}.{unavailable}",
        wording::by(reminder.channel),
        wording::reminder(&reminder, turn.zone())
    );
    Decision::act(vec![Effect::SetReminder { reminder: Box::new(reminder) }], reply)
}

fn new(
    turn: &Turn<'_>,
    kind: ReminderKind,
    text: &str,
    due: DateTime<Utc>,
    recurrence: Option<Recurrence>,
) -> Reminder {
    let id = ReminderId::new(turn.now);
    Reminder {
        id,
        appointment_id: None,
        user_id: turn.user.id,
        kind,
        text: text.to_owned(),
        due,
        channel: turn.reminders_by,
        recurrence,
        timezone: turn.zone(),
        step: ReminderStep { series: id.to_string(), recurrence_id: due, generation: 0, step: 0, attempt: 0 },
        series_start: due,
        status: ReminderStatus::Pending,
        outcome: None,
        error_message: None,
        message_id: None,
        created_at: turn.now,
        sent_at: None,
    }
}

/// Sets a timer.
pub(super) fn set_timer(turn: &Turn<'_>, length: Option<Span>, name: Option<&str>) -> Decision {
    let Some(length) = length else {
        return turn.missing(Slot::Duration, "For how long?");
    };
    match timer(turn, length, name) {
        Ok(timer) => {
            let reply = format!("Timer set: {}.", timer_words(&timer, turn));
            Decision::act(vec![Effect::SetReminder { reminder: Box::new(timer) }], reply)
        }
        Err(why) => Decision::say(format!("{why} Nothing was set.")),
    }
}

/// Sets several timers, or none of them.
pub(super) fn set_timers(turn: &Turn<'_>, wanted: &[(Option<Span>, Option<String>)]) -> Decision {
    let mut timers = Vec::new();
    for (length, name) in wanted {
        let Some(length) = length else {
            return Decision::say("I did not get how long each of them runs. Nothing was set.");
        };
        match timer(turn, *length, name.as_deref()) {
            Ok(timer) => timers.push(timer),
            Err(why) => return Decision::say(format!("{why} Nothing was set.")),
        }
    }
    let lines: Vec<_> = timers.iter().map(|timer| format!("– {}", timer_words(timer, turn))).collect();
    let reply = format!("{} timers set:\n{}", timers.len(), lines.join("\n"));
    let effects = timers.into_iter().map(|timer| Effect::SetReminder { reminder: Box::new(timer) }).collect();
    Decision::act(effects, reply)
}

fn timer(turn: &Turn<'_>, length: Span, name: Option<&str>) -> Result<Reminder, &'static str> {
    let due = later(turn.said.at, length);
    let runs = due - turn.said.at.with_timezone(&Utc);
    if runs <= Duration::zero() || runs > LONGEST_TIMER {
        return Err("A timer runs for a second up to a year.");
    }
    let text = match name {
        Some(name) => format!("{name} ({})", wording::length(runs)),
        None => wording::length(runs),
    };
    // A message that was long on its way may ask for a timer that has run out: it fires at once, marked late.
    Ok(new(turn, ReminderKind::Timer, &text, due, None))
}

fn timer_words(timer: &Reminder, turn: &Turn<'_>) -> String {
    format!("{}, until {}", timer.text, wording::moment_with_seconds(timer.due, turn.zone()))
}

fn pending(turn: &Turn<'_>) -> Result<Vec<Reminder>, Error> {
    Ok(turn.rows.reminders(turn.user.id, ReminderStatus::Pending, LOOK_AHEAD)?)
}

/// Says what is pending: all of it, or what falls into a stretch of time or goes by a name.
pub(super) fn list(turn: &Turn<'_>, range: &AgendaRange, which: &Which) -> Result<Decision, Error> {
    let all: Vec<_> = pending(turn)?.into_iter().filter(|one| one.kind != ReminderKind::Appointment).collect();
    if all.is_empty() {
        return Ok(Decision::say("You have no reminders or timers."));
    }
    let named = Which { when: None, ..which.clone() };
    let mut found = matching(&all, &named, turn.zone());
    if let Some((from, to)) = timing::bounds(range, turn.zone()) {
        found.retain(|one| (from..to).contains(&one.due));
    }
    if found.is_empty() {
        let words = format!("None of those. In all you have {}", wording::count(all.len(), "reminder"));
        return Ok(Decision::say(format!("{}.", words.trim_end_matches(':'))));
    }
    let all = found;
    let lines: Vec<_> = all.iter().map(|one| format!("– {}", wording::reminder(one, turn.zone()))).collect();
    Ok(Decision::say(format!("{}\n{}", wording::count(all.len(), "reminder"), lines.join("\n"))))
}

/// Calls a reminder or timer off; asks when several are meant.
pub(super) fn cancel(turn: &Turn<'_>, which: &Which, of: Of) -> Result<Decision, Error> {
    let all: Vec<_> = pending(turn)?.into_iter().filter(|one| of.includes(one.kind)).collect();
    let found = matching(&all, which, turn.zone());
    match found.as_slice() {
        [] if all.is_empty() => Ok(Decision::say(format!("You have no {}s. Nothing was changed.", of.one()))),
        [] => {
            let lines: Vec<_> = all.iter().take(3).map(|one| wording::reminder(one, turn.zone())).collect();
            let words = format!("I find no such {}. Nothing was changed. You have: {}.", of.one(), lines.join("; "));
            Ok(Decision::say(words))
        }
        [one] => super::appointments::cancel_items(turn, &[Item::Reminder(one.id)]),
        several => {
            let shown: Vec<_> = several.iter().take(CHOICES).collect();
            let items: Vec<_> = shown.iter().map(|one| Item::Reminder(one.id)).collect();
            let lines: Vec<_> = shown
                .iter()
                .enumerate()
                .map(|(n, one)| format!("{}. {}", n + 1, wording::reminder(one, turn.zone())))
                .collect();
            let lines = lines.join("\n");
            Ok(if which.all {
                let words = format!("Cancel all {} of these? (yes or no)\n{lines}", shown.len());
                Decision::ask(words, Question::Cancel { items })
            } else {
                let words = format!("Which one shall I cancel?\n{lines}");
                Decision::ask(words, Question::Choose { items, action: Action::Cancel })
            })
        }
    }
}

/// Says the last reminder again later.
pub(super) fn snooze(
    turn: &Turn<'_>,
    which: &Which,
    length: Option<Span>,
    until: Option<&When>,
) -> Result<Decision, Error> {
    let said = turn.rows.reminders_all(turn.user.id, LOOK_AHEAD)?;
    let day = turn.now - Duration::days(1);
    let recent = |one: &Reminder| one.status == ReminderStatus::Sent && one.sent_at.is_some_and(|at| at > day);
    let said: Vec<_> = said.into_iter().filter(recent).collect();
    let named = matching(&said, which, turn.zone());
    if let (Some(title), [], [_, ..]) = (&which.title, named.as_slice(), said.as_slice()) {
        let words = format!("I have not reminded you of \"{title}\" today. Nothing was changed.");
        return Ok(Decision::say(words));
    }
    let last = if which.title.is_some() { named } else { said }.into_iter().max_by_key(|one| one.sent_at);
    let Some(last) = last else {
        return Ok(Decision::say("There is nothing to snooze: I have not reminded you of anything today."));
    };
    let due = match until.map(|when| timing::timing(when, turn.said.at, &turn.conventions.policy)) {
        Some(Ok(timing)) => timing.start,
        Some(Err(NoTiming::Which { question })) => return Ok(turn.missing(Slot::Duration, question)),
        Some(Err(NoTiming::Unusable { why })) => return Ok(Decision::say(why)),
        None => later(turn.said.at, length.unwrap_or(SNOOZE)),
    };
    if let Some(complaint) = past(turn, due) {
        return Ok(Decision::say(format!("{complaint} Nothing was changed.")));
    }
    let again = new(turn, ReminderKind::Reminder, &last.text, due, None);
    let reply =
        format!("I'll remind you again{}: {}.", wording::by(again.channel), wording::reminder(&again, turn.zone()));
    Ok(Decision::act(vec![Effect::SetReminder { reminder: Box::new(again) }], reply))
}

/// Says how long timers still run.
pub(super) fn timer_status(turn: &Turn<'_>, which: &Which) -> Result<Decision, Error> {
    let all: Vec<_> = pending(turn)?.into_iter().filter(|one| Of::Timers.includes(one.kind)).collect();
    let found = matching(&all, which, turn.zone());
    if all.is_empty() {
        return Ok(Decision::say("No timer is running."));
    }
    let shown = if found.is_empty() { all } else { found };
    let lines: Vec<_> = shown
        .iter()
        .map(|one| format!("{}: {} left", one.text, wording::length((one.due - turn.now).max(Duration::seconds(1)))))
        .collect();
    Ok(Decision::say(lines.join("\n")))
}

/// Makes timers longer or shorter, or lets one run so long from now.
pub(super) fn change_timer(
    turn: &Turn<'_>,
    which: &Which,
    by: Option<Span>,
    to: Option<Span>,
) -> Result<Decision, Error> {
    let changed = |due: DateTime<Utc>| match (to, by) {
        (Some(to), _) => Some(later(turn.said.at, to)),
        (None, Some(by)) => Some(later(due.with_timezone(&turn.zone()), by)),
        (None, None) => None,
    };
    let all: Vec<_> = pending(turn)?.into_iter().filter(|one| Of::Timers.includes(one.kind)).collect();
    let found = matching(&all, which, turn.zone());
    if found.is_empty() {
        return Ok(Decision::say("No such timer is running. Nothing was changed."));
    }
    if found.len() > 1 && !which.all {
        let names: Vec<_> = found.iter().map(|one| one.text.clone()).collect();
        return Ok(Decision::say(format!("Which timer? There are: {}. Nothing was changed.", names.join("; "))));
    }
    let (mut effects, mut lines) = (Vec::new(), Vec::new());
    for one in found {
        let Some(due) = changed(one.due) else { return Ok(turn.missing(Slot::Duration, "By how much?")) };
        if due <= turn.now {
            return Ok(Decision::say("That would end it at once. Nothing was changed; say \"cancel the timer\"."));
        }
        lines.push(format!("{}, {} left", one.text, wording::length(due - turn.now)));
        let changed = new(turn, ReminderKind::Timer, &one.text, due, None);
        effects.push(Effect::CancelReminder { reminder: Box::new(one.clone()) });
        effects.push(Effect::SetReminder { reminder: Box::new(changed) });
    }
    Ok(Decision::act(effects, format!("Timer changed: {}.", lines.join("; "))))
}
