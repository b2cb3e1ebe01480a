//! The command `xswarm` as a person uses it: the real binary against a small hub that speaks the same interface over a
//! Unix socket, on a pipe and on a terminal. What the real hub does is tested with the real hub, elsewhere.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this whole crate is a test, its helpers included; what is unexpected here is a failed test"
)]

mod calendar;
mod capabilities;
mod chat;
mod doctor;
mod failures;
mod hub;
mod lists;
mod people;
mod receipts;
mod rows;
mod setup;
mod shell;
mod short;
mod suggestions;
mod terminal;
