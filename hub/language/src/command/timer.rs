//! The timer family: set, cancel, pause, resume, lengthen, shorten, ask. Several and named timers.

use super::{
    sentence::Sentence,
    slots,
    types::{Command, Which},
};
use crate::lexer::phrases::{Phrases, any};
use crate::time::{Confidence, Span, Value};

const NOUNS: &Phrases = any!("timer|timers|countdown|countdowns|stopwatch");
const SET: &Phrases = any!(
    "set|start|create|make|add|begin|run|put|launch|set up|i need|give me|new|start up|put on|set me|\
    initiate|i want"
);
const CANCEL: &Phrases = any!(
    "cancel|stop|end|kill|delete|remove|clear|turn off|shut off|switch off|dismiss|silence|quit|\
    get rid of|abort|reset"
);
const PAUSE: &Phrases = any!("pause|hold|freeze|halt|suspend");
const RESUME: &Phrases = any!("resume|unpause|continue|restart|un pause|carry on with|unfreeze");
const LONGER: &Phrases = any!("add|extend|increase|give|put|lengthen|make");
const SHORTER: &Phrases = any!("take|remove|subtract|deduct|shorten|reduce|decrease|cut|knock|shave");

/// A command about timers, if it is one.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let mut sentence = sentence.clone();
    let noun = sentence.find(NOUNS);
    let first_duration =
        sentence.times.iter().find_map(|(found, range)| found.value.as_duration().map(|span| (span, range.clone())));
    if noun.is_none() {
        // "how much time is left", "count down 5 minutes"
        if sentence
            .opens(any!(
                "whats left on|how much time is left|how much time left|how long is left|how much longer|\
                    how much time do i have left|how long left|time left|how much time remains|what's left on|\
                    how much is left on|how many minutes are left|how many minutes left|time remaining|\
                    how much time is remaining"
            ))
            .is_some_and(|at| sentence.end - at <= 4 && !sentence.has(any!("until|flight|meeting|movie|for the|till")))
        {
            let opened = sentence
                .opens(any!(
                    "whats left on|how much time is left|how much time left|how long is left|how much longer|\
                        how much time do i have left|how long left|time left|how much time remains|\
                        what's left on|how much is left on|how many minutes are left|how many minutes left|\
                        time remaining|how much time is remaining"
                ))
                .unwrap_or(sentence.start);
            let range = sentence.start..opened;
            sentence.mark(range);
            return Some(Command::TimerStatus { which: which(sentence) });
        }
        if let Some(at) = sentence.opens(any!("count down|countdown|time me for"))
            && let Some((span, _)) = first_duration
            && at <= sentence.end
        {
            return Some(Command::SetTimer { duration: Some(span), name: None });
        }
        return None;
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
        let range = sentence.start..at;
        sentence.mark(range);
        if opening != "resume" || !sentence.is_one_of(any!("restart the timer")) {
            let which = which(sentence);
            return Some(match opening {
                "pause" => Command::PauseTimer { which },
                "resume" => Command::ResumeTimer { which },
                _ => Command::CancelTimer { which },
            });
        }
    }
    let to_timer = sentence.has(any!("to the|to my|to it|on the|to that|to timer|longer|more to|to this|to our"))
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
            return Some(Command::ChangeTimer { which: which(sentence), by: Some(signed) });
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
    let bare = noun.as_ref().is_some_and(|noun| noun.start == sentence.start) || first_duration.is_some();
    if sets || bare {
        let duration =
            sentence.take_duration().or_else(|| sentence.until_now_span()).or_else(|| sentence.bare_minutes());
        if let Some(at) = sentence.opens(SET) {
            let range = sentence.start..at;
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
        let found =
            self.times.iter().filter(|(found, _)| found.confidence == Confidence::Certain).find_map(
                |(found, range)| found.value.as_deadline().map(|at| ((at - now).num_seconds(), range.clone())),
            );
        let (seconds, range) = found.filter(|(seconds, _)| *seconds > 0)?;
        self.mark(range);
        Some(Span::seconds(seconds))
    }
}
