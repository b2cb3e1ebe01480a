//! What time it is for the fakes. The hub's own idea of the time is asked of the hub (`GET /api/status`).

use chrono::{DateTime, Utc};

/// Now.
#[expect(clippy::disallowed_methods, reason = "the fakes live in real time and have no other clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}
