//! When something that is away is tried again: at once, then after 0.1 s, 0.2 s, 0.4 s … 2 s.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const MOST: Duration = Duration::from_secs(2);

/// When to try next.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    pause: Option<Duration>,
    not_before: Duration,
}

impl Backoff {
    /// Whether to try now.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        now >= self.not_before
    }

    /// A try failed.
    pub(super) fn failed(&mut self, now: Duration) {
        let pause = self.pause.map_or(FIRST, |pause| (pause * 2).min(MOST));
        self.pause = Some(pause);
        self.not_before = now + pause;
    }

    /// A try succeeded, and it proved good: the next one that fails is a first one.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_two_seconds_and_begin_anew() {
        let mut backoff = Backoff::default();
        let mut now = Duration::ZERO;
        let mut pauses = Vec::new();
        for _ in 0..7 {
            assert!(backoff.is_due(now));
            backoff.failed(now);
            let step = Duration::from_millis(1);
            let began = now;
            while !backoff.is_due(now) {
                now += step;
            }
            pauses.push(now.saturating_sub(began).as_millis());
        }
        assert_eq!(pauses, [100, 200, 400, 800, 1_600, 2_000, 2_000]);
        backoff.succeeded();
        assert!(backoff.is_due(now));
        backoff.failed(now);
        assert!(backoff.is_due(now + FIRST));
    }
}
