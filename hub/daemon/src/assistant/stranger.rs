//! Strangers: one bounded answer with a pairing code, and no effect. What they write is recorded, never understood.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{event::Event, message::Message, phone::Phone};
use xswarm_store::Tx;

use crate::{
    error::Error,
    outbox::{self, Saying, To},
    people,
};

/// How many strangers are answered in an hour: texts cost money, and strangers are not to spend it.
const ANSWERED_PER_HOUR: u64 = 20;

/// Answers a stranger, unless they were answered within a day or too many were within the hour.
pub(super) fn answer(
    tx: &Tx<'_>,
    message: &Message,
    our_number: Option<&Phone>,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    if let Some((us, them)) = numbers(message, our_number)
        && tx.pairings_answered_since(now - Duration::hours(1))? < ANSWERED_PER_HOUR
        && let Some(code) = tx.pairing_offer(&them, &people::pairing_code()?, now)?
    {
        let text = format!(
            "This is the Boss, a private assistant. I don't know this number. If you belong here, ask the admin to \
             approve code {code}."
        );
        let to = To::Sms { from: us, to: them };
        let saying = Saying {
            user: None,
            conversation: None,
            to: &to,
            text: &text,
            in_reply_to: Some(message.id),
            metadata: serde_json::json!({ "purpose": "pairing" }),
        };
        outbox::say(tx, &saying, now)?;
        tx.event_append(&Event::PairingOffered { message: message.id }, None, now)?;
    }
    tx.message_processed(message.id, now)?;
    Ok(())
}

/// Our number and theirs.
fn numbers(message: &Message, our_number: Option<&Phone>) -> Option<(Phone, Phone)> {
    let them = message.sender.as_deref()?.parse().ok()?;
    let us = message.recipient.as_deref().and_then(|us| us.parse().ok()).or_else(|| our_number.cloned())?;
    Some((us, them))
}
