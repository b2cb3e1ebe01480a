//! The store from outside: real files, real threads, real disks that fill up, and processes that are killed.
#![cfg(test)]
#![allow(
    clippy::redundant_closure_for_method_calls,
    reason = "a method of `Rows<'_>` is not general enough in its lifetime to be passed by name"
)]

mod calendar;
mod capabilities;
mod crash;
mod disk;
mod events;
mod jobs;
mod ladders;
mod memory;
mod messages;
mod opening;
mod paging;
mod people;
mod reminders;
mod scratch;
mod suggestions;
mod writer;
