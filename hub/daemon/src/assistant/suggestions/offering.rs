//! When a suggestion is made: at most one a day and person, only to somebody who is there because they said something
//! themselves, only at the end of an answer that leaves no question open, and never in their quiet hours.

use chrono::{DateTime, Datelike, Days, Duration, Timelike, Utc};
use xswarm_core::{
    habit::{self, DAYS, Habit},
    id::SuggestionId,
    message::Channel,
    preferences::CalendarPreferences,
    reminder::ReminderPreferences,
    sms,
    suggestion::{Suggestion, SuggestionPreferences, SuggestionState},
    user::User,
};
use xswarm_store::{Rows, Tx};

use super::wording;
use crate::{
    assistant::{Before, question::Question, turn::Decision},
    error::Error,
    outbox::{OurAddresses, To},
    reminders,
};

/// Capabilities about the conversation itself: no moment for something else.
const NO_MOMENT: [&str; 4] = ["undo", "help", "set_suggestions", "list_suggestions"];

/// Makes a suggestion at the end of an answer, if there is one to make: what to add to the answer, and what is then asked.
/// `text` is the answer; the caller has seen to it that it leaves no question open.
pub(in super::super) fn offer(
    tx: &Tx<'_>,
    before: &Before,
    decision: &Decision,
    text: &str,
    ours: &OurAddresses,
    now: DateTime<Utc>,
) -> Result<Option<(String, Question)>, Error> {
    let (channel, theirs) = (before.message.channel, decision.used.is_some_and(|name| !NO_MOMENT.contains(&name)));
    // The answer itself may have changed what they prefer.
    let Some(user) = tx.user(before.user.id)? else { return Ok(None) };
    if !theirs || before.again.is_some() || !is_moment(tx, &user, channel, now)? {
        return Ok(None);
    }
    let mut fresh = None;
    for habit in habits(tx, &user, ours, now)? {
        if !tx.suggestion_known(user.id, &habit.kind)? {
            fresh = Some(habit);
            break;
        }
    }
    let Some(habit) = fresh else { return Ok(None) };
    let (evidence, proposal) = (wording::evidence(&habit), wording::proposal(&habit.kind));
    let words = format!("\n\n{}", wording::question(&evidence, &proposal));
    // A suggestion is worth no second message.
    if channel == Channel::Sms && sms::units(text) + sms::units(&words) > sms::BODY_LIMIT {
        return Ok(None);
    }
    let one = Suggestion {
        id: SuggestionId::new(now),
        user_id: user.id,
        habit: habit.kind,
        evidence,
        proposal,
        state: SuggestionState::Offered,
        offered_at: now,
        decided_at: None,
    };
    tx.suggestion_insert(&one)?;
    Ok(Some((words, Question::Suggestion { id: one.id, asked_at: now })))
}

/// Whether the person wants suggestions, may be spoken to, and had none today.
fn is_moment(rows: &Rows<'_>, user: &User, channel: Channel, now: DateTime<Utc>) -> Result<bool, Error> {
    let personal = match channel {
        Channel::Sms | Channel::Email | Channel::Console => true,
        Channel::Voice | Channel::ClaudeCode | Channel::Room => false,
    };
    let quiet = ReminderPreferences::of(&user.preferences).quiet_hours;
    if !personal
        || !SuggestionPreferences::of(&user.preferences).enabled
        || quiet.is_some_and(|quiet| quiet.until(now, user.timezone).is_some())
    {
        return Ok(false);
    }
    let day = |at: DateTime<Utc>| at.with_timezone(&user.timezone).date_naive();
    Ok(rows.suggestion_last(user.id)?.is_none_or(|last| day(last) < day(now)))
}

/// What can be said of a person's habits, the most useful first.
fn habits(rows: &Rows<'_>, user: &User, ours: &OurAddresses, now: DateTime<Utc>) -> Result<Vec<Habit>, Error> {
    let zone = user.timezone;
    let today = now.with_timezone(&zone).date_naive();
    let asked = rows.glances(user.id, today.checked_sub_days(Days::new(DAYS)).unwrap_or(today))?;
    let calendar = CalendarPreferences::of(user);
    let booked = rows.booked_lately(user.id)?;
    let minutes: Vec<u32> = (booked.iter())
        .filter_map(|one| u32::try_from((one.end - one.start).num_minutes()).ok())
        // What is no possible preference is no habit.
        .filter(|minutes| (5..=1_440).contains(minutes))
        .collect();
    let starts: Vec<_> = (booked.iter())
        .map(|one| one.start.with_timezone(&zone))
        .map(|start| (start.weekday(), u16::try_from(start.hour() * 60 + start.minute()).unwrap_or(0)))
        .collect();
    let days = i64::try_from(DAYS).unwrap_or(28);
    // Whoever is reached by one way alone has no choice.
    let choice = [Channel::Sms, Channel::Email].iter().all(|way| To::user(user, *way, ours).is_some());
    let ways = if choice { rows.wrote_lately(user.id, now - Duration::days(days))? } else { Vec::new() };
    let all = [
        habit::weekly(&asked, today),
        habit::length(&minutes, calendar.default_minutes),
        habit::hours(&starts, &calendar.working_hours),
        habit::channel(&ways, reminders::usual_channel(user, ours)),
    ];
    Ok(all.into_iter().flatten().collect())
}
