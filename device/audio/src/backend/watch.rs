//! What tells that a device is lost although nothing says so. Time is an argument.

use std::time::Duration;

use super::Lost;

/// So long the first frames may take: sound servers are slow to begin.
const FIRST_FRAMES: Duration = Duration::from_secs(3);

/// So long frames may stay away then.
const FRAMES: Duration = Duration::from_secs(1);

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
