//! Files that came with messages, as the ledger lists them. Their content is kept elsewhere.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::{AttachmentId, MessageId},
    provenance::Source,
};

/// A file that came with a message (table `attachments`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attachment {
    /// The row.
    pub id: AttachmentId,
    /// The message it came with.
    pub message_id: MessageId,
    /// Its place among the files of the message, from 0.
    pub position: u32,
    /// Its name, without any path.
    pub name: String,
    /// What the sender said it is.
    pub media_type: String,
    /// What its first bytes look like, when they look like anything.
    pub looks_like: Option<String>,
    /// Its length in bytes.
    pub bytes: u64,
    /// Where its content is kept; absent when it was not kept.
    #[serde(default, skip_serializing)]
    pub blob: Option<String>,
    /// Why it was not kept.
    pub not_kept: Option<String>,
    /// Where its words come from: nothing in a file is the sender's own.
    pub source: Source,
    /// When it came.
    pub created_at: DateTime<Utc>,
}

impl Attachment {
    /// Whether it is kept and says it is a calendar file (RFC 5545 §8.1; some programs send another type and the name).
    pub fn is_calendar(&self) -> bool {
        let typed = matches!(self.media_type.as_str(), "text/calendar" | "application/ics");
        let named = self.name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case("ics"));
        self.blob.is_some() && (typed || named)
    }
}
