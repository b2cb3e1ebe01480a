//! The body of a webhook, read once for the signature and for the fields
//! (`application/x-www-form-urlencoded`, WHATWG URL Standard §5.1).
//!
//! Values stay bytes until somebody asks for text: the signature is computed over what was sent, even if that is not
//! UTF-8; reading such a field as text is an error, never a replacement character.

use std::ops::Range;

/// More fields than any webhook has; a body with more is refused before it is sorted.
const FIELDS_MAX: usize = 256;

/// The body has more than 256 fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the form has more than {FIELDS_MAX} fields")]
pub(crate) struct TooManyFields;

/// A field is not UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the field {0} is not valid UTF-8")]
pub(crate) struct NotUtf8(pub(crate) String);

/// A decoded form: its different (name, value) pairs in order of name, then value, as the signature wants them.
#[derive(Debug)]
pub(crate) struct Form {
    /// All names and values, decoded, one after the other.
    bytes: Vec<u8>,
    fields: Vec<Field>,
}

#[derive(Debug, Clone)]
struct Field {
    name: Range<usize>,
    value: Range<usize>,
}

impl Form {
    /// Decodes `body`. A percent sign without two digits stands for itself.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, TooManyFields> {
        let mut bytes = Vec::with_capacity(body.len());
        let mut fields = Vec::with_capacity(32);
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if fields.len() == FIELDS_MAX {
                return Err(TooManyFields);
            }
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => {
                    let (name, value) = pair.split_at(at);
                    (name, value.get(1..).unwrap_or_default())
                }
                None => (pair, [].as_slice()),
            };
            fields.push(Field { name: decode_into(&mut bytes, name), value: decode_into(&mut bytes, value) });
        }
        let mut form = Self { bytes, fields };
        let mut fields = std::mem::take(&mut form.fields);
        fields.sort_unstable_by(|a, b| form.pair(a).cmp(&form.pair(b)));
        fields.dedup_by(|a, b| form.pair(a) == form.pair(b));
        form.fields = fields;
        Ok(form)
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.bytes.get(range.clone()).unwrap_or_default()
    }

    fn pair(&self, field: &Field) -> (&[u8], &[u8]) {
        (self.slice(&field.name), self.slice(&field.value))
    }

    /// The different (name, value) pairs, in order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.fields.iter().map(|field| self.pair(field))
    }

    /// The value of `name` as text; of several, the first in order.
    pub(crate) fn get(&self, name: &str) -> Result<Option<&str>, NotUtf8> {
        let at = self.fields.partition_point(|field| self.slice(&field.name) < name.as_bytes());
        match self.fields.get(at).map(|field| self.pair(field)) {
            Some((found, value)) if found == name.as_bytes() => match std::str::from_utf8(value) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(NotUtf8(name.to_owned())),
            },
            Some(_) | None => Ok(None),
        }
    }
}

fn decode_into(bytes: &mut Vec<u8>, encoded: &[u8]) -> Range<usize> {
    let start = bytes.len();
    let mut rest = encoded;
    while let Some((first, tail)) = rest.split_first() {
        let (byte, tail) = match (first, tail) {
            (b'+', _) => (b' ', tail),
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, after),
                (Some(_) | None, _) => (b'%', tail),
            },
            _ => (*first, tail),
        };
        bytes.push(byte);
        rest = tail;
    }
    start..bytes.len()
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(body: &str) -> Vec<(String, String)> {
        let form = Form::parse(body.as_bytes()).unwrap();
        form.pairs()
            .map(|(name, value)| (String::from_utf8(name.into()).unwrap(), String::from_utf8(value.into()).unwrap()))
            .collect()
    }

    #[test]
    fn forms_are_decoded_sorted_and_repetitions_dropped() {
        let cases: [(&str, &[(&str, &str)]); 9] = [
            ("", &[]),
            ("b=2&a=1", &[("a", "1"), ("b", "2")]),
            ("a=2&a=1&a=2", &[("a", "1"), ("a", "2")]),
            ("a=&b", &[("a", ""), ("b", "")]),
            ("&&a=1&", &[("a", "1")]),
            ("Body=1%2B1+%3D+2", &[("Body", "1+1 = 2")]),
            ("a=%zz%4&b=100%", &[("a", "%zz%4"), ("b", "100%")]),
            ("a=b=c", &[("a", "b=c")]),
            ("Body=%F0%9F%98%80%c3%a9", &[("Body", "😀é")]),
        ];
        for (body, expected) in cases {
            let expected: Vec<_> = expected.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            assert_eq!(pairs(body), expected, "{body}");
        }
    }

    #[test]
    fn fields_are_found_by_name_and_must_be_utf8() {
        let form = Form::parse(b"To=%2B1&From=x&Body=%FF&Fr=y&Split=%C3").unwrap();
        assert_eq!(form.get("From"), Ok(Some("x")));
        assert_eq!(form.get("To"), Ok(Some("+1")));
        assert_eq!(form.get("Fro"), Ok(None));
        assert_eq!(form.get("Zzz"), Ok(None));
        assert_eq!(form.get("Body"), Err(NotUtf8("Body".into())));
        assert_eq!(form.get("Split"), Err(NotUtf8("Split".into())));
    }

    #[test]
    fn the_number_of_fields_is_bounded() {
        assert!(Form::parse("a&".repeat(256).as_bytes()).is_ok());
        assert_eq!(Form::parse("a&".repeat(257).as_bytes()).unwrap_err(), TooManyFields);
    }
}
