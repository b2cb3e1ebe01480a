//! What was handed over and waits to be heard, kept so that it can be taken back without a click.

use std::collections::VecDeque;

/// So long a fade takes when what waits is dropped.
pub(super) const FADE_MS: u32 = 5;

/// The newest frames that were handed over: at most as many as are kept.
#[derive(Debug)]
pub(super) struct Queue {
    newest: VecDeque<f32>,
    most: usize,
    fade: usize,
}

impl Queue {
    /// One that keeps so many frames.
    pub(super) fn new(most: usize, rate_hz: u32) -> Self {
        Self { newest: VecDeque::with_capacity(most), most, fade: super::frames(FADE_MS, rate_hz).max(1) }
    }

    /// How many are kept.
    pub(super) fn len(&self) -> usize {
        self.newest.len()
    }

    /// What is handed over. The oldest make room, where needed.
    pub(super) fn push(&mut self, frames: &[f32]) {
        let kept = frames.get(frames.len().saturating_sub(self.most)..).unwrap_or_default();
        let over = (self.newest.len() + kept.len()).saturating_sub(self.most);
        self.newest.drain(..over);
        self.newest.extend(kept);
    }

    /// Silence is handed over.
    #[cfg(feature = "cards")]
    pub(super) fn push_silence(&mut self, frames: usize) {
        for _ in 0..frames.min(self.most) {
            self.push(&[0.0]);
        }
    }

    /// The oldest is heard.
    pub(super) fn pop(&mut self) -> Option<f32> {
        self.newest.pop_front()
    }

    /// The last `waiting` of those that were handed over fade out and are silent then.
    pub(super) fn fade_out(&mut self, waiting: usize) {
        let (heard, fade) = (self.newest.len().saturating_sub(waiting), self.fade);
        let faded = self.newest.iter_mut().skip(heard);
        for (at, sample) in faded.enumerate() {
            *sample *= gain(at, fade);
        }
    }

    #[cfg(any(feature = "cards", test))]
    /// The last `waiting` of those that were handed over, the next to be heard first.
    pub(super) fn last(&self, waiting: usize) -> impl Iterator<Item = f32> {
        self.newest.iter().skip(self.newest.len().saturating_sub(waiting)).copied()
    }
}

/// How loud the sample after so many is in a fade of that length.
#[expect(clippy::cast_precision_loss, reason = "a fade has at most a thousand samples")]
pub(super) fn gain(at: usize, fade: usize) -> f32 {
    1.0 - at.saturating_add(1).min(fade) as f32 / fade as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_fades_within_5_ms_and_nothing_that_was_heard_changes() {
        let mut queue = Queue::new(400, 16_000);
        queue.push(&[0.5; 1_000]);
        assert_eq!(queue.len(), 400, "older ones are forgotten");
        queue.fade_out(300);
        let faded: Vec<f32> = queue.last(300).collect();
        assert_eq!(faded.len(), 300);
        assert!(faded[0] < 0.5 && faded[..80].windows(2).all(|pair| pair[0] > pair[1]));
        assert!(faded[79..].iter().all(|sample| *sample == 0.0));
        assert!((0..100).all(|_| queue.pop() == Some(0.5)));
        assert_eq!(queue.pop(), Some(faded[0]));
    }

    #[test]
    fn no_more_fades_than_there_is() {
        let mut queue = Queue::new(100, 16_000);
        queue.push(&[0.5; 60]);
        queue.fade_out(200);
        assert_eq!(queue.last(200).count(), 60);
    }
}
