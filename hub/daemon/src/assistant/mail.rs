//! Reading mail to the person: what came to the Boss from others, and what they passed on themselves.
//!
//! What is read is shown and nothing more: every answer made here says whose words it holds, so that nothing in them can
//! lead to a deed.

use xswarm_core::{
    message::{Channel, Direction, Message},
    provenance::{self, Source, Sources, TAINTED, Tainted},
    user::Role,
};
use xswarm_store::MessageFilter;

use super::{
    trust::shown,
    turn::{Decision, Turn},
};
use crate::{channels::letterbox::record::Received, error::Error, wording};

/// How many mails are told, among how many that came last.
const TOLD: usize = 5;
const LOOKED_AT: u32 = 200;

/// How much of one is told, in characters.
const PART: usize = 400;

/// Tells what came by mail lately: to the person, and for an admin what strangers wrote to the Boss.
pub(super) fn read(turn: &Turn<'_>) -> Result<Decision, Error> {
    let filter = MessageFilter { channel: Some(Channel::Email), limit: LOOKED_AT, ..MessageFilter::default() };
    let for_them = |message: &Message| match message.user_id {
        Some(user) => user == turn.user.id,
        None => turn.user.role == Role::Admin,
    };
    let mut lines = Vec::new();
    let mut sources = Sources::own();
    for message in turn.rows.messages(&filter)? {
        if message.direction != Direction::Inbound || !for_them(&message) || lines.len() >= TOLD {
            continue;
        }
        let parts = parts(&message);
        if parts.is_empty() {
            continue;
        }
        sources.join(&parts.iter().map(|part| part.source).collect());
        lines.push(told(turn, &message, &parts));
    }
    if lines.is_empty() {
        return Ok(Decision::say("There is no mail from others."));
    }
    Ok(Decision { sources, ..Decision::say(lines.join("\n")) })
}

/// What in a mail is not the person's own words, with whose it is.
fn parts(message: &Message) -> Vec<Tainted> {
    let tainted = message.metadata.get(TAINTED).cloned().unwrap_or_default();
    let mut parts: Vec<Tainted> = serde_json::from_value(tainted).unwrap_or_default();
    let marked = provenance::of_content(&message.metadata);
    let source = if marked.is_own() && message.user_id.is_none() { Source::Unknown } else { marked };
    if !source.is_own() && !message.content.trim().is_empty() {
        parts.insert(0, Tainted { text: message.content.clone(), source });
    }
    let worth_telling =
        |part: &Tainted| !matches!(part.source, Source::Boilerplate | Source::Hidden | Source::InheritedSubject);
    parts.retain(|part| worth_telling(part) && !part.text.trim().is_empty());
    parts
}

fn told(turn: &Turn<'_>, message: &Message, parts: &[Tainted]) -> String {
    let subject = shown(&Received::of_metadata(&message.metadata).subject);
    let from = match (message.user_id, &message.sender) {
        (Some(_), _) => "passed on by you".to_owned(),
        (None, Some(sender)) => format!("from {}", shown(sender)),
        (None, None) => "from nobody named".to_owned(),
    };
    let at = wording::moment(message.created_at, turn.zone());
    let mut lines = vec![format!("– {at}, {from}: {}", if subject.is_empty() { "(no subject)" } else { &subject })];
    for part in parts {
        let text = shown(&part.text);
        let cut: String = text.chars().take(PART).collect();
        let more = if text.chars().count() > PART { " …" } else { "" };
        lines.push(format!("  ({}) \"{cut}\"{more}", part.source));
    }
    lines.join("\n")
}
