//! Files that came with messages.

use rusqlite::{Row, named_params};
use xswarm_core::{
    attachment::Attachment,
    id::{AttachmentId, MessageId},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, parsed},
};

const COLUMNS: &str =
    "id, message_id, position, name, media_type, looks_like, bytes, blob, not_kept, source, created_at";

fn attachment(row: &Row<'_>) -> rusqlite::Result<Attachment> {
    Ok(Attachment {
        id: parsed(row, "id")?,
        message_id: parsed(row, "message_id")?,
        position: row.get("position")?,
        name: row.get("name")?,
        media_type: row.get("media_type")?,
        looks_like: row.get("looks_like")?,
        bytes: u64::try_from(row.get::<_, i64>("bytes")?).unwrap_or(0),
        blob: row.get("blob")?,
        not_kept: row.get("not_kept")?,
        source: parsed(row, "source")?,
        created_at: instant(row, "created_at")?,
    })
}

impl Rows<'_> {
    /// One file.
    pub fn attachment(&self, id: AttachmentId) -> Result<Option<Attachment>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM attachments WHERE id = ?"), [id.to_string()], attachment)
    }

    /// The files of a message, in order.
    pub fn attachments(&self, message: MessageId) -> Result<Vec<Attachment>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM attachments WHERE message_id = ? ORDER BY position");
        self.many(&sql, [message.to_string()], attachment)
    }

    /// Whether any row names this content.
    pub fn blob_is_named(&self, blob: &str) -> Result<bool, StoreError> {
        Ok(self.one("SELECT 1 FROM attachments WHERE blob = ? LIMIT 1", [blob], |_| Ok(()))?.is_some())
    }
}

impl Tx<'_> {
    /// Lists a file with its message.
    pub fn attachment_insert(&self, new: &Attachment) -> Result<(), StoreError> {
        let sql = "INSERT INTO attachments (id, message_id, position, name, media_type, looks_like, bytes, blob, not_kept, \
                   source, created_at) VALUES (:id, :message_id, :position, :name, :media_type, :looks_like, :bytes, \
                   :blob, :not_kept, :source, :created_at)";
        self.run_one(
            "attachment",
            sql,
            named_params! {
                ":id": new.id.to_string(),
                ":message_id": new.message_id.to_string(),
                ":position": new.position,
                ":name": new.name,
                ":media_type": new.media_type,
                ":looks_like": new.looks_like,
                ":bytes": i64::try_from(new.bytes).unwrap_or(i64::MAX),
                ":blob": new.blob,
                ":not_kept": new.not_kept,
                ":source": new.source.as_str(),
                ":created_at": to_text(new.created_at),
            },
        )
    }
}
