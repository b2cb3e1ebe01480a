//! The database key: 256 random bits, used raw (SQLCipher's own key derivation would cost a fifth of a second for each
//! connection and adds nothing to a random key).
//!
//! The salt that SQLCipher keeps in clear in the file's first 16 bytes is derived from the key here. That makes the
//! header a fingerprint: a wrong key is told from a damaged file before anything is read.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::StoreError;

/// A database key. Never printed.
#[derive(Clone)]
pub struct Key {
    hex: String,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// Reads 64 hexadecimal digits; white space around them is ignored.
    pub fn from_hex(text: &str) -> Result<Self, StoreError> {
        let hex = text.trim();
        if hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self { hex: hex.to_ascii_lowercase() })
        } else {
            Err(StoreError::NotAKey)
        }
    }

    /// The first 16 bytes of every file made with this key.
    pub(crate) fn fingerprint(&self) -> [u8; 16] {
        let digest = Sha256::new().chain_update(b"xswarm database salt\0").chain_update(self.hex.as_bytes()).finalize();
        let mut salt = [0; 16];
        salt.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        salt
    }

    /// A key for something else than the database, one for each `purpose`; it tells nothing about this key or the others
    /// (HMAC-SHA-256 as a pseudo-random function, as in RFC 5869 §2.3).
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        // A key shorter than the hash's block is used as it is (RFC 2104 §2).
        let padded = |pad: u8| -> Vec<u8> {
            let mut block: Vec<u8> = self.hex.bytes().map(|byte| byte ^ pad).collect();
            block.resize(64, pad);
            block
        };
        let inner = Sha256::new().chain_update(padded(0x36)).chain_update(purpose.as_bytes()).finalize();
        Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
    }

    /// The value of `PRAGMA key`: key and salt as a blob literal.
    pub(crate) fn pragma(&self) -> String {
        format!("x'{}{}'", self.hex, hex(&self.fingerprint()))
    }
}

/// Bytes as lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_64_hexadecimal_digits_in_any_case_with_space_around() {
        let lower = Key::from_hex(&"ab".repeat(32)).unwrap();
        let upper = Key::from_hex(&format!(" {}\n", "AB".repeat(32))).unwrap();
        assert_eq!((lower.pragma(), lower.fingerprint()), (upper.pragma(), upper.fingerprint()));
        for wrong in ["", "ab", &"ab".repeat(31), &"ab".repeat(33), &"zz".repeat(32), &"é".repeat(32)] {
            assert!(matches!(Key::from_hex(wrong), Err(StoreError::NotAKey)), "{wrong}");
        }
    }

    #[test]
    fn a_key_is_never_printed() {
        let key = Key::from_hex(&"ab".repeat(32)).unwrap();
        assert_eq!(format!("{key:?}"), "Key(…)");
    }

    #[test]
    fn derived_keys_differ_by_purpose_and_by_key() {
        let [one, other] = ["00", "01"].map(|byte| Key::from_hex(&byte.repeat(32)).unwrap());
        let keys = [one.derive("a"), one.derive("b"), other.derive("a")];
        assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
        // Fixed for ever: existing files are encrypted with it. Equal to HMAC-SHA-256 of Python's hmac.
        assert_eq!(hex(&one.derive("a")), "de9b03ae7d1a7c00a719d382823c5b564d5236e1a9bfadb74c78e096ad8ba16f");
    }

    #[test]
    fn files_of_different_keys_begin_differently_and_do_not_show_the_key() {
        let prints = ["00", "01", "ab"].map(|byte| Key::from_hex(&byte.repeat(32)).unwrap().fingerprint());
        assert!(prints[0] != prints[1] && prints[1] != prints[2]);
        assert_ne!(prints[2], [0xab; 16]);
        // Fixed for ever: existing files begin with it.
        assert_eq!(hex(&prints[0]), "e53eccd770b7a9e1ae8e9f68e0f16ed8");
    }
}
