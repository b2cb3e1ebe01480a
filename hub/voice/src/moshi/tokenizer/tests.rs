//! The tokenizer against SentencePiece's own library.

use super::*;

/// Kind of model, and for each text: its pieces, and the text that they are, by SentencePiece's own library
/// (`fixtures/make.py`).
type Golden = HashMap<String, Vec<(String, Vec<u32>, String)>>;

#[test]
fn text_and_pieces_are_as_sentencepiece_has_them() {
    let golden: Golden = serde_json::from_str(include_str!("fixtures/golden.json")).unwrap();
    for kind in ["unigram", "bpe"] {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/moshi/tokenizer/fixtures");
        let tokenizer = Tokenizer::open(&fixtures.join(kind).with_extension("model")).unwrap();
        let cases = &golden[kind];
        assert!(cases.len() > 10);
        for (text, pieces, back) in cases {
            assert_eq!(tokenizer.encode(text), *pieces, "{kind}: {text:?}");
            assert_eq!(tokenizer.text(pieces), *back, "{kind}: {pieces:?}");
        }
    }
}
