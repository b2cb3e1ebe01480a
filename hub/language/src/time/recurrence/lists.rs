//! Lists inside recurrences: weekdays, ordinals, days of the month.

use chrono::Weekday;

use crate::lexer::phrases::any;
use crate::time::chart::Chart;

impl Chart<'_> {
    /// "weekday", "business days": the position after it.
    pub(super) fn working_day_at(&self, i: usize) -> Option<usize> {
        let read = self.read;
        read.phrase(
            i,
            any!(
                "weekday|weekdays|workday|workdays|weeknight|weeknights|working day|working days|business day|\
                business days|work day|week day"
            ),
        )
        .map(|count| i + count)
    }

    /// "Monday", "Mon-Wed", "Tuesday, Thursday and Friday".
    pub(super) fn weekday_list(&self, i: usize) -> Option<(Vec<Weekday>, usize)> {
        let read = self.read;
        let day_at = |i: usize| read.at(i).and_then(|token| token.meaning.weekday);
        let mut days = vec![day_at(i)?];
        let mut end = read.skip_stop(i + 1);
        loop {
            if read.dash(end) || read.one_of(end, any!("through|to")) {
                let Some(last) = day_at(end + 1) else { break };
                let mut day = *days.last()?;
                while day != last {
                    day = day.succ();
                    if !days.contains(&day) {
                        days.push(day);
                    }
                }
                end = read.skip_stop(end + 2);
                continue;
            }
            let mut next = end;
            for _ in 0..3 {
                if read.symbol(next, ',')
                    || read.symbol(next, '&')
                    || read.symbol(next, '/')
                    || read.symbol(next, '+')
                    || read.one_of(next, any!("and|every|each|on"))
                {
                    next += 1;
                }
            }
            if next == end {
                break;
            }
            let Some(day) = day_at(next) else { break };
            if !days.contains(&day) {
                days.push(day);
            }
            end = read.skip_stop(next + 1);
        }
        Some((days, end))
    }

    /// "first", "2nd and 4th", "second and second to last", "last".
    pub(super) fn positions(&self, i: usize) -> Option<(Vec<i32>, usize)> {
        let read = self.read;
        let (first, mut end) = self.position_at(i)?;
        let mut positions = vec![first];
        loop {
            let comma = read.skip_comma(end);
            let next = if read.one_of(comma, any!("and|&")) || read.symbol(comma, '&') { comma + 1 } else { comma };
            let next = if read.is(next, "the") { next + 1 } else { next };
            if next == end {
                break;
            }
            let Some((position, after)) = self.position_at(next) else { break };
            positions.push(position);
            end = after;
        }
        Some((positions, end))
    }

    /// Days of a month: "the 4th", "15th and 30th", "day 20 and 30", "the 4th last", "the last day".
    pub(super) fn day_list(&self, i: usize, digits_alone: bool) -> Option<(Vec<i8>, usize)> {
        let read = self.read;
        let mut at = i + usize::from(read.is(i, "on"));
        at += usize::from(read.is(at, "the"));
        let counted = read.one_of(at, any!("day|days"));
        at += usize::from(counted);
        let one = |at: usize| -> Option<(i32, usize)> {
            if counted || digits_alone {
                let plain =
                    read.digits(at).filter(|(_, digits)| *digits <= 2).and_then(|(day, _)| i32::try_from(day).ok());
                if let Some(day) = plain.filter(|_| read.ordinal(at).is_none()) {
                    return Some((day, at + 1));
                }
            }
            self.position_at(at)
        };
        let (first, mut end) = one(at)?;
        let mut days = vec![first];
        loop {
            let comma = read.skip_comma(end);
            let next = if read.one_of(comma, any!("and|&")) || read.symbol(comma, '&') { comma + 1 } else { comma };
            let next = if read.is(next, "the") { next + 1 } else { next };
            if next == end {
                break;
            }
            let Some((day, after)) = one(next) else { break };
            days.push(day);
            end = after;
        }
        if read.is(end, "day") {
            end += 1;
        }
        let days: Vec<i8> = days
            .into_iter()
            .filter_map(|day| i8::try_from(day).ok())
            .filter(|day| *day != 0 && day.abs() <= 31)
            .collect();
        (!days.is_empty()).then_some((days, end))
    }
}
