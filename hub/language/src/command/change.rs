//! Appointments that exist: move them, change their length, cancel them.

use xswarm_core::series::Scope;

use super::{
    appointment::{NOUNS, foreign, plain_noun},
    sentence::{Sentence, is_moment},
    series,
    slots::GENERIC,
    types::{Command, NewLength, When, Which},
};
use crate::lexer::phrases::{Phrases, any};
use crate::time::{self, Span, Value};

const MOVE: &Phrases = any!(
    "move|reschedule|push back|push|postpone|shift|bring forward|delay|change|update|put off|\
    move back|move up|move forward|bring|pull forward|edit|modify|switch|resched|extend|shorten|adjust|make|\
    re - schedule|rebook|swap|transfer|prolong|alter"
);
const CANCEL: &Phrases = any!(
    "cancel|delete|remove|drop|call off|clear|get rid of|scrap|erase|take off|strike|scratch|\
    unschedule|cancels|take|discard|clear out|eliminate|cross off|cross out|wipe|un schedule|abort|forget about|trash|\
    dismiss|clean|empty|skip|cancel out|don't schedule|nix|void"
);

/// Moving or cancelling, if it is that.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    shift(sentence).or_else(|| resize(sentence)).or_else(|| cancel(sentence))
}

/// "No, at 11", "actually, make it Sunday", "I meant Monday": what was booked last, moved.
pub(super) fn correction(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let mut sentence = sentence.whole();
    let at = sentence.opens(any!(
        "no i meant|no i mean|no make it|no|i meant|i mean|sorry i meant|sorry i mean|sorry make it|sorry|actually make it|\
            actually make that|actually|wait make that|wait make it|wait no|wait|make that|no wait|oops"
    ))?;
    // "Wait 5 minutes" and "sorry, 5 minutes" correct nothing.
    let plain = any!("it|that|meant|mean|no").has(sentence.word(at - 1));
    sentence.start = at;
    let length = if plain { sentence.take_duration().map(NewLength::Exactly) } else { None };
    let time = if length.is_none() { sentence.take_when(false).or_else(|| sentence.take_when(true)) } else { None };
    let rest = (at..sentence.end).any(|i| {
        sentence.is_word(i)
            && !sentence.is_read(i)
            && !any!("at|on|to|it|make|please|for|not|that|the").has(sentence.word(i))
    });
    let said = length.is_some() || time.as_ref().is_some_and(|time| !matches!(time.value, Value::Recurrence(_)));
    let which = Which { pronoun: true, ..Which::default() };
    (said && !rest && !sentence.asks()).then_some(Command::MoveAppointment { which, to: time, by: None, length })
}

fn shift(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let mut sentence = sentence.clone();
    let at = sentence.opens(MOVE)?;
    let first = sentence.word(sentence.start).to_owned();
    let weak = matches!(
        first.as_str(),
        "change"
            | "update"
            | "edit"
            | "modify"
            | "switch"
            | "make"
            | "extend"
            | "shorten"
            | "bring"
            | "adjust"
            | "swap"
            | "transfer"
            | "alter"
            | "move"
            | "delay"
            | "push"
            | "shift"
    );
    let has_length = sentence.times.iter().any(|(found, _)| matches!(found.value, Value::Duration(_)));
    let any_time = sentence.has_time() || has_length || sentence.times.iter().any(|(found, _)| found.time_said);
    let pronoun = sentence.any_at(at, any!("it|that|this|the meeting|my meeting")).is_some();
    if foreign(&sentence)
        || weak
            && !(any_time
                && (plain_noun(&sentence) || pronoun || sentence.has(NOUNS) || first != "make" && sentence.has_time())
                || any_time && series::scope(&sentence).is_some()
                || plain_noun(&sentence)
                    && matches!(
                        first.as_str(),
                        "move" | "change" | "update" | "edit" | "modify" | "push" | "delay" | "shift"
                    ))
    {
        return None;
    }
    let possessive = sentence.has(any!("longer|shorter|earlier|later"));
    if first == "make" && !(any_time && (possessive || sentence.any_at(at, any!("it|that|my|the")).is_some()))
        || matches!(first.as_str(), "make") && sentence.any_at(at, any!("a|an")).is_some()
    {
        return None;
    }
    let earlier = sentence.has(any!("earlier|forward|up|sooner")) && !sentence.has(any!("set up"))
        || matches!(first.as_str(), "bring" | "pull");
    let length =
        matches!(first.as_str(), "extend" | "shorten" | "prolong") || sentence.has(any!("longer|shorter|long"));
    let start = sentence.start;
    sentence.mark(start..at);
    let scope = sentence.take_scope();
    while let Some(range) = sentence.find_unread(any!(
        "the time of|the date of|the start time of|the start of|the time for|back|forward|up|the time"
    )) {
        sentence.mark(range);
    }
    // The new time stands after the last "to" that a time follows.
    let target = (at..sentence.end)
        .rev()
        .filter(|i| {
            matches!(sentence.word(*i), "to" | "until" | "for" | "on" | "at" | "→")
                || sentence.token(*i).is_some_and(|token| token.is_symbol('→'))
        })
        .filter(|i| {
            matches!(sentence.word(*i), "to" | "until") || sentence.token(*i).is_some_and(|token| token.is_symbol('→'))
        })
        .find_map(|i| {
            let words = sentence.written(i + 1..sentence.end);
            let mut part = Sentence::new(words, sentence.context);
            let when =
                part.take_when(true).filter(|_| part.times.iter().any(|(_, range)| range.start <= part.start + 1))?;
            Some((i, when))
        });
    if let Some((i, to)) = target {
        let mut which_part = Sentence::new(sentence.written(at..i), sentence.context);
        which_part.take_scope();
        let when = which_part.take_when(true);
        while let Some(range) =
            which_part.find_unread(any!("from|the time of|the date of|the time for|back|forward|the start of|up"))
        {
            which_part.mark(range);
        }
        // "Move it to Monday by email"? What follows the time names the appointment too: "to 4pm the dentist" is rare.
        let which = of_series(Which { when, scope, ..which_part.which(GENERIC) });
        return Some(Command::MoveAppointment { which, to: Some(to), by: None, length: None });
    }
    let relative =
        sentence.times.iter().find_map(|(found, range)| found.value.as_duration().map(|span| (span, range.clone())));
    let shifted_words = relative.or_else(|| {
        // "30 minutes later" reads as a moment by itself; here it is a distance.
        sentence.times.iter().find_map(|(_, range)| {
            let last = range.end.checked_sub(1)?;
            let direction = matches!(sentence.word(last), "later" | "earlier" | "back");
            let words = sentence.written(range.start..last);
            let span = time::parse(words, sentence.context).into_iter().find_map(|found| found.value.as_duration())?;
            direction.then(|| (span, range.clone()))
        })
    });
    if let Some((span, range)) = shifted_words {
        // "Change the call to 45 minutes" and "make it 2 hours" say a length, "move it by 45 minutes" a distance.
        let exactly = (first == "make" || range.start.checked_sub(1).is_some_and(|at| sentence.word(at) == "to"))
            && !sentence.has(any!("later|earlier|back|forward|sooner|up|ahead|by|another|extra|more|longer|shorter"));
        sentence.mark(range);
        while let Some(range) = sentence.find_unread(any!(
            "to|by|later|earlier|back|forward|up|another|longer|shorter|long|sooner|ahead|for|an extra|extra|\
                more"
        )) {
            sentence.mark(range);
        }
        let when = sentence.take_when(false);
        let which = of_series(Which { when, scope, ..sentence.which(GENERIC) });
        if length || exactly {
            let shorter = first == "shorten" || sentence.has(any!("shorter"));
            let length = match (sentence.has(any!("long")) || exactly, shorter) {
                (true, _) => NewLength::Exactly(span),
                (false, true) => NewLength::By(span.reversed()),
                (false, false) => NewLength::By(span),
            };
            return Some(Command::MoveAppointment { which, to: None, by: None, length: Some(length) });
        }
        let by: Span = if earlier { span.reversed() } else { span };
        return Some(Command::MoveAppointment { which, to: None, by: Some(by), length: None });
    }
    let when = sentence.take_when(false);
    let make_it = first == "make";
    while let Some(range) = sentence.find_unread(any!(
        "to|for|earlier|later|a new time|another time|another day|a different time|a different day|to another time|\
            from"
    )) {
        sentence.mark(range);
    }
    let which = sentence.which(GENERIC);
    let only_one_time = when.is_some() && (make_it || which.pronoun || sentence.has(any!("for")));
    let (to, of) = if only_one_time { (when, None) } else { (None, when) };
    let which = of_series(Which { when: of, scope, ..which });
    Some(Command::MoveAppointment { which, to, by: None, length: None })
}

/// "Make it longer", "shorten the call": by how much is to be asked.
fn resize(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let at = sentence.opens(any!("make|extend|prolong|lengthen|shorten"))?;
    let shorter = sentence.has(any!("shorten|shorter"));
    let last = sentence.end.checked_sub(1)?;
    let says = sentence.word(sentence.start) != "make" || any!("longer|shorter").has(sentence.word(last));
    let thing = sentence.any_at(at, any!("it|that|this")).is_some() || sentence.has(NOUNS);
    if !says || !thing || sentence.has_time() || sentence.asks() || foreign(sentence) {
        return None;
    }
    let mut sentence = sentence.clone();
    let start = sentence.start;
    sentence.mark(start..at);
    while let Some(range) = sentence.find_unread(any!("a bit|a little|somewhat|longer|shorter")) {
        sentence.mark(range);
    }
    let which = sentence.which(GENERIC);
    let length = Some(if shorter { NewLength::Shorter } else { NewLength::Longer });
    Some(Command::MoveAppointment { which, to: None, by: None, length })
}

fn cancel(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let mut sentence = sentence.clone();
    let at = if let Some(at) = sentence.opens(CANCEL) {
        at
    } else {
        // "I can't make the meeting" only suggests it.
        let at = sentence.opens(any!(
            "i won't be going to|i no longer need|i don't need|i am not going to|i'm not going to|\
                i can't make it to|i won't make it to|i no longer want|i will no longer be|i don't want to attend"
        ))?;
        if !plain_noun(&sentence) {
            return None;
        }
        at
    };
    if foreign(&sentence) {
        return None;
    }
    let strong = matches!(sentence.word(sentence.start), "cancel" | "call" | "unschedule" | "scrap");
    let noun = sentence.has(NOUNS);
    let take_off = sentence.word(sentence.start) == "take" && !sentence.has(any!("off|out of|from"))
        || matches!(
            sentence.word(sentence.start),
            "skip" | "drop" | "strike" | "scratch" | "clean" | "empty" | "dismiss" | "forget"
        ) && !(noun || sentence.has_time());
    let pronoun = sentence
        .any_at(at, any!("it|that|this|them|the last one|the first one|the second one|all|everything|the next one"))
        .is_some();
    if at == sentence.end || take_off || !(strong || noun || sentence.has_time() || pronoun) {
        return None;
    }
    let start = sentence.start;
    sentence.mark(start..at);
    let scope = sentence.take_scope();
    let mut when = sentence.take_when(false);
    if when.is_none() {
        when = sentence.take_when_in_digits();
    }
    while let Some(range) = sentence.find_unread(any!(
        "scheduled for|set for|planned for|that i have|i have|i had|scheduled|that is|which is|from|off|for me"
    )) {
        sentence.mark(range);
    }
    let which = of_series(Which { when, scope, ..sentence.which(GENERIC) });
    Some(Command::CancelAppointment { which })
}

/// "Every Friday's yoga" is all of it, "yoga from Friday on" what follows.
fn of_series(mut which: Which) -> Which {
    let said = match which.when.as_ref().map(|when| &when.value) {
        Some(Value::Recurrence(_)) => Some(Scope::All),
        Some(Value::Interval { start: Some(_), end: None, .. }) => Some(Scope::Following),
        Some(Value::Instant { .. } | Value::Date { .. } | Value::Interval { .. } | Value::Duration(_)) | None => None,
    };
    which.scope = which.scope.or(said);
    which
}

/// A change that no rule of the grammar recognised: moved if it says so, else cancelled, which is asked about anyway.
pub(super) fn guessed(sentence: &Sentence<'_, '_>) -> Command {
    let mut sentence = sentence.clone();
    let moves =
        sentence.has(any!("move|moved|reschedule|rescheduled|postpone|postponed|push|shift|delay|change|changed"));
    let when = sentence.take_when(false);
    let start = sentence.start;
    let opening = sentence.opens(any!(
        "i will no longer be joining|i will no longer be|i won't be|i'm not going to|i no longer want|i don't want to|\
            i no longer need|i need|i want|find and delete|take away|go ahead and|please"
    ));
    sentence.mark(start..opening.unwrap_or(start));
    while let Some(range) = sentence.find_unread(CANCEL).or_else(|| {
        sentence.find_unread(any!(
            "cancelled|canceled|cleared|deleted|removed|any more|anymore|to be|needs to be|need to be|i have|on my calendar"
        ))
    }) {
        sentence.mark(range);
    }
    let which = sentence.which(GENERIC);
    if moves {
        return Command::MoveAppointment { which, to: when, by: None, length: None };
    }
    Command::CancelAppointment { which: Which { when, ..which } }
}

impl Sentence<'_, '_> {
    /// A latent reading written with digits: "cancel 3", not "cancel the second one".
    fn take_when_in_digits(&mut self) -> Option<When> {
        let digits = self.times.iter().any(|(found, _)| {
            is_moment(found)
                && self.text.get(found.span.clone()).is_some_and(|words| words.contains(|c: char| c.is_ascii_digit()))
        });
        if digits { self.take_when(true) } else { None }
    }
}
