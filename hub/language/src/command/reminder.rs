//! The reminder family: set, list, cancel, snooze, done. Alarms are reminders.

use chrono::Timelike;

use super::{
    ladder,
    sentence::Sentence,
    slots,
    types::{AgendaRange, Command, Nature, When, Which},
};
use crate::lexer::phrases::{Phrases, any};
use crate::time::{Grain, Value};

pub(super) const NOUNS: &Phrases = any!("reminder|reminders|alarm|alarms|wake up call|wakeup call");
const SET: &Phrases = any!(
    "set|set up|create|make|add|put|new|schedule|i need|give me|place|start|i want|turn on|leave|\
    leave me|open|enable|program|activate|put in|set me|send me|get me|establish|register|configure|save"
);
const CANCEL: &Phrases = any!(
    "cancel|delete|remove|clear|drop|get rid of|turn off|dismiss|stop|erase|switch off|take off|\
    disable|discard|scrap|take away|forget|shut off|deactivate|off|kill|wipe"
);
const REMIND: &Phrases = any!(
    "be reminded|be notified|get reminded|i need to be reminded|i want to be reminded|\
    i want to get reminded|i need to be notified|set a notification|new notification|set up a notification|\
    set notification|remind me|remind us|remind|reminder|remember to|don't let me forget|dont let me forget|\
    don't forget|dont forget|do not let me forget|ping me|nudge me|alert me|notify me|wake me up|wake me|\
    let me know|remember that i|tell me|buzz me|give me a reminder|give me a heads up|send me a reminder|\
    reming me|remined me|remind my|remmind me|rmd me|get me up|please remind me"
);

/// A command about reminders, if it is one.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let mut sentence = sentence.clone();
    if let Some(at) = sentence.opens(any!(
        "snooze|hit snooze|remind me again|remind me later|ask me again|ask me later|not now remind me|later|\
            remind me again later"
    )) {
        return snooze(&mut sentence, at);
    }
    if let Some(command) = ladder::moving(&sentence).or_else(|| ladder::before(&sentence)) {
        return Some(command);
    }
    if sentence.has(any!(
        "reminder list|list of reminders|reminders list|wanted to remember|want to remember|\
        trying to remember|list of things to remember"
    )) && sentence.opens(any!("add|put|remove|create")).is_none()
    {
        return Some(Command::ListReminders { range: AgendaRange::Any, which: Which::default() });
    }
    if let Some(at) = sentence.opens(any!(
        "don't remind me|dont remind me|do not remind me|stop reminding me|no need to remind me|you don't need to remind me"
    )) {
        // "Not before 8" is about the hours of all of them.
        let hours = sentence.times.iter().any(|(found, range)| {
            range.start == at && matches!(found.value, Value::Interval { .. }) && found.time_said
        });
        if hours || sentence.any_at(at, any!("before|after|between|during|at night")).is_some() {
            return None;
        }
        let range = sentence.start..at;
        sentence.mark(range);
        return Some(Command::CancelReminder { which: which(sentence) });
    }
    // "Schedule dentist Saturday at 10, no reminder": of the appointment, not a reminder.
    let noun = sentence.find(NOUNS).filter(|noun| {
        !noun.start.checked_sub(1).is_some_and(|before| matches!(sentence.word(before), "no" | "without"))
            && sentence.find(any!("without a reminder")).is_none()
    });
    if let Some(noun) = &noun {
        if let Some(at) = sentence.opens(CANCEL) {
            let range = sentence.start..at;
            sentence.mark(range);
            return Some(Command::CancelReminder { which: which(sentence) });
        }
        let bare_noun = sentence.is_one_of(any!(
            "reminders|my reminders|alarms|my alarms|the reminders|upcoming reminders|all reminders|\
                all my reminders|pending reminders"
        ));
        let lists = sentence
            .opens(any!(
                "list|show|what|what's|whats|which|read|tell me|do i have|are there|any|see|check|view|give me the|\
                    give me my|how many|is there|have i|when is|when's|is my|is the|display|what are|pull up|\
                    open my|did i|do i|is an|are my|when are|let me see|confirm|i want to see|see my|look up|\
                    find|get my|give me all|show me|recite|at what time|inform me"
            ))
            .is_some()
            || bare_noun;
        if lists && noun.start <= sentence.start + 10 {
            return Some(list(sentence, bare_noun));
        }
        if let Some(at) = sentence.opens(SET) {
            let range = sentence.start..at;
            sentence.mark(range);
            return Some(set(sentence));
        }
    }
    if reminds_somebody(&sentence) {
        return None;
    }
    if let Some(at) = sentence.opens(REMIND) {
        // "tell me", "let me know" and "notify me" need a time or something to do.
        let weak = sentence.opens(any!("tell me|let me know|notify me|alert me|don't forget|dont forget")).is_some();
        let to = sentence.any_at(at, any!("to|that i|about")).is_some()
            && sentence.opens(any!("tell me about|let me know about")).is_none();
        let at_time = sentence.times.iter().any(|(_, range)| range.start == at);
        let asks_fact = sentence.any_at(at, any!("what|how|why|who|where|if|a|the|my|your")).is_some();
        let something = to && sentence.has_time() || at_time && sentence.has(any!("to|about|that"));
        if weak && (asks_fact || !something) {
            return None;
        }
        if sentence.opens(any!("reminder")).is_some() && at == sentence.end {
            return Some(set(Sentence::new("", sentence.context)));
        }
        if sentence
            .opens(any!("remind me what|remind me who|remind me where|remind me how|remind me when is|remind me why"))
            .is_some()
        {
            return None;
        }
        let range = sentence.start..at;
        sentence.mark(range);
        return Some(set(sentence));
    }
    let alarm = sentence
        .opens(any!("alarm|wake up at|wake up call|i need to wake up|i want to wake up|wake up|set wake up|get up"));
    if let Some(at) = alarm
        && sentence.times.iter().any(|(found, _)| super::sentence::is_moment(found))
        && !sentence.asks()
    {
        let range = sentence.start..at;
        sentence.mark(range);
        return Some(set(sentence));
    }
    // "Tomorrow at 9 remind me to call mom", "in 20 minutes, remind me …"
    let later = sentence.find(any!(
        "remind me|remind us|wake me up|wake me|don't let me forget|set a reminder|set an alarm|set a alarm|\
            set alarm|set reminder|create a reminder|add a reminder"
    ))?;
    let starts_with_time =
        sentence.times.iter().any(|(_, range)| range.start <= sentence.start + 1 && range.end <= later.start)
            && !sentence.asks();
    let short_lead = later.start <= sentence.start + 8 && !sentence.asks();
    if starts_with_time || short_lead && sentence.opens(any!("i|my|we|there's|there is|got|have")).is_some() {
        if sentence.take_lead_time().is_some() && !starts_with_time {
            return None;
        }
        sentence.mark(later);
        return Some(set(sentence));
    }
    None
}

/// "Remind Anna to feed the cat": words for somebody else, not a reminder to oneself.
pub(super) fn reminds_somebody(sentence: &Sentence<'_, '_>) -> bool {
    let Some(at) = sentence.opens(any!("remind")) else { return false };
    let own = any!(
        "me|us|myself|ourselves|to|about|that|of|for|on|at|in|by|when|again|if|i|every|my to|my about|call|pay|buy|take|get"
    );
    if !sentence.is_word(at) || sentence.in_time(at) || sentence.any_at(at, own).is_some() {
        return false;
    }
    // "Remind dentist tomorrow" is short for a reminder of one's own; a name is a word or two.
    let owned = matches!(sentence.word(at), "my" | "our" | "the");
    (at + 1..at + 3).any(|i| matches!(sentence.word(i), "to" | "about" | "that") && (!owned || i == at + 2))
}

/// A reminder that no rule of the grammar recognised.
pub(super) fn guessed(sentence: &Sentence<'_, '_>) -> Command {
    let mut sentence = sentence.clone();
    if let Some(range) = sentence.find_unread(any!(
        "i need to be reminded of|need to be reminded of|remind me to|remind me of|remind me|remember me to|notify me|\
            let me know|alert me|tell me|send me notice of|send me a notice of|reminded of|be reminded to|be reminded of"
    )) {
        sentence.mark(range);
    }
    set(sentence)
}

fn set(mut sentence: Sentence<'_, '_>) -> Command {
    let quoted = sentence.take_quoted();
    let lead_time = sentence.take_lead_time();
    let channel = sentence.take_channel();
    let alarm = sentence.has(any!("alarm|wake|alarms|wakeup|get me up"));
    let urgent = sentence.find_unread(any!("it's urgent|this is urgent|it is urgent|urgently|urgent"));
    if let Some(range) = &urgent {
        sentence.mark(range.clone());
    }
    let mut when = sentence.take_when(false);
    if when.is_none() && alarm {
        when = sentence.take_when(true);
    }
    if sentence.has(any!("wake|wake up")) {
        when = when.map(in_the_morning);
    }
    if alarm {
        when = when.map(again_in_the_morning);
    }
    while let Some(range) =
        sentence.find_unread(any!("reminder|reminders|alarm|alarms|wake up call|an alarm clock|me up"))
    {
        sentence.mark(range);
    }
    if let Some(i) = (sentence.start..sentence.end).find(|i| !sentence.is_read(*i))
        && matches!(sentence.word(i), "me" | "us")
    {
        sentence.mark(i..i + 1);
    }
    let text = quoted
        .or_else(|| text(&sentence))
        .filter(|text| !text.eq_ignore_ascii_case("clock") && !text.eq_ignore_ascii_case("me"));
    Command::SetReminder { text, when, channel, lead_time, nature: Nature { alarm, urgent: urgent.is_some() } }
}

/// People wake up in the morning: of the readings of "at 7" that one.
fn in_the_morning(mut when: When) -> When {
    let morning = |value: &Value| value.as_instant().is_some_and(|at| at.hour() < 12);
    if !morning(&when.value)
        && let Some(place) = when.alternatives.iter().position(morning)
        && let Some(other) = when.alternatives.get_mut(place)
    {
        std::mem::swap(&mut when.value, other);
    }
    when
}

/// An alarm that repeats rings in the morning unless its words say otherwise.
fn again_in_the_morning(mut when: When) -> When {
    let said = when.text.to_lowercase();
    if let Value::Recurrence(repeat) = &mut when.value
        && !["pm", "p.m", "evening", "night", "afternoon", "noon"].iter().any(|word| said.contains(word))
    {
        for time in &mut repeat.times {
            let earlier = time.hour().checked_sub(12).filter(|hour| *hour > 0);
            if !said.contains(&time.hour().to_string())
                && let Some(morning) = earlier.and_then(|hour| time.with_hour(hour))
            {
                *time = morning;
            }
        }
    }
    when
}

/// What is to be done, as it was typed.
fn text(sentence: &Sentence<'_, '_>) -> Option<String> {
    let text = slots::cleaned(&sentence.rest());
    // "Remind me in 5" leaves a number that says nothing.
    text.chars().any(char::is_alphabetic).then_some(text)
}

fn list(mut sentence: Sentence<'_, '_>, bare: bool) -> Command {
    let when = sentence.take_when(false);
    let range = match &when {
        Some(when) => sentence.agenda_range(when),
        None => AgendaRange::Any,
    };
    if bare {
        return Command::ListReminders { range, which: Which::default() };
    }
    let start = sentence.start;
    let noun_end = sentence.find(NOUNS).map_or(start, |noun| noun.end);
    sentence.mark(start..noun_end);
    while let Some(range) = sentence.find_unread(any!(
        "do i have set|do i have|have i set|are set|i have set|i have|are there|there are|set|for me|did i set|\
            is set|that you have|for|coming up|upcoming|pending|are due|due|scheduled|still open|open|active|\
            have|i've|that|i|are|do|is|my|left|please|clock|on|to go off|go off|you have"
    )) {
        sentence.mark(range);
    }
    Command::ListReminders { range, which: sentence.which(NOUNS) }
}

fn snooze(sentence: &mut Sentence<'_, '_>, at: usize) -> Option<Command> {
    let range = sentence.start..at;
    let later_only = sentence.opens(any!("later")).is_some();
    if later_only && at != sentence.end {
        return None;
    }
    sentence.mark(range);
    if let Some(for_) = sentence.take_duration() {
        return Some(Command::SnoozeReminder { which: sentence.which(NOUNS), for_: Some(for_), until: None });
    }
    // "Until tomorrow morning" is when the morning begins: what follows the word counts.
    let word = sentence.find(any!("until|til|till|to|for"));
    let from = word.map_or(sentence.start, |word| word.end);
    let mut rest = Sentence::new(sentence.written(from..sentence.end), sentence.context);
    let until = rest.take_when(false).or_else(|| rest.take_when(true)).map(|when| {
        let value = match when.value {
            Value::Interval { start: Some(at), .. } | Value::Interval { start: None, end: Some(at), .. } => {
                Value::Instant { at, grain: Grain::Minute }
            }
            Value::Date { start, .. } => Value::Date { start, grain: Grain::Day },
            Value::Instant { .. } | Value::Interval { .. } | Value::Duration(_) | Value::Recurrence(_) => when.value,
        };
        When { value, ..when }
    });
    let end = sentence.end;
    if until.is_some() {
        sentence.mark(from..end);
    }
    while let Some(range) = sentence.find_unread(any!("until|for|to|by|a bit|a while|till|again|later")) {
        sentence.mark(range);
    }
    Some(Command::SnoozeReminder { which: sentence.which(NOUNS), for_: None, until })
}

pub(super) fn which(mut sentence: Sentence<'_, '_>) -> Which {
    let plural = sentence.has(any!("reminders|alarms")) && sentence.has(any!("all|every|any"));
    let when = sentence.take_when(false);
    while let Some(range) = sentence.find_unread(any!(
        "reminder to|reminder about|reminder for|alarm for|alarm to|set for|scheduled for|called|that says"
    )) {
        sentence.mark(range);
    }
    let mut which = sentence.which_as_typed(NOUNS);
    which.when = when;
    which.all |= plural;
    which
}
