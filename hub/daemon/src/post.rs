//! A mail on its way out, as every carrier takes it, and how handing it over ended.
//!
//! Nothing is sent here: carriers are `sendgrid` and `smtp`.

use std::time::Duration;

use chrono::{DateTime, Utc};
use xswarm_core::{
    id::MessageId,
    mail::{Letter, MailAddress},
};

/// A mail, ready to leave.
#[derive(Debug, Clone)]
pub(crate) struct Mailing {
    /// The row of the ledger.
    pub(crate) row: MessageId,
    /// Which sending of it.
    pub(crate) sending: u32,
    /// Ours.
    pub(crate) from: MailAddress,
    /// Theirs.
    pub(crate) to: MailAddress,
    /// Subject, thread, attachments.
    pub(crate) letter: Letter,
    /// The words.
    pub(crate) words: Words,
    /// When it was written.
    pub(crate) written_at: DateTime<Utc>,
}

/// What a mail says, twice.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    /// As plain text.
    pub(crate) text: String,
    /// As HTML, where there is any.
    pub(crate) html: Option<String>,
}

/// How handing a mail over ended. Only [`Handover::NotTaken`] may ever lead to another attempt by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Handover {
    /// The carrier has it.
    Accepted {
        /// By which it knows it.
        id: String,
    },
    /// The carrier will not take it.
    Refused {
        /// Why, as a number.
        code: Option<i64>,
        /// Why and what to do.
        words: String,
    },
    /// The carrier surely has not taken it and may later.
    NotTaken {
        /// What happened.
        reason: String,
        /// How long it asks us to wait.
        retry_after: Option<Duration>,
        /// Whether that concerns this mail only, so that others need not wait for it.
        alone: bool,
    },
    /// Nobody can tell whether it was taken.
    Unclear {
        /// What happened.
        reason: String,
    },
}

impl Handover {
    /// Nothing went out, for a reason that concerns every mail.
    pub(crate) fn not_taken(reason: impl Into<String>) -> Self {
        Self::NotTaken { reason: reason.into(), retry_after: None, alone: false }
    }
}
