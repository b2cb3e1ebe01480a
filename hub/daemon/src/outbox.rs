//! Saying something: an outbound row in the ledger and, where the channel needs it, the job that delivers it.
//!
//! Nothing is sent here. Rows and jobs are written in the caller's transaction; the jobs do the sending.

use chrono::{DateTime, Utc};
use xswarm_core::{
    id::{ConversationId, MessageId},
    job::{Job, Lane},
    message::{Channel, Direction},
    phone::Phone,
    sms::{self, BODY_LIMIT},
    user::User,
};
use xswarm_store::{NewMessage, StoreError, Tx};

/// Where a text goes.
#[derive(Debug, Clone)]
pub(crate) enum To {
    /// A text message from one of our numbers.
    Sms {
        /// Ours.
        from: Phone,
        /// Theirs.
        to: Phone,
    },
    /// The person's terminal: shown when they look.
    Console,
}

impl To {
    /// How `user` is reached on `channel`; `None` when they cannot be.
    pub(crate) fn user(user: &User, channel: Channel, our_number: Option<&Phone>) -> Option<Self> {
        match channel {
            Channel::Sms => {
                let from = user.boss_phone.as_ref().or(our_number)?;
                Some(Self::Sms { from: from.clone(), to: user.phone.clone()? })
            }
            Channel::Console => Some(Self::Console),
            Channel::Email | Channel::Voice | Channel::ClaudeCode | Channel::Room => None,
        }
    }
}

/// Something to say.
#[derive(Debug, Clone)]
pub(crate) struct Saying<'a> {
    /// To whom, unless a stranger.
    pub(crate) user: Option<&'a User>,
    /// In which conversation.
    pub(crate) conversation: Option<ConversationId>,
    /// Where to.
    pub(crate) to: &'a To,
    /// What.
    pub(crate) text: &'a str,
    /// What it answers.
    pub(crate) in_reply_to: Option<MessageId>,
    /// Further facts, an object.
    pub(crate) metadata: serde_json::Value,
}

/// Writes the message and its job. The text must fit the channel ([`numbered`] and [`sms::shorten`] see to that).
pub(crate) fn say(tx: &Tx<'_>, saying: &Saying<'_>, now: DateTime<Utc>) -> Result<MessageId, StoreError> {
    let id = MessageId::new(now);
    let (channel, sender, recipient) = match saying.to {
        To::Sms { from, to } => (Channel::Sms, Some(from.to_string()), Some(to.to_string())),
        To::Console => (Channel::Console, None, None),
    };
    let message = NewMessage {
        id,
        user_id: saying.user.map(|user| user.id),
        conversation_id: saying.conversation,
        channel,
        direction: Direction::Outbound,
        content: saying.text.to_owned(),
        sender,
        recipient,
        provider_id: None,
        in_reply_to: saying.in_reply_to,
        metadata: saying.metadata.clone(),
    };
    tx.message_insert(&message, now)?;
    if let To::Sms { from, .. } = saying.to {
        let lane = Lane::SmsFrom(from.clone());
        tx.job_enqueue(&Job::Deliver { message: id, sending: 0 }, Some(&lane), now, now)?;
    }
    Ok(id)
}

/// Splits lines into as few texts as fit a message, numbered "(1/3)" when there is more than one. A line that is too
/// long by itself is cut.
pub(crate) fn numbered(lines: &[String]) -> Vec<String> {
    const ROOM_FOR_NUMBER: usize = 12;
    let room = BODY_LIMIT - ROOM_FOR_NUMBER;
    let mut texts: Vec<String> = Vec::new();
    for line in lines {
        let line = if sms::units(line) > room { cut(line, room) } else { line.clone() };
        match texts.last_mut() {
            Some(text) if sms::units(text) + 1 + sms::units(&line) <= room => {
                text.push('\n');
                text.push_str(&line);
            }
            Some(_) | None => texts.push(line),
        }
    }
    let count = texts.len();
    if count > 1 {
        for (index, text) in texts.iter_mut().enumerate() {
            *text = format!("({}/{count}) {text}", index + 1);
        }
    }
    texts
}

fn cut(line: &str, room: usize) -> String {
    let mut used = 1;
    let kept: String = line
        .chars()
        .take_while(|c| {
            used += c.len_utf16();
            used <= room
        })
        .collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_list_is_one_text_without_a_number() {
        assert_eq!(numbered(&["One".into(), "Two".into()]), ["One\nTwo"]);
    }

    #[test]
    fn a_long_list_becomes_numbered_texts_that_fit_and_lose_no_line() {
        let lines: Vec<String> = (0..200).map(|n| format!("Reminder number {n}: water the plants")).collect();
        let texts = numbered(&lines);
        assert!(texts.len() > 1);
        for (index, text) in texts.iter().enumerate() {
            assert!(sms::units(text) <= BODY_LIMIT);
            assert!(text.starts_with(&format!("({}/{})", index + 1, texts.len())));
        }
        let all = texts.join("\n");
        assert!(lines.iter().all(|line| all.contains(line.as_str())));
    }

    #[test]
    fn a_line_longer_than_a_message_is_cut() {
        let texts = numbered(&["😀".repeat(1_600)]);
        assert!(texts.iter().all(|text| sms::units(text) <= BODY_LIMIT));
    }
}
