//! Invitations: what somebody else proposes for a person's calendar (iTIP, RFC 5546). None has an effect by itself: the
//! person decides.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    id::{InvitationId, MessageId, UserId},
    text_enum,
};

text_enum! {
    /// What is proposed (RFC 5546 §1.4).
    pub enum InvitationMethod {
        /// To put entries on the calendar that somebody merely published, or sent along.
        Publish = "publish",
        /// To put an event on the calendar, or to change it.
        Request = "request",
        /// To take an event off the calendar.
        Cancel = "cancel",
    }
}

text_enum! {
    /// What became of a proposal.
    pub enum InvitationState {
        /// The person has not decided.
        Proposed = "proposed",
        /// They agreed, and it was done.
        Accepted = "accepted",
        /// They said no.
        Declined = "declined",
        /// A newer one about the same event took its place.
        Superseded = "superseded",
        /// Whoever proposed it called it off before the person decided.
        Withdrawn = "withdrawn",
    }
}

/// A proposal as the database has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// The row.
    pub id: InvitationId,
    /// Whose calendar it is about.
    pub user_id: UserId,
    /// What it says about itself.
    pub about: Proposal,
    /// The calendar file it came as, word for word. Somebody else's text.
    #[serde(skip)]
    pub ics: String,
    /// What became of it.
    pub state: InvitationState,
    /// The message that brought it, while that is kept.
    pub message_id: Option<MessageId>,
    /// When it came.
    pub created_at: DateTime<Utc>,
    /// When the person decided, or it was overtaken.
    pub decided_at: Option<DateTime<Utc>>,
}

/// What a proposal says about itself. All of it is somebody else's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Proposal {
    /// What is proposed.
    pub method: InvitationMethod,
    /// `UID` of the event.
    pub uid: String,
    /// `SEQUENCE`: the organizer's revision.
    pub sequence: u32,
    /// `LAST-MODIFIED`, else `DTSTAMP`.
    pub revised: Option<DateTime<Utc>>,
    /// `ORGANIZER`: a mail address.
    pub organizer: Option<String>,
    /// The organizer's name.
    pub organizer_name: Option<String>,
    /// The mail address that it came from, once the mail was found to be genuine.
    pub sender: Option<String>,
    /// What the event is called.
    pub title: String,
}

impl Invitation {
    /// Whether `name` names it: a part of its title, or of its organizer's or sender's name or address.
    pub fn is_named(&self, name: &str) -> bool {
        let name = name.trim().to_lowercase();
        let about = &self.about;
        [Some(&about.title), about.organizer.as_ref(), about.organizer_name.as_ref(), about.sender.as_ref()]
            .into_iter()
            .flatten()
            .any(|text| text.to_lowercase().contains(&name))
    }
}
