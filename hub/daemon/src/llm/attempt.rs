//! Asking until there is an answer, a failure that stays, or no more time.
//!
//! Only what surely cost nothing is tried again, so that a request that was booked once is paid once. There is one box, so
//! there is no herd that random pauses would part.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use xswarm_core::spending::Usage;

use super::{Failure, Reply, Request, genai::Service};

/// Attempts at most: somebody waits, and an outage lasts longer than anybody's patience.
const ATTEMPTS: u32 = 4;

/// Before the second attempt; each further pause is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// What became of a request.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It was answered.
    Answered {
        /// How.
        reply: Reply,
        /// What it used, when the provider said so.
        usage: Option<Usage>,
    },
    /// It failed and cost nothing.
    Failed(Failure),
    /// Nobody can tell what it cost. It may have come to an answer all the same, up to where it was cut.
    Unclear {
        /// How it failed, or how far it came.
        end: Result<Reply, Failure>,
    },
}

impl Outcome {
    /// It failed, and nobody can tell what it cost.
    pub(super) const fn unclear(failure: Failure) -> Self {
        Self::Unclear { end: Err(failure) }
    }

    /// How it failed, if it did.
    pub(super) const fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) | Self::Unclear { end: Err(failure) } => Some(failure),
            Self::Answered { .. } | Self::Unclear { end: Ok(_) } => None,
        }
    }

    /// For the caller.
    pub(super) fn into_result(self) -> Result<Reply, Failure> {
        match self {
            Self::Answered { reply, .. } => Ok(reply),
            Self::Failed(failure) => Err(failure),
            Self::Unclear { end } => end,
        }
    }
}

/// One attempt.
#[derive(Debug)]
pub(super) enum Attempt {
    /// That is what became of it.
    Ended(Outcome),
    /// It cost nothing and may be tried again, not before so long.
    Again(Failure, Option<Duration>),
}

/// Asks as often as it makes sense.
pub(super) async fn until_answered(
    service: &Service,
    request: &Request,
    output_tokens: u32,
    until: Instant,
) -> Outcome {
    let mut pause = FIRST_PAUSE;
    let mut attempts = 1;
    loop {
        let attempt = timeout_at(until, service.ask(request, output_tokens)).await;
        let (failure, wish) = match attempt {
            Err(_elapsed) => return Outcome::unclear(Failure::TooSlow),
            Ok(Attempt::Ended(outcome)) => return outcome,
            Ok(Attempt::Again(failure, wish)) => (failure, wish),
        };
        let wait = wish.unwrap_or(Duration::ZERO).max(pause);
        if attempts == ATTEMPTS || Instant::now() + wait >= until {
            return Outcome::Failed(failure);
        }
        sleep(wait).await;
        pause *= 2;
        attempts += 1;
    }
}
