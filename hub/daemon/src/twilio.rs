//! Twilio at the edge: its webhooks in, its REST API out, and nothing of its shapes further inside.
//!
//! It deliberately decides nothing: who may write, what is answered and what is sent again is `channels::sms`'s business.
//! No text, number or token is logged here.

pub(crate) mod callback;
pub(crate) mod client;
pub(crate) mod error_codes;
pub(crate) mod form;
pub(crate) mod keywords;
pub(crate) mod media;
pub(crate) mod signature;
pub(crate) mod voice;
