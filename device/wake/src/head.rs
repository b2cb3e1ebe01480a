//! What was learnt about one phrase, and the file that keeps it.
//!
//! A head has several members (`network.rs`) that were trained alike from different beginnings; the mean of their opinions is
//! its opinion.
//!
//! The file: `xswarm-wake`, a zero, the version (`u16`), phrase and training (each a `u16` length and UTF-8), the threshold
//! (`f32`), sizes (`u16`: members; window; numbers of an embedding, of a patch; features of an embedding; width over a patch,
//! features of it; width over the window), of each member layer by layer weights and biases (`f32`), SHA-256 of all before.
//! Numbers are little-endian.

use sha2::{Digest, Sha256};

use crate::{
    embedding::EMBEDDING_SIZE,
    network::{Member, PATCH_SIZE, WINDOW, Widths},
};

const MAGIC: &[u8] = b"xswarm-wake\0";
const VERSION: u16 = 2;
const CHECKSUM_BYTES: usize = 32;
const MEMBERS_MOST: usize = 16;
const WIDTH_MOST: usize = 1_024;
const NONE: Widths = Widths { speech: 0, patch: 0, spectrum: 0, hidden: 0 };

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
        let Widths { speech, patch, spectrum, hidden } = self.members.first().map_or(NONE, Member::widths);
        for size in [self.members.len(), WINDOW, EMBEDDING_SIZE, PATCH_SIZE, speech, patch, spectrum, hidden] {
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
        let mut sizes = [0_usize; 8];
        for size in &mut sizes {
            *size = reader.number()?.into();
        }
        let [count, window, embedding, of_patch, speech, patch, spectrum, hidden] = sizes;
        let fits = |yes: bool, what| if yes { Ok(()) } else { Err(HeadError::Unfit { what }) };
        fits(!phrase.trim().is_empty(), "it names no phrase")?;
        fits((1..=MEMBERS_MOST).contains(&count), "the number of its members")?;
        fits([window, embedding, of_patch] == [WINDOW, EMBEDDING_SIZE, PATCH_SIZE], "what it looks at")?;
        let is_width = |width: &usize| (1..=WIDTH_MOST).contains(width);
        fits([speech, patch, spectrum, hidden].iter().all(is_width), "the width of its layers")?;
        let widths = Widths { speech, patch, spectrum, hidden };
        fits(reader.0.len() == widths.weights() * count * size_of::<f32>(), "its length")?;
        let mut members = vec![Member::zeros(widths); count];
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
    use crate::network;

    /// A head whose logit is the newest embedding's first number minus its second.
    pub(crate) fn difference(phrase: &str, threshold: f32) -> Head {
        Head::new(phrase, "by hand", threshold, vec![network::tests::difference(); 2])
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
        newer[MAGIC.len()] = 9;
        assert_eq!(Head::from_bytes(&newer), Err(HeadError::Version { found: 9 }));
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
            let mut sealed = [MAGIC, &VERSION.to_le_bytes(), &content].concat();
            sealed.extend(Sha256::digest(&sealed));
            prop_assert!(Head::from_bytes(&sealed).is_err());
        }

        #[test]
        fn any_head_survives_its_file(phrase in "[a-z]{1,9}", training in ".{0,40}", threshold in -9_f32..9.0, seed: u64) {
            let mut rng = fastrand::Rng::with_seed(seed);
            let mut width = || rng.usize(1..5);
            let widths = Widths { speech: width(), patch: width(), spectrum: width(), hidden: width() };
            let mut members = vec![Member::zeros(widths)];
            members[0].weights_mut().for_each(|weight| *weight = rng.f32());
            let head = Head::new(&phrase, &training, threshold, members);
            prop_assert_eq!(Head::from_bytes(&head.to_bytes()).unwrap(), head);
        }
    }
}
