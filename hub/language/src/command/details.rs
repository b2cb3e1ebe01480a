//! Another title or place for an appointment: "rename it to Deep work", "call it Pizza", "set the location to Mario's".
//!
//! Titles are kept as they are written, times in them included. "Call it a day" and "call it off" name nothing.

use super::{
    appointment::{NOUNS, foreign},
    sentence::Sentence,
    slots::{self, GENERIC},
    types::{Command, Which},
};
use crate::lexer::phrases::{Phrases, any};

/// What has no title, or none that is changed here.
const OTHERS: &Phrases = any!(
    "reminder|reminders|alarm|alarms|timer|timers|list|lists|contact|contacts|project|projects|task|tasks|agent|my name|\
    my location|your name|your location"
);
const PRONOUNS: &Phrases = any!("it|that|this|the meeting|the appointment|the event|that meeting|this meeting");

/// A change of a title or a place, if it is one.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    if sentence.asks() || sentence.has(OTHERS) {
        return None;
    }
    named(sentence).or_else(|| renamed(sentence)).or_else(|| placed(sentence))
}

/// "Call it Pizza with Anna".
fn named(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let at = sentence.opens(any!("call it|name it|title it|call that|name that"))?;
    let other = any!("off|a day|a night|quits|even|again|up|back|in|out|now|later|down|what|when|if|a wrap|on|at");
    if sentence.any_at(at, other).is_some() || sentence.in_time(at) {
        return None;
    }
    let title = slots::title(sentence.written(at..sentence.end))?;
    Some(Command::EditAppointment { which: it(), title: Some(title), place: None })
}

/// "Rename the meeting with John to Kickoff", "change the title to Kickoff".
fn renamed(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let at = sentence.opens(any!("rename|retitle|change|set|update"))?;
    let plain = sentence.opens(any!("rename|retitle")) == Some(at);
    let noun = sentence.any_at(at, any!("the title|the name|its title|its name"));
    if !plain && noun.is_none() {
        return None;
    }
    let (which, to) = target(sentence, at + noun.unwrap_or(0), plain)?;
    let title = slots::title(sentence.written(to..sentence.end))?;
    Some(Command::EditAppointment { which, title: Some(title), place: None })
}

/// "Set the location to Mario's", "change the place of the dentist to Main Street 5".
fn placed(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let at = sentence.opens(any!("set|change|move|update|make"))?;
    let noun = sentence.any_at(at, any!("the location|the place|the venue|its location|its place|its venue"))?;
    let (which, to) = target(sentence, at + noun, false)?;
    let place = slots::cleaned(sentence.written(to..sentence.end));
    (!place.is_empty()).then_some(Command::EditAppointment { which, title: None, place: Some(place) })
}

/// Which one the words from `at` to the first "to" name, and where the new words begin.
fn target(sentence: &Sentence<'_, '_>, at: usize, plain: bool) -> Option<(Which, usize)> {
    let of = usize::from(matches!(sentence.word(at), "of" | "for"));
    let to = (at..sentence.end).find(|i| matches!(sentence.word(*i), "to" | "as" | "into"))?;
    let named = at + of..to;
    if to + 1 >= sentence.end || plain && named.is_empty() {
        return None;
    }
    if named.is_empty() || sentence.any_at(named.start, PRONOUNS) == Some(named.len()) {
        return Some((it(), to + 1));
    }
    let mut part = Sentence::new(sentence.written(named), sentence.context);
    if foreign(&part) || plain && !(part.has(NOUNS) || part.has(any!("with|my|the"))) {
        return None;
    }
    let when = part.take_when(false);
    Some((Which { when, ..part.which(GENERIC) }, to + 1))
}

fn it() -> Which {
    Which { pronoun: true, ..Which::default() }
}
