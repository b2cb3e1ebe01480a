//! SendGrid at the edge: its webhooks in, its API (v3) out, and nothing of its shapes further inside.
//!
//! It deliberately decides nothing: what is sent, what counts as sent and who is written to no more is
//! `channels::mail`'s business. No text, address or key is logged here.

pub(crate) mod client;
pub(crate) mod events;
pub(crate) mod signature;
