//! How constraints that stand side by side become one moment: "Tuesday the 19th at 3 in the afternoon, Berlin time".
//!
//! A moment is a piece, or a piece intersected with a moment to its right. The words between them ("at", "on", ",",
//! "of") belong to the grammar; a preposition also tells that a latent reading is meant ("at 3", "on the 15th").

use super::{
    chart::{Chart, Item, Need},
    expression::{Anchor, Date, Moment, Part},
};
use crate::lexer::phrases::{Phrases, any};
use crate::lexer::vocabulary::Unit;

/// Most readings kept in one cell. Longer ones are kept first.
const MOST_READINGS: usize = 40;

/// Prepositions, and which latent readings they make certain.
const TRIGGERS: &[(&str, &[Need])] = &[
    ("at", &[Need::Hour, Need::Part]),
    ("@", &[Need::Hour, Need::Part]),
    ("on", &[Need::DayOfMonth, Need::Numeric, Need::Weekday]),
    ("in", &[Need::Month, Need::Year]),
    ("during", &[Need::Month, Need::Year, Need::Part]),
    ("for", &[Need::DayOfMonth, Need::Weekday, Need::Part]),
    ("around", &[Need::Hour]),
    ("about", &[]),
    ("approximately", &[Need::Hour]),
    ("circa", &[Need::Hour]),
    ("by", &[Need::Hour, Need::DayOfMonth, Need::Month, Need::Weekday]),
    ("to", &[]),
    ("from", &[]),
    ("of", &[]),
];

/// Adverbs that change nothing: "exactly at noon", "at about 3".
const FILLERS: &Phrases = any!("about|around|exactly|approximately|roughly|say|like|~|precisely");

impl Chart<'_> {
    /// Single constraints that begin at `i`.
    pub(super) fn pieces_at(&self, i: usize) -> Vec<Item<Moment>> {
        let read = self.read;
        let mut found: Vec<Item<Moment>> = Vec::new();
        for item in self.dates(i) {
            found.push(Item::with_need(item.end, Moment::date(item.value.clone()), item.need));
        }
        for item in self.clocks(i) {
            let moment = Moment { clock: Some(item.value), ..Moment::default() };
            for zone in self.zones(item.end) {
                if item.need.is_none() || read.is_word(item.end) {
                    found.push(Item::sure(zone.end, Moment { zone: Some(zone.value), ..moment.clone() }));
                }
            }
            found.push(Item::with_need(item.end, moment, item.need));
        }
        for item in self.parts(i) {
            found.push(Item::with_need(item.end, Moment { part: Some(item.value), ..Moment::default() }, item.need));
        }
        if let Some(count) = read.phrase(
            i,
            any!("now|right now|just now|at the moment|at this moment|immediately|right away|asap|straight away"),
        ) {
            let sure = read.closes(i + count);
            found.push(Item::with_need(
                i + count,
                Moment { now: true, ..Moment::default() },
                (!sure).then_some(Need::Part),
            ));
        }
        let day_part = |days: i64, part: Part| Moment {
            date: Some(Date::anchored(Anchor::Day(days))),
            part: Some(part),
            ..Moment::default()
        };
        for (phrases, days, part) in [
            (any!("tonight|this night|later tonight"), 0, Part::Evening),
            (any!("this evening"), 0, Part::Evening),
            (any!("this morning"), 0, Part::Morning),
            (any!("this afternoon|later this afternoon"), 0, Part::Afternoon),
            (any!("last night"), -1, Part::Night),
            (any!("last evening"), -1, Part::Evening),
        ] {
            if let Some(count) = read.phrase(i, phrases) {
                found.push(Item::sure(i + count, day_part(days, part)));
            }
        }
        if let Some(count) = read.phrase(i, any!("later today|earlier today|at this time|this day")) {
            found.push(Item::sure(i + count, Moment::date(Date::anchored(Anchor::Day(0)))));
        }
        self.shifts_at(i, &mut found);
        found.retain(|item| read.ends_moment(item.end));
        found
    }

    /// Single constraints that begin at `i`, with or without a preposition in front.
    pub(super) fn steps_at(&self, i: usize) -> Vec<Item<Moment>> {
        let read = self.read;
        let mut found = self.pieces(i).to_vec();
        // A preposition in front belongs to the moment and may settle what it means.
        let Some((_, needs)) = TRIGGERS.iter().find(|(word, _)| read.is(i, word)) else { return found };
        let mut at = i + 1;
        let mut needs: Vec<Need> = needs.to_vec();
        if read.one_of(at, FILLERS) {
            if read.is(at, "around") || read.is(i, "at") {
                needs.push(Need::Hour);
            }
            at += 1;
        }
        for item in self.pieces(at) {
            if item.value.is_shift() && !read.one_of(i, any!("for|on|at|by|around|about")) {
                continue;
            }
            // "of", "to" and "from" belong to ranges and periods first.
            if read.one_of(i, any!("of|to|about")) || read.is(i, "from") && item.need.is_none() {
                continue;
            }
            let settled = match item.need {
                Some(Need::Hour) => needs.contains(&Need::Hour) && self.bare_hour_fits(item),
                Some(Need::DayOfMonth) => needs.contains(&Need::DayOfMonth) && read.closes(item.end),
                Some(Need::Month) => needs.contains(&Need::Month) && (read.closes(item.end) || read.is(i, "in")),
                Some(Need::Numeric) => needs.contains(&Need::Numeric) || read.is(i, "in"),
                Some(need) => needs.contains(&need),
                None => true,
            };
            let need = item.need.filter(|_| !settled);
            found.push(Item::with_need(item.end, item.value.clone(), need).made_of(item.latent));
        }
        found
    }

    /// Moments that begin at `i`: steps, each intersected with those that follow.
    pub(super) fn moments_at(&self, i: usize) -> Vec<Item<Moment>> {
        let mut found: Vec<Item<Moment>> = self.steps(i).to_vec();
        let mut next = 0;
        while let Some(item) = found.get(next).cloned() {
            next += 1;
            if found.len() < MOST_READINGS {
                self.extend(&item, &mut found);
            }
        }
        found.sort_by(|a, b| {
            b.end.cmp(&a.end).then(a.need.is_some().cmp(&b.need.is_some())).then(a.latent.cmp(&b.latent))
        });
        found.dedup_by(|a, b| a.end == b.end && a.value == b.value);
        found
    }

    /// Whether nothing that the bare number could count stands behind it.
    fn bare_hour_fits(&self, item: &Item<Moment>) -> bool {
        let read = self.read;
        let dotted = item.end >= 2 && read.symbol(item.end - 2, '.') && read.digits(item.end - 1).is_some();
        let percent = read.one_of(item.end, any!("percent|kilograms|kg|%"));
        // "at 8.17" is no time of day, "at 8.15" is.
        if dotted && item.value.clock.is_some_and(|clock| clock.minute.is_some_and(|minute| minute % 5 != 0)) {
            return false;
        }
        // "at 8 - 8.5" and "at 6-14" are no times.
        let range = read.dash(item.end) && read.digits(item.end + 1).is_some();
        !percent
            && !range
            && (read.closes(item.end)
                || (read.is_word(item.end)
                    && read.unit(item.end).is_none()
                    && item.value.clock.is_some_and(|c| c.minute.is_some())))
    }

    /// Intersects a reading with each step that follows it.
    fn extend(&self, item: &Item<Moment>, found: &mut Vec<Item<Moment>>) {
        let read = self.read;
        let mut starts = vec![item.end];
        let dash = read.dash(item.end) && read.glued(item.end) == read.glued(item.end + 1);
        if read.symbol(item.end, ',') || dash {
            starts.push(item.end + 1);
        }
        // "the Sunday from last week"
        if read.is(item.end, "from")
            && item.value.date.as_ref().is_some_and(|date| date.weekday.is_some())
            && self.relation_at(item.end + 1).is_some_and(|(_, at)| read.unit(at) == Some(Unit::Week))
        {
            starts.push(item.end + 1);
        }
        if read.is(item.end, "of") || (read.is(item.end, "t") && read.glued(item.end)) {
            starts.push(item.end + 1);
        }
        // Behind a part of the day: "8 in the morning Berlin time".
        if item.value.clock.is_some() && item.value.part.is_some() && item.value.zone.is_none() {
            for zone in self.zones(item.end) {
                let zoned = Moment { zone: Some(zone.value), ..item.value.clone() };
                found.push(Item::sure(zone.end, zoned).made_of(item.latent));
            }
        }
        self.late_year(item, found);
        for start in starts {
            let joined = start != item.end && dash;
            for next in self.steps(start) {
                if joined && !(item.value.date.as_ref().is_some_and(Date::is_dated) && next.value.date.is_none()) {
                    continue;
                }
                let Some(merged) = item.value.intersect(&next.value) else { continue };
                let Some(need) = self.joint_need(item, next, joined) else { continue };
                // "June 4, 2028" has a year, not twenty-eight past eight.
                let compact =
                    read.digits(start).is_some_and(|(_, digits)| digits == 4) && next.need == Some(Need::Hour);
                if compact && item.value.date.as_ref().is_some_and(|date| date.day.is_some() || date.exact.is_some()) {
                    continue;
                }
                found.push(Item::with_need(next.end, merged, need).made_of(item.latent + next.latent));
            }
        }
    }

    /// "Wed Dec 2 11:40:09 2026": the year behind the time of day.
    fn late_year(&self, item: &Item<Moment>, found: &mut Vec<Item<Moment>>) {
        let Some(date) = item.value.date.as_ref().filter(|date| date.day.is_some() && date.month.is_some()) else {
            return;
        };
        if date.year.is_some() || item.value.clock.is_none_or(|clock| clock.minute.is_none()) {
            return;
        }
        if let Some((year, end)) = self.year_at(item.end, false) {
            let dated = Moment { date: Some(Date { year: Some(year), ..date.clone() }), ..item.value.clone() };
            found.push(Item::sure(end, dated).made_of(item.latent));
        }
    }

    /// What two readings side by side still need; `None` when they do not belong together.
    #[allow(clippy::option_option, reason = "no need and no reading are two different things")]
    fn joint_need(&self, item: &Item<Moment>, next: &Item<Moment>, joined: bool) -> Option<Option<Need>> {
        let read = self.read;
        Some(match (item.need, next.need) {
            (Some(Need::Hour), None) if !hour_beside(&item.value, &next.value) => return None,
            // "9-5 on Monday" are hours, not the fifth of September.
            (Some(Need::Numeric), None) if weekday_alone(&next.value) => return None,
            (None, Some(Need::Hour)) => {
                let clock = next.value.clock?;
                let bare = clock.minute.is_none();
                if bare && (joined || clock.hour > 12 || !read.closes(next.end)) {
                    return None;
                }
                None
            }
            (None, Some(Need::Year | Need::DayOfMonth | Need::Numeric)) if item.value.clock.is_some() => return None,
            (None, _) | (_, None) | (Some(Need::Weekday), Some(Need::DayOfMonth)) => None,
            (Some(Need::Part), Some(Need::Hour)) | (Some(Need::Weekday), Some(Need::Hour | Need::Part)) => {
                Some(Need::Part)
            }
            (Some(a), Some(_)) => Some(a),
        })
    }
}

/// A weekday and nothing else.
fn weekday_alone(moment: &Moment) -> bool {
    let date = moment.date.as_ref();
    moment.clock.is_none()
        && date.is_some_and(|date| date.weekday.is_some() && date.day.is_none() && date.month.is_none())
}

/// "10 tomorrow", "7 tonight": a bare hour right before a day or a part of it.
fn hour_beside(piece: &Moment, next: &Moment) -> bool {
    let Some(clock) = piece.clock else { return false };
    let day = next.date.as_ref().is_some_and(Date::is_day);
    clock.minute.is_some() || (clock.hour <= 12 && (day || next.part.is_some()))
}

impl Date {
    /// Whether it names its day by date, so that a dash behind it joins a time of day.
    fn is_dated(&self) -> bool {
        self.exact.is_some() || self.day.is_some() || self.weekday.is_some()
    }
}
