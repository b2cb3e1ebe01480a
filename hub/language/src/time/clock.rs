//! Family: times of day. 3pm, 3:30 PM, 15:30, 1530h, 15h30, noon, o'clock.
//!
//! Which half of the day a bare hour means is not decided here.

mod spoken;

use super::{
    chart::{Chart, Item, Need},
    expression::{Clock, Meridiem},
};
use crate::lexer::phrases::any;

const fn clock(hour: u32, minute: Option<u32>, meridiem: Meridiem) -> Clock {
    Clock { hour, said: hour, minute, second: None, meridiem, midnight: false }
}

fn with_meridiem(hour: u32, minute: Option<u32>, second: Option<u32>, meridiem: Meridiem) -> Option<Clock> {
    let valid = minute.is_none_or(|m| m < 60)
        && second.is_none_or(|s| s < 60)
        && match meridiem {
            Meridiem::Am => hour <= 12,
            Meridiem::Pm => hour <= 23,
            Meridiem::Exact | Meridiem::Open => hour < 24 || (hour == 24 && minute.unwrap_or(0) == 0),
        };
    let meridiem = if hour > 12 || (hour == 0 && meridiem == Meridiem::Open) { Meridiem::Exact } else { meridiem };
    valid.then_some(Clock { hour, said: hour, minute, second, meridiem, midnight: false })
}

impl Chart<'_> {
    /// "am", "p.m.", "p m", and "p" glued to the number: the half of the day and the position after it.
    fn meridiem_at(&self, i: usize, minutes: bool) -> Option<(Meridiem, usize)> {
        let read = self.read;
        let token = read.at(i)?;
        let half = |word: &str| match word {
            "a" | "am" => Some(Meridiem::Am),
            "p" | "pm" => Some(Meridiem::Pm),
            _ => None,
        };
        match token.word.as_str() {
            "am" | "pm" => {
                // "I am": the verb is never glued to the hour and comes before words; capital or digits decide elsewhere.
                let glued_next = read.glued(i + 1) && read.is_word(i + 1);
                (!glued_next).then_some((half(&token.word)?, read.skip_stop(i + 1)))
            }
            "ampm" => Some((Meridiem::Open, i + 1)),
            // "3 in the AM"
            "in" => {
                let half = half(read.at(i + 2)?.word.as_str()).filter(|_| read.is(i + 1, "the"))?;
                (read.one_of(i + 2, any!("am|pm")) && read.closes(i + 3)).then_some((half, i + 3))
            }
            letter @ ("a" | "p") => {
                // "p.m.", "p. m.", "p m"
                let stop = if read.symbol(i + 1, '.') { i + 2 } else { i + 1 };
                if read.is(stop, "m") {
                    let end = if read.symbol(stop + 1, '.') && (read.glued(stop + 1) || stop > i + 1) {
                        stop + 2
                    } else {
                        stop + 1
                    };
                    return Some((half(letter)?, end));
                }
                let at_before = i.checked_sub(2).is_some_and(|before| read.one_of(before, any!("at|@")))
                    || i.checked_sub(4).is_some_and(|before| read.one_of(before, any!("at|@")));
                // "from 9a to 11a"
                let range = read.one_of(i + 1, any!("to|until|and")) || read.dash(i + 1);
                let ranged =
                    |at: usize| i.checked_sub(at).is_some_and(|i| read.one_of(i, any!("to|until")) || read.dash(i));
                let short = token.glued && (letter == "p" || minutes || at_before || range || ranged(2));
                (short && (read.any_symbol(i + 1) || !read.glued(i + 1)))
                    .then_some((half(letter)?, read.skip_stop(i + 1)))
            }
            _ => None,
        }
    }

    /// Times of day that begin at `i`.
    pub(super) fn clocks_at(&self, i: usize) -> Vec<Item<Clock>> {
        let read = self.read;
        let mut found = Vec::new();
        let Some(token) = read.at(i) else { return found };
        if let Some((value, digits)) = token.number() {
            self.digit_clocks(i, value, digits, &mut found);
        } else {
            self.named_clocks(i, &mut found);
            self.spoken_clocks(i, &mut found);
        }
        self.counted_clocks(i, &mut found);
        found.retain(|item| read.ends_moment(item.end));
        found
    }

    fn digit_clocks(&self, i: usize, value: u32, digits: usize, found: &mut Vec<Item<Clock>>) {
        let read = self.read;
        let push = |found: &mut Vec<Item<Clock>>, end: usize, clock: Option<Clock>, need: Option<Need>| {
            if let Some(clock) = clock {
                found.push(Item::with_need(end, clock, need));
            }
        };
        // 15:30, 3:30:20 pm, 2026-01-01T15:30
        let two = |at: usize| read.digits(at).filter(|(_, digits)| *digits == 2).map(|(value, _)| value);
        let colon = read.tight_symbol(i + 1, ':');
        if digits <= 2 && colon {
            let Some(minute) = two(i + 2) else { return };
            let (second, end) = match read.tight_symbol(i + 3, ':').then(|| two(i + 4)).flatten() {
                Some(second) => (Some(second), i + 5),
                None => (None, i + 3),
            };
            // "5:32.19pm"
            let (second, end) = match read.tight_symbol(end, '.').then(|| two(end + 1)).flatten() {
                Some(dotted) if second.is_none() && dotted < 60 => (Some(dotted), end + 2),
                Some(_) | None => (second, end),
            };
            // Fractions of a second are dropped.
            let end = if second.is_some() && read.tight_symbol(end, '.') && read.digits(end + 1).is_some() {
                end + 2
            } else {
                end
            };
            if let Some((meridiem, after)) = self.meridiem_at(end, true) {
                push(found, after, with_meridiem(value, Some(minute), second, meridiem), None);
                return;
            }
            let at_before = i.checked_sub(1).is_some_and(|before| read.one_of(before, any!("at|@")));
            if at_before && (value > 24 || minute > 59) {
                // Kept, so that the resolution can say that there is no such time.
                found.push(Item::sure(end, clock(value, Some(minute), Meridiem::Exact)));
                return;
            }
            let exact = value > 12 || (digits == 2 && value < 10);
            let meridiem = if exact { Meridiem::Exact } else { Meridiem::Open };
            // "0:00" is rather a score; "00:15" is a time.
            let need = (digits == 1 && value == 0).then_some(Need::Hour);
            push(found, end, with_meridiem(value, Some(minute), second, meridiem), need);
            let after = if read.is(end, "o'clock") { end + 1 } else { end };
            if after > end {
                push(found, after, with_meridiem(value, Some(minute), second, meridiem), None);
            }
            return;
        }
        // 20270203T140500
        let after_t = i > 0 && read.is(i - 1, "t") && read.glued(i - 1) && read.glued(i);
        if after_t && (digits == 4 || digits == 6) {
            let (hours_minutes, second) = if digits == 6 { (value / 100, Some(value % 100)) } else { (value, None) };
            let clock = with_meridiem(hours_minutes / 100, Some(hours_minutes % 100), second, Meridiem::Exact);
            push(found, i + 1, clock, None);
            return;
        }
        // 8.30 pm, "at 17.30"
        if digits <= 2
            && read.tight_symbol(i + 1, '.')
            && let Some(minute) = two(i + 2)
        {
            if let Some((meridiem, after)) = self.meridiem_at(i + 3, true) {
                push(found, after, with_meridiem(value, Some(minute), None, meridiem), None);
            } else {
                push(
                    found,
                    i + 3,
                    with_meridiem(value, Some(minute), None, if value > 12 { Meridiem::Exact } else { Meridiem::Open }),
                    Some(Need::Hour),
                );
            }
            return;
        }
        // 15h, 15h30, 1530h, 1530 hours
        if read.is(i + 1, "h") && read.glued(i + 1) {
            if digits == 4 {
                push(found, i + 2, with_meridiem(value / 100, Some(value % 100), None, Meridiem::Exact), None);
            } else if digits <= 2 {
                if let Some(minute) = two(i + 2).filter(|_| read.glued(i + 2)) {
                    push(found, i + 3, with_meridiem(value, Some(minute), None, Meridiem::Exact), None);
                } else {
                    let sure = i.checked_sub(1).is_some_and(|before| read.one_of(before, any!("at|@|by|until")));
                    push(
                        found,
                        i + 2,
                        with_meridiem(value, None, None, Meridiem::Exact),
                        (!sure).then_some(Need::Hour),
                    );
                }
            }
        }
        if digits == 4 || digits == 3 {
            let (hour, minute) = (value / 100, value % 100);
            if let Some((meridiem, after)) = self.meridiem_at(i + 1, true) {
                push(found, after, with_meridiem(hour, Some(minute), None, meridiem), None);
            } else if digits == 4
                && read.one_of(i + 1, any!("hours|hrs"))
                && i.checked_sub(1).is_none_or(|b| !read.is(b, "in"))
            {
                push(found, i + 2, with_meridiem(hour, Some(minute), None, Meridiem::Exact), None);
            } else if digits == 4 {
                let meridiem = if (10..=12).contains(&hour) { Meridiem::Open } else { Meridiem::Exact };
                push(found, i + 1, with_meridiem(hour, Some(minute), None, meridiem), Some(Need::Hour));
            }
        }
        if digits <= 2 {
            self.hour_clocks(i, value, i + 1, found);
            // "at 3 15"
            if let Some(minute) = two(i + 1).filter(|minute| (1..=12).contains(&value) && (10..60).contains(minute))
                && !read.glued(i + 1)
                && read.closes(i + 2)
                && i.checked_sub(1).is_some_and(|before| read.one_of(before, any!("at|@")))
            {
                push(found, i + 2, with_meridiem(value, Some(minute), None, Meridiem::Open), Some(Need::Hour));
            }
        }
    }

    /// Hours in digits or words, the position after them given: "3pm", "three o'clock", "3".
    fn hour_clocks(&self, i: usize, hour: u32, end: usize, found: &mut Vec<Item<Clock>>) {
        let read = self.read;
        let spoken = read.digits(i).is_none();
        if let Some((meridiem, after)) = self.meridiem_at(end, false) {
            // "at one am I ready" is rarer than "one am".
            if ((1..=24).contains(&hour) || (hour == 0 && meridiem == Meridiem::Am))
                && let Some(clock) = with_meridiem(hour, None, None, meridiem)
            {
                found.push(Item::sure(after, clock));
            }
            if spoken || read.glued(end) {
                return;
            }
        }
        if let Some(count) = read.phrase(end, any!("o'clock|oclock|o clock|o ' clock")) {
            if (1..=24).contains(&hour) {
                let after = end + count;
                let (meridiem, after) = self.meridiem_at(after, false).unwrap_or((Meridiem::Open, after));
                if let Some(clock) = with_meridiem(hour, None, None, meridiem) {
                    found.push(Item::sure(read.skip_stop(after), clock));
                }
                // "1 o'clock midnight"
                if meridiem == Meridiem::Open
                    && read.is(after, "midnight")
                    && let Some(clock) = with_meridiem(hour, None, None, Meridiem::Am)
                {
                    found.push(Item::sure(after + 1, clock));
                }
            }
            return;
        }
        if read.is(end, "ish") && (1..=12).contains(&hour) {
            found.extend(with_meridiem(hour, None, None, Meridiem::Open).map(|clock| Item::sure(end + 1, clock)));
        }
        if (0..=24).contains(&hour)
            && !read.one_of(end, any!("st|nd|rd|th"))
            && let Some(clock) = with_meridiem(hour, None, None, Meridiem::Open)
        {
            found.push(Item::latent(end, clock, Need::Hour));
            if read.one_of(end, any!("sharp|exactly")) {
                found.push(Item::sure(end + 1, clock));
            }
        }
    }

    fn named_clocks(&self, i: usize, found: &mut Vec<Item<Clock>>) {
        let read = self.read;
        let noon = clock(12, None, Meridiem::Pm);
        if let Some(count) = read
            .phrase(i, any!("noon - ish|noon|noonish|midday|noontime|12 noon|twelve noon|mid day|mid - day|high noon"))
        {
            found.push(Item::sure(i + count, noon));
        }
        if let Some(count) = read.phrase(i, any!("midnight|mid night|mid - night")) {
            found.push(Item::sure(i + count, Clock { midnight: true, ..clock(0, None, Meridiem::Exact) }));
        }
    }
}
