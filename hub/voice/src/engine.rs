//! Which engine speaks and listens, and what can go wrong with it.

#[cfg(feature = "moshi")]
use crate::moshi::Moshi;
use crate::{conversation::Conversation, listener::Listener, scripted::Scripted, speaker::Speaker, wyoming::Wyoming};

/// What turns sound into words and words into sound.
#[derive(Debug)]
pub enum Engine {
    /// Kyutai's models on this machine.
    #[cfg(feature = "moshi")]
    Moshi(Moshi),
    /// Servers that speak the Wyoming protocol.
    Wyoming(Wyoming),
    /// The deterministic twin: listens by a script and speaks in tones.
    Scripted(Scripted),
}

/// Why an engine cannot listen or speak.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// Every session is taken.
    #[error("all {sessions} sessions of the voice engine are taken")]
    AtCapacity {
        /// How many there are.
        sessions: usize,
    },
    /// It cannot be reached, or its models are missing; what to do about it.
    #[error("the voice engine is not available: {0}")]
    Unavailable(String),
    /// It ended in the midst of a session.
    #[error("the voice engine ended: {0}")]
    Died(String),
    /// It does not keep up with the sound.
    #[error("the voice engine is more than {behind_ms} ms behind")]
    Behind {
        /// How much sound waits, in milliseconds.
        behind_ms: u64,
    },
}

impl Engine {
    /// Its name, as in the configuration.
    pub fn name(&self) -> &'static str {
        match self {
            #[cfg(feature = "moshi")]
            Self::Moshi(_) => "moshi",
            Self::Wyoming(_) => "wyoming",
            Self::Scripted(_) => "scripted",
        }
    }

    /// A session that listens. What cannot be known at once, such as a server that is away, it tells when it is asked.
    pub fn listen(&self) -> Result<Listener, EngineError> {
        match self {
            #[cfg(feature = "moshi")]
            Self::Moshi(moshi) => moshi.listen(),
            Self::Wyoming(wyoming) => wyoming.listen(),
            Self::Scripted(scripted) => scripted.listen(),
        }
    }

    /// A session that speaks, for one utterance.
    pub fn speak(&self) -> Result<Speaker, EngineError> {
        match self {
            #[cfg(feature = "moshi")]
            Self::Moshi(moshi) => moshi.speak(),
            Self::Wyoming(wyoming) => wyoming.speak(),
            Self::Scripted(scripted) => scripted.speak(),
        }
    }

    /// A session of free conversation.
    pub fn talk(&self) -> Result<Conversation, EngineError> {
        match self {
            #[cfg(feature = "moshi")]
            Self::Moshi(moshi) => moshi.talk(),
            Self::Wyoming(_) => {
                Err(EngineError::Unavailable("servers of the Wyoming protocol have no free conversation".to_owned()))
            }
            Self::Scripted(scripted) => scripted.talk(),
        }
    }

    /// Waits until it can begin no more sessions; why. Servers that are away come back by themselves: their engine never
    /// ends.
    pub async fn ended(&self) -> EngineError {
        match self {
            #[cfg(feature = "moshi")]
            Self::Moshi(moshi) => moshi.ended().await,
            Self::Wyoming(_) | Self::Scripted(_) => std::future::pending().await,
        }
    }
}
