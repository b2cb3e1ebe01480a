//! From the pieces that the model writes to text, as it comes.

/// So many pieces can be one character: the bytes of it.
const PIECES_OF_A_CHARACTER: usize = 4;

/// What was written and is no whole character yet, after the last piece that was.
#[derive(Debug, Default)]
pub(super) struct Wording {
    pieces: Vec<u32>,
    /// How many of them are told already: none or one.
    told: usize,
}

impl Wording {
    /// Takes a piece; `text` tells what some pieces are. Gives what was not told yet.
    pub(super) fn take(&mut self, piece: u32, text: impl Fn(&[u32]) -> String) -> Option<String> {
        self.pieces.push(piece);
        // Only what stands before a piece tells whether a space belongs between them.
        let before = text(self.pieces.get(..self.told).unwrap_or_default());
        let all = text(&self.pieces);
        let is_whole = !all.ends_with(char::REPLACEMENT_CHARACTER);
        if !is_whole && self.pieces.len() - self.told < PIECES_OF_A_CHARACTER {
            return None;
        }
        self.pieces = vec![piece];
        self.told = 1;
        let new = all.strip_prefix(&before).unwrap_or(&all);
        (!new.is_empty()).then(|| new.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pieces as SentencePiece has them: 0 to 255 are bytes, then these.
    fn text(pieces: &[u32]) -> String {
        const PIECES: [&str; 3] = ["▁good", "▁mor", "ning"];
        let mut bytes = Vec::new();
        for &piece in pieces {
            match u8::try_from(piece) {
                Ok(byte) => bytes.push(byte),
                Err(_) => bytes.extend_from_slice(PIECES[piece as usize - 256].replace('▁', " ").as_bytes()),
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.strip_prefix(' ').map(str::to_owned).unwrap_or(text)
    }

    fn told(pieces: &[u32]) -> Vec<Option<String>> {
        let mut wording = Wording::default();
        pieces.iter().map(|&piece| wording.take(piece, text)).collect()
    }

    #[test]
    fn words_are_parted_by_the_space_that_their_pieces_carry() {
        let expected = ["good", " mor", "ning", " good"].map(|text| Some(text.to_owned()));
        assert_eq!(told(&[256, 257, 258, 256]), expected);
    }

    #[test]
    fn a_character_of_several_pieces_is_told_when_it_is_whole() {
        let expected = [Some("good".to_owned()), None, Some("é".to_owned()), Some(" mor".to_owned())];
        assert_eq!(told(&[256, 0xc3, 0xa9, 257]), expected);
    }

    #[test]
    fn bytes_that_are_no_character_do_not_hold_up_what_follows() {
        let all = told(&[0xff, 0xff, 0xff, 0xff, 0xff, 256, 257]);
        assert!(all.iter().flatten().any(|text| text.contains("good")), "{all:?}");
        assert_eq!(all.last().cloned().flatten(), Some(" mor".to_owned()));
    }
}
