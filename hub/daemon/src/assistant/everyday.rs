//! The agenda, the time, help: what is asked every day and changes nothing.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use xswarm_core::{id::AppointmentId, message::MessageStatus, provenance, time::resolve_local};
use xswarm_language::{
    command::{AgendaRange, Asked, When, Which},
    time::Value,
};
use xswarm_store::MessageFilter;

use super::{
    appointments, free,
    matching::matching,
    question::Item,
    timing, topic,
    turn::{Decision, Turn},
    whose,
};
use crate::{error::Error, wording};

/// The answer to talk for its own sake.
pub(super) const SMALL_TALK: &str = "I'm the Boss, and not much of a talker: I keep your calendar, reminders and timers. \
    Say \"help\" for what I can do.";

/// The answer to what was not understood.
pub(super) fn not_understood(text: &str) -> String {
    let shown: String = text.trim().chars().take(60).collect();
    let more = if text.trim().chars().count() > 60 { "…" } else { "" };
    format!("I did not understand \"{shown}{more}\". Nothing was changed. Say \"help\" for what I can do.")
}

/// Answers what is on the calendar, or whether the person is free.
pub(super) fn agenda(turn: &Turn<'_>, range: &AgendaRange, which: &Which, free: bool) -> Result<Decision, Error> {
    if topic::refers(which) && topic::pointed_at(turn, which)?.is_some() {
        return topic::acting::tell(turn, which, Asked::When);
    }
    let zone = turn.zone();
    if let AgendaRange::Interval { start, end } = range {
        let from = start.map_or(turn.now, |start| start.with_timezone(&Utc));
        let to = end.map_or(from + Duration::days(7), |end| end.with_timezone(&Utc));
        return within(turn, from, to, which, free);
    }
    let Some((first, after)) = timing::days(range) else { return next(turn, which) };
    let [from, to] = [first, after].map(|day| resolve_local(day.and_time(NaiveTime::MIN), zone));
    let count = u32::try_from((after - first).num_days()).unwrap_or(1);
    let today = turn.said.at.date_naive();
    if free || names_something(which) {
        return within(turn, from.max(turn.now.min(to)), to, which, free);
    }
    let occurrences = turn.rows.occurrences(turn.user.id, from, to)?;
    let mut words = wording::agenda(&occurrences, first, count, zone);
    if occurrences.is_empty() && first == today && count == 1 {
        "Nothing on your calendar today.".clone_into(&mut words);
    }
    let sources = whose::of_ids(turn.rows, occurrences.iter().map(|one| one.appointment))?;
    let about = occurrences.iter().map(topic::shown).collect();
    Ok(Decision { sources, ..Decision::say(words).about(about) })
}

/// Whether something particular is meant, not all there is.
pub(super) fn names_something(which: &Which) -> bool {
    which.title.is_some() || !which.participants.is_empty() || which.nth.is_some()
}

/// What is next, or when something named is.
fn next(turn: &Turn<'_>, which: &Which) -> Result<Decision, Error> {
    let all = appointments::upcoming(turn)?;
    let found = matching(&all, which, turn.zone());
    let most = if names_something(which) { 5 } else { 1 };
    let lines: Vec<_> =
        found.iter().take(most).map(|one| wording::upcoming(&one.occurrence, one.appointment.timezone)).collect();
    let sources = whose::of_appointments(found.iter().take(most).map(|one| &one.appointment));
    let words = match lines.as_slice() {
        [] => "I find nothing like that ahead on your calendar.".to_owned(),
        [one] => format!("Next: {one}."),
        several => several.join("\n"),
    };
    let about = found.iter().take(most).map(|one| Item::Occurrence(one.part(None))).collect();
    Ok(Decision { sources, ..Decision::say(words).about(about) })
}

fn within(
    turn: &Turn<'_>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    which: &Which,
    asked_free: bool,
) -> Result<Decision, Error> {
    let mut occurrences = turn.rows.occurrences(turn.user.id, from, to)?;
    if names_something(which) {
        let all = appointments::upcoming(turn)?;
        let named: Vec<AppointmentId> =
            matching(&all, which, turn.zone()).into_iter().map(|one| one.appointment.id).collect();
        occurrences.retain(|one| named.contains(&one.appointment));
    }
    let span = wording::span(from, to, turn.zone());
    let lines: Vec<_> = occurrences.iter().map(|one| format!("– {}", wording::occurrence(one, turn.zone()))).collect();
    let sources = whose::of_ids(turn.rows, occurrences.iter().map(|one| one.appointment))?;
    let words = match (lines.is_empty(), asked_free) {
        (true, true) => format!("You are free: {span}."),
        (true, false) => format!("Nothing on your calendar: {span}."),
        (false, true) => {
            let left = free::left_free(turn, from, to)?;
            format!("Not entirely free, {span}:\n{}{left}", lines.join("\n"))
        }
        (false, false) => format!("{span}:\n{}", lines.join("\n")),
    };
    let about = occurrences.iter().map(topic::shown).collect();
    Ok(Decision { sources, ..Decision::say(words).about(about) })
}

/// Says what time it is.
pub(super) fn tell_time(turn: &Turn<'_>, place: Option<&str>) -> Decision {
    let zone = match place {
        None => Some(turn.zone()),
        Some(place) => zone_of(place),
    };
    Decision::say(match zone {
        Some(zone) => format!("It is {}.", wording::moment(turn.now, zone)),
        None => format!("I don't know which time zone \"{}\" is in.", place.unwrap_or_default()),
    })
}

/// The zone that is named after a city, such as "Tokyo" or "New York".
fn zone_of(place: &str) -> Option<Tz> {
    let wanted = place.trim().to_lowercase().replace(' ', "_");
    chrono_tz::TZ_VARIANTS.iter().copied().find(|zone| {
        let name = zone.name().to_lowercase();
        name == wanted || name.rsplit('/').next() == Some(wanted.as_str())
    })
}

/// Says what day it is, or which day something is.
pub(super) fn tell_date(turn: &Turn<'_>, when: Option<&When>) -> Decision {
    let today = turn.now.with_timezone(&turn.zone()).date_naive();
    let day = match when.map(|when| &when.value) {
        None => Some(today),
        Some(Value::Instant { at, .. }) => Some(at.date_naive()),
        Some(Value::Date { start, .. }) => Some(*start),
        Some(Value::Interval { start, .. }) => start.map(|start| start.date_naive()),
        Some(Value::Duration(_) | Value::Recurrence(_)) => None,
    };
    Decision::say(match day {
        Some(day) if day == today => {
            format!("Today is {}, week {}.", wording::date(day), day.iso_week().week())
        }
        Some(day) => format!("That is {}{}.", wording::date(day), distance(day, today)),
        None => "That is not one day.".to_owned(),
    })
}

/// ", in 29 days".
fn distance(day: NaiveDate, today: NaiveDate) -> String {
    let days = (day - today).num_days();
    let count = |days: i64| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    if days > 0 { format!(", in {}", count(days)) } else { format!(", {} ago", count(-days)) }
}

/// Says the last thing again.
pub(super) fn repeat(turn: &Turn<'_>) -> Result<Decision, Error> {
    let filter = MessageFilter { user_id: Some(turn.user.id), limit: 20, ..MessageFilter::default() };
    let last = turn.rows.messages(&filter)?.into_iter().find(|message| {
        message.direction == xswarm_core::message::Direction::Outbound && message.status != MessageStatus::Failed
    });
    Ok(match last {
        Some(last) => Decision { sources: provenance::told_in(&last.metadata), ..Decision::say(last.content) },
        None => Decision::say("I have not said anything yet."),
    })
}
