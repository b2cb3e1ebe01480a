//! Family: lengths of time. "2 years 21 days", "half an hour", "an hour and a half".

use super::{
    chart::{Chart, Item, Need},
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
        // "an hour and twenty"
        if unit == Unit::Hour
            && read.is(end, "and")
            && let Some((minutes, after)) = read.cardinal(end + 1).filter(|(minutes, _)| (1..60).contains(minutes))
            && read.unit(after).is_none()
            && read.closes(after)
            && read.digits(end + 1).is_none_or(|(_, digits)| digits <= 2)
        {
            span = span.plus(Span::minutes(i64::from(minutes)));
            end = after;
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
