//! PINs: kept as argon2id hashes, compared off the asynchronous threads, and counted before they are compared.
//!
//! A caller's number can be forged, so what is risky needs a PIN on a call. One has few digits, so nobody may try many: each
//! try is on disk before it is looked at ([`charge`]), and too many lock the entry for a time that grows. Calls at the same
//! time, a crash and a restart win no further tries. Who asks for what and what follows is the caller's business.

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version, password_hash::SaltString,
};
use chrono::{DateTime, Utc};
use tokio::task::JoinSet;
use xswarm_core::{
    id::UserId,
    pin::{self, Pin, PinState, Typed},
};
use xswarm_store::{Rows, StoreError, Tx};

use crate::{error::Error, random};

/// Bytes of a salt.
const SALT_BYTES: usize = 16;

/// Whether a person can type a PIN now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// They can.
    Open,
    /// They have none.
    None,
    /// Too many wrong ones were typed.
    Locked {
        /// Until when.
        until: DateTime<Utc>,
    },
}

/// What a try comes to before it is looked at.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Charged {
    /// It may be compared with this.
    Try {
        /// What proves the right one.
        hash: String,
        /// Should it be wrong, the entry is locked until then.
        locks_until: Option<DateTime<Utc>>,
    },
    /// None is taken.
    Refused(Entry),
}

/// Whether a person can type a PIN now.
pub(crate) fn entry(rows: &Rows<'_>, user: UserId, now: DateTime<Utc>) -> Result<Entry, StoreError> {
    Ok(match rows.pin(user)?.map(|pin| pin.locked_until) {
        None => Entry::None,
        Some(Some(until)) if until > now => Entry::Locked { until },
        Some(_) => Entry::Open,
    })
}

/// What is told of a person's PIN.
pub(crate) fn state(rows: &Rows<'_>, user: UserId, now: DateTime<Utc>) -> Result<PinState, StoreError> {
    let kept = rows.pin(user)?;
    Ok(PinState {
        set_at: kept.as_ref().map(|pin| pin.set_at),
        locked_until: kept.and_then(|pin| pin.locked_until).filter(|until| *until > now),
    })
}

/// Counts a try as a wrong one. Only [`right`] takes that back.
pub(crate) fn charge(tx: &Tx<'_>, user: UserId, now: DateTime<Utc>) -> Result<Charged, StoreError> {
    let entry = entry(tx, user, now)?;
    let Some(kept) = tx.pin(user)?.filter(|_| entry == Entry::Open) else { return Ok(Charged::Refused(entry)) };
    let failures = kept.failures + 1;
    let locks_until = (failures >= pin::TRIES).then(|| now + pin::lock_after(kept.lockouts));
    match locks_until {
        Some(until) => tx.pin_tried(user, 0, kept.lockouts.saturating_add(1), Some(until))?,
        None => tx.pin_tried(user, failures, kept.lockouts, None)?,
    };
    Ok(Charged::Try { hash: kept.hash, locks_until })
}

/// The right one was typed: nothing is counted any more.
pub(crate) fn right(tx: &Tx<'_>, user: UserId) -> Result<(), StoreError> {
    tx.pin_tried(user, 0, 0, None).map(drop)
}

/// What is kept of a PIN. It takes a while by design; the thread that waits is another one.
pub(crate) async fn hash(pin: Pin) -> Result<String, Error> {
    let mut salt = [0; SALT_BYTES];
    random::fill(&mut salt)?;
    let unusable = |error: argon2::password_hash::Error| {
        Error::internal(format!("a PIN cannot be turned into what is kept of it: {error}"))
    };
    let salt = SaltString::encode_b64(&salt).map_err(unusable)?;
    let mut work = JoinSet::new();
    work.spawn_blocking(move || argon2().hash_password(pin.expose().as_bytes(), &salt).map(|hash| hash.to_string()));
    match work.join_next().await {
        Some(Ok(hashed)) => hashed.map_err(unusable),
        Some(Err(_)) | None => Err(Error::internal("the thread that hashes a PIN ended early")),
    }
}

/// Whether digits are what a hash was made from. It takes as long as [`hash`]: not on an asynchronous thread.
pub(crate) fn matches(hash: &str, typed: &Typed) -> bool {
    PasswordHash::new(hash).and_then(|hash| argon2().verify_password(typed.expose().as_bytes(), &hash)).is_ok()
}

/// argon2id, version 1.3, with the first choice of the OWASP's list (19 MiB, 2 passes).
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

#[cfg(test)]
mod tests;
