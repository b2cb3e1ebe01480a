//! The answer to a question the Boss asked. Here latent readings count: "at 3", "the 15th", "7".

use super::{
    everyday,
    sentence::{Sentence, is_moment},
    slots,
    types::{Command, Understood, When},
};
use crate::lexer::phrases::any;
use crate::time::{Confidence, Context, Found, Span, Value};

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expecting {
    /// "When?"
    Time,
    /// "For how long?"
    Duration,
    /// "What shall I call it?"
    Title,
    /// "Shall I?"
    YesNo,
    /// "Which of these?"
    Choice {
        /// How many there are.
        of: usize,
    },
}

/// What was answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A time.
    Time(When),
    /// A length of time.
    Duration(Span),
    /// A title.
    Title(String),
    /// Yes.
    Yes,
    /// No, never mind.
    No,
    /// The n-th of the choices, from 1.
    Choice(usize),
    /// The person asked for something else instead.
    NewCommand(Box<Understood>),
    /// None of these.
    Unclear,
}

/// Understands the answer to a question.
pub fn understand_answer(text: &str, expecting: Expecting, context: &Context<'_>) -> Answer {
    let sentence = Sentence::new(text, context);
    let whole = sentence.whole();
    if whole.is_one_of(everyday::NO) || sentence.is_one_of(everyday::NO) {
        return Answer::No;
    }
    let understood = super::understand_strictly(&sentence);
    let yes = whole.is_one_of(everyday::YES) || sentence.is_one_of(everyday::YES);
    match expecting {
        Expecting::YesNo => yes_no(&sentence, yes, understood),
        Expecting::Time => time(sentence, yes, understood),
        Expecting::Duration => duration(&sentence, understood),
        Expecting::Title => title(&sentence, yes, understood),
        Expecting::Choice { of } => choice(&sentence, of, yes, understood),
    }
}

fn is_clear_command(command: &Command) -> bool {
    !matches!(
        command,
        Command::Unknown | Command::Yes | Command::No | Command::Thanks | Command::Greeting | Command::SmallTalk
    )
}

fn fallback(understood: Understood) -> Answer {
    if is_clear_command(&understood.command) { Answer::NewCommand(Box::new(understood)) } else { Answer::Unclear }
}

fn yes_no(sentence: &Sentence<'_, '_>, yes: bool, understood: Understood) -> Answer {
    if yes {
        return Answer::Yes;
    }
    if is_clear_command(&understood.command) {
        return Answer::NewCommand(Box::new(understood));
    }
    let first = sentence.whole();
    if first.opens(any!("yes|yeah|yep|yup|sure|ok|okay|definitely|absolutely|of course")).is_some() {
        return Answer::Yes;
    }
    if first.opens(any!("no|nope|nah|don't|dont|never mind|nevermind|not")).is_some() {
        return Answer::No;
    }
    Answer::Unclear
}

fn title(sentence: &Sentence<'_, '_>, yes: bool, understood: Understood) -> Answer {
    if yes {
        return Answer::Yes;
    }
    // "Lunch with Anna" is a title here, even with a time behind it.
    let title_like = matches!(&understood.command, Command::CreateAppointment(_))
        || matches!(&understood.command, Command::EditAppointment { which, title: Some(_), .. } if which.pronoun);
    if is_clear_command(&understood.command) && !title_like {
        return Answer::NewCommand(Box::new(understood));
    }
    let at = sentence.opens(any!("it's|its|call it|name it|title it|it is|the title is|make it|it should be called"));
    let words = at.and_then(|at| slots::title(sentence.written(at..sentence.end)));
    words
        .or_else(|| slots::title(sentence.written(sentence.start..sentence.end)))
        .map_or(Answer::Unclear, Answer::Title)
}

fn time(mut sentence: Sentence<'_, '_>, yes: bool, understood: Understood) -> Answer {
    // A sentence that opens like a command is one, even when it names a time.
    let opens_like_command = !matches!(understood.command, Command::CreateAppointment(_) | Command::ShowAgenda { .. })
        && is_clear_command(&understood.command);
    let creates = matches!(&understood.command, Command::CreateAppointment(draft) if draft.title.is_some());
    // "Make it noon" answers; "move the dentist to noon" does not.
    let pronoun = matches!(&understood.command, Command::MoveAppointment { which, to: Some(_), .. } if which.pronoun && which.title.is_none());
    let opens_like_command = opens_like_command && !pronoun;
    let asks = matches!(understood.command, Command::ShowAgenda { .. }) && sentence.asks();
    if opens_like_command || (creates && sentence.end - sentence.start > 6) || asks {
        return Answer::NewCommand(Box::new(understood));
    }
    if let Some(when) = sentence.take_when(false).or_else(|| sentence.take_when(true)) {
        // "Every other Thursday choir practice" is a sentence of its own, not when something else is.
        if leftover(&sentence) > 1 {
            return fallback(understood);
        }
        return Answer::Time(when);
    }
    // "in 20 minutes" is certain; "20 minutes" means the same here.
    if let Some(span) = sentence.take_duration() {
        let at = crate::time::resolver(sentence.context).shifted(sentence.context.now, span);
        let grain = if span.seconds == 0 { crate::time::Grain::Day } else { crate::time::Grain::Minute };
        let value = Value::Instant { at, grain };
        return Answer::Time(When {
            value,
            text: sentence.text.trim().to_owned(),
            alternatives: Vec::new(),
            date_said: true,
            time_said: span.seconds != 0,
        });
    }
    if yes { Answer::Yes } else { fallback(understood) }
}

/// How many words of an answer say something beside the time.
fn leftover(sentence: &Sentence<'_, '_>) -> usize {
    let empty = any!(
        "at|on|in|let's|lets|say|how|about|make|it|maybe|perhaps|i|think|would|could|should|be|is|good|great|fine|works|work|\
            best|better|for|me|the|then|ok|okay|um|uh|hm|well|sounds|please|that|that's|we|can|do|a|an|to|and|\
            around|or|so|no|yes|sorry|mean|meant|actually|rather|instead|want|like|i'd|it's|guess|probably|just|my"
    );
    (sentence.start..sentence.end)
        .filter(|i| sentence.is_word(*i) && !sentence.is_read(*i) && !sentence.in_time(*i))
        .filter(|i| !empty.has(sentence.word(*i)))
        .count()
}

fn duration(sentence: &Sentence<'_, '_>, understood: Understood) -> Answer {
    let found: Vec<&Found> = sentence.times.iter().map(|(found, _)| found).collect();
    if let Some(span) = found.iter().find_map(|found| found.value.as_duration()) {
        return Answer::Duration(span);
    }
    // "in 20 minutes", "until 5"
    let now = sentence.context.now;
    if let Some(seconds) = found.iter().find_map(|found| {
        let certain = found.confidence == Confidence::Certain || found.value.as_instant().is_none();
        found.value.as_deadline().filter(|_| certain).map(|at| (at - now).num_seconds())
    }) && seconds > 0
        && !is_clear_command(&understood.command)
    {
        return Answer::Duration(Span::seconds(seconds));
    }
    // A bare number is minutes.
    let reader = crate::time::reader(&sentence.tokens);
    if let Some((number, end)) = reader.cardinal(sentence.start)
        && end == sentence.end
        && (1..=600).contains(&number)
    {
        return Answer::Duration(Span::minutes(i64::from(number)));
    }
    fallback(understood)
}

fn choice(sentence: &Sentence<'_, '_>, of: usize, yes: bool, understood: Understood) -> Answer {
    if of == 1 && yes {
        return Answer::Choice(1);
    }
    let reader = crate::time::reader(&sentence.tokens);
    let whole = sentence.whole();
    // "Don't move the second one" chooses nothing.
    if whole.opens(any!("no|don't|dont|do not|never|not|neither|none")).is_some() {
        return Answer::No;
    }
    // What stands before the place: "the second", "I mean number 2"; not "cancel the second", nor the 2 of "massage2".
    let leads = any!(
        "the|number|no|nr|option|choice|it's|its|it|is|i|mean|meant|think|take|pick|choose|want|would|like|that|please|ok|\
        okay|yes|um|uh|er|let's|with|go|maybe|rather|one|book|reserve"
    );
    let led = (whole.start..whole.end).take_while(|i| leads.has(whole.word(*i))).last().map_or(whole.start, |i| i + 1);
    for i in whole.start..(led + 1).min(whole.end) {
        let place = match whole.word(i) {
            "last" => Some(of),
            "former" if of == 2 => Some(1),
            "latter" if of == 2 => Some(2),
            _ => reader
                .ordinal(i)
                .map(|(n, _, _)| n)
                .or_else(|| reader.cardinal(i).map(|(n, _)| n))
                .and_then(|n| usize::try_from(n).ok()),
        };
        // "the one on Friday" is no number one.
        let noun_one = whole.word(i) == "one"
            && whole.end - whole.start > 1
            && matches!(
                whole.word(i.wrapping_sub(1)),
                "the" | "that" | "this" | "first" | "second" | "third" | "last" | "next"
            );
        if let Some(place) = place.filter(|place| (1..=of).contains(place) && !noun_one) {
            let short = whole.end - whole.start <= 5;
            // "the 2nd" is a place here, "Friday the 2nd" is not.
            let counted = sentence.times.iter().any(|(found, range)| {
                let dated = found.time_said || range.len() > 3;
                dated && is_moment(found) && found.confidence == Confidence::Certain && range.contains(&i)
            });
            if short && !counted {
                return Answer::Choice(place);
            }
        }
    }
    if is_clear_command(&understood.command) && !matches!(understood.command, Command::CreateAppointment(_)) {
        return Answer::NewCommand(Box::new(understood));
    }
    // Words that name one of the choices are for the caller to match.
    slots::title(sentence.written(sentence.start..sentence.end)).map_or(Answer::Unclear, Answer::Title)
}
