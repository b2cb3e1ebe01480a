//! Waiting for a condition, never for time to pass: the only place of the tests that may sleep.

use std::time::{Duration, Instant};

/// How long a condition may take unless said otherwise: generous, since a busy machine is slow and a pass never waits.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until `condition` gives something; fails, saying `what` was awaited, after [`PATIENCE`].
pub async fn wait_for<T>(what: impl AsRef<str>, condition: impl AsyncFnMut() -> Option<T>) -> T {
    wait_within(PATIENCE, what, condition).await
}

/// Waits until `condition` gives something; fails, saying `what` was awaited, after `limit`.
pub async fn wait_within<T>(
    limit: Duration,
    what: impl AsRef<str>,
    mut condition: impl AsyncFnMut() -> Option<T>,
) -> T {
    let begin = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(found) = condition().await {
            return found;
        }
        assert!(begin.elapsed() < limit, "waited {:.1} s in vain for {}", begin.elapsed().as_secs_f64(), what.as_ref());
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// Lets a random moment pass: for tests that break things at random instants, not for waiting.
pub async fn random_moment(moment: Duration) {
    tokio::time::sleep(moment).await;
}
