//! The days within the period of a recurrence: "every week on Tuesday", "monthly on the 15th".

use xswarm_core::recurrence::{ByDay, Frequency};

use super::{
    Core,
    core::{on_days, part_named},
};
use crate::lexer::phrases::any;
use crate::time::{
    chart::Chart,
    expression::{Anchor, What},
};

impl Chart<'_> {
    /// Which days of the period: "every week on Tuesday", "monthly on the 15th", "every year on December 25".
    pub(super) fn refined(&self, mut core: Core) -> Core {
        let read = self.read;
        let comma = read.skip_comma(core.end);
        let on = read.one_of(comma, any!("on|at|in"));
        let at = comma + usize::from(on);
        if core.part.is_none()
            && let Some(part) = read.at(core.end).and_then(|token| part_named(&token.word))
            && read.digits(core.end + 1).is_none()
        {
            core.part = Some(part);
            core.end += 1;
            return core;
        }
        // "Every Tuesday and Friday in week 14" is once a year.
        let weekly = core.rule.frequency == Frequency::Weekly && core.rule.by_day.iter().all(|day| day.nth.is_none());
        if weekly
            && !core.rule.by_day.is_empty()
            && let Some((week, end)) = self.week_number_at(comma)
        {
            core.rule.frequency = Frequency::Yearly;
            core.rule.by_week_number = vec![week];
            core.end = end;
            return core;
        }
        let untouched = core.rule.by_day.is_empty() && core.rule.by_month_day.is_empty();
        if !untouched {
            return core;
        }
        match core.rule.frequency {
            Frequency::Weekly | Frequency::Daily
                if on || read.at(at).is_some_and(|token| token.meaning.weekday.is_some()) =>
            {
                if let Some(end) = self.working_day_at(at) {
                    core.rule.by_day = on_days(&self.context.policy.working_days());
                    core.end = end;
                } else if read.one_of(at, any!("weekends|weekend")) || read.phrase(at, any!("the weekend")).is_some() {
                    core.rule.by_day = on_days(&self.context.policy.weekend_days());
                    core.end = at + if read.is(at, "the") { 2 } else { 1 };
                } else if core.rule.frequency == Frequency::Weekly
                    && let Some((days, end)) = self.weekday_list(at)
                {
                    core.rule.by_day = on_days(&days);
                    core.end = end;
                }
            }
            Frequency::Monthly => self.refine_month(&mut core, at, on),
            Frequency::Yearly => self.refine_year(&mut core, at, on),
            Frequency::Weekly | Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {}
        }
        core
    }

    fn refine_month(&self, core: &mut Core, at: usize, on: bool) {
        let read = self.read;
        if !on {
            return;
        }
        let the = at + usize::from(read.is(at, "the"));
        if read.is(the, "end") {
            core.rule.by_month_day = vec![-1];
            core.end = the + 1;
            return;
        }
        if read.one_of(the, any!("beginning|start")) {
            core.rule.by_month_day = vec![1];
            core.end = the + 1;
            return;
        }
        if let Some((positions, after)) = self.positions(the) {
            let instance = read.phrase(after, any!("instance of|instances of|occurrence of"));
            let days_at = after + instance.unwrap_or(0);
            if let Some((days, end)) = self.weekday_list(days_at) {
                if instance.is_some() {
                    core.rule.by_day = on_days(&days);
                    core.rule.by_set_position = positions;
                } else {
                    core.rule.by_day = positions
                        .iter()
                        .flat_map(|nth| {
                            days.iter().map(move |weekday| ByDay { nth: i8::try_from(*nth).ok(), weekday: *weekday })
                        })
                        .collect();
                }
                core.end = end;
                return;
            }
            if let Some(end) = self.working_day_at(after) {
                core.rule.by_day = on_days(&self.context.policy.working_days());
                core.rule.by_set_position = positions;
                core.end = end;
                return;
            }
        }
        if let Some((days, end)) = self.day_list(at, false) {
            core.rule.by_month_day = days;
            core.end = end;
        }
    }

    /// "in week 30": the number of a week of the year, ISO 8601.
    fn week_number_at(&self, i: usize) -> Option<(i8, usize)> {
        let read = self.read;
        let count = read.phrase(i, any!("in week number|in week|of week number|of week|on week|week number|week"))?;
        let (week, end) = read.cardinal(i + count).filter(|(week, _)| (1..=53).contains(week))?;
        Some((i8::try_from(week).ok()?, end))
    }

    /// "on the 200th", "on day 31", "on the 100th day": days counted from the beginning of the year.
    fn day_of_year_at(&self, at: usize) -> Option<(i16, usize)> {
        let read = self.read;
        let the = at + usize::from(read.is(at, "the"));
        let (day, end) = if read.is(the, "day") {
            read.digits(the + 1).map(|(day, _)| (i32::try_from(day).unwrap_or(0), the + 2))?
        } else {
            let (day, end) = self.position_at(the)?;
            (day, end + usize::from(read.is(end, "day")))
        };
        let end = end + read.phrase(end, any!("of the year|in the year")).unwrap_or(0);
        let day = i16::try_from(day).ok().filter(|day| *day != 0 && day.abs() <= 366)?;
        // "On the fourth Thursday in November", "on the 3rd of May" count in the month.
        let month = read.at(end).is_some_and(|token| token.meaning.weekday.is_some() || token.meaning.month.is_some());
        (read.closes(end) && !month && !read.is(end, "of")).then_some((day, end))
    }

    fn refine_year(&self, core: &mut Core, at: usize, on: bool) {
        let read = self.read;
        if core.rule.by_month.is_empty() {
            // "in week 30", "on Friday in week 12"
            let days = if on { self.weekday_list(at) } else { None };
            let week_at = days.as_ref().map_or(core.end, |(_, end)| *end);
            if let Some((week, end)) = self.week_number_at(week_at) {
                core.rule.by_day = days.map(|(days, _)| on_days(&days)).unwrap_or_default();
                core.rule.by_week_number = vec![week];
                core.end = end;
                return;
            }
            if on && let Some((day, end)) = self.day_of_year_at(at) {
                core.rule.by_year_day = vec![day];
                core.end = end;
                return;
            }
            let Some(item) = self
                .dates(at)
                .iter()
                .filter(|item| item.value.year.is_none() && item.value.weekday.is_none())
                .max_by_key(|item| item.end)
            else {
                return;
            };
            match (&item.value.month, item.value.day, &item.value.anchor) {
                (Some((month, _)), day, None) => {
                    let Ok(month) = u8::try_from(*month) else { return };
                    core.rule.by_month = vec![month];
                    core.rule.by_month_day = day.and_then(|day| i8::try_from(day).ok()).into_iter().collect();
                    core.end = item.end;
                }
                (None, None, Some(Anchor::Nth { nth, what: What::Weekday(weekday), of: Some(of) })) => {
                    let Some(month) = of.month.and_then(|(month, _)| u8::try_from(month).ok()) else { return };
                    core.rule.by_month = vec![month];
                    core.rule.by_day = vec![ByDay { nth: i8::try_from(*nth).ok(), weekday: *weekday }];
                    core.end = item.end;
                }
                _ => {}
            }
            return;
        }
        if on && let Some((days, end)) = self.day_list(at, false) {
            core.rule.by_month_day = days;
            core.end = end;
        } else if on
            && read.at(at).is_some_and(|token| token.meaning.weekday.is_some())
            && let Some((days, end)) = self.weekday_list(at)
        {
            core.rule.by_day = on_days(&days);
            core.end = end;
        }
    }
}
