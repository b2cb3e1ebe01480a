//! The occurrences of a rule in floating local time, one after the other, from any moment on.
//!
//! Nothing before that moment is walked through, unless the rule counts its occurrences; then days are counted, not
//! occurrences. The search for the next one ends: after the last day that may occur, or when the calendar and the
//! interval have come full circle (`Plan::cycle_days`) since the one before; what was not found then never comes.

use std::collections::{HashMap, VecDeque};

use chrono::{NaiveDateTime, Timelike};

use super::{
    Frequency, Recurrence, RecurrenceEnd,
    days::Calendar,
    plan::{Moment, Plan, days},
    times::{DAY, chosen},
};

/// An expansion under way.
#[derive(Debug, Clone)]
pub(super) struct Expansion {
    plan: Plan,
    calendar: Calendar,
    /// The next occurrence is not earlier.
    at: Moment,
    /// How many are left of a counted rule.
    left: Option<u32>,
    /// The last day worth looking at.
    last_day: i32,
    /// How many periods of the pace begin on a day, by its offset; of a few days that were looked through.
    counts: HashMap<i64, u32>,
    sets: Sets,
    nanosecond: u32,
}

/// Where an expansion with `BYSETPOS` is.
#[derive(Debug, Clone)]
struct Sets {
    /// The next period to look at.
    period: i64,
    /// What the periods before it left over, in order.
    ready: VecDeque<Moment>,
    /// The days of one period.
    days: Vec<i32>,
}

impl Expansion {
    pub(super) fn new(rule: &Recurrence, start: NaiveDateTime) -> Self {
        let at = Moment::of(start);
        let mut calendar = Calendar::new(days(rule, start.date()), at.day);
        let plan = Plan::new(rule, start, calendar.year(at.day));
        let left = match rule.end {
            RecurrenceEnd::Count(count) => Some(count),
            RecurrenceEnd::Never | RecurrenceEnd::Until(_) => None,
        };
        let period = plan.period(at.day, calendar.year(at.day));
        let sets = Sets { period, ready: VecDeque::new(), days: Vec::new() };
        // 23:59:60 is the second before.
        let nanosecond = start.nanosecond() % 1_000_000_000;
        let mut expansion =
            Self { plan, calendar, at, left, last_day: at.day, counts: HashMap::new(), sets, nanosecond };
        expansion.hope();
        expansion
    }

    /// Leaves out what is before `to`.
    pub(super) fn seek(&mut self, to: NaiveDateTime) {
        let to = Moment::of(to);
        if to <= self.at {
            return;
        }
        if self.left.is_some() {
            self.count_to(to);
        } else {
            self.at = to;
            if to <= Moment::LAST && !self.plan.positions.is_empty() {
                let period = self.plan.period(to.day, self.calendar.year(to.day));
                self.sets.period = self.plan.counting(period);
            }
        }
        self.hope();
    }

    /// Another cycle may be searched, but not beyond the end.
    fn hope(&mut self) {
        let cycle = i64::from(self.at.day).saturating_add(self.plan.cycle_days);
        self.last_day = i32::try_from(cycle).map_or(self.plan.until.day, |day| day.min(self.plan.until.day));
    }

    /// The next occurrence, which stays the next.
    fn find(&mut self) -> Option<Moment> {
        if self.left == Some(0) {
            return None;
        }
        let found = if self.plan.positions.is_empty() { self.find_plain() } else { self.find_chosen() };
        found.filter(|found| *found <= self.plan.until)
    }

    /// It is taken.
    fn take(&mut self, found: Moment) {
        self.left = self.left.map(|left| left.saturating_sub(1));
        self.at = match found.second + 1 {
            DAY => Moment::midnight(found.day + 1),
            second => Moment { second, ..found },
        };
        self.hope();
    }

    fn find_plain(&mut self) -> Option<Moment> {
        loop {
            let day = self.next_day(self.at.day)?;
            if day > self.at.day {
                self.at = Moment::midnight(day);
            }
            if let Some(second) = self.next_time(day, self.at.second) {
                return Some(Moment { day, second });
            }
            if let Some(pace) = self.plan.pace.as_ref().filter(|_| self.at.second == 0) {
                self.counts.insert(pace.offset(day), 0);
            }
            self.at = Moment::midnight(day + 1);
        }
    }

    /// The first day from `from` on that is allowed, in a period that counts, and not known to hold nothing.
    fn next_day(&mut self, from: i32) -> Option<i32> {
        let mut from = from;
        loop {
            let day = self.calendar.next(from, self.last_day)?;
            let later = match &self.plan.pace {
                Some(pace) => {
                    let offset = pace.offset(day);
                    let empty = self.counts.get(&offset) == Some(&0);
                    i64::from(day) + (offset / i64::from(DAY)).max(i64::from(empty))
                }
                None if self.plan.interval == 1 => return Some(day),
                None => {
                    let period = self.plan.period(day, self.calendar.year(day));
                    match self.plan.counting(period) {
                        counting if counting == period => return Some(day),
                        counting => i64::from(self.plan.begins(counting)),
                    }
                }
            };
            if later == i64::from(day) {
                return Some(day);
            }
            from = i32::try_from(later).ok()?;
        }
    }

    fn next_time(&self, day: i32, from: u32) -> Option<u32> {
        let Some(pace) = &self.plan.pace else { return self.plan.times.next(from) };
        let within = from % pace.unit;
        let period = pace.next(day, from - within)?;
        if period >= from {
            return Some(period + self.plan.times.next(0)?);
        }
        match self.plan.times.next(within) {
            Some(time) => Some(period + time),
            None => Some(pace.next(day, period + pace.unit)? + self.plan.times.next(0)?),
        }
    }

    fn find_chosen(&mut self) -> Option<Moment> {
        loop {
            while let Some(ready) = self.sets.ready.front() {
                if *ready >= self.at {
                    return Some(*ready);
                }
                self.sets.ready.pop_front();
            }
            let begin = self.plan.begins(self.sets.period);
            if begin > self.last_day {
                return None;
            }
            let end = self.plan.begins(self.sets.period + 1);
            self.fill(begin, end);
            self.sets.period += self.plan.interval;
        }
    }

    /// Chooses the occurrences of one period.
    fn fill(&mut self, begin: i32, end: i32) {
        let first_week = self.plan.frequency == Frequency::Weekly && begin < self.plan.start.day;
        let mut from = if first_week { self.plan.start.day } else { begin };
        self.sets.days.clear();
        while let Some(day) = self.calendar.next(from, end - 1) {
            self.sets.days.push(day);
            from = day + 1;
        }
        let times = self.plan.times.count();
        let count = u32::try_from(self.sets.days.len()).unwrap_or(u32::MAX).saturating_mul(times);
        for place in chosen(&self.plan.positions, count) {
            let day = place.checked_div(times).and_then(|n| self.sets.days.get(usize::try_from(n).ok()?));
            let second = place.checked_rem(times).and_then(|n| self.plan.times.nth(n));
            self.sets.ready.extend(day.zip(second).map(|(day, second)| Moment { day: *day, second }));
        }
    }

    /// Takes what is before `to`, whole days at once.
    fn count_to(&mut self, to: Moment) {
        if self.plan.positions.is_empty() {
            if self.at.second != 0 {
                self.walk_to(to.min(Moment::midnight(self.at.day.saturating_add(1))));
            }
            if self.plan.interval == 1 && self.plan.pace.is_none() {
                self.count_years(to.day.min(self.plan.until.day));
            } else {
                self.count_days(to.day);
            }
        }
        self.walk_to(to);
    }

    fn walk_to(&mut self, to: Moment) {
        while let Some(found) = self.find().filter(|found| *found < to) {
            self.take(found);
        }
    }

    /// Every allowed day counts, and all hold the same times: a look at each year is enough.
    fn count_years(&mut self, to_day: i32) {
        while self.at.second == 0 && self.at.day < to_day && self.left != Some(0) {
            let (days, stopped) = self.calendar.count(self.at.day, to_day);
            self.count_off(days.saturating_mul(self.plan.times.count()));
            self.at = Moment::midnight(stopped);
        }
        self.hope();
    }

    fn count_days(&mut self, to_day: i32) {
        while self.at.second == 0 && self.left != Some(0) {
            let Some(day) = self.next_day(self.at.day).filter(|day| *day < to_day) else { break };
            let periods = self
                .plan
                .pace
                .as_ref()
                .map_or(1, |pace| *self.counts.entry(pace.offset(day)).or_insert_with(|| pace.count(day)));
            self.count_off(periods.saturating_mul(self.plan.times.count()));
            self.at = Moment::midnight(day + 1);
            if periods > 0 {
                self.hope();
            }
        }
    }

    fn count_off(&mut self, occurrences: u32) {
        self.left = self.left.map(|left| left.saturating_sub(occurrences));
    }
}

impl Iterator for Expansion {
    type Item = NaiveDateTime;

    fn next(&mut self) -> Option<NaiveDateTime> {
        let found = self.find()?;
        self.take(found);
        found.local(self.nanosecond)
    }
}
