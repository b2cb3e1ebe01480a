//! Grammar and model weighed against each other: which command it is, and whether that is sure.
//!
//! The grammar's rules were written for the Boss's own commands and are believed, but for a few that also fit questions
//! about the world. Where there is no rule, the model's guess counts by its margin.

use super::{
    agenda, appointment, change, everyday, mail, mark, model, reminder, sentence::Sentence, titled, topic::Topic,
    types::Command,
};
use crate::{lexer::phrases::any, time::Value};

/// From this margin on the model alone decides; below, its guess is put as a question.
const SURE: f32 = 0.8;
/// Below this margin the model has no opinion.
const GUESS: f32 = 0.2;
/// Below this margin an announcement may be one of the person's own, though the model thinks of something else.
const ANNOUNCED: f32 = 0.5;
/// From this margin on the model overrules the grammar.
const OVERRULES: f32 = 0.4;

/// The command, and whether it is sure enough to act on.
pub(super) fn decided(sentence: &Sentence<'_, '_>, grammar: Command) -> (Command, bool) {
    if denied(sentence, &grammar) {
        return (Command::Unknown, true);
    }
    if is_settled(&grammar, sentence) {
        return (grammar, true);
    }
    let (command, sure) = weighed(sentence, grammar);
    if !matches!(command, Command::Unknown | Command::SmallTalk) {
        return (command, sure);
    }
    // What the model makes nothing of may still have the shape of something for the calendar.
    let shaped =
        titled::is_titled(sentence).then(|| appointment::guessed(sentence)).or_else(|| agenda::named(sentence));
    shaped.map_or((command, sure), |guess| (guess, false))
}

/// Whether the grammar's word is final. It is but for questions that may be about the world as well as about the agenda
/// ("when is the concert"), and for help: the model has read more of those than the grammar's author.
fn is_settled(command: &Command, sentence: &Sentence<'_, '_>) -> bool {
    let own = || {
        sentence.has(any!(
            "i|my|our|we|me|mine|us|calendar|agenda|schedule|meeting|meetings|appointment|appointments|what's next|\
                whats next|what is next"
        ))
    };
    // "Help with mail" and "can you send emails?" say what they are.
    let topic = sentence.whole().opens(any!("help with|help on|can you|could you|are you able to|do you know how to"));
    if matches!(command, Command::Help { topic: Some(_) }) && topic.is_some() {
        return true;
    }
    let weak = matches!(command, Command::ShowAgenda { .. } | Command::TellTime { .. } | Command::Help { .. });
    *command != Command::Unknown && (!weak || own() && !elsewhere(sentence))
}

/// "I didn't ask you to set a timer", "I'd rather not schedule a meeting": a command, but for the word that denies it.
fn denied(sentence: &Sentence<'_, '_>, grammar: &Command) -> bool {
    let effect = matches!(
        grammar,
        Command::CreateAppointment(_)
            | Command::SetReminder { .. }
            | Command::RemindBefore { .. }
            | Command::MoveReminder { .. }
            | Command::SetTimer { .. }
            | Command::SetTimers { .. }
            | Command::MoveAppointment { .. }
            | Command::EditAppointment { .. }
            | Command::SendMessage { .. }
            | Command::SendMail { .. }
    );
    // Politeness put aside may hold the denial: "I'd like you not to …".
    let mut opening = sentence.start.saturating_sub(2)..sentence.start + 4;
    let denies = opening.any(|i| {
        let word = sentence.token(i).map_or("", |token| token.word.as_str());
        any!("didn't|don't|dont|doesn't|not|never|won't|wouldn't|shouldn't|haven't|hasn't|can't|cannot|couldn't")
            .has(word)
    });
    let double = sentence
        .has(any!("don't forget|dont forget|do not forget|don't let me|dont let me|do not let me|not only"))
        || sentence.opens(any!("forget|let me")).is_some();
    effect && denies && !double
}

/// Whether it says when and nothing else: an answer to a question that nobody asked.
fn only_times(sentence: &Sentence<'_, '_>) -> bool {
    let words = (sentence.start..sentence.end).filter(|i| sentence.is_word(*i) && !sentence.in_time(*i));
    words.filter(|i| !any!("at|on|in|by|past|half|quarter|to|pm|am|the").has(sentence.word(*i))).count() == 0
}

/// Nothing the Boss keeps, however much it sounds like it: rooms to meet in, settings, the music that plays.
fn elsewhere(sentence: &Sentence<'_, '_>) -> bool {
    let rooms = sentence.has(any!("room|rooms")) && sentence.has(any!("available|availability|free|open|vacant"));
    let settings = sentence.opens(any!("change|set|switch|update|adjust|make")).is_some()
        && sentence.has(any!("time zone|timezone|your name|language|accent|voice|volume"));
    let music = sentence.has(any!("song|songs|album|track|music|playlist|movie|game|radio|audiobook|podcast"))
        && sentence.has(any!("repeat|again|once more|next|skip|play|run|load|start"));
    let agents = sentence.has(any!("agent|agents"));
    let others = sentence.opens(any!("add|invite|include")).is_some()
        && sentence.has(any!("to the meeting|to my meeting|to the call|to the event|to the appointment|to tomorrow's"));
    let reminders = sentence.opens(any!("change|move|update|edit|rename|reschedule|push|shift")).is_some()
        && sentence.has(any!("reminder|reminders|alarm|alarms|timer|timers"));
    rooms || settings || music || agents || others || reminders
}

/// Whether it has at least one of the common words that hold English together: "asdf qwer" is no talk.
fn is_english(sentence: &Sentence<'_, '_>) -> bool {
    let common = any!(
        "i|i'm|i'll|i'd|i've|you|you're|your|me|my|we|us|it|it's|its|that|that's|this|is|are|was|were|be|do|does|did|can|\
            could|would|will|should|have|has|the|a|an|of|to|for|in|on|at|with|and|or|not|no|yes|don't|what|what's|who|\
            how|why|when|where|please|tell|say|give|make|so|just|good|great|nice|ok|okay|stop|thanks|repeat|again|right|\
            correct|hey|hello|hi|oh|wow|very|true|false|see|know|think|need|want|like|love|help|learn|talk|work|well|done|\
            shut|down|off|up|out|about|more|one|last|thing|there|here|now|wouldn't|couldn't|can't|won't|didn't|isn't|\
            really|sure|fine|perfect|cool|sweet|awesome|fantastic|wonderful|bad|wrong|sorry|confirm|check|detail|\
            details|explain|any|some|all|best|new|old|friend|time|day"
    );
    sentence.tokens.iter().any(|token| common.has(&token.word))
}

/// "We're having friends over on Saturday at 7": a time in the words of somebody who speaks of themselves.
fn announcement(sentence: &Sentence<'_, '_>) -> bool {
    let own = sentence
        .tokens
        .iter()
        .any(|token| any!("i|i'm|i'll|i've|we|we're|we'll|we've|my|our|let's|lets|me|us|mom|dad|mum").has(&token.word));
    let past = any!("got|just|already|clear|clarify");
    let now = sentence.context.now;
    let ahead = sentence.times.iter().any(|(found, _)| match &found.value {
        Value::Instant { at, .. } => *at > now,
        Value::Date { start, .. } => *start > now.date_naive(),
        Value::Interval { start, .. } => start.is_some_and(|start| start > now),
        Value::Recurrence(_) => true,
        Value::Duration(_) => false,
    });
    own && ahead && sentence.has_time() && !sentence.asks() && !sentence.has(past) && !reported(sentence)
}

/// "Are we doing anything on the weekend?": a day in a question of somebody who speaks of themselves.
fn dated_question(sentence: &Sentence<'_, '_>) -> bool {
    sentence.asks() && sentence.has_time() && sentence.has(any!("i|we|me|us|my|our"))
}

/// "I wonder what Friday holds for me": a question in the shape of a statement.
fn wonders(sentence: &Sentence<'_, '_>) -> bool {
    sentence.has(any!(
        "wonder|wondering|what|what's|whats|whether|if|when|which|how|calendar|agenda|schedule|list|show|tell|see|\
            know|check|look|find|read|give"
    ))
}

/// What somebody did or said: not asked for, whatever it is about.
fn reported(sentence: &Sentence<'_, '_>) -> bool {
    sentence.has(any!(
        "was|were|had|did|went|met|said|told|saw|ate|took|bought|came|moved|scheduled|booked|cancelled|canceled|\
            postponed|rescheduled|changed|asked|wrote|thinks|says|wants"
    ))
}

/// Grammar and model together: the command, and whether it is sure.
fn weighed(sentence: &Sentence<'_, '_>, grammar: Command) -> (Command, bool) {
    if elsewhere(sentence) || grammar == Command::Unknown && only_times(sentence) {
        return (Command::Unknown, true);
    }
    let told = |guess: Command| {
        let refused = denied(sentence, &guess) || matches!(guess, Command::CreateAppointment(_)) && reported(sentence);
        if refused { (Command::Unknown, true) } else { (guess, false) }
    };
    let verdict = model::verdict(&model::features(&sentence.tokens, &sentence.times, mark(&grammar)));
    let agreed = verdict.topic == Topic::of(&grammar) && grammar != Command::Unknown;
    if agreed || grammar != Command::Unknown && verdict.margin < OVERRULES {
        return (grammar, true);
    }
    if verdict.margin < GUESS && !announcement(sentence) {
        return (Command::Unknown, true);
    }
    // What would change something is asked about, however sure the model is.
    let sure = verdict.margin >= SURE;
    match verdict.topic {
        Topic::NewAppointment => told(appointment::guessed(sentence)),
        // "My sister's birthday is on 14 March"
        Topic::Agenda if announcement(sentence) && !wonders(sentence) => told(appointment::guessed(sentence)),
        Topic::Agenda => (agenda::guessed(sentence), sure),
        Topic::Change => told(change::guessed(sentence)),
        Topic::NewReminder => told(reminder::guessed(sentence)),
        Topic::WriteMail => told(mail::guessed(sentence)),
        Topic::ReadMail => (Command::ReadMail, sure),
        Topic::Clock => (everyday::guessed_clock(sentence), sure),
        Topic::Conversation if dated_question(sentence) => (agenda::guessed(sentence), false),
        Topic::Conversation if announcement(sentence) => told(appointment::guessed(sentence)),
        Topic::Other if verdict.margin < ANNOUNCED && announcement(sentence) => told(appointment::guessed(sentence)),
        Topic::Conversation if verdict.score > 0.0 && is_english(sentence) => (Command::SmallTalk, true),
        Topic::Conversation | Topic::Other => (Command::Unknown, true),
    }
}
