//! The program itself, against a hub that does what a test says; a file is heard, a file is played.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a failed expectation is a failed test, and sounds are short"
)]

mod fake_hub;
mod home;
mod links;
mod pairings;
