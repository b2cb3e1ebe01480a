//! Between text and the pieces of words that the models speak and write in: Kyutai's SentencePiece models.

use std::{collections::HashMap, path::Path};

use kitoken::{Definition, Kitoken, Model};

/// A tokenizer counts its pieces without those of a special meaning, and without those of single bytes that are pieces
/// anyway: so many may be missing.
const UNCOUNTED: usize = 300;

/// The pieces of one model.
pub(super) struct Tokenizer {
    tokenizer: Kitoken,
    pieces: usize,
    /// The pieces that are one byte of a character of several: which byte.
    bytes: HashMap<u32, u8>,
}

impl Tokenizer {
    /// Reads a SentencePiece `.model`; says what is wrong with it.
    pub(super) fn open(file: &Path) -> Result<Self, String> {
        let bytes = std::fs::read(file).map_err(|error| super::weights::unreadable(&error))?;
        let wrong = |error: &dyn std::fmt::Display| format!("is no SentencePiece model: {error}");
        let definition = Definition::from_sentencepiece_slice(&bytes).map_err(|error| wrong(&error))?;
        let (Model::BytePair { vocab, .. } | Model::Unigram { vocab, .. }) = &definition.model else {
            return Err(wrong(&"it is of a kind that Kyutai's models do not use"));
        };
        // An empty file is a valid message without pieces.
        let pieces = vocab.len();
        if pieces == 0 {
            return Err(wrong(&"it holds no pieces"));
        }
        let bytes = vocab.iter().filter_map(|piece| match piece.bytes.as_slice() {
            &[byte] if !byte.is_ascii() => Some((piece.id, byte)),
            _ => None,
        });
        let bytes = bytes.collect();
        let tokenizer = Kitoken::try_from(definition).map_err(|error| wrong(&error))?;
        Ok(Self { tokenizer, pieces, bytes })
    }

    /// Whether it can be that of a model of so many pieces; says why not.
    pub(super) fn fits(&self, wants: usize) -> Result<(), String> {
        let has = self.pieces;
        if has > wants || has + UNCOUNTED < wants {
            return Err(format!("is for another model: it has {has} pieces, this one {wants}"));
        }
        Ok(())
    }

    /// The text of some pieces; a piece that it does not have is nothing.
    pub(super) fn text(&self, pieces: &[u32]) -> String {
        match self.tokenizer.decode(pieces, false) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => {
                log::debug!("{} pieces are no text: {error}", pieces.len());
                String::new()
            }
        }
    }

    /// The pieces of some text; none where it has no text that can be said.
    pub(super) fn encode(&self, text: &str) -> Vec<u32> {
        let mut pieces = self.tokenizer.encode(text, false).unwrap_or_else(|error| {
            log::debug!("a text of {} bytes has no pieces: {error}", text.len());
            Vec::new()
        });
        // kitoken 0.11 tells the bytes of a character that is no piece (é in a model that lacks it) last first, if the model
        // is of the unigram kind. In UTF-8 the first one begins with as many bits as there are bytes, all others with 10.
        let mut rest = pieces.as_mut_slice();
        while let Some(first) = rest.first() {
            let length = match self.bytes.get(first).map(|byte| byte.leading_ones()) {
                Some(1) => 1 + rest.iter().take_while(|piece| self.is_continuation(**piece)).count(),
                Some(bytes) => bytes as usize,
                None => 1,
            };
            let (character, behind) = rest.split_at_mut(length.min(rest.len()));
            if character.first().is_some_and(|piece| self.is_continuation(*piece)) {
                character.reverse();
            }
            rest = behind;
        }
        pieces
    }

    fn is_continuation(&self, piece: u32) -> bool {
        self.bytes.get(&piece).is_some_and(|byte| byte.leading_ones() == 1)
    }
}

#[cfg(test)]
mod tests;
