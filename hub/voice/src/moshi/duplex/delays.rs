//! Which tokens of which step go into a step, and which make a frame: the delays that Moshi was trained with.
//!
//! Of each voice, its own and the other's, the first codebook (what is said) runs two steps ahead of the others (how it
//! sounds). Where there is no token yet there is one that means "nothing".

use std::collections::VecDeque;

/// The first codebook is so many steps ahead.
pub(super) const AHEAD: usize = 2;

/// Both voices' tokens of the last steps.
#[derive(Debug, Clone)]
pub(super) struct Delays {
    nothing: u32,
    steps: usize,
    /// What was chosen in the last step, a token for each of its own codebooks.
    chosen: Vec<u32>,
    /// What was heard in the last steps, oldest first: at most one more than [`AHEAD`].
    heard: VecDeque<Vec<u32>>,
    /// The first tokens chosen in the last steps, oldest first; likewise.
    firsts: VecDeque<u32>,
}

impl Delays {
    /// For so many codebooks of its own and of the other voice.
    pub(super) fn new(own: usize, other: usize, nothing: u32) -> Self {
        let heard = VecDeque::from([vec![nothing; other]]);
        Self { nothing, steps: 0, chosen: vec![nothing; own], heard, firsts: VecDeque::new() }
    }

    /// Whether nothing but the first codebooks has tokens yet.
    pub(super) fn is_beginning(&self) -> bool {
        self.steps < AHEAD
    }

    /// What goes into this step: its own codebooks, then the other's.
    pub(super) fn fed(&self) -> Vec<u32> {
        let begun = self.steps > AHEAD;
        let or_nothing = |(codebook, &token): (usize, &u32)| if codebook == 0 || begun { token } else { self.nothing };
        let own = self.chosen.iter().enumerate().map(or_nothing);
        let first = self.heard.back().into_iter().flat_map(|tokens| tokens.iter().take(1));
        let others = self.heard.front().into_iter().flat_map(|tokens| tokens.iter().skip(1));
        let other = first.chain(others).enumerate().map(or_nothing);
        own.chain(other).collect()
    }

    /// After a step: what was heard meanwhile, and what was chosen. Gives the tokens of a frame, once there is a whole one.
    pub(super) fn stepped(&mut self, heard: Vec<u32>, chosen: Vec<u32>) -> Option<Vec<u32>> {
        if self.steps == 0 || self.heard.len() > AHEAD {
            self.heard.pop_front();
        }
        self.heard.push_back(heard);
        self.firsts.extend(chosen.first());
        self.chosen = chosen;
        self.steps += 1;
        if self.firsts.len() <= AHEAD {
            return None;
        }
        let first = self.firsts.pop_front();
        Some(first.into_iter().chain(self.chosen.iter().skip(1).copied()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_codebooks_are_fed_a_step_late_and_the_others_of_who_is_heard_three() {
        // Token 100 step + codebook, so that each tells where it comes from; the other's are 1,000 more.
        let mut delays = Delays::new(3, 3, 9);
        let mut fed = Vec::new();
        let mut frames = Vec::new();
        for step in 0..5_u32 {
            fed.push(delays.fed());
            let at = |from: u32| (0..3).map(|codebook| from + 100 * step + codebook).collect();
            frames.push(delays.stepped(at(1_000), at(0)));
        }
        assert_eq!(fed[0], [9, 9, 9, 9, 9, 9]);
        assert_eq!(fed[1], [0, 9, 9, 1_000, 9, 9]);
        assert_eq!(fed[2], [100, 9, 9, 1_100, 9, 9]);
        assert_eq!(fed[3], [200, 201, 202, 1_200, 1_001, 1_002]);
        assert_eq!(fed[4], [300, 301, 302, 1_300, 1_101, 1_102]);
        assert_eq!(frames, [None, None, Some(vec![0, 201, 202]), Some(vec![100, 301, 302]), Some(vec![200, 401, 402])]);
    }
}
