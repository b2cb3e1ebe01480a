//! The client against servers that lie, stall, close and send garbage, on real sockets with short deadlines.

mod hearing;
pub(super) mod peer;
mod speaking;
mod transcripts;
