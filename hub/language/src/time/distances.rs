//! Family: moments at a distance. "in 20 minutes", "3 days ago", "a week from Tuesday", "the day before Christmas", "in
//! four business days", "this time tomorrow".

use super::{
    chart::{Chart, Item},
    expression::{Anchor, Date, Moment, Relation},
    value::Span,
};
use crate::lexer::{phrases::any, vocabulary::Unit};

impl Chart<'_> {
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
        self.beside(i, found);
        self.same_time(i, found);
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

    /// "the day before Christmas", "the week after March 3".
    fn beside(&self, i: usize, found: &mut Vec<Item<Moment>>) {
        let read = self.read;
        let at = i + usize::from(read.is(i, "the"));
        let by = match read.unit(at) {
            Some(Unit::Day) => Span::days(1),
            Some(Unit::Week) => Span::days(7),
            _ => return,
        };
        let by = match read.phrase(at + 1, any!("before|after")) {
            Some(_) if read.is(at + 1, "before") => by.reversed(),
            Some(_) => by,
            None => return,
        };
        for base in self.moments(at + 2) {
            let day = base.value.clock.is_none() && base.value.date.as_ref().is_some_and(Date::is_day);
            if base.need.is_none() && day && !base.value.is_shift() {
                let from = Some(Box::new(base.value.clone()));
                found.push(Item::sure(base.end, Moment::date(Date::anchored(Anchor::Shift { by, from }))));
            }
        }
    }

    /// "this time tomorrow", "the same time next week".
    fn same_time(&self, i: usize, found: &mut Vec<Item<Moment>>) {
        let read = self.read;
        let start = i + read.phrase(i, any!("at|about|around")).unwrap_or(0);
        let Some(count) = read.phrase(start, any!("this time|the same time|same time")) else { return };
        for (words, by) in [
            (any!("tomorrow"), Span::days(1)),
            (any!("yesterday"), Span::days(-1)),
            (any!("next week"), Span::days(7)),
            (any!("last week"), Span::days(-7)),
            (any!("next month"), Span::months(1)),
            (any!("last month"), Span::months(-1)),
            (any!("next year"), Span::months(12)),
            (any!("last year"), Span::months(-12)),
        ] {
            if let Some(more) = read.phrase(start + count, words) {
                let date = Date::anchored(Anchor::Shift { by, from: None });
                found.push(Item::sure(start + count + more, Moment::date(date)));
            }
        }
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
