//! PINs that are typed on a call: counted, compared, and what follows from them.
//!
//! Digits are in memory alone, until they are compared: no message, no transcript, no log and no recording has them. A right
//! PIN becomes a message that names what it was typed for; see `assistant/pin.rs` for what that is good for.

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use xswarm_core::{
    call::Call,
    event::Event,
    id::MessageId,
    job::{Job, Lane},
    pin::{TRIES, Typed},
    user::User,
};
use xswarm_store::{StoreError, Tx};

use super::ledger;
use crate::{
    assistant::pin as asking,
    error::Error,
    outbox::OurAddresses,
    pins::{self, Charged, Entry},
};

/// The PIN of a call, while one is asked for.
#[derive(Debug, Default)]
pub(super) struct PinEntry {
    /// The message of ours that asks for it.
    asked: Option<MessageId>,
    /// At most one is compared at a time: no key counts meanwhile.
    comparing: JoinSet<Compared>,
}

/// What comparing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Compared {
    /// The message that asked for it.
    pub(super) asked: MessageId,
    /// Whether it is the right one.
    pub(super) is_right: bool,
    /// Until when the entry is locked if it is not.
    pub(super) locks_until: Option<DateTime<Utc>>,
}

impl PinEntry {
    /// A message asks for the PIN.
    pub(super) fn ask(&mut self, asking: MessageId) {
        self.asked = Some(asking);
    }

    /// What asks for it, if anything does.
    pub(super) fn asked(&self) -> Option<MessageId> {
        self.asked
    }

    /// It is not waited for any more.
    pub(super) fn give_up(&mut self) {
        self.asked = None;
    }

    /// Compares digits, on another thread.
    pub(super) fn compare(&mut self, asked: MessageId, typed: Typed, hash: String, locks_until: Option<DateTime<Utc>>) {
        self.comparing.spawn_blocking(move || Compared { asked, is_right: pins::matches(&hash, &typed), locks_until });
    }

    /// What comparing came to; waits for ever when nothing is compared.
    pub(super) async fn compared(&mut self) -> Option<Compared> {
        match self.comparing.join_next().await {
            Some(compared) => compared.ok(),
            None => std::future::pending().await,
        }
    }
}

/// Counts a try, or says why none is taken.
pub(super) fn charge(tx: &Tx<'_>, user: &User, now: DateTime<Utc>) -> Result<Result<Charged, String>, StoreError> {
    Ok(match pins::charge(tx, user.id, now)? {
        Charged::Refused(Entry::Locked { until }) => Err(asking::locked(until, user.timezone, now)),
        // It was cleared since it was asked for.
        Charged::Refused(Entry::None | Entry::Open) => Err("You have no PIN any more. Nothing was changed.".to_owned()),
        charged @ Charged::Try { .. } => Ok(charged),
    })
}

/// The right PIN was typed: what it was asked for is done in its turn.
pub(super) fn granted(
    tx: &Tx<'_>,
    call: &Call,
    user: &User,
    asked: MessageId,
    now: DateTime<Utc>,
) -> Result<MessageId, StoreError> {
    pins::right(tx, user.id)?;
    let conversation = tx.conversation_of(user.id, now)?;
    let metadata = asking::grant(call.id, asked);
    let id = ledger::insert(tx, call, Some(user), Some(conversation), asking::TYPED, metadata, now)?;
    tx.job_enqueue(&Job::Answer { message: id }, Some(&Lane::Conversation(conversation)), now, now)?;
    Ok(id)
}

/// Too many wrong ones were typed: the person is told by their usual way, for it may not have been them.
pub(super) fn locked(
    tx: &Tx<'_>,
    user: &User,
    until: DateTime<Utc>,
    ours: &OurAddresses,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    tx.event_append(&Event::PinLocked { user: user.id }, Some(user.id), now)?;
    let words = format!(
        "Somebody who called from your number typed {TRIES} wrong PINs. {} If it was not you, your number is being forged; \
         your PIN was not found out. An admin can take PINs again at once: xswarm user pin {} --unlock",
        asking::locked(until, user.timezone, now),
        user.name
    );
    ledger::say(tx, user, &words, None, serde_json::json!({}), ours, now)
}
