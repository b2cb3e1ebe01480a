//! Where the words of a text lie in its sound, where nobody tells: by their length.

/// What a digit counts for, in letters: it is spoken as a word.
const DIGIT: u64 = 4;

/// The words of a text with where they end, if its sound lies between `from` and `to`, in whatever unit. A word begins
/// where the one before ends.
pub(super) fn spread(text: &str, from: u64, to: u64) -> Vec<(&str, u64)> {
    let total = text.split_whitespace().map(weight).sum::<u64>().max(1);
    let length = to.saturating_sub(from);
    let mut before = 0;
    let ends = text.split_whitespace().map(|word| {
        before += weight(word);
        (word, from + length * before / total)
    });
    ends.collect()
}

/// Its letters, and the gap after it.
fn weight(word: &str) -> u64 {
    1 + word.chars().map(|one| if one.is_ascii_digit() { DIGIT } else { 1 }).sum::<u64>()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn longer_words_take_longer() {
        assert_eq!(spread("I schedule it", 100, 1_500), [("I", 300), ("schedule", 1_200), ("it", 1_500)]);
        assert_eq!(spread("at 2", 0, 800), [("at", 300), ("2", 800)]);
        assert_eq!(spread("  ", 0, 800), []);
    }

    proptest! {
        #[test]
        fn they_follow_each_other_and_fill_the_sound(text in "\\PC{0,60}", from in 0_u64..1_000, length in 0_u64..1_000_000) {
            let words = spread(&text, from, from + length);
            let mut at = from;
            for &(_, end) in &words {
                prop_assert!(end >= at);
                at = end;
            }
            prop_assert!(words.is_empty() || at == from + length);
        }
    }
}
