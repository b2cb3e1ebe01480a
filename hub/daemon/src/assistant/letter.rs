//! What is particular about turns by mail: the way back into the thread, and mails that say nothing of their own.

use xswarm_core::{
    mail::{Letter, MailAddress},
    message::{Channel, Message},
    provenance::{Source, TAINTED, Tainted},
};
use xswarm_language::command::{Command, understand};
use xswarm_store::Rows;

use super::turn::Turn;
use crate::{channels::letterbox::record::Received, error::Error, outbox::To};

/// The answer's place in the thread of a mail: to its sender alone, from `us`.
pub(super) fn way_back(message: &Message, us: Option<MailAddress>) -> Option<To> {
    let received = Received::of_metadata(&message.metadata);
    let letter = Letter::reply(&received.subject, received.message_id.as_deref(), &received.thread);
    Some(To::Mail { from: us?, to: message.sender.as_deref()?.parse().ok()?, letter: Box::new(letter) })
}

/// What to say to a mail that says nothing of its sender's own; `None` for one that does, and for other channels.
pub(super) fn unanswerable(message: &Message) -> Option<String> {
    if message.channel != Channel::Email || !message.content.trim().is_empty() {
        return None;
    }
    let received = Received::of_metadata(&message.metadata);
    if !received.flaws.is_empty() {
        let flaws = received.flaws.join("; ");
        return Some(format!(
            "I could not read your mail: {flaws}. I kept it as it came. Nothing was changed; please write it to me again \
             as plain text."
        ));
    }
    let tainted = message.metadata.get(TAINTED).cloned().unwrap_or_default();
    let parts: Vec<Tainted> = serde_json::from_value(tainted).unwrap_or_default();
    let has = |source| parts.iter().any(|part| part.source == source);
    let what = if has(Source::Forwarded) {
        "only what you passed on from somebody else"
    } else if has(Source::Quoted) {
        "only what was quoted from an earlier mail"
    } else {
        "no words of your own"
    };
    Some(format!(
        "I found {what} in your mail. I kept it, but I act on your own words alone: write above it what I should do. \
         Nothing was changed."
    ))
}

/// Whether a mail brought an invitation that the Boss has asked about, and its words say no more than that it is passed
/// on: "please add this to my calendar".
pub(super) fn only_passes_on(rows: &Rows<'_>, turn: &Turn<'_>, message: &Message) -> Result<bool, Error> {
    if message.channel != Channel::Email || !rows.brought_an_invitation(message.id)? {
        return Ok(false);
    }
    let command = understand(&turn.said.text, &turn.context()).command;
    let is_nothing_else = matches!(
        command,
        Command::Unknown
            | Command::Yes
            | Command::SmallTalk
            | Command::Thanks
            | Command::Greeting
            | Command::Help { .. }
    );
    Ok(is_nothing_else || matches!(command, Command::CreateAppointment(draft) if draft.when.is_none()))
}
