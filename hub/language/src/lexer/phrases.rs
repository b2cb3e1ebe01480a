//! Lists of phrases as one string: "in the morning|at night". Compact to read, nothing to build at run time.

/// The phrases of a list.
pub(crate) fn each(list: &str) -> impl Iterator<Item = &str> {
    list.split('|')
}

/// Whether the word is one of the list.
pub(crate) fn listed(list: &str, word: &str) -> bool {
    each(list).any(|one| one == word)
}

/// The words of a phrase.
pub(crate) fn words(phrase: &str) -> impl Iterator<Item = &str> {
    phrase.split(' ')
}
