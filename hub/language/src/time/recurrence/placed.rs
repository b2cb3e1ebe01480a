//! A day in front of a rule that names none: "on Thursday at 3pm every week", "December 3 every year".

use xswarm_core::recurrence::Frequency;

use super::Core;
use crate::time::{
    chart::{Chart, Item},
    expression::{Date, Expression},
};

impl Chart<'_> {
    /// Recurrences that begin at `i` with the moment of their first time.
    pub(super) fn placed_at(&self, i: usize) -> Vec<Item<Expression>> {
        let read = self.read;
        let dated = self
            .moments(i)
            .iter()
            .filter(|first| first.need.is_none() && first.value.date.as_ref().is_some_and(Date::is_day));
        dated
            .filter_map(|first| {
                let core = self.core_at(read.skip_comma(first.end)).filter(names_no_day)?;
                let mut item = self.with_details(core, Some(&first.value), None)?;
                if let Expression::Repeating(repeating) = &mut item.value {
                    repeating.on = Some(first.value.clone());
                }
                Some(item)
            })
            .collect()
    }
}

/// "Every week" takes its day from what stands in front, "every Monday" has its own.
fn names_no_day(core: &Core) -> bool {
    let rule = &core.rule;
    let plain = rule.by_day.is_empty() && rule.by_month_day.is_empty() && rule.by_month.is_empty();
    let counted = rule.by_week_number.is_empty() && rule.by_year_day.is_empty();
    plain && counted && rule.frequency >= Frequency::Daily && core.part.is_none() && !core.weak
}
