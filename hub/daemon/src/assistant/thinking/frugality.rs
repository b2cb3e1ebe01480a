//! Telling an admin, once a day and once a month, that most of what a language model may cost is spent.
//!
//! The caps themselves are kept where requests are booked; here it is only said in good time.

use chrono::{DateTime, Utc};
use xswarm_core::{
    spending::{CapState, Caps},
    time::to_text,
    user::{Role, User},
};
use xswarm_store::Tx;

use crate::error::Error;

/// Of a cap, from when on it is said, in hundredths.
const NEAR_PERCENT: i64 = 80;

/// What to say besides the answer; empty when there is nothing to say, or it was said before.
pub(super) fn warning(tx: &Tx<'_>, user: &User, caps: Caps, now: DateTime<Utc>) -> Result<String, Error> {
    let mut words = String::new();
    if user.role != Role::Admin {
        return Ok(words);
    }
    for CapState { cap, limit, spent, until } in tx.model_caps(caps, now)? {
        let percent = spent.percent_of(limit);
        let (name, period) = (format!("spending_told_{cap}"), to_text(until));
        if percent < NEAR_PERCENT || tx.meta(&name)?.as_ref() == Some(&period) {
            continue;
        }
        tx.meta_set(&name, &period)?;
        words = format!("{words}\n(My language model has used {percent} % of its {cap} cap, {spent} of {limit}.)");
    }
    Ok(words)
}
