//! A session that speaks one utterance: text goes in as it comes, sound comes out.

use tokio::sync::mpsc;

use crate::EngineError;

/// How many pieces of text may wait for an engine.
const TEXTS: usize = 64;

/// How many pieces of sound may wait to be played.
const SOUNDS: usize = 64;

/// What an engine spoke. Times are milliseconds from the first sample of the utterance.
#[derive(Debug, Clone, PartialEq)]
pub enum Spoken {
    /// Sound, to be played after what came before. Not empty, at most a second.
    Audio(Vec<f32>),
    /// A word of it; told no later than its sound.
    Word {
        /// The word, as it was written.
        text: String,
        /// Where it begins.
        start_ms: u64,
        /// Where it ends.
        end_ms: u64,
    },
    /// That was all.
    Done,
    /// The session is over.
    Failed(EngineError),
}

/// What a session is told.
#[derive(Debug)]
pub(crate) enum Speak {
    /// More text: whole words, or parts of words that go on in the next piece.
    Text(String),
    /// That was all the text.
    End,
}

/// A session that speaks. Dropping it stops it and frees its place.
#[derive(Debug)]
pub struct Speaker {
    commands: mpsc::Sender<Speak>,
    spoken: mpsc::Receiver<Spoken>,
}

/// The engine's end of a session. `commands` ends, and `spoken` closes, when the speaker is dropped.
#[derive(Debug)]
pub(crate) struct Mouth {
    pub(crate) commands: mpsc::Receiver<Speak>,
    pub(crate) spoken: mpsc::Sender<Spoken>,
}

impl Speaker {
    /// A session and the engine's end of it.
    pub(crate) fn pair() -> (Self, Mouth) {
        let (commands, to_engine) = mpsc::channel(TEXTS);
        let (from_engine, spoken) = mpsc::channel(SOUNDS);
        (Self { commands, spoken }, Mouth { commands: to_engine, spoken: from_engine })
    }

    /// Hands on text to be spoken; waits while too much of it waits.
    pub async fn say(&self, text: impl Into<String>) -> Result<(), EngineError> {
        self.send(Speak::Text(text.into())).await
    }

    /// Says that no text will follow.
    pub async fn end(&self) -> Result<(), EngineError> {
        self.send(Speak::End).await
    }

    /// What was spoken next; [`Spoken::Failed`] once the engine is gone.
    pub async fn next(&mut self) -> Spoken {
        let gone = || Spoken::Failed(EngineError::Died("its session ended".to_owned()));
        self.spoken.recv().await.unwrap_or_else(gone)
    }

    async fn send(&self, command: Speak) -> Result<(), EngineError> {
        let gone = |_| EngineError::Died("its session ended".to_owned());
        self.commands.send(command).await.map_err(gone)
    }
}
