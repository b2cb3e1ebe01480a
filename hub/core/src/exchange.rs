//! Calendars exchanged with other programs: what an import did, and the feeds that others may read.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::{FeedId, UserId};

/// What taking a calendar file in came to. Entries that were left out changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    /// How many entries are new.
    pub imported: usize,
    /// How many replaced an older revision.
    pub updated: usize,
    /// How many were there already, as new or newer.
    pub unchanged: usize,
    /// What was left out, and why.
    pub skipped: Vec<Remark>,
    /// What was taken in, but not quite as it stood in the file.
    pub notes: Vec<Remark>,
}

/// Something said about one entry of a calendar file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Remark {
    /// Its `UID`, or what else names it.
    pub uid: String,
    /// In words for a person.
    pub reason: String,
}

/// A feed: whoever knows its address may read the calendar. The address itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeedRow {
    /// The row.
    pub id: FeedId,
    /// Whose calendar.
    pub user_id: UserId,
    /// What it is for.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last read, to the hour.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// `POST /api/calendar/feeds`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFeed {
    /// Whose calendar; the caller's own when absent.
    #[serde(default)]
    pub user_id: Option<UserId>,
    /// What it is for, such as "Anna's phone".
    pub name: String,
}

/// The answer to it: the only time that the address is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedFeed {
    /// The row.
    pub feed: FeedRow,
    /// Where the LAN listener serves it: `/calendar/….ics`.
    pub path: String,
    /// The same with the listener's address before it.
    pub url: String,
}
