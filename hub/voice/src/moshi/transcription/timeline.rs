//! Where in a session's sound a step of the model lies: the model also hears silence that nobody pushed.

use std::collections::VecDeque;

/// Milliseconds of one step.
pub(super) const STEP_MS: u64 = 80;

/// So many pieces of silence are remembered one by one. A word is told at most seconds after it was said, and each piece
/// ends an utterance, so that what is older is asked for no more.
const REMEMBERED: usize = 32;

/// The steps of one session.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    steps: u64,
    /// Silence before anything that is remembered, in steps.
    forgotten: u64,
    /// Where silence was put in, and how many steps of it.
    silences: VecDeque<(u64, u64)>,
}

impl Timeline {
    /// Steps so far.
    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    /// One more step: of the session's sound, or of silence put in.
    pub(super) fn stepped(&mut self, silence: bool) {
        if silence {
            match self.silences.back_mut() {
                Some((at, length)) if *at + *length == self.steps => *length += 1,
                Some(_) | None => self.silences.push_back((self.steps, 1)),
            }
            if self.silences.len() > REMEMBERED
                && let Some((_, length)) = self.silences.pop_front()
            {
                self.forgotten += length;
            }
        }
        self.steps += 1;
    }

    /// The milliseconds of the session's own sound before a step of the model.
    pub(super) fn ms(&self, step: u64) -> u64 {
        let before = |&(at, length): &(u64, u64)| step.saturating_sub(at).min(length);
        let silence: u64 = self.silences.iter().map(before).sum();
        step.saturating_sub(self.forgotten + silence) * STEP_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_put_in_takes_no_time() {
        let mut timeline = Timeline::default();
        for silence in [true, true, false, false, true, true, true, false] {
            timeline.stepped(silence);
        }
        let ms: Vec<u64> = (0..=8).map(|step| timeline.ms(step) / STEP_MS).collect();
        assert_eq!(ms, [0, 0, 0, 1, 2, 2, 2, 2, 3]);
    }

    #[test]
    fn a_long_session_remembers_little_and_still_tells_the_time() {
        let mut timeline = Timeline::default();
        for _ in 0..10_000 {
            timeline.stepped(false);
            timeline.stepped(true);
        }
        assert_eq!(timeline.silences.len(), REMEMBERED);
        assert_eq!(timeline.ms(timeline.steps()), 10_000 * STEP_MS);
        assert_eq!(timeline.ms(timeline.steps() - 20), 9_990 * STEP_MS);
    }
}
