//! Mail as the ledger knows it: addresses, message ids, and what a letter is besides its words.
//!
//! Only the address syntax that providers take is judged here (RFC 5321 §4.1.2, dot-atom local parts, ASCII domains);
//! quoted local parts and internationalised addresses (RFC 6531) are deliberately refused: SendGrid takes neither.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::schema::{self, PartialSchema, RefOr, Schema, ToSchema};

use crate::id::MessageId;

mod letter;

pub use letter::{Attachment, LETTER, Layout, Letter};

/// A mailbox such as `anna@example.com`, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailAddress(String);

/// The text was no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a mail address (such as anna@example.com)")]
pub struct NotAnAddress(pub String);

impl PartialSchema for MailAddress {
    fn schema() -> RefOr<Schema> {
        schema::text("email", "anna@example.com")
    }
}

impl ToSchema for MailAddress {}

impl MailAddress {
    /// The address as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The first letter and the domain, for logs and lists that others may see.
    pub fn masked(&self) -> String {
        let first: String = self.0.chars().take(1).collect();
        format!("{first}…@{}", self.domain())
    }
}

fn is_atom(text: &str) -> bool {
    // RFC 5322 §3.2.3.
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
}

fn is_label(text: &str) -> bool {
    let inner = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    (1..=63).contains(&text.len()) && inner && !text.starts_with('-') && !text.ends_with('-')
}

impl FromStr for MailAddress {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // RFC 5321 §4.5.3.1: 64 octets before the @, 254 in all.
        let well_formed = text.len() <= 254
            && text.split_once('@').is_some_and(|(local, domain)| {
                local.len() <= 64 && local.split('.').all(is_atom) && domain.split('.').all(is_label)
            });
        if well_formed { Ok(Self(text.to_ascii_lowercase())) } else { Err(NotAnAddress(text.to_owned())) }
    }
}

impl TryFrom<String> for MailAddress {
    type Error = NotAnAddress;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<MailAddress> for String {
    fn from(address: MailAddress) -> Self {
        address.0
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The Message-ID (RFC 5322 §3.6.4) of a mail of ours: the row of the ledger, at the domain it is sent from.
pub fn message_id(row: MessageId, from: &MailAddress) -> String {
    format!("<{row}@{}>", from.domain())
}

/// What stands before the `@` of a Message-ID, with or without its angle brackets: the row of a mail of ours as
/// [`message_id`] makes it, or the provider's id where the provider put in its own.
pub fn message_id_left(id: &str) -> &str {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    id.split_once('@').map_or(id, |(left, _)| left)
}

/// The row that a Message-ID of ours names.
pub fn row_of_message_id(id: &str) -> Option<MessageId> {
    message_id_left(id).parse().ok()
}

/// Whether a text may stand in one line of a header: no control characters, so nothing can begin another line.
pub fn is_header_safe(text: &str) -> bool {
    // The separators of lines and paragraphs are line ends to some programs.
    !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn what_providers_take_is_an_address() {
        for (text, expected) in [
            ("anna@example.com", "anna@example.com"),
            ("Anna.B+boss@Mail.Example.COM", "anna.b+boss@mail.example.com"),
            ("root@localhost", "root@localhost"),
            ("o'hara@xn--bcher-kva.example", "o'hara@xn--bcher-kva.example"),
        ] {
            assert_eq!(text.parse::<MailAddress>().unwrap().as_str(), expected);
        }
    }

    #[test]
    fn what_could_smuggle_or_bounce_is_none() {
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "anna",
            "@example.com",
            "anna@",
            "anna@@example.com",
            "a@b@c.example",
            "anna@example..com",
            ".anna@example.com",
            "anna.@example.com",
            "anna@-example.com",
            "anna@example.com\r\nBcc: x@example.com",
            "anna@example.com ",
            "Anna <anna@example.com>",
            "\"a b\"@example.com",
            "anna@bücher.example",
            "a,b@example.com",
            long.as_str(),
        ] {
            assert_eq!(bad.parse::<MailAddress>(), Err(NotAnAddress(bad.to_owned())), "{bad}");
        }
    }

    #[test]
    fn a_message_id_leads_back_to_its_row() {
        let row = MessageId::new(DateTime::UNIX_EPOCH);
        let from: MailAddress = "boss@example.com".parse().unwrap();
        let id = message_id(row, &from);
        assert!(id.starts_with('<') && id.ends_with("@example.com>"));
        assert_eq!(row_of_message_id(&id), Some(row));
        assert_eq!(row_of_message_id("<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>"), None);
        assert_eq!(message_id_left("<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>"), "LRzXl_NHStOGhQ4kofSm_A");
    }

    #[test]
    fn only_one_line_may_stand_in_a_header() {
        assert!(is_header_safe("Grüße – 3 o’clock 😀"));
        for bad in ["a\r\nBcc: x", "a\nb", "a\rb", "a\0", "a\u{2028}b", "a\u{85}b"] {
            assert!(!is_header_safe(bad), "{bad:?}");
        }
    }
}
