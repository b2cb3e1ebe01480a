//! Appointments by conversation: booking them, and which of them a person means.

use chrono::{DateTime, Days, Duration, Utc};
use xswarm_core::{
    appointment::{Appointment, AppointmentSource, AppointmentStatus, Exceptions, Occurrence},
    conflict::ConflictKind,
    id::AppointmentId,
    message::Channel,
    preferences::CalendarPreferences,
    reminder::ReminderPreferences,
    series::Scope,
    time::resolve_local,
};
use xswarm_language::{
    command::{AppointmentDraft, ChannelWord, When, Which},
    time::{Grain, Span, Value},
};

use super::{
    contacts::{self, People},
    doubt,
    effect::{Effect, words},
    free,
    leaving_out::{self, LeftOut},
    matching::{LOOK_AHEAD, Upcoming, matching, period_end},
    question::{Action, Item, Part, Question, Slot},
    reminders::before::by_way,
    timing::{self, NoTiming, Timing, later},
    topic,
    turn::{Decision, Turn},
    whose,
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
    let left_out = LeftOut::of(draft);
    let when = &left_out.without(when);
    let timing = match timing::timing(when, turn.said.at, &turn.conventions.policy) {
        Ok(timing) => timing,
        Err(NoTiming::Which { question }) => return Ok(turn.missing(Slot::When, question)),
        Err(NoTiming::Unusable { why }) => return Ok(Decision::say(format!("{why} Nothing was booked."))),
    };
    if let Some(complaint) = past(turn, timing.start) {
        return Ok(turn.missing(Slot::When, format!("{complaint} When should it be? Nothing is booked yet.")));
    }
    let whole_days = draft.all_day.then(|| whole_days(turn, when, timing.start)).flatten();
    if let Some((from, to)) = whole_days
        && let Some(title) = &draft.title
        && let Some(known) = same_day(turn, title, (from, to))?
    {
        let words = wording::occurrence(&known, turn.zone());
        let about = vec![topic::shown(&known)];
        return Ok(
            Decision::say(format!("That is on your calendar already: {words}. Nothing was booked.")).about(about)
        );
    }
    let end = match end(turn, &timing, draft.duration) {
        Ok(end) => end,
        Err(why) => return Ok(Decision::say(format!("{why} Nothing was booked."))),
    };
    let people = match contacts::people(turn, &draft.participants)? {
        People::Known(people) => people,
        People::Ask(question) => return Ok(question),
    };
    let usual_lead = || ReminderPreferences::of(&turn.user.preferences).usual_lead();
    let appointment = Appointment {
        description: draft.description.clone(),
        location: draft.place.clone(),
        participants: draft.participants.clone(),
        recurrence: timing.recurrence,
        all_day: whole_days.is_some(),
        reminder_minutes: if draft.silent { None } else { draft.lead_time.and_then(minutes).or_else(usual_lead) },
        ..blank(turn, draft.title.clone(), whole_days.unwrap_or((timing.start, end)))
    };
    let mut remark = String::new();
    if whole_days.is_none() && !when.time_said && timing_defaulted(&when.value) {
        remark.push_str(" You said no time, so I took the usual one.");
    }
    if let Some(other) = doubt::hint(when, turn.now.with_timezone(&turn.zone())) {
        remark.push_str(&other);
    }
    let channel = reminder_channel(turn, draft.channel);
    let booked = if left_out.is_nothing() {
        book(turn, appointment, channel, &remark)
    } else {
        leaving_out::book(turn, appointment, channel, (&left_out, &remark))
    };
    Ok(people.named_in(booked?))
}

/// What has the same title on the same whole days.
fn same_day(
    turn: &Turn<'_>,
    title: &str,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Option<Occurrence>, Error> {
    let same = |one: &Occurrence| one.all_day && (one.start, one.end) == (from, to);
    let all = turn.rows.occurrences(turn.user.id, from, to)?;
    Ok(all.into_iter().find(|one| same(one) && one.title.to_lowercase() == title.to_lowercase()))
}

/// An appointment of which only title and time are known.
pub(super) fn blank(
    turn: &Turn<'_>,
    title: Option<String>,
    (start, end): (DateTime<Utc>, DateTime<Utc>),
) -> Appointment {
    Appointment {
        id: AppointmentId::new(turn.now),
        user_id: turn.user.id,
        title: title.unwrap_or_else(|| "Appointment".to_owned()),
        description: None,
        start,
        end,
        timezone: turn.zone(),
        location: None,
        participants: Vec::new(),
        recurrence: None,
        additional: Vec::new(),
        exceptions: Exceptions::default(),
        all_day: false,
        source: AppointmentSource::BOSS,
        reminder_minutes: ReminderPreferences::of(&turn.user.preferences).usual_lead(),
        status: AppointmentStatus::Confirmed,
        generation: 0,
        version: 1,
        created_at: turn.now,
        updated_at: turn.now,
    }
}

/// Books it, says so, and what gets in the way; `remark` is said in between.
pub(super) fn book(
    turn: &Turn<'_>,
    appointment: Appointment,
    channel: Channel,
    remark: &str,
) -> Result<Decision, Error> {
    let clashes = calendar::clashes(turn.rows, turn.user, &appointment, &[], turn.now)?;
    let overlaps = clashes.iter().any(|clash| clash.conflict.kind != ConflictKind::NoBuffer);
    let days = clashes.iter().map(|clash| clash.occurrence.recurrence_id).collect::<std::collections::BTreeSet<_>>();
    let conflicts: Vec<_> = clashes.into_iter().map(|clash| clash.conflict).collect();
    let sources = whose::of_ids(turn.rows, conflicts.iter().map(|conflict| conflict.with.appointment))?;
    let mut reply = format!("Booked: {}.{remark}", words::in_full(&appointment));
    reply.push_str(&reminder_words(turn, &appointment, channel)?);
    reply.push_str(&wording::conflicts(&conflicts, turn.buffer(), turn.zone()));
    if appointment.is_series() && days.len() > 1 {
        reply = format!("{reply} That is on {} days of the coming year.", days.len());
    } else if overlaps && !appointment.all_day {
        reply.push_str(&free::alternatives(turn, &appointment)?);
    }
    let effects = vec![Effect::Book { appointment: Box::new(appointment), channel, split: false }];
    Ok(Decision { sources, ..Decision::act(effects, reply) })
}

/// From midnight to midnight, when days were named and no time.
fn whole_days(turn: &Turn<'_>, when: &When, start: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    if when.time_said {
        return None;
    }
    let midnight = |day: chrono::NaiveDate| resolve_local(day.and_time(chrono::NaiveTime::MIN), turn.zone());
    let first = start.with_timezone(&turn.zone()).date_naive();
    let after = match &when.value {
        Value::Interval { end: Some(end), .. } => {
            let last = end.date_naive();
            if *end == resolve_local(last.and_time(chrono::NaiveTime::MIN), turn.zone()) {
                last
            } else {
                last.succ_opt()?
            }
        }
        Value::Date { start, grain } => period_end(*start, *grain),
        Value::Instant { .. } | Value::Interval { .. } | Value::Duration(_) | Value::Recurrence(_) => {
            first.succ_opt()?
        }
    };
    (first < after).then(|| (midnight(first), midnight(after)))
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

/// When the person will be reminded of it, as the end of an answer.
pub(super) fn reminder_words(turn: &Turn<'_>, appointment: &Appointment, channel: Channel) -> Result<String, Error> {
    if appointment.reminder_minutes.is_none() {
        return Ok(String::new());
    }
    let plan = turn.rows.appointment_plan(appointment.id)?;
    let leads = reminders::leads_ahead(appointment, &plan, turn.user, turn.now);
    if leads.is_empty() {
        return Ok(" It is too soon for a reminder.".to_owned());
    }
    Ok(format!(" I'll remind you {}.", by_way(turn, &plan, &leads, channel)))
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

/// A list to choose from.
pub(super) fn choose(several: &[Upcoming], scope: Option<Scope>, question: &str, action: Action) -> Decision {
    let shown: Vec<&Upcoming> = several.iter().take(CHOICES).collect();
    let lines = shown
        .iter()
        .enumerate()
        .map(|(n, one)| format!("{}. {}", n + 1, wording::upcoming(&one.occurrence, one.appointment.timezone)));
    let mut words = format!("{question}\n{}", lines.collect::<Vec<_>>().join("\n"));
    if several.len() > shown.len() {
        words.push_str("\n(There are more; name the day or the title to narrow it down.)");
    }
    let items = shown.iter().map(|one| Item::Occurrence(one.part(scope))).collect();
    Decision::ask(words, Question::Choose { items, action })
}

/// A person's appointments that are not over, each with its next occurrence.
pub(super) fn upcoming(turn: &Turn<'_>) -> Result<Vec<Upcoming>, Error> {
    let all = turn.rows.appointments_from(turn.user.id, turn.now, LOOK_AHEAD)?;
    let mut upcoming: Vec<_> = all.into_iter().filter_map(|one| next(one, turn.now)).collect();
    upcoming.sort_by_key(|one| one.occurrence.start);
    Ok(upcoming)
}

fn next(appointment: Appointment, now: DateTime<Utc>) -> Option<Upcoming> {
    let occurrence = appointment.occurrences_from(now).ok()?.next()?;
    Some(Upcoming { appointment, occurrence })
}

/// The next occurrence of an appointment, as something that can be chosen.
pub(super) fn next_part(turn: &Turn<'_>, id: AppointmentId) -> Result<Option<Part>, Error> {
    let standing = turn.rows.appointment(id)?.filter(|one| one.status != AppointmentStatus::Cancelled);
    Ok(standing.and_then(|one| next(one, turn.now)).map(|one| one.part(None)))
}

/// What a person means.
pub(super) struct Meant {
    /// The occurrences that fit, soonest first.
    pub(super) found: Vec<Upcoming>,
    /// How much of a series; absent when they did not say.
    pub(super) scope: Option<Scope>,
}

/// The appointments that a person means. Who names a day means what is on that day, and of a series this one; "from
/// Friday on" means what follows.
pub(super) fn meant(turn: &Turn<'_>, which: &Which) -> Result<Meant, Error> {
    if let Some(meant) = topic::occurrences(turn, which)? {
        return Ok(meant);
    }
    let Some((from, to)) = which.when.as_ref().and_then(|when| named(turn, when)) else {
        return Ok(Meant { found: matching(&upcoming(turn)?, which, turn.zone()), scope: which.scope });
    };
    let scope = which.scope.unwrap_or(Scope::This);
    let mut all: Vec<Upcoming> = Vec::new();
    for occurrence in turn.rows.occurrences(turn.user.id, from.max(turn.now), to)? {
        let known = all.iter().find(|one| one.appointment.id == occurrence.appointment);
        // Of what follows, or of a whole series, the first day stands for it.
        if known.is_some() && scope != Scope::This || all.len() >= CHOICES * 100 {
            continue;
        }
        let appointment = match known {
            Some(known) => Some(known.appointment.clone()),
            None => turn.rows.appointment(occurrence.appointment)?,
        };
        all.extend(appointment.map(|appointment| Upcoming { appointment, occurrence }));
    }
    Ok(Meant { found: matching(&all, which, turn.zone()), scope: Some(scope) })
}

/// The stretch of time that was named, when a day was.
fn named(turn: &Turn<'_>, when: &When) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let midnight = |day: chrono::NaiveDate| resolve_local(day.and_time(chrono::NaiveTime::MIN), turn.zone());
    let days = |first: chrono::NaiveDate, grain: Grain| Some((midnight(first), midnight(period_end(first, grain))));
    match &when.value {
        Value::Instant { at, .. } if when.date_said => days(at.date_naive(), Grain::Day),
        Value::Date { start, grain } => days(*start, *grain),
        Value::Interval { start, end, .. } if start.is_some() || end.is_some() => {
            let from = start.map_or(turn.now, |start| start.with_timezone(&Utc));
            let year = turn.now.checked_add_days(Days::new(366)).unwrap_or(turn.now).max(from);
            Some((from, end.map_or(year, |end| end.with_timezone(&Utc))))
        }
        Value::Instant { .. } | Value::Interval { .. } | Value::Duration(_) | Value::Recurrence(_) => None,
    }
}

/// That nothing fits, and what is there instead.
pub(super) fn none_found(turn: &Turn<'_>, which: &Which) -> Result<Decision, Error> {
    let what = which.title.as_deref().map(|title| format!(" called \"{title}\"")).unwrap_or_default();
    let when = which.when.as_ref().map(|when| format!(" {}", when.text)).unwrap_or_default();
    let words = format!("I find no appointment{what}{when}. Nothing was changed.");
    let whole = Which { when: None, ..which.clone() };
    if which.when.is_some()
        && which.title.is_some()
        && let Some(one) =
            matching(&upcoming(turn)?, &whole, turn.zone()).into_iter().find(|one| one.appointment.is_series())
    {
        let next = wording::upcoming(&one.occurrence, turn.zone());
        let words = format!("{words} There is a series, but not on that day; its next is {next}.");
        return Ok(Decision { sources: whose::of_appointments([&one.appointment]), ..Decision::say(words) });
    }
    let next: Vec<_> = upcoming(turn)?.into_iter().take(3).collect();
    if next.is_empty() {
        return Ok(Decision::say(words));
    }
    let lines: Vec<_> = next.iter().map(|one| wording::upcoming(&one.occurrence, one.appointment.timezone)).collect();
    let sources = whose::of_appointments(next.iter().map(|one| &one.appointment));
    Ok(Decision { sources, ..Decision::say(format!("{words} Coming up: {}.", lines.join("; "))) })
}
