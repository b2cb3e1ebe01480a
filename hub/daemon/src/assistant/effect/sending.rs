//! Words for somebody outside the conversation: to whom, from where, and exactly which.
//!
//! Whether they may be sent is not decided here: whoever plans this effect asks the person first.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use xswarm_core::{
    id::UserId,
    mail::{Layout, Letter},
    message::Channel,
};
use xswarm_store::{StoreError, Tx};

use crate::outbox::{self, Saying, To};

/// A message to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Outgoing {
    /// Who sends it.
    pub(crate) user: UserId,
    /// What the recipient is called.
    pub(crate) name: String,
    /// By text or by mail.
    pub(crate) channel: Channel,
    /// Our number or mail address.
    pub(crate) from: String,
    /// Theirs.
    pub(crate) to: String,
    /// The subject, of a mail.
    pub(crate) subject: String,
    /// All of the words.
    pub(crate) text: String,
}

impl Outgoing {
    /// Hands it to its channel.
    pub(super) fn send(&self, tx: &Tx<'_>, now: DateTime<Utc>) -> Result<(), StoreError> {
        let user = tx.user(self.user)?.ok_or(StoreError::Missing("user"))?;
        let to = match self.channel {
            Channel::Sms => self.from.parse().ok().zip(self.to.parse().ok()).map(|(from, to)| To::Sms { from, to }),
            Channel::Email => self.from.parse().ok().zip(self.to.parse().ok()).map(|(from, to)| {
                let letter = Letter { subject: self.subject.clone(), ..Letter::of(Layout::Answer) };
                To::Mail { from, to, letter: Box::new(letter) }
            }),
            Channel::Voice | Channel::ClaudeCode | Channel::Console | Channel::Room => None,
        };
        let to = to.ok_or(StoreError::Missing("address"))?;
        let saying = Saying {
            user: Some(&user),
            conversation: None,
            to: &to,
            text: &self.text,
            in_reply_to: None,
            metadata: serde_json::json!({ "purpose": "for_others" }),
        };
        outbox::say(tx, &saying, now).map(drop)
    }

    /// "Text to Anna Berg (+49 …)".
    pub(super) fn described(&self) -> String {
        let kind = if self.channel == Channel::Email { "Mail" } else { "Text" };
        format!("{kind} to {} ({})", self.name, self.to)
    }
}
