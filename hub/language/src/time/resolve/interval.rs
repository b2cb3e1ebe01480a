//! Intervals, counted units and recurrences as values.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime};
use chrono_tz::Tz;
use xswarm_core::recurrence::{Recurrence, RecurrenceEnd};

use super::{Resolved, Resolver, Unresolved};
use crate::{
    lexer::vocabulary::Unit,
    time::{
        calendar::{add_days, add_months, monday, month_start, period_end, quarter_start},
        expression::{Anchor, Clock, Date, Except, Meridiem, Moment, Part, Repeating, Until},
        joined::repeat_on,
        value::{Exception, Grain, Repeat, Span, Value},
    },
};

fn grain_of(value: &Value) -> Grain {
    match value {
        Value::Instant { grain, .. } | Value::Date { grain, .. } | Value::Interval { grain, .. } => *grain,
        Value::Duration(_) | Value::Recurrence(_) => Grain::Second,
    }
}

impl Resolver<'_> {
    /// From one moment to another.
    pub(super) fn interval(self, from: Option<&Moment>, to: Option<&Moment>, to_included: bool) -> Resolved {
        let value = match (from, to) {
            (Some(from), Some(to)) => return self.closed(from, to),
            (Some(from), None) => {
                let start = self.moment(from)?.0;
                Value::Interval { start: self.start_of(&start), end: None, grain: grain_of(&start) }
            }
            (None, Some(to)) => {
                let end = self.moment(to)?.0;
                let at = if to_included { self.end_of(&end) } else { self.start_of(&end) };
                Value::Interval { start: None, end: at, grain: grain_of(&end) }
            }
            (None, None) => return Err(Unresolved::NoSuchDate),
        };
        Ok((value, Vec::new()))
    }

    fn closed(self, from: &Moment, to: &Moment) -> Resolved {
        if let (Some(first), Some(last)) = (from.clock, to.clock)
            && from.date == to.date
        {
            return self.between_clocks(from, to, first, last);
        }
        let mut start_value = self.moment(from)?.0;
        let mut start = self.start_of(&start_value).ok_or(Unresolved::NoSuchDate)?;
        // The end is counted from the start, unless it says where it is.
        let after = Self { today: start.date_naive(), ..self };
        let mut end_value = after.moment(to)?.0;
        let here = self.moment(to)?.0;
        let (Some(mut end), Some(end_here)) = (self.end_of(&end_value), self.end_of(&here)) else {
            return Err(Unresolved::NoSuchDate);
        };
        // "To next Thursday" says where it is, counted from today like the start.
        if to.date.as_ref().is_some_and(Date::says_where) && end_here > start {
            end = end_here;
            end_value = here.clone();
        }
        // "from 3/2 to 4/9", said in between, has begun already.
        let rolled =
            from.date.as_ref().is_some_and(|date| date.month.is_some() && date.year.is_none() && date.period.is_none());
        if rolled && end_here <= end && end_here.date_naive() >= self.today {
            let earlier = self.shifted(start, Span::months(-12));
            if earlier < end_here
                && (end_here - earlier).num_days() < 366
                && (end_here <= start || earlier.date_naive() < self.today && end_here < start)
            {
                let same_year = earlier.format("%Y").to_string() == self.today.format("%Y").to_string();
                if same_year {
                    start = earlier;
                    end = end_here;
                    end_value = here;
                    if let Value::Date { start: first, .. } = &mut start_value {
                        *first = start.date_naive();
                    }
                }
            }
        }
        // "from February 1st to March" ends where March begins.
        let (fine, coarse) = (grain_of(&start_value), grain_of(&end_value));
        if fine == Grain::Day
            && coarse > Grain::Day
            && let Some(begins) = self.start_of(&end_value).filter(|begins| *begins > start)
        {
            end = begins;
        }
        if end <= start {
            return Err(Unresolved::EndBeforeStart);
        }
        // "From this morning to tomorrow" is no part of a day.
        let finer = grain_of(&start_value).min(grain_of(&end_value));
        let grain = if finer == Grain::PartOfDay { Grain::Hour } else { finer };
        Ok((Value::Interval { start: Some(start), end: Some(end), grain }, Vec::new()))
    }

    fn between_clocks(self, from: &Moment, to: &Moment, first: Clock, last: Clock) -> Resolved {
        let day = match &from.date {
            Some(date) => Some(self.date(date)?.0),
            None => None,
        };
        let date = day.unwrap_or(self.today);
        let pick = |time: Option<&super::TimeOfDay>, moment: &Moment| {
            time.map(|time| self.instant(date, *time, moment.zone)).ok_or(Unresolved::NoSuchDate)
        };
        let starts = self.readings(first, from.part);
        let ends = self.readings(last, to.part);
        let mut start = pick(starts.first(), from)?;
        let mut end = pick(ends.first(), to)?;
        if end <= start {
            // Of an open half of the day take the other, first for the end, then for the start.
            if let Some(other) =
                ends.get(1).map(|time| self.instant(date, *time, to.zone)).filter(|other| *other > start)
            {
                end = other;
            } else if first.meridiem == Meridiem::Open
                && let Some(other) =
                    starts.get(1).map(|time| self.instant(date, *time, from.zone)).filter(|other| *other < end)
            {
                start = other;
            } else {
                end = self.shifted(end, Span::days(1));
            }
        }
        if day.is_none() && end <= self.context.now {
            start = self.shifted(start, Span::days(1));
            end = self.shifted(end, Span::days(1));
        }
        let grain = match (first.second.or(last.second), first.minute.or(last.minute)) {
            (Some(_), _) => Grain::Second,
            (None, Some(_)) => Grain::Minute,
            (None, None) => Grain::Hour,
        };
        Ok((Value::Interval { start: Some(start), end: Some(end), grain }, Vec::new()))
    }

    /// "the last two weeks", "the next 3 days": whole periods, not counting the present one; clock units from now.
    pub(super) fn units(self, count: i32, unit: Unit) -> Resolved {
        let today = self.today;
        let (from, grain, step) = match unit {
            Unit::Second => return Ok(self.ticks(count, 1, Grain::Second)),
            Unit::Minute => return Ok(self.ticks(count, 60, Grain::Minute)),
            Unit::Hour => return Ok(self.ticks(count, 3600, Grain::Hour)),
            Unit::Day => (today, Grain::Day, Span::days(1)),
            Unit::Week | Unit::Weekend => (monday(today), Grain::Week, Span::days(7)),
            Unit::Fortnight => (monday(today), Grain::Week, Span::days(14)),
            Unit::Month => (month_start(today), Grain::Month, Span::months(1)),
            Unit::Quarter => (quarter_start(today), Grain::Quarter, Span::months(3)),
            Unit::Year => (
                add_months(month_start(today), -i32::try_from(today.month0()).unwrap_or(0)),
                Grain::Year,
                Span::months(12),
            ),
            Unit::Decade => return Err(Unresolved::TooVague),
        };
        let next = period_end(from, grain);
        let jump = |base: NaiveDate, times: i32| {
            add_days(add_months(base, step.months.saturating_mul(times)), i64::from(step.days) * i64::from(times))
        };
        let (start, end) = if count < 0 { (jump(from, count), from) } else { (next, jump(next, count)) };
        Ok((Value::Interval { start: Some(self.midnight(start)), end: Some(self.midnight(end)), grain }, Vec::new()))
    }

    /// The first or, counted negatively, the last units of a period.
    pub(super) fn units_of(self, count: i32, unit: Unit, of: &Date) -> Resolved {
        let (first, grain) = self.date(of)?;
        let after = period_end(first, grain);
        let step = |base: NaiveDate| match unit {
            Unit::Month => add_months(base, count),
            Unit::Week => add_days(base, i64::from(count) * 7),
            Unit::Day
            | Unit::Second
            | Unit::Minute
            | Unit::Hour
            | Unit::Fortnight
            | Unit::Weekend
            | Unit::Quarter
            | Unit::Year
            | Unit::Decade => add_days(base, i64::from(count)),
        };
        let (start, end) = if count < 0 { (step(after), after) } else { (first, step(first)) };
        if start < first || end > after {
            return Err(Unresolved::NoSuchDate);
        }
        let (start, end) = (Some(self.midnight(start)), Some(self.midnight(end)));
        Ok((Value::Interval { start, end, grain: Grain::Day }, Vec::new()))
    }

    /// So many units of the clock, from or to now.
    fn ticks(self, count: i32, seconds: i64, grain: Grain) -> (Value, Vec<Value>) {
        let now = self.context.now;
        let other = self.shifted(now, Span::seconds(seconds * i64::from(count)));
        let (start, end) = if count < 0 { (other, now) } else { (now, other) };
        (Value::Interval { start: Some(start), end: Some(end), grain }, Vec::new())
    }

    /// A recurrence.
    pub(super) fn repeating(self, repeating: &Repeating) -> Resolved {
        let mut rule = repeating.rule.clone();
        let time_of = |clock: &Clock| self.readings(*clock, repeating.part).first().map(|time| time.time);
        let mut times: Vec<NaiveTime> = repeating.clocks.iter().filter_map(time_of).collect();
        let until_time = repeating.until_clock.as_ref().and_then(time_of);
        if times.is_empty()
            && let Some(part) = repeating.part
        {
            let start = if part == Part::EndOfDay {
                self.context.policy.end_of_day
            } else {
                NaiveTime::from_hms_opt(self.hours_of(part).start, 0, 0).unwrap_or_default()
            };
            times.push(start);
        }
        times.dedup();
        let first_day = |value: &Value| self.start_of(value).map(|at| at.date_naive());
        let mut start = match &repeating.from {
            Some(moment) => first_day(&self.moment(moment)?.0),
            None => None,
        };
        if let Some(on) = &repeating.on {
            let day = self.first_of(on, &mut times)?;
            repeat_on(&mut rule, day);
            start = start.or(Some(day));
        }
        match &repeating.until {
            None => {}
            Some(Until::After(span)) => {
                let base = start.unwrap_or(self.today);
                let last = super::add_span(base, *span);
                rule.end = RecurrenceEnd::Until(last.and_time(self.context.now.naive_local().time()));
            }
            Some(Until::Moment(moment)) => {
                let from = Self { today: start.unwrap_or(self.today), ..self };
                let value = from.moment(moment)?.0;
                let last = until(&value).ok_or(Unresolved::NoSuchDate)?;
                // "Every Monday until December" leaves out the first of December, be it a Monday.
                let boundary = last.date();
                let on_boundary = rule.by_day.iter().any(|day| day.weekday == boundary.weekday());
                let excluded = matches!(value, Value::Date { grain, .. } if grain > Grain::Day) && on_boundary;
                rule.end = RecurrenceEnd::Until(if excluded {
                    end_of_day(last_day_of(&rule, add_days(boundary, -1)))
                } else {
                    last
                });
            }
            Some(Until::Within(moment)) => {
                let value = self.moment(moment)?.0;
                let (Some(first), Some(after)) = (self.start_of(&value), self.end_of(&value)) else {
                    return Err(Unresolved::NoSuchDate);
                };
                start = Some(first.date_naive().max(self.today));
                let last = add_days(after.date_naive(), -1);
                rule.end = RecurrenceEnd::Until(end_of_day(last_day_of(&rule, last)));
            }
        }
        let mut exceptions = Vec::new();
        for except in &repeating.except {
            match except {
                Except::Plain(exception) => exceptions.push(exception.clone()),
                Except::Between(from, to) => {
                    if let Value::Interval { start: Some(start), end: Some(end), .. } = self.closed(from, to)?.0 {
                        exceptions.push(Exception::Days(start.date_naive(), end.date_naive()));
                    }
                }
                Except::Moment(moment) => {
                    if let Some(exception) = self.exception(moment)? {
                        exceptions.push(exception);
                    }
                }
            }
        }
        let repeat = Repeat { rule, times, until_time, start, exceptions };
        Ok((Value::Recurrence(Box::new(repeat)), Vec::new()))
    }

    /// The day of the moment that stands before a rule; a time of day in another zone becomes the person's own.
    fn first_of(self, on: &Moment, times: &mut Vec<NaiveTime>) -> Result<NaiveDate, Unresolved> {
        let zoned = on.zone.is_some() && on.clock.is_some();
        let day = Moment { date: on.date.clone(), ..Moment::default() };
        let value = self.moment(if zoned { on } else { &day })?.0;
        let at = self.start_of(&value).ok_or(Unresolved::NoSuchDate)?;
        if zoned {
            *times = vec![at.time()];
        }
        Ok(at.date_naive())
    }

    fn exception(self, moment: &Moment) -> Result<Option<Exception>, Unresolved> {
        // "Except the last Tuesday of the month" is every month's, and there is no such exception.
        if matches!(&moment.date, Some(Date { anchor: Some(Anchor::Nth { .. }), .. })) {
            return Err(Unresolved::TooVague);
        }
        if let Some(Date { weekday: Some((weekday, _)), day: None, .. }) = moment.date {
            return Ok(Some(Exception::Weekday(weekday)));
        }
        if let Some(Date { month: Some((month, _)), day: None, year: None, .. }) = moment.date {
            return Ok(Some(Exception::Month(month)));
        }
        Ok(match self.moment(moment)?.0 {
            Value::Date { start, grain: Grain::Day } => Some(Exception::Day(start)),
            Value::Date { start, grain } => Some(Exception::Days(start, period_end(start, grain))),
            Value::Instant { at, .. } => Some(Exception::Day(at.date_naive())),
            Value::Interval { start: Some(start), end: Some(end), .. } => {
                Some(Exception::Days(start.date_naive(), end.date_naive()))
            }
            Value::Interval { .. } | Value::Duration(_) | Value::Recurrence(_) => None,
        })
    }
}

fn end_of_day(day: NaiveDate) -> chrono::NaiveDateTime {
    day.and_time(NaiveTime::from_hms_opt(23, 59, 59).unwrap_or(NaiveTime::MIN))
}

/// The last day up to `last` on which a rule of one weekday falls: until December, every Monday, ends on a Monday.
fn last_day_of(rule: &Recurrence, last: NaiveDate) -> NaiveDate {
    match rule.by_day.as_slice() {
        [only] if only.nth.is_none() && rule.interval == 1 => crate::time::calendar::weekday_until(last, only.weekday),
        _ => last,
    }
}

/// The last local time that "until" allows: the whole of a day that was named, nothing of a month or year.
fn until(value: &Value) -> Option<chrono::NaiveDateTime> {
    match value {
        Value::Instant { at, .. } => Some(at.naive_local()),
        Value::Date { start, grain: Grain::Day } => Some(end_of_day(*start)),
        Value::Date { start, .. } => Some(start.and_time(NaiveTime::MIN)),
        Value::Interval { start, end, .. } => end.or(*start).map(|at: DateTime<Tz>| at.naive_local()),
        Value::Duration(_) | Value::Recurrence(_) => None,
    }
}
