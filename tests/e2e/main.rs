//! End to end: the real binaries, real sockets, a real database; only the telephone company is played.
//!
//! Every test starts its own hub in its own directory, so that all of them can run at the same time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation is a failed test"
)]

mod bad_input;
mod booking;
mod calendar_api;
mod calling;
mod calls;
mod capabilities;
mod catch_up;
mod clarifying;
mod commands;
mod contacts;
mod conversing;
mod crash;
mod delivery;
mod devices;
mod downtime;
mod durability;
mod everyday;
mod household;
mod household_lists;
mod icalendar;
mod idle;
mod inbound;
mod injection;
mod invitations;
mod ladders;
mod language_model;
mod letters;
mod mail_inbound;
mod mailing;
mod memory;
#[cfg(feature = "tiny")]
mod moshi;
mod openapi;
mod opting_out;
mod outbound;
mod pins;
mod pulling;
mod receipts;
mod recordings;
mod reminding;
mod rest;
mod rooms;
mod secure;
mod series;
mod signatures;
mod starting;
mod storage;
mod strangers;
mod suggestions;
mod supervising;
mod supervisor;
mod texting;
mod thinking;
mod threads;
