//! From the times that were said to the times that are kept: when an appointment or reminder is, or what is missing.

use chrono::{DateTime, Datelike, Days, Duration, Months, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use chrono_tz::Tz;
use xswarm_core::{
    recurrence::{ByDay, Frequency, Recurrence, RecurrenceEnd},
    time::resolve_local,
};
use xswarm_language::{
    command::{AgendaRange, When},
    policy::Policy,
    time::{Grain, Repeat, Span, Value},
};

/// When something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Timing {
    /// When it (first) begins.
    pub(crate) start: DateTime<Utc>,
    /// When it ends, if that was said.
    pub(crate) end: Option<DateTime<Utc>>,
    /// How it repeats.
    pub(crate) recurrence: Option<Recurrence>,
}

/// Why no timing came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NoTiming {
    /// The day is known, the time is not ("tomorrow afternoon", "next week").
    Which {
        /// What to ask.
        question: &'static str,
    },
    /// It cannot be kept as it was said.
    Unusable {
        /// Why.
        why: String,
    },
}

/// The nominal length added to an instant, by the calendar of its zone.
pub(crate) fn later(at: DateTime<Tz>, span: Span) -> DateTime<Utc> {
    let zone = at.timezone();
    let mut local = at.naive_local();
    let months = Months::new(span.months.unsigned_abs());
    let moved = if span.months < 0 { local.checked_sub_months(months) } else { local.checked_add_months(months) };
    local = moved.unwrap_or(local);
    let days = Days::new(u64::from(span.days.unsigned_abs()));
    let moved = if span.days < 0 { local.checked_sub_days(days) } else { local.checked_add_days(days) };
    local = moved.unwrap_or(local);
    // Without a calendar part the clock's own seconds count, whatever the zone does meanwhile.
    let base = if span.months == 0 && span.days == 0 { at.with_timezone(&Utc) } else { resolve_local(local, zone) };
    Duration::try_seconds(span.seconds).and_then(|seconds| base.checked_add_signed(seconds)).unwrap_or(base)
}

/// First and last instant of a stretch of the agenda; `None` when it has no bounds.
pub(crate) fn bounds(range: &AgendaRange, zone: Tz) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    if let AgendaRange::Interval { start, end } = range {
        let open = |at: &Option<DateTime<Tz>>, usual: DateTime<Utc>| at.map_or(usual, |at| at.with_timezone(&Utc));
        return Some((open(start, DateTime::<Utc>::MIN_UTC), open(end, DateTime::<Utc>::MAX_UTC)));
    }
    let midnight = |day: NaiveDate| resolve_local(day.and_time(NaiveTime::MIN), zone);
    days(range).map(|(first, after)| (midnight(first), midnight(after)))
}

/// The first day and the one after the last; `None` when it does not consist of whole days.
pub(crate) fn days(range: &AgendaRange) -> Option<(NaiveDate, NaiveDate)> {
    let (first, after) = match range {
        AgendaRange::Day(day) => (*day, day.checked_add_days(Days::new(1))),
        AgendaRange::Week(monday) => (*monday, monday.checked_add_days(Days::new(7))),
        AgendaRange::Month(first) => (*first, first.checked_add_months(Months::new(1))),
        AgendaRange::Interval { .. } | AgendaRange::Next | AgendaRange::Any => return None,
    };
    Some((first, after?))
}

/// When something is that was said to be at `when`; `said_at` carries the person's zone.
pub(crate) fn timing(when: &When, said_at: DateTime<Tz>, policy: &Policy) -> Result<Timing, NoTiming> {
    let zone = said_at.timezone();
    let at_default = |day: NaiveDate| resolve_local(day.and_time(policy.default_time), zone);
    let once = |start: DateTime<Utc>, end: Option<DateTime<Utc>>| Timing { start, end, recurrence: None };
    match &when.value {
        Value::Instant { at, .. } => Ok(once(at.with_timezone(&Utc), None)),
        Value::Date { start, grain: Grain::Day } => Ok(once(at_default(*start), None)),
        Value::Date { .. } => Err(NoTiming::Which { question: "On which day, and at what time?" }),
        Value::Interval { grain: Grain::PartOfDay, .. } => Err(NoTiming::Which { question: "At what time?" }),
        Value::Interval { start: Some(start), end: Some(end), grain } if *grain <= Grain::Hour => {
            // "From 5pm to 3pm" reaches into the next day only as a slip; "from 10pm to 6am" is a night.
            let overnight = start.date_naive().succ_opt() == Some(end.date_naive());
            if overnight && (Duration::hours(12)..Duration::hours(24)).contains(&(*end - *start)) {
                return Err(NoTiming::Unusable { why: format!("That ends before it begins: \"{}\".", when.text) });
            }
            Ok(once(start.with_timezone(&Utc), Some(end.with_timezone(&Utc))))
        }
        Value::Interval { start: Some(start), end: Some(end), .. } => {
            // From one day to another: from the default time of the first to the end of the last.
            let _ = end;
            Ok(once(at_default(start.date_naive()), Some(end.with_timezone(&Utc))))
        }
        Value::Interval { .. } => Err(NoTiming::Which { question: "When exactly?" }),
        Value::Duration(_) => Err(NoTiming::Which { question: "When?" }),
        Value::Recurrence(repeat) => repeating(repeat, said_at, policy),
    }
}

/// The first occurrence of a repetition, and its rule.
fn repeating(repeat: &Repeat, said_at: DateTime<Tz>, policy: &Policy) -> Result<Timing, NoTiming> {
    if repeat.times.len() > 1 {
        let why = "I can keep one time of day for each series: please say one at a time.";
        return Err(NoTiming::Unusable { why: why.to_owned() });
    }
    if !repeat.exceptions.is_empty() {
        let why = "I can't leave single days out of a series yet: please say the series without exceptions.";
        return Err(NoTiming::Unusable { why: why.to_owned() });
    }
    if repeat.rule.frequency == Frequency::Secondly {
        let why = "Every few seconds is more often than I can speak: please say minutes or more.";
        return Err(NoTiming::Unusable { why: why.to_owned() });
    }
    if repeat.rule.frequency < Frequency::Daily && repeat.until_time.is_some() {
        let why = "I can't keep to certain hours of the day within such a series yet: please say it without them.";
        return Err(NoTiming::Unusable { why: why.to_owned() });
    }
    let zone = said_at.timezone();
    let time = repeat.times.first().copied().unwrap_or(policy.default_time);
    let today = said_at.date_naive();
    let from = repeat.start.filter(|start| *start >= today).unwrap_or(today);
    // The rule counts from its first day, so that "every other week" has a week to count from.
    let anchor = anchored(&repeat.rule, from.and_time(time), said_at)?;
    let impossible = || NoTiming::Unusable { why: "That never happens.".to_owned() };
    let first = repeat
        .rule
        .local_occurrences(anchor)
        .map_err(|error| NoTiming::Unusable { why: format!("I can't keep that series: {error}.") })?
        .map(|local| resolve_local(local, zone))
        .find(|start| *start > said_at)
        .ok_or_else(impossible)?;
    let day = first.with_timezone(&zone).date_naive();
    let end = repeat.until_time.map(|until| {
        let next_day = if until <= time { day.checked_add_days(Days::new(1)).unwrap_or(day) } else { day };
        resolve_local(next_day.and_time(until), zone)
    });
    Ok(Timing { start: first, end, recurrence: Some(pinned(repeat.rule.clone(), day)) })
}

/// Where the rule counts from: "every other Thursday" from the first Thursday ahead, not from the week of today.
fn anchored(rule: &Recurrence, from: NaiveDateTime, said_at: DateTime<Tz>) -> Result<NaiveDateTime, NoTiming> {
    if rule.interval == 1 || rule.by_day.is_empty() || rule.frequency != Frequency::Weekly {
        return Ok(from);
    }
    let every = Recurrence { interval: 1, end: RecurrenceEnd::Never, ..rule.clone() };
    let mut all = every
        .local_occurrences(from)
        .map_err(|error| NoTiming::Unusable { why: format!("I can't keep that series: {error}.") })?;
    Ok(all.find(|local| resolve_local(*local, said_at.timezone()) > said_at).unwrap_or(from))
}

/// The rule with the parts that it would otherwise take from its first occurrence, so that it reads by itself.
fn pinned(mut rule: Recurrence, first: NaiveDate) -> Recurrence {
    let plain = rule.by_day.is_empty() && rule.by_month_day.is_empty() && rule.by_month.is_empty();
    match rule.frequency {
        Frequency::Weekly if plain => rule.by_day = vec![ByDay { nth: None, weekday: first.weekday() }],
        Frequency::Monthly if plain => rule.by_month_day = i8::try_from(first.day()).into_iter().collect(),
        // Week 12 of every year is its Monday when no day was named.
        Frequency::Yearly if rule.by_day.is_empty() && !rule.by_week_number.is_empty() => {
            rule.by_day = vec![ByDay { nth: None, weekday: chrono::Weekday::Mon }];
        }
        Frequency::Secondly
        | Frequency::Minutely
        | Frequency::Hourly
        | Frequency::Daily
        | Frequency::Weekly
        | Frequency::Monthly
        | Frequency::Yearly => {}
    }
    rule
}

/// How much nearer than the other reading an hour of the night must be to what it replaces.
const NIGHT_WITHIN: Duration = Duration::hours(3);

/// When something is that moves from `old` to a time of day alone: on its day, and of both readings of "10" the one nearer
/// to what it was. `None` when that is gone by, or no time of day alone was said.
pub(crate) fn on_its_day(when: &When, old: DateTime<Tz>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !when.time_said || when.date_said {
        return None;
    }
    let readings = std::iter::once(&when.value).chain(&when.alternatives).filter_map(Value::as_instant);
    let there = readings.map(|at| resolve_local(old.date_naive().and_time(at.time()), old.timezone()));
    let apart = |at: &DateTime<Utc>| (*at - old.with_timezone(&Utc)).abs();
    // "Move the standup at 9 to 5" means no 5 AM, though that is nearer.
    let night = |at: &DateTime<Utc>| at.with_timezone(&old.timezone()).hour() < 6 && apart(at) >= NIGHT_WITHIN;
    there.filter(|at| *at > now).min_by_key(|at| (night(at), apart(at)))
}

/// The day that one answer named and the time of day that another did.
pub(crate) fn day_and_time(day: &When, time: &When, zone: Tz) -> Option<DateTime<Utc>> {
    let date = match &day.value {
        Value::Instant { at, .. } => at.date_naive(),
        Value::Date { start, grain: Grain::Day } => *start,
        Value::Interval { start: Some(start), .. } => start.date_naive(),
        Value::Date { .. } | Value::Interval { .. } | Value::Duration(_) | Value::Recurrence(_) => return None,
    };
    let clock: NaiveTime = match &time.value {
        Value::Instant { at, .. } => at.time(),
        Value::Interval { start: Some(start), .. } => start.time(),
        Value::Date { .. } | Value::Interval { .. } | Value::Duration(_) | Value::Recurrence(_) => return None,
    };
    Some(resolve_local(date.and_time(clock), zone))
}

/// Of the readings of an hour the one that lies in the part of the day that was named before.
fn within(known: &When, mut answer: When) -> When {
    let Value::Interval { start: Some(start), end: Some(end), grain: Grain::PartOfDay } = &known.value else {
        return answer;
    };
    let fits = |value: &Value| {
        let Value::Instant { at, .. } = value else { return false };
        let at = start.date_naive().and_time(at.time());
        (start.naive_local()..=end.naive_local()).contains(&at)
    };
    if !fits(&answer.value)
        && let Some(other) = answer.alternatives.iter_mut().find(|value| fits(value))
    {
        std::mem::swap(&mut answer.value, other);
    }
    answer
}

/// A time that was partly known (a day without a time, or the other way round), completed by an answer.
pub(crate) fn completed(known: Option<When>, answer: When, zone: Tz) -> When {
    let Some(known) = known else { return answer };
    let joined = match (known.date_said, answer.date_said, answer.time_said) {
        // "Tomorrow evening" … "at 8": of both readings the one in the evening.
        (true, false, true) => day_and_time(&known, &within(&known, answer.clone()), zone),
        // "At 3" … "tomorrow".
        (false, true, false) if known.time_said => day_and_time(&answer, &known, zone),
        _ => None,
    };
    match joined {
        Some(at) => When {
            value: Value::Instant { at: at.with_timezone(&zone), grain: Grain::Minute },
            text: format!("{} {}", known.text, answer.text),
            alternatives: Vec::new(),
            date_said: true,
            time_said: true,
        },
        None => answer,
    }
}
