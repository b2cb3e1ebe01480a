//! What time it is: the only place of the hub that asks.
//!
//! Instants have milliseconds, as on disk, so that what is compared in memory compares the same after a restart.
//! It deliberately knows no zones (every person has their own) and does not wait: waiting is tokio's timer.

use chrono::{DateTime, SubsecRound, Utc};

/// The clock. Cheap to clone; services that need the time own one.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock;

impl Clock {
    /// The system's real-time clock.
    pub(crate) const fn system() -> Self {
        Self
    }

    /// Now, cut to milliseconds.
    #[expect(clippy::disallowed_methods, reason = "this is the place that asks what time it is")]
    #[expect(clippy::unused_self, reason = "having a clock is the permission to ask it")]
    pub(crate) fn now(self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xswarm_core::time;

    #[test]
    fn an_instant_survives_its_textual_form() {
        let now = Clock::system().now();
        assert_eq!(time::from_text(&time::to_text(now)), Ok(now));
    }
}
