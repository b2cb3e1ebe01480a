//! When the words of an utterance are spoken: turns what the model asks for into the text that it is given.
//!
//! At every step the model says whether a new word shall begin or nothing new happens. A word is then handed to it token by
//! token, while a second stream shows it the word that comes two later, so that it knows what it is heading for. It follows
//! Kyutai's description of delayed-streams text-to-speech; this is all that knows of words, and nothing here knows of sound.

use std::collections::VecDeque;

use super::embedding::TextToken;

/// "A new word begins here."
pub(super) const NEW_WORD: u32 = 0;

/// "Nothing new."
pub(super) const PAD: u32 = 3;

/// Steps without a word before the first, so that it is not cut off.
const BEFORE_FIRST: usize = 2;

/// Steps without a new word after which one is forced, so that the model cannot fall silent for ever.
const PAUSE_MOST: usize = 8;

/// Something to be spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// A word.
    Word {
        /// As it was written.
        text: String,
        /// What the model is given; not empty.
        tokens: Vec<u32>,
    },
    /// So many steps of silence.
    Break {
        /// Steps of 80 ms.
        steps: usize,
    },
}

/// A word that has begun, in the time of the text: the sound comes later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Begun {
    pub(super) text: String,
    pub(super) step: usize,
}

/// The text of one utterance, and how far in it the model is.
#[derive(Debug)]
pub(super) struct Pacing {
    items: VecDeque<Item>,
    /// Whether more items may come.
    complete: bool,
    /// How many words the second stream is ahead.
    ahead: usize,
    /// Tokens of the word that is being handed over.
    now: VecDeque<u32>,
    /// Tokens of the word that it is shown.
    later: VecDeque<u32>,
    /// So many steps must pass before the next word.
    must_wait: usize,
    /// So many may.
    may_wait: usize,
    ended_at: Option<usize>,
}

impl Pacing {
    pub(super) fn new(ahead: usize) -> Self {
        Self {
            items: VecDeque::new(),
            complete: false,
            ahead,
            now: VecDeque::new(),
            later: VecDeque::new(),
            must_wait: BEFORE_FIRST,
            may_wait: BEFORE_FIRST,
            ended_at: None,
        }
    }

    /// More to be spoken.
    pub(super) fn push(&mut self, item: Item) {
        self.items.push_back(item);
    }

    /// That was all.
    pub(super) fn complete(&mut self) {
        self.complete = true;
    }

    /// Items that wait.
    pub(super) fn waiting(&self) -> usize {
        self.items.len()
    }

    /// The step at which the model asked for a word after the last.
    pub(super) fn ended_at(&self) -> Option<usize> {
        self.ended_at
    }

    /// Whether the next step can be done with the text that is there. A word is begun only when the model can be shown the
    /// one that it is to be shown with it.
    pub(super) fn ready(&self) -> bool {
        let no_word_now = !self.now.is_empty() || self.must_wait > 0;
        let words = self.items.iter().filter(|item| matches!(item, Item::Word { .. })).count();
        let pause_next = matches!(self.items.front(), Some(Item::Break { .. }));
        self.complete || no_word_now || pause_next || words > self.ahead
    }

    /// What the model is given after a step at which it said `asked`; and the word that begins with it, if any.
    pub(super) fn next(&mut self, step: usize, asked: u32) -> (TextToken, Option<Begun>) {
        let begin =
            if !self.now.is_empty() || self.must_wait > 0 { false } else { asked == NEW_WORD || self.may_wait == 0 };
        if !begin {
            return (self.go_on(), None);
        }
        match self.items.pop_front() {
            Some(Item::Word { text, tokens }) => {
                self.must_wait = tokens.len();
                self.may_wait = PAUSE_MOST;
                self.now.extend(tokens);
                self.later.extend(self.shown());
                (self.announce(), Some(Begun { text, step }))
            }
            Some(Item::Break { steps }) => {
                self.must_wait = steps;
                (self.go_on(), None)
            }
            None if self.ended_at.is_none() => {
                self.ended_at = Some(step);
                (self.announce(), None)
            }
            None => (self.go_on(), None),
        }
    }

    /// A step without a new word: the rest of the last one, or nothing.
    fn go_on(&mut self) -> TextToken {
        self.may_wait = self.may_wait.saturating_sub(1);
        self.must_wait = self.must_wait.saturating_sub(1);
        TextToken { now: self.now.pop_front().unwrap_or(PAD), ahead: self.later.pop_front() }
    }

    /// A step with a new word: the second stream says so, the first already carries its first token.
    fn announce(&mut self) -> TextToken {
        TextToken { now: self.now.pop_front().unwrap_or(PAD), ahead: Some(NEW_WORD) }
    }

    /// The tokens of the word that is to be shown.
    fn shown(&self) -> Vec<u32> {
        let words = self.items.iter().filter_map(|item| match item {
            Item::Word { tokens, .. } => Some(tokens),
            Item::Break { .. } => None,
        });
        words.skip(self.ahead.saturating_sub(1)).map(Vec::clone).next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str, tokens: &[u32]) -> Item {
        Item::Word { text: text.to_owned(), tokens: tokens.to_vec() }
    }

    fn token(now: u32, ahead: Option<u32>) -> TextToken {
        TextToken { now, ahead }
    }

    /// What a model that always asks for the same thing is given.
    fn run(pacing: &mut Pacing, asked: u32, steps: std::ops::Range<usize>) -> Vec<(TextToken, Option<Begun>)> {
        steps.map(|step| pacing.next(step, asked)).collect()
    }

    #[test]
    fn a_word_is_handed_over_while_the_one_after_next_is_shown() {
        let mut pacing = Pacing::new(2);
        for (text, tokens) in [("one", [11, 12]), ("two", [21, 22]), ("three", [31, 32])] {
            pacing.push(word(text, &tokens));
        }
        pacing.complete();
        let given = run(&mut pacing, NEW_WORD, 0..6);
        let tokens: Vec<_> = given.iter().map(|(token, _)| *token).collect();
        assert_eq!(
            tokens,
            [
                token(PAD, None),
                token(PAD, None),
                token(11, Some(NEW_WORD)),
                token(12, Some(31)),
                token(PAD, Some(32)),
                token(21, Some(NEW_WORD)),
            ]
        );
        let begun: Vec<_> = given.into_iter().filter_map(|(_, begun)| begun).collect();
        assert_eq!(begun, [Begun { text: "one".to_owned(), step: 2 }, Begun { text: "two".to_owned(), step: 5 }]);
    }

    #[test]
    fn a_model_that_never_asks_is_made_to_go_on_and_to_end() {
        let mut pacing = Pacing::new(2);
        pacing.push(word("one", &[11]));
        pacing.complete();
        let given = run(&mut pacing, PAD, 0..20);
        assert_eq!(given[2].0, token(11, Some(NEW_WORD)));
        // The word's own step leaves the count alone, then it may pause for eight.
        assert_eq!(pacing.ended_at(), Some(2 + 1 + PAUSE_MOST));
        assert_eq!(given[11].0, token(PAD, Some(NEW_WORD)));
        assert!(given[12..].iter().all(|(given, _)| *given == token(PAD, None)));
    }

    #[test]
    fn a_break_is_so_many_steps_without_a_word() {
        let mut pacing = Pacing::new(2);
        pacing.push(word("one", &[11]));
        pacing.push(Item::Break { steps: 5 });
        pacing.push(word("two", &[21]));
        pacing.complete();
        let begun: Vec<_> = run(&mut pacing, NEW_WORD, 0..20)
            .into_iter()
            .filter_map(|(_, begun)| begun)
            .map(|begun| begun.step)
            .collect();
        assert_eq!(begun, [2, 2 + 1 + 1 + 5]);
    }

    #[test]
    fn it_waits_for_the_words_that_it_must_show() {
        let mut pacing = Pacing::new(2);
        assert!(pacing.ready(), "before the first word nothing is shown");
        run(&mut pacing, NEW_WORD, 0..2);
        assert!(!pacing.ready());
        for text in ["one", "two"] {
            pacing.push(word(text, &[11]));
            assert!(!pacing.ready());
        }
        pacing.push(word("three", &[31]));
        assert!(pacing.ready());
        assert_eq!(pacing.next(2, NEW_WORD).1.map(|begun| begun.text), Some("one".to_owned()));
        assert!(pacing.ready(), "the next word must wait, so that nothing is missing yet");
        pacing.next(3, NEW_WORD);
        assert!(!pacing.ready());
        pacing.complete();
        assert!(pacing.ready());
    }
}
