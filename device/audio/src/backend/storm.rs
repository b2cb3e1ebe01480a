//! A storm of errors is a lost device: that is how the `cpal` crate tells that a sound server died. Time is an argument.

use std::time::Duration;

use super::Lost;

/// So many errors …
const ERRORS_MOST: u32 = 20;

/// … within so long are no accident.
const ERRORS_WITHIN: Duration = Duration::from_millis(100);

/// Notices a storm of errors.
#[derive(Debug, Default)]
pub(super) struct Errors {
    began: Duration,
    count: u32,
}

impl Errors {
    /// So many came since the last call. Fails when that is a storm.
    pub(super) fn came(&mut self, count: u32, now: Duration, last: impl FnOnce() -> String) -> Result<(), Lost> {
        if now.saturating_sub(self.began) > ERRORS_WITHIN {
            *self = Self { began: now, count: 0 };
        }
        self.count = self.count.saturating_add(count);
        if self.count < ERRORS_MOST { Ok(()) } else { Err(Lost::Errors { errors: self.count, last: last() }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_storm_is_lost_and_errors_now_and_then_are_not() {
        let mut errors = Errors::default();
        for turn in 0..1_000 {
            assert!(errors.came(1, ms(turn * 10), || panic!()).is_ok(), "10 in 100 ms");
        }
        let mut errors = Errors::default();
        let storm =
            (0..1_000).find_map(|turn| Some((turn, errors.came(1, ms(9_000 + turn), || "no".to_owned()).err()?)));
        let Some((19, Lost::Errors { errors: 20, last })) = storm else { panic!("{storm:?}") };
        assert_eq!(last, "no");
        let at_once = Errors::default().came(4_041, ms(0), || "no".to_owned());
        assert!(matches!(at_once, Err(Lost::Errors { errors: 4_041, .. })));
    }
}
