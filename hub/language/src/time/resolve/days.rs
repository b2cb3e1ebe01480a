//! Which day or period the constraints on a date mean.

use chrono::{Datelike, NaiveDate, Weekday};

use super::{Resolver, Unresolved};
use crate::{
    lexer::vocabulary::Unit,
    policy::{NextWeekday, Policy},
    time::{
        calendar::{
            add_days, add_months, add_span, add_working_days, easter, monday, month_start, nth_weekday, period_end,
            quarter_start, weekday_from, weekday_until, year_start,
        },
        expression::{Anchor, Date, Holiday, Relation, What},
        value::{Context, Grain, Value},
    },
};

/// How far ahead a weekday and a day of the month are looked for together.
const NEAR_DAYS: i64 = 200;

type Day = Result<(NaiveDate, Grain), Unresolved>;

impl Resolver<'_> {
    /// What the words may also mean: the other "next Friday", day and month the other way round, the March 3 that passed.
    pub(super) fn other_days(self, date: &Date) -> Vec<NaiveDate> {
        let mut policy = self.context.policy.clone();
        policy.next_weekday = match policy.next_weekday {
            NextWeekday::OfNextWeek => NextWeekday::FirstAhead,
            NextWeekday::FirstAhead => NextWeekday::OfNextWeek,
        };
        policy.month_day_ahead = !policy.month_day_ahead;
        let context = Context { policy: &policy, ..self.context.clone() };
        let otherwise = Resolver { context: &context, ..self }.date(date).ok().map(|(day, _)| day);
        let meant = self.date(date).ok().map(|(day, _)| day);
        // "Friday", said on a Friday.
        let today = match date.weekday {
            Some((weekday, Relation::Bare)) if weekday == self.today.weekday() && date.weeks_later == 0 => {
                let alone =
                    date.day.is_none() && date.exact.is_none() && date.period.is_none() && date.anchor.is_none();
                alone.then_some(self.today)
            }
            Some(_) | None => None,
        };
        [date.otherwise, otherwise, today].into_iter().flatten().filter(|day| Some(*day) != meant).collect()
    }

    /// The day, if the words name it by weekday and by date and the two contradict each other; also the weekday.
    pub(crate) fn contradiction(self, date: &Date) -> Option<(NaiveDate, Weekday)> {
        let (weekday, _) = date.weekday?;
        let dated = date.exact.is_some() || date.day.is_some();
        let (day, _) = self.date(date).ok().filter(|_| dated)?;
        (day.weekday() != weekday).then_some((day, weekday))
    }

    /// The day or period.
    pub(super) fn date(self, date: &Date) -> Day {
        let (start, grain) = self.date_of(date)?;
        Ok((add_days(start, i64::from(date.weeks_later) * 7), grain))
    }

    fn date_of(self, date: &Date) -> Day {
        if let Some(exact) = date.exact {
            return Ok((exact, Grain::Day));
        }
        if let Some(anchor) = &date.anchor {
            return self.anchor(anchor, date);
        }
        if let Some((unit, offset)) = date.period {
            return self.period(unit, offset, date);
        }
        match (date.day, date.month) {
            (Some(day), Some((month, relation))) => {
                self.month_day(day, month, relation, date).map(|day| (day, Grain::Day))
            }
            (Some(day), None) => self.day_of_month(day, date.weekday).map(|day| (day, Grain::Day)),
            (None, Some((month, relation))) => self.month(month, relation, date.year),
            (None, None) => match (date.weekday, date.year) {
                (Some((weekday, relation)), _) => Ok((self.weekday(weekday, relation), Grain::Day)),
                (None, Some(year)) => Ok((year_start(year).ok_or(Unresolved::NoSuchDate)?, Grain::Year)),
                (None, None) => Err(Unresolved::NoSuchDate),
            },
        }
    }

    fn anchor(self, anchor: &Anchor, date: &Date) -> Day {
        let this_year = self.today.year();
        match anchor {
            Anchor::Day(days) => Ok((add_days(self.context.now.date_naive(), *days), Grain::Day)),
            Anchor::Shift { by, from } => {
                let base = match from {
                    None => self.context.now.date_naive(),
                    Some(moment) => match self.moment(moment)?.0 {
                        Value::Instant { at, .. } | Value::Interval { start: Some(at), .. } => at.date_naive(),
                        Value::Date { start, .. } => start,
                        Value::Interval { .. } | Value::Duration(_) | Value::Recurrence(_) => {
                            return Err(Unresolved::NoSuchDate);
                        }
                    },
                };
                // "in 3 days on Friday" is the Friday nearest to that.
                let day = add_span(base, *by);
                let day = date.weekday.map_or(day, |(weekday, _)| weekday_from(add_days(day, -3), weekday));
                Ok((day, Grain::Day))
            }
            Anchor::Nth { nth, what, of } => {
                self.nth(*nth, *what, of.as_deref(), date.weekday.map(|(weekday, _)| weekday))
            }
            Anchor::WeekOf(inner) => Ok((monday(self.date(inner)?.0), Grain::Week)),
            Anchor::WeekNumber(week) => {
                let year = date.year.unwrap_or(this_year);
                let start = NaiveDate::from_isoywd_opt(year, *week, Weekday::Mon).ok_or(Unresolved::NoSuchDate)?;
                Ok((start, Grain::Week))
            }
            Anchor::Quarter(quarter) => {
                let year = match date.period {
                    Some((_, offset)) => this_year + offset,
                    None => date.year.unwrap_or(this_year),
                };
                let start = NaiveDate::from_ymd_opt(year, quarter * 3 - 2, 1).ok_or(Unresolved::NoSuchDate)?;
                Ok((start, Grain::Quarter))
            }
            Anchor::WorkingDays(days) => {
                Ok((add_working_days(self.today, *days, &self.context.policy.working_days()), Grain::Day))
            }
            Anchor::Holiday { holiday, relation } => {
                let year = match date.period {
                    Some((Unit::Year, offset)) => Some(this_year + offset),
                    Some(_) | None => date.year,
                };
                let found = match year {
                    Some(year) => holiday_in(*holiday, year),
                    None if matches!(relation, Relation::Last | Relation::Past) => holiday_in(*holiday, this_year)
                        .filter(|day| *day < self.today)
                        .or_else(|| holiday_in(*holiday, this_year - 1)),
                    None => holiday_in(*holiday, this_year)
                        .filter(|day| *day >= self.today)
                        .or_else(|| holiday_in(*holiday, this_year + 1)),
                };
                Ok((found.ok_or(Unresolved::NoSuchDate)?, Grain::Day))
            }
            Anchor::Edge { end, of } => {
                let (start, grain) = self.date(of)?;
                let day = if *end { add_days(period_end(start, grain), -1) } else { start };
                Ok((day, Grain::Day))
            }
        }
    }

    fn nth(self, nth: i32, what: What, of: Option<&Date>, weekday: Option<Weekday>) -> Day {
        let this_month = Date { period: Some((Unit::Month, 0)), ..Date::default() };
        let base = of.unwrap_or(&this_month);
        let (start, grain) = self.date(base)?;
        let found = nth_in(start, grain, nth, what, self.context.policy).ok_or(Unresolved::NoSuchDate)?;
        // "the first Tuesday of March", said late in March, is next year's.
        let bare_month = base.month.is_some() && base.year.is_none() && base.period.is_none();
        let found =
            if bare_month && found.0 < self.today && found.1 == Grain::Day && self.context.policy.month_day_ahead {
                nth_in(add_months(start, 12), grain, nth, what, self.context.policy).ok_or(Unresolved::NoSuchDate)?
            } else {
                found
            };
        match weekday {
            Some(weekday) if found.1 == Grain::Week => Ok((weekday_from(found.0, weekday), Grain::Day)),
            Some(_) | None => Ok(found),
        }
    }

    fn period(self, unit: Unit, offset: i32, date: &Date) -> Day {
        let today = self.today;
        match unit {
            Unit::Week => {
                let start = add_days(monday(today), i64::from(offset) * 7);
                match date.weekday {
                    Some((weekday, _)) => Ok((weekday_from(start, weekday), Grain::Day)),
                    None => Ok((start, Grain::Week)),
                }
            }
            Unit::Weekend => {
                let first = weekday_from(monday(today), self.context.policy.weekend);
                Ok((add_days(first, i64::from(offset) * 7), Grain::Weekend))
            }
            Unit::Month => {
                let start = add_months(month_start(today), offset);
                match date.day {
                    Some(day) => Ok((start.with_day(day).ok_or(Unresolved::NoSuchDate)?, Grain::Day)),
                    None => Ok((start, Grain::Month)),
                }
            }
            Unit::Quarter => Ok((add_months(quarter_start(today), offset * 3), Grain::Quarter)),
            Unit::Year => {
                let year = today.year() + offset;
                let start = match (date.month, date.day) {
                    (Some((month, _)), Some(day)) => {
                        return NaiveDate::from_ymd_opt(year, month, day)
                            .map(|day| (day, Grain::Day))
                            .ok_or(Unresolved::NoSuchDate);
                    }
                    (Some((month, _)), None) => {
                        return NaiveDate::from_ymd_opt(year, month, 1)
                            .map(|day| (day, Grain::Month))
                            .ok_or(Unresolved::NoSuchDate);
                    }
                    (None, _) => year_start(year),
                };
                Ok((start.ok_or(Unresolved::NoSuchDate)?, Grain::Year))
            }
            Unit::Second | Unit::Minute | Unit::Hour | Unit::Day | Unit::Fortnight | Unit::Decade => {
                Err(Unresolved::NoSuchDate)
            }
        }
    }

    fn month_day(self, day: u32, month: u32, relation: Relation, date: &Date) -> Result<NaiveDate, Unresolved> {
        if let Some(year) = date.year {
            return NaiveDate::from_ymd_opt(year, month, day).ok_or(Unresolved::NoSuchDate);
        }
        let this_year = self.today.year();
        let in_year = |year: i32| NaiveDate::from_ymd_opt(year, month, day);
        if relation == Relation::Last {
            return (this_year - 8..=this_year)
                .rev()
                .filter_map(in_year)
                .find(|day| *day < self.today)
                .ok_or(Unresolved::NoSuchDate);
        }
        if let (Some((weekday, _)), Some(found)) = (date.weekday, in_year(this_year)) {
            let past = (self.today - found).num_days();
            let near = (0..=self.context.policy.weekday_date_past_days).contains(&past);
            if near || found.weekday() == weekday && past < 0 {
                return Ok(found);
            }
        }
        if !self.context.policy.month_day_ahead
            && let Some(found) = in_year(this_year)
        {
            return Ok(found);
        }
        // February 29 comes again within eight years.
        (this_year..=this_year + 8).filter_map(in_year).find(|day| *day >= self.today).ok_or(Unresolved::NoSuchDate)
    }

    fn day_of_month(self, day: u32, weekday: Option<(Weekday, Relation)>) -> Result<NaiveDate, Unresolved> {
        let first = month_start(self.today);
        if let Some((weekday, _)) = weekday {
            // "Thursday the 16th" is near, or else one of the two is wrong: then the day counts, and it is said.
            let ahead = || (0..8).filter_map(|months| add_months(first, months).with_day(day));
            let near = ahead().find(|date| date.weekday() == weekday && (*date - self.today).num_days() <= NEAR_DAYS);
            return near.or_else(|| ahead().find(|date| *date >= self.today)).ok_or(Unresolved::NoSuchDate);
        }
        (0..12)
            .filter_map(|months| add_months(first, months).with_day(day))
            .find(|date| *date > self.today)
            .ok_or(Unresolved::NoSuchDate)
    }

    fn month(self, month: u32, relation: Relation, year: Option<i32>) -> Day {
        let first = |year: i32| {
            NaiveDate::from_ymd_opt(year, month, 1).map(|day| (day, Grain::Month)).ok_or(Unresolved::NoSuchDate)
        };
        if let Some(year) = year {
            return first(year);
        }
        let (this_year, this_month) = (self.today.year(), self.today.month());
        match relation {
            Relation::Bare | Relation::This => first(if month >= this_month { this_year } else { this_year + 1 }),
            Relation::Next | Relation::Coming => first(if month > this_month { this_year } else { this_year + 1 }),
            Relation::Last | Relation::Past => first(if month < this_month { this_year } else { this_year - 1 }),
        }
    }

    fn weekday(self, weekday: Weekday, relation: Relation) -> NaiveDate {
        let today = self.today;
        match relation {
            Relation::Bare | Relation::Coming => weekday_from(add_days(today, 1), weekday),
            Relation::This => weekday_from(today, weekday),
            Relation::Next => match self.context.policy.next_weekday {
                NextWeekday::OfNextWeek => weekday_from(add_days(monday(today), 7), weekday),
                NextWeekday::FirstAhead => weekday_from(add_days(today, 1), weekday),
            },
            Relation::Last | Relation::Past => weekday_until(add_days(today, -1), weekday),
        }
    }
}

fn nth_in(start: NaiveDate, grain: Grain, nth: i32, what: What, policy: &Policy) -> Option<(NaiveDate, Grain)> {
    let end = period_end(start, grain);
    let back = |days: i64| i64::from(nth + 1) * days;
    match what {
        What::Weekday(weekday) => nth_weekday(start, end, weekday, nth).map(|day| (day, Grain::Day)),
        What::WorkingDay => {
            let working_days = policy.working_days();
            let working = |day: &NaiveDate| working_days.contains(&day.weekday());
            let days = (end - start).num_days();
            let index = usize::try_from(nth.unsigned_abs()).ok()?.checked_sub(1)?;
            let day = if nth > 0 {
                (0..days).map(|n| add_days(start, n)).filter(working).nth(index)
            } else {
                (1..=days).map(|n| add_days(end, -n)).filter(working).nth(index)
            };
            day.map(|day| (day, Grain::Day))
        }
        What::Unit(unit) => {
            let (found, grain) = match unit {
                Unit::Day if nth > 0 => (add_days(start, i64::from(nth - 1)), Grain::Day),
                Unit::Day => (add_days(end, i64::from(nth)), Grain::Day),
                Unit::Week if nth > 0 => (monday(add_days(start, i64::from(nth - 1) * 7)), Grain::Week),
                Unit::Week => (add_days(monday(add_days(end, -1)), back(7)), Grain::Week),
                Unit::Weekend if nth > 0 => {
                    (add_days(weekday_from(start, policy.weekend), i64::from(nth - 1) * 7), Grain::Weekend)
                }
                Unit::Weekend => (add_days(weekday_until(add_days(end, -1), policy.weekend), back(7)), Grain::Weekend),
                Unit::Month if nth > 0 => (add_months(start, nth - 1), Grain::Month),
                Unit::Month => (add_months(end, nth), Grain::Month),
                Unit::Quarter if nth > 0 => (add_months(start, (nth - 1).checked_mul(3)?), Grain::Quarter),
                Unit::Quarter => (add_months(end, nth.checked_mul(3)?), Grain::Quarter),
                Unit::Second | Unit::Minute | Unit::Hour | Unit::Fortnight | Unit::Year | Unit::Decade => return None,
            };
            (found < end && period_end(found, grain) > start).then_some((found, grain))
        }
    }
}

fn holiday_in(holiday: Holiday, year: i32) -> Option<NaiveDate> {
    match holiday {
        Holiday::Fixed { month, day } => NaiveDate::from_ymd_opt(year, month, day),
        Holiday::Nth { month, weekday, nth } => {
            let start = NaiveDate::from_ymd_opt(year, month, 1)?;
            nth_weekday(start, add_months(start, 1), weekday, nth)
        }
        Holiday::Easter(days) => Some(add_days(easter(year)?, days)),
    }
}
