//! Lists of phrases, written as one string: `any!("in the morning|at night")`.
//!
//! Compact to read and checked quickly: of every list it is known, when the program is compiled, which words may open
//! one of its phrases, so that a word that opens none costs one look at a bit. Most words of a sentence open none.

/// A list of phrases.
#[derive(Debug)]
pub(crate) struct Phrases {
    list: &'static str,
    /// One bit for the mark of every first word.
    openings: [u64; 4],
}

/// The list, made when the program is compiled.
macro_rules! any {
    ($list:expr) => {
        const { &$crate::lexer::phrases::Phrases::new($list) }
    };
}
pub(crate) use any;

impl Phrases {
    /// From phrases parted by "|".
    #[allow(clippy::indexing_slicing, reason = "runs when the program is compiled, which a wrong index would stop")]
    pub(crate) const fn new(list: &'static str) -> Self {
        let bytes = list.as_bytes();
        let mut openings = [0_u64; 4];
        let (mut at, mut value, mut opening) = (0, MARK_START, true);
        while at <= bytes.len() {
            let byte = if at < bytes.len() { bytes[at] } else { b'|' };
            if byte == b'|' || byte == b' ' {
                if opening {
                    let mark = folded(value);
                    openings[(mark >> 6) as usize] |= 1 << (mark & 63);
                }
                opening = byte == b'|';
                value = MARK_START;
            } else {
                value = mixed(value, byte);
            }
            at += 1;
        }
        Self { list, openings }
    }

    /// Whether a word with this mark may open one of the phrases; `false` is certain.
    pub(crate) fn may_open(&self, mark: u8) -> bool {
        self.openings.get(usize::from(mark >> 6)).is_some_and(|bits| bits >> (mark & 63) & 1 == 1)
    }

    /// The phrases.
    pub(crate) fn each(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.list.split('|')
    }

    /// Whether the word is one of the list.
    pub(crate) fn has(&self, word: &str) -> bool {
        self.may_open(mark(word)) && self.each().any(|one| one == word)
    }
}

/// The mark of a word, by which lists are searched: eight bits that depend on all its letters.
pub(crate) fn mark(word: &str) -> u8 {
    folded(word.bytes().fold(MARK_START, mixed))
}

/// The words of a phrase.
pub(crate) fn words(phrase: &str) -> impl Iterator<Item = &str> {
    phrase.split(' ')
}

// FNV-1a, folded to eight bits.
const MARK_START: u32 = 0x811c_9dc5;

const fn mixed(value: u32, byte: u8) -> u32 {
    (value ^ byte as u32).wrapping_mul(0x0100_0193)
}

const fn folded(value: u32) -> u8 {
    let [a, b, c, d] = value.to_le_bytes();
    a ^ b ^ c ^ d
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_opens_a_phrase_is_let_through() {
        let list = any!("in the morning|at night|tonight|- to -");
        for word in ["in", "at", "tonight", "-"] {
            assert!(list.may_open(mark(word)), "{word}");
        }
        assert!(["the", "morning", "night", "dog"].iter().any(|word| !list.may_open(mark(word))));
        assert!(list.has("tonight") && !list.has("night") && !list.has("in"));
    }
}
