//! What tells that a device is lost although nothing says so. Time is an argument.

use std::time::Duration;

use super::Lost;

/// So long the first frames may take: sound servers are slow to begin.
const FIRST_FRAMES: Duration = Duration::from_secs(3);

/// So long frames may stay away then.
const FRAMES: Duration = Duration::from_secs(1);

/// So many errors …
const ERRORS_MOST: u32 = 20;

/// … within so long are no accident.
const ERRORS_WITHIN: Duration = Duration::from_millis(100);

/// So long each sample is exactly zero before that is told.
const SILENT_AFTER: Duration = Duration::from_secs(10);

/// Notices that no frames come.
#[derive(Debug)]
pub(super) struct Frames {
    last: Duration,
    most: Duration,
}

impl Frames {
    /// From the opening on.
    pub(super) fn new(now: Duration) -> Self {
        Self { last: now, most: FIRST_FRAMES }
    }

    /// Frames came.
    pub(super) fn came(&mut self, now: Duration) {
        *self = Self { last: now, most: FRAMES };
    }

    /// None came.
    pub(super) fn missing(&self, now: Duration) -> Result<(), Lost> {
        let away = now.saturating_sub(self.last);
        if away < self.most {
            Ok(())
        } else {
            Err(Lost::NoFrames(away.as_secs() * 1_000 + u64::from(away.subsec_millis())))
        }
    }
}

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

/// Notices what no microphone gives: nothing but zeros.
#[derive(Debug, Default)]
pub(super) struct Silence {
    since: Option<Duration>,
}

impl Silence {
    /// Frames that came. Since when they are silent, once that is long enough.
    pub(super) fn heard(&mut self, frames: &[f32], now: Duration) -> Option<Duration> {
        if frames.iter().any(|sample| *sample != 0.0) {
            self.since = None;
            return None;
        }
        let since = *self.since.get_or_insert(now);
        (now.saturating_sub(since) >= SILENT_AFTER).then_some(since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn frames_that_stay_away_are_noticed_and_slow_beginnings_are_borne() {
        let mut frames = Frames::new(ms(5_000));
        assert!(frames.missing(ms(7_999)).is_ok());
        assert!(matches!(frames.missing(ms(8_000)), Err(Lost::NoFrames(3_000))));
        frames.came(ms(8_000));
        assert!(frames.missing(ms(8_999)).is_ok());
        assert!(matches!(frames.missing(ms(9_250)), Err(Lost::NoFrames(1_250))));
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

    #[test]
    fn only_zeros_for_long_are_silence() {
        let mut silence = Silence::default();
        assert_eq!(silence.heard(&[0.0; 4], ms(1_000)), None);
        assert_eq!(silence.heard(&[0.0; 4], ms(10_999)), None);
        assert_eq!(silence.heard(&[0.0; 4], ms(11_000)), Some(ms(1_000)));
        assert_eq!(silence.heard(&[0.0, 0.0, 1e-5, 0.0], ms(11_020)), None, "a quiet room hisses");
        assert_eq!(silence.heard(&[0.0; 4], ms(11_040)), None);
        assert_eq!(silence.heard(&[0.0; 4], ms(21_040)), Some(ms(11_040)));
    }
}
