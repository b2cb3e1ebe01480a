//! How a mail stands in the ledger: its own words are the message's content, and the rest is in the metadata, each part
//! marked with where it comes from.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use xswarm_core::{
    attachment::Attachment,
    id::{AttachmentId, MessageId},
    provenance::{PROVENANCE, Source, TAINTED, Tainted},
    time,
};

use crate::mail::{Mail, files::File, own_words::Words};

/// Where in the metadata the headers stand.
pub(crate) const RECEIVED: &str = "received";

/// Text of a mail that is kept in the metadata beside its own words, in bytes; what is beyond is in the kept original
/// or was quoted from what is kept already.
const TAINTED_BYTES: usize = 64 << 10;

/// The headers of a mail, as the metadata has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Received {
    /// The subject.
    #[serde(default)]
    pub(crate) subject: String,
    /// The Message-ID, with angle brackets.
    #[serde(default)]
    pub(crate) message_id: Option<String>,
    /// The ids of the mails it answers, the nearest last.
    #[serde(default)]
    pub(crate) thread: Vec<String>,
    /// What could not be used, in words for the sender.
    #[serde(default)]
    pub(crate) flaws: Vec<String>,
    /// How many it was sent to.
    #[serde(default)]
    pub(crate) recipients: usize,
}

impl Received {
    /// Those of a message in the ledger.
    pub(crate) fn of_metadata(metadata: &serde_json::Value) -> Self {
        metadata.get(RECEIVED).and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
    }
}

/// What is noted of a mail beside its own words.
pub(super) struct Record<'a> {
    pub(super) mail: &'a Mail,
    pub(super) words: &'a Words,
    pub(super) provenance: Source,
    pub(super) unanswered: Option<&'static str>,
    pub(super) sent_at: Option<DateTime<Utc>>,
}

impl Record<'_> {
    pub(super) fn metadata(&self) -> serde_json::Value {
        let head = &self.mail.head;
        let received = Received {
            subject: head.subject.clone(),
            message_id: head.message_id.clone(),
            thread: head.thread.clone(),
            flaws: self.mail.flaws.clone(),
            recipients: head.to.len().max(self.mail.envelope.to.len()),
        };
        let mut tainted = bounded(&self.words.rest);
        if !head.has_own_subject() && !head.subject.is_empty() {
            tainted.push(Tainted { text: head.subject.clone(), source: Source::InheritedSubject });
        }
        let mut metadata = json!({ RECEIVED: received, TAINTED: tainted });
        let Some(facts) = metadata.as_object_mut() else { return metadata };
        if !self.provenance.is_own() {
            facts.insert(PROVENANCE.to_owned(), json!(self.provenance));
        }
        if let Some(reason) = self.unanswered {
            facts.insert("unanswered".to_owned(), json!(reason));
        }
        if let Some(at) = self.sent_at {
            facts.insert("sent_at".to_owned(), json!(time::to_text(at)));
        }
        metadata
    }
}

fn bounded(parts: &[Tainted]) -> Vec<Tainted> {
    let mut room = TAINTED_BYTES;
    let mut kept = Vec::new();
    for part in parts {
        let end = (0..=room.min(part.text.len())).rev().find(|at| part.text.is_char_boundary(*at)).unwrap_or(0);
        let text = part.text.get(..end).unwrap_or_default();
        room -= end;
        if !text.is_empty() {
            kept.push(Tainted { text: text.to_owned(), source: part.source });
        }
    }
    kept
}

/// An address that is none, as far as it can be shown.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(254).collect()
}

/// A file that is to be listed.
pub(super) struct KeptFile {
    name: String,
    media_type: String,
    looks_like: Option<&'static str>,
    bytes: usize,
    blob: Result<String, &'static str>,
}

impl KeptFile {
    /// One that is kept under `blob`.
    pub(super) fn kept(file: &File, blob: String) -> Self {
        Self { blob: Ok(blob), ..Self::not_kept(file, "") }
    }

    /// One that is only listed.
    pub(super) fn not_kept(file: &File, reason: &'static str) -> Self {
        Self {
            name: file.name.clone(),
            media_type: file.claimed.clone(),
            looks_like: file.looks_like,
            bytes: file.content.len(),
            blob: Err(reason),
        }
    }

    /// All of a mail, as it was posted.
    pub(super) fn original(bytes: usize, blob: String) -> Self {
        let (name, media_type) = ("the mail as it came.txt".to_owned(), "multipart/form-data".to_owned());
        Self { name, media_type, looks_like: None, bytes, blob: Ok(blob) }
    }

    pub(super) fn row(&self, message_id: MessageId, position: u32, now: DateTime<Utc>) -> Attachment {
        Attachment {
            id: AttachmentId::new(now),
            message_id,
            position,
            name: self.name.clone(),
            media_type: self.media_type.clone(),
            looks_like: self.looks_like.map(str::to_owned),
            bytes: self.bytes as u64,
            blob: self.blob.clone().ok(),
            not_kept: self.blob.as_ref().err().map(|reason| (*reason).to_owned()),
            source: Source::Attachment,
            created_at: now,
        }
    }
}
