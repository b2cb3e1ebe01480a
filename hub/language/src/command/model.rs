//! The linear model of topics: for sentences that the grammar has no rule for.
//!
//! Linear support vector machines, one a topic, over hashed features: words, pairs and triples of words, letters within
//! words, the kinds of times that were found, and what the grammar makes of the sentence. Trained offline by
//! `examples/train.rs`; the weights are a file beside the code (`model/README.md`: from what, under which licences, how
//! to make it anew). One sentence costs a few microseconds; nothing is learned at run time.

use std::ops::Range;

use super::topic::Topic;
use crate::{
    lexer::Token,
    time::{Confidence, Found, Value},
};

/// How many features there are: a power of two.
pub const FEATURES: usize = 1 << 15;

/// Topics the model tells apart.
pub const TOPICS: usize = Topic::ALL.len();

/// Letters looked at together.
const LETTERS: Range<usize> = 2..6;

/// Length of the file of weights: the scale, then one signed byte per feature and topic, then the constants.
const FILE_BYTES: usize = 4 + (FEATURES + 1) * TOPICS;

static WEIGHTS: &[u8; FILE_BYTES] = include_bytes!("../../model/topics.weights");

/// What the model makes of a sentence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// The likeliest topic.
    pub topic: Topic,
    /// Its score: above 0 the model says that it is this topic.
    pub score: f32,
    /// How far it is ahead of the next one. 1 is the width that training aimed at; below a half is doubtful.
    pub margin: f32,
}

/// The score of each topic, in the order of [`Topic::ALL`]: about 1 for one that it is, -1 for one that it is not.
pub fn scores(features: &[u16]) -> [f32; TOPICS] {
    let mut sums = [0_i32; TOPICS];
    let (scale, weights) = WEIGHTS.split_at(4);
    for feature in features {
        let at = usize::from(*feature) * TOPICS;
        let row = weights.get(at..at + TOPICS).unwrap_or_default();
        for (sum, weight) in sums.iter_mut().zip(row) {
            *sum += i32::from(i8::from_le_bytes([*weight]));
        }
    }
    let scale = scale.try_into().map_or(0.0, f32::from_le_bytes);
    #[allow(clippy::cast_precision_loss, reason = "a few hundred weights of one byte: far below 2^24")]
    let (length, sums) = ((features.len().max(1) as f32).sqrt(), sums.map(|sum| sum as f32));
    let mut scores = sums.map(|sum| sum * scale / length);
    let constants = weights.get(FEATURES * TOPICS..).unwrap_or_default();
    for (score, constant) in scores.iter_mut().zip(constants) {
        *score += f32::from(i8::from_le_bytes([*constant])) * scale;
    }
    scores
}

/// What the model makes of these features.
pub fn verdict(features: &[u16]) -> Verdict {
    let (mut best, mut next) = ((Topic::Other, f32::MIN), f32::MIN);
    for (topic, score) in Topic::ALL.into_iter().zip(scores(features)) {
        if score > best.1 {
            (best, next) = ((topic, score), best.1);
        } else {
            next = next.max(score);
        }
    }
    Verdict { topic: best.0, score: best.1, margin: best.1 - next }
}

/// The features of a sentence, each a number below [`FEATURES`]; what the grammar made of it is one of them.
pub(super) fn features(tokens: &[Token], times: &[(Found, Range<usize>)], grammar: &str) -> Vec<u16> {
    let words = words(tokens, times);
    let mut features = Vec::with_capacity(words.len() * 16 + 4);
    features.push(hashed("grammar", &[grammar]));
    let at = |i: usize| i.checked_sub(1).map_or("^", |i| words.get(i).copied().unwrap_or("$"));
    for i in 0..=words.len() {
        features.push(hashed("pair", &[at(i), at(i + 1)]));
        features.push(hashed("triple", &[at(i), at(i + 1), at(i + 2)]));
    }
    for (i, word) in words.iter().enumerate() {
        features.push(hashed("word", &[word]));
        features.push(hashed("beside grammar", &[grammar, word]));
        if i == 0 {
            features.push(hashed("first", &[word]));
        }
        if word.is_ascii() && !word.starts_with('<') {
            for length in LETTERS {
                letters(word, length, &mut features);
            }
        }
    }
    features.sort_unstable();
    features.dedup();
    features
}

/// The words, each time as one word of its own kind, each number as the same.
fn words<'t>(tokens: &'t [Token], times: &[(Found, Range<usize>)]) -> Vec<&'t str> {
    let mut words = Vec::with_capacity(tokens.len());
    let mut i = 0;
    while let Some(token) = tokens.get(i) {
        let time = times.iter().find(|(found, range)| found.confidence == Confidence::Certain && range.start == i);
        if let Some((found, range)) = time {
            words.push(kind_of(found));
            i = range.end.max(i + 1);
            continue;
        }
        if token.number().is_some() {
            words.push("<number>");
        } else if token.is_symbol('?') || !token.word.chars().all(|c| c.is_ascii_punctuation()) {
            words.push(token.word.as_str());
        }
        i += 1;
    }
    words
}

fn kind_of(found: &Found) -> &'static str {
    match found.value {
        Value::Instant { .. } if !found.date_said => "<clock>",
        Value::Instant { .. } => "<instant>",
        Value::Date { .. } => "<day>",
        Value::Interval { .. } => "<interval>",
        Value::Duration(_) => "<length>",
        Value::Recurrence(_) => "<repeating>",
    }
}

fn letters(word: &str, length: usize, features: &mut Vec<u16>) {
    let bytes = word.as_bytes();
    let bounded = |i: usize| -> u8 {
        match i.checked_sub(1) {
            None => b'<',
            Some(i) => bytes.get(i).copied().unwrap_or(b'>'),
        }
    };
    for start in 0..(bytes.len() + 3).saturating_sub(length) {
        let hash = (start..start + length).fold(seed("letters"), |hash, i| mixed(hash, bounded(i)));
        features.push(folded(hash));
    }
}

fn hashed(family: &str, words: &[&str]) -> u16 {
    let hash = words.iter().fold(seed(family), |hash, word| mixed(word.bytes().fold(hash, mixed), b' '));
    folded(hash)
}

// FNV-1a, 64 bits.
fn seed(family: &str) -> u64 {
    family.bytes().fold(0xcbf2_9ce4_8422_2325, mixed)
}

fn mixed(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

fn folded(hash: u64) -> u16 {
    let [a, b, ..] = (hash ^ (hash >> 17) ^ (hash >> 34)).to_le_bytes();
    u16::from_le_bytes([a, b]) & 0x7fff
}
