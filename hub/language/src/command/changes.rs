//! What the Boss did: "what did you do today", "what did I book yesterday".
//!
//! What was called off has a question of its own, in `agenda.rs`.

use chrono::{Days, NaiveDate};

use super::{
    sentence::Sentence,
    types::{AgendaRange, Command},
};
use crate::lexer::phrases::{Phrases, any};

const ASKED: &Phrases = any!(
    "what did you do|what have you done|what've you done|what did you change|what have you changed|what did you book|\
    what have you booked|what did you set|what have you set|what did you set up|what have you set up|what did you move|\
    what have you moved|what did you add|what have you added|what did you schedule|what have you scheduled|\
    what did i book|what have i booked|what did i change|what have i changed|what did i add|what have i added|\
    what did i move|what have i moved|what did i set up|what changes did you make|what changes have you made|\
    which changes did you make|which changes have you made|what changes did i make|what changed|what has changed|\
    what was changed|what has been changed|what was booked|what was done|what has been done|what have you been doing|\
    what have you been up to|show me what you did|show me what you have done|show me what you've done|show what you did|\
    show me what you changed|show me what you have changed|tell me what you did|tell me what you changed|\
    tell me what you have done|list what you did|list what you changed|list what you have done|show me your changes|\
    show your changes|list your changes|show me the changes|show the changes|list the changes|show me my changes|\
    show my changes|list my changes|show me all changes|show me the receipts|show me your receipts|show receipts"
);

const AROUND: &Phrases = any!(
    "for me|on my calendar|in my calendar|to my calendar|on the calendar|in the calendar|so far|lately|recently|\
    by yourself|made|with my calendar|all|exactly"
);

const WEEKDAYS: &Phrases = any!("monday|tuesday|wednesday|thursday|friday|saturday|sunday");

/// A question about what was changed, if it is one.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let mut sentence = sentence.clone();
    let at = sentence.opens(ASKED)?;
    let start = sentence.start;
    sentence.mark(start..at);
    let when = sentence.take_when(false);
    while let Some(range) = sentence.find_unread(AROUND) {
        sentence.mark(range);
    }
    if (at..sentence.end).any(|i| sentence.is_word(i) && !sentence.is_read(i)) {
        return None;
    }
    let today = sentence.context.now.date_naive();
    let mut range = when.as_ref().map_or(AgendaRange::Any, |when| sentence.agenda_range(when));
    if let AgendaRange::Day(day) = &mut range
        && *day > today
        && sentence.has(WEEKDAYS)
        && !sentence.has(any!("for|next|coming"))
    {
        // What was done on Monday was done on the last one.
        *day = *day - Days::new(7);
    }
    // "What did I book for tomorrow" asks what is on that day.
    begins_by(&range, today).then_some(Command::ListChanges { range })
}

fn begins_by(range: &AgendaRange, today: NaiveDate) -> bool {
    match range {
        AgendaRange::Day(first) | AgendaRange::Week(first) | AgendaRange::Month(first) => *first <= today,
        AgendaRange::Interval { start, .. } => start.is_none_or(|start| start.date_naive() <= today),
        AgendaRange::Next => false,
        AgendaRange::Any => true,
    }
}
