//! Family: lengths of time ("2 years 21 days", "half an hour", "an hour and a half") and their use as distances
//! ("in 20 minutes", "3 days ago", "a week from Tuesday").

use super::{
    chart::{Chart, Item, Need},
    expression::{Anchor, Date, Moment, Relation},
    reader::Quantity,
    value::Span,
};
use crate::lexer::phrases::any;
use crate::lexer::vocabulary::Unit;

/// So many of a unit; `None` where a fraction makes no sense.
pub(crate) fn span_of(quantity: Quantity, unit: Unit) -> Option<Span> {
    let hundredths = quantity.hundredths;
    let whole = || {
        (hundredths % 100 == 0)
            .then_some(hundredths / 100)
            .and_then(|n| i32::try_from(n).ok())
            .filter(|n| *n <= 100_000)
    };
    let seconds = |each: i64| Some(Span::seconds(hundredths.checked_mul(each)? / 100));
    match unit {
        Unit::Second => seconds(1),
        Unit::Minute => seconds(60),
        Unit::Hour => seconds(3600),
        Unit::Day | Unit::Weekend => match whole() {
            Some(days) => Some(Span::days(days)),
            None => seconds(86_400),
        },
        Unit::Week => match whole() {
            Some(weeks) => Some(Span::days(weeks.checked_mul(7)?)),
            None => seconds(7 * 86_400),
        },
        Unit::Fortnight => Some(Span::days(whole()?.checked_mul(14)?)),
        Unit::Month => match whole() {
            Some(months) => Some(Span::months(months)),
            None if hundredths % 50 == 0 => {
                Some(Span { months: i32::try_from(hundredths / 100).ok()?, days: 15, seconds: 0 })
            }
            None => None,
        },
        Unit::Quarter => Some(Span::months(whole()?.checked_mul(3)?)),
        Unit::Year => {
            let months = hundredths.checked_mul(12)?;
            (months % 100 == 0).then_some(Span::months(i32::try_from(months / 100).ok().filter(|n| *n <= 120_000)?))
        }
        Unit::Decade => Some(Span::months(whole()?.checked_mul(120)?)),
    }
}

impl Chart<'_> {
    /// One quantity with its unit: the span, the position after it, the unit, whether it was said with an article.
    fn single_span(&self, i: usize) -> Option<(Span, usize, Unit, bool)> {
        let read = self.read;
        let policy = self.context.policy;
        let (quantity, after) = read.quantity(i, policy.couple, policy.few)?;
        // "2 more minutes", "another 5 minutes"
        let after = if read.one_of(after, any!("more|additional|extra")) { after + 1 } else { after };
        let hyphen = if read.dash(after) && read.glued(after) && read.glued(after + 1) { after + 1 } else { after };
        let unit = read.unit(hyphen)?;
        let token = read.at(hyphen)?;
        // "3 m", "a d" are not lengths; "3m" is.
        let short = token.word.len() == 1;
        if (short && !token.glued && !(unit == Unit::Hour && read.digits(i).is_some())) || (short && quantity.article) {
            return None;
        }
        // "may second", "one second's"
        if quantity.article && token.plural_article() {
            return None;
        }
        let joined_to_digits = short && read.digits(hyphen + 1).is_some();
        if !read.ends(hyphen + 1) && !joined_to_digits {
            return None;
        }
        let mut span = span_of(quantity, unit)?;
        let mut end = hyphen + 1;
        // "an hour and a half"
        if let Some(count) = read.phrase(end, any!("and a half|and half"))
            && read.unit(end + count).is_none()
        {
            let half = span_of(Quantity { hundredths: 50, article: false }, unit)?;
            span = span.plus(half);
            end += count;
        } else if let Some(count) = read.phrase(end, any!("and a quarter"))
            && read.unit(end + count).is_none()
            && unit == Unit::Hour
        {
            span = span.plus(Span::minutes(15));
            end += count;
        }
        // "One day" is also how stories begin.
        let story = unit == Unit::Day && read.is(i, "one");
        Some((span, end, unit, quantity.article || story))
    }

    /// Lengths of time that begin at `i`.
    pub(super) fn spans_at(&self, i: usize) -> Vec<Item<Span>> {
        let read = self.read;
        let start = match read
            .phrase(i, any!("about|around|exactly|at least|up to|approximately|roughly|just|less than|more than"))
        {
            Some(count) => i + count,
            None => i,
        };
        let start = if read.symbol(start, '~') { start + 1 } else { start };
        let mut found = Vec::new();
        let Some((mut total, mut end, first_unit, article)) = self.single_span(start) else { return found };
        let short = read.at(end - 1).is_some_and(|token| token.word.len() == 1);
        found.push(Item::with_need(end, total, short.then_some(Need::Unit)));
        let mut smallest = first_unit;
        // "quarter of an hour"
        let mut parts = 1;
        loop {
            let mut next = read.skip_comma(end);
            if read.is(next, "and") {
                next += 1;
            }
            let Some((span, after, unit, _)) = self.single_span(next).filter(|(_, _, unit, _)| *unit < smallest) else {
                break;
            };
            total = total.plus(span);
            end = after;
            smallest = unit;
            parts += 1;
            found.push(Item::with_need(end, total, (short && parts < 2).then_some(Need::Unit)));
        }
        // "1h30"
        if parts == 1
            && first_unit == Unit::Hour
            && read.glued(end)
            && let Some((minutes, 2)) = read.digits(end).filter(|(minutes, _)| *minutes < 60)
        {
            found.push(Item::sure(end + 1, total.plus(Span::minutes(i64::from(minutes)))));
        }
        if article
            && parts == 1
            && matches!(
                first_unit,
                Unit::Day
                    | Unit::Week
                    | Unit::Month
                    | Unit::Year
                    | Unit::Quarter
                    | Unit::Weekend
                    | Unit::Second
                    | Unit::Decade
            )
        {
            for item in &mut found {
                item.need = Some(Need::Unit);
            }
        }
        found
    }

    /// Moments at a distance: "in 2 hours", "3 days ago", "two weeks from tomorrow", "+15min".
    pub(super) fn shifts_at(&self, i: usize, found: &mut Vec<Item<Moment>>) {
        let read = self.read;
        let shifted = |by: Span, from: Option<Moment>| {
            Moment::date(Date::anchored(Anchor::Shift { by, from: from.map(Box::new) }))
        };
        // Before the span: in, within, after, +
        let prefix = read.phrase(i, any!("in less than|in the next|in|after about|after|in another|give it"));
        if let Some(count) = prefix {
            let next_units = read.one_of(i + count - 1, any!("next"));
            for item in self.spans(i + count) {
                if next_units {
                    continue;
                }
                // "in a day or two"
                let end = item.end + usize::from(read.is(item.end, "time"));
                // "in 3 days from Tuesday": the suffix below gives the longer reading.
                let possessive = read.symbol(item.end, '\'') && read.is(item.end + 1, "time");
                let end = if possessive { item.end + 2 } else { end };
                found.push(Item::sure(end, shifted(item.value, None)));
                self.span_suffixes(i, item, found);
            }
        }
        if read.symbol(i, '+') {
            for item in self.spans(i + 1) {
                found.push(Item::sure(item.end, shifted(item.value, None)));
            }
        }
        for item in self.spans(i) {
            self.span_suffixes(i, item, found);
        }
        self.weekdays_away(i, found);
        self.working_days_away(i, found);
    }

    /// "in four business days", "3 working days from now", "two business days ago".
    fn working_days_away(&self, i: usize, found: &mut Vec<Item<Moment>>) {
        let read = self.read;
        let prefix = read.phrase(i, any!("in|after|within"));
        let start = i + prefix.unwrap_or(0);
        let counted = if read.one_of(start, any!("a|an|one")) { Some((1, start + 1)) } else { read.cardinal(start) };
        let Some((count, at)) = counted.filter(|(count, _)| (1..=2_000).contains(count)) else { return };
        let Some(words) = read.phrase(at, any!("business days|business day|working days|working day|workdays|workday"))
        else {
            return;
        };
        let end = at + words;
        let (days, end) =
            if let Some(count_words) = read.phrase(end, any!("from now|from today|hence|later|after today")) {
                (i64::from(count), end + count_words)
            } else if read.one_of(end, any!("ago|earlier|back")) {
                (-i64::from(count), end + 1)
            } else if prefix.is_some() {
                (i64::from(count), end + usize::from(read.is(end, "time")))
            } else {
                return;
            };
        found.push(Item::sure(end, Moment::date(Date::anchored(Anchor::WorkingDays(days)))));
    }

    /// "two Saturdays from now", "3 Fridays ago".
    fn weekdays_away(&self, i: usize, found: &mut Vec<Item<Moment>>) {
        let read = self.read;
        let Some((count, at)) = read.cardinal(i).filter(|(count, _)| (1..=100).contains(count)) else { return };
        let Some(weekday) = read.at(at).and_then(|token| token.meaning.weekday) else { return };
        let Ok(weeks) = i32::try_from(count) else { return };
        let (relation, weeks_later, end) =
            if let Some(count) = read.phrase(at + 1, any!("from now|from today|hence|away")) {
                (Relation::Bare, weeks - 1, at + 1 + count)
            } else if read.one_of(at + 1, any!("ago|back")) {
                (Relation::Last, 1 - weeks, at + 2)
            } else {
                return;
            };
        found.push(Item::sure(
            end,
            Moment::date(Date { weekday: Some((weekday, relation)), weeks_later, ..Date::default() }),
        ));
    }

    fn span_suffixes(&self, i: usize, item: &Item<Span>, found: &mut Vec<Item<Moment>>) {
        let read = self.read;
        let end = item.end;
        let shifted = |by: Span, from: Option<Moment>| {
            Moment::date(Date::anchored(Anchor::Shift { by, from: from.map(Box::new) }))
        };
        let forward = item.value;
        let backward = item.value.reversed();
        for (words, by) in [
            ("ago", backward),
            ("back", backward),
            ("earlier", backward),
            ("hence", forward),
            ("later", forward),
            ("prior", backward),
        ] {
            if read.is(end, words) && read.ends(end + 1) && !(words == "back" && item.need.is_some()) {
                found.push(Item::sure(end + 1, shifted(by, None)));
            }
        }
        if let Some(count) = read.phrase(end, any!("from now|from right now|after now")) {
            found.push(Item::sure(end + count, shifted(forward, None)));
        }
        if let Some(count) = read.phrase(end, any!("before now")) {
            found.push(Item::sure(end + count, shifted(backward, None)));
        }
        // "five minutes before", "two weeks after", when that is all.
        if i == 0 && end + 1 == read.len() {
            if read.is(end, "before") && item.value.seconds != 0 {
                found.push(Item::sure(end + 1, shifted(backward, None)));
            } else if read.is(end, "after") {
                found.push(Item::sure(end + 1, shifted(forward, None)));
            }
        }
        let directed = if read.one_of(end, any!("from|after|past")) {
            Some(forward)
        } else if read.is(end, "on") && item.value.days % 7 == 0 && item.value.days > 0 {
            // "a week on Friday"
            Some(forward)
        } else if read.one_of(end, any!("before|until|to")) && read.is(end, "before") {
            Some(backward)
        } else {
            None
        };
        if let Some(by) = directed {
            for base in self.moments(end + 1) {
                if base.need.is_none() && !base.value.is_shift() {
                    found.push(Item::sure(base.end, shifted(by, Some(base.value.clone()))));
                }
            }
        }
    }
}

impl Moment {
    /// Whether it is itself a distance from something.
    pub(crate) fn is_shift(&self) -> bool {
        matches!(&self.date, Some(Date { anchor: Some(Anchor::Shift { .. }), .. }))
    }
}

impl crate::lexer::Token {
    /// "a seconds": an article before a plural of the clock means a typing error, "a days" is common.
    fn plural_article(&self) -> bool {
        self.meaning.plural
            && !matches!(
                self.meaning.unit,
                Some(Unit::Day | Unit::Week | Unit::Hour | Unit::Minute | Unit::Month | Unit::Year)
            )
    }
}
