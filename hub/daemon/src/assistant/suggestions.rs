//! Suggestions: what the Boss noticed by counting, asked about once, at the end of an answer that the person wanted anyway.
//!
//! Counting is `core`'s ([`xswarm_core::habit`]). No model takes part, no message is sent for a suggestion's own sake, and
//! nothing changes unless the person says yes. When one is made is decided in [`offering`].

mod offering;
mod wording;

use chrono::{DateTime, Datelike, Days, Duration, Timelike, Utc};
use xswarm_core::{
    habit::{Glance, HabitKind},
    id::{ReminderId, SuggestionId},
    message::Channel,
    recurrence::{Frequency, Recurrence},
    reminder::{
        Reminder, ReminderKind, ReminderPlan, ReminderPreferences, ReminderProgress, ReminderStatus, ReminderStep,
    },
    suggestion::{Suggestion, SuggestionPreferences, SuggestionState},
    time::resolve_local,
    user::User,
};
use xswarm_language::command::{AgendaRange, Which};
use xswarm_store::{StoreError, Tx};

use super::{
    effect::{Effect, words},
    everyday,
    question::Question,
    turn::{Decision, Turn},
};
use crate::{error::Error, outbox::OurAddresses, preferences::Wish, reminders};

pub(super) use offering::offer;

/// The most suggestions that are told at once.
const MOST: usize = 10;

/// Notes what a person looked at, and when in their own day.
pub(super) fn note(tx: &Tx<'_>, user: &User, glance: Option<Glance>, now: DateTime<Utc>) -> Result<(), StoreError> {
    let Some(glance) = glance else { return Ok(()) };
    let local = now.with_timezone(&user.timezone);
    tx.glanced(user.id, glance, local.date_naive(), u8::try_from(local.hour()).unwrap_or(0))
}

/// Which glance at the agenda it is: today's, or a week's about now. A look for something particular is none.
pub(super) fn agenda_glance(turn: &Turn<'_>, range: &AgendaRange, which: &Which) -> Option<Glance> {
    let today = turn.said.at.date_naive();
    if everyday::names_something(which) {
        return None;
    }
    match range {
        AgendaRange::Day(day) => (*day == today).then_some(Glance::Day),
        AgendaRange::Week(monday) => (-6..=7).contains(&(*monday - today).num_days()).then_some(Glance::Week),
        AgendaRange::Interval { start, end } => {
            let from = start.unwrap_or(turn.said.at);
            let length = (*end)? - from;
            let near = (from.date_naive() - today).num_days().abs() <= 1;
            (near && length >= Duration::days(6) && length <= Duration::days(8)).then_some(Glance::Week)
        }
        AgendaRange::Month(_) | AgendaRange::Next | AgendaRange::Any => None,
    }
}

/// What saying yes to one changes.
pub(crate) fn accepting(user: &User, one: &Suggestion, ours: &OurAddresses, now: DateTime<Utc>) -> Vec<Effect> {
    let prefer = |after: Wish| Effect::prefer(user, after);
    let first = match &one.habit {
        HabitKind::MeetingLength { minutes } => prefer(Wish::Length { minutes: *minutes }),
        HabitKind::WorkingHours { hours, .. } => prefer(Wish::Hours { hours: hours.clone() }),
        HabitKind::Channel { channel } => {
            let known = ReminderPreferences::of(&user.preferences).channels;
            let others = known.into_iter().filter(|other| other != channel);
            prefer(Wish::Channels { channels: std::iter::once(*channel).chain(others).collect() })
        }
        HabitKind::Weekly { glance, weekday, hour } => {
            let by = reminders::usual_channel(user, ours);
            let reminder = weekly(user, by, *glance, (*weekday, *hour), now);
            Effect::SetReminder { reminder: Box::new(reminder) }
        }
    };
    vec![first, decided(one, SuggestionState::Accepted)]
}

/// What saying no to one changes.
pub(crate) fn declining(one: &Suggestion) -> Vec<Effect> {
    vec![decided(one, SuggestionState::Declined)]
}

fn decided(one: &Suggestion, to: SuggestionState) -> Effect {
    Effect::DecideSuggestion { suggestion: one.id, about: one.proposal.clone(), from: one.state, to }
}

/// The reminder that tells something every week.
fn weekly(
    user: &User,
    by: Channel,
    glance: Glance,
    (weekday, hour): (chrono::Weekday, u8),
    now: DateTime<Utc>,
) -> Reminder {
    let zone = user.timezone;
    let today = now.with_timezone(&zone).date_naive();
    let ahead = u64::from((7 + weekday.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7);
    let on = |days| {
        let day = today.checked_add_days(Days::new(days)).unwrap_or(today);
        resolve_local(day.and_hms_opt(u32::from(hour), 0, 0).unwrap_or_default(), zone)
    };
    let due = Some(on(ahead)).filter(|due| *due > now).unwrap_or_else(|| on(ahead + 7));
    let id = ReminderId::new(now);
    Reminder {
        id,
        appointment_id: None,
        user_id: user.id,
        kind: ReminderKind::Reminder,
        text: wording::glance(glance).to_owned(),
        due,
        channel: by,
        recurrence: Some(Recurrence::every(Frequency::Weekly)),
        timezone: zone,
        step: ReminderStep { series: id.to_string(), recurrence_id: due, generation: 0, step: 0, attempt: 0 },
        series_start: due,
        status: ReminderStatus::Pending,
        outcome: None,
        error_message: None,
        message_id: None,
        created_at: now,
        sent_at: None,
        plan: ReminderPlan { tells: Some(glance), ..ReminderPlan::default() },
        progress: ReminderProgress::default(),
    }
}

/// The person's yes or no to one.
pub(super) fn decide(turn: &Turn<'_>, id: SuggestionId, yes: bool) -> Result<Decision, Error> {
    let gone = || Decision::say("That suggestion is settled already. Nothing was changed.");
    let Some(one) = turn.rows.suggestion(id)?.filter(|one| one.user_id == turn.user.id) else { return Ok(gone()) };
    if !yes && one.state.can_be_declined() {
        return Ok(Decision::act(declining(&one), "All right, I won't suggest that again. Nothing was changed."));
    }
    if !yes || !one.state.can_be_accepted() {
        return Ok(gone());
    }
    let effects = accepting(turn.user, &one, turn.ours, turn.now);
    let done: Vec<_> =
        effects.iter().take(1).filter_map(|effect| words::done(effect, turn.zone())).map(|line| line + ".").collect();
    let reply = format!("{} Say \"undo\" to take it back.", done.join(" "));
    Ok(Decision::act(effects, reply))
}

/// "No suggestions", "make suggestions again".
pub(super) fn set(turn: &Turn<'_>, on: bool) -> Decision {
    let after = Wish::Suggestions { enabled: on };
    let words = if on {
        "All right, I'll make a suggestion when I notice something."
    } else {
        "All right, I make no more suggestions. Say \"make suggestions again\" when you want them."
    };
    if after.as_kept(turn.user) == after {
        return Decision::say(words);
    }
    Decision::act(vec![Effect::prefer(turn.user, after)], words)
}

/// What was suggested and what became of it. The newest that is not answered is asked about again.
pub(super) fn list(turn: &Turn<'_>) -> Result<Decision, Error> {
    let all = turn.rows.suggestions(turn.user.id)?;
    let off = !SuggestionPreferences::of(&turn.user.preferences).enabled;
    let note = if off { "\nI make none at present: say \"make suggestions again\" to change that." } else { "" };
    let open = all.iter().find(|one| one.state == SuggestionState::Offered);
    let others: Vec<_> = (all.iter())
        .filter(|one| open.is_none_or(|open| open.id != one.id))
        .take(MOST)
        .map(|one| format!("– {} {} ({})", one.evidence, one.proposal, wording::state(one.state)))
        .collect();
    let others = others.join("\n");
    let Some(open) = open else {
        let none = "I have no suggestions: I have not noticed anything worth one.";
        let words = if all.is_empty() { none.to_owned() } else { format!("I suggested:\n{others}") };
        return Ok(Decision::say(words + note));
    };
    let asked = wording::question(&open.evidence, &open.proposal);
    let words = if others.is_empty() { asked } else { format!("I suggested:\n{others}\n{asked}") };
    Ok(Decision::ask(words, Question::Suggestion { id: open.id, asked_at: turn.now }))
}
