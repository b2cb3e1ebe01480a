//! Kyutai's Moshi family on this machine, behind the cargo feature `moshi`.
//!
//! It deliberately holds no weights: they come from Kyutai's repositories.

pub mod synthesis;
mod tokenizer;
mod weights;
