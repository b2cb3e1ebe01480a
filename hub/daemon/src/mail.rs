//! Mail as it comes in: from a posted form, or a whole MIME message, to what the hub acts on.
//!
//! - [`inbound_parse`]: the form that SendGrid posts, in both of its modes; [`mime`]: a whole message.
//! - [`head`]: who wrote to whom, in which thread, and whether a program did.
//! - [`alignment`]: whether the sender is who the From line says.
//! - [`own_words`]: which words are the sender's own.
//! - [`files`]: what came along.
//!
//! All of it is pure and takes any bytes: a mail that cannot be used is still a mail, with its flaws named and its
//! original kept, because refusing it would lose it. What is done about a mail is decided elsewhere.

pub(crate) mod alignment;
pub(crate) mod charset;
pub(crate) mod files;
pub(crate) mod head;
pub(crate) mod inbound_parse;
pub(crate) mod mime;
pub(crate) mod own_words;

use axum::body::Bytes;

use self::{alignment::Verdicts, files::File, head::Head};

/// A mail that was received.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mail {
    /// Its headers, as far as they matter.
    pub(crate) head: Head,
    /// The addresses of the SMTP transaction.
    pub(crate) envelope: Envelope,
    /// What the provider found out about the sender.
    pub(crate) verdicts: Verdicts,
    /// Its text.
    pub(crate) body: Body,
    /// What came along.
    pub(crate) files: Vec<File>,
    /// All of it as it was posted.
    pub(crate) original: Bytes,
    /// What could not be used, in words for the sender. Then the original is worth keeping.
    pub(crate) flaws: Vec<String>,
}

/// The addresses of the SMTP transaction (RFC 5321 §2.3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// Who it came from; empty for reports and automatic answers.
    pub(crate) from: String,
    /// Who it went to.
    pub(crate) to: Vec<String>,
}

/// The text of a mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Body {
    /// As plain text.
    pub(crate) plain: Option<String>,
    /// Whether the plain text is RFC 3676's flowed format.
    pub(crate) flowed: bool,
    /// As HTML.
    pub(crate) html: Option<String>,
}

/// The longest text of a mail that is read, in bytes; what is beyond is a flaw.
pub(crate) const TEXT_BYTES: usize = 512 << 10;

/// A text, cut to what is read.
fn bounded(mut text: String, flaws: &mut Vec<String>) -> String {
    if text.len() > TEXT_BYTES {
        let end = (0..=TEXT_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        flaws.push("its text is longer than I read".to_owned());
    }
    text
}
