//! Family: intervals with an open side, and stretches counted from now. "before Friday", "since Monday", "the rest of
//! the week", "the next two weeks".

use super::{
    chart::{Chart, Item, Need},
    expression::{Anchor, Date, Expression, Moment, Relation},
};
use crate::lexer::phrases::{Phrases, any};
use crate::lexer::vocabulary::Unit;

impl Chart<'_> {
    /// "before Friday", "after 5", "since Monday", "until June", "by noon", "starting from".
    pub(super) fn open_sides(&self, i: usize, found: &mut Vec<Item<Expression>>) {
        let read = self.read;
        let sides: [(&Phrases, Side); 4] = [
            (any!("before|prior to|earlier than|sooner than"), Side::Before),
            (any!("until|up until|by|no later than|not later than|up to|through"), Side::Until),
            (
                any!("after|later than|sometime after|anytime after|no earlier than|not earlier than|not before"),
                Side::After,
            ),
            (
                any!(
                    "since|starting from|starting on|starting at|starting|beginning on|beginning|as of|from|\
                    any time from|anytime from"
                ),
                Side::Since,
            ),
        ];
        for (phrases, side) in sides {
            let Some(count) = read.phrase(i, phrases) else { continue };
            // "the end of" Friday is Friday.
            let mut at = i + count;
            if let Some(skip) = read.phrase(at, any!("the end of|end of"))
                && self.moments(at).is_empty()
            {
                at += skip;
            }
            for item in self.moments(at) {
                let shift = item.value.is_shift();
                if shift && side == Side::After {
                    continue;
                }
                if item.value.now && side != Side::Since && side != Side::Until {
                    continue;
                }
                let fits = match item.need {
                    None => true,
                    Some(Need::Hour) => read.closes(item.end) && side != Side::Since,
                    Some(Need::DayOfMonth | Need::Month | Need::Weekday) => read.closes(item.end),
                    Some(Need::Year) => side != Side::Until || !read.is(i, "by"),
                    Some(Need::Numeric | Need::Part | Need::Unit) => false,
                };
                if !fits {
                    continue;
                }
                let (mut end, mut from, mut to) = (item.end, None, None);
                let past = read.is(i, "since").then(|| looking_back(&item.value));
                let item = &Item { value: past.unwrap_or_else(|| item.value.clone()), ..item.clone() };
                match side {
                    Side::Before | Side::Until => to = Some(item.value.clone()),
                    Side::After | Side::Since => from = Some(item.value.clone()),
                }
                if side == Side::Since && read.is(i, "from") {
                    // "from Monday" alone says when, "from Monday on" is open.
                    if let Some(count) =
                        read.phrase(end, any!("on|onwards|onward|forward")).filter(|count| read.closes(end + count))
                    {
                        end += count;
                    } else {
                        found.push(Item::sure(end, Expression::Moment(item.value.clone())));
                        continue;
                    }
                }
                if side == Side::Since && read.is(i, "starting") && item.value.clock.is_some() {
                    found.push(Item::sure(end, Expression::Moment(item.value.clone())));
                    continue;
                }
                found.push(Item::sure(end, Expression::Interval { from, to, to_included: side == Side::Until }));
            }
        }
    }

    /// "Thursday after 4pm", "Friday before noon".
    pub(super) fn open_sides_of_day(&self, i: usize, found: &mut Vec<Item<Expression>>) {
        let read = self.read;
        for day in self.moments(i) {
            let bare = day.value.clock.is_none() && day.value.part.is_none() && day.need.is_none();
            if !bare || day.value.date.as_ref().is_none_or(|date| !date.is_day()) {
                continue;
            }
            let at = day.end;
            if read.phrase(at, any!("after|before|until|by|since|from|no later than|not later than")).is_none() {
                continue;
            }
            let mut sides = Vec::new();
            self.open_sides(at, &mut sides);
            for item in sides {
                let Expression::Interval { from, to, to_included } = item.value else { continue };
                let lone = |side: &Option<Moment>| {
                    side.as_ref().is_none_or(|side| side.date.is_none() && side.clock.is_some())
                };
                if !lone(&from) || !lone(&to) {
                    continue;
                }
                let with_day = |side: Option<Moment>| side.and_then(|side| day.value.intersect(&side));
                let value = Expression::Interval { from: with_day(from), to: with_day(to), to_included };
                found.push(Item::sure(item.end, value));
            }
        }
    }

    /// "the rest of the week", "later this month": from now to its end.
    pub(super) fn rests(&self, i: usize, found: &mut Vec<Item<Expression>>) {
        let read = self.read;
        let Some(count) =
            read.phrase(i, any!("the rest of|rest of|for the rest of|the remainder of|remainder of|later"))
        else {
            return;
        };
        let mut at = i + count;
        if read.is(i, "later") && !read.is(at, "this") {
            return;
        }
        let day = read.phrase(at, any!("the day|this day|my day|today|the evening|the afternoon|the night"));
        let period = self.dates(at).iter().find(|item| {
            let date = &item.value;
            matches!(date.period, Some((_, 0))) && !date.is_day()
        });
        let to = if let Some(count) = day.filter(|_| !read.is(i, "later")) {
            at += count;
            Date::anchored(Anchor::Day(0))
        } else if let Some(item) = period {
            at = item.end;
            item.value.clone()
        } else {
            return;
        };
        let from = Moment { now: true, ..Moment::default() };
        let value = Expression::Interval { from: Some(from), to: Some(Moment::date(to)), to_included: true };
        found.push(Item::sure(at, value));
    }

    /// "within two hours", "within the next two weeks": until then. A bare "within two weeks" names the deadline itself, as
    /// most parsers have it.
    pub(super) fn within(&self, i: usize, found: &mut Vec<Item<Expression>>) {
        let read = self.read;
        let Some(count) = read.phrase(i, any!("within the next|within next|within the upcoming|within another|within"))
        else {
            return;
        };
        for item in self.spans(i + count) {
            let end = item.end + usize::from(read.is(item.end, "time"));
            let bare = count == 1 && item.value.seconds == 0;
            let then = Moment::date(Date::anchored(Anchor::Shift { by: item.value, from: None }));
            let value = if bare {
                Expression::Moment(then)
            } else {
                Expression::Interval { from: None, to: Some(then), to_included: true }
            };
            found.push(Item::sure(end, value));
        }
    }

    /// "the last two weeks", "next 3 days", "past few hours".
    pub(super) fn counted_units(&self, i: usize, found: &mut Vec<Item<Expression>>) {
        let read = self.read;
        let start = match read.phrase(i, any!("in the|during the|for the|over the|the")) {
            Some(count) => i + count,
            None => i,
        };
        let sign = if read.one_of(start, any!("last|past|previous")) {
            -1
        } else if read.one_of(start, any!("next|coming|following|upcoming")) {
            1
        } else {
            return;
        };
        let Some((quantity, at)) = read.quantity(start + 1, self.context.policy.couple, self.context.policy.few) else {
            return;
        };
        let Some(unit) = read.unit(at).filter(|_| read.at(at).is_some_and(|token| token.word.len() > 1)) else {
            return;
        };
        if quantity.article || quantity.hundredths % 100 != 0 || quantity.hundredths == 0 {
            return;
        }
        let Ok(count) = i32::try_from(quantity.hundredths / 100) else { return };
        if count > 10_000 {
            return;
        }
        // "The last two weeks of August" are not those before today.
        if read.one_of(at + 1, any!("of|in")) {
            self.units_of(sign * count, unit, at + 2, found);
            if found.iter().any(|item| matches!(item.value, Expression::UnitsOf { .. })) {
                return;
            }
        }
        found.push(Item::sure(at + 1, Expression::Units { count: sign * count, unit }));
    }

    /// "the first 3 days of March": what `counted_units` leaves, since "first" looks at no day but those of a period.
    pub(super) fn first_units(&self, i: usize, found: &mut Vec<Item<Expression>>) {
        let read = self.read;
        let start = i + read.phrase(i, any!("in the|during the|for the|the")).unwrap_or(0);
        if !read.is(start, "first") {
            return;
        }
        let Some((count, at)) = read.cardinal(start + 1).filter(|(count, _)| (1..=400).contains(count)) else { return };
        if let (Some(unit), Ok(count)) = (read.unit(at), i32::try_from(count))
            && read.one_of(at + 1, any!("of|in"))
        {
            self.units_of(count, unit, at + 2, found);
        }
    }

    fn units_of(&self, count: i32, unit: Unit, at: usize, found: &mut Vec<Item<Expression>>) {
        for item in self.dates(at) {
            let date = &item.value;
            let dated = date.month.is_some() || date.year.is_some() || date.period.is_some();
            let periodic = dated && !date.is_day() || matches!(date.anchor, Some(Anchor::Quarter(_)));
            if periodic && matches!(unit, Unit::Day | Unit::Week | Unit::Month) {
                let of = Box::new(date.clone());
                found.push(Item::sure(item.end, Expression::UnitsOf { count, unit, of }));
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    Until,
    After,
    Since,
}

/// "Since Monday" looks back.
fn looking_back(moment: &Moment) -> Moment {
    let mut moment = moment.clone();
    if let Some(date) = &mut moment.date {
        let back = |relation: Relation| if relation == Relation::Bare { Relation::Last } else { relation };
        date.weekday = date.weekday.map(|(weekday, relation)| (weekday, back(relation)));
        if date.year.is_none() {
            date.month = date.month.map(|(month, relation)| (month, back(relation)));
        }
    }
    moment
}
