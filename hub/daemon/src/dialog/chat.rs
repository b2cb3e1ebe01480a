//! What a partner in free conversation says: sentences, to be looked at one by one, and all of it, to be kept.

/// Somebody who never comes to the end of a sentence is cut here.
const LONGEST_BYTES: usize = 1_000;

/// The partner's words that were heard and not kept yet.
#[derive(Debug, Default)]
pub(crate) struct Chat {
    words: String,
    /// So much of it was looked at.
    seen: usize,
}

impl Chat {
    /// Takes more of what is said; the sentences that came to their end with it.
    pub(crate) fn says(&mut self, more: &str) -> Option<String> {
        self.words.push_str(more);
        let new = self.words.get(self.seen..).unwrap_or_default();
        let ended = new.rfind(['.', '!', '?']).map_or(0, |at| at + 1);
        if ended == 0 && new.len() < LONGEST_BYTES {
            return None;
        }
        let length = if ended == 0 { new.len() } else { ended };
        let sentences = new.get(..length).map(str::to_owned);
        self.seen += length;
        sentences
    }

    /// Whether so much was said that it should be kept by itself.
    pub(crate) fn is_long(&self) -> bool {
        self.words.len() >= LONGEST_BYTES
    }

    /// Everything that was said since this was asked last, and what of it no sentence was told of.
    pub(crate) fn take(&mut self) -> Option<(String, String)> {
        let rest = self.words.get(self.seen..).unwrap_or_default().trim().to_owned();
        let all = std::mem::take(&mut self.words);
        self.seen = 0;
        let all = all.trim();
        (!all.is_empty()).then(|| (all.to_owned(), rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_told_when_they_end_and_everything_is_kept() {
        let mut chat = Chat::default();
        let told: Vec<_> = ["Oh", ",", " hi.", " I've", " booked", " it!", " And"].map(|word| chat.says(word)).into();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(told, [None, None, some("Oh, hi."), None, None, some(" I've booked it!"), None]);
        let all = ("Oh, hi. I've booked it! And".to_owned(), "And".to_owned());
        assert_eq!(chat.take(), Some(all));
        assert_eq!(chat.take(), None);
    }

    #[test]
    fn who_never_ends_a_sentence_is_cut() {
        let mut chat = Chat::default();
        let told = (0..500).filter_map(|_| chat.says(" booked")).count();
        assert!(chat.is_long() && (2..=5).contains(&told), "{told}");
    }
}
