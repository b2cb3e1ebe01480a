//! Saying something: an outbound row in the ledger and, where the channel needs it, the job that delivers it.
//!
//! Nothing is sent here. Rows and jobs are written in the caller's transaction; the jobs do the sending.

use chrono::{DateTime, Utc};
use xswarm_core::{
    call::Call,
    id::{CallId, ConversationId, MessageId},
    job::{Job, Lane},
    mail::{LETTER, Layout, Letter, MailAddress},
    message::{Channel, Direction},
    phone::Phone,
    sms::{self, BODY_LIMIT},
    user::User,
};
use xswarm_store::{NewMessage, StoreError, Tx};

/// The addresses that are ours, for everybody who has none of their own.
#[derive(Debug, Clone, Default)]
pub(crate) struct OurAddresses {
    /// The number that texts leave from.
    pub(crate) phone: Option<Phone>,
    /// The address that mails leave from; absent while mail is off.
    pub(crate) mail: Option<MailAddress>,
    /// Whether calls can be made from our numbers.
    pub(crate) calls: bool,
}

/// Where a message notes the call that it belongs to.
pub(crate) const CALL: &str = "call";

/// The call that a message belongs to.
pub(crate) fn call_of(metadata: &serde_json::Value) -> Option<CallId> {
    metadata.get(CALL)?.as_str()?.parse().ok()
}

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
    /// A mail from one of our addresses.
    Mail {
        /// Ours.
        from: MailAddress,
        /// Theirs.
        to: MailAddress,
        /// Subject, thread, layout. An empty subject is made from the words.
        letter: Box<Letter>,
    },
    /// A call that we make to say it.
    Phone {
        /// Ours.
        from: Phone,
        /// Theirs.
        to: Phone,
    },
    /// The call that they are on: said as soon as it comes.
    Call {
        /// Which.
        call: CallId,
        /// Our number.
        from: Option<String>,
        /// Theirs.
        to: Option<String>,
    },
    /// The conversation in a room that they are in: said as soon as it comes.
    Room {
        /// Which.
        call: CallId,
    },
    /// The device of a room, which makes itself heard there.
    Device {
        /// What it is called.
        name: String,
    },
    /// The person's terminal: shown when they look.
    Console,
}

impl To {
    /// The call that somebody is on.
    pub(crate) fn call(call: &Call) -> Self {
        match call.channel() {
            Channel::Room => Self::Room { call: call.id },
            Channel::Sms | Channel::Email | Channel::Voice | Channel::ClaudeCode | Channel::Console => {
                Self::Call { call: call.id, from: call.our_phone.clone(), to: call.phone.clone() }
            }
        }
    }

    /// How `user` is reached on `channel`; `None` when they cannot be.
    pub(crate) fn user(user: &User, channel: Channel, ours: &OurAddresses) -> Option<Self> {
        match channel {
            Channel::Sms => {
                let (from, to) = numbers(user, ours)?;
                Some(Self::Sms { from, to })
            }
            Channel::Voice if ours.calls => {
                let (from, to) = numbers(user, ours)?;
                Some(Self::Phone { from, to })
            }
            Channel::Email => {
                let from = mail_from(user, ours)?;
                let to = user.email.as_deref()?.parse().ok()?;
                Some(Self::Mail { from, to, letter: Box::new(Letter::of(Layout::Answer)) })
            }
            Channel::Console => Some(Self::Console),
            Channel::Voice | Channel::ClaudeCode | Channel::Room => None,
        }
    }

    /// The same way, with another letter where it is a mail.
    #[must_use]
    pub(crate) fn with_letter(mut self, new: Letter) -> Self {
        if let Self::Mail { letter, .. } = &mut self {
            **letter = new;
        }
        self
    }

    /// The same way, with a mail laid out like this.
    #[must_use]
    pub(crate) fn laid_out(mut self, layout: Layout) -> Self {
        if let Self::Mail { letter, .. } = &mut self {
            letter.layout = layout;
        }
        self
    }
}

/// Our number towards a person, and theirs.
fn numbers(user: &User, ours: &OurAddresses) -> Option<(Phone, Phone)> {
    let from = user.boss_phone.as_ref().or(ours.phone.as_ref())?;
    Some((from.clone(), user.phone.clone()?))
}

/// The address that mails to `user` leave from; `None` while mail is off.
pub(crate) fn mail_from(user: &User, ours: &OurAddresses) -> Option<MailAddress> {
    let general = ours.mail.as_ref()?;
    let own = user.boss_email.as_deref().and_then(|text| text.parse().ok());
    Some(own.unwrap_or_else(|| general.clone()))
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
    let mut metadata = saying.metadata.clone();
    let (channel, sender, recipient, lane) = match saying.to {
        To::Sms { from, to } => {
            (Channel::Sms, Some(from.to_string()), Some(to.to_string()), Some(Lane::SmsFrom(from.clone())))
        }
        To::Mail { from, to, letter } => {
            let letter = letter.as_ref().clone().for_text(saying.text);
            if let Some(facts) = metadata.as_object_mut() {
                facts.insert(LETTER.to_owned(), serde_json::to_value(letter)?);
            }
            (Channel::Email, Some(from.to_string()), Some(to.to_string()), Some(Lane::MailFrom(from.clone())))
        }
        To::Phone { from, to } => {
            (Channel::Voice, Some(from.to_string()), Some(to.to_string()), Some(Lane::CallsTo(to.clone())))
        }
        To::Call { call, from, to } => {
            note_call(&mut metadata, *call);
            (Channel::Voice, from.clone(), to.clone(), None)
        }
        To::Room { call } => {
            note_call(&mut metadata, *call);
            (Channel::Room, None, None, None)
        }
        To::Device { name } => (Channel::Room, None, Some(name.clone()), None),
        To::Console => (Channel::Console, None, None, None),
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
        metadata,
    };
    tx.message_insert(&message, now)?;
    if lane.is_some() || matches!(saying.to, To::Device { .. }) {
        tx.job_enqueue(&Job::Deliver { message: id, sending: 0 }, lane.as_ref(), now, now)?;
    }
    Ok(id)
}

fn note_call(metadata: &mut serde_json::Value, call: CallId) {
    if let Some(facts) = metadata.as_object_mut() {
        facts.insert(CALL.to_owned(), serde_json::Value::from(call.to_string()));
    }
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
