//! The published models that can be used here: what they are, and how they get onto this machine.
//!
//! It compiles nothing that computes: a command line that only gets models needs no more than the feature `models`.

mod catalogue;
mod pull;

pub use catalogue::{LICENCE, Model, ModelFile};
pub use pull::{ENDPOINT, Progress, PullError, pull};
