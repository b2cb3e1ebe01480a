//! Family: days and periods named by words: tomorrow, Friday, next week, March 3rd, the 15th, Christmas.

use super::{
    chart::{Chart, Item, Need},
    expression::{Anchor, Date, Relation},
};
use crate::lexer::phrases::any;
use crate::lexer::vocabulary::Unit;

impl Chart<'_> {
    /// Days and periods that begin at `i`.
    pub(super) fn dates_at(&self, i: usize) -> Vec<Item<Date>> {
        let mut found = Vec::new();
        self.relative_days(i, &mut found);
        self.holidays(i, &mut found);
        self.weekdays(i, &mut found);
        self.month_days(i, &mut found);
        self.months(i, &mut found);
        self.periods(i, &mut found);
        self.days_of_month(i, &mut found);
        self.nth_of(i, &mut found);
        self.named_periods(i, &mut found);
        self.numeric_dates(i, &mut found);
        found.retain(|item| self.read.ends_moment(item.end));
        found
    }

    fn relative_days(&self, i: usize, found: &mut Vec<Item<Date>>) {
        let read = self.read;
        let day = |days: i64| Date::anchored(Anchor::Day(days));
        for (phrases, days) in [
            (any!("today|todays"), 0),
            (any!("tomorrow|tomorrows|the next day"), 1),
            (any!("yesterday"), -1),
            (any!("the day after tomorrow|day after tomorrow|overmorrow"), 2),
            (any!("the day before yesterday|day before yesterday"), -2),
        ] {
            if let Some(count) = read.phrase(i, phrases) {
                found.push(Item::sure(i + count, day(days)));
            }
        }
        // "tomorrow week"
        if let Some(first) = found.first().cloned()
            && read.is(first.end, "week")
            && read.is(i, "tomorrow")
        {
            found.push(Item::sure(first.end + 1, day(8)));
        }
    }

    /// "this", "next", "coming" …: the relation and the position after it.
    pub(super) fn relation_at(&self, i: usize) -> Option<(Relation, usize)> {
        let read = self.read;
        let start = if read.is(i, "the") { i + 1 } else { i };
        for (phrases, relation) in [
            (any!("this coming|this upcoming|this next|coming|upcoming"), Relation::Coming),
            (any!("this past|this last|past|previous"), Relation::Past),
            (any!("this|current"), Relation::This),
            (any!("next|following"), Relation::Next),
            (any!("last"), Relation::Last),
        ] {
            if let Some(count) = read.phrase(start, phrases) {
                return Some((relation, start + count));
            }
        }
        None
    }

    fn weekdays(&self, i: usize, found: &mut Vec<Item<Date>>) {
        let read = self.read;
        let (relation, at) = self.relation_at(i).unwrap_or((Relation::Bare, i));
        let Some(token) = read.at(at) else { return };
        let Some(weekday) = token.meaning.weekday.filter(|_| !token.meaning.plural) else { return };
        let date = Date { weekday: Some((weekday, relation)), ..Date::default() };
        let end = at + 1;
        let alone = i == 0 && read.len() <= end + 1;
        let need = (token.meaning.ambiguous && relation == Relation::Bare && !alone && !read.symbol(end, ','))
            .then_some(Need::Weekday);
        if read.symbol(end, '.') && read.glued(end) && token.word.len() <= 5 {
            found.push(Item::with_need(end + 1, date.clone(), need));
        }
        found.push(Item::with_need(end, date.clone(), need));
        // "Monday 21"
        if let Some((day, 2)) = read.digits(read.skip_stop(end)).filter(|(day, _)| (13..=31).contains(day))
            && read.closes(read.skip_stop(end) + 1)
            && relation == Relation::Bare
        {
            found.push(Item::sure(read.skip_stop(end) + 1, Date { day: Some(day), ..date.clone() }));
        }
        if relation == Relation::Bare {
            // "Tuesday week", "Monday next", "Friday next week" is an intersection.
            for (word, weeks_later) in [("week", 1), ("wk", 1), ("fortnight", 2)] {
                if read.is(end, word) {
                    found.push(Item::sure(end + 1, Date { weeks_later, ..date.clone() }));
                }
            }
            // "Tuesday after next": a week behind the next one.
            if let Some(count) = read.phrase(end, any!("after next|after the next")) {
                found.push(Item::sure(end + count, Date { weeks_later: 1, ..date.clone() }));
            }
            // "Friday the fifteen"
            if read.is(end, "the")
                && let Some((day, after)) = read.small_number(end + 1).filter(|(day, _)| (1..=31).contains(day))
                && read.closes(after)
            {
                found.push(Item::sure(after, Date { day: Some(day), ..date.clone() }));
            }
            if read.is(end, "next") && !read.one_of(end + 1, any!("week|month|year")) && read.closes(end + 1) {
                found.push(Item::sure(end + 1, Date { weekday: Some((weekday, Relation::Next)), ..date }));
            }
        }
    }

    /// A year at `i` that follows a month or a day: 4 digits, two digits with or without apostrophe, or words.
    pub(super) fn year_at(&self, i: usize, two_digits: bool) -> Option<(i32, usize)> {
        let read = self.read;
        if let Some((value, digits)) = read.digits(i) {
            let plain = read.ends(i + 1) || read.dash(i + 1) || read.is(i + 1, "t") || read.is(i + 1, "ad");
            return match digits {
                4 if (1000..=3000).contains(&value) && plain => i32::try_from(value).ok().map(|year| (year, i + 1)),
                2 if two_digits && plain => Some((self.century(value), i + 1)),
                _ => None,
            };
        }
        if read.symbol(i, '\'')
            && let Some((value, 2)) = read.digits(i + 1)
        {
            return Some((self.century(value), i + 2));
        }
        let (value, end) =
            read.cardinal(i).filter(|(value, _)| (1900..=2200).contains(value) || (19..=20).contains(value))?;
        if value > 100 {
            return i32::try_from(value).ok().map(|year| (year, end));
        }
        // "twenty seventeen"
        let (rest, end) = read.small_number(end).filter(|(rest, _)| (10..100).contains(rest))?;
        i32::try_from(value * 100 + rest).ok().map(|year| (year, end))
    }

    /// "88 AD", "2555 BE": a year that names its era. The Buddhist era is 543 years ahead.
    fn era_year_at(&self, i: usize) -> Option<(i32, usize)> {
        let read = self.read;
        let year = i32::try_from(read.digits(i).filter(|(_, digits)| *digits <= 4)?.0).ok()?;
        if read.one_of(i + 1, any!("ad|ce")) {
            return Some((year, i + 2));
        }
        (read.is(i + 1, "be") && year > 2400 && read.closes(i + 2)).then_some((year - 543, i + 2))
    }

    /// The year that two digits mean.
    pub(super) fn century(&self, value: u32) -> i32 {
        let base = if value < self.context.policy.century_pivot { 2000 } else { 1900 };
        i32::try_from(base + value).unwrap_or(2000)
    }

    pub(super) fn month_at(&self, i: usize) -> Option<(u32, usize)> {
        let token = self.read.at(i)?;
        let month = token.meaning.month?;
        Some((month, if token.word.len() <= 4 { self.read.skip_stop(i + 1) } else { i + 1 }))
    }

    /// A day of the month in digits, ordinal or words.
    fn day_number_at(&self, i: usize) -> Option<(u32, usize)> {
        let read = self.read;
        if let Some((value, end, _)) = read.ordinal(i) {
            return Some((value, end));
        }
        if let Some((value, digits)) = read.digits(i) {
            return (digits <= 2).then_some((value, i + 1));
        }
        read.small_number(i)
    }

    /// "with June", "with April and May": a person, unless a day follows.
    fn is_a_name(&self, i: usize) -> bool {
        let read = self.read;
        let month = read.at(i).is_some_and(|token| token.meaning.month.is_some());
        month && i > 0 && read.is(i - 1, "with") && self.day_number_at(read.skip_stop(i + 1)).is_none()
    }

    fn month_days(&self, i: usize, found: &mut Vec<Item<Date>>) {
        let read = self.read;
        let push = |found: &mut Vec<Item<Date>>, end: usize, month: u32, day: u32, year: Option<i32>| {
            found.push(Item::sure(
                end,
                Date { day: Some(day), month: Some((month, Relation::Bare)), year, ..Date::default() },
            ));
        };
        let years = |found: &mut Vec<Item<Date>>, end: usize, month: u32, day: u32, tight: bool| {
            let separator =
                if tight && (read.dash(end) || read.symbol(end, '/')) { end + 1 } else { read.skip_comma(end) };
            let of = if read.one_of(separator, any!("of|in")) { separator + 1 } else { separator };
            // "May 5 10 people" does not name a year; "may 12 29" does.
            if let Some((year, after)) = self.era_year_at(of) {
                push(found, after, month, day, Some(year));
                return;
            }
            if let Some((year, after)) = self.year_at(of, of == end || tight || read.symbol(of, '\'')) {
                let short = year_is_short(read, of);
                if !short
                    || tight
                    || !(read.is(after, "am")
                        || read.is(after, "pm")
                        || read.tight_symbol(after, ':')
                        || !read.closes(after))
                {
                    push(found, after, month, day, Some(year));
                }
            }
        };
        // March 3, March the 3rd, Oct/2, Oct-2
        if let Some((month, after)) = self.month_at(i) {
            let tight = (read.dash(after) || read.symbol(after, '/')) && read.glued(after) && read.glued(after + 1);
            let mut at = if tight { after + 1 } else { read.skip_comma(after) };
            if read.is(at, "the") {
                at += 1;
            }
            if read.phrase(at, any!("day")).is_some() {
                at += 1;
            }
            // "On December 32": kept, so that the resolution can say that there is no such date.
            let on = i > 0 && read.is(i - 1, "on");
            if let Some((day, end)) = self.day_number_at(at)
                && (1..=if on { 99 } else { 31 }).contains(&day)
                && (!tight || read.ends(end) || read.dash(end) || read.symbol(end, '/'))
                && !read.tight_symbol(end, ':')
            {
                // "march 3pm", "march 15 minutes": the number belongs to something else.
                let other = read.one_of(end, any!("am|pm|o'clock|people"))
                    || (read.unit(end).is_some() && read.ordinal(at).is_none());
                if !other {
                    push(found, end, month, day, None);
                    years(found, end, month, day, tight);
                }
            }
            return;
        }
        // 3 March, 3rd of March, the first of March, 7/Jun/2027, 15Sep, 16. Nov. 2027
        let start = if read.is(i, "the") { i + 1 } else { i };
        // 2020/Sep/23, 2019-aug-1
        if let Some((year, 4)) = read.digits(i)
            && (read.dash(i + 1) || read.symbol(i + 1, '/'))
            && read.glued(i + 1)
            && let Some((month, after)) = self.month_at(i + 2)
            && (read.dash(after) || read.symbol(after, '/'))
            && let Some((day, _)) = read.digits(after + 1)
            && let Ok(year) = i32::try_from(year)
        {
            push(found, after + 2, month, day, Some(year));
            return;
        }
        let Some((day, end)) = self.day_number_at(start) else { return };
        let tight = (read.dash(end) || read.symbol(end, '/')) && read.glued(end) && read.glued(end + 1);
        let mut at = if tight { end + 1 } else { read.skip_stop(end) };
        if !tight {
            if read.phrase(at, any!("day of")).is_some() {
                at += 2;
            } else if read.is(at, "of") {
                at += 1;
            }
        }
        // "one may object"
        let modal = read.ordinal(start).is_none() && read.digits(start).is_none() && read.is(at, "may");
        if let Some((month, after)) = self.month_at(at)
            && (1..=31).contains(&day)
            && !modal
        {
            push(found, after, month, day, None);
            years(found, after, month, day, tight);
        }
    }

    fn months(&self, i: usize, found: &mut Vec<Item<Date>>) {
        let read = self.read;
        if self.is_a_name(i) {
            return;
        }
        let relation = self.relation_at(i);
        let (relation, mut at) = relation.unwrap_or((Relation::Bare, i));
        if relation == Relation::Bare
            && let Some(count) = read.phrase(at, any!("the month of|month of|mid|mid -|early|late"))
        {
            at += count;
        }
        if relation == Relation::Bare && at == i {
            // 2027 June
            if let Some((year, after)) = self.year_at(i, false)
                && let Some((month, end)) = self.month_at(after)
                && read.digits(i).is_some()
            {
                found.push(Item::sure(
                    end,
                    Date { month: Some((month, Relation::Bare)), year: Some(year), ..Date::default() },
                ));
            }
            if read.is(i, "the") {
                at += 1;
            }
        }
        let Some(token) = read.at(at) else { return };
        let Some((month, end)) = self.month_at(at) else { return };
        let tight = (read.dash(end) || read.symbol(end, '/')) && read.glued(end);
        let separator = if tight { end + 1 } else { read.skip_comma(end) };
        let separator = if read.one_of(separator, any!("of|in")) { separator + 1 } else { separator };
        if let Some((year, after)) = self.year_at(separator, false) {
            found.push(Item::sure(after, Date { month: Some((month, relation)), year: Some(year), ..Date::default() }));
        } else if let Some((year, 2)) = read.digits(separator).filter(|(value, _)| *value > 31)
            && read.ends(separator + 1)
        {
            found.push(Item::sure(
                separator + 1,
                Date { month: Some((month, relation)), year: Some(self.century(year)), ..Date::default() },
            ));
        }
        if read.symbol(separator, '\'')
            && let Some((year, after)) = self.year_at(separator, false)
        {
            found.push(Item::sure(after, Date { month: Some((month, relation)), year: Some(year), ..Date::default() }));
        }
        let full = token.word.len() > 3 && !token.meaning.ambiguous;
        let alone =
            i == 0 && (end == read.len() || (end + 1 == read.len() && read.any_symbol(end))) && token.word.len() > 3
                || (token.is("may") && read.len() == 1);
        let need = (!(full
            || alone
            || relation != Relation::Bare && relation != Relation::This
            || at > i && !read.is(i, "the") && relation == Relation::Bare))
            .then_some(Need::Month);
        let need = if relation == Relation::This && token.word.len() > 3 { None } else { need };
        found.push(Item::with_need(end, Date { month: Some((month, relation)), ..Date::default() }, need));
    }

    fn days_of_month(&self, i: usize, found: &mut Vec<Item<Date>>) {
        let read = self.read;
        let article = read.is(i, "the");
        let start = if article { i + 1 } else { i };
        let day = |day: u32| Date { day: Some(day), ..Date::default() };
        // "On the 32nd": kept, so that the resolution can say that there is no such day.
        if let Some((value @ 32..=99, end, true)) = read.ordinal(start)
            && article
            && i > 0
            && read.is(i - 1, "on")
            && read.closes(end)
        {
            found.push(Item::sure(end, day(value)));
        }
        if let Some((value, end, digits)) = read.ordinal(start)
            && (1..=31).contains(&value)
        {
            let alone = digits && end == read.len() && i == 0;
            // "around the 21st" does not name the day.
            let vague = i > 0 && read.one_of(i - 1, any!("around|about|circa|roughly"));
            let sure = (digits && article && read.closes(end) && !vague) || alone;
            found.push(Item::with_need(end, day(value), (!sure).then_some(Need::DayOfMonth)));
            let of = if read.phrase(end, any!("day of")).is_some() {
                Some(end + 2)
            } else if read.is(end, "of") {
                Some(end + 1)
            } else if self.relation_at(end).is_some() {
                Some(end)
            } else {
                None
            };
            self.day_of_period(of, value, found);
        } else if let Some((value, digits)) = read.digits(start)
            && digits <= 2
            && (1..=31).contains(&value)
            && read.is(start + 1, "of")
        {
            self.day_of_period(Some(start + 2), value, found);
        }
        // "on the 15", "on 15 at 8 pm"
        if let Some((value, digits)) = read.digits(start)
            && digits <= 2
            && (1..=31).contains(&value)
        {
            if article && read.closes(start + 1) && !read.tight_symbol(start + 1, '.') {
                found.push(Item::latent(start + 1, day(value), Need::DayOfMonth));
            }
            let timed = read.skip_comma(start + 1);
            let timed = if read.is(timed, "at") { timed + 1 } else { timed };
            let clock = self.clocks(timed).iter().any(|item| item.need.is_none());
            if !article && i > 0 && read.is(i - 1, "on") && timed > start + 1 && clock {
                found.push(Item::sure(start + 1, day(value)));
            }
        }
        if read.is(start, "day")
            && let Some((value, digits)) = read.digits(start + 1)
            && digits <= 2
            && (1..=31).contains(&value)
        {
            found.push(Item::latent(start + 2, day(value), Need::DayOfMonth));
        }
    }

    fn day_of_period(&self, at: Option<usize>, day: u32, found: &mut Vec<Item<Date>>) {
        let Some(at) = at else { return };
        // "The 1st of the month" is the next one there is, "the 1st of this month" is not.
        if self.read.phrase(at, any!("the month")).is_some() {
            found.push(Item::sure(at + 2, Date { day: Some(day), ..Date::default() }));
            return;
        }
        let periods: Vec<Item<Date>> = self
            .dates(at)
            .iter()
            .filter(|item| matches!(item.value, Date { period: Some((Unit::Month, _)), .. }))
            .cloned()
            .collect();
        for item in periods {
            found.push(Item::sure(item.end, Date { day: Some(day), ..item.value }));
        }
    }
}

fn year_is_short(read: super::reader::Reader<'_>, i: usize) -> bool {
    read.digits(i).is_some_and(|(_, digits)| digits == 2)
}
