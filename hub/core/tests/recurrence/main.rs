//! Recurrence rules as a whole: the RFC's own examples, properties of any rule, and rules made to hurt.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail loudly")]

mod hostile;
mod properties;
mod rfc;

use chrono::NaiveDateTime;

fn local(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").unwrap()
}
