//! From constraints to values: the only part that knows what day it is.
//!
//! Stated rules. A bare time of day is the next one ahead. A bare month and day is ahead ([`crate::policy::Policy`]).
//! Wall-clock times that daylight saving skips move forward, doubled ones are the first
//! ([`xswarm_core::time::resolve_local`]). Past times are returned as they are; whether they are of use is for the
//! caller to say.

mod days;
mod interval;

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Timelike, Utc};
use chrono_tz::{OffsetName, Tz};
use xswarm_core::time::resolve_local;

use super::{
    calendar::{add_days, add_span, period_end},
    expression::{Anchor, Clock, Date, Expression, Meridiem, Moment, Offset as UsualOffset, Part, Zone},
    value::{Context, Grain, Span, Value},
};
use crate::policy::Hours;

/// The words have the form of a time, but there is none such.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unresolved {
    NoSuchDate,
    NoSuchTime,
    EndBeforeStart,
    TooVague,
}

/// A value with its other readings.
pub(crate) type Resolved = Result<(Value, Vec<Value>), Unresolved>;

/// Resolves against one moment.
#[derive(Clone, Copy)]
pub(crate) struct Resolver<'c> {
    pub(crate) context: &'c Context<'c>,
    /// The local day from which bare days are counted; not today within "from Friday to Tuesday".
    pub(crate) today: NaiveDate,
}

/// A time of day that may belong to the next day.
#[derive(Debug, Clone, Copy)]
struct TimeOfDay {
    time: NaiveTime,
    days: i64,
}

impl<'c> Resolver<'c> {
    pub(crate) fn new(context: &'c Context<'c>) -> Self {
        Self { context, today: context.now.date_naive() }
    }

    fn zone(self) -> Tz {
        self.context.now.timezone()
    }

    /// The instant at which the person's clocks show this.
    pub(crate) fn local(self, date: NaiveDate, time: NaiveTime) -> DateTime<Tz> {
        let zone = self.zone();
        resolve_local(date.and_time(time), zone).with_timezone(&zone)
    }

    pub(crate) fn midnight(self, date: NaiveDate) -> DateTime<Tz> {
        self.local(date, NaiveTime::MIN)
    }

    /// Any expression.
    pub(crate) fn expression(self, expression: &Expression) -> Resolved {
        match expression {
            Expression::Moment(moment) => self.moment(moment),
            Expression::Duration(span) => Ok((Value::Duration(*span), Vec::new())),
            Expression::Interval { from, to, to_included } => self.interval(from.as_ref(), to.as_ref(), *to_included),
            Expression::Units { count, unit } => self.units(*count, *unit),
            Expression::UnitsOf { count, unit, of } => self.units_of(*count, *unit, of),
            Expression::Repeating(repeating) => self.repeating(repeating),
            Expression::Vague => Err(Unresolved::TooVague),
        }
    }

    /// A moment.
    pub(crate) fn moment(self, moment: &Moment) -> Resolved {
        let only = |value: Value| Ok((value, Vec::new()));
        if moment.now {
            return only(Value::Instant { at: self.context.now, grain: Grain::Second });
        }
        if let Some(Date { anchor: Some(Anchor::Shift { by, from }), weekday: None, .. }) = &moment.date
            && moment.clock.is_none()
            && moment.part.is_none()
        {
            return self.shift(*by, from.as_deref()).map(|value| (value, Vec::new()));
        }
        let day = match &moment.date {
            Some(date) => Some(self.date(date)?),
            None => None,
        };
        let others = moment.date.as_ref().map(|date| self.other_days(date)).unwrap_or_default();
        if let Some(clock) = moment.clock {
            let (value, mut alternatives) = self.at_clock(moment, clock, day.map(|(start, _)| start))?;
            for other in others {
                alternatives.push(self.at_clock(moment, clock, Some(other))?.0);
            }
            return Ok((value, alternatives));
        }
        if let Some(part) = moment.part {
            return only(self.part_of_day(part, day.map(|(start, _)| start)));
        }
        match day {
            Some((start, grain)) => {
                let alternatives = others.into_iter().map(|start| Value::Date { start, grain }).collect();
                Ok((Value::Date { start, grain }, alternatives))
            }
            None => Err(Unresolved::NoSuchDate),
        }
    }

    fn shift(self, by: Span, from: Option<&Moment>) -> Result<Value, Unresolved> {
        let grain = if by.seconds % 60 != 0 {
            Grain::Second
        } else if by.seconds != 0 {
            Grain::Minute
        } else if by.days != 0 {
            Grain::Day
        } else if by.months % 12 == 0 {
            Grain::Year
        } else {
            Grain::Month
        };
        let base = match from {
            None if by.seconds == 0 && !self.context.policy.keeps_clock_time => {
                return Ok(Value::Date { start: add_span(self.today, by), grain: Grain::Day });
            }
            None => return Ok(Value::Instant { at: self.shifted(self.context.now, by), grain }),
            Some(moment) => self.moment(moment)?.0,
        };
        match base {
            Value::Date { start, .. } if by.seconds == 0 => {
                Ok(Value::Date { start: add_span(start, by), grain: Grain::Day })
            }
            Value::Date { start, .. } => Ok(Value::Instant { at: self.shifted(self.midnight(start), by), grain }),
            Value::Instant { at, grain: base } => {
                Ok(Value::Instant { at: self.shifted(at, by), grain: base.min(grain) })
            }
            Value::Interval { start: Some(at), .. } => Ok(Value::Instant { at: self.shifted(at, by), grain }),
            Value::Interval { .. } | Value::Duration(_) | Value::Recurrence(_) => Err(Unresolved::NoSuchDate),
        }
    }

    /// Months and days on the calendar, then seconds on the clock.
    pub(crate) fn shifted(self, at: DateTime<Tz>, by: Span) -> DateTime<Tz> {
        let day = if by.months == 0 && by.days == 0 {
            at
        } else {
            let local = at.naive_local();
            self.local(add_span(local.date(), by), local.time())
        };
        let seconds = Duration::try_seconds(by.seconds).unwrap_or_default();
        day.checked_add_signed(seconds).unwrap_or(day)
    }

    fn hours_of(self, part: Part) -> Hours {
        let parts = &self.context.policy.parts;
        match part {
            Part::EarlyMorning => parts.early_morning,
            Part::Morning => parts.morning,
            Part::Lunch => parts.lunch,
            Part::Afternoon => parts.afternoon,
            Part::Evening => parts.evening,
            Part::Night => parts.night,
            Part::EndOfDay => Hours { start: self.context.policy.end_of_day.hour(), end: 24 },
        }
    }

    fn part_of_day(self, part: Part, day: Option<NaiveDate>) -> Value {
        let hours = self.hours_of(part);
        let bounds = |day: NaiveDate| {
            let edge = |hour: u32| {
                self.local(
                    add_days(day, i64::from(hour / 24)),
                    NaiveTime::from_hms_opt(hour % 24, 0, 0).unwrap_or_default(),
                )
            };
            (edge(hours.start), edge(hours.end))
        };
        let date = day.unwrap_or(self.today);
        if part == Part::EndOfDay {
            let at = self.local(date, self.context.policy.end_of_day);
            return Value::Instant { at, grain: Grain::Hour };
        }
        let (mut start, mut end) = bounds(date);
        // "In the morning", said in the morning, is tomorrow's.
        let begun = matches!(part, Part::Morning | Part::EarlyMorning) && start <= self.context.now;
        if day.is_none() && (begun || end <= self.context.now) {
            (start, end) = bounds(add_days(date, 1));
        }
        Value::Interval { start: Some(start), end: Some(end), grain: Grain::PartOfDay }
    }

    /// The times of day that a clock reading may mean, likeliest first.
    fn readings(self, clock: Clock, part: Option<Part>) -> Vec<TimeOfDay> {
        let at = |hour: u32| {
            NaiveTime::from_hms_opt(hour % 24, clock.minute.unwrap_or(0), clock.second.unwrap_or(0))
                .map(|time| TimeOfDay { time, days: i64::from(hour / 24) })
        };
        let twelve = clock.hour % 12;
        let late = matches!(part, Some(Part::Evening | Part::Night));
        if clock.hour > 24 {
            return Vec::new();
        }
        let hours: Vec<u32> = match clock.meridiem {
            Meridiem::Am => vec![twelve],
            Meridiem::Pm if clock.hour <= 12 => vec![twelve + 12],
            Meridiem::Exact if clock.midnight && late => vec![24],
            Meridiem::Pm | Meridiem::Exact => vec![clock.hour],
            Meridiem::Open => match part {
                Some(Part::EarlyMorning | Part::Morning) => vec![twelve],
                Some(Part::Lunch) if clock.hour >= 10 => vec![clock.hour],
                Some(Part::Evening | Part::Night) if clock.hour == 12 => vec![24],
                Some(Part::Night) if twelve < 5 => vec![twelve + 24],
                Some(Part::Evening) if twelve < 4 => vec![twelve + 24],
                Some(Part::Lunch | Part::Afternoon | Part::EndOfDay | Part::Evening | Part::Night) => vec![twelve + 12],
                None => {
                    let policy = self.context.policy;
                    let afternoon =
                        (policy.afternoon_from..=policy.afternoon_to).contains(&clock.said) || clock.said == 12;
                    if afternoon { vec![twelve + 12, twelve] } else { vec![twelve, twelve + 12] }
                }
            },
        };
        hours.into_iter().filter_map(at).collect()
    }

    fn instant(self, day: NaiveDate, time: TimeOfDay, zone: Option<Zone>) -> DateTime<Tz> {
        let local = add_days(day, time.days).and_time(time.time);
        match zone {
            None => self.local(local.date(), local.time()),
            Some(Zone::Called { name, .. }) if self.calls_its_clocks(name, local) => {
                self.local(local.date(), local.time())
            }
            Some(zone) => in_zone(local, zone).with_timezone(&self.zone()),
        }
    }

    /// Whether the person's own zone goes by this abbreviation at this local time.
    fn calls_its_clocks(self, name: &str, local: NaiveDateTime) -> bool {
        let own = self.local(local.date(), local.time());
        own.offset().abbreviation().is_some_and(|abbreviation| abbreviation.eq_ignore_ascii_case(name))
    }

    fn at_clock(self, moment: &Moment, clock: Clock, day: Option<NaiveDate>) -> Resolved {
        let grain = match (clock.minute, clock.second) {
            (_, Some(_)) => Grain::Second,
            (Some(_), None) => Grain::Minute,
            (None, None) => Grain::Hour,
        };
        // "8 am in the evening"
        let contradicts = match (clock.meridiem, moment.part) {
            (Meridiem::Am, Some(Part::Evening)) => (4..12).contains(&(clock.hour % 12)),
            (Meridiem::Am, Some(Part::Afternoon | Part::Lunch)) => true,
            (Meridiem::Pm, Some(Part::Morning | Part::EarlyMorning)) => !clock.hour.is_multiple_of(12),
            _ => false,
        };
        if contradicts {
            return Err(Unresolved::NoSuchTime);
        }
        let mut readings = self.readings(clock, moment.part);
        if clock.midnight && day.is_some() && readings.len() == 1 {
            // "Friday at midnight" is the end of Friday, or else its beginning.
            let ends = TimeOfDay { time: NaiveTime::MIN, days: 1 };
            let begins = TimeOfDay { time: NaiveTime::MIN, days: 0 };
            readings = if self.context.policy.midnight_ends_day { vec![ends, begins] } else { vec![begins, ends] };
        }
        let now = self.context.now;
        // "Today" where the zone of the time is.
        let here = match moment.zone {
            Some(zone) => zone_today(now, zone),
            None => self.today,
        };
        let said_today = matches!(&moment.date, Some(Date { anchor: Some(Anchor::Day(0)), .. }));
        let mut instants: Vec<DateTime<Tz>> = match day {
            // A day in the past or future leaves nothing to guess by the present time.
            Some(day) => readings.iter().map(|time| self.instant(day, *time, moment.zone)).collect(),
            None => readings.iter().map(|time| self.instant(here, *time, moment.zone)).collect(),
        };
        if let Some(day) = day {
            if (said_today || day == self.context.now.date_naive())
                && instants.len() > 1
                && moment.zone.is_none()
                && !clock.midnight
            {
                instants.sort_by_key(|at| *at < now);
            }
            // "tonight at 1am", said during the day, is after midnight.
            if said_today
                && matches!(moment.part, Some(Part::Evening | Part::Night))
                && clock.meridiem == Meridiem::Am
                && clock.hour % 12 < 5
                && now.hour() >= 5
                && let Some(first) = instants.first_mut()
            {
                *first = self.shifted(*first, Span::days(1));
            }
        } else {
            // The next such time; of two readings today the policy's comes first.
            if moment.zone.is_none() {
                instants.sort_by_key(|at| *at < now);
            }
            for at in &mut instants {
                if *at < now {
                    *at = self.shifted(*at, Span::days(1));
                }
            }
            if instants.iter().all(|at| at.date_naive() > now.date_naive()) {
                instants = readings
                    .iter()
                    .map(|time| self.instant(here, *time, moment.zone))
                    .map(|at| if at < now { self.shifted(at, Span::days(1)) } else { at })
                    .collect();
            }
        }
        let mut values = instants.into_iter().map(|at| Value::Instant { at, grain });
        let first = values.next().ok_or(Unresolved::NoSuchTime)?;
        Ok((first, values.collect()))
    }

    /// First instant of a value.
    pub(crate) fn start_of(self, value: &Value) -> Option<DateTime<Tz>> {
        match value {
            Value::Instant { at, .. } => Some(*at),
            Value::Date { start, .. } => Some(self.midnight(*start)),
            Value::Interval { start, .. } => *start,
            Value::Duration(_) | Value::Recurrence(_) => None,
        }
    }

    /// First instant after a value; an instant is its own end.
    pub(crate) fn end_of(self, value: &Value) -> Option<DateTime<Tz>> {
        match value {
            Value::Instant { at, .. } => Some(*at),
            Value::Date { start, grain } => Some(self.midnight(period_end(*start, *grain))),
            Value::Interval { end, .. } => *end,
            Value::Duration(_) | Value::Recurrence(_) => None,
        }
    }
}

fn in_zone(local: NaiveDateTime, zone: Zone) -> DateTime<Utc> {
    match zone {
        Zone::Fixed(seconds) | Zone::Called { usual: UsualOffset::Fixed(seconds), .. } => {
            let shift = Duration::try_seconds(i64::from(seconds)).unwrap_or_default();
            Utc.from_utc_datetime(&local.checked_sub_signed(shift).unwrap_or(local))
        }
        Zone::Named(zone) | Zone::Called { usual: UsualOffset::Named(zone), .. } => resolve_local(local, zone),
    }
}

fn zone_today(now: DateTime<Tz>, zone: Zone) -> NaiveDate {
    let offset = match zone {
        Zone::Fixed(seconds) | Zone::Called { usual: UsualOffset::Fixed(seconds), .. } => seconds,
        Zone::Named(zone) | Zone::Called { usual: UsualOffset::Named(zone), .. } => {
            now.with_timezone(&zone).offset().fix().local_minus_utc()
        }
    };
    let shift = Duration::try_seconds(i64::from(offset)).unwrap_or_default();
    let utc = now.naive_utc();
    utc.checked_add_signed(shift).unwrap_or(utc).date()
}
