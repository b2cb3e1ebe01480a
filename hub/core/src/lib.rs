//! Domain types, state machines and messages of the Boss AI hub.
//!
//! Pure: no IO, no clock, no async. Every other crate may depend on this one; this one depends on none of them.
//! An instant that a function needs is an argument; text that a person reads is worded elsewhere.

pub mod address;
pub mod admin;
pub mod appointment;
pub mod attachment;
pub mod authority;
pub mod call;
pub mod capability;
pub mod conflict;
pub mod contact;
pub mod device;
pub mod event;
pub mod exchange;
pub mod free;
pub mod habit;
pub mod id;
pub mod invitation;
pub mod job;
pub mod list;
pub mod llm;
pub mod mail;
pub mod memory;
pub mod message;
pub mod phone;
pub mod pin;
pub mod preferences;
pub mod provenance;
pub mod receipt;
pub mod recurrence;
pub mod reminder;
pub mod room;
pub mod schema;
pub mod series;
pub mod sms;
pub mod spending;
pub mod suggestion;
pub mod supervisor;
pub mod task;
pub mod text_enum;
pub mod time;
pub mod user;
