//! A stream within the link of a room device.

use tokio::{sync::mpsc, time::timeout};
use xswarm_core::room::Doing;

use super::{Came, SENDING};
use crate::twilio::media::StreamMessage;

/// What a stream has the room's link send.
#[derive(Debug)]
pub(in crate::channels) enum ToRoom {
    /// Sound to be played, as it travels.
    Sound(Vec<u8>),
    /// To be sent back once everything before it was played.
    Mark(String),
    /// What was not played is to be dropped.
    Clear,
    /// What the hub does just now.
    Doing(Doing),
}

/// The hub's end of it.
pub(in crate::channels) struct RoomEnd {
    /// What the room sends. It is over when this is.
    pub(in crate::channels) comes: mpsc::Receiver<StreamMessage>,
    /// What is sent to it.
    pub(in crate::channels) goes: mpsc::Sender<ToRoom>,
}

impl RoomEnd {
    pub(super) async fn next(&mut self) -> Came {
        self.comes.recv().await.map_or(Came::Ended, Came::Message)
    }

    pub(super) async fn send(&mut self, what: ToRoom) -> bool {
        matches!(timeout(SENDING, self.goes.send(what)).await, Ok(Ok(())))
    }
}
