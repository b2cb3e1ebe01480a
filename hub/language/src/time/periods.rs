//! Family: periods and their parts. Next week, this quarter, the third Tuesday of March, week 12, Q3, the end of the
//! month.

use super::{
    chart::{Chart, Item, Need},
    expression::{Anchor, Date, Relation, What},
};
use crate::lexer::phrases::any;
use crate::lexer::vocabulary::Unit;

impl Chart<'_> {
    /// "this month", "the week after next", "2027".
    pub(super) fn periods(&self, i: usize, found: &mut Vec<Item<Date>>) {
        let read = self.read;
        let period = |unit: Unit, offset: i32| Date { period: Some((unit, offset)), ..Date::default() };
        if let Some((relation, at)) = self.relation_at(i)
            && let Some(unit) = read.unit(at)
            && read.at(at).is_some_and(|token| !token.meaning.plural && token.word.len() > 1)
        {
            let offset = match relation {
                Relation::Bare | Relation::This => 0,
                Relation::Next | Relation::Coming => 1,
                Relation::Last | Relation::Past => -1,
            };
            match unit {
                Unit::Week | Unit::Month | Unit::Quarter | Unit::Year => {
                    found.push(Item::sure(at + 1, period(unit, offset)));
                }
                Unit::Weekend => {
                    let offset = if relation == Relation::Coming { 0 } else { offset };
                    found.push(Item::sure(at + 1, period(unit, offset)));
                }
                Unit::Second | Unit::Minute | Unit::Hour if offset != 0 => {
                    if let Some(by) =
                        super::spans::span_of(super::reader::Quantity { hundredths: 100, article: true }, unit)
                    {
                        let by = if offset < 0 { by.reversed() } else { by };
                        found.push(Item::sure(at + 1, Date::anchored(Anchor::Shift { by, from: None })));
                    }
                }
                Unit::Day if offset != 0 && relation != Relation::Past => {
                    found.push(Item::latent(at + 1, Date::anchored(Anchor::Day(i64::from(offset))), Need::Part));
                }
                Unit::Second | Unit::Minute | Unit::Hour | Unit::Day | Unit::Fortnight | Unit::Decade => {}
            }
            // "week after next"
        }
        if let Some(count) = read.phrase(i, any!("the week after next|week after next|the week after the next")) {
            found.push(Item::sure(i + count, period(Unit::Week, 2)));
        }
        if let Some(count) = read.phrase(i, any!("the weekend after next|weekend after next")) {
            found.push(Item::sure(i + count, period(Unit::Weekend, 2)));
        }
        if let Some(count) = read.phrase(i, any!("the week before last|week before last")) {
            found.push(Item::sure(i + count, period(Unit::Week, -2)));
        }
        if let Some(count) = read.phrase(i, any!("the month after next|month after next|the month after the next")) {
            found.push(Item::sure(i + count, period(Unit::Month, 2)));
        }
        // "all week", "the whole month"
        if let Some(count) = read.phrase(i, any!("all|the whole|the entire|whole|entire"))
            && let Some(unit @ (Unit::Week | Unit::Month | Unit::Year | Unit::Weekend)) =
                read.at(i + count).filter(|token| !token.meaning.plural).and_then(|token| token.meaning.unit)
        {
            let article = read.one_of(i, any!("all|the"));
            let need = (!article || !read.closes(i + count + 1)).then_some(Need::Part);
            found.push(Item::with_need(i + count + 1, period(unit, 0), need));
        }
        if read.is(i, "the")
            && let Some(token) = read.at(i + 1).filter(|token| !token.meaning.plural)
            && let Some(unit @ (Unit::Week | Unit::Month | Unit::Year | Unit::Quarter | Unit::Weekend)) =
                token.meaning.unit
            && !read.one_of(i + 2, any!("of|end|ending"))
        {
            found.push(Item::sure(i + 2, period(unit, 0)));
        }
        if let Some(unit @ Unit::Weekend) =
            read.unit(i).filter(|_| read.at(i).is_some_and(|token| !token.meaning.plural))
        {
            found.push(Item::latent(i + 1, period(unit, 0), Need::Weekday));
        }
        let year_words = read.phrase(i, any!("the year of|year of|the year|year|in the year|in the year of"));
        let at = i + year_words.unwrap_or(0);
        if let Some((year, end)) = self.year_at(at, false)
            && (1900..=2200).contains(&year)
        {
            let end_after_era = if read.one_of(end, any!("ad|ce")) { end + 1 } else { end };
            let need = (year_words.is_none() && end_after_era == end).then_some(Need::Year);
            found.push(Item::with_need(end_after_era, Date { year: Some(year), ..Date::default() }, need));
        }
    }

    /// "first Tuesday of May", "last day of the month", "second Sunday next month", "4th Tue of May 2027".
    pub(super) fn nth_of(&self, i: usize, found: &mut Vec<Item<Date>>) {
        let read = self.read;
        let start = if read.is(i, "the") { i + 1 } else { i };
        let Some((nth, at)) = self.position_at(start) else { return };
        let Some(token) = read.at(at) else { return };
        let what = if let Some(weekday) = token.meaning.weekday {
            What::Weekday(weekday)
        } else if read.is(at, "weekday")
            || read.phrase(at, any!("working day")).is_some()
            || read.phrase(at, any!("business day")).is_some()
        {
            What::WorkingDay
        } else if let Some(unit @ (Unit::Day | Unit::Week | Unit::Weekend | Unit::Month | Unit::Quarter)) =
            token.meaning.unit
        {
            What::Unit(unit)
        } else {
            return;
        };
        let mut end = at + 1;
        if read.one_of(at, any!("working|business")) {
            end += 1;
        }
        let explicit = read.one_of(end, any!("of|in"));
        let of = if explicit { end + 1 } else { end };
        // A bare "last Monday" or "second day" is not an ordinal of the period beside it by accident.
        for item in self.dates(of) {
            let base = &item.value;
            let month_like = base.month.is_some() && base.day.is_none() && base.weekday.is_none();
            let period = base.period.is_some() && base.weekday.is_none() && base.day.is_none();
            let year = base.year.is_some() && base.month.is_none() && base.day.is_none();
            let quarter = matches!(base.anchor, Some(Anchor::Quarter(_)));
            let related = month_like && base.month.is_some_and(|(_, relation)| relation != Relation::Bare);
            let fits = period || related || explicit && (month_like || quarter || year);
            if !fits {
                continue;
            }
            if matches!(base.period, Some((Unit::Week, _))) && matches!(what, What::Unit(Unit::Week)) {
                continue;
            }
            found.push(Item::sure(
                item.end,
                Date::anchored(Anchor::Nth { nth, what, of: Some(Box::new(base.clone())) }),
            ));
        }
        // "of" + bare month names such as "May", and "the month"
        if explicit
            && let Some((month, after)) = self.month_at(of)
            && !self.dates(of).iter().any(|item| item.value.month.is_some())
        {
            let base = Date { month: Some((month, Relation::Bare)), ..Date::default() };
            found.push(Item::sure(after, Date::anchored(Anchor::Nth { nth, what, of: Some(Box::new(base)) })));
        }
        if what == What::Unit(Unit::Quarter) && (1..=4).contains(&nth) {
            let quarter = Date::anchored(Anchor::Quarter(nth.unsigned_abs()));
            found.push(Item::sure(end, quarter.clone()));
            let of = if read.is(end, "of") { end + 1 } else { end };
            if let Some((year, after)) = self.year_at(of, false) {
                found.push(Item::sure(after, Date { year: Some(year), ..quarter }));
            }
        }
    }

    /// "first", "2nd", "last", "second to last", "3rd last": from the end when negative.
    pub(super) fn position_at(&self, i: usize) -> Option<(i32, usize)> {
        let read = self.read;
        if read.is(i, "last") {
            return Some((-1, i + 1));
        }
        if read.one_of(i, any!("final")) {
            return Some((-1, i + 1));
        }
        if read.is(i, "penultimate") {
            return Some((-2, i + 1));
        }
        let (value, end, _) = read.ordinal(i)?;
        let value = i32::try_from(value).ok()?;
        if let Some(count) = read.phrase(end, any!("to last|to the last|- to - last|from last|last")) {
            return Some((-value, end + count));
        }
        Some((value, end))
    }

    /// "the week of June 9th", "week 12", "Q3 2018", "end of the month".
    pub(super) fn named_periods(&self, i: usize, found: &mut Vec<Item<Date>>) {
        let read = self.read;
        let start = if read.is(i, "the") { i + 1 } else { i };
        if let Some(count) = read.phrase(start, any!("week of|week beginning|week starting|week commencing")) {
            let at = if read.one_of(start + count, any!("the|on")) && self.dates(start + count).is_empty() {
                start + count + 1
            } else {
                start + count
            };
            for item in self.dates(at) {
                if item.value.period.is_none() {
                    found.push(Item::sure(item.end, Date::anchored(Anchor::WeekOf(Box::new(item.value.clone())))));
                }
            }
        }
        if read.is(start, "week") {
            let at = if read.one_of(start + 1, any!("number|no")) { start + 2 } else { start + 1 };
            if let Some((week, digits)) = read.digits(at)
                && digits <= 2
                && (1..=53).contains(&week)
            {
                let date = Date::anchored(Anchor::WeekNumber(week));
                let of = if read.one_of(at + 1, any!("of|in")) { at + 2 } else { read.skip_comma(at + 1) };
                if let Some((year, after)) = self.year_at(of, false) {
                    found.push(Item::sure(after, Date { year: Some(year), ..date.clone() }));
                }
                found.push(Item::with_need(
                    at + 1,
                    date,
                    (at == start + 1 && !read.closes(at + 1)).then_some(Need::Weekday),
                ));
            }
        }
        if read.is(start, "q")
            && read.glued(start + 1)
            && let Some((quarter, 1)) = read.digits(start + 1)
            && (1..=4).contains(&quarter)
        {
            let date = Date::anchored(Anchor::Quarter(quarter));
            let of = if read.one_of(start + 2, any!("of|in")) || read.dash(start + 2) || read.symbol(start + 2, '/') {
                start + 3
            } else {
                read.skip_comma(start + 2)
            };
            if let Some((year, after)) = self.year_at(of, true) {
                found.push(Item::sure(after, Date { year: Some(year), ..date.clone() }));
            }
            found.push(Item::sure(start + 2, date));
        }
        // "2018Q4", "18q4", "2018 Q4"
        if let Some((year, digits)) = read.digits(start)
            && (digits == 4 && (1900..=2200).contains(&year) || digits == 2 && read.glued(start + 1))
            && read.is(start + 1, "q")
            && read.glued(start + 2)
            && let Some((quarter, 1)) = read.digits(start + 2)
            && (1..=4).contains(&quarter)
        {
            let year = if digits == 2 { Some(self.century(year)) } else { i32::try_from(year).ok() };
            found.push(Item::sure(start + 3, Date { year, ..Date::anchored(Anchor::Quarter(quarter)) }));
        }
        for (phrases, end_side) in [
            (any!("end of|at the end of|close of"), true),
            (any!("beginning of|start of|at the beginning of|at the start of"), false),
        ] {
            let Some(count) = read.phrase(start, phrases) else { continue };
            for item in self.dates(start + count) {
                let base = &item.value;
                let periodic = base.period.is_some() && base.weekday.is_none() && base.day.is_none()
                    || base.month.is_some() && base.day.is_none()
                    || base.year.is_some() && base.day.is_none()
                    || matches!(base.anchor, Some(Anchor::Quarter(_)));
                if periodic {
                    found.push(Item::sure(
                        item.end,
                        Date::anchored(Anchor::Edge { end: end_side, of: Box::new(base.clone()) }),
                    ));
                }
            }
            if let Some(unit @ (Unit::Week | Unit::Month | Unit::Year | Unit::Quarter)) = read.unit(start + count)
                && read.at(start + count).is_some_and(|token| !token.meaning.plural)
            {
                let base = Date { period: Some((unit, 0)), ..Date::default() };
                found.push(Item::sure(
                    start + count + 1,
                    Date::anchored(Anchor::Edge { end: end_side, of: Box::new(base) }),
                ));
            }
        }
        for (word, unit) in [("eom", Unit::Month), ("eoy", Unit::Year), ("eow", Unit::Week)] {
            if read.is(start, word) {
                let base = Date { period: Some((unit, 0)), ..Date::default() };
                found.push(Item::sure(start + 1, Date::anchored(Anchor::Edge { end: true, of: Box::new(base) })));
            }
        }
    }
}
