//! What a person asks of the Boss: from a sentence to one [`Command`] with its slots.
//!
//! Sharp openings are recognised by grammar, times by [`crate::time`]; what remains of the sentence becomes title,
//! participants and place. A sentence that is none of the Boss's commands is [`Command::Unknown`]: better to ask than
//! to guess. Nothing here knows what appointments exist; "the second one" is handed on as it was said.

mod agenda;
mod answer;
mod appointment;
mod change;
mod everyday;
mod reminder;
mod sentence;
mod slots;
mod timer;
mod types;
mod when;
mod work;

pub use answer::{Answer, Expecting, understand_answer};
pub use types::{AgendaRange, AppointmentDraft, ChannelWord, Command, NewLength, Understood, When, Which};

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
    let command = everyday::whole(&sentence)
        .or_else(|| timer::read(&sentence))
        .or_else(|| reminder::read(&sentence))
        .or_else(|| work::read(&sentence))
        .or_else(|| everyday::clock_question(&sentence))
        .or_else(|| agenda::read(&sentence))
        .or_else(|| change::read(&sentence))
        .or_else(|| appointment::read(&sentence))
        .unwrap_or(Command::Unknown);
    let problems = if command == Command::Unknown { Vec::new() } else { sentence.problems.clone() };
    Understood { command, problems }
}
