//! Cuts text that comes in pieces into sentences, each to be spoken as soon as it is whole. Pure.

/// A sentence is not longer, in bytes; a longer one is cut between clauses or words.
const LONGEST: usize = 240;

/// The first piece ends at a clause of this length, so that speaking begins early.
const FIRST_CLAUSE: usize = 40;

/// After these, in lower case and without their last point, a sentence goes on.
const ABBREVIATED: [&str; 14] =
    ["mr", "mrs", "ms", "dr", "prof", "st", "vs", "approx", "jr", "sr", "e.g", "i.e", "z.b", "ca"];

/// After these it goes on only if what follows is not written as a beginning.
const PERHAPS: [&str; 2] = ["a.m", "p.m"];

/// After these it goes on only with a number.
const NUMBERED: [&str; 2] = ["no", "nr"];

/// Text in, sentences out.
#[derive(Debug, Default)]
pub(super) struct Sentences {
    text: String,
    begun: bool,
    ended: bool,
}

impl Sentences {
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// No text will follow.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// Whether all sentences were taken and none will follow.
    pub(super) fn is_over(&self) -> bool {
        self.ended && !self.text.contains(char::is_alphanumeric)
    }

    /// Whether what there is may be a sentence, but only what follows can tell.
    pub(super) fn may_be_whole(&self) -> bool {
        self.boundary(true).is_some()
    }

    /// The next sentence that is whole, without space around it. With `settled` nothing more is expected soon, and one at
    /// the end of the text counts.
    pub(super) fn next(&mut self, settled: bool) -> Option<String> {
        loop {
            let length = match self.boundary(settled || self.ended) {
                Some(length) => length,
                None if self.ended && !self.text.is_empty() => self.text.len(),
                None => return None,
            };
            let sentence: String = self.text.drain(..length).collect();
            // What has neither letter nor digit cannot be spoken.
            if sentence.chars().any(char::is_alphanumeric) {
                self.begun = true;
                return Some(sentence.trim().to_owned());
            }
        }
    }

    /// Where the first sentence ends.
    fn boundary(&self, settled: bool) -> Option<usize> {
        let text = self.text.as_str();
        let (mut clause, mut space) = (None, None);
        let mut speaks = false;
        for (at, one) in text.char_indices() {
            let after = at + one.len_utf8();
            let rest = text.get(after..).unwrap_or_default();
            speaks |= one.is_alphanumeric();
            match one {
                '\n' | '。' | '！' | '？' if speaks => return Some(after),
                '.' | '!' | '?' | '…' if speaks => {
                    let closing =
                        rest.trim_start_matches(['.', '!', '?', '…', '"', '\'', '”', '’', ')', ']', '»', '*']);
                    let end = text.len() - closing.len();
                    let before = text.get(..at).unwrap_or_default();
                    if ends_here(one, before, closing, settled) {
                        return Some(end);
                    }
                }
                ',' | ';' | ':' | '–' | '—' if rest.starts_with(char::is_whitespace) => {
                    if !self.begun && after >= FIRST_CLAUSE {
                        return Some(after);
                    }
                    clause = Some(after);
                }
                _ if one.is_whitespace() && speaks => space = Some(after),
                _ => {}
            }
            if after >= LONGEST {
                return clause.or(space).or(Some(after));
            }
        }
        None
    }
}

/// Whether a sentence ends at a mark, with this before it and this after it and what closes with it.
fn ends_here(mark: char, before: &str, after: &str, settled: bool) -> bool {
    let last = after.is_empty() && settled;
    if !last && !after.starts_with(char::is_whitespace) {
        return false;
    }
    if mark != '.' {
        return true;
    }
    // `3.` may be the beginning of `3.5`.
    if after.is_empty() && before.ends_with(|one: char| one.is_ascii_digit()) {
        return false;
    }
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let word = word.trim_start_matches(|one: char| !one.is_alphanumeric()).to_lowercase();
    let next = after.trim_start().chars().next();
    if PERHAPS.iter().any(|&one| word.ends_with(one)) {
        return next.is_none_or(char::is_uppercase) && (next.is_some() || settled);
    }
    if NUMBERED.contains(&word.as_str()) {
        return next.is_none_or(|next| !next.is_ascii_digit()) && (next.is_some() || settled);
    }
    // An initial, as in `J. Smith`; but not `I`.
    let initial = word.chars().count() == 1 && word != "i" && word.chars().all(char::is_alphabetic);
    !initial && !ABBREVIATED.contains(&word.as_str())
}

#[cfg(test)]
mod tests;
