//! Whether a message can be the answer to the question that is open. There is one question for each person, asked by one
//! way and perhaps answered by another, so a confirmation must belong to what was asked.
//!
//! What an answer then means is decided in [`super::asked`].

use chrono::Duration;
use xswarm_core::message::{Channel, Message};
use xswarm_language::command::{Command, understand};
use xswarm_store::{Conversation, Rows};

use super::{
    question::Question,
    reminders::answers,
    said_at,
    turn::{Decision, Open, Turn},
};
use crate::error::Error;

/// How exact the times are that others give their messages.
const SENT_AT_GRAIN: Duration = Duration::seconds(1);

/// Whether a message can be the answer. One that names another message of ours is none, and what was said before the
/// question was asked confirms nothing. A mail that begins a thread may be one.
pub(super) fn may_answer(
    rows: &Rows<'_>,
    message: &Message,
    conversation: &Conversation<Question>,
) -> Result<bool, Error> {
    let Some(question) = &conversation.question else { return Ok(true) };
    if let (Channel::Email, Some(answered)) = (message.channel, message.in_reply_to) {
        let asked = match conversation.asked_by {
            Some(asked) => Some(asked),
            None => rows.conversation_last_said(conversation.id)?,
        };
        return Ok(asked.is_none_or(|asked| asked == answered));
    }
    Ok(!confirms(question) || !came_before(rows, message, conversation)?)
}

/// Whether the message was sent before the question was asked, however late it reached us.
fn came_before(rows: &Rows<'_>, message: &Message, conversation: &Conversation<Question>) -> Result<bool, Error> {
    let Some(asking) = conversation.asked_by.map_or(Ok(None), |id| rows.message(id))? else { return Ok(false) };
    let sent = said_at(message);
    let sent_before = sent != message.created_at && sent + SENT_AT_GRAIN <= asking.created_at;
    Ok(sent_before || !rows.message_came_after(message.id, asking.id)?)
}

/// Whether its answer settles what the Boss named, rather than telling what was missing.
fn confirms(question: &Question) -> bool {
    match question {
        Question::Missing { .. } | Question::More { .. } => false,
        Question::Guessed { .. }
        | Question::Invitation { .. }
        | Question::Cancel { .. }
        | Question::Scope { .. }
        | Question::Proposed { .. }
        | Question::Book { .. }
        | Question::Choose { .. }
        | Question::WhichContact { .. }
        | Question::AnswerLater { .. }
        | Question::Suggestion { .. }
        | Question::Pin { .. }
        | Question::Confirm { .. } => true,
    }
}

/// A bare "ok" after a reminder that was said since the question was asked: it was seen, and the question is asked again,
/// for nobody can tell which of the two is meant.
pub(super) fn seen_first(
    turn: &Turn<'_>,
    message: &Message,
    conversation: &Conversation<Question>,
) -> Result<Option<Decision>, Error> {
    let (Some(question), Some(asked_by)) = (&conversation.question, conversation.asked_by) else { return Ok(None) };
    let named = message.in_reply_to == Some(asked_by);
    // What was merely suggested is not asked again.
    let suggested = matches!(question, Question::Suggestion { .. });
    if named || suggested || !confirms(question) || understand(&turn.said.text, &turn.context()).command != Command::Yes
    {
        return Ok(None);
    }
    let Some(asking) = turn.rows.message(asked_by)? else { return Ok(None) };
    let seen = answers::seen_since(turn, asking.created_at)?;
    Ok(seen.map(|seen| Decision {
        reply: format!("{} And what I asked before: {}", seen.reply, asking.content),
        question: Some(question.clone()),
        open: Open::PassedOver,
        ..seen
    }))
}
