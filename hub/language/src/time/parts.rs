//! Family: parts of the day. "in the morning", "late at night", "at lunchtime", "end of the day".

use super::{
    chart::{Chart, Item, Need},
    expression::Part,
};
use crate::lexer::phrases::any;

impl Chart<'_> {
    /// Parts of the day that begin at `i`.
    pub(super) fn parts_at(&self, i: usize) -> Vec<Item<Part>> {
        let read = self.read;
        let mut found = Vec::new();
        let (start, trigger) = match read.phrase(i, any!("in the|during the|at the|in|at|during|by the|the")) {
            Some(count) => (i + count, !read.is(i, "the")),
            None => (i, false),
        };
        // "first thing tomorrow"
        if let Some(count) = read.phrase(i, any!("first thing in the morning|first thing")) {
            found.push(Item::latent(i + count, Part::Morning, Need::Part));
        }
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
            Some("lunch") if read.is(i, "at") && read.closes(noun + 1) => Part::Lunch,
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
