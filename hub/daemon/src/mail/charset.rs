//! Bytes to text, when the charset that is named may be missing, unknown or a lie.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// The text of `bytes`, which are said to be in `label` (WHATWG Encoding Standard names).
///
/// Bytes that are no UTF-8 although they should be are read as windows-1252, which is what such lies almost always are.
pub(crate) fn decode(bytes: &[u8], label: Option<&str>) -> String {
    let named = label.and_then(|label| Encoding::for_label(label.trim().trim_matches('"').as_bytes()));
    // US-ASCII and ISO-8859-1 are windows-1252 by that standard; UTF-8 said to be one of them is told by its form.
    match named.filter(|encoding| *encoding != WINDOWS_1252 && *encoding != UTF_8) {
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
            Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
        },
        Some(encoding) => {
            let (text, _, broken) = encoding.decode(bytes);
            match std::str::from_utf8(bytes) {
                Ok(better) if broken => better.to_owned(),
                Ok(_) | Err(_) => text.into_owned(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charsets_are_read_and_lies_are_seen_through() {
        for (bytes, label, expected) in [
            ("Grüße".as_bytes(), Some("UTF-8"), "Grüße"),
            (b"Gr\xfc\xdfe", Some("iso-8859-1"), "Grüße"),
            (b"Gr\xfc\xdfe", Some("utf-8"), "Grüße"),
            (b"\x93hi\x94 \x80 5", Some("utf-8"), "“hi” € 5"),
            ("Grüße".as_bytes(), Some("us-ascii"), "Grüße"),
            ("Grüße".as_bytes(), Some("iso-8859-1"), "Grüße"),
            (b"Gr\xfc\xdfe", Some("x-nonsense"), "Grüße"),
            (b"Gr\xfc\xdfe", None, "Grüße"),
            (b"\xcf\xf0\xe8\xe2\xe5\xf2", Some("windows-1251"), "Привет"),
            (b"\x93\xfa\x96{", Some("Shift_JIS"), "日本"),
            (b"", Some("utf-8"), ""),
        ] {
            assert_eq!(decode(bytes, label), expected, "{bytes:?} {label:?}");
        }
    }
}
