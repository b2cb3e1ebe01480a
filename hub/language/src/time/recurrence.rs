//! Family: recurrences, as rules of RFC 5545 §3.3.10. "every other Friday until June", "first Monday of each month",
//! "weekdays at 9", "daily except on Sundays".
//!
//! A core ("every Friday") is followed, in any order, by times, a start, an end and exceptions. How often "twice a
//! week" is cannot be guessed and is reported as too vague.

mod core;
mod lists;
mod placed;
mod refine;

use xswarm_core::recurrence::{Frequency, Recurrence, RecurrenceEnd};

use super::{
    chart::{Chart, Item, Need},
    expression::{Except, Expression, Moment, Part, Repeating, Until},
    value::Exception,
};
use crate::lexer::phrases::any;
use crate::lexer::vocabulary::Unit;

/// A rule under construction, and where its words end.
#[derive(Debug, Clone)]
struct Core {
    end: usize,
    rule: Recurrence,
    part: Option<Part>,
    /// The words need a time or another detail beside them ("weekend mornings" no, "on mornings" yes).
    weak: bool,
}

impl Chart<'_> {
    /// Recurrences that begin at `i`.
    pub(super) fn recurrences_at(&self, i: usize) -> Vec<Item<Expression>> {
        let read = self.read;
        let mut found = Vec::new();
        if let Some(end) = self.vague_at(i) {
            found.push(Item::sure(end, Expression::Vague));
        }
        if let Some(core) = self.core_at(i) {
            let item = self.with_details(core, None, None);
            found.extend(item);
        }
        // "3pm every day", "at 9am Sundays", "7:30 on the 2nd of every month"
        for time in self.moments(i) {
            // "at 7 every weekday": the rule tells that the bare hour is one.
            let hour = time.need == Some(Need::Hour) && read.one_of(i, any!("at|for|@"));
            let lone = time.value.date.is_none() && time.value.zone.is_none() && (time.need.is_none() || hour);
            if !lone {
                continue;
            }
            let mut at = read.skip_comma(time.end);
            if read.dash(at) {
                at += 1;
            }
            if let Some(core) = self.core_at(at) {
                found.extend(self.with_details(core, Some(&time.value), None));
            }
        }
        found.extend(self.placed_at(i));
        // "starting next Tuesday, every week", "from May on, every Friday"
        if let Some(count) = read.phrase(
            i,
            any!(
                "starting from|starting on|starting in|starting|beginning on|beginning in|beginning|from|\
                starting at"
            ),
        ) {
            for start in self.moments(i + count) {
                let at = read.skip_comma(start.end);
                if let Some(core) = self.core_at(at) {
                    found.extend(self.with_details(core, None, Some(&start.value)));
                }
            }
        }
        found.retain(|item| read.ends(item.end));
        found
    }

    /// "twice a week", "three times a day", "a few times per month".
    fn vague_at(&self, i: usize) -> Option<usize> {
        let read = self.read;
        let seldom = any!(
            "every now and then|now and then|every so often|every once in a while|once in a while|from time to time|\
                now and again|every easter"
        );
        if let Some(count) = read.phrase(i, seldom) {
            return Some(i + count);
        }
        // "ten to fifteen minutes"
        if let Some((least, to)) = read.cardinal(i)
            && (read.one_of(to, any!("to|or")) || read.dash(to) && read.glued(to))
            && let Some((most, end)) = read.cardinal(to + 1).filter(|(most, _)| *most > least)
            && matches!(read.unit(end), Some(Unit::Second | Unit::Minute | Unit::Hour))
            && read.at(end).is_some_and(|token| token.word.len() > 1)
            && most < 1_000
        {
            return Some(end + 1);
        }
        let end = if read.one_of(i, any!("twice|thrice")) {
            i + 1
        } else {
            let (quantity, end) = read.quantity(i, 2, 3)?;
            let times = read.is(end, "times") && quantity.hundredths > 100;
            if !times {
                return None;
            }
            end + 1
        };
        let per = read.one_of(end, any!("a|per|each|every"));
        let unit = matches!(read.unit(end + 1), Some(Unit::Day | Unit::Week | Unit::Month | Unit::Year | Unit::Hour));
        (per && unit).then_some(end + 2)
    }

    /// The core with everything that may follow it.
    fn with_details(&self, core: Core, time: Option<&Moment>, from: Option<&Moment>) -> Option<Item<Expression>> {
        let read = self.read;
        let mut repeating = Repeating {
            rule: core.rule,
            clocks: time.and_then(|moment| moment.clock).into_iter().collect(),
            until_clock: None,
            part: core.part.or(time.and_then(|moment| moment.part)),
            from: from.cloned(),
            on: None,
            until: None,
            except: Vec::new(),
        };
        let mut end = core.end;
        while let Some(next) = self.detail(end, &mut repeating) {
            end = next;
        }
        if core.weak && repeating.clocks.is_empty() {
            return None;
        }
        // "in the morning" and a time in one expression: keep only what the words say.
        let end = if read.symbol(end, ',') && end == core.end { core.end } else { end };
        Some(Item::sure(end, Expression::Repeating(Box::new(repeating))))
    }

    /// The moment that is meant at `i`: a certain one, or else a latent day or month with nothing to count behind it.
    fn settled_at(&self, i: usize, fits: impl Fn(&Moment) -> bool) -> Option<&Item<Moment>> {
        let read = self.read;
        let items = || self.moments(i).iter().filter(|item| !item.value.now && fits(&item.value));
        items().find(|item| item.need.is_none()).or_else(|| {
            items()
                .find(|item| !matches!(item.need, Some(Need::Hour | Need::Part | Need::Unit)) && read.closes(item.end))
        })
    }

    /// One detail at `i`: the position after it.
    fn detail(&self, i: usize, repeating: &mut Repeating) -> Option<usize> {
        let read = self.read;
        let start = if read.symbol(i, ',') || (read.dash(i) && !read.glued(i + 1)) { i + 1 } else { i };
        self.count_at(start, repeating)
            .or_else(|| self.except_at(start, repeating))
            .or_else(|| self.until_at(start, repeating))
            .or_else(|| self.times_at(start, repeating))
            .or_else(|| self.start_at(start, repeating))
            .or_else(|| self.within_at(start, repeating))
    }

    /// "for 5 times", "twice", "for 10 occurrences", "for the next three weeks".
    fn count_at(&self, i: usize, repeating: &mut Repeating) -> Option<usize> {
        let read = self.read;
        if repeating.until.is_some() || repeating.rule.end != RecurrenceEnd::Never {
            return None;
        }
        for (word, count) in [("once", 1), ("twice", 2), ("thrice", 3)] {
            if read.is(i, word) && !read.one_of(i + 1, any!("a|per|every|each")) {
                repeating.rule.end = RecurrenceEnd::Count(count);
                return Some(i + 1);
            }
        }
        let limited = read.phrase(i, any!("for the next|for up to|over the next|for the coming|for|until the next"));
        let at = i + limited.unwrap_or(0);
        if let Some((count, end)) = read.cardinal(at).filter(|(count, _)| *count > 0)
            && (read.one_of(end, any!("times|occurrences|repetitions|sessions|instances|x")))
        {
            repeating.rule.end = RecurrenceEnd::Count(count);
            return Some(end + 1);
        }
        limited?;
        if let Some(item) = self.spans(at).iter().max_by_key(|item| item.end)
            && item.value.seconds == 0
            && !read.is(i, "until")
        {
            repeating.until = Some(Until::After(item.value));
            return Some(item.end);
        }
        // "for the next year"
        if read.is(at.wrapping_sub(1), "next")
            && let Some(unit) = read.unit(at)
            && let Some(span) = super::spans::span_of(super::reader::Quantity { hundredths: 100, article: true }, unit)
        {
            repeating.until = Some(Until::After(span));
            return Some(at + 1);
        }
        None
    }

    fn except_at(&self, i: usize, repeating: &mut Repeating) -> Option<usize> {
        let read = self.read;
        let count = read.phrase(
            i,
            any!(
                "except for|except on|except in|except during|except the|except|but not on|but not in|\
                but not during|but not|excluding|other than|besides|without|apart from|unless it is|not on|\
                not in"
            ),
        )?;
        let mut at = i + count;
        let mut end = None;
        loop {
            let item = at + usize::from(read.one_of(at, any!("on|in|during|for|the")));
            if read.one_of(item, any!("holidays|holiday|vacations"))
                || read.phrase(item, any!("public holidays")).is_some()
                || read.phrase(item, any!("bank holidays")).is_some()
            {
                repeating.except.push(Except::Plain(Exception::Holidays));
                end = Some(item + if read.one_of(item, any!("public|bank")) { 2 } else { 1 });
            } else if read.one_of(item, any!("weekends|weekend")) {
                let days = self.context.policy.weekend_days();
                repeating.except.extend(days.map(|day| Except::Plain(Exception::Weekday(day))));
                end = Some(item + 1);
            } else if let Some(weekday) = read.at(item).and_then(|token| token.meaning.weekday)
                && read.digits(item + 1).is_none()
            {
                repeating.except.push(Except::Plain(Exception::Weekday(weekday)));
                end = Some(item + 1);
            } else if let Some((from, to, after)) = self.range_of_days_at(item) {
                repeating.except.push(Except::Between(from, to));
                end = Some(after);
            } else if let Some(moment) =
                self.moments(item).iter().find(|moment| moment.value.clock.is_none() && !moment.value.now)
            {
                repeating.except.push(Except::Moment(moment.value.clone()));
                end = Some(moment.end);
            } else {
                break;
            }
            let after = end?;
            let next = read.skip_comma(after);
            let next = if read.one_of(next, any!("and|or")) { next + 1 } else { next };
            if next == after {
                break;
            }
            at = next;
        }
        end
    }

    /// "from July 1 to July 15"
    fn range_of_days_at(&self, i: usize) -> Option<(Moment, Moment, usize)> {
        let days = |moment: &Moment| moment.clock.is_none() && moment.date.is_some();
        let ranges = self.intervals_at(i).into_iter().filter(|item| item.need.is_none());
        let longest = ranges.max_by_key(|item| item.end)?;
        let Expression::Interval { from: Some(from), to: Some(to), .. } = longest.value else { return None };
        (days(&from) && days(&to)).then_some((from, to, longest.end))
    }

    fn until_at(&self, i: usize, repeating: &mut Repeating) -> Option<usize> {
        let read = self.read;
        if repeating.until.is_some() || repeating.rule.end != RecurrenceEnd::Never {
            return None;
        }
        let count = read
            .phrase(i, any!("until|up until|ending on|ending in|ending|to|through|up to|not after|before|stopping"))?;
        // "to" ends a range of days only after a start.
        if read.one_of(i, any!("to|through")) && repeating.from.is_none() {
            return None;
        }
        // "Every five minutes until noon" ends today, "daily until noon" does not end.
        let often = repeating.rule.frequency < Frequency::Daily;
        let item = self.settled_at(i + count, |moment| often || moment.clock.is_none() || moment.date.is_some())?;
        repeating.until = Some(Until::Moment(item.value.clone()));
        Some(item.end)
    }

    /// "at 9", "at 10, 12 and 17", "in the morning", "from 9 to 10", "morning at 8".
    fn times_at(&self, i: usize, repeating: &mut Repeating) -> Option<usize> {
        let read = self.read;
        // "from 9 to 10"
        if repeating.clocks.is_empty() {
            let range = self
                .intervals_at(i)
                .into_iter()
                .filter(|item| item.need.is_none() || read.one_of(i, any!("from|between")))
                .max_by_key(|item| item.end);
            if let Some(Item { end, value: Expression::Interval { from: Some(from), to: Some(to), .. }, .. }) = range
                && from.date.is_none()
                && to.date.is_none()
                && let (Some(first), Some(last)) = (from.clock, to.clock)
            {
                repeating.clocks.push(first);
                repeating.until_clock = Some(last);
                repeating.part = repeating.part.or(from.part);
                return Some(end);
            }
        }
        let timed = |item: &&Item<Moment>| {
            item.value.date.is_none() && !item.value.now && (item.value.clock.is_some() || item.value.part.is_some())
        };
        let item = self.moments(i).iter().filter(timed).find(|item| {
            item.need.is_none() || read.closes(item.end) || item.value.part.is_some() && item.value.clock.is_none()
        })?;
        if item.value.clock.is_some() && !repeating.clocks.is_empty()
            || item.value.part.is_some() && repeating.part.is_some() && item.value.clock.is_none()
        {
            return None;
        }
        repeating.clocks.extend(item.value.clock);
        repeating.part = item.value.part.or(repeating.part);
        let mut end = item.end;
        // Further times of the same day.
        while item.value.clock.is_some() {
            let comma = read.skip_comma(end);
            let next = if read.one_of(comma, any!("and|&")) || read.symbol(comma, '&') { comma + 1 } else { comma };
            if next == end {
                break;
            }
            let more = self
                .moments(next)
                .iter()
                .filter(|item| item.value.date.is_none() && item.value.part.is_none())
                .find(|item| item.value.clock.is_some());
            let Some(more) = more else { break };
            repeating.clocks.extend(more.value.clock);
            end = more.end;
        }
        // The half of the day that the last one names counts for all: "at 7 and 9 pm".
        if let Some(last) = repeating.clocks.last().copied()
            && last.meridiem == super::expression::Meridiem::Pm
        {
            for clock in &mut repeating.clocks {
                if clock.meridiem == super::expression::Meridiem::Open && clock.hour < last.hour {
                    clock.meridiem = last.meridiem;
                }
            }
        }
        Some(end)
    }

    fn start_at(&self, i: usize, repeating: &mut Repeating) -> Option<usize> {
        let read = self.read;
        if repeating.from.is_some() {
            return None;
        }
        let count = read.phrase(
            i,
            any!(
                "starting from|starting on|starting in|starting at|starting|beginning on|beginning in|beginning|\
                from|as of|since|start"
            ),
        )?;
        let item = self.settled_at(i + count, |moment| moment.date.is_some())?;
        let mut moment = item.value.clone();
        if let Some(clock) = moment.clock.take()
            && repeating.clocks.is_empty()
        {
            repeating.clocks.push(clock);
        }
        repeating.from = Some(moment);
        Some(item.end)
    }

    /// "in December", "next month", "this year".
    fn within_at(&self, i: usize, repeating: &mut Repeating) -> Option<usize> {
        let read = self.read;
        if repeating.until.is_some()
            || repeating.rule.end != RecurrenceEnd::Never
            || !repeating.rule.by_month.is_empty()
        {
            return None;
        }
        let at = i + usize::from(read.one_of(i, any!("in|during|of")));
        let item = self.moments(at).iter().find(|item| {
            let Some(date) = &item.value.date else { return false };
            let period = date.period.is_some() && date.weekday.is_none() && date.day.is_none();
            let month = date.month.is_some() && date.day.is_none() && date.anchor.is_none() && at > i;
            (period || month) && item.value.clock.is_none()
        })?;
        // "of the month" repeats, it does not limit.
        if read.is(i, "of") && read.is(at, "the") {
            return None;
        }
        repeating.until = Some(Until::Within(item.value.clone()));
        Some(item.end)
    }
}
