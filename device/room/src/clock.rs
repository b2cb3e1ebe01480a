//! What time it is: the only place of the device that asks.

use chrono::{DateTime, SubsecRound as _, Utc};

/// Now, cut to milliseconds.
#[expect(clippy::disallowed_methods, reason = "this is the place that asks what time it is")]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}
