//! From the model's text tokens to words: where one is complete, where it begins and ends.
//!
//! One token comes with each step of 80 ms, and says what was heard [`Words::new`]'s delay ago. Most are padding. A
//! boundary stands where a word begins (and where the one before it is over at the latest); then come the word's pieces, one
//! a step. Nothing here knows the tokenizer: a word is its pieces.

/// A word begins here.
pub(super) const BOUNDARY: u32 = 0;

/// Nothing new.
pub(super) const PADDING: u32 = 3;

/// No word has more pieces; a model that has lost its way writes on without end.
const PIECES_MOST: usize = 32;

/// What a step told. Times are steps of sound since the session's beginning in the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// All pieces of a word are there; where it ends is not yet known.
    Complete {
        /// What the tokenizer turns into text.
        pieces: Vec<u32>,
        /// Where it begins.
        begins: u64,
    },
    /// The word that was complete ends here.
    Ended {
        /// The step of sound.
        ends: u64,
    },
}

/// Follows the tokens of one session.
#[derive(Debug)]
pub(super) struct Words {
    delay: u64,
    steps: u64,
    /// Where the word under way begins: at its boundary, or where its first piece came without one.
    begins: Option<u64>,
    pieces: Vec<u32>,
    unended: bool,
}

impl Words {
    /// For a model that tells after so many steps what it heard.
    pub(super) fn new(delay: u64) -> Self {
        Self { delay, steps: 0, begins: None, pieces: Vec::new(), unended: false }
    }

    /// Whether a word has pieces, but may get more.
    pub(super) fn within_word(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// Takes the token of one step.
    pub(super) fn take(&mut self, token: u32, told: &mut Vec<Told>) {
        self.steps += 1;
        // What a model tells before it can have heard anything is no word.
        if self.steps < self.delay {
            return;
        }
        match token {
            PADDING => self.complete(told),
            BOUNDARY => {
                self.complete(told);
                self.end(told);
                self.begins = Some(self.heard());
            }
            piece => {
                if self.begins.is_none() {
                    self.end(told);
                    self.begins = Some(self.heard());
                }
                self.pieces.push(piece);
                if self.pieces.len() >= PIECES_MOST {
                    self.complete(told);
                }
            }
        }
    }

    /// Makes an end of the word under way: nothing more will be said of it.
    pub(super) fn settle(&mut self, told: &mut Vec<Told>) {
        self.complete(told);
        self.end(told);
    }

    /// The step of sound that was told of last.
    fn heard(&self) -> u64 {
        self.steps.saturating_sub(self.delay)
    }

    fn complete(&mut self, told: &mut Vec<Told>) {
        if self.pieces.is_empty() {
            return;
        }
        let begins = self.begins.take().unwrap_or_else(|| self.heard());
        told.push(Told::Complete { pieces: std::mem::take(&mut self.pieces), begins });
        self.unended = true;
    }

    fn end(&mut self, told: &mut Vec<Told>) {
        if std::mem::take(&mut self.unended) {
            told.push(Told::Ended { ends: self.heard() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(words: &mut Words, tokens: &[u32]) -> Vec<Told> {
        let mut told = Vec::new();
        for &token in tokens {
            words.take(token, &mut told);
        }
        told
    }

    #[test]
    fn a_word_begins_at_its_boundary_is_complete_at_the_padding_and_ends_at_the_next_boundary() {
        let mut words = Words::new(2);
        let all = told(&mut words, &[3, 3, 0, 7, 8, 3, 3, 0, 9, 0, 10, 3]);
        let expected = [
            Told::Complete { pieces: vec![7, 8], begins: 1 },
            Told::Ended { ends: 6 },
            Told::Complete { pieces: vec![9], begins: 6 },
            Told::Ended { ends: 8 },
            Told::Complete { pieces: vec![10], begins: 8 },
        ];
        assert_eq!(all, expected);
        assert!(!words.within_word());
        let mut rest = Vec::new();
        words.settle(&mut rest);
        assert_eq!(rest, [Told::Ended { ends: 10 }]);
        words.settle(&mut rest);
        assert_eq!(rest.len(), 1, "an end is told once");
    }

    #[test]
    fn what_comes_before_the_delay_is_no_word() {
        let mut words = Words::new(4);
        assert_eq!(told(&mut words, &[7, 8, 9, 3, 3]), []);
        assert_eq!(told(&mut words, &[7]), []);
        assert!(words.within_word());
    }

    #[test]
    fn a_word_without_end_is_cut() {
        let mut words = Words::new(0);
        let all = told(&mut words, &[7; 3 * PIECES_MOST]);
        let lengths = all
            .iter()
            .filter_map(|told| if let Told::Complete { pieces, .. } = told { Some(pieces.len()) } else { None });
        assert_eq!(lengths.collect::<Vec<_>>(), [PIECES_MOST; 3]);
    }

    #[test]
    fn a_word_without_a_boundary_begins_with_its_first_piece_and_ends_the_one_before() {
        let mut words = Words::new(0);
        let all = told(&mut words, &[0, 7, 3, 8, 3]);
        let expected = [
            Told::Complete { pieces: vec![7], begins: 1 },
            Told::Ended { ends: 4 },
            Told::Complete { pieces: vec![8], begins: 4 },
        ];
        assert_eq!(all, expected);
    }
}
