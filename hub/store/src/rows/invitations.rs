//! What others propose for a person's calendar.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params, params};
use xswarm_core::{
    id::{InvitationId, MessageId, UserId},
    invitation::{Invitation, InvitationState, Proposal},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, instant_or_null, parsed, parsed_or_null},
};

const COLUMNS: &str = "id, user_id, method, uid, sequence, revised_at, organizer, organizer_name, sender, title, ics, \
    state, message_id, created_at, decided_at";

fn invitation(row: &Row<'_>) -> rusqlite::Result<Invitation> {
    Ok(Invitation {
        id: parsed(row, "id")?,
        user_id: parsed(row, "user_id")?,
        about: Proposal {
            method: parsed(row, "method")?,
            uid: row.get("uid")?,
            sequence: row.get("sequence")?,
            revised: instant_or_null(row, "revised_at")?,
            organizer: row.get("organizer")?,
            organizer_name: row.get("organizer_name")?,
            sender: row.get("sender")?,
            title: row.get("title")?,
        },
        ics: row.get("ics")?,
        state: parsed(row, "state")?,
        message_id: parsed_or_null(row, "message_id")?,
        created_at: instant(row, "created_at")?,
        decided_at: instant_or_null(row, "decided_at")?,
    })
}

impl Rows<'_> {
    /// One of them.
    pub fn invitation(&self, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM invitations WHERE id = ?"), [id.to_string()], invitation)
    }

    /// A person's undecided ones, oldest first.
    pub fn invitations_open(&self, user: UserId) -> Result<Vec<Invitation>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM invitations WHERE user_id = ? AND state = 'proposed' ORDER BY created_at, id"
        );
        self.many(&sql, [user.to_string()], invitation)
    }

    /// A person's latest ones, decided or not, newest first.
    pub fn invitations(&self, user: UserId, limit: u32) -> Result<Vec<Invitation>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM invitations WHERE user_id = ? ORDER BY created_at DESC, id DESC LIMIT ?");
        self.many(&sql, params![user.to_string(), limit], invitation)
    }

    /// Whether a message brought one, decided or not.
    pub fn brought_an_invitation(&self, message: MessageId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM invitations WHERE message_id = ? LIMIT 1";
        Ok(self.one(sql, [message.to_string()], |_| Ok(()))?.is_some())
    }

    /// All about one event, oldest first.
    pub fn invitations_about(&self, user: UserId, uid: &str) -> Result<Vec<Invitation>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM invitations WHERE user_id = ? AND uid = ? ORDER BY created_at, id");
        self.many(&sql, params![user.to_string(), uid], invitation)
    }
}

impl Tx<'_> {
    /// Adds one.
    pub fn invitation_insert(&self, invitation: &Invitation) -> Result<(), StoreError> {
        let sql = "INSERT INTO invitations (id, user_id, method, uid, sequence, revised_at, organizer, organizer_name, \
                   sender, title, ics, state, message_id, created_at, decided_at) VALUES (:id, :user_id, :method, \
                   :uid, :sequence, :revised_at, :organizer, :organizer_name, :sender, :title, :ics, :state, \
                   :message_id, :created_at, :decided_at)";
        let about = &invitation.about;
        self.run_one(
            "invitation",
            sql,
            named_params! {
                ":id": invitation.id.to_string(),
                ":user_id": invitation.user_id.to_string(),
                ":method": about.method.as_str(),
                ":uid": about.uid,
                ":sequence": about.sequence,
                ":revised_at": about.revised.map(to_text),
                ":organizer": about.organizer,
                ":organizer_name": about.organizer_name,
                ":sender": about.sender,
                ":title": about.title,
                ":ics": invitation.ics,
                ":state": invitation.state.as_str(),
                ":message_id": invitation.message_id.map(|id| id.to_string()),
                ":created_at": to_text(invitation.created_at),
                ":decided_at": invitation.decided_at.map(to_text),
            },
        )
    }

    /// Moves one from a state to another. [`StoreError::Stale`] when it is no longer in that state.
    pub fn invitation_decide(
        &self,
        id: InvitationId,
        from: InvitationState,
        to: InvitationState,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE invitations SET state = ?, decided_at = ? WHERE id = ? AND state = ?";
        let decided = (to != InvitationState::Proposed).then(|| to_text(now));
        match self.run(sql, params![to.as_str(), decided, id.to_string(), from.as_str()])? {
            1 => Ok(()),
            _ => Err(StoreError::Stale("invitation")),
        }
    }
}
