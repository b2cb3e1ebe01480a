//! What the Boss remembers for a person: facts that they told it, summaries of older conversation, and what a search
//! finds. All of it belongs to one person; nobody else sees it, not even an admin.
//!
//! Only shapes and limits are here. What forgetting takes along is the store's business, how it is worded the assistant's.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::{MemoryId, MessageId, SummaryId, UserId},
    message::{Channel, Direction},
    provenance::Source,
    text_enum,
};

/// The longest memory, in characters.
pub const MEMORY_CHARACTERS: usize = 500;

/// The longest summary, in characters.
pub const SUMMARY_CHARACTERS: usize = 20_000;

/// Memories that one person may have.
pub const MEMORIES_MOST: u64 = 1_000;

/// What a person told the Boss to remember (table `memories`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Memory {
    /// The row.
    pub id: MemoryId,
    /// Whose it is.
    pub user_id: UserId,
    /// The words, as they were said; see [`text`].
    pub text: String,
    /// Where the words come from. Always the person's own for now: nothing else may ask to be remembered.
    pub source: Source,
    /// The message that asked for it; absent when it was not asked for by a message.
    pub message_id: Option<MessageId>,
    /// When it was told.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

text_enum! {
    /// Who wrote a summary.
    pub enum SummaryAuthor {
        /// A language model.
        Model = "model",
        /// The person, by correcting it.
        Person = "person",
    }
}

/// What an older stretch of a person's conversation was about (table `summaries`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    /// The row.
    pub id: SummaryId,
    /// Whose conversation.
    pub user_id: UserId,
    /// The words.
    pub text: String,
    /// Where the words that it summarises come from, each source once.
    pub sources: Vec<Source>,
    /// When the first message of the stretch came.
    pub from_at: DateTime<Utc>,
    /// When the last message of the stretch came.
    pub until_at: DateTime<Utc>,
    /// Who wrote it.
    pub made_by: SummaryAuthor,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

impl Summary {
    /// Whether it is nothing but the person's own words, or corrected by them.
    pub fn is_own(&self) -> bool {
        self.made_by == SummaryAuthor::Person || self.sources.iter().all(|source| source.is_own())
    }
}

/// What a search found: a memory, or something that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchHit {
    /// The memory, when it is one.
    pub memory_id: Option<MemoryId>,
    /// The message, when it is one.
    pub message_id: Option<MessageId>,
    /// When it was told or said.
    pub at: DateTime<Utc>,
    /// By which way it was said; a memory has none.
    pub channel: Option<Channel>,
    /// Which way it went; a memory has none.
    pub direction: Option<Direction>,
    /// Whose words they are. What the Boss said counts as written by a program.
    pub source: Source,
    /// The words around what was found.
    pub snippet: String,
}

/// `GET /api/memory/export`: everything that is remembered of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemoryExport {
    /// Whose it is.
    pub user_id: UserId,
    /// When it was exported.
    pub exported_at: DateTime<Utc>,
    /// What they told the Boss to remember, oldest first.
    pub memories: Vec<Memory>,
    /// What older conversation was about, oldest first.
    pub summaries: Vec<Summary>,
}

/// A memory as it is kept: white space made one, without a closing full stop, bounded. `None` when nothing is left or it
/// is too long.
pub fn text(said: &str) -> Option<String> {
    let text = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text.trim_end_matches(['.', '!', ';', ',', ' ']);
    let bounded = !text.is_empty() && text.chars().count() <= MEMORY_CHARACTERS && !text.contains(char::is_control);
    bounded.then(|| text.to_owned())
}

/// A summary as it is kept: trimmed, bounded. `None` when nothing is left or it is too long.
pub fn summary_text(said: &str) -> Option<String> {
    let text = said.trim();
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    let bounded = !text.is_empty() && text.chars().count() <= SUMMARY_CHARACTERS && !text.contains(control);
    bounded.then(|| text.to_owned())
}

/// Whether two memories say the same, but for case.
pub fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_are_bounded_and_on_one_line() {
        assert_eq!(text("  my locker\n code is  4711. ").as_deref(), Some("my locker code is 4711"));
        assert_eq!(text(" . "), None);
        assert_eq!(text(&"x".repeat(501)), None);
        assert_eq!(text("a\u{7}b"), None);
        assert!(same("Anna is allergic to Nuts", "anna is allergic to nuts"));
    }

    #[test]
    fn summaries_may_have_lines() {
        assert_eq!(summary_text(" a\nb ").as_deref(), Some("a\nb"));
        assert_eq!(summary_text("a\u{7}b"), None);
        assert_eq!(summary_text(&"x".repeat(20_001)), None);
    }

    #[test]
    fn a_summary_is_own_when_nothing_else_went_into_it_or_a_person_corrected_it() {
        let now = DateTime::UNIX_EPOCH;
        let summary = Summary {
            id: SummaryId::new(now),
            user_id: UserId::new(now),
            text: "x".into(),
            sources: vec![Source::Own, Source::Quoted],
            from_at: now,
            until_at: now,
            made_by: SummaryAuthor::Model,
            created_at: now,
            updated_at: now,
        };
        assert!(!summary.is_own());
        assert!(Summary { sources: vec![Source::Own], ..summary.clone() }.is_own());
        assert!(Summary { made_by: SummaryAuthor::Person, ..summary }.is_own());
    }
}
