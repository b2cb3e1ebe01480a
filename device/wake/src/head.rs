//! What was learnt about one phrase, and the file that keeps it.
//!
//! A head looks at the last 16 embeddings (1.28 s). Each is projected to a few numbers, the same way for all sixteen; a hidden
//! layer looks at all of them together. It has several members that were trained alike from different beginnings; the mean of
//! their opinions is its opinion.
//!
//! The file: `xswarm-wake`, a zero, the version (`u16`), phrase and training (each a `u16` length and UTF-8), the threshold
//! (`f32`), sizes (`u16`: members, window, embedding, projected, hidden), weights (`f32`), SHA-256 of all before. Numbers are
//! little-endian.

use sha2::{Digest, Sha256};

use crate::embedding::{EMBEDDING_SIZE, Embedding};

/// Embeddings that a head looks at.
pub const WINDOW: usize = 16;

const MAGIC: &[u8] = b"xswarm-wake\0";
const VERSION: u16 = 1;
const CHECKSUM_BYTES: usize = 32;
const MEMBERS_MOST: usize = 16;
const WIDTH_MOST: usize = 1_024;

/// A file that cannot be used as a head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// Some other file.
    #[error("this is no wake word head: name a file that `xswarm-room train` wrote")]
    Foreign,
    /// Of another version of the format.
    #[error(
        "the wake word head is of version {found}, and this program reads version {VERSION}: train the phrase again"
    )]
    Version {
        /// The file's.
        found: u16,
    },
    /// Cut off or changed.
    #[error("the wake word head is damaged (its checksum is wrong): copy it again, or train the phrase again")]
    Damaged,
    /// Whole, and yet it makes no sense.
    #[error("the wake word head does not fit this program ({what}): train the phrase again")]
    Unfit {
        /// What does not fit.
        what: &'static str,
    },
}

/// The layers of one member. Rows follow each other: `projection[p * EMBEDDING_SIZE + i]`,
/// `hidden[h * WINDOW * projected + w * projected + p]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) projection: Vec<f32>,
    pub(crate) projection_bias: Vec<f32>,
    pub(crate) hidden: Vec<f32>,
    pub(crate) hidden_bias: Vec<f32>,
    pub(crate) output: Vec<f32>,
    pub(crate) output_bias: f32,
}

impl Member {
    /// Of zeros.
    pub(crate) fn zeros(projected: usize, hidden: usize) -> Self {
        Self {
            projection: vec![0.0; projected * EMBEDDING_SIZE],
            projection_bias: vec![0.0; projected],
            hidden: vec![0.0; hidden * WINDOW * projected],
            hidden_bias: vec![0.0; hidden],
            output: vec![0.0; hidden],
            output_bias: 0.0,
        }
    }

    /// All weights, in the order of the file.
    pub(crate) fn weights(&self) -> impl Iterator<Item = &f32> {
        let layers = self.projection.iter().chain(&self.projection_bias).chain(&self.hidden).chain(&self.hidden_bias);
        layers.chain(&self.output).chain([&self.output_bias])
    }

    /// The same, to be changed.
    pub(crate) fn weights_mut(&mut self) -> impl Iterator<Item = &mut f32> {
        let layers = self.projection.iter_mut().chain(&mut self.projection_bias).chain(&mut self.hidden);
        layers.chain(&mut self.hidden_bias).chain(&mut self.output).chain([&mut self.output_bias])
    }

    /// An embedding, projected, is appended to `to`.
    pub(crate) fn project(&self, embedding: &Embedding, to: &mut Vec<f32>) {
        let rows = self.projection.chunks_exact(EMBEDDING_SIZE).zip(&self.projection_bias);
        to.extend(rows.map(|(row, bias)| rectified(dot(row, embedding) + bias)));
    }

    /// The opinion on a window of projected embeddings, as a logit. What the hidden layer said is left in `hidden`.
    pub(crate) fn judge(&self, projected: &[f32], hidden: &mut Vec<f32>) -> f32 {
        hidden.clear();
        let rows = self.hidden.chunks_exact(projected.len()).zip(&self.hidden_bias);
        hidden.extend(rows.map(|(row, bias)| rectified(dot(row, projected) + bias)));
        dot(&self.output, hidden) + self.output_bias
    }
}

/// Eight sums side by side, which a compiler can keep in one register; the order is fixed, so the result is.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f32>() + rest
}

fn rectified(value: f32) -> f32 {
    value.max(0.0)
}

/// What was learnt about one phrase.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    phrase: String,
    training: String,
    threshold: f32,
    members: Vec<Member>,
}

impl Head {
    /// From members of equal sizes. The threshold is the logit from which on the phrase counts as said.
    pub(crate) fn new(phrase: &str, training: &str, threshold: f32, members: Vec<Member>) -> Self {
        Self { phrase: phrase.to_owned(), training: training.to_owned(), threshold, members }
    }

    /// The phrase that it listens for.
    pub fn phrase(&self) -> &str {
        &self.phrase
    }

    /// How it was trained, in words.
    pub fn training(&self) -> &str {
        &self.training
    }

    /// The logit from which on the phrase counts as said, at middling sensitivity.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }

    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// As a file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let number = |value: usize, bytes: &mut Vec<u8>| {
            bytes.extend(u16::try_from(value).unwrap_or(u16::MAX).to_le_bytes());
        };
        number(VERSION.into(), &mut bytes);
        for text in [&self.phrase, &self.training] {
            let end = text.floor_char_boundary(u16::MAX.into());
            number(end, &mut bytes);
            bytes.extend(text.as_bytes().iter().take(end));
        }
        bytes.extend(self.threshold.to_le_bytes());
        let sizes = self.members.first().map_or((0, 0), |one| (one.projection_bias.len(), one.hidden_bias.len()));
        for size in [self.members.len(), WINDOW, EMBEDDING_SIZE, sizes.0, sizes.1] {
            number(size, &mut bytes);
        }
        for weight in self.members.iter().flat_map(Member::weights) {
            bytes.extend(weight.to_le_bytes());
        }
        let checksum = Sha256::digest(&bytes);
        bytes.extend(checksum);
        bytes
    }

    /// From a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HeadError> {
        let after_magic = bytes.strip_prefix(MAGIC).ok_or(HeadError::Foreign)?;
        let found = Reader(after_magic).number()?;
        if found != VERSION {
            return Err(HeadError::Version { found });
        }
        let end = bytes.len().checked_sub(CHECKSUM_BYTES).ok_or(HeadError::Damaged)?;
        let (content, checksum) = bytes.split_at_checked(end).ok_or(HeadError::Damaged)?;
        if Sha256::digest(content).as_slice() != checksum {
            return Err(HeadError::Damaged);
        }
        let mut reader = Reader(content.get(MAGIC.len() + size_of::<u16>()..).ok_or(HeadError::Damaged)?);
        let (phrase, training) = (reader.text()?, reader.text()?);
        let threshold = reader.float()?;
        let mut sizes = [0_usize; 5];
        for size in &mut sizes {
            *size = reader.number()?.into();
        }
        let [count, window, embedding, projected, hidden] = sizes;
        let fits = |yes: bool, what| if yes { Ok(()) } else { Err(HeadError::Unfit { what }) };
        fits(!phrase.trim().is_empty(), "it names no phrase")?;
        fits((1..=MEMBERS_MOST).contains(&count), "the number of its members")?;
        fits(window == WINDOW && embedding == EMBEDDING_SIZE, "what it looks at")?;
        fits((1..=WIDTH_MOST).contains(&projected) && (1..=WIDTH_MOST).contains(&hidden), "the width of its layers")?;
        let one = projected * (EMBEDDING_SIZE + 1) + hidden * (WINDOW * projected + 2) + 1;
        fits(reader.0.len() == one * count * size_of::<f32>(), "its length")?;
        let mut members = vec![Member::zeros(projected, hidden); count];
        for weight in members.iter_mut().flat_map(Member::weights_mut) {
            *weight = reader.float()?;
        }
        Ok(Self { phrase, training, threshold, members })
    }
}

/// What is left of a file.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], HeadError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(HeadError::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], HeadError> {
        self.take(N)?.try_into().map_err(|_wrong_length| HeadError::Damaged)
    }

    fn number(&mut self) -> Result<u16, HeadError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    /// A finite number: a weight that is none would make every score so.
    fn float(&mut self) -> Result<f32, HeadError> {
        let value = f32::from_le_bytes(self.array()?);
        if value.is_finite() { Ok(value) } else { Err(HeadError::Unfit { what: "a weight is no number" }) }
    }

    fn text(&mut self) -> Result<String, HeadError> {
        let length = self.number()?;
        let bytes = self.take(length.into())?.to_vec();
        String::from_utf8(bytes).map_err(|_not_text| HeadError::Unfit { what: "its words are no text" })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A head whose logit is the newest embedding's first number minus its second.
    pub(crate) fn difference(phrase: &str, threshold: f32) -> Head {
        let mut member = Member::zeros(2, 2);
        member.projection[0] = 1.0;
        member.projection[EMBEDDING_SIZE + 1] = 1.0;
        let newest = 2 * (WINDOW - 1);
        member.hidden[newest] = 1.0;
        member.hidden[2 * WINDOW + newest + 1] = 1.0;
        member.output = vec![1.0, -1.0];
        Head::new(phrase, "by hand", threshold, vec![member.clone(), member])
    }

    #[test]
    fn a_head_survives_its_file() {
        let head = difference("hey boss", 1.5);
        let bytes = head.to_bytes();
        let read = Head::from_bytes(&bytes).unwrap();
        assert_eq!(read, head);
        assert_eq!((read.phrase(), read.training(), read.threshold()), ("hey boss", "by hand", 1.5));
    }

    #[test]
    fn each_kind_of_bad_file_says_what_it_is() {
        let bytes = difference("hey boss", 1.5).to_bytes();
        assert_eq!(Head::from_bytes(b"RIFF....WAVEfmt "), Err(HeadError::Foreign));
        assert_eq!(Head::from_bytes(b""), Err(HeadError::Foreign));
        for end in MAGIC.len()..bytes.len() {
            assert_eq!(Head::from_bytes(&bytes[..end]), Err(HeadError::Damaged), "the first {end} bytes");
        }
        let mut newer = bytes.clone();
        newer[MAGIC.len()] = 2;
        assert_eq!(Head::from_bytes(&newer), Err(HeadError::Version { found: 2 }));
        let says = |content: &[u8]| {
            let mut bytes = content.to_vec();
            bytes.extend(Sha256::digest(content));
            Head::from_bytes(&bytes).unwrap_err().to_string()
        };
        let mut other = bytes[..bytes.len() - CHECKSUM_BYTES].to_vec();
        other.truncate(other.len() - 4);
        assert!(says(&other).contains("its length"));
        other.extend(f32::NAN.to_le_bytes());
        assert!(says(&other).contains("no number"));
        let nameless = difference(" ", 0.0).to_bytes();
        assert!(Head::from_bytes(&nameless).unwrap_err().to_string().contains("names no phrase"));
    }

    proptest! {
        #[test]
        fn one_wrong_bit_is_noticed(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let mut bytes = difference("hey boss", 0.0).to_bytes();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(Head::from_bytes(&bytes).is_err());
        }

        #[test]
        fn no_content_is_a_panic(content in prop::collection::vec(any::<u8>(), 0..120)) {
            let _ = Head::from_bytes(&content);
            let mut sealed = [MAGIC, &1_u16.to_le_bytes(), &content].concat();
            sealed.extend(Sha256::digest(&sealed));
            prop_assert!(Head::from_bytes(&sealed).is_err());
        }

        #[test]
        fn any_head_survives_its_file(phrase in "[a-z]{1,9}", training in ".{0,40}", threshold in -9_f32..9.0, seed: u64) {
            let mut rng = fastrand::Rng::with_seed(seed);
            let mut members = vec![Member::zeros(rng.usize(1..5), rng.usize(1..5))];
            members[0].weights_mut().for_each(|weight| *weight = rng.f32());
            let head = Head::new(&phrase, &training, threshold, members);
            prop_assert_eq!(Head::from_bytes(&head.to_bytes()).unwrap(), head);
        }
    }
}
