//! Strangers: one bounded answer with a pairing code, and no effect. What they write is recorded, never understood.
//!
//! Somebody's contact is known, and still no person of the household: the answer has no code, and names nobody.

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

/// What an answer with a code is for.
const PAIRING: &str = "pairing";

/// What an answer to somebody's contact is for.
const CONTACT: &str = "contact";

/// Answers a stranger, unless they were answered within a day or too many were within the hour.
pub(super) fn answer(tx: &Tx<'_>, message: &Message, ours: &OurAddresses, now: DateTime<Utc>) -> Result<(), Error> {
    if let Some((to, them)) = way_back(message, ours)
        && !tx.opted_out(them.as_str())?
        && answered_since(tx, now - Duration::hours(1))? < ANSWERED_PER_HOUR
        && let Some((text, purpose)) = words(tx, &them, now)?
    {
        let saying = Saying {
            user: None,
            conversation: None,
            to: &to,
            text: &text,
            in_reply_to: Some(message.id),
            metadata: serde_json::json!({ "purpose": purpose }),
        };
        outbox::say(tx, &saying, now)?;
        if purpose == PAIRING {
            tx.event_append(&Event::PairingOffered { message: message.id }, None, now)?;
        }
    }
    tx.message_processed(message.id, now)?;
    Ok(())
}

fn answered_since(tx: &Tx<'_>, since: DateTime<Utc>) -> Result<u64, Error> {
    Ok(tx.pairings_answered_since(since)? + tx.contacts_answered_since(since)?)
}

/// What to say to them and what for; nothing when it was said within a day.
fn words(tx: &Tx<'_>, them: &Address, now: DateTime<Utc>) -> Result<Option<(String, &'static str)>, Error> {
    if !tx.contacts_at(them.as_str())?.is_empty() {
        let text = "This is the Boss, a private assistant. I keep what you write for the household to read, but I take \
                    requests only from the household itself.";
        return Ok(tx.contact_answer_due(them.as_str(), now)?.then(|| (text.to_owned(), CONTACT)));
    }
    let what = match them {
        Address::Phone(_) => "number",
        Address::Mail(_) => "address",
    };
    let code = tx.pairing_offer(them, &people::pairing_code()?, now)?;
    Ok(code.map(|code| {
        let text = format!(
            "This is the Boss, a private assistant. I don't know this {what}. If you belong here, ask the admin to \
             approve code {code}."
        );
        (text, PAIRING)
    }))
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
