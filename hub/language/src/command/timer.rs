//! The timer family: set, cancel, pause, resume, lengthen, shorten, ask. Several and named timers.

use super::{
    sentence::Sentence,
    slots,
    types::{Command, Which},
};
use std::ops::Range;

use crate::{
    lexer::phrases::{Phrases, any},
    time::{Confidence, Span, Value},
};

const NOUNS: &Phrases = any!("timer|timers|countdown|countdowns|stopwatch");
const SET: &Phrases = any!(
    "set|start|create|make|add|begin|run|put|launch|set up|i need|give me|new|start up|put on|set me|\
    initiate|i want"
);
const CANCEL: &Phrases = any!(
    "cancel|stop|end|kill|delete|remove|clear|turn off|shut off|switch off|dismiss|silence|quit|\
    get rid of|abort"
);
const PAUSE: &Phrases = any!("pause|hold|freeze|halt|suspend");
const RESUME: &Phrases = any!("resume|unpause|continue|un pause|carry on with|unfreeze");
const LONGER: &Phrases = any!("add|extend|increase|give|put|lengthen|make");
const CHANGE: &Phrases = any!("change|extend|adjust|update|modify|shorten|reduce|increase|lengthen|make|prolong|cut");
const SHORTER: &Phrases = any!("take|remove|subtract|deduct|shorten|reduce|decrease|cut|knock|shave");

/// Questions for the time that is left.
const LEFT: &Phrases = any!(
    "whats left on|how much time is left|how much time left|how long is left|how much longer|\
    how much time do i have left|how long left|time left|how much time remains|what's left on|how much is left on|\
    how many minutes are left|how many minutes left|time remaining|how much time is remaining"
);

/// A command about timers, if it is one.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let mut sentence = sentence.clone();
    let noun = sentence.find(NOUNS);
    let first_duration =
        sentence.times.iter().find_map(|(found, range)| found.value.as_duration().map(|span| (span, range.clone())));
    if noun.is_none() {
        return without_noun(sentence, first_duration);
    }
    if told_or_asked_by_others(&sentence) || sentence.opens(any!("reset|restart|redo")).is_some() {
        return None;
    }
    if let Some(several) = several(&sentence) {
        return Some(several);
    }
    let (opening, at) = [("pause", PAUSE), ("resume", RESUME), ("cancel", CANCEL)]
        .into_iter()
        .find_map(|(name, phrases)| sentence.opens(phrases).map(|at| (name, at)))
        .unwrap_or(("", sentence.start));
    let asks = sentence
        .opens(any!(
            "how|what|what's|whats|is|are|which|list|show|do i|status|check|tell me|any|when|when's|\
                give me the status|display|see"
        ))
        .is_some()
        || sentence.has(any!("status|time left|remaining|left on"));
    let takes_off = opening == "cancel"
        && first_duration.is_some()
        && SHORTER.has(sentence.word(sentence.start))
        && sentence.has(any!("off|from"));
    if !opening.is_empty() && !takes_off {
        // "Stop the timer in 5 minutes": not now.
        if sentence.has_time() {
            return None;
        }
        let range = sentence.start..at;
        sentence.mark(range);
        let which = which(sentence);
        return Some(match opening {
            "pause" => Command::PauseTimer { which },
            "resume" => Command::ResumeTimer { which },
            _ => Command::CancelTimer { which },
        });
    }
    if let (Some(noun), Some((span, range))) = (&noun, &first_duration)
        && sentence.opens(CHANGE).is_some()
        && (sentence.word(noun.end) == "to" && range.start == noun.end + 1
            || range.start == noun.end && sentence.has(any!("the|my")))
    {
        let (start, noun_end, span, range) = (sentence.start, noun.end, *span, range.clone());
        sentence.mark(start..start + 1);
        sentence.mark(noun_end..range.end);
        return Some(Command::ChangeTimer { which: which(sentence), by: None, to: Some(span) });
    }
    let to_timer = sentence
        .has(any!("to the|to my|to it|to all|to both|to every|on the|to that|to timer|longer|more to|to this|to our"))
        || sentence.has(any!("off|from the|from my|by|shorter"));
    if let Some((span, range)) = &first_duration {
        let longer = sentence.opens(LONGER).is_some()
            && to_timer
            && (sentence.word(sentence.start) != "make" || sentence.has(any!("longer|shorter")));
        let shorter = sentence.opens(SHORTER).is_some() && to_timer || sentence.has(any!("shorter"));
        let named_length = noun.as_ref().is_some_and(|noun| range.end == noun.start);
        if (longer || shorter) && !named_length && !sentence.has(any!("set a|start a|a timer|new timer")) {
            let (start, range) = (sentence.start, range.clone());
            let signed: Span = if shorter { span.reversed() } else { *span };
            sentence.mark(start..start + 1);
            sentence.mark(range);
            while let Some(range) = sentence.find_unread(any!("to|on|off|from|of|by|more|longer|shorter|another")) {
                sentence.mark(range);
            }
            return Some(Command::ChangeTimer { which: which(sentence), by: Some(signed), to: None });
        }
    }
    if asks && !(sentence.opens(any!("give me")).is_some() && first_duration.is_some()) {
        let start = sentence.start;
        let opened = sentence.opens(any!(
            "whats left on|how much time is left|how much time left|how long is left|how much longer|\
                how much time do i have left|how long left|time left|what's the status of|what is the status of|\
                status of|list|show|show me|check|do i have|what|what's left|how long|are there|tell me|\
                how much time remains|what's|how many|how much is left|when does|when will|when is|is|are|which|\
                any|how's|how is|how much time"
        ));
        sentence.mark(start..opened.unwrap_or(start));
        while let Some(range) = sentence.find_unread(any!(
            "for|on|of|in|left|remaining|running|still|have|do i|are|is|there|go off|end|done|finish|status|time|\
                doing|over|does|the status|active|set|much|i|any|ring"
        )) {
            sentence.mark(range);
        }
        return Some(Command::TimerStatus { which: which(sentence) });
    }
    let sets = sentence.opens(SET).is_some();
    let named = noun.as_ref().is_some_and(|noun| noun.start <= sentence.start + 3);
    let bare = named || first_duration.as_ref().is_some_and(|(_, range)| range.start <= sentence.start + 1);
    if sets || bare {
        let duration =
            sentence.take_duration().or_else(|| sentence.until_now_span()).or_else(|| sentence.bare_minutes());
        if let Some(at) = sentence.opens(SET) {
            let range = sentence.start..at;
            sentence.mark(range);
        }
        let unclear = sentence.times.iter().map(|(_, range)| range.clone()).find(|range| sentence.is_length(range));
        if let Some(range) = unclear.filter(|_| duration.is_none()) {
            sentence.mark(range);
        }
        let quoted = sentence.take_quoted();
        while let Some(range) = sentence.find_unread(any!(
            "timer|timers|countdown|stopwatch|for|with|set|to|of|and|another|new|second|other|the name|from now"
        )) {
            sentence.mark(range);
        }
        let name = quoted.or_else(|| slots::title(&sentence.rest())).map(|name| name.to_lowercase_first_only());
        return Some(Command::SetTimer { duration, name });
    }
    None
}

/// Without the word: "how much time is left", "count down 5 minutes", "pause", "add a minute to pasta".
fn without_noun(mut sentence: Sentence<'_, '_>, duration: Option<(Span, Range<usize>)>) -> Option<Command> {
    if let Some(at) = sentence
        .opens(LEFT)
        .filter(|at| sentence.end - at <= 4 && !sentence.has(any!("until|flight|meeting|movie|for the|till")))
    {
        let range = sentence.start..at;
        sentence.mark(range);
        return Some(Command::TimerStatus { which: which(sentence) });
    }
    if sentence.is_one_of(any!("pause|pause it|pause that")) {
        return Some(Command::PauseTimer { which: Which::default() });
    }
    if sentence.is_one_of(any!("unpause|unpause it|resume|resume it|un pause")) {
        return Some(Command::ResumeTimer { which: Which::default() });
    }
    let (span, range) = duration?;
    if let Some(at) = sentence.opens(any!("count down|countdown|time me for"))
        && at <= sentence.end
    {
        return Some(Command::SetTimer { duration: Some(span), name: None });
    }
    // "Add 5 minutes", "take off a minute", "add a minute to pasta": little else, and nothing of the calendar.
    let longer = sentence.opens(any!("add"));
    let shorter = sentence.opens(any!("take off|take|subtract|knock off|shave off"));
    let at = longer.or(shorter)?;
    let rest = sentence.end - range.end;
    let to = sentence.any_at(range.end, any!("to the|to|from the|from|off the|off")).unwrap_or(0);
    let calendar = sentence.has(super::appointment::NOUNS) || sentence.has(any!("it|that|this"));
    if range.start != at || calendar || !(rest == 0 || to > 0 && rest <= to + 2) {
        return None;
    }
    let (start, until) = (sentence.start, range.end + to);
    sentence.mark(start..until);
    let by = if shorter.is_some() { span.reversed() } else { span };
    Some(Command::ChangeTimer { which: which(sentence), by: Some(by), to: None })
}

/// "Why did you set a timer", "Anna set a timer for 5 minutes", "have you set the timer": nobody asks for one.
fn told_or_asked_by_others(sentence: &Sentence<'_, '_>) -> bool {
    let asked =
        sentence.opens(any!("why|who|when did|did|have you|has|was|were|he|she|they|somebody|someone")).is_some();
    let set = sentence.find(any!("set|started|made|stopped|cancelled|paused"));
    let told = set.is_some_and(|set| {
        (sentence.start + 1..=sentence.start + 2).contains(&set.start) && !sentence.has(any!("please|you"))
    });
    asked || told && sentence.opens(SET).is_none()
}

/// "A pasta timer for nine minutes and an egg timer for six": one for each length that was named.
fn several(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let lengths: Vec<Range<usize>> = sentence
        .times
        .iter()
        .filter(|(found, _)| found.value.as_duration().is_some() && found.confidence == Confidence::Certain)
        .map(|(_, range)| range.clone())
        .collect();
    if lengths.len() < 2 || sentence.opens(CHANGE).is_some() || sentence.opens(CANCEL).is_some() {
        return None;
    }
    let mut timers = Vec::new();
    let mut start = sentence.start;
    for (i, length) in lengths.iter().enumerate() {
        // A part ends with its length, or where the next part is joined on by "and" or a comma.
        let next = lengths.get(i + 1).map_or(sentence.end, |next| next.start);
        let joint = (length.end..next)
            .find(|at| sentence.word(*at) == "and" || sentence.token(*at).is_some_and(|token| token.is_symbol(',')));
        let end = joint.unwrap_or(if i + 1 == lengths.len() { sentence.end } else { length.end });
        let mut part = Sentence::new(sentence.written(start..end), sentence.context);
        let duration = part.take_duration();
        let opening = part.opens(SET).unwrap_or(part.start);
        let from = part.start;
        part.mark(from..opening);
        while let Some(range) = part.find_unread(any!(
            "timer|timers|countdown|for|with|set|to|of|and|another|one|two|three|the other|a second|second|other|new|also"
        )) {
            part.mark(range);
        }
        timers.push((duration, slots::title(&part.rest()).map(|name| name.to_lowercase_first_only())));
        start = end;
    }
    Some(Command::SetTimers { timers })
}

fn which(mut sentence: Sentence<'_, '_>) -> Which {
    let plural = sentence.has(any!("timers|countdowns"));
    // "the 10 minute timer" is named by its length.
    let length = sentence
        .times
        .iter()
        .find_map(|(found, range)| matches!(found.value, Value::Duration(_)).then(|| range.clone()));
    let named = length.filter(|range| !range.clone().any(|i| sentence.is_read(i))).map(|range| {
        let words = sentence.written(range.clone()).to_owned();
        sentence.mark(range);
        words
    });
    let mut which = sentence.which_as_typed(NOUNS);
    which.all |= plural;
    if which.title.is_none() {
        which.title = named;
    }
    which.title = which.title.map(|title| title.to_lowercase_first_only());
    which
}

trait Name {
    fn to_lowercase_first_only(&self) -> String;
}

impl Name for String {
    /// Names of timers are common nouns: "pasta", unless the person wrote several capitals.
    fn to_lowercase_first_only(&self) -> String {
        if self.chars().skip(1).any(char::is_uppercase) {
            return self.clone();
        }
        self.to_lowercase()
    }
}

impl Sentence<'_, '_> {
    /// "timer for 1:30" may be a length: no clock is read into it.
    fn is_length(&self, range: &Range<usize>) -> bool {
        let after_for =
            self.word(range.start) == "for" || range.start.checked_sub(1).is_some_and(|at| self.word(at) == "for");
        let words = self.written(range.clone()).to_lowercase();
        after_for && !["m", "noon", "midnight", "clock", "o'clock"].iter().any(|end| words.ends_with(end))
    }

    /// "timer for 10": a bare number is minutes.
    fn bare_minutes(&mut self) -> Option<Span> {
        let at = (self.start..self.end)
            .find(|i| !self.is_read(*i) && self.token(*i).is_some_and(|token| token.number().is_some()))?;
        let (minutes, end) = crate::time::reader(&self.tokens).cardinal(at)?;
        if end != self.end || !(1..=600).contains(&minutes) {
            return None;
        }
        self.mark(at..end);
        Some(Span::minutes(i64::from(minutes)))
    }

    /// "a timer until 3pm" and "in 10 minutes" as a length from now.
    fn until_now_span(&mut self) -> Option<Span> {
        let now = self.context.now;
        let found = self
            .times
            .iter()
            .filter(|(found, range)| found.confidence == Confidence::Certain && !self.is_length(range))
            .find_map(|(found, range)| found.value.as_deadline().map(|at| ((at - now).num_seconds(), range.clone())));
        let (seconds, range) = found.filter(|(seconds, _)| *seconds > 0)?;
        self.mark(range);
        Some(Span::seconds(seconds))
    }
}
