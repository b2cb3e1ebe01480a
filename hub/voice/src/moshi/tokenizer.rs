//! Between text and the pieces of words that the models speak and write in: Kyutai's SentencePiece models.

use std::path::Path;

use kitoken::{Definition, Kitoken, Model};

/// The pieces of one model.
pub(super) struct Tokenizer {
    tokenizer: Kitoken,
    pieces: usize,
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
        let tokenizer = Kitoken::try_from(definition).map_err(|error| wrong(&error))?;
        Ok(Self { tokenizer, pieces })
    }

    /// How many pieces it has, those with a special meaning not counted.
    pub(super) fn pieces(&self) -> usize {
        self.pieces
    }

    /// The text of some pieces; a piece that it does not have is nothing.
    pub(super) fn text(&self, pieces: &[u32]) -> String {
        match self.tokenizer.decode(pieces, false) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => {
                log::debug!("pieces {pieces:?} are no text: {error}");
                String::new()
            }
        }
    }
}
