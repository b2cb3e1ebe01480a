//! Who wrote to whom, in which thread, and whether a person wrote at all.
//!
//! The sender is the one address of the one From field. Anything else (several, none, a group, an address that is no
//! plain mailbox) has no sender, and such a mail is from somebody unknown. Display names are never looked at. The local
//! part is compared without regard to case; `anna+x@` is somebody else than `anna@`, as only the owner of the domain
//! could say otherwise.

use chrono::{DateTime, Utc};
use mail_parser::{Address, HeaderName, HeaderValue, Message};
use xswarm_core::mail::MailAddress;

use super::{alignment, charset};

/// Message-IDs of a thread that are kept.
const REFERENCES_MOST: usize = 50;

/// The longest Message-ID that is taken for one, in bytes.
const ID_BYTES: usize = 250;

/// How a subject says that it is an answer, in many languages (lower case, before a colon).
const RE: &[&str] = &[
    "re",
    "aw",
    "antw",
    "antwort",
    "sv",
    "vs",
    "rv",
    "ref",
    "odp",
    "odg",
    "ynt",
    "yanıt",
    "bls",
    "res",
    "回复",
    "答复",
    "回覆",
    "vá",
    "ответ",
    "απ",
];

/// How it says that something is passed on.
const FWD: &[&str] = &[
    "fwd",
    "fw",
    "wg",
    "tr",
    "rv",
    "i",
    "enc",
    "doorst",
    "vb",
    "vl",
    "vs",
    "pd",
    "ilt",
    "i̇lt",
    "转发",
    "轉寄",
    "továbbítás",
    "fyi",
    "пересл",
    "προωθ",
];

/// What a program writes that answers by itself or reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Automatic {
    /// It says so (RFC 3834 §5, or a vendor's header for the same).
    Says,
    /// It comes from a mailing list or in bulk.
    List,
    /// It is a report about a mail (RFC 3464, empty sender, mailer daemon).
    Report,
}

/// The headers of a mail, as far as they matter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    /// The one sender.
    pub(crate) from: Option<MailAddress>,
    /// Whose names stand in To and Cc; at most so many as are looked at.
    pub(crate) to: Vec<MailAddress>,
    /// The subject, on one line.
    pub(crate) subject: String,
    /// Its own id, with angle brackets.
    pub(crate) message_id: Option<String>,
    /// The ids of the mails it answers, the nearest last.
    pub(crate) thread: Vec<String>,
    /// When it says it was sent.
    pub(crate) date: Option<DateTime<Utc>>,
    /// Whether a program wrote it.
    pub(crate) automatic: Option<Automatic>,
}

/// Recipients that are looked at.
const RECIPIENTS_MOST: usize = 2_000;

impl Head {
    /// Reads the headers of a message.
    pub(crate) fn read(message: &Message<'_>) -> Self {
        let mut thread: Vec<String> = ids(message, HeaderName::References);
        for id in ids(message, HeaderName::InReplyTo) {
            thread.retain(|known| *known != id);
            thread.push(id);
        }
        let surplus = thread.len().saturating_sub(REFERENCES_MOST);
        thread.drain(..surplus);
        let from = sender(message);
        let automatic = automatic(message, from.as_ref());
        Self {
            from,
            to: recipients(message),
            subject: one_line(message.subject().unwrap_or_default()),
            message_id: ids(message, HeaderName::MessageId).into_iter().next(),
            thread,
            date: message.date().and_then(|date| DateTime::from_timestamp(date.to_timestamp(), 0)),
            automatic,
        }
    }

    /// Whether the subject says that the mail passes something on. An answer to what was passed on does not.
    pub(crate) fn forwards(&self) -> bool {
        let is_forward = |prefix: &String| FWD.contains(&prefix.as_str());
        let answers =
            !self.thread.is_empty() && prefixes(&self.subject).next().is_some_and(|first| !is_forward(&first));
        !answers && prefixes(&self.subject).any(|prefix| is_forward(&prefix))
    }

    /// Whether the sender made up the subject for this mail: it begins no answer and passes nothing on.
    pub(crate) fn has_own_subject(&self) -> bool {
        self.thread.is_empty() && prefixes(&self.subject).next().is_none()
    }
}

/// What stands before colons at the beginning of a subject and means "answer" or "passed on".
fn prefixes(subject: &str) -> impl Iterator<Item = String> {
    let mut rest = subject.trim_start();
    std::iter::from_fn(move || {
        // "[list] Re: …" keeps its mark.
        if let Some((_, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            rest = after.trim_start();
        }
        let (prefix, after) = rest.split_once([':', '：'])?;
        // "Re[2]:" and "Re (3):" count.
        let word = prefix.split(['[', '(']).next().unwrap_or_default().trim().to_lowercase();
        let known = RE.contains(&word.as_str()) || FWD.contains(&word.as_str());
        rest = after.trim_start();
        known.then_some(word)
    })
}

/// The one address of the one From field.
fn sender(message: &Message<'_>) -> Option<MailAddress> {
    let mut fields = message.headers().iter().filter(|header| header.name == HeaderName::From);
    let (Some(field), None) = (fields.next(), fields.next()) else { return None };
    let HeaderValue::Address(Address::List(list)) = &field.value else { return None };
    let [only] = list.as_slice() else { return None };
    let address = only.address.as_deref()?.trim();
    // "boss@x <evil@y>" shows one address and is from another; it is the second, and nobody known has such a name. The
    // raw field must hold no further address that the parser left out.
    let raw = message.raw_message().get(field.offset_start as usize..field.offset_end as usize).unwrap_or_default();
    let raw = String::from_utf8_lossy(raw).to_ascii_lowercase();
    let outside = |c: char| c.is_whitespace() || c.is_control() || "<>()[]\",;:".contains(c);
    let named = raw.split(outside).filter(|word| word.contains('@'));
    let address: MailAddress = address.parse().ok()?;
    named.into_iter().all(|word| word == address.as_str()).then_some(address)
}

fn recipients(message: &Message<'_>) -> Vec<MailAddress> {
    let fields = message.headers().iter().filter(|header| matches!(header.name, HeaderName::To | HeaderName::Cc));
    let addresses = fields.filter_map(|header| header.value.as_address()).flat_map(Address::iter);
    addresses.filter_map(|one| one.address.as_deref()?.trim().parse().ok()).take(RECIPIENTS_MOST).collect()
}

fn ids(message: &Message<'_>, name: HeaderName<'static>) -> Vec<String> {
    let texts: Vec<&str> = match message.header(name) {
        Some(HeaderValue::Text(text)) => vec![text],
        Some(HeaderValue::TextList(list)) => list.iter().map(AsRef::as_ref).collect(),
        _ => Vec::new(),
    };
    let plain = |id: &&str| {
        (1..=ID_BYTES).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'))
    };
    texts.into_iter().map(|id| id.trim_matches(['<', '>', ' '])).filter(plain).map(|id| format!("<{id}>")).collect()
}

fn automatic(message: &Message<'_>, from: Option<&MailAddress>) -> Option<Automatic> {
    let text = |name: &'static str| {
        let value = message.headers().iter().find(|header| header.name.as_str().eq_ignore_ascii_case(name))?;
        let raw = message.raw_message().get(value.offset_start as usize..value.offset_end as usize)?;
        Some(charset::decode(raw, None).trim().to_lowercase())
    };
    let local = from.map(|from| from.as_str().split('@').next().unwrap_or_default().to_owned()).unwrap_or_default();
    let daemon = ["mailer-daemon", "postmaster", "mail-daemon", "bounce", "bounces"].contains(&local.as_str());
    let report = text("content-type").is_some_and(|kind| kind.starts_with("multipart/report"));
    if daemon || report || text("return-path").is_some_and(|path| path == "<>") {
        return Some(Automatic::Report);
    }
    if text("auto-submitted").is_some_and(|value| !value.starts_with("no")) {
        return Some(Automatic::Says);
    }
    let vendors = [
        "x-autoreply",
        "x-autorespond",
        "x-autoresponder",
        "x-auto-response-suppress",
        "x-ms-exchange-inbox-rules-loop",
    ];
    let suppresses = |name: &&'static str| match *name {
        // Outlook puts it on ordinary mails too, to keep others from answering automatically; only some values mean us.
        "x-auto-response-suppress" => {
            text(name).is_some_and(|value| value.contains("all") || value.contains("autoreply"))
        }
        _ => text(name).is_some(),
    };
    let subject = message.subject().unwrap_or_default().to_lowercase();
    let answers = [
        "out of office",
        "automatic reply",
        "auto-reply",
        "autoreply",
        "automatische antwort",
        "abwesenheitsnotiz",
        "réponse automatique",
        "respuesta automática",
        "risposta automatica",
        "automatisch antwoord",
    ];
    if vendors.iter().any(suppresses) || answers.iter().any(|answer| subject.starts_with(answer)) {
        return Some(Automatic::Says);
    }
    let bulk = text("precedence").is_some_and(|value| ["bulk", "list", "junk", "auto_reply"].contains(&value.as_str()));
    let list = ["list-id", "list-unsubscribe", "feedback-id"].iter().any(|name| text(name).is_some());
    (bulk || list).then_some(Automatic::List)
}

/// The domains of the DKIM signatures of a message and how many signatures there are; see
/// [`alignment::signed_domains`].
pub(crate) fn signatures(message: &Message<'_>) -> (Option<std::collections::BTreeSet<String>>, usize) {
    let headers: Vec<String> = message
        .headers()
        .iter()
        .filter(|header| header.name.as_str().eq_ignore_ascii_case("dkim-signature"))
        .filter_map(|header| message.raw_message().get(header.offset_start as usize..header.offset_end as usize))
        .map(|raw| String::from_utf8_lossy(raw).into_owned())
        .collect();
    (alignment::signed_domains(headers.iter().map(String::as_str)), headers.len())
}

/// A text on one line, of bounded length, without control characters.
pub(crate) fn one_line(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .take(1_000)
        .collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_parser::MessageParser;

    fn head(headers: &str) -> Head {
        let raw = format!("{}\r\n\r\nbody", headers.replace('\n', "\r\n"));
        Head::read(&MessageParser::default().parse(raw.as_bytes()).unwrap())
    }

    fn from(field: &str) -> Option<String> {
        head(field).from.map(|from| from.to_string())
    }

    #[test]
    fn one_plain_sender_is_the_sender() {
        for field in [
            "From: anna@example.com",
            "From: Anna <Anna@Example.com>",
            "From: \"Muster, Anna\" <anna@example.com>",
            "From: =?utf-8?q?Anna_M=C3=BCller?= <anna@example.com>",
            "From:\n Anna\n <anna@example.com>",
            "From: \"anna@example.com\" <anna@example.com>",
        ] {
            assert_eq!(from(field).as_deref(), Some("anna@example.com"), "{field}");
        }
    }

    #[test]
    fn anything_else_has_no_sender() {
        for field in [
            "To: x@y.example",
            "From:",
            "From: Anna",
            "From: anna@example.com, evil@evil.example",
            "From: anna@example.com\nFrom: evil@evil.example",
            "From: Family: anna@example.com;",
            "From: boss@example.com <evil@evil.example>",
            "From: \"anna@example.com\" <evil@evil.example>",
            "From: <anna@example.com> <evil@evil.example>",
            "From: anna@example.com (evil@evil.example)",
            "From: anna@münchen.example",
            "From: \"a b\"@example.com",
        ] {
            assert_eq!(from(field), None, "{field}");
        }
    }

    #[test]
    fn threads_are_read_with_the_nearest_last() {
        let short = head("References: <a@x> <b@x>\nIn-Reply-To: <b@x>\nMessage-ID: <c@x>\nSubject: Re: Dinner");
        assert_eq!((short.thread, short.message_id.as_deref()), (vec!["<a@x>".into(), "<b@x>".into()], Some("<c@x>")));
        let long = (0..500).map(|n| format!(" <{n}@x>\n")).collect::<Vec<_>>().concat();
        let head = head(&format!("References:{long} <last@x>"));
        assert_eq!((head.thread.len(), head.thread.last().map(String::as_str)), (REFERENCES_MOST, Some("<last@x>")));
    }

    #[test]
    fn subjects_of_answers_are_not_the_sender_s_own() {
        for subject in [
            "Re: x",
            "RE: x",
            "AW: x",
            "Sv: x",
            "Re[2]: x",
            "[home] Re: x",
            "Antw.: x".replace('.', "").as_str(),
            "回复：x",
        ] {
            let head = head(&format!("Subject: {subject}"));
            assert!(!head.has_own_subject() && !head.forwards(), "{subject}");
        }
        for subject in ["Fwd: x", "FW: x", "WG: x", "TR: x", "Re: Fwd: x"] {
            let head = head(&format!("Subject: {subject}"));
            assert!(!head.has_own_subject() && head.forwards(), "{subject}");
        }
        assert!(!head("Subject: Re: Fwd: x\nIn-Reply-To: <a@x>").forwards(), "an answer to what was passed on");
        for subject in ["Dinner: at 7", "Remind me: call John", "Reminder"] {
            assert!(head(&format!("Subject: {subject}")).has_own_subject(), "{subject}");
        }
        assert!(!head("Subject: Dinner\nIn-Reply-To: <a@x>").has_own_subject());
    }

    #[test]
    fn programs_are_told_from_persons() {
        for (headers, expected) in [
            ("Auto-Submitted: auto-replied", Some(Automatic::Says)),
            ("Auto-Submitted: no", None),
            ("X-Autoreply: yes", Some(Automatic::Says)),
            ("X-Auto-Response-Suppress: All", Some(Automatic::Says)),
            ("X-Auto-Response-Suppress: DR, RN", None),
            ("Subject: Automatic reply: Dinner", Some(Automatic::Says)),
            ("Precedence: bulk", Some(Automatic::List)),
            ("List-Id: <a.b>", Some(Automatic::List)),
            ("From: MAILER-DAEMON@example.com", Some(Automatic::Report)),
            ("Return-Path: <>", Some(Automatic::Report)),
            ("Content-Type: multipart/report; report-type=delivery-status; boundary=x", Some(Automatic::Report)),
            ("From: anna@example.com", None),
        ] {
            assert_eq!(head(headers).automatic, expected, "{headers}");
        }
    }

    #[test]
    fn a_subject_stays_on_one_line() {
        assert_eq!(head("Subject: =?utf-8?q?Hi=0D=0ABcc:_all@x?=").subject, "Hi Bcc: all@x");
        assert!(one_line(&"x".repeat(100_000)).len() <= 1_000);
    }
}
