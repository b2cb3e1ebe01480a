//! The command line of Boss AI: talks to the hub over its admin socket.
//!
//! [`client`] is for programs that want the same; the rest is the command `xswarm`. It holds no state but the history of
//! conversations, decides nothing that the hub decides, and speaks no protocol but the hub's own; only models it fetches itself
//! (`xswarm model`), into the hub's directory.
//!
//! A command goes `main → verbs → {client, screen}`: [`arguments`] says what was asked for, [`locate`] where the hub is,
//! a file under `verbs` asks the hub, and [`table`] and [`when`] show what it said. [`failure`] decides the exit status.

pub mod arguments;
pub mod client;
pub mod failure;
pub mod household;
pub mod ids;
pub mod locate;
pub mod screen;
mod setup;
pub mod table;
pub mod verbs;
pub mod when;
