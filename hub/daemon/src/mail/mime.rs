//! A whole message (RFC 5322, MIME), as the provider's raw mode posts it.
//!
//! The parser never fails on malformed input; what it cannot make sense of is looked for here and named as a flaw. Work
//! and depth are bounded before it begins.

use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::body::Bytes;
use mail_parser::{
    Encoding, Message, MessageParser, MessagePart, MimeHeaders, PartType,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};

use super::{
    Body, bounded, charset,
    files::{FILES_MOST, File},
    head::{self, Head},
};

/// The longest header of a message, in bytes.
const HEADER_BYTES: usize = 256 << 10;

/// Parts of a message, at any depth. Each has this header, or the part around it has.
const PARTS_MOST: usize = 300;

/// A message taken apart.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) head: Head,
    pub(super) body: Body,
    pub(super) files: Vec<File>,
    /// The domains that its DKIM signatures name, see [`head::signatures`].
    pub(super) signed: (Option<std::collections::BTreeSet<String>>, usize),
    pub(super) flaws: Vec<String>,
}

/// Takes a message apart.
pub(super) fn read(raw: &[u8]) -> Parts {
    let unusable = |flaw: &str| Parts { flaws: vec![flaw.to_owned()], ..headers(raw) };
    if header_length(raw) > HEADER_BYTES {
        return Parts { flaws: vec!["its header is too long to be read".to_owned()], ..Parts::default() };
    }
    if occurrences(raw, b"content-type") > PARTS_MOST {
        return unusable("it has more parts than I look at");
    }
    // The parser promises not to panic. Were it wrong, the provider would bring the same mail again for three days.
    catch_unwind(AssertUnwindSafe(|| taken_apart(raw)))
        .unwrap_or_else(|_| unusable("it is built in a way that I cannot read"))
}

/// The headers alone, of a message or of a header block without a body.
pub(super) fn headers(raw: &[u8]) -> Parts {
    if header_length(raw) > HEADER_BYTES {
        return Parts::default();
    }
    let read = || {
        MessageParser::default().parse_headers(raw).map(|message| (Head::read(&message), head::signatures(&message)))
    };
    let (head, signed) = catch_unwind(AssertUnwindSafe(read)).ok().flatten().unwrap_or_default();
    Parts { head, signed, ..Parts::default() }
}

fn header_length(raw: &[u8]) -> usize {
    let ends = |window: &[u8]| window == b"\n\n" || window.starts_with(b"\n\r\n");
    let end = raw.windows(3).position(|window| ends(window) || ends(window.get(..2).unwrap_or_default()));
    end.unwrap_or(raw.len())
}

/// How often `word` (lower case) occurs, in any case.
fn occurrences(raw: &[u8], word: &[u8]) -> usize {
    raw.windows(word.len()).filter(|window| window.eq_ignore_ascii_case(word)).take(PARTS_MOST + 1).count()
}

fn taken_apart(raw: &[u8]) -> Parts {
    let Some(message) = MessageParser::default().parse(raw) else {
        return Parts { flaws: vec!["it has no headers".to_owned()], ..Parts::default() };
    };
    let mut parts = Parts { head: Head::read(&message), signed: head::signatures(&message), ..Parts::default() };
    let mut position = 0;
    for (index, part) in message.parts.iter().enumerate() {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let in_body = message.text_body.contains(&index) || message.html_body.contains(&index);
        match &part.body {
            PartType::Multipart(_) => {}
            // The first text is what was written; further ones were put there by something on the way.
            PartType::Text(_) if in_body && part.attachment_name().is_none() && parts.body.plain.is_none() => {
                parts.body.flowed = is_flowed(part);
                parts.body.plain = Some(bounded(text(&message, part), &mut parts.flaws));
            }
            PartType::Html(_) if in_body && part.attachment_name().is_none() && parts.body.html.is_none() => {
                parts.body.html = Some(bounded(text(&message, part), &mut parts.flaws));
            }
            PartType::Text(_)
            | PartType::Html(_)
            | PartType::Binary(_)
            | PartType::InlineBinary(_)
            | PartType::Message(_) => {
                if position < FILES_MOST {
                    parts.files.push(file(part, position));
                }
                position += 1;
            }
        }
    }
    if position > FILES_MOST {
        parts.flaws.push(format!("it has {position} files; I looked at the first {FILES_MOST}"));
    }
    let promised =
        message.parts.first().is_some_and(|root| root.content_type().is_some_and(|kind| kind.ctype() == "multipart"));
    let nothing = parts.body.plain.is_none() && parts.body.html.is_none() && parts.files.is_empty();
    if (promised && nothing) || message.parts.iter().any(|part| part.is_encoding_problem) {
        parts.flaws.push("some of it is broken and could not be read".to_owned());
    }
    parts
}

fn is_flowed(part: &MessagePart<'_>) -> bool {
    let format = part.content_type().and_then(|kind| kind.attribute("format"));
    format.is_some_and(|format| format.eq_ignore_ascii_case("flowed"))
}

/// The text of a part. The parser trusts the charset that is named; where that leaves holes, it was a lie.
fn text(message: &Message<'_>, part: &MessagePart<'_>) -> String {
    let trusted = part.text_contents().unwrap_or_default();
    let label = part.content_type().and_then(|kind| kind.attribute("charset"));
    if label.is_some() && !trusted.contains('\u{fffd}') {
        return trusted.to_owned();
    }
    let raw = message.raw_message().get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default();
    let bytes = match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::Base64 => base64_decode(raw),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
    };
    bytes.map_or_else(|| trusted.to_owned(), |bytes| charset::decode(&bytes, label))
}

fn file(part: &MessagePart<'_>, position: usize) -> File {
    let kind = part.content_type().map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()));
    let content = match &part.body {
        // From its headers to its end.
        PartType::Message(inner) => {
            let whole = inner.raw_message().get(part.offset_body as usize..part.offset_end as usize);
            whole.filter(|whole| !whole.is_empty()).unwrap_or_else(|| inner.raw_message()).to_vec()
        }
        PartType::Text(text) | PartType::Html(text) => text.as_bytes().to_vec(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes.to_vec(),
        PartType::Multipart(_) => Vec::new(),
    };
    let kind = kind.or_else(|| matches!(part.body, PartType::Message(_)).then(|| "message/rfc822".to_owned()));
    File::new(part.attachment_name(), kind.as_deref(), Bytes::from(content), position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn crlf(text: &str) -> Vec<u8> {
        text.replace('\n', "\r\n").into_bytes()
    }

    #[test]
    fn text_html_and_files_are_told_apart() {
        let raw = crlf(
            "From: a@x.example\nContent-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: multipart/alternative; boundary=A\n\n\
             --A\nContent-Type: text/plain; charset=utf-8; format=flowed\n\nplain\n--A\nContent-Type: text/html\n\n<p>html</p>\n--A--\n\
             --B\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n--B\n\
             Content-Type: application/pdf; name=a.pdf\nContent-Disposition: attachment; filename=\"../b.pdf\"\n\
             Content-Transfer-Encoding: base64\n\nJVBERi0xLjQK\n--B\nContent-Type: text/plain\nContent-Disposition: inline; filename=notes.txt\n\n\
             cancel everything\n--B--\n",
        );
        let parts = read(&raw);
        assert_eq!(parts.body.plain.as_deref().map(str::trim), Some("plain"));
        assert!(parts.body.flowed && parts.body.html.is_some());
        let names: Vec<_> = parts.files.iter().map(|file| (file.name.as_str(), file.claimed.as_str())).collect();
        let expected = [("file-1.ics", "text/calendar"), ("b.pdf", "application/pdf"), ("notes.txt", "text/plain")];
        assert_eq!(names, expected);
        assert_eq!(parts.files[1].looks_like, Some("application/pdf"));
        assert!(parts.flaws.is_empty(), "{:?}", parts.flaws);
    }

    #[test]
    fn a_forwarded_message_is_a_file_with_all_of_it() {
        let raw = crlf(
            "From: a@x.example\nContent-Type: multipart/mixed; boundary=B\n\n--B\n\nsee below\n--B\nContent-Type: message/rfc822\n\n\
             From: evil@y.example\nSubject: inner\n\ncancel everything\n--B--\n",
        );
        let parts = read(&raw);
        assert_eq!(parts.body.plain.as_deref().map(str::trim), Some("see below"));
        let inner = String::from_utf8(parts.files[0].content.to_vec()).unwrap();
        assert!(inner.contains("Subject: inner") && inner.contains("cancel everything"), "{inner}");
    }

    #[test]
    fn charsets_that_lie_are_seen_through_in_every_encoding() {
        for (encoding, body) in [
            ("8bit", b"Gr\xfc\xdfe".to_vec()),
            ("quoted-printable", b"Gr=FC=DFe".to_vec()),
            ("base64", b"R3L832U=".to_vec()),
        ] {
            let mut raw = format!("From: a@x.example\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n").into_bytes();
            raw.extend(body);
            assert_eq!(read(&raw).body.plain.as_deref().map(str::trim), Some("Grüße"), "{encoding}");
        }
    }

    #[test]
    fn bombs_are_not_taken_apart() {
        let nested = format!("From: a@x.example\r\n{}", "Content-Type: message/rfc822\r\n\r\n".repeat(100_000));
        let parts = read(nested.as_bytes());
        assert_eq!((parts.flaws.len(), parts.head.from.is_some()), (1, true));
        let wide = format!(
            "From: a@x.example\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n{}",
            "--B\r\n\r\nx\r\n".repeat(100_000)
        );
        assert!(!read(wide.as_bytes()).flaws.is_empty());
        let long = format!("From: a@x.example\r\n{}\r\nbody", "X: y\r\n".repeat(100_000));
        assert_eq!(read(long.as_bytes()).flaws.len(), 1);
    }

    #[test]
    fn what_is_broken_is_named() {
        let cut = crlf("From: a@x.example\nContent-Type: multipart/mixed; boundary=B\n\n");
        let parts = read(&cut);
        assert!(parts.head.from.is_some());
        for raw in [&b""[..], b"\r\n", b"no headers at all", b"\0\0\0", b"From"] {
            let _ = read(raw);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(raw in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = read(&raw);
        }

        #[test]
        fn any_pieces_of_mime_are_read(pieces in proptest::collection::vec(proptest::sample::select(vec![
            "From: a@x.example", "Content-Type: multipart/mixed; boundary=B", "Content-Type: multipart/digest; boundary=\"C", "--B", "--B--",
            "--C", "Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: quoted-printable", "=", "=3D=",
            "====", "", "", "\0", "é", "Content-Type: text/plain; charset=\"utf-7\"", "Content-Disposition: attachment; filename*=utf-8''%", "Subject: =?utf-8?b?", ";", "<", "\"",
        ]), 0..60)) {
            let _ = read(pieces.join("\r\n").as_bytes());
            let _ = read(pieces.join("\n").as_bytes());
        }
    }
}
