//! Family: intervals. "from 3 to 5pm", "July 13-15", "between 9:30 and 11 on Thursday", "before Friday", "since 2020",
//! "the last two weeks".
//!
//! The two ends share what only one of them says: the day, the month, the year, the half of the day.

use super::{
    chart::{Chart, Item, Need},
    expression::{Anchor, Clock, Date, Expression, Meridiem, Moment},
};
use crate::lexer::phrases::any;
use crate::lexer::vocabulary::Unit;

impl Chart<'_> {
    /// Intervals that begin at `i`.
    pub(super) fn intervals_at(&self, i: usize) -> Vec<Item<Expression>> {
        let read = self.read;
        let mut found = Vec::new();
        let prefix =
            read.phrase(i, any!("from|between|anytime between|sometime between|in|at|starting|for|starting from|on"));
        let start = i + prefix.unwrap_or(0);
        let strong = read.one_of(i, any!("from|between|anytime|sometime"));
        let between = read.is(start.wrapping_sub(1), "between");
        if prefix.is_none() || strong || read.one_of(i, any!("in|at|starting|for|on")) {
            self.ranges_at(start, strong, between, &mut found);
            if prefix.is_some() && (read.symbol(start, '\'') || read.symbol(start, '"')) {
                self.ranges_at(start + 1, strong, between, &mut found);
            }
        }
        // "tomorrow from 3 to 5": a day, then a range of times.
        for day in self.moments(i) {
            if day.value.clock.is_some() || day.value.now || day.value.date.as_ref().is_none_or(|date| !date.is_day()) {
                continue;
            }
            let mut at = read.skip_comma(day.end);
            if read.dash(at) && !read.glued(at) {
                at += 1;
            }
            let worded = read.one_of(at, any!("from|between|at"));
            let between = read.is(at, "between");
            let mut inner = Vec::new();
            self.ranges_at(if worded { at + 1 } else { at }, true, between, &mut inner);
            for item in inner {
                let Expression::Interval { from: Some(from), to: Some(to), to_included } = item.value else { continue };
                if from.date.is_some() || to.date.is_some() || from.clock.is_none() {
                    continue;
                }
                let (Some(from), Some(to)) = (day.value.intersect(&from), day.value.intersect(&to)) else { continue };
                let need = item.need.or(day.need.filter(|need| *need != Need::Weekday && *need != Need::DayOfMonth));
                found.push(Item::with_need(
                    item.end,
                    Expression::Interval { from: Some(from), to: Some(to), to_included },
                    need,
                ));
            }
        }
        self.open_sides(i, &mut found);
        self.open_sides_of_day(i, &mut found);
        self.counted_units(i, &mut found);
        self.first_units(i, &mut found);
        self.rests(i, &mut found);
        self.within(i, &mut found);
        found.retain(|item| read.ends(item.end));
        found
    }

    /// The word between the ends: position after it and whether the end is included ("through").
    fn separator(&self, i: usize, between: bool) -> Option<(usize, bool)> {
        let read = self.read;
        if read.one_of(i, any!("to|until")) {
            return Some((i + 1, false));
        }
        if let Some(count) = read.phrase(i, any!("up to|- to -")) {
            return Some((i + count, false));
        }
        if read.is(i, "through") {
            return Some((i + 1, true));
        }
        if read.is(i, "and") && between {
            return Some((i + 1, false));
        }
        // "T08:15:30-05:30" ends with an offset from Greenwich.
        let offset = read.tight_symbol(i, '-')
            && read.tight_symbol(i.wrapping_sub(2), ':')
            && read.tight_symbol(i.wrapping_sub(4), ':');
        if offset && !self.zones(i).is_empty() {
            return None;
        }
        // ISO 8601 parts the ends of an interval by a stroke.
        // "GMT -08:45" is a zone.
        let zoned = read.one_of(i.wrapping_sub(1), any!("gmt|utc")) && read.glued(i + 1);
        if zoned && read.tight_symbol(i + 2, ':') {
            return None;
        }
        if read.iso_interval(i) || read.dash(i) || read.symbol(i, '~') || read.symbol(i, '→') {
            let doubled = read.dash(i + 1) && read.glued(i + 1);
            return Some((i + 1 + usize::from(doubled), false));
        }
        None
    }

    fn ranges_at(&self, start: usize, strong: bool, between: bool, found: &mut Vec<Item<Expression>>) {
        let read = self.read;
        let push = |found: &mut Vec<Item<Expression>>,
                    end: usize,
                    from: Moment,
                    to: Moment,
                    included: bool,
                    need: Option<Need>| {
            found.push(Item::with_need(
                end,
                Expression::Interval { from: Some(from), to: Some(to), to_included: included },
                need,
            ));
        };
        for left in self.moments(start) {
            // "from now on" is open; "between now and Friday" is a range.
            if left.value.now && !strong {
                continue;
            }
            let comma = read.skip_comma(left.end);
            let Some((at, included)) = self.separator(comma, between) else { continue };
            for right in self.moments(at) {
                let Some((from, to)) = share(&left.value, &right.value) else { continue };
                let need = match (left.need, right.need) {
                    (None | Some(Need::Month | Need::Weekday), None)
                    | (None, Some(Need::Month))
                    | (Some(Need::Weekday | Need::Month), Some(Need::Weekday | Need::Month)) => None,
                    // "8pm - 11": one sure end carries the other, if it is of the same kind.
                    (None, Some(Need::Hour)) if from.clock.is_some() && read.closes(right.end) => None,
                    (Some(Need::Hour), None) if to.clock.is_some() => None,
                    (None, Some(Need::Hour)) | (Some(Need::Hour), None) => continue,
                    (Some(Need::Hour), Some(Need::Hour)) => {
                        let exact = |moment: &Moment| moment.clock.is_some_and(|clock| clock.minute.is_some());
                        // "2031-17" and "815-945" are numbers unless "from" says otherwise.
                        let compact = |i: usize| read.digits(i).is_some_and(|(_, digits)| digits >= 3);
                        let four_digits = compact(start) || compact(at);
                        let plausible = read.closes(right.end)
                            && (strong || exact(&from) || exact(&to))
                            && !(read.dash(comma) && !strong && !exact(&from));
                        if plausible && (strong || !four_digits) { None } else { Some(Need::Hour) }
                    }
                    (Some(Need::Year), Some(Need::Year)) => (!strong).then_some(Need::Year),
                    (Some(need), _) if strong && right.need.is_none() && need != Need::Unit => None,
                    (_, Some(need)) if strong && left.need.is_none() && need != Need::Unit => None,
                    (Some(Need::DayOfMonth), Some(Need::DayOfMonth)) if read.closes(right.end) => None,
                    (Some(need), _) | (None, Some(need)) => Some(need),
                };
                push(found, right.end, from, to, included, need);
                if let Some(last) = found.last_mut() {
                    last.latent = left.latent + right.latent;
                }
            }
            // "July 13-15", "May 3 - 9, 2027", "the 2nd to the 5th of May" is the other way round.
            self.day_number_end(left, at, included, found);
        }
        // "13 to 15 July", "from 02 to April 07"
        let number_at = if read.is(start, "the") { start + 1 } else { start };
        let left = match read.ordinal(number_at) {
            Some((day, end, _)) => Some((day, end)),
            None => read.digits(number_at).filter(|(_, digits)| *digits <= 2).map(|(day, _)| (day, number_at + 1)),
        };
        let Some((day, end)) = left.filter(|(day, _)| (1..=31).contains(day)) else { return };
        let Some((at, included)) = self.separator(end, between) else { return };
        if read.tight_symbol(end, '-') && read.is_word(at) {
            return;
        }
        for right in self.moments(at) {
            let Some(date) = right.value.date.as_ref().filter(|date| date.day.is_some() && date.weekday.is_none())
            else {
                continue;
            };
            if right.value.clock.is_some()
                || right.value.part.is_some()
                || (date.month.is_none() && date.period.is_none())
            {
                continue;
            }
            let from = Moment::date(Date { day: Some(day), ..date.clone() });
            push(found, right.end, from, right.value.clone(), included, right.need);
        }
    }

    fn day_number_end(&self, left: &Item<Moment>, at: usize, included: bool, found: &mut Vec<Item<Expression>>) {
        let read = self.read;
        let Some(date) = left.value.date.as_ref().filter(|date| date.day.is_some() && date.month.is_some()) else {
            return;
        };
        if left.value.clock.is_some() {
            return;
        }
        // "14-MAY-27" is one date.
        let tight = read.dash(left.end) && read.glued(left.end) && read.glued(left.end + 1);
        if tight && left.end > 0 && read.is_word(left.end - 1) && read.ordinal(left.end.saturating_sub(2)).is_none() {
            return;
        }
        let number_at = if read.is(at, "the") { at + 1 } else { at };
        let (day, mut end) = match read.ordinal(number_at) {
            Some((day, end, _)) => (day, end),
            None => match read.digits(number_at) {
                Some((day, digits)) if digits <= 2 && read.ends(number_at + 1) => (day, number_at + 1),
                _ => match read.small_number(number_at) {
                    Some((day, end)) => (day, end),
                    None => return,
                },
            },
        };
        if !(1..=31).contains(&day) || read.tight_symbol(end, ':') || read.one_of(end, any!("am|pm")) {
            return;
        }
        let mut from = date.clone();
        let mut to = Date { day: Some(day), weekday: None, ..date.clone() };
        if date.year.is_none()
            && let Some((year, after)) = self.year_at(read.skip_comma(end), false)
        {
            from.year = Some(year);
            to.year = Some(year);
            end = after;
        }
        let value =
            Expression::Interval { from: Some(Moment::date(from)), to: Some(Moment::date(to)), to_included: included };
        found.push(Item::sure(end, value));
    }
}

/// Both ends, each with what only the other says; `None` when they do not make a range.
fn share(left: &Moment, right: &Moment) -> Option<(Moment, Moment)> {
    let (mut from, mut to) = (left.clone(), right.clone());
    let kind = |moment: &Moment| (moment.clock.is_some(), moment.date.is_some() || moment.now);
    let ((left_clock, left_date), (right_clock, right_date)) = (kind(left), kind(right));
    if left_clock != right_clock {
        // "today morning to tomorrow" and "3pm to Friday" need at least a day on both sides.
        if !(left_date && right_date) {
            return None;
        }
    }
    if from.part.is_none() && to.part.is_none() && !left_clock && !right_clock && (left_date != right_date) {
        return None;
    }
    match (&from.date, &to.date) {
        (Some(date), None) if right_clock || to.part.is_some() => to.date = Some(date.clone()),
        (None, Some(date)) if left_clock || from.part.is_some() => from.date = Some(date.clone()),
        (Some(a), Some(b)) => {
            let (a, b) = share_dates(a, b);
            from.date = Some(a);
            to.date = Some(b);
        }
        _ => {}
    }
    if to.part.is_none() && from.clock.is_some() && to.clock.is_some() && from.date == to.date {
        to.part = from.part;
    } else if from.part.is_none()
        && to.part.is_some()
        && from.clock.is_some()
        && to.clock.is_some()
        && from.date == to.date
    {
        from.part = to.part;
    }
    if to.zone.is_none() || from.zone.is_none() {
        let zone = from.zone.or(to.zone);
        from.zone = zone.filter(|_| from.clock.is_some());
        to.zone = zone.filter(|_| to.clock.is_some());
    }
    if let (Some(a), Some(b)) = (from.clock, to.clock) {
        let (a, b) = share_clocks(a, b, left.part.is_some(), right.part.is_some());
        from.clock = Some(a);
        to.clock = Some(b);
    }
    Some((from, to))
}

/// "January to April 2015", "Feb 1st to March 2019": the year is said once, and so on.
fn share_dates(a: &Date, b: &Date) -> (Date, Date) {
    let (mut from, mut to) = (a.clone(), b.clone());
    if from.month.is_some() && from.year.is_none() && from.period.is_none() && from.weekday.is_none() {
        from.year = to.year;
    }
    if to.month.is_none() && to.day.is_some() && to.period.is_none() && to.anchor.is_none() {
        to.month = from.month;
        to.year = to.year.or(from.year);
    }
    if from.month.is_none() && from.day.is_some() && from.period.is_none() && from.weekday.is_none() {
        from.month = to.month;
        from.period = from.period.or(to.period);
    }
    if let (Some((unit @ Unit::Week, offset)), None) = (from.period, to.period)
        && to.weekday.is_some()
        && to.anchor.is_none()
    {
        to.period = Some((unit, offset));
    }
    if let (None, Some((unit @ Unit::Week, offset))) = (from.period, to.period)
        && from.weekday.is_some()
    {
        from.period = Some((unit, offset));
    }
    if let Some(Anchor::Day(_)) = from.anchor
        && to.is_empty()
    {
        to = from.clone();
    }
    (from, to)
}

/// "11 to 3pm", "5 to 6pm", "1:30pm to 4", "12-3am": the half of the day is said once.
fn share_clocks(mut a: Clock, mut b: Clock, a_part: bool, b_part: bool) -> (Clock, Clock) {
    let minutes = |clock: Clock| clock.hour % 12 * 60 + clock.minute.unwrap_or(0);
    match (a.meridiem, b.meridiem) {
        (Meridiem::Open, Meridiem::Am | Meridiem::Pm) if !a_part => {
            // The start takes the half of the end, unless that puts it after the end.
            let other = if b.meridiem == Meridiem::Pm { Meridiem::Am } else { Meridiem::Pm };
            a.meridiem = if minutes(a) < minutes(b) { b.meridiem } else { other };
        }
        (Meridiem::Am | Meridiem::Pm, Meridiem::Open) if !b_part => {
            let other = if a.meridiem == Meridiem::Pm { Meridiem::Am } else { Meridiem::Pm };
            b.meridiem = if minutes(b) > minutes(a) { a.meridiem } else { other };
        }
        (Meridiem::Exact, Meridiem::Open) if a.hour > 12 && !b_part => {
            b.meridiem = if minutes(b) > minutes(a) && b.hour < 12 { Meridiem::Pm } else { Meridiem::Exact };
        }
        _ => {}
    }
    (a, b)
}
