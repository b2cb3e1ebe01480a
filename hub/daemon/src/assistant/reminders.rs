//! Reminders and alarms by conversation: setting, listing, moving, calling off. Timers, answers to what was said, and
//! reminders before appointments have files of their own.

pub(super) mod answers;
pub(super) mod before;
pub(super) mod timers;

use chrono::{DateTime, Utc};
use xswarm_core::{
    id::ReminderId,
    message::Channel,
    recurrence::Recurrence,
    reminder::{
        Reminder, ReminderKind, ReminderPlan, ReminderPreferences, ReminderProgress, ReminderStatus, ReminderStep,
        ladder::Ladder,
    },
    time::resolve_local,
};
use xswarm_language::{
    command::{AgendaRange, ChannelWord, Nature, When, Which},
    time::{Span, Value},
};

use super::{
    appointments::{CHOICES, past},
    effect::Effect,
    matching::{LOOK_AHEAD, matching},
    question::{Action, Item, Question, Slot},
    timing::{self, NoTiming, later},
    topic,
    turn::{Decision, Turn},
};
use crate::{error::Error, outbox::To, wording};

/// Which of the two kinds is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Reminders.
    Reminders,
    /// Timers.
    Timers,
}

impl Of {
    fn kinds(self) -> &'static [ReminderKind] {
        match self {
            Self::Reminders => &[ReminderKind::Reminder, ReminderKind::Alarm],
            Self::Timers => &[ReminderKind::Timer],
        }
    }

    fn includes(self, kind: ReminderKind) -> bool {
        self.kinds().contains(&kind)
    }

    fn one(self) -> &'static str {
        match self {
            Self::Reminders => "reminder",
            Self::Timers => "timer",
        }
    }
}

/// What belongs to no appointment.
const SET_BY_A_PERSON: &[ReminderKind] = &[ReminderKind::Reminder, ReminderKind::Alarm, ReminderKind::Timer];

/// How a reminder is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    /// By which way.
    pub(super) channel: Option<ChannelWord>,
    /// Whether it rings, whether it is urgent.
    pub(super) nature: Nature,
}

/// Sets a reminder or an alarm, unless there is the very same already: nobody wants to be woken twice.
pub(super) fn set(
    turn: &Turn<'_>,
    text: Option<&str>,
    when: Option<&When>,
    wanted: Wanted,
    problem: Option<String>,
) -> Result<Decision, Error> {
    let decision = planned(turn, text, when, wanted, problem);
    let [Effect::SetReminder { reminder }] = decision.effects.as_slice() else { return Ok(decision) };
    let same = |one: &Reminder| {
        one.due == reminder.due
            && one.recurrence == reminder.recurrence
            && one.text.to_lowercase() == reminder.text.to_lowercase()
            && one.progress.repetition == 0
    };
    let Some(known) = pending(turn, &[reminder.kind])?.into_iter().find(same) else { return Ok(decision) };
    let words = format!("That is set already: {}. Nothing was changed.", wording::reminder(&known, turn.zone()));
    Ok(Decision::say(words).about(items(&[known])))
}

fn planned(
    turn: &Turn<'_>,
    text: Option<&str>,
    when: Option<&When>,
    wanted: Wanted,
    problem: Option<String>,
) -> Decision {
    if let Some(problem) = problem {
        return turn.missing(Slot::When, format!("{problem} When shall I remind you? Nothing is set yet."));
    }
    let alarm = wanted.nature.alarm;
    let Some(text) = text.or(alarm.then_some("wake up")) else {
        return turn.missing(Slot::Title, "What shall I remind you of?");
    };
    let Some(when) = when else {
        return turn.missing(Slot::When, if alarm { "For when?" } else { "When shall I remind you?" });
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
    let kind = if alarm { ReminderKind::Alarm } else { ReminderKind::Reminder };
    let mut reminder = new(turn, kind, text, due, recurrence);
    reminder.plan.urgent = wanted.nature.urgent;
    let unavailable = by_said_way(turn, &mut reminder, wanted.channel);
    let ladder = Ladder::of(&reminder, &ReminderPreferences::of(&turn.user.preferences));
    let held = match ladder.quiet.and_then(|quiet| quiet.until(due, turn.zone())) {
        Some(until) => format!(
            " That is in your quiet hours, so it waits until {}, unless you say \"urgent\".",
            wording::moment(until, turn.zone())
        ),
        None => String::new(),
    };
    let lead = if alarm { "Alarm set" } else { "I'll remind you" };
    let words = wording::reminder(&reminder, turn.zone());
    let words = words.strip_prefix("alarm: ").unwrap_or(&words);
    let reply = format!("{lead}{}: {words}.{unavailable}{held}", wording::by(reminder.channel));
    Decision::act(vec![Effect::SetReminder { reminder: Box::new(reminder) }], reply)
}

/// Puts the way that was asked for first; words of regret when it does not reach the person.
fn by_said_way(turn: &Turn<'_>, reminder: &mut Reminder, said: Option<ChannelWord>) -> &'static str {
    let (channel, unavailable) = said_way(turn, said);
    if let Some(channel) = channel {
        reminder.channel = channel;
        reminder.plan.channels = Some(vec![channel]);
    }
    unavailable
}

/// The way that was asked for, when it reaches the person; words of regret when it does not.
fn said_way(turn: &Turn<'_>, said: Option<ChannelWord>) -> (Option<Channel>, &'static str) {
    let channel = match said {
        Some(ChannelWord::Sms) => Channel::Sms,
        Some(ChannelWord::Email) => Channel::Email,
        Some(ChannelWord::Phone) => Channel::Voice,
        Some(ChannelWord::Room) => Channel::Room,
        None => return (None, ""),
    };
    if To::user(turn.user, channel, turn.ours).is_some() {
        return (Some(channel), "");
    }
    let unavailable = match channel {
        Channel::Sms => " Texting is not set up for you, so it comes here.",
        Channel::Email | Channel::Voice | Channel::ClaudeCode | Channel::Console | Channel::Room => {
            " I can't reach you that way yet, so it comes the usual way."
        }
    };
    (None, unavailable)
}

/// The same reminder at another time: the next generation of its occurrence.
fn moved(turn: &Turn<'_>, before: &Reminder, due: DateTime<Utc>) -> Result<Reminder, Error> {
    let ReminderStep { series, recurrence_id, .. } = &before.step;
    let generation = turn.rows.reminder_next_generation(series, *recurrence_id)?;
    let step = ReminderStep { generation, attempt: 0, ..before.step.clone() };
    Ok(before.again(ReminderId::new(turn.now), due, step, turn.now))
}

/// Moves a reminder or an alarm; of a repeating one the next time only.
pub(super) fn move_to(turn: &Turn<'_>, which: &Which, to: Option<&When>, by: Option<Span>) -> Result<Decision, Error> {
    let all = pending(turn, Of::Reminders.kinds())?;
    let found = match topic::reminders(turn, which, |one| all.contains(one))? {
        Some(found) => found,
        None => matching(&all, which, turn.zone()),
    };
    match found.as_slice() {
        [one] => move_one(turn, one, to, by),
        [] => Ok(none_found(turn, &all, Of::Reminders)),
        several => {
            let lines: Vec<_> =
                several.iter().map(|one| format!("– {}", wording::reminder(one, turn.zone()))).collect();
            let words = format!("Which one? Say it by its name or time. Nothing was changed.\n{}", lines.join("\n"));
            Ok(Decision::say(words).about(items(several)))
        }
    }
}

/// The same for one that is to come.
pub(super) fn move_one(
    turn: &Turn<'_>,
    one: &Reminder,
    to: Option<&When>,
    by: Option<Span>,
) -> Result<Decision, Error> {
    let due = match (to, by) {
        (Some(when), _) => match new_time(turn, one, when) {
            Ok(due) => due,
            Err(why) => return Ok(Decision::say(format!("{why} Nothing was changed."))),
        },
        (None, Some(by)) => later(one.due.with_timezone(&turn.zone()), by),
        (None, None) => return Ok(Decision::say("To when? Say it with the new time. Nothing was changed.")),
    };
    if let Some(complaint) = past(turn, due) {
        return Ok(Decision::say(format!("{complaint} Nothing was changed.")));
    }
    let after = moved(turn, one, due)?;
    let once = if one.recurrence.is_some() { " The others of the series stay." } else { "" };
    let reply = format!("Moved: {}, {}.{once}", one.text, wording::moment(due, turn.zone()));
    let effects = vec![
        Effect::CancelReminder { reminder: Box::new(one.clone()) },
        Effect::SetReminder { reminder: Box::new(after) },
    ];
    Ok(Decision::act(effects, reply))
}

/// When a reminder is due that moves: a time of day alone stays on its day, a day alone keeps its time of day.
fn new_time(turn: &Turn<'_>, one: &Reminder, when: &When) -> Result<DateTime<Utc>, String> {
    let old = one.due.with_timezone(&turn.zone());
    if let Some(at) = timing::on_its_day(when, old, turn.now) {
        return Ok(at);
    }
    if let (Value::Date { start, .. }, false) = (&when.value, when.time_said) {
        return Ok(resolve_local(start.and_time(old.time()), turn.zone()));
    }
    match timing::timing(when, turn.said.at, &turn.conventions.policy) {
        Ok(timing) if timing.recurrence.is_none() => Ok(timing.start),
        Ok(_) => Err("I can move it to one time only.".to_owned()),
        Err(NoTiming::Which { question }) => Err(question.to_owned()),
        Err(NoTiming::Unusable { why }) => Err(why),
    }
}

fn none_found(turn: &Turn<'_>, all: &[Reminder], of: Of) -> Decision {
    if all.is_empty() {
        return Decision::say(format!("You have no {}s. Nothing was changed.", of.one()));
    }
    let lines: Vec<_> = all.iter().take(3).map(|one| wording::reminder(one, turn.zone())).collect();
    let words = format!("I find no such {}. Nothing was changed. You have: {}.", of.one(), lines.join("; "));
    Decision::say(words)
}

fn new(
    turn: &Turn<'_>,
    kind: ReminderKind,
    text: &str,
    due: DateTime<Utc>,
    recurrence: Option<Recurrence>,
) -> Reminder {
    let id = ReminderId::new(turn.now);
    let room = match kind {
        ReminderKind::Timer | ReminderKind::Alarm => turn.room,
        ReminderKind::Reminder | ReminderKind::Appointment => None,
    };
    Reminder {
        id,
        appointment_id: None,
        user_id: turn.user.id,
        kind,
        text: text.to_owned(),
        due,
        channel: if room.is_some() { Channel::Room } else { turn.reminders_by },
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
        plan: ReminderPlan { room, ..ReminderPlan::default() },
        progress: ReminderProgress::default(),
    }
}

fn pending(turn: &Turn<'_>, kinds: &[ReminderKind]) -> Result<Vec<Reminder>, Error> {
    let mut all = turn.rows.reminders_pending(turn.user.id, kinds, LOOK_AHEAD)?;
    if turn.is_guest {
        all.retain(|one| one.plan.room.is_some() && one.plan.room == turn.room);
    }
    Ok(all)
}

/// Says what is pending: all of it, or what falls into a stretch of time or goes by a name.
pub(super) fn list(turn: &Turn<'_>, range: &AgendaRange, which: &Which) -> Result<Decision, Error> {
    let first = |one: &Reminder| one.progress.repetition == 0 && one.progress.on_behalf_of.is_none();
    let all: Vec<_> = pending(turn, SET_BY_A_PERSON)?.into_iter().filter(first).collect();
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
    let words = format!("{}\n{}", wording::count(all.len(), "reminder"), lines.join("\n"));
    Ok(Decision::say(words).about(items(&all)))
}

fn items(reminders: &[Reminder]) -> Vec<Item> {
    reminders.iter().map(|one| Item::Reminder(one.id)).collect()
}

/// Calls a reminder or timer off; asks when several are meant.
pub(super) fn cancel(turn: &Turn<'_>, which: &Which, of: Of) -> Result<Decision, Error> {
    if of == Of::Reminders
        && which.title.is_none()
        && let Some(stopped) = answers::stop_ringing(turn)?
    {
        return Ok(stopped);
    }
    let mut all = pending(turn, of.kinds())?;
    if of == Of::Reminders && which.title.is_none() && answers::is_about_alarms(&turn.said.text) {
        all.retain(|one| one.kind == ReminderKind::Alarm);
        if all.is_empty() {
            return Ok(Decision::say("No alarm rings, and none is set."));
        }
    }
    let found = match topic::reminders(turn, which, |one| of.includes(one.kind))? {
        Some(found) => found,
        None => matching(&all, which, turn.zone()),
    };
    match found.as_slice() {
        [] => Ok(none_found(turn, &all, of)),
        [one] => topic::acting::cancel_one(turn, one),
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
