//! Sentences and what the Boss makes of them, in tables: one line a sentence.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod answers;
mod calendar;
mod commands;
mod contacts;
mod conventions;
mod everyday;
mod guesses;
mod invitations;
mod ladders;
mod lists;
mod memory;
mod negatives;
mod particulars;
mod printed;
mod properties;
mod ranges;
mod recurrences;
mod referring;
mod suggestions;
mod times;
