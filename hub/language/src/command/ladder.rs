//! What is said about reminders that exist or are about to: seen, done, moved, and several of them before an appointment.

use super::{
    reminder::{NOUNS, which},
    sentence::Sentence,
    slots::GENERIC,
    types::{Command, Which},
};
use crate::{
    lexer::phrases::{Phrases, any},
    time::{self, Span},
};

/// Done: nothing more of it is wanted.
const DONE: &Phrases = any!(
    "done|i'm done|it's done|that's done|done with that|done with it|finished|i did it|i did that|i've done it|\
    i've done that|completed|mark it done|mark as done|mark that done|mark it as done|all done|got it done|already done|\
    i already did|i already did it|mark done|taken care of|did it|thanks did it|thanks i did it|thanks done|ok done|\
    okay done|yes done|done thanks|did that|just did it|just did|i'm up|im up|i'm awake|im awake|stop ringing|stop beeping"
);

/// Seen: it need not be said again.
const SEEN: &Phrases =
    any!("acknowledged|acknowledge|ack|got it|check|roger|noted|understood|i saw it|seen|i've seen it");

const BEFORE: &Phrases = any!(
    "before it starts|before it|before that|beforehand|before hand|in advance|ahead of time|ahead of it|ahead of|before|\
    prior to it|prior to|prior"
);

const REMIND: &Phrases = any!(
    "remind me|remind us|notify me|alert me|warn me|ping me|set a reminder|set reminders|set me a reminder|\
    add a reminder|add reminders|i want reminders|i want to be reminded|give me a reminder|send me a reminder"
);

const MOVE: &Phrases = any!(
    "move|reschedule|push back|push|postpone|shift|bring forward|delay|change|update|put off|move back|switch|adjust|set"
);

/// "Done", "got it", "mark call mom as done".
pub(super) fn answer(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let whole = sentence.whole();
    if sentence.is_one_of(DONE) || whole.words_are(DONE) {
        return Some(Command::AcknowledgeReminder { which: Which::default(), settled: true });
    }
    if sentence.is_one_of(SEEN) || whole.words_are(SEEN) {
        return Some(Command::AcknowledgeReminder { which: Which::default(), settled: false });
    }
    let mut sentence = sentence.clone();
    // "Check off call mom" is left to the lists: what is on none of them is looked for among the reminders.
    let at = sentence.opens(any!("mark|i'm done with|done with|i've finished with|finished with"))?;
    let marks = sentence.opens(any!("mark")).is_some();
    let end = sentence.find(any!("as done|as finished|as completed|done|completed")).filter(|end| end.start > at);
    if marks && end.as_ref().is_none_or(|end| end.end != sentence.end) {
        return None;
    }
    let start = sentence.start;
    sentence.mark(start..at);
    if let Some(end) = end.filter(|_| marks) {
        sentence.mark(end);
    }
    let which = which(sentence);
    which.title.is_some().then_some(Command::AcknowledgeReminder { which, settled: true })
}

/// "Move the reminder to call mom to 6", "change my alarm to 7:30".
pub(super) fn moving(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let at = sentence.opens(MOVE)?;
    let noun = sentence.find(NOUNS).filter(|noun| noun.start < sentence.start + 8)?;
    // "Set a reminder to …" makes one; what is moved is known.
    let indefinite = sentence.any_at(at, any!("a|an|another|new|up|me|reminder|reminders|alarm|alarms")).is_some();
    if sentence.word(sentence.start) == "set" && indefinite || sentence.has(any!("appointment|meeting")) {
        return None;
    }
    let target =
        (noun.start..sentence.end).rev().filter(|i| matches!(sentence.word(*i), "to" | "until" | "for" | "by"));
    for i in target {
        let mut part = Sentence::new(sentence.written(i + 1..sentence.end), sentence.context);
        let mut known = Sentence::new(sentence.written(at..i), sentence.context);
        let begins = |part: &Sentence<'_, '_>| part.times.iter().any(|(_, range)| range.start <= part.start + 1);
        if sentence.word(i) == "by" || sentence.word(i) == "for" && part.clone().take_when(true).is_none() {
            if let Some(by) = part.take_duration() {
                let by = if sentence.has(any!("earlier|forward|sooner")) { by.reversed() } else { by };
                known.mark_all(any!("back|forward|the time of"));
                return Some(Command::MoveReminder { which: which(known), to: None, by: Some(by) });
            }
            continue;
        }
        if begins(&part)
            && let Some(to) = part.take_when(true)
        {
            known.mark_all(any!("back|forward|the time of|from"));
            return Some(Command::MoveReminder { which: which(known), to: Some(to), by: None });
        }
    }
    None
}

/// "Remind me 24 hours, 1 hour and 15 minutes before the dentist": several lead times. A single one is a slot of
/// [`Command::SetReminder`].
pub(super) fn before(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let mut sentence = sentence.clone();
    let opening = sentence.opens(REMIND)?;
    let end = sentence.find(BEFORE).filter(|end| end.start >= opening)?;
    if let Some(one) = before_referent(&sentence, opening, end.clone()) {
        return Some(one);
    }
    let length = |words: &str| {
        let words = words.trim();
        let whole = |found: &time::Found| found.span.end - found.span.start == words.len();
        time::parse(words, sentence.context).into_iter().find(whole).and_then(|found| found.value.as_duration())
    };
    // The list begins at the leftmost token from which every part is a length.
    let listed = |from: usize| {
        let words = sentence.written(from..end.start);
        let parts: Vec<&str> = words.split(',').flat_map(|part| part.split(" and ")).map(trimmed).collect();
        let spans: Option<Vec<Span>> = parts.iter().filter(|part| !part.is_empty()).map(|part| length(part)).collect();
        spans.filter(|spans| spans.len() > 1).map(|spans| (from, spans, words.contains(',')))
    };
    let (from, leads, commas) = (opening..end.start).find_map(listed)?;
    if !commas && is_one_length(&leads) {
        return None;
    }
    let start = sentence.start;
    sentence.mark(start..opening);
    sentence.mark(from..end.end);
    sentence.mark_all(any!("about|of|for|the appointment|the meeting|my appointment|my meeting"));
    Some(Command::RemindBefore { which: which(sentence), leads })
}

/// "An hour and 15 minutes before" is one length; "a day and an hour before", "24 hours and 1 hour before" are two.
fn is_one_length(spans: &[Span]) -> bool {
    let [first, second] = spans else { return false };
    let clock = |span: &Span| (span.months == 0 && span.days == 0).then_some(span.seconds);
    let (Some(first), Some(second)) = (clock(first), clock(second)) else { return false };
    let unit = if first >= 3_600 { 3_600 } else { 60 };
    second < unit
}

/// "Remind me before it", "remind me 30 minutes before the second one": at most one length, and nothing that has a name.
fn before_referent(sentence: &Sentence<'_, '_>, opening: usize, end: std::ops::Range<usize>) -> Option<Command> {
    let mut sentence = sentence.clone();
    let leads = if end.start == opening {
        Vec::new()
    } else {
        let (span, range) = sentence.times.iter().find_map(|(found, range)| {
            let span = found.value.as_duration().filter(|_| range.start == opening && range.end == end.start)?;
            Some((span, range.clone()))
        })?;
        sentence.mark(range);
        vec![span]
    };
    // "Remind me before noon to …"
    if (end.end..sentence.end).any(|i| sentence.in_time(i)) {
        return None;
    }
    let start = sentence.start;
    sentence.mark(start..opening);
    // "Before it" and "before that" say of which; what stands alone says of the last.
    let pronoun = sentence.has(any!("before it|before that|prior to it|ahead of it|before it starts"));
    let plain = end.end == sentence.end;
    sentence.mark(end);
    sentence.mark_all(any!("about|of|for"));
    let which = sentence.which(GENERIC);
    let refers = pronoun || plain && leads.is_empty() || which.pronoun || which.listed || which.several.is_some();
    let named = which.title.is_some() || !which.participants.is_empty();
    // A length before "it" is a slot of `Command::SetReminder`.
    let meant = refers && !named && (leads.is_empty() || !plain);
    let which = Which { pronoun: pronoun || which.pronoun, ..which };
    meant.then_some(Command::RemindBefore { which, leads })
}

fn trimmed(part: &str) -> &str {
    let part = part.trim();
    part.strip_prefix("and ").unwrap_or(part).trim()
}

impl Sentence<'_, '_> {
    /// Whether its words, symbols aside, are one of these phrases.
    fn words_are(&self, phrases: &Phrases) -> bool {
        let words: Vec<&str> = (self.start..self.end).filter(|i| self.is_word(*i)).map(|i| self.word(i)).collect();
        let words = words.join(" ");
        phrases.each().any(|phrase| phrase == words)
    }

    fn mark_all(&mut self, phrases: &Phrases) {
        while let Some(range) = self.find_unread(phrases) {
            self.mark(range);
        }
    }
}
