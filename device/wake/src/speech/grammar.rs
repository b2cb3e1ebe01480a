//! What is said: sentences from a small grammar, nonsense, and neighbours of a phrase.

use std::collections::BTreeMap;

use fastrand::Rng;

/// Sentences with gaps, and words to fill them. In the text, `name = a | b` is a list and every other line a sentence;
/// `#` begins a comment.
pub struct Grammar<'a> {
    lists: BTreeMap<&'a str, Vec<&'a str>>,
    sentences: Vec<&'a str>,
}

impl<'a> Grammar<'a> {
    /// Reads the text.
    pub fn new(text: &'a str) -> Self {
        let mut grammar = Self { lists: BTreeMap::new(), sentences: Vec::new() };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.split_once(" = ") {
                Some((name, words)) => drop(grammar.lists.insert(name, words.split(" | ").collect())),
                None => grammar.sentences.push(line),
            }
        }
        grammar
    }

    /// The sentences of one text with the lists of another.
    pub fn with_lists(sentences: &'a str, lists: &'a str) -> Self {
        Self { lists: Self::new(lists).lists, ..Self::new(sentences) }
    }

    /// The words of a list.
    pub fn list(&self, name: &str) -> &[&'a str] {
        self.lists.get(name).map_or(&[], Vec::as_slice)
    }

    /// Some sentence that does not contain the phrase.
    pub fn sentence(&self, rng: &mut Rng, phrase: &str) -> String {
        loop {
            let Some(pattern) = rng.choice(&self.sentences) else { return String::new() };
            let sentence = self.fill(pattern, rng);
            if !contains(&sentence, phrase) {
                return sentence;
            }
        }
    }

    /// Some word or words of a list.
    fn words(&self, rng: &mut Rng) -> &'a str {
        let lists: Vec<_> = self.lists.values().collect();
        rng.choice(lists).and_then(|list| rng.choice(list)).copied().unwrap_or_default()
    }

    fn fill(&self, pattern: &str, rng: &mut Rng) -> String {
        let mut pieces = pattern.split(['{', '}']);
        let mut sentence = pieces.next().unwrap_or_default().to_owned();
        while let (Some(name), Some(rest)) = (pieces.next(), pieces.next()) {
            sentence.push_str(rng.choice(self.list(name)).copied().unwrap_or_default());
            sentence.push_str(rest);
        }
        sentence
    }
}

/// Whether the words of a phrase follow each other in a text.
fn contains(text: &str, phrase: &str) -> bool {
    format!(" {} ", plain(text)).contains(&format!(" {} ", plain(phrase)))
}

/// Small letters and single spaces only.
fn plain(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ").to_lowercase()
}

const ONSETS: [&str; 32] = [
    "", "b", "p", "t", "d", "k", "g", "m", "n", "f", "v", "s", "z", "sh", "ch", "j", "h", "l", "r", "w", "y", "br",
    "tr", "st", "pl", "gr", "sp", "kl", "fr", "sk", "dr", "th",
];
const NUCLEI: [&str; 14] = ["a", "e", "i", "o", "u", "ay", "ee", "oa", "ow", "oo", "or", "ar", "aw", "er"];
const CODAS: [&str; 20] =
    ["", "", "", "s", "z", "t", "d", "k", "p", "b", "m", "n", "ng", "l", "f", "sh", "th", "st", "ks", "nd"];

fn syllable(rng: &mut Rng) -> String {
    let mut choice = |from: &[&'static str]| rng.choice(from.iter()).copied().unwrap_or_default();
    format!("{}{}{}", choice(&ONSETS), choice(&NUCLEI), choice(&CODAS))
}

/// A sentence of words that do not exist: every sound of the language next to every other.
pub fn nonsense(rng: &mut Rng) -> String {
    let words = (0..rng.usize(4..9)).map(|_| {
        let syllables = rng.usize(1..3);
        (0..syllables).map(|_| syllable(rng)).collect::<String>()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What a phrase begins or ends with, in other company: before or after other words or sounds, or somewhere in a sentence. Of a
/// phrase of one word, a sentence.
pub fn half(phrase: &str, grammar: &Grammar<'_>, rng: &mut Rng) -> String {
    let Some((first, last)) = phrase.rsplit_once(' ') else { return grammar.sentence(rng, phrase) };
    loop {
        let comma = if rng.u8(..3) == 0 { "," } else { "" };
        let other = match rng.u8(..3) {
            0 => syllable(rng),
            1 => format!("{}{}", syllable(rng), syllable(rng)),
            _ => grammar.words(rng).to_owned(),
        };
        let text = match rng.u8(..8) {
            0 => format!("{first}{comma} {}", grammar.sentence(rng, phrase)),
            1..=3 => format!("{first}{comma} {other}"),
            4 | 5 => format!("{other}{comma} {last}"),
            kind => {
                let sentence = grammar.sentence(rng, phrase);
                let mut words: Vec<&str> = sentence.split(' ').collect();
                let at = rng.usize(..words.len());
                words.splice(at..=at, [if kind == 6 { first } else { last }]);
                words.join(" ")
            }
        };
        if !contains(&text, phrase) {
            return text;
        }
    }
}

/// Something close to a phrase: one word of it alone, a word doubled, or one with its beginning, its vowel or its end changed.
/// It may happen to sound like the phrase itself: see [`super::pronunciation`].
fn neighbour(phrase: &str, rng: &mut Rng) -> String {
    let mut words: Vec<String> = plain(phrase).split(' ').map(str::to_owned).collect();
    let at = rng.usize(..words.len().max(1));
    match rng.u8(..10) {
        0 if words.len() > 1 => drop(words.remove(at)),
        1 => {
            if let Some(word) = words.get(at).cloned() {
                words.insert(at, word);
            }
        }
        kind => {
            if let Some(word) = words.get_mut(at) {
                *word = changed(word, kind, rng);
            }
        }
    }
    words.join(" ")
}

/// Up to `count` different neighbours of a phrase, none of which contains it.
pub fn neighbours(phrase: &str, count: usize, rng: &mut Rng) -> Vec<String> {
    let mut found = Vec::new();
    for _ in 0..count * 4 {
        let one = neighbour(phrase, rng);
        if found.len() < count && !contains(&one, phrase) && !one.is_empty() && !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

fn changed(word: &str, kind: u8, rng: &mut Rng) -> String {
    let is_vowel = |c: char| "aeiouy".contains(c);
    let vowel = word.find(is_vowel).unwrap_or(0);
    let (onset, rest) = word.split_at(vowel);
    let coda = rest.find(|c| !is_vowel(c)).unwrap_or(rest.len());
    let (nucleus, coda) = rest.split_at(coda);
    let mut choice = |from: &[&'static str]| rng.choice(from.iter()).copied().unwrap_or_default();
    match kind {
        ..=4 => format!("{}{rest}", choice(&ONSETS)),
        5..=6 => format!("{onset}{}{coda}", choice(&NUCLEI)),
        7..=8 => format!("{onset}{nucleus}{}", choice(&CODAS)),
        9.. => format!("{word}{}", syllable(rng)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_filled_and_spare_the_phrase() {
        let grammar = Grammar::new("# words\nwho = hey | oh\n{who}, boss, come {who}.\n");
        let mut rng = Rng::with_seed(1);
        for _ in 0..20 {
            let sentence = grammar.sentence(&mut rng, "Hey boss");
            assert!(sentence.starts_with("oh, boss, come "), "{sentence}");
        }
    }

    #[test]
    fn neighbours_differ_from_the_phrase_and_from_each_other() {
        let found = neighbours("hey boss", 50, &mut Rng::with_seed(1));
        assert_eq!(found.len(), 50);
        assert!(!found.contains(&"hey boss".to_owned()));
        let changes = found.iter().filter(|one| one.starts_with("hey ") || one.ends_with(" boss")).count();
        assert!(changes > 35, "{found:?}");
    }

    #[test]
    fn half_a_phrase_is_in_other_company() {
        let (grammar, mut rng) = (Grammar::new("who = boss | Ann\nCall {who} now.\n"), Rng::with_seed(1));
        let halves: Vec<_> = (0..200).map(|_| half("hey boss", &grammar, &mut rng)).collect();
        assert!(halves.iter().all(|text| !contains(text, "hey boss")), "{halves:?}");
        let with = |word| halves.iter().filter(|text| contains(text, word)).count();
        assert!(with("hey") > 90 && with("boss") > 70, "{halves:?}");
        assert!(contains(&half("stop", &grammar, &mut rng), "call"));
    }

    #[test]
    fn what_is_learnt_from_is_not_what_is_measured_with() {
        let learnt = Grammar::new(include_str!("../../texts/training.txt"));
        let held_out = Grammar::new(include_str!("../../texts/held-out.txt"));
        assert!(learnt.sentences.len() > 40 && held_out.sentences.len() > 40);
        assert!(learnt.sentences.iter().all(|sentence| !held_out.sentences.contains(sentence)));
        let confusable = Grammar::new(include_str!("../../texts/confusable.txt"));
        let (trained, measured) = (confusable.list("trained"), confusable.list("measured"));
        assert!(!measured.is_empty() && trained.iter().all(|text| !measured.contains(text)));
    }
}
