//! How a request to the hub can fail. Three ways, because people can do three different things about it.

use std::{error::Error, io, path::PathBuf};

use xswarm_core::admin::Problem;

/// A request that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers at the socket: start the hub, or point elsewhere. Nothing was asked.
    #[error("the hub is not reachable at {}", socket.display())]
    Unreachable {
        /// Where it was looked for.
        socket: PathBuf,
        /// Why it was not found there.
        source: io::Error,
    },
    /// The hub said no, and why. Nothing happened.
    #[error("{}", problem.detail)]
    Refused {
        /// What the hub said (RFC 9457).
        problem: Problem,
    },
    /// The exchange ended without an answer that can be understood. Something may have happened.
    #[error("{what}")]
    Broken {
        /// What went wrong.
        what: String,
        /// Because of what.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl ClientError {
    pub(super) fn broken(what: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Broken { what: what.into(), source: source.into() }
    }

    /// Whether the same request, made safe to repeat, may succeed in a moment: the hub restarts, or is busy.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Broken { .. } => true,
            Self::Refused { problem } => problem.status == 503,
        }
    }
}
