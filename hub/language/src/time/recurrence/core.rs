//! The cores of recurrences: which days, before any time, start or end.

use chrono::Weekday;
use xswarm_core::recurrence::{ByDay, Frequency, Recurrence};

use super::Core;
use crate::lexer::phrases::any;
use crate::{
    lexer::vocabulary::Unit,
    policy::Policy,
    time::{
        chart::Chart,
        expression::{Holiday, Part},
    },
};

const ADVERBS: &[(&str, Frequency, u32)] = &[
    ("daily", Frequency::Daily, 1),
    ("weekly", Frequency::Weekly, 1),
    ("monthly", Frequency::Monthly, 1),
    ("yearly", Frequency::Yearly, 1),
    ("annually", Frequency::Yearly, 1),
    ("hourly", Frequency::Hourly, 1),
    ("quarterly", Frequency::Monthly, 3),
    ("biweekly", Frequency::Weekly, 2),
    ("fortnightly", Frequency::Weekly, 2),
    ("bimonthly", Frequency::Monthly, 2),
    ("semiannually", Frequency::Monthly, 6),
    ("nightly", Frequency::Daily, 1),
    ("biannually", Frequency::Monthly, 6),
];

fn rule(frequency: Frequency, interval: u32) -> Recurrence {
    Recurrence { interval, ..Recurrence::every(frequency) }
}

pub(super) fn on_days(days: &[Weekday]) -> Vec<ByDay> {
    days.iter().map(|weekday| ByDay { nth: None, weekday: *weekday }).collect()
}

fn of_unit(unit: Unit, interval: u32, policy: &Policy) -> Option<Recurrence> {
    Some(match unit {
        Unit::Minute => rule(Frequency::Minutely, interval),
        Unit::Hour => rule(Frequency::Hourly, interval),
        Unit::Day => rule(Frequency::Daily, interval),
        Unit::Week => rule(Frequency::Weekly, interval),
        Unit::Fortnight => rule(Frequency::Weekly, interval.checked_mul(2)?),
        Unit::Weekend => Recurrence { by_day: on_days(&policy.weekend_days()), ..rule(Frequency::Weekly, interval) },
        Unit::Month => rule(Frequency::Monthly, interval),
        Unit::Quarter => rule(Frequency::Monthly, interval.checked_mul(3)?),
        Unit::Year => rule(Frequency::Yearly, interval),
        Unit::Decade => rule(Frequency::Yearly, interval.checked_mul(10)?),
        Unit::Second => rule(Frequency::Secondly, interval),
    })
}

/// The same day every year; Easter has no rule.
fn of_holiday(holiday: Holiday) -> Option<Recurrence> {
    let yearly =
        |month: u32| Some(Recurrence { by_month: vec![u8::try_from(month).ok()?], ..rule(Frequency::Yearly, 1) });
    match holiday {
        Holiday::Fixed { month, day } => {
            Some(Recurrence { by_month_day: vec![i8::try_from(day).ok()?], ..yearly(month)? })
        }
        Holiday::Nth { month, weekday, nth } => {
            Some(Recurrence { by_day: vec![ByDay { nth: i8::try_from(nth).ok(), weekday }], ..yearly(month)? })
        }
        Holiday::Easter(_) => None,
    }
}

pub(super) fn part_named(word: &str) -> Option<Part> {
    Some(match word {
        "morning" | "mornings" => Part::Morning,
        "afternoon" | "afternoons" => Part::Afternoon,
        "evening" | "evenings" => Part::Evening,
        "night" | "nights" => Part::Night,
        _ => return None,
    })
}

impl Chart<'_> {
    /// The core that begins at `i`.
    pub(super) fn core_at(&self, i: usize) -> Option<Core> {
        let read = self.read;
        let i = if read.one_of(i, any!("on|repeating|repeat|recurring")) { i + 1 } else { i };
        let core = self
            .every(i)
            .or_else(|| self.ordinal_of_every(i))
            .or_else(|| self.adverb(i))
            .or_else(|| self.plural_days(i))
            .or_else(|| self.once_a(i))?;
        Some(self.refined(core))
    }

    /// "daily", "every-other-week" is not one of them.
    fn adverb(&self, i: usize) -> Option<Core> {
        let read = self.read;
        for (word, frequency, interval) in [
            ("bi - weekly", Frequency::Weekly, 2),
            ("bi - monthly", Frequency::Monthly, 2),
            ("semi - annually", Frequency::Monthly, 6),
            ("bi - annually", Frequency::Monthly, 6),
            ("half - yearly", Frequency::Monthly, 6),
        ] {
            let mut words = word.split(' ').enumerate();
            if words.all(|(n, word)| read.is(i + n, word)) {
                return Some(Core { end: i + 3, rule: rule(frequency, interval), part: None, weak: false });
            }
        }
        let (_, frequency, interval) = ADVERBS.iter().find(|(word, _, _)| read.is(i, word))?;
        let part = read.is(i, "nightly").then_some(Part::Night);
        Some(Core { end: i + 1, rule: rule(*frequency, *interval), part, weak: false })
    }

    /// "once a week", "one a day".
    fn once_a(&self, i: usize) -> Option<Core> {
        let read = self.read;
        if !read.one_of(i, any!("once|one")) || !read.one_of(i + 1, any!("a|per|every|each|an")) {
            return None;
        }
        if read.one_of(i + 1, any!("every|each")) {
            return self.every(i + 1);
        }
        let unit = read.unit(i + 2).filter(|unit| *unit >= Unit::Hour)?;
        Some(Core { end: i + 3, rule: of_unit(unit, 1, self.context.policy)?, part: None, weak: false })
    }

    /// "every …", "each …".
    fn every(&self, i: usize) -> Option<Core> {
        let read = self.read;
        if !read.one_of(i, any!("every|each|all")) {
            return None;
        }
        let mut at = i + 1;
        if read.is(i, "all")
            && !read.at(at).is_some_and(|token| token.meaning.weekday.is_some() && token.meaning.plural)
        {
            return None;
        }
        if read.is(at, "single") {
            at += 1;
        }
        let core = |end: usize, rule: Recurrence| Some(Core { end, rule, part: None, weak: false });
        if let Some(found) = self.every_position(at) {
            return Some(found);
        }
        let (interval, after) = if read.is(at, "other") {
            (2, at + 1)
        } else if let Some((n, end, _)) = read.ordinal(at).filter(|(_, end, _)| self.repeatable(*end)) {
            (n, end)
        } else if let Some((n, end)) = read.cardinal(at).filter(|(_, end)| self.repeatable(*end)) {
            (n, end)
        } else if let Some(count) = read.phrase(at, any!("couple of|couple|few")) {
            let policy = self.context.policy;
            (if read.is(at, "few") { policy.few } else { policy.couple }, at + count)
        } else {
            (1, at)
        };
        if interval == 0 || interval > 10_000 {
            return None;
        }
        if let Some(count) = read.phrase(after, any!("half an hour|half hour")) {
            return core(after + count, rule(Frequency::Minutely, 30));
        }
        if let Some(end) = self.working_day_at(after) {
            return core(
                end,
                Recurrence {
                    by_day: on_days(&self.context.policy.working_days()),
                    ..rule(Frequency::Weekly, interval)
                },
            );
        }
        if let Some(unit) = read.unit(after).filter(|_| read.at(after).is_some_and(|token| token.word.len() > 1)) {
            // "Every second counts" names no recurrence.
            let counted = unit != Unit::Second || after > i + 1 || read.closes(after + 1);
            return if counted { core(after + 1, of_unit(unit, interval, self.context.policy)?) } else { None };
        }
        if let Some((days, end)) = self.weekday_list(after) {
            return core(end, Recurrence { by_day: on_days(&days), ..rule(Frequency::Weekly, interval) });
        }
        if let Some(part) = read.at(after).and_then(|token| part_named(&token.word)) {
            return Some(Core {
                end: after + 1,
                rule: rule(Frequency::Daily, interval),
                part: Some(part),
                weak: false,
            });
        }
        // "every Christmas"
        if interval == 1
            && let Some((holiday, end)) = self.holiday_at(after)
        {
            return core(end, of_holiday(holiday)?);
        }
        if interval == 1
            && let Some(month) = read.at(after).and_then(|token| token.meaning.month)
            && let Ok(month) = u8::try_from(month)
        {
            // "every July 4th", "every August"
            let at = read.skip_stop(after + 1);
            let base = Recurrence { by_month: vec![month], ..rule(Frequency::Yearly, 1) };
            if let Some((days, end)) = self.day_list(at, true) {
                return core(end, Recurrence { by_month_day: days, ..base });
            }
            return core(at, base);
        }
        None
    }

    /// Something that can be counted by "every 3rd": a unit or a weekday.
    fn repeatable(&self, i: usize) -> bool {
        let read = self.read;
        (read.unit(i).is_some() && read.at(i).is_some_and(|token| token.word.len() > 1))
            || self.working_day_at(i).is_some()
            || read.at(i).is_some_and(|token| token.meaning.weekday.is_some())
            || read.at(i).is_some_and(|token| part_named(&token.word).is_some())
    }

    /// After "every": "first Friday [of the month]", "4th and 10th of the month", "20th and 30th of August",
    /// "fourth Thursday in November".
    fn every_position(&self, i: usize) -> Option<Core> {
        let read = self.read;
        let (positions, at) = self.positions(i)?;
        let last_only = positions.iter().all(|nth| *nth < 0);
        let named = self.weekday_list(at);
        let of_month = |at: usize| {
            read.phrase(
                at,
                any!(
                    "of the month|in the month|of a month|of month|of each month|of every month|each month|\
                    every month|a month"
                ),
            )
            .map(|count| at + count)
        };
        if let Some((days, end)) = named {
            let by_day: Vec<ByDay> = positions
                .iter()
                .flat_map(|nth| {
                    days.iter().map(move |weekday| ByDay { nth: i8::try_from(*nth).ok(), weekday: *weekday })
                })
                .collect();
            if let Some(after) = of_month(end) {
                return Some(Core {
                    end: after,
                    rule: Recurrence { by_day, ..rule(Frequency::Monthly, 1) },
                    part: None,
                    weak: false,
                });
            }
            if read.one_of(end, any!("in|of"))
                && let Some(month) = read.at(end + 1).and_then(|token| token.meaning.month)
                && let Ok(month) = u8::try_from(month)
            {
                let yearly = Recurrence { by_day, by_month: vec![month], ..rule(Frequency::Yearly, 1) };
                return Some(Core { end: end + 2, rule: yearly, part: None, weak: false });
            }
            // "every first Friday" counts in months, "every second Friday" in weeks.
            let first = read.is(i, "first") || read.is(i, "the");
            if last_only || first || positions.len() > 1 {
                return Some(Core {
                    end,
                    rule: Recurrence { by_day, ..rule(Frequency::Monthly, 1) },
                    part: None,
                    weak: false,
                });
            }
            return None;
        }
        let day_word = if read.one_of(at, any!("day|days")) { at + 1 } else { at };
        let days: Vec<i8> =
            positions.iter().filter_map(|nth| i8::try_from(*nth).ok()).filter(|day| day.abs() <= 31).collect();
        if let Some(after) = of_month(day_word) {
            return Some(Core {
                end: after,
                rule: Recurrence { by_month_day: days, ..rule(Frequency::Monthly, 1) },
                part: None,
                weak: false,
            });
        }
        let of = if read.is(day_word, "of") { day_word + 1 } else { day_word };
        if let Some(month) = read.at(of).and_then(|token| token.meaning.month)
            && let Ok(month) = u8::try_from(month)
        {
            let yearly = Recurrence { by_month_day: days, by_month: vec![month], ..rule(Frequency::Yearly, 1) };
            return Some(Core { end: of + 1, rule: yearly, part: None, weak: false });
        }
        // "every 15th"
        let digits = read.digits(i).is_some();
        if digits
            && day_word == at
            && read.closes(at)
            && positions.iter().all(|nth| *nth > 0)
            && read.unit(at).is_none()
        {
            return Some(Core {
                end: at,
                rule: Recurrence { by_month_day: days, ..rule(Frequency::Monthly, 1) },
                part: None,
                weak: false,
            });
        }
        None
    }

    /// "the first Monday of each month", "15th of every other month", "beginning of each month", "31st day of …".
    fn ordinal_of_every(&self, i: usize) -> Option<Core> {
        let read = self.read;
        let start = if read.is(i, "the") { i + 1 } else { i };
        let (mut base, at) = if let Some(count) = read.phrase(start, any!("beginning of|begin of|start of")) {
            (Recurrence { by_month_day: vec![1], ..rule(Frequency::Monthly, 1) }, start + count)
        } else if let Some(count) = read.phrase(start, any!("end of")) {
            (Recurrence { by_month_day: vec![-1], ..rule(Frequency::Monthly, 1) }, start + count)
        } else {
            let (positions, at) = self.positions(start)?;
            if let Some((days, end)) = self.weekday_list(at) {
                let by_day = positions
                    .iter()
                    .flat_map(|nth| {
                        days.iter().map(move |weekday| ByDay { nth: i8::try_from(*nth).ok(), weekday: *weekday })
                    })
                    .collect();
                let end = if read.one_of(end, any!("of|in")) { end + 1 } else { end };
                (Recurrence { by_day, ..rule(Frequency::Monthly, 1) }, end)
            } else if let Some(end) = self.working_day_at(at) {
                let positions = positions.iter().map(|nth| i32::from(i8::try_from(*nth).unwrap_or(1))).collect();
                let end = if read.one_of(end, any!("of|in")) { end + 1 } else { end };
                (
                    Recurrence {
                        by_day: on_days(&self.context.policy.working_days()),
                        by_set_position: positions,
                        ..rule(Frequency::Monthly, 1)
                    },
                    end,
                )
            } else {
                let end = if read.one_of(at, any!("day|days")) { at + 1 } else { at };
                let end = if read.one_of(end, any!("of|in")) { end + 1 } else { end };
                let days =
                    positions.iter().filter_map(|nth| i8::try_from(*nth).ok()).filter(|day| day.abs() <= 31).collect();
                (Recurrence { by_month_day: days, ..rule(Frequency::Monthly, 1) }, end)
            }
        };
        if !read.one_of(at, any!("every|each")) {
            return None;
        }
        let (interval, unit_at) = self.interval_at(at + 1);
        match read.unit(unit_at)? {
            Unit::Month => {}
            Unit::Quarter => base.interval = 3,
            // "The 31st day of every year", "the last day of each year".
            Unit::Year if base.by_day.is_empty() => {
                let days = base.by_month_day.iter().map(|day| i16::from(*day)).collect();
                base = Recurrence { by_year_day: days, ..rule(Frequency::Yearly, 1) };
            }
            Unit::Second
            | Unit::Minute
            | Unit::Hour
            | Unit::Day
            | Unit::Week
            | Unit::Fortnight
            | Unit::Weekend
            | Unit::Year
            | Unit::Decade => return None,
        }
        base.interval *= interval;
        Some(Core { end: unit_at + 1, rule: base, part: None, weak: false })
    }

    /// "other", "3rd", "3": the interval and the position after it.
    fn interval_at(&self, i: usize) -> (u32, usize) {
        let read = self.read;
        if read.is(i, "other") {
            return (2, i + 1);
        }
        if let Some((n, end, _)) = read.ordinal(i).filter(|(n, end, _)| *n > 0 && read.unit(*end).is_some()) {
            return (n, end);
        }
        if let Some((n, end)) = read.cardinal(i).filter(|(n, end)| (1..=1000).contains(n) && read.unit(*end).is_some())
        {
            return (n, end);
        }
        (1, i)
    }

    /// "Mondays and Wednesdays", "weekdays", "on mornings".
    fn plural_days(&self, i: usize) -> Option<Core> {
        let read = self.read;
        if read.one_of(i, any!("weekdays|workdays|weeknights")) {
            return Some(Core {
                end: i + 1,
                rule: Recurrence { by_day: on_days(&self.context.policy.working_days()), ..rule(Frequency::Weekly, 1) },
                part: None,
                weak: false,
            });
        }
        if read.is(i, "weekends") {
            return Some(Core {
                end: i + 1,
                rule: Recurrence { by_day: on_days(&self.context.policy.weekend_days()), ..rule(Frequency::Weekly, 1) },
                part: None,
                weak: false,
            });
        }
        if let Some(part) = read
            .at(i)
            .and_then(|token| part_named(&token.word))
            .filter(|_| read.at(i).is_some_and(|token| token.word.ends_with('s')))
        {
            return Some(Core { end: i + 1, rule: rule(Frequency::Daily, 1), part: Some(part), weak: true });
        }
        let (days, end) = self.weekday_list(i)?;
        let plural =
            (i..end).any(|at| read.at(at).is_some_and(|token| token.meaning.weekday.is_some() && token.meaning.plural));
        plural.then(|| Core {
            end,
            rule: Recurrence { by_day: on_days(&days), ..rule(Frequency::Weekly, 1) },
            part: None,
            weak: false,
        })
    }
}
