//! What a mail is besides its words, as the ledger keeps it under [`LETTER`] in a message's metadata.
//!
//! The HTML of the Boss's own mails is not kept: it is made from the words and the layout when the mail leaves.

use serde::{Deserialize, Serialize};

use super::is_header_safe;

/// Where in a message's metadata its letter stands.
pub const LETTER: &str = "mail";

/// The longest subject that is made from a text, in characters: what one line of a header should hold (RFC 5322 §2.1.1).
const SUBJECT_CHARS: usize = 70;

/// Message-IDs that a letter refers to at most; of a longer thread the first and the latest are kept.
const REFERENCES_MOST: usize = 20;

/// How the words are laid out in HTML. The plain text is always the words themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Layout {
    /// The Boss answers or tells something.
    #[default]
    Answer,
    /// The Boss reminds.
    Reminder,
    /// The words have HTML of their own, or none: a program of the household wrote them, or they show what was true when
    /// they were written.
    Own {
        /// Sent as it is.
        html: Option<String>,
    },
}

/// A file that goes with a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What it is called.
    pub filename: String,
    /// Such as `text/calendar; method=PUBLISH`.
    pub media_type: String,
    /// What is in it, in base64.
    pub content: String,
}

/// What a mail is besides its words and addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// The subject; empty until [`Letter::for_text`] makes one from the words.
    #[serde(default)]
    pub subject: String,
    /// The Message-ID of the mail that it answers, with its angle brackets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<String>,
    /// The Message-IDs of its thread, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// How the words are laid out.
    #[serde(default)]
    pub layout: Layout,
    /// Files that go with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

impl Letter {
    /// A letter with a layout, whose subject is made from its words.
    pub fn of(layout: Layout) -> Self {
        Self { layout, ..Self::default() }
    }

    /// An answer in a thread: `subject` is that of the mail it answers, `in_reply_to` its Message-ID and `references`
    /// its References. What could not stand in a header is left out.
    pub fn reply(subject: &str, in_reply_to: Option<&str>, references: &[String]) -> Self {
        let safe = |id: &&str| is_header_safe(id) && !id.contains(char::is_whitespace) && id.len() <= 250;
        let in_reply_to = in_reply_to.map(str::trim).filter(safe).map(str::to_owned);
        let mut thread: Vec<String> =
            references.iter().map(|id| id.trim()).filter(|id| !id.is_empty()).filter(safe).map(str::to_owned).collect();
        if let Some(id) = &in_reply_to
            && thread.last() != Some(id)
        {
            thread.push(id.clone());
        }
        if thread.len() > REFERENCES_MOST {
            thread.drain(1..=thread.len() - REFERENCES_MOST);
        }
        Self { subject: reply_subject(subject), in_reply_to, references: thread, ..Self::default() }
    }

    /// The letter with a subject: its own, else the first line of its words.
    #[must_use]
    pub fn for_text(mut self, text: &str) -> Self {
        if self.subject.is_empty() {
            self.subject = shortened(text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("Boss"));
        }
        self
    }

    /// The letter of a message, from its metadata. A message without one gets a plain answer's.
    pub fn of_metadata(metadata: &serde_json::Value) -> Self {
        metadata.get(LETTER).and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
    }
}

fn reply_subject(subject: &str) -> String {
    let subject = one_line(subject);
    let prefixed = subject.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:"));
    match subject.as_str() {
        "" => String::new(),
        _ if prefixed => shortened(&subject),
        _ => shortened(&format!("Re: {subject}")),
    }
}

fn one_line(text: &str) -> String {
    let clean: String =
        text.chars().map(|c| if is_header_safe(c.encode_utf8(&mut [0; 4])) { c } else { ' ' }).collect();
    clean.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shortened(text: &str) -> String {
    let text = one_line(text);
    if text.chars().count() <= SUBJECT_CHARS {
        return text;
    }
    let kept: String = text.chars().take(SUBJECT_CHARS - 1).collect();
    // At the end of a word, where there is one in the second half.
    let end = kept.rfind(' ').filter(|at| *at > SUBJECT_CHARS / 2).unwrap_or(kept.len());
    format!("{}…", kept.get(..end).unwrap_or(&kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_stays_in_its_thread() {
        let letter = Letter::reply("Dinner", Some("<b@x>"), &["<a@x>".to_owned()]);
        assert_eq!(letter.subject, "Re: Dinner");
        assert_eq!(letter.in_reply_to.as_deref(), Some("<b@x>"));
        assert_eq!(letter.references, ["<a@x>", "<b@x>"]);
        assert_eq!(Letter::reply("RE: Dinner", None, &[]).subject, "RE: Dinner");
        assert_eq!(Letter::reply("", None, &[]).for_text("Noted: dinner\nmore").subject, "Noted: dinner");
    }

    #[test]
    fn a_long_thread_keeps_its_first_and_its_latest_mails() {
        let ids: Vec<String> = (0..100).map(|n| format!("<{n}@x>")).collect();
        let references = Letter::reply("x", Some("<last@x>"), &ids).references;
        assert_eq!(references.len(), REFERENCES_MOST);
        assert_eq!((references[0].as_str(), references[REFERENCES_MOST - 1].as_str()), ("<0@x>", "<last@x>"));
    }

    #[test]
    fn nothing_of_a_strangers_headers_begins_a_line_of_ours() {
        let letter = Letter::reply("Hi\r\nBcc: all@example.com", Some("<a@x>\r\nBcc: b@x"), &["<c@x>\n".to_owned()]);
        assert_eq!(letter.subject, "Re: Hi Bcc: all@example.com");
        assert_eq!((letter.in_reply_to, letter.references), (None, vec!["<c@x>".to_owned()]));
    }

    #[test]
    fn a_subject_is_one_short_line_of_the_words() {
        let letter =
            Letter::of(Layout::Reminder).for_text(&format!("\n  Reminder: {}\nsecond line", "water ".repeat(40)));
        assert!(
            letter.subject.chars().count() <= SUBJECT_CHARS && letter.subject.ends_with("water…"),
            "{}",
            letter.subject
        );
        assert_eq!(Letter::default().for_text("  ").subject, "Boss");
        let emoji = Letter::default().for_text(&"😀".repeat(200)).subject;
        assert_eq!(emoji.chars().count(), SUBJECT_CHARS);
    }

    #[test]
    fn a_letter_reads_back_from_the_metadata() {
        let letter = Letter::reply("x", Some("<a@x>"), &[]);
        let metadata = serde_json::json!({ LETTER: letter });
        assert_eq!(Letter::of_metadata(&metadata), letter);
        assert_eq!(Letter::of_metadata(&serde_json::json!({})), Letter::default());
    }
}
