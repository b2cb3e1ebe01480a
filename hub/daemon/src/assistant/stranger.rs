//! Strangers: one bounded answer with a pairing code, and no effect. What they write is recorded, never understood.

use chrono::{DateTime, Duration, Utc};
use xswarm_core::{address::Address, event::Event, message::Message};
use xswarm_store::Tx;

use super::letter;
use crate::{
    error::Error,
    outbox::{self, OurAddresses, Saying, To},
    people,
};

/// How many strangers are answered in an hour: texts cost money, and strangers are not to spend it.
const ANSWERED_PER_HOUR: u64 = 20;

/// Answers a stranger, unless they were answered within a day or too many were within the hour.
pub(super) fn answer(tx: &Tx<'_>, message: &Message, ours: &OurAddresses, now: DateTime<Utc>) -> Result<(), Error> {
    if let Some((to, them)) = way_back(message, ours)
        && !tx.opted_out(them.as_str())?
        && tx.pairings_answered_since(now - Duration::hours(1))? < ANSWERED_PER_HOUR
        && let Some(code) = tx.pairing_offer(&them, &people::pairing_code()?, now)?
    {
        let text = format!(
            "This is the Boss, a private assistant. I don't know this {}. If you belong here, ask the admin to \
             approve code {code}.",
            match them {
                Address::Phone(_) => "number",
                Address::Mail(_) => "address",
            }
        );
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

/// Where an answer would go, and who they are.
fn way_back(message: &Message, ours: &OurAddresses) -> Option<(To, Address)> {
    let them = message.sender.as_deref()?.parse().ok()?;
    let to = match &them {
        Address::Phone(phone) => {
            let us = message.recipient.as_deref().and_then(|us| us.parse().ok()).or_else(|| ours.phone.clone())?;
            To::Sms { from: us, to: phone.clone() }
        }
        Address::Mail(_) => letter::way_back(message, ours.mail.clone())?,
    };
    Some((to, them))
}
