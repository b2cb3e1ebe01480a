//! Identifiers: one newtype per kind of row, all of them UUIDs of version 7 (RFC 9562 §5.7).
//!
//! Order by id is order of creation to the millisecond. The instant is an argument; only the random bits are drawn here.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::{NoContext, Timestamp, Uuid};

use crate::schema::{self, PartialSchema, RefOr, Schema, ToSchema};

/// The text was not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id (expected a UUID)")]
pub struct NotAnId(pub String);

fn at(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, made at `now`.
            pub fn new(now: DateTime<Utc>) -> Self {
                Self(at(now))
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                schema::text("uuid", "01a20b94-93bb-730b-bd09-184bd3245a9c")
            }
        }

        impl ToSchema for $name {}

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self).map_err(|_| NotAnId(text.to_owned()))
            }
        }
    )+};
}

ids! {
    /// A person the box works for.
    UserId;
    /// An appointment, single or recurring.
    AppointmentId;
    /// One reminder step or timer.
    ReminderId;
    /// A message in the ledger, in either direction.
    MessageId;
    /// A conversation: all that one person and the Boss say to each other.
    ConversationId;
    /// An API key.
    KeyId;
    /// A device in a room.
    DeviceId;
    /// A fact in the event log.
    EventId;
    /// A committed effect that may be undone.
    ReceiptId;
    /// Somebody that a person knows.
    ContactId;
    /// A list.
    ListId;
    /// Something on a list.
    ListItemId;
    /// A calendar feed: a secret address at which a person's calendar may be read.
    FeedId;
    /// Somebody's proposal for a person's calendar.
    InvitationId;
    /// A file that came with a message.
    AttachmentId;
    /// Something that the Boss suggested.
    SuggestionId;
    /// A telephone call.
    CallId;
    /// A request to a language model.
    ModelCallId;
    /// Something that a person told the Boss to remember.
    MemoryId;
    /// What an older stretch of a conversation was about.
    SummaryId;
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn ids_sort_by_creation_and_read_back() {
        let first = MessageId::new(Utc.timestamp_millis_opt(1_700_000_000_000).unwrap());
        let second = MessageId::new(Utc.timestamp_millis_opt(1_700_000_000_001).unwrap());
        assert!(first < second);
        assert!(first.to_string() < second.to_string());
        assert_eq!(first.to_string().parse(), Ok(first));
        assert_eq!("x".parse::<UserId>(), Err(NotAnId("x".into())));
    }
}
