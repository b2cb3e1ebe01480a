//! The ways in and out: taking messages in, and handing messages to whoever carries them.
//!
//! What a message means is the assistant's business; that it is neither lost nor sent twice is theirs.

pub(crate) mod call;
pub(crate) mod console;
mod delivery;
pub(crate) mod inbound;
pub(crate) mod letterbox;
pub(crate) mod mail;
pub(crate) mod room;
pub(crate) mod sms;
