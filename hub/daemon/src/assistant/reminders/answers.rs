//! What a person answers to what they were reminded of: done, seen, later.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    id::{MessageId, ReminderId},
    message::MessageStatus,
    reminder::{Reminder, ReminderKind},
};
use xswarm_language::{
    command::{Answer, Expecting, When, Which, understand_answer},
    time::Span,
};

use super::pending;
use crate::{
    assistant::{
        appointments::past,
        effect::Effect,
        matching::{LOOK_AHEAD, matching},
        question::Slot,
        timing::{self, NoTiming, later},
        topic,
        turn::{Decision, Turn},
    },
    error::Error,
    wording,
};

/// How long after it was said a reminder can be answered.
const OPEN: Duration = Duration::days(1);

/// How long after it was said "ok", "thanks" or a bare "in 10 minutes" is taken for an answer to it.
const FRESH: Duration = Duration::hours(1);

/// How long a snooze is when nothing was said.
const SNOOZE: Span = Span::minutes(10);

/// What was said to the person within `since` and not yet answered, the last first.
fn open(turn: &Turn<'_>, since: Duration) -> Result<Vec<Reminder>, Error> {
    let said = turn.rows.reminders_said(turn.user.id, turn.now - since, LOOK_AHEAD)?;
    Ok(said.into_iter().filter(|one| one.progress.acknowledged_at.is_none()).collect())
}

/// Those of them that the last message told.
fn last_told(open: Vec<Reminder>) -> Vec<Reminder> {
    let last: Option<MessageId> = open.first().and_then(|one| one.message_id);
    open.into_iter().filter(|one| one.message_id == last).collect()
}

/// Those of them that the person has had a chance to see: what waits at a console that nobody looked at is not answered by
/// a "yes".
fn shown(turn: &Turn<'_>, told: Vec<Reminder>) -> Result<Vec<Reminder>, Error> {
    let Some(message) = told.first().and_then(|one| one.message_id) else { return Ok(told) };
    let waits = turn.rows.message(message)?.is_some_and(|message| message.status == MessageStatus::Pending);
    Ok(if waits { Vec::new() } else { told })
}

/// "Done", "got it": the last that was said, or the one that is named.
pub(in super::super) fn acknowledge(turn: &Turn<'_>, which: &Which, settled: bool) -> Result<Decision, Error> {
    let open = open(turn, OPEN)?;
    if which.title.is_none() {
        let told = shown(turn, last_told(open))?;
        return Ok(acknowledged(told, settled).unwrap_or_else(|| Decision::say("Good.")));
    }
    let named = matching(&open, which, turn.zone());
    if let Some(decision) = acknowledged(named, settled) {
        return Ok(decision);
    }
    // What is done before it was said need not be said any more.
    let ahead = pending(turn, &[ReminderKind::Reminder])?;
    Ok(match matching(&ahead, which, turn.zone()).as_slice() {
        [one] => {
            let reply = format!("Good, I won't remind you: {}.", wording::reminder(one, turn.zone()));
            Decision::act(vec![Effect::CancelReminder { reminder: Box::new(one.clone()) }], reply)
        }
        [] => Decision::say("I have not reminded you of anything like that today. Nothing was changed."),
        [_, ..] => {
            Decision::say("Several reminders are called so. Nothing was changed; say \"cancel the reminder …\".")
        }
    })
}

pub(in super::super) fn acknowledged(said: Vec<Reminder>, settled: bool) -> Option<Decision> {
    let mut names: Vec<_> = said.iter().map(|one| one.text.clone()).collect();
    names.dedup();
    let effects: Vec<_> =
        said.into_iter().map(|one| Effect::AcknowledgeReminder { reminder: Box::new(one), settled }).collect();
    let word = if settled { "Done" } else { "Noted" };
    (!effects.is_empty()).then(|| Decision::act(effects, format!("{word}: {}.", names.join("; "))))
}

/// "Ok" or "thanks" after a reminder: it was seen.
pub(in super::super) fn seen(turn: &Turn<'_>) -> Result<Option<Decision>, Error> {
    Ok(acknowledged(shown(turn, last_told(open(turn, FRESH)?))?, false))
}

/// The same of what was said after an instant, for a sentence that may mean something else.
pub(in super::super) fn seen_since(turn: &Turn<'_>, since: DateTime<Utc>) -> Result<Option<Decision>, Error> {
    let open = open(turn, FRESH)?.into_iter().filter(|one| one.sent_at.is_some_and(|at| at > since)).collect();
    Ok(acknowledged(shown(turn, last_told(open))?, false))
}

/// Whether a sentence that names no reminder speaks of alarms; ordinary reminders are not meant then.
pub(super) fn is_about_alarms(text: &str) -> bool {
    text.split(|one: char| !one.is_alphanumeric())
        .any(|word| word.eq_ignore_ascii_case("alarm") || word.eq_ignore_ascii_case("alarms"))
}

/// An alarm that rings: it was said and will be said again.
pub(in super::super) fn stop_ringing(turn: &Turn<'_>) -> Result<Option<Decision>, Error> {
    let waits: Vec<_> =
        pending(turn, &[ReminderKind::Alarm])?.into_iter().filter(|one| one.progress.repetition > 0).collect();
    let rings = |one: &Reminder| {
        one.kind == ReminderKind::Alarm && waits.iter().any(|next| next.step.series == one.step.series)
    };
    let ringing: Vec<_> = open(turn, FRESH)?.into_iter().filter(rings).collect();
    Ok(acknowledged(last_told(ringing), true).map(|decision| Decision { reply: "Stopped.".to_owned(), ..decision }))
}

/// A bare "in 10 minutes" soon after a reminder.
pub(in super::super) fn bare_time(turn: &Turn<'_>) -> Result<Option<Decision>, Error> {
    if open(turn, FRESH)?.is_empty() {
        return Ok(None);
    }
    let any = Which::default();
    match understand_answer(&turn.said.text, Expecting::Duration, &turn.context()) {
        Answer::Duration(length) => return snooze(turn, &any, Some(length), None).map(Some),
        Answer::Time(until) => return snooze(turn, &any, None, Some(&until)).map(Some),
        Answer::Yes | Answer::No | Answer::Title(_) | Answer::Choice(_) | Answer::NewCommand(_) | Answer::Unclear => {}
    }
    match understand_answer(&turn.said.text, Expecting::Time, &turn.context()) {
        Answer::Time(until) => snooze(turn, &any, None, Some(&until)).map(Some),
        Answer::Duration(_)
        | Answer::Yes
        | Answer::No
        | Answer::Title(_)
        | Answer::Choice(_)
        | Answer::NewCommand(_)
        | Answer::Unclear => Ok(None),
    }
}

/// Says the last reminder again later.
pub(in super::super) fn snooze(
    turn: &Turn<'_>,
    which: &Which,
    length: Option<Span>,
    until: Option<&When>,
) -> Result<Decision, Error> {
    let said = turn.rows.reminders_said(turn.user.id, turn.now - OPEN, LOOK_AHEAD)?;
    if let Some([one]) = topic::reminders(turn, which, |one| said.contains(one))?.as_deref() {
        return Ok(say_again(turn, one.clone(), length, until));
    }
    let named = matching(&said, which, turn.zone());
    if let (Some(title), [], [_, ..]) = (&which.title, named.as_slice(), said.as_slice()) {
        let words = format!("I have not reminded you of \"{title}\" today. Nothing was changed.");
        return Ok(Decision::say(words));
    }
    // What is done already is said again only by its name.
    let undone = |one: &Reminder| which.title.is_some() || one.progress.acknowledged_at.is_none();
    let meant = if which.title.is_some() { named } else { said };
    let last = meant.into_iter().max_by_key(|one| (undone(one), one.sent_at));
    let Some(last) = last else {
        return Ok(Decision::say("There is nothing to snooze: I have not reminded you of anything today."));
    };
    Ok(say_again(turn, last, length, until))
}

/// Says one that was said again later.
pub(in super::super) fn say_again(
    turn: &Turn<'_>,
    last: Reminder,
    length: Option<Span>,
    until: Option<&When>,
) -> Decision {
    let due = match until.map(|when| timing::timing(when, turn.said.at, &turn.conventions.policy)) {
        Some(Ok(timing)) => timing.start,
        Some(Err(NoTiming::Which { question })) => return turn.missing(Slot::Duration, question),
        Some(Err(NoTiming::Unusable { why })) => return Decision::say(why),
        None => later(turn.said.at, length.unwrap_or(SNOOZE)),
    };
    if let Some(complaint) = past(turn, due) {
        return Decision::say(format!("{complaint} Nothing was changed."));
    }
    let mut again = last.again(ReminderId::new(turn.now), due, last.step.clone(), turn.now);
    again.recurrence = None;
    again.channel = turn.reminders_by;
    let reply =
        format!("I'll remind you again{}: {}.", wording::by(again.channel), wording::reminder(&again, turn.zone()));
    let effect = Effect::SnoozeReminder { said: Box::new(last), again: Box::new(again) };
    Decision::act(vec![effect], reply)
}
