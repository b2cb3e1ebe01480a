//! What is remembered of a person: keeping and forgetting it, the same from a conversation and from the REST interface.
//!
//! Deleted means deleted: forgetting takes a memory, its words in the index, the summaries it may have gone into, and the
//! text of the messages that have all its telling words; a receipt never had its words. Who may read what is the callers' business.

use chrono::{DateTime, Utc};
use xswarm_core::{
    event::Event,
    id::{MemoryId, MessageId, SummaryId, UserId},
    memory::{self, Memory},
    provenance::Source,
};
use xswarm_store::{Rows, StoreError, Tx};

use crate::error::Error;

/// Something to be remembered, in the person's own words.
pub(crate) fn new_memory(user: UserId, text: String, message: Option<MessageId>, now: DateTime<Utc>) -> Memory {
    Memory {
        id: MemoryId::new(now),
        user_id: user,
        text,
        source: Source::Own,
        message_id: message,
        created_at: now,
        updated_at: now,
    }
}

/// The memory that says the same already.
pub(crate) fn known(rows: &Rows<'_>, user: UserId, text: &str) -> Result<Option<Memory>, StoreError> {
    Ok(rows.memories(user)?.into_iter().find(|one| memory::same(&one.text, text)))
}

/// Whether one more can be remembered for a person.
pub(crate) fn room(rows: &Rows<'_>, user: UserId) -> Result<(), Error> {
    if rows.memories_count(user)? < memory::MEMORIES_MOST {
        return Ok(());
    }
    let most = memory::MEMORIES_MOST;
    Err(Error::conflict(format!("{most} things are remembered, the most there may be: forget some first")))
}

/// Remembers it.
pub(crate) fn remember(tx: &Tx<'_>, new: &Memory, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.memory_insert(new)?;
    tx.event_append(&Event::MemoryAdded { memory: new.id }, Some(new.user_id), now)
}

/// Forgets it for good. False when somebody else's hands did so before.
pub(crate) fn forget(tx: &Tx<'_>, user: UserId, id: MemoryId, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let there = tx.memory_delete(id)?;
    if there {
        tx.event_append(&Event::MemoryForgotten { memory: id }, Some(user), now)?;
    }
    Ok(there)
}

/// A person puts a summary in their own words.
pub(crate) fn correct(
    tx: &Tx<'_>,
    user: UserId,
    id: SummaryId,
    text: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    tx.summary_correct(id, text, now)?;
    tx.event_append(&Event::SummaryCorrected { summary: id }, Some(user), now)
}

/// A person deletes a summary.
pub(crate) fn discard(tx: &Tx<'_>, user: UserId, id: SummaryId, now: DateTime<Utc>) -> Result<(), StoreError> {
    if tx.summary_delete(id)? {
        tx.event_append(&Event::SummaryDeleted { summary: id }, Some(user), now)?;
    }
    Ok(())
}
