//! The partner in free conversation on a call: hears the caller, and its sound waits here to be played while it has the word.

use std::collections::VecDeque;

use xswarm_voice::{Conversation, FRAME_SAMPLES, Frame, Reply, SAMPLE_RATE_HZ};

use crate::dialog::Chat;

/// Samples of 20 ms.
const PIECE: usize = SAMPLE_RATE_HZ as usize / 50;

/// Playing begins with so much, so that what comes a little late leaves no gap.
const BEGINS_WITH: usize = 2 * FRAME_SAMPLES;

/// More than half a second that waits is dropped down to that: the line plays slower than the sound comes.
const WAITING_MOST: usize = SAMPLE_RATE_HZ as usize / 2;

/// A partner, or nobody.
#[derive(Debug, Default)]
pub(super) struct Partner {
    conversation: Option<Conversation>,
    words: Chat,
    sound: VecDeque<f32>,
    plays: bool,
    /// What the caller said last, as far as it is known.
    after: String,
    /// Whether they are in the midst of it.
    in_utterance: bool,
}

impl Partner {
    /// One who converses.
    pub(super) fn new(conversation: Conversation) -> Self {
        Self { conversation: Some(conversation), ..Self::default() }
    }

    /// Lets it hear what the caller says.
    pub(super) fn hear(&self, frame: &Frame) {
        let pushed = self.conversation.as_ref().map_or(Ok(()), |conversation| conversation.push(frame.clone()));
        // As for who listens: a gap is better than a delay that grows.
        if let Err(error) = pushed {
            log::debug!("a frame of free conversation is lost: {error}");
        }
    }

    /// What it does next; nothing ever, when there is nobody.
    pub(super) async fn next(&mut self) -> Reply {
        match &mut self.conversation {
            Some(conversation) => conversation.next().await,
            None => std::future::pending().await,
        }
    }

    /// Sends it away. What it said stays.
    pub(super) fn leave(&mut self) {
        self.conversation = None;
        self.sound.clear();
    }

    /// The caller has said this so far, or to its end. Whether it is the beginning of it.
    pub(super) fn caller_says(&mut self, words: &str, to_its_end: bool) -> bool {
        words.clone_into(&mut self.after);
        let was_in = std::mem::replace(&mut self.in_utterance, !to_its_end);
        !was_in && !to_its_end
    }

    /// What the caller said last.
    pub(super) fn said_before(&self) -> &str {
        &self.after
    }

    /// Takes words that are heard; the sentences that ended with them.
    pub(super) fn says(&mut self, more: &str) -> Option<String> {
        self.words.says(more)
    }

    /// Whether it has said so much that it should be kept.
    pub(super) fn is_long(&self) -> bool {
        self.words.is_long()
    }

    /// Takes sound that is to be heard.
    pub(super) fn sounds(&mut self, frame: &Frame) {
        self.sound.extend(frame.iter());
        if self.sound.len() > WAITING_MOST {
            self.sound.drain(..self.sound.len() - BEGINS_WITH);
        }
    }

    /// 20 ms to be played.
    pub(super) fn piece(&mut self) -> Option<Vec<f32>> {
        self.plays = self.sound.len() >= if self.plays { PIECE } else { BEGINS_WITH };
        self.plays.then(|| self.sound.drain(..PIECE).collect())
    }

    /// It has not the word any more: what was not played is not heard.
    pub(super) fn hush(&mut self) {
        self.sound.clear();
    }

    /// All that it has said since this was asked last, and what of it was no whole sentence.
    pub(super) fn take(&mut self) -> Option<(String, String)> {
        self.words.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_is_played_in_pieces_after_a_little_has_come_and_never_grows() {
        let mut partner = Partner::default();
        let frame: Frame = Box::new([0.5; FRAME_SAMPLES]);
        partner.sounds(&frame);
        assert_eq!(partner.piece(), None, "the next one may be late");
        partner.sounds(&frame);
        for _ in 0..8 {
            assert_eq!(partner.piece().map(|piece| piece.len()), Some(PIECE));
        }
        assert_eq!(partner.piece(), None);
        for _ in 0..100 {
            partner.sounds(&frame);
        }
        assert!(partner.sound.len() <= WAITING_MOST);
        partner.hush();
        assert_eq!(partner.piece(), None);
    }
}
