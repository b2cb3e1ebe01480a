//! What a person asks of the Boss: from a sentence to one [`Command`] with its slots.
//!
//! Sharp openings are recognised by grammar, times by [`crate::time`]; what remains of the sentence becomes title,
//! participants and place. Where the grammar has no rule, or its rule is a weak one, a small linear model of what such
//! sentences are about ([`model`]) guesses the kind of command, and a guess is marked as one: the Boss asks before it
//! acts on it. A sentence that is none of the Boss's commands is [`Command::Unknown`]: better to ask than
//! to guess. Nothing here knows what appointments exist; "the second one" is handed on as it was said.

mod agenda;
mod answer;
mod appointment;
mod birthday;
mod change;
mod changes;
mod contacts;
mod details;
mod everyday;
mod invitation;
mod ladder;
mod lists;
mod mail;
mod memory;
pub mod model;
mod referring;
mod reminder;
mod room;
mod sentence;
mod series;
mod slots;
mod small_talk;
mod suggestions;
mod timer;
mod titled;
mod topic;
mod types;
mod weigh;
mod when;
mod work;

pub use answer::{Answer, Expecting, understand_answer};
pub use series::scope_answer;
pub use topic::Topic;
pub use types::{
    AgendaRange, AppointmentDraft, Asked, ChannelWord, Command, ContactCommand, ListCommand, Nature, NewLength,
    Understood, When, Which,
};

use sentence::Sentence;

use crate::time::Context;

/// What the sentence asks for.
///
/// ```
/// use xswarm_language::{command::{understand, Command}, policy, time::{Context, Locale}};
/// let now = "2026-11-24T09:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
/// let context = Context {
///     now: now.with_timezone(&chrono_tz::Europe::Berlin),
///     locale: Locale::UnitedStates,
///     policy: &policy::DEFAULT,
/// };
/// let understood = understand("Schedule meeting with John tomorrow at 3pm", &context);
/// assert!(matches!(understood.command, Command::CreateAppointment(_)));
/// ```
pub fn understand(text: &str, context: &Context<'_>) -> Understood {
    let sentence = Sentence::new(text, context);
    let (command, sure) = match change::correction(&sentence) {
        Some(correction) => (correction, true),
        None => weigh::decided(&sentence, by_grammar(&sentence)),
    };
    let problems = if command == Command::Unknown { Vec::new() } else { sentence.problems.clone() };
    Understood { command, sure, problems }
}

/// The same by grammar alone: for answers, where a bare "Friday" is no question and a guess no help.
fn understand_strictly(sentence: &Sentence<'_, '_>) -> Understood {
    Understood { command: by_grammar(sentence), sure: true, problems: sentence.problems.clone() }
}

/// What the model of topics looks at: for training it, and for scoring it.
pub fn features(text: &str, context: &Context<'_>) -> Vec<u16> {
    let sentence = Sentence::new(text, context);
    model::features(&sentence.tokens, &sentence.times, mark(&by_grammar(&sentence)))
}

/// What the grammar makes of a sentence.
fn by_grammar(sentence: &Sentence<'_, '_>) -> Command {
    ladder::answer(sentence)
        .or_else(|| memory::first(sentence))
        .or_else(|| everyday::whole(sentence))
        .or_else(|| changes::read(sentence))
        .or_else(|| referring::read(sentence))
        .or_else(|| details::read(sentence))
        .or_else(|| suggestions::read(sentence))
        .or_else(|| lists::read(sentence))
        .or_else(|| memory::read(sentence))
        .or_else(|| contacts::read(sentence))
        .or_else(|| invitation::read(sentence))
        .or_else(|| small_talk::read(sentence))
        .or_else(|| timer::read(sentence))
        .or_else(|| reminder::read(sentence))
        .or_else(|| work::read(sentence))
        .or_else(|| mail::read(sentence))
        .or_else(|| everyday::clock_question(sentence))
        .or_else(|| room::read(sentence))
        .or_else(|| agenda::read(sentence))
        .or_else(|| change::read(sentence))
        .or_else(|| appointment::read(sentence))
        .unwrap_or(Command::Unknown)
}

/// The grammar's verdict as a feature of the model.
fn mark(command: &Command) -> &'static str {
    match Topic::of(command) {
        Topic::NewAppointment => "new appointment",
        Topic::Agenda => "agenda",
        Topic::Change => "change",
        Topic::NewReminder => "new reminder",
        Topic::WriteMail => "write mail",
        Topic::ReadMail => "read mail",
        Topic::Clock => "clock",
        Topic::Conversation => "conversation",
        Topic::Other if *command == Command::Unknown => "unknown",
        Topic::Other => "other",
    }
}
