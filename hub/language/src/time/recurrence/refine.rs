//! The days within the period of a recurrence: "every week on Tuesday", "monthly on the 15th".

use xswarm_core::recurrence::{ByDay, Frequency};

use super::{
    Core,
    core::{WEEKEND, WORKDAYS, on_days, part_named},
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
        let untouched = core.rule.by_day.is_empty() && core.rule.by_month_day.is_empty();
        if !untouched {
            return core;
        }
        match core.rule.frequency {
            Frequency::Weekly | Frequency::Daily
                if on || read.at(at).is_some_and(|token| token.meaning.weekday.is_some()) =>
            {
                if let Some(end) = self.working_day_at(at) {
                    core.rule.by_day = on_days(&WORKDAYS);
                    core.end = end;
                } else if read.one_of(at, any!("weekends|weekend")) || read.phrase(at, any!("the weekend")).is_some() {
                    core.rule.by_day = on_days(&WEEKEND);
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
            Frequency::Weekly | Frequency::Daily | Frequency::Hourly | Frequency::Minutely => {}
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
                core.rule.by_day = on_days(&WORKDAYS);
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

    fn refine_year(&self, core: &mut Core, at: usize, on: bool) {
        let read = self.read;
        if core.rule.by_month.is_empty() {
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
