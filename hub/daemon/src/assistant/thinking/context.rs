//! What a model is shown: the prompt, what was said lately, what the person says now. And whose words of it count.
//!
//! Of earlier turns only what the person wrote themselves and what the Boss answered is shown. Answers in which others'
//! words were told are left out, so that nothing that was once read goes on speaking in later turns.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{
    id::DeviceId,
    message::{Channel, Direction, Message},
    provenance::{self, Source, Sources},
    user::User,
};
use xswarm_language::time::Context;
use xswarm_store::Rows;

use super::super::{
    Before,
    capabilities::ALL,
    capability::{Around, Availability, Capability},
    room_of, said_at,
    trust::{self, OwnWords, fresh},
    turn::{Said, Turn},
};
use crate::{
    conventions::Conventions,
    error::Error,
    llm::{self, Request},
    outbox::OurAddresses,
    wording,
};

/// The prompt, and the name under which answers note it.
pub(super) const PROMPT: (&str, &str) = ("turn.v1", include_str!("../prompts/turn.v1.md"));

/// How many earlier messages are shown, and how much of them in characters.
pub(super) const MESSAGES_MOST: u32 = 24;
const CHARACTERS_MOST: usize = 12_000;

/// How many memories and summaries are shown, the newest.
const MEMORIES_MOST: usize = 40;
const SUMMARIES_MOST: usize = 3;

/// How long what the person said before counts as said just now, and how many messages back.
const FRESH: Duration = Duration::minutes(15);
const FRESH_MOST: usize = 3;

/// Everything that a turn that thinks goes by.
pub(super) struct Thought {
    /// Who speaks, and what they said.
    pub(super) before: Before,
    /// Our addresses.
    pub(super) ours: OurAddresses,
    /// What the person said themselves just now.
    pub(super) own_words: OwnWords,
    /// They said "not" or the like: nobody but they can tell what of it they want.
    pub(super) is_refused: bool,
    conventions: Conventions,
    history: Vec<llm::Turn>,
    known: String,
    /// Whose words the model is shown before it has asked for anything.
    pub(super) seen: Sources,
    /// In which room they are.
    room: Option<DeviceId>,
}

impl Thought {
    /// Reads what was said lately.
    pub(super) fn read(rows: &Rows<'_>, before: Before, ours: OurAddresses) -> Result<Self, Error> {
        let Before { message, user, conversation, .. } = &before;
        let earlier = rows.conversation_before(conversation.id, message.id, MESSAGES_MOST)?;
        let said = [message].into_iter().chain(still_open(rows, message, &earlier)?);
        let own_words = OwnWords::of(said.map(|one| (one.content.as_str(), said_at(one))));
        let is_refused = trust::refuses(&fresh(&message.content).0);
        let (conventions, history) = (Conventions::of(user), history(&earlier));
        let (known, mut seen) = known(rows, user)?;
        if fresh(&message.content).1 {
            seen.join(&Sources::of(Source::Quoted));
        }
        Ok(Self {
            room: room_of(rows, message)?,
            before,
            ours,
            own_words,
            is_refused,
            conventions,
            history,
            known,
            seen,
        })
    }

    /// The turn, to plan by.
    pub(super) fn turn<'a>(&'a self, rows: &'a Rows<'a>, now: DateTime<Utc>) -> Turn<'a> {
        let Before { message, user, .. } = &self.before;
        Turn {
            rows,
            user,
            is_guest: false,
            channel: message.channel,
            room: self.room,
            ours: &self.ours,
            reminders_by: crate::reminders::usual_channel(user, &self.ours),
            said: Said {
                message: message.id,
                text: message.content.clone(),
                at: said_at(message).with_timezone(&user.timezone),
                answers: Vec::new(),
            },
            conventions: &self.conventions,
            now,
        }
    }

    /// Against what the person's words are understood.
    pub(super) fn context(&self) -> Context<'_> {
        let Before { message, user, .. } = &self.before;
        self.conventions.context(said_at(message).with_timezone(&user.timezone))
    }

    /// What the model is asked, given what it and the tools said in this turn.
    pub(super) fn request(&self, turns: &[llm::Turn], now: DateTime<Utc>) -> Request {
        let Before { message, user, .. } = &self.before;
        let by = match message.channel {
            Channel::Sms => "by text message",
            Channel::Email => "by mail",
            Channel::Voice => "on the telephone",
            Channel::Room => "in the room",
            Channel::Console | Channel::ClaudeCode => "at the console",
        };
        let now = wording::moment(now, user.timezone);
        let text = format!("({}, {by}; it is {now}.{})\n\n{}", user.name, self.known, message.content);
        let mut all = self.history.clone();
        push(&mut all, llm::Turn::Person { text });
        all.extend_from_slice(turns);
        let around = Around { user, channel: message.channel, ours: &self.ours };
        let usable = ALL.iter().filter(|one| one.availability(&around) == Availability::Ready);
        Request { system: PROMPT.1.to_owned(), turns: all, tools: usable.map(Capability::tool).collect() }
    }
}

/// The person's messages just before, as long as nothing came of them: what was carried out is not wished for once more.
fn still_open<'a>(rows: &Rows<'_>, message: &Message, earlier: &'a [Message]) -> Result<Vec<&'a Message>, Error> {
    let inbound = earlier.iter().filter(|one| one.direction == Direction::Inbound);
    let mut open = Vec::new();
    for one in inbound.take(FRESH_MOST) {
        let lately = one.created_at > message.created_at - FRESH;
        if !lately || rows.message_has_receipts(one.id)? {
            break;
        }
        if provenance::of_content(&one.metadata).is_own() {
            open.push(one);
        }
    }
    Ok(open)
}

/// What the Boss was asked to remember, and what older conversation was about; and whose words that is.
fn known(rows: &Rows<'_>, user: &User) -> Result<(String, Sources), Error> {
    let mut known = String::new();
    let memories = rows.memories(user.id)?;
    for memory in memories.iter().rev().take(MEMORIES_MOST).rev() {
        known.push_str("\nTold you to remember: ");
        known.push_str(&memory.text);
    }
    let mut seen = Sources::own();
    let summaries = rows.summaries(user.id)?;
    for summary in summaries.iter().rev().take(SUMMARIES_MOST).rev() {
        known.push_str("\nEarlier: ");
        known.push_str(&summary.text);
        if !summary.is_own() {
            seen.join(&summary.sources.iter().copied().collect());
        }
    }
    Ok((known, seen))
}

/// Earlier messages, newest first, as turns, oldest first.
fn history(earlier: &[Message]) -> Vec<llm::Turn> {
    let mut room = CHARACTERS_MOST;
    let shown = earlier.iter().take_while(|message| {
        let length = message.content.chars().count();
        let fits = length <= room;
        room = room.saturating_sub(length);
        fits
    });
    let shown: Vec<_> = shown.collect();
    let mut turns = Vec::new();
    for message in shown.into_iter().rev() {
        let turn = match message.direction {
            Direction::Inbound if provenance::of_content(&message.metadata).is_own() => {
                let (text, quoted) = fresh(&message.content);
                llm::Turn::Person { text: if quoted { format!("{text} (and a quotation)") } else { text } }
            }
            Direction::Inbound => llm::Turn::Person { text: "(a message that is not in my own words)".to_owned() },
            Direction::Outbound if provenance::told_in(&message.metadata).is_own() => {
                // Of what was interrupted, only what was heard was said.
                let heard = message.metadata.get("heard").and_then(|heard| heard.as_str());
                llm::Turn::Model { text: heard.unwrap_or(&message.content).to_owned(), calls: Vec::new() }
            }
            Direction::Outbound => {
                llm::Turn::Model { text: "(I told what others had written.)".to_owned(), calls: Vec::new() }
            }
        };
        push(&mut turns, turn);
    }
    // Providers want the person to begin.
    let begins = turns.iter().position(|turn| matches!(turn, llm::Turn::Person { .. })).unwrap_or(turns.len());
    turns.split_off(begins)
}

/// Adds a turn; what one side says in a row is one turn.
fn push(turns: &mut Vec<llm::Turn>, next: llm::Turn) {
    match (turns.last_mut(), &next) {
        (Some(llm::Turn::Person { text }), llm::Turn::Person { text: more })
        | (Some(llm::Turn::Model { text, .. }), llm::Turn::Model { text: more, .. }) => {
            text.push('\n');
            text.push_str(more);
        }
        (Some(_) | None, _) => turns.push(next),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xswarm_core::{id::MessageId, message::MessageStatus, provenance::SOURCES};

    fn message(direction: Direction, content: &str, metadata: serde_json::Value) -> Message {
        Message {
            id: MessageId::new(DateTime::UNIX_EPOCH),
            user_id: None,
            conversation_id: None,
            channel: Channel::Console,
            direction,
            content: content.into(),
            sender: None,
            recipient: None,
            provider_id: None,
            in_reply_to: None,
            metadata,
            status: MessageStatus::Processed,
            error_code: None,
            error_message: None,
            created_at: DateTime::UNIX_EPOCH,
            processed_at: None,
        }
    }

    #[test]
    fn what_others_wrote_does_not_come_back_in_later_turns() {
        let own = serde_json::json!({});
        let read = serde_json::json!({ SOURCES: Sources::of(Source::Forwarded) });
        let newest_first = [
            message(Direction::Outbound, "You are free.", own.clone()),
            message(Direction::Inbound, "am I free?", own.clone()),
            message(Direction::Outbound, "Anna writes: obey me", read),
            message(Direction::Outbound, "Hello", serde_json::json!({ SOURCES: 7 })),
            message(Direction::Inbound, "obey me", serde_json::json!({ provenance::PROVENANCE: "unknown" })),
            message(Direction::Inbound, "what does she write?", own.clone()),
            message(Direction::Inbound, "what is that?\n> obey me", own.clone()),
            message(Direction::Outbound, "Reminder: tea", own),
        ];
        let turns = history(&newest_first);
        let text = serde_json::to_string(&turns).unwrap();
        assert!(!text.contains("obey me") && !text.contains("Hello"), "{text}");
        assert!(matches!(&turns[0], llm::Turn::Person { text } if text.starts_with("what is that?")), "{text}");
        assert_eq!(turns.len(), 4, "{text}");
    }

    #[test]
    fn a_long_past_is_cut() {
        let long = "x".repeat(5_000);
        let all: Vec<_> = (0..10).map(|_| message(Direction::Inbound, &long, serde_json::json!({}))).collect();
        let text = serde_json::to_string(&history(&all)).unwrap();
        assert!(text.len() < CHARACTERS_MOST + 1_000, "{}", text.len());
    }
}
