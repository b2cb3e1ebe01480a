//! How a turn that thought ends: the answer when the model has said its say, when it asks, when it was stopped, and when it
//! did not answer at all. What was done has happened by then, and is told in any case.

use xswarm_core::id::MessageId;
use xswarm_language::command::{Command, understand};

use super::{
    super::{question::Question, turn::Decision},
    context::Thought,
    progress::{End, Progress},
    wording,
};
use crate::llm::Failure;

/// How thinking ended.
pub(super) enum Ended {
    By(End),
    /// Without the model; why.
    Without(Failure),
    /// The person wants it no more; they said so in this message.
    Stopped(MessageId),
}

/// What the turn comes to: words, and perhaps a question. Its effects have happened.
pub(super) fn decision(thought: &Thought, ended: Ended, progress: &Progress, fallback: Decision) -> Decision {
    let done = progress.done.as_slice();
    let asked = !matches!(
        understand(&thought.before.message.content, &thought.context()).command,
        Command::Unknown | Command::SmallTalk | Command::ShowAgenda { .. } | Command::ListReminders { .. }
    ) || wording::asks_for_a_deed(&thought.before.message.content);
    let said = |reply: String| Decision { sources: progress.seen.clone(), ..Decision::say(reply) };
    match ended {
        Ended::By(End::Said { text, cut }) => {
            let text = if cut { format!("{text} …") } else { text };
            said(wording::answer(done, &text, asked, !progress.seen.is_own()))
        }
        Ended::By(End::Asked { words, question }) => {
            let reply = if done.is_empty() { words } else { format!("{}\n{words}", wording::done_lines(done)) };
            Decision { question: Some(*question), ..said(reply) }
        }
        Ended::By(End::TooMuch) => {
            said(wording::broken_off(done, "That took more steps than I allow myself, so I stopped."))
        }
        Ended::Stopped(_) => said(wording::broken_off(done, "All right, I stopped.")),
        Ended::Without(failure) => without(thought, &failure, progress, fallback),
    }
}

/// What is said when the model did not answer: why, and what holds all the same.
fn without(thought: &Thought, failure: &Failure, progress: &Progress, fallback: Decision) -> Decision {
    let done = progress.done.as_slice();
    log::warn!(message:% = thought.before.message.id; "a turn went without the language model: {failure}");
    let (why, later) = match failure {
        Failure::CapReached { cap, limit } => {
            (format!("I have used up what I may spend on my language model ({cap} cap of {limit})."), false)
        }
        Failure::TooLong => ("That is too long for my language model.".to_owned(), false),
        Failure::NotConfigured => ("I have no language model.".to_owned(), false),
        Failure::Refused { .. } => {
            ("My language model's provider refuses me; `xswarm doctor` says more.".to_owned(), true)
        }
        Failure::Nonsense(_) => ("My language model gave no answer that I can use.".to_owned(), true),
        Failure::TooSlow => ("My language model took too long.".to_owned(), true),
        Failure::Overloaded(_) => ("My language model is overloaded or in trouble right now.".to_owned(), true),
        Failure::Unreachable(_) | Failure::Cancelled => {
            ("My language model can't be reached right now.".to_owned(), true)
        }
    };
    if !done.is_empty() {
        let words = wording::broken_off(done, &format!("{why} The rest of what you asked is not done."));
        return Decision { sources: progress.seen.clone(), ..Decision::say(words) };
    }
    if fallback.question.is_some() || !fallback.effects.is_empty() {
        return Decision { reply: format!("{why} {}", fallback.reply), ..fallback };
    }
    if !later || thought.before.again.is_some() {
        return Decision::say(format!("{why} Nothing was changed. Say \"help\" for what I can do without it."));
    }
    let question = Question::AnswerLater { message: thought.before.message.id };
    Decision::ask(format!("{why} Nothing was changed. Shall I answer when it works again? (yes or no)"), question)
}
