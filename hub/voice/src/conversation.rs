//! A session of free conversation: frames of sound go in, and as many come out, with the words that are in them.
//!
//! Whoever answers here listens while it speaks. It deliberately does nothing but talk: what it says is no deed.

use tokio::sync::mpsc::{self, error::TrySendError};

use crate::{EngineError, Frame};

/// How many frames may wait for an engine: a second. An answer to what was said longer ago is none.
const WAITING: usize = 13;

/// How many replies may wait to be taken: a second, with a word in each frame.
const REPLIES: usize = 2 * WAITING;

/// What comes back.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// More of the words it says, a little before their sound. It goes on where the last one ended: a new word begins with a
    /// space, except for the first.
    Text(String),
    /// 80 ms of its sound, one for each frame that was pushed.
    Sound(Frame),
    /// The session is over.
    Failed(EngineError),
}

/// A session. Dropping it ends it and frees its place before the next frame.
#[derive(Debug)]
pub struct Conversation {
    frames: mpsc::Sender<Frame>,
    replies: mpsc::Receiver<Reply>,
}

/// The engine's end of a session. `frames` ends, and `replies` closes, when the conversation is dropped.
#[derive(Debug)]
pub(crate) struct Partner {
    pub(crate) frames: mpsc::Receiver<Frame>,
    pub(crate) replies: mpsc::Sender<Reply>,
}

impl Conversation {
    /// A session and the engine's end of it.
    pub(crate) fn pair() -> (Self, Partner) {
        let (frames, to_engine) = mpsc::channel(WAITING);
        let (from_engine, replies) = mpsc::channel(REPLIES);
        (Self { frames, replies }, Partner { frames: to_engine, replies: from_engine })
    }

    /// Hands on 80 ms of sound. The frame is lost when the engine is a second behind ([`EngineError::Behind`]) or gone.
    pub fn push(&self, frame: Frame) -> Result<(), EngineError> {
        self.frames.try_send(frame).map_err(|error| match error {
            TrySendError::Full(_) => EngineError::Behind { behind_ms: WAITING as u64 * 80 },
            TrySendError::Closed(_) => EngineError::Died("its session ended".to_owned()),
        })
    }

    /// What comes next; [`Reply::Failed`] once the engine is gone.
    pub async fn next(&mut self) -> Reply {
        let gone = || Reply::Failed(EngineError::Died("its session ended".to_owned()));
        self.replies.recv().await.unwrap_or_else(gone)
    }
}
