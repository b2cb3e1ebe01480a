//! Family: times of day and parts of the day.
//!
//! 3pm, 3:30 PM, 15:30, 1530h, 15h30, noon, half past three, quarter to four, three thirty pm, o'clock; "in the
//! morning". Which half of the day a bare hour means is not decided here.

use super::{
    chart::{Chart, Item, Need},
    expression::{Clock, Meridiem, Part},
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
                let short = token.glued && (letter == "p" || minutes || at_before);
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
        if let Some(count) =
            read.phrase(i, any!("noon|noonish|midday|noontime|12 noon|twelve noon|mid day|mid - day|high noon"))
        {
            found.push(Item::sure(i + count, noon));
        }
        if let Some(count) = read.phrase(i, any!("midnight|mid night|mid - night")) {
            found.push(Item::sure(i + count, Clock { midnight: true, ..clock(0, None, Meridiem::Exact) }));
        }
    }

    /// "seven", "seven thirty", "seven oh five", "seven hundred".
    fn spoken_clocks(&self, i: usize, found: &mut Vec<Item<Clock>>) {
        let read = self.read;
        let Some((hour, after_hour)) = read.small_number(i) else { return };
        if hour > 24 {
            return;
        }
        self.hour_clocks(i, hour, after_hour, found);
        let mut minute_at = |minute: u32, end: usize, certain: bool| {
            let (meridiem, after, sure) = match self.meridiem_at(end, true) {
                Some((meridiem, after)) => (meridiem, after, true),
                None => (Meridiem::Open, end, certain),
            };
            if let Some(clock) = with_meridiem(hour, Some(minute), None, meridiem) {
                found.push(Item::with_need(after, clock, (!sure).then_some(Need::Hour)));
            }
        };
        if read.is(after_hour, "hundred") {
            // Transcribed "8:00" and "5:20".
            let rest = if read.is(after_hour + 1, "and") { after_hour + 2 } else { after_hour + 1 };
            match read.small_number(rest) {
                Some((minute, end)) if minute < 60 => minute_at(minute, end, false),
                Some(_) | None => {
                    let hours = read.is(after_hour + 1, "hours");
                    minute_at(0, after_hour + 1 + usize::from(hours), hours);
                }
            }
            return;
        }
        if read.one_of(after_hour, any!("oh|o"))
            && let Some((minute, end)) = read.small_number(after_hour + 1).filter(|(minute, _)| *minute < 10)
        {
            minute_at(minute, end, false);
            return;
        }
        let after = if read.dash(after_hour) && read.glued(after_hour) { after_hour + 1 } else { after_hour };
        if let Some((minute, end)) = read.small_number(after).filter(|(minute, _)| (10..60).contains(minute)) {
            minute_at(minute, end, false);
        }
    }

    /// "half past seven", "a quarter to 8", "ten past three", "20 minutes before 5".
    fn counted_clocks(&self, i: usize, found: &mut Vec<Item<Clock>>) {
        let read = self.read;
        let (minutes, mut at, named) = if let Some(count) = read.phrase(i, any!("half")) {
            (30, i + count, true)
        } else if let Some(count) = read.phrase(i, any!("a quarter|quarter")) {
            (15, i + count, true)
        } else if let Some((minutes, end)) = read.cardinal(i).filter(|(minutes, _)| (1..60).contains(minutes)) {
            (minutes, end, false)
        } else {
            return;
        };
        let mut said_minutes = false;
        if read.one_of(at, any!("minutes|minute|min|mins")) {
            at += 1;
            said_minutes = true;
        }
        let past = if read.one_of(at, any!("past")) || (read.is(at, "after") && (named || said_minutes)) {
            true
        } else if ((minutes == 15 || !named) && read.one_of(at, any!("to|of")))
            || read.one_of(at, any!("till|until|before")) && (named || said_minutes)
        {
            false
        } else {
            return;
        };
        if read.is(at, "of") && !named {
            return;
        }
        for item in self.clocks(at + 1) {
            if item.value.minute.is_some() {
                continue;
            }
            // "5 to 6" is a range before it is a time.
            let bare = !named && !said_minutes && read.digits(i).is_some();
            if bare && (item.need.is_some() || !past) && !(past && minutes > 12) {
                continue;
            }
            if !named && !said_minutes && !past && minutes < 13 && minutes % 5 != 0 {
                continue;
            }
            let hour = item.value.hour;
            let mut clock = item.value;
            clock.midnight = false;
            if past {
                clock.minute = Some(minutes);
            } else {
                clock.minute = Some(60 - minutes);
                // "quarter to twelve" is before noon, "quarter to seven" in the morning like seven.
                clock.said = if hour == 12 { 11 } else { hour };
                (clock.hour, clock.meridiem) = match (hour, clock.meridiem) {
                    (0, _) => (23, Meridiem::Exact),
                    (12, Meridiem::Pm) => (11, Meridiem::Am),
                    (12, Meridiem::Am) => (11, Meridiem::Pm),
                    (1, other) => (12, other),
                    (hour, other) => (hour - 1, other),
                };
            }
            found.push(Item::sure(item.end, clock));
        }
    }

    /// Parts of the day that begin at `i`.
    pub(super) fn parts_at(&self, i: usize) -> Vec<Item<Part>> {
        let read = self.read;
        let mut found = Vec::new();
        let (start, trigger) = match read.phrase(i, any!("in the|during the|at the|in|at|during|by the|the")) {
            Some(count) => (i + count, !read.is(i, "the")),
            None => (i, false),
        };
        let early = read.one_of(start, any!("early|earlier"));
        let late = read.one_of(start, any!("late|mid")) && !read.is(start + 1, "night") || read.is(start, "late");
        let noun = if early || late { start + 1 } else { start };
        let noun = if (early || late) && read.is(noun, "in") && read.is(noun + 1, "the") { noun + 2 } else { noun };
        let noun = if (early || late) && read.dash(noun) { noun + 1 } else { noun };
        let part = match read.at(noun).map(|token| token.word.as_str()) {
            Some("morning" | "mornin" | "morn") if early => Part::EarlyMorning,
            Some("morning" | "mornin" | "morn") => Part::Morning,
            Some("afternoon" | "arvo") => Part::Afternoon,
            Some("evening") => Part::Evening,
            // "Call Eve", "with Eve": somebody's name.
            Some("eve")
                if !noun.checked_sub(1).is_some_and(|before| {
                    read.one_of(before, any!("with|and|to|call|for|from|meet|tell|text|email|see|visit|ask"))
                }) =>
            {
                Part::Evening
            }
            Some("night" | "nighttime") => Part::Night,
            Some("lunch") if read.is(noun + 1, "time") => {
                found.push(Item::latent(noun + 2, Part::Lunch, Need::Part));
                return found;
            }
            Some("lunchtime") => Part::Lunch,
            Some("eod" | "cob") => {
                found.push(Item::sure(noun + 1, Part::EndOfDay));
                return found;
            }
            Some("end" | "close") => {
                if let Some(count) = read.phrase(
                    noun,
                    any!(
                        "end of the day|end of day|end of business day|end of business|close of business|\
                        end of the workday|end of work"
                    ),
                ) {
                    found.push(Item::sure(noun + count, Part::EndOfDay));
                }
                return found;
            }
            _ => return found,
        };
        // "at night" and "in the morning" are times by themselves, "morning" is not.
        let sure = trigger
            && (read.is(i, "in")
                || read.is(i, "during")
                || read.one_of(noun, any!("night"))
                || read.one_of(noun, any!("lunchtime")));
        let glued_compound = read.dash(noun + 1) && read.glued(noun + 1) && read.glued(noun + 2);
        if !glued_compound {
            found.push(Item::with_need(noun + 1, part, (!sure).then_some(Need::Part)));
        }
        found
    }
}
