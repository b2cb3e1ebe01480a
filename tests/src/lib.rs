//! The test harness: starts the real binaries against fake services and checks what they leave behind.
//!
//! Nothing here replaces a part of the hub. The database, the sockets, the processes and the signatures are real; only
//! the world outside (the telephone company) is played, and what the hub tells it is checked against the published rules.
//! A harness fails loudly: whatever it cannot do is a panic that says why.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test harness fails loudly"
)]

pub mod api;
pub mod binaries;
pub mod browser;
pub mod cable;
pub mod calendars;
pub mod callee;
pub mod caller;
pub mod cli;
pub mod clock;
pub mod database;
pub mod environment;
pub mod footprint;
pub mod hub;
pub mod inbound_mail;
pub mod mail_server;
pub mod model;
pub mod model_hub;
pub mod phone_line;
pub mod post;
pub mod room;
pub mod sendgrid;
pub mod signature;
pub mod sound_server;
pub mod supervisor;
pub mod trace;
pub mod twilio;
pub mod voice_servers;
pub mod wait;
pub mod web;
pub mod words;
pub mod world;
