//! English text to times, recurrences and commands: deterministic, no model, no network.
//!
//! [`time`] finds times in any text, [`command`] understands a sentence said to the Boss, [`say`] words times in the
//! Boss's own way, [`policy`] holds the conventions. Pure: the present moment is an argument, nothing is remembered.

mod lexer;

pub mod command;
pub mod policy;
pub mod say;
pub mod time;
