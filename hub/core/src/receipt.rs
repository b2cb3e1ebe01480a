//! Receipts: what was changed, for whom, who asked for it and how. Each is shown in words and may be taken back.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::{MessageId, ReceiptId, UserId},
    message::Channel,
    text_enum,
};

text_enum! {
    /// How a change was asked for.
    pub enum AskedBy {
        /// In words that the grammar understood.
        Words = "words",
        /// In words that a language model understood.
        Model = "model",
        /// By a program, the command line or the screen.
        Api = "api",
    }
}

/// Where a change comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiptOrigin {
    /// The message that asked; for programs an id that only holds together what was asked for at once.
    pub message: MessageId,
    /// By which way it came; none for programs.
    pub channel: Option<Channel>,
    /// How it was asked for.
    pub asked_by: AskedBy,
}

/// A receipt as it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptRow {
    /// The row.
    pub id: ReceiptId,
    /// Whose things were changed.
    pub user_id: UserId,
    /// How it was asked for.
    pub asked_by: AskedBy,
    /// By which way it came; none for programs.
    pub channel: Option<Channel>,
    /// The message that asked, while it is kept.
    pub message_id: Option<MessageId>,
    /// The provider's id of that message.
    pub provider_id: Option<String>,
    /// What happened, in full: with weekday, date, time and zone.
    pub words: String,
    /// What was changed.
    pub subject: Option<ReceiptSubject>,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was taken back.
    pub undone_at: Option<DateTime<Utc>>,
}

/// The row that a receipt is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptSubject {
    /// Its table.
    pub table: String,
    /// Its id.
    pub id: String,
}
