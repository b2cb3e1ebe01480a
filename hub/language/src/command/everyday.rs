//! Small commands: yes, no, undo, more, help, thanks, the time and the date.

use super::{
    sentence::Sentence,
    slots,
    types::{Command, When},
};
use crate::lexer::phrases::{Phrases, any};
use crate::time::{Confidence, Grain, Value};

pub(super) const YES: &Phrases = any!(
    "yes|yes please|yep|yeah|yea|yup|ya|sure|sure thing|ok|okay|k|kk|correct|right|\
    that's right|exactly|affirmative|do it|go ahead|confirm|confirmed|sounds good|perfect|absolutely|definitely|\
    of course|fine|please do|y|yes do it|yes go ahead|ok do it|that works|works for me|great|good|\
    yes that's right|yes correct|indeed|approved|positive|that is correct|that is right|true|yes it is|by all means|uh huh|alright|all right|agreed|yes exactly|that's correct"
);
pub(super) const NO: &Phrases = any!(
    "no|none|none of them|none of these|neither|no thanks|no thank you|nope|nah|n|\
    never mind|nevermind|cancel|cancel that|cancel it|forget it|forget that|forget about it|stop|don't|do not|\
    don't do it|not now|wrong|that's wrong|negative|no way|abort|leave it|no stop|no cancel|scratch that|\
    dismiss|not that|no don't|please don't|no never mind|no that's wrong|not really|nada|i'll pass|i will pass|no it isn't|no that's not right|no that is wrong|negatory|invalid"
);
const UNDO: &Phrases = any!(
    "undo|undo that|undo it|undo the last|undo last|take that back|take it back|revert|revert that|\
    undo the last one|undo the last thing|undo my last|undo the last change|undo last change|reverse that|\
    put it back|undo what you did|undo your last action|roll that back|go back on that"
);
const MORE: &Phrases = any!(
    "more|show more|tell me more|go on|continue|next page|the rest|show me more|show me the rest|\
    what else|keep going|more please|read on|and the rest|give me more|tell me the rest|anything else"
);
const REPEAT: &Phrases = any!(
    "repeat|repeat that|say that again|say again|what did you say|come again|pardon|what was that|\
    repeat please|can you repeat that|say it again|once more|again|one more time|i didn't hear you|\
    i didn't catch that|sorry what"
);
const THANKS: &Phrases = any!(
    "thanks|thank you|thx|ty|thanks a lot|thank you very much|cheers|many thanks|thanks so much|\
    thank you so much|great thanks|ok thanks|perfect thanks|thank u|much appreciated|appreciate it"
);
const GREETING: &Phrases = any!(
    "hi|hello|hey|good morning|good evening|good afternoon|hi there|hello there|hey there|howdy|\
    greetings|hi boss|hello boss|hey boss|yo|good morning boss|good evening boss|good day|are you there|\
    you there"
);
const HELP: &Phrases = any!(
    "help|help me|what can you do|what can i say|what can i ask|what can i ask you|\
    how does this work|how do i use this|how do i use you|commands|list commands|show commands|what do you do|\
    what are you able to do|menu|options|instructions|info|what are my options|how can you help|\
    how can you help me|what are your capabilities|what are your skills|what skills do you have|\
    list of commands|what can you help|what can i use you for|what can you help me with|what can you help with|i need help|what commands are there|\
    what commands do you know|show me what you can do|?|help please|what else can you do|what are your commands"
);

/// Whole sentences with one meaning.
pub(super) fn whole(sentence: &Sentence<'_, '_>) -> Option<Command> {
    // "Ok" and "please" are politeness in front of something else; alone they are an answer.
    let bare = sentence.whole();
    for (phrases, command) in [
        (UNDO, Command::Undo),
        (THANKS, Command::Thanks),
        (GREETING, Command::Greeting),
        (YES, Command::Yes),
        (NO, Command::No),
        (MORE, Command::More),
        (REPEAT, Command::Repeat),
        (HELP, Command::Help { topic: None }),
    ] {
        if bare.is_one_of(phrases) || sentence.is_one_of(phrases) {
            return Some(command);
        }
    }
    if let Some(at) = sentence.opens(any!(
        "help with|help me with|help on|how do i|how can i|how to|what is the command for|explain how to|\
            show me how to"
    )) && at < sentence.end
    {
        let how = sentence.opens(any!("how do i|how can i|how to|explain how to|show me how to")).is_some();
        let own = sentence.has(any!(
            "reminder|reminders|timer|timers|appointment|appointments|meeting|calendar|snooze|undo|project|projects|\
                task|tasks|agenda"
        ));
        // "How do I send an email" may be about any program; "help with mail" is about this one.
        let ours = any!(
            "list|lists|contact|contacts|message|messages|mail|mails|email|emails|money|spending|costs|receipt|receipts|\
                memory|invitation|invitations|suggestions|alarm|alarms|meetings"
        );
        let something = sentence.any_at(sentence.end - 1, any!("something|anything")).is_some();
        let own = own || something || !how && sentence.has(ours);
        if own || !how {
            return own.then(|| Command::Help { topic: slots::title(sentence.written(at..sentence.end)) });
        }
    }
    if let Some(topic) = ability(&bare) {
        return Some(Command::Help { topic: Some(topic) });
    }
    let again = sentence.has(any!(
        "one more time|say that again|say it again|repeat that|repeat what you|you just said|what you said|\
            didn't hear|didn't catch|didn't understand|come again|say again|once again|repeat it|repeat your"
    ));
    if again && !sentence.has_time() && !sentence.has(any!("song|album|track|music|radio|reminder|meeting|game|movie"))
    {
        return Some(Command::Repeat);
    }
    let thanks = bare.opens(any!("thanks|thank you|thx|cheers|many thanks")).is_some();
    if thanks
        && bare.end - bare.start <= 8
        && !sentence.has_time()
        && !sentence.has(any!("schedule|remind|cancel|set|book"))
    {
        return Some(Command::Thanks);
    }
    if called_off(&bare) {
        return Some(Command::No);
    }
    let abilities = sentence.opens(any!("what|which|tell me what|list|show me what")).is_some()
        && sentence.has(any!(
            "can you do|can you help|are you able|do you know about|can i ask you|could you help|are you capable|\
                are you knowledgeable|do you offer|can you assist|you can do|you can help|you are able|\
                tasks can you|things can you|kind of things can|type of things can|do you have to offer"
        ))
        && !sentence.has_time();
    if abilities {
        return Some(Command::Help { topic: None });
    }
    if sentence.opens(any!("undo")).is_some() && sentence.end - sentence.start <= 6 {
        return Some(Command::Undo);
    }
    None
}

/// "Can you send emails?": whether it can be done at all, not a wish. A wish says which ones.
fn ability(sentence: &Sentence<'_, '_>) -> Option<String> {
    let at = sentence.opens(any!("can you|could you|are you able to|do you know how to"))?;
    let last = sentence.end.checked_sub(1)?;
    let asks = sentence.tokens.iter().rev().take(2).any(|token| token.is_symbol('?'));
    let things = any!(
        "emails|mails|texts|messages|people|reminders|timers|alarms|lists|appointments|meetings|calls|contacts|birthdays"
    );
    let bare = last == at + 1 && things.has(sentence.word(last));
    (asks && bare).then(|| slots::title(sentence.written(at..sentence.end))).flatten()
}

/// "Never mind, cancel that", "sorry, stop it please": nothing but calling off, in several words.
fn called_off(sentence: &Sentence<'_, '_>) -> bool {
    let opens = sentence
        .opens(any!(
            "never mind|nevermind|forget it|forget that|cancel that|cancel it|cancel the|cancel this|cancel my|stop|\
                please stop|please cancel|sorry|no|don't|do not|just|quit|shut|be quiet|hush|that's enough|ok stop|\
                could you|can you|would you|abort|scratch that|hold on"
        ))
        .is_some();
    let trigger = sentence.has(any!(
        "never mind|nevermind|forget it|forget that|cancel|stop|shut up|quit|be quiet|hush|enough|abort|scratch that"
    ));
    let rest = any!(
        "never|mind|nevermind|forget|it|that|this|cancel|stop|please|sorry|no|don't|do|not|just|quit|shut|up|be|quiet|\
            hush|that's|enough|ok|okay|could|can|would|you|abort|scratch|hold|on|talking|speaking|the|my|last|\
            command|commands|request|action|task|order|actually|now|about|anymore|any|more|i|changed|want|to|what|\
            you're|are|doing|your|current|say|saying|right|away|already|a|for|minute"
    );
    let words = || (sentence.start..sentence.end).filter(|i| sentence.is_word(*i));
    opens && trigger && words().count() > 1 && words().all(|i| rest.has(sentence.word(i)))
}

/// Words that a question for the time is made of, besides "time" and a place.
const TIME_WORDS: &Phrases = any!(
    "what|what's|whats|is|the|it|now|right|current|currently|exact|exactly|correct|local|\
    present|at|here|there|tell|me|show|give|of|day|please|would|be|do|you|know|have|got|for|a|today|moment|can|\
    could|i|need|get|say|says|does|clock|which|hour|minute|and|time|times|timezone|timezones|zone|zones|want|\
    how|late|to|check|provide|like|time's|way|its|it's|are|that|was|as"
);
/// Words that a question for the date is made of, besides "date", "day" and a time.
const DATE_WORDS: &Phrases = any!(
    "what|what's|whats|which|is|it|the|day|date|dates|of|week|weekday|today|on|tell|me|does|do|\
    did|fall|falls|will|be|in|from|month|year|current|currently|actual|full|exact|and|can|you|i|need|know|\
    please|give|show|to|get|would|let|now|that|for|are|was|a|todays|tomorrow|number|it's|todays"
);

/// "What time is it", "what's the date on Friday".
pub(super) fn clock_question(sentence: &Sentence<'_, '_>) -> Option<Command> {
    if sentence.is_one_of(any!("what's today|whats today|what is today")) {
        return Some(Command::TellDate { when: None });
    }
    time_question(sentence).or_else(|| date_question(sentence)).or_else(|| distance_question(sentence))
}

/// A question about the time or the date that no rule of the grammar recognised.
pub(super) fn guessed_clock(sentence: &Sentence<'_, '_>) -> Command {
    let mut sentence = sentence.clone();
    let time = sentence.has(any!("time|times|timezone|timezones|zone|clock|hour|o'clock|late"));
    if time {
        let place = sentence.find(any!("in")).and_then(|place| {
            let end = (place.end..sentence.end).find(|i| !sentence.is_word(*i)).unwrap_or(sentence.end);
            slots::title(sentence.written(place.end..end.min(place.end + 3)))
        });
        return Command::TellTime { place };
    }
    Command::TellDate { when: sentence.take_when(false) }
}

fn time_question(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let noun = sentence.find(any!("time|timezone|time zone|what hour|how late|time's|clock say|clock says"))?;
    let asks = sentence.asks()
        || sentence
            .opens(any!(
                "time|the time|current time|tell|telling|show|give|check|provide|get|now what|in|local time|exact time"
            ))
            .is_some();
    // "time" with a time in it is a conversion or an appointment.
    let told = sentence.times.iter().any(|(found, range)| {
        found.confidence == Confidence::Certain
            && range.start >= sentence.start
            && !sentence.written(range.clone()).contains("now")
            && !sentence.written(range.clone()).to_lowercase().contains("today")
    });
    if !asks || told {
        return None;
    }
    let other: Vec<usize> = (sentence.start..sentence.end)
        .filter(|i| {
            sentence.is_word(*i) && !TIME_WORDS.has(sentence.word(*i)) && !matches!(sentence.word(*i), "in" | "s")
        })
        .collect();
    let (Some(first), Some(last)) = (other.first().copied(), other.last().copied()) else {
        return Some(Command::TellTime { place: None });
    };
    let together = last - first < 3 && (first..=last).all(|i| sentence.is_word(i));
    let zone = sentence.has(any!("timezone|time zone|timezones|time zones"));
    let introduced = first > sentence.start
        && matches!(sentence.word(first - 1), "in" | "at" | "the")
        && sentence.has(any!("in|at"));
    // "Boston's current time", "Tokyo time"
    let named = last < noun.start
        && noun.start - last <= 2
        && sentence.opens(any!("what|what's|tell|show|give|current")).is_some();
    let question_of_thing = introduced && !sentence.has(any!("in")) && !zone;
    if !together || question_of_thing || !(introduced || zone || named) {
        return None;
    }
    let personal = sentence.has(any!(
        "meeting|appointment|event|party|flight|game|movie|show's|store|dinner|lunch|alarm|\
        sunset|sunrise|class|bed|morning|evening|afternoon|difference"
    ));
    let name: Vec<&str> = (first..=last).map(|i| sentence.written(i..i + 1)).collect();
    let name = name.join(" ");
    let name = name.trim_end_matches("'s").trim_end_matches("’s");
    (!personal).then(|| Some(slots::capitalised(name)).map(|place| Command::TellTime { place: Some(place) })).flatten()
}

/// "How many weeks until Christmas", "how long is it since May 3": the day asked about.
fn distance_question(sentence: &Sentence<'_, '_>) -> Option<Command> {
    sentence.opens(any!(
        "how many days|how many weeks|how many months|how many more days|how many more weeks|how many more months|\
            how long is it|how long until|how long till|how long before|how far away is|how far off is|\
            what is the number of days|number of days"
    ))?;
    if !sentence.has(any!("until|till|to|before|left|since|away|off|from|between|for")) {
        return None;
    }
    let mut sentence = sentence.clone();
    let when = sentence.take_when(false)?;
    let when = When { value: boundary(when.value, &sentence), ..when };
    Some(Command::TellDate { when: Some(when) })
}

/// "Until Christmas" is about Christmas itself.
fn boundary(value: Value, sentence: &Sentence<'_, '_>) -> Value {
    match &value {
        Value::Interval { start: None, end: Some(end), grain: Grain::Day } => {
            let day = if sentence.has(any!("until|till|up to")) { end.date_naive().pred_opt() } else { None };
            Value::Date { start: day.unwrap_or(end.date_naive()), grain: Grain::Day }
        }
        Value::Interval { start: Some(start), end: None, grain: Grain::Day } => {
            Value::Date { start: start.date_naive(), grain: Grain::Day }
        }
        Value::Instant { .. }
        | Value::Date { .. }
        | Value::Interval { .. }
        | Value::Duration(_)
        | Value::Recurrence(_) => value,
    }
}

fn date_question(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let mut sentence = sentence.clone();
    let noun =
        sentence.find(any!("date|day|dates|weekday|what month|what year|what week|which month|which year|todays"))?;
    let opens = sentence.asks()
        || sentence
            .opens(any!(
                "date|the date|today date|todays date|tell|show|give|current date|\
        today|tomorrow|in|let me know|get|after"
            ))
            .is_some();
    let few = sentence.end - sentence.start < 2 && !matches!(sentence.word(noun.start), "date");
    if !opens || few || sentence.has(any!("due date|my day|a date with|first date")) {
        return None;
    }
    while let Some(range) = sentence.find_unread(any!("of the week|of the month|of the year")) {
        sentence.mark(range);
    }
    let when = sentence.take_when(false);
    let other = (sentence.start..sentence.end)
        .any(|i| sentence.is_word(i) && !sentence.is_read(i) && !DATE_WORDS.has(sentence.word(i)));
    // "What day is it" needs the noun outside of any time.
    if other || (noun.start..noun.end).all(|i| sentence.is_read(i)) && !sentence.has(any!("date")) {
        return None;
    }
    Some(Command::TellDate {
        when: when.filter(|when| {
            when.date_said && !matches!(when.text.to_lowercase().as_str(), "now" | "right now" | "today" | "this day")
        }),
    })
}
