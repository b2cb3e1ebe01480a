//! A session that listens: frames of sound go in, what was said comes out.

use tokio::sync::mpsc::{self, error::TrySendError};

use crate::{EngineError, Frame};

/// How many frames may wait for an engine: 4 s of sound.
const WAITING: usize = 50;

/// How many things heard may wait to be taken.
const HEARD: usize = 256;

/// What an engine heard. Times are milliseconds from the first sample of the session.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// What was said so far in this utterance; it may still change.
    Partial {
        /// All of it, not only what is new.
        text: String,
    },
    /// A word that stands.
    Word {
        /// The word.
        text: String,
        /// Where it begins.
        start_ms: u64,
        /// Where it ends.
        end_ms: u64,
    },
    /// The speaker has finished what they wanted to say; the rest of the words may still come.
    EndOfTurn,
    /// The utterance, complete. Silence is never an utterance: it is empty only if nothing could be understood.
    Final {
        /// All of it.
        text: String,
    },
    /// Everything that was pushed before this mark has been heard.
    Marked(u64),
    /// The session is over.
    Failed(EngineError),
}

/// What a session is told.
#[derive(Debug)]
pub(crate) enum Listen {
    /// Sound.
    Frame(Frame),
    /// Whatever was said so far shall be heard out, and this mark be told.
    Mark(u64),
}

/// A session that listens. Dropping it frees its place at once.
#[derive(Debug)]
pub struct Listener {
    commands: mpsc::Sender<Listen>,
    heard: mpsc::Receiver<Heard>,
}

/// The engine's end of a session. `commands` ends when the listener is dropped.
#[derive(Debug)]
pub(crate) struct Ear {
    pub(crate) commands: mpsc::Receiver<Listen>,
    pub(crate) heard: mpsc::Sender<Heard>,
}

impl Listener {
    /// A session and the engine's end of it.
    pub(crate) fn pair() -> (Self, Ear) {
        let (commands, to_engine) = mpsc::channel(WAITING);
        let (from_engine, heard) = mpsc::channel(HEARD);
        (Self { commands, heard }, Ear { commands: to_engine, heard: from_engine })
    }

    /// Hands on 80 ms of sound. The frame is lost when the engine is 4 s behind ([`EngineError::Behind`]) or gone.
    pub fn push(&self, frame: Frame) -> Result<(), EngineError> {
        self.send(Listen::Frame(frame))
    }

    /// Asks for everything that was said so far to be heard out, as fast as the engine can; [`Heard::Marked`] answers.
    pub fn mark(&self, mark: u64) -> Result<(), EngineError> {
        self.send(Listen::Mark(mark))
    }

    /// What was heard next; [`Heard::Failed`] once the engine is gone.
    pub async fn next(&mut self) -> Heard {
        let gone = || Heard::Failed(EngineError::Died("its session ended".to_owned()));
        self.heard.recv().await.unwrap_or_else(gone)
    }

    fn send(&self, command: Listen) -> Result<(), EngineError> {
        self.commands.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => EngineError::Behind { behind_ms: WAITING as u64 * 80 },
            TrySendError::Closed(_) => EngineError::Died("its session ended".to_owned()),
        })
    }
}
