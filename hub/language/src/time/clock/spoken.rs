//! Times of day as they are spoken: seven thirty, half past seven, a quarter to eight, ten past three.

use super::with_meridiem;
use crate::{
    lexer::phrases::any,
    time::{
        chart::{Chart, Item, Need},
        expression::{Clock, Meridiem},
    },
};

impl Chart<'_> {
    /// "seven", "seven thirty", "seven oh five", "seven hundred".
    pub(super) fn spoken_clocks(&self, i: usize, found: &mut Vec<Item<Clock>>) {
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
    pub(super) fn counted_clocks(&self, i: usize, found: &mut Vec<Item<Clock>>) {
        let read = self.read;
        // British "half seven" is half past seven.
        if read.is(i, "half")
            && let Some((hour, end)) =
                read.small_number(i + 1).or_else(|| read.digits(i + 1).map(|(hour, _)| (hour, i + 2)))
            && (1..=12).contains(&hour)
            && read.closes(end)
            && !read.one_of(end, any!("of|and"))
            && let Some(clock) = with_meridiem(hour, Some(30), None, Meridiem::Open)
        {
            found.push(Item::latent(end, clock, Need::Hour));
        }
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
        let five = minutes % 5 == 0 && minutes <= 30;
        // "20 after 3" counts minutes, "5 after 5" people; "15 to noon" cannot be a range.
        let after = read.is(at, "after") && (named || said_minutes || five && minutes > 12);
        let past = if read.one_of(at, any!("past")) || after {
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
            let noon = minutes > 12 && read.one_of(at + 1, any!("noon|midnight|midday"));
            let range = bare && !past && !noon && (minutes <= 24 || item.need.is_some());
            if range || bare && past && read.is(at, "after") && !five {
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
}
