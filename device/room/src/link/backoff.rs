//! When a hub that is away is tried again: after 0.2 s at first, later every 3 s, and never all devices of a house at once.

use std::time::Duration;

const FIRST_S: f64 = 0.2;
const MOST_S: f64 = 3.0;

/// The pauses.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    tries: i32,
}

impl Backoff {
    /// The next pause; `chance` is from 0 to 1 and makes it up to a quarter shorter.
    pub(super) fn next(&mut self, chance: f64) -> Duration {
        let whole_s = (FIRST_S * 2_f64.powi(self.tries)).min(MOST_S);
        self.tries = (self.tries + 1).min(10);
        Duration::from_secs_f64(whole_s * (1.0 - 0.25 * chance.clamp(0.0, 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_three_seconds_and_differ() {
        let mut backoff = Backoff::default();
        let pauses: Vec<_> = (0..8).map(|_| backoff.next(0.0).as_millis()).collect();
        assert_eq!(pauses, [200, 400, 800, 1_600, 3_000, 3_000, 3_000, 3_000]);
        assert_eq!(backoff.next(1.0).as_millis(), 2_250);
    }
}
