//! Family: days with a name. Christmas Eve, Thanksgiving, Easter Monday, last Christmas.
//!
//! Days that the whole English-speaking world or the United States know by name; public holidays of a region are the
//! business of a calendar.

use chrono::Weekday;

use super::{
    chart::{Chart, Item},
    expression::{Anchor, Date, Holiday, Relation},
};
use crate::lexer::phrases::{Phrases, any};

const HOLIDAYS: &[(&Phrases, Holiday)] = &[
    (any!("christmas eve|xmas eve"), Holiday::Fixed { month: 12, day: 24 }),
    (any!("christmas day|christmas|xmas"), Holiday::Fixed { month: 12, day: 25 }),
    (any!("boxing day"), Holiday::Fixed { month: 12, day: 26 }),
    (any!("new year eve|new years eve"), Holiday::Fixed { month: 12, day: 31 }),
    (any!("new year day|new years day|new years"), Holiday::Fixed { month: 1, day: 1 }),
    (any!("valentine day|valentines day"), Holiday::Fixed { month: 2, day: 14 }),
    (any!("st patrick day"), Holiday::Fixed { month: 3, day: 17 }),
    (any!("april fools day|april fools"), Holiday::Fixed { month: 4, day: 1 }),
    (any!("earth day"), Holiday::Fixed { month: 4, day: 22 }),
    (any!("may day"), Holiday::Fixed { month: 5, day: 1 }),
    (any!("independence day"), Holiday::Fixed { month: 7, day: 4 }),
    (any!("juneteenth"), Holiday::Fixed { month: 6, day: 19 }),
    (any!("halloween"), Holiday::Fixed { month: 10, day: 31 }),
    (any!("veterans day"), Holiday::Fixed { month: 11, day: 11 }),
    (any!("martin luther king day|mlk day"), Holiday::Nth { month: 1, weekday: Weekday::Mon, nth: 3 }),
    (any!("presidents day"), Holiday::Nth { month: 2, weekday: Weekday::Mon, nth: 3 }),
    (any!("mother day|mothers day"), Holiday::Nth { month: 5, weekday: Weekday::Sun, nth: 2 }),
    (any!("memorial day"), Holiday::Nth { month: 5, weekday: Weekday::Mon, nth: -1 }),
    (any!("father day|fathers day"), Holiday::Nth { month: 6, weekday: Weekday::Sun, nth: 3 }),
    (any!("labor day|labour day"), Holiday::Nth { month: 9, weekday: Weekday::Mon, nth: 1 }),
    (any!("columbus day"), Holiday::Nth { month: 10, weekday: Weekday::Mon, nth: 2 }),
    (any!("thanksgiving day|thanksgiving"), Holiday::Nth { month: 11, weekday: Weekday::Thu, nth: 4 }),
    (any!("black friday"), Holiday::Nth { month: 11, weekday: Weekday::Fri, nth: 4 }),
    (any!("good friday"), Holiday::Easter(-2)),
    (any!("easter sunday|easter"), Holiday::Easter(0)),
    (any!("easter monday"), Holiday::Easter(1)),
];

impl Chart<'_> {
    /// Days with a name that begin at `i`; "last" and "next" count from today.
    pub(super) fn holidays(&self, i: usize, found: &mut Vec<Item<Date>>) {
        let read = self.read;
        let (relation, at) = self.relation_at(i).unwrap_or((Relation::Bare, i + usize::from(read.is(i, "the"))));
        if let Some((holiday, end)) = self.holiday_at(at) {
            found.push(Item::sure(end, Date::anchored(Anchor::Holiday { holiday, relation })));
        }
    }

    /// The day whose name stands at `i`, and the position after it.
    pub(super) fn holiday_at(&self, i: usize) -> Option<(Holiday, usize)> {
        HOLIDAYS.iter().find_map(|(names, holiday)| Some((*holiday, i + self.read.phrase(i, names)?)))
    }
}
