//! What the Boss suggested, and what became of it.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params, params};
use xswarm_core::{
    habit::HabitKind,
    id::{SuggestionId, UserId},
    suggestion::{Suggestion, SuggestionState},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, instant_or_null, json, parsed},
};

const COLUMNS: &str = "id, user_id, habit, evidence, proposal, state, offered_at, decided_at";

fn suggestion(row: &Row<'_>) -> rusqlite::Result<Suggestion> {
    Ok(Suggestion {
        id: parsed(row, "id")?,
        user_id: parsed(row, "user_id")?,
        habit: json(row, "habit")?,
        evidence: row.get("evidence")?,
        proposal: row.get("proposal")?,
        state: parsed(row, "state")?,
        offered_at: instant(row, "offered_at")?,
        decided_at: instant_or_null(row, "decided_at")?,
    })
}

impl Rows<'_> {
    /// One of them.
    pub fn suggestion(&self, id: SuggestionId) -> Result<Option<Suggestion>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM suggestions WHERE id = ?"), [id.to_string()], suggestion)
    }

    /// All that a person was ever made, the newest first.
    pub fn suggestions(&self, user: UserId) -> Result<Vec<Suggestion>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM suggestions WHERE user_id = ? ORDER BY offered_at DESC, id DESC");
        self.many(&sql, [user.to_string()], suggestion)
    }

    /// When a person was last made one.
    pub fn suggestion_last(&self, user: UserId) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = "SELECT offered_at FROM suggestions WHERE user_id = ? ORDER BY offered_at DESC LIMIT 1";
        self.one(sql, [user.to_string()], |row| instant(row, "offered_at"))
    }

    /// Whether a person was ever made this one.
    pub fn suggestion_known(&self, user: UserId, habit: &HabitKind) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM suggestions WHERE user_id = ? AND kind = ? AND subject = ?";
        let found = self.one(sql, params![user.to_string(), habit.name().as_str(), habit.subject()], |_| Ok(()))?;
        Ok(found.is_some())
    }
}

impl Tx<'_> {
    /// Adds one. [`StoreError::Exists`] when the person was made it before.
    pub fn suggestion_insert(&self, one: &Suggestion) -> Result<(), StoreError> {
        let sql = "INSERT INTO suggestions (id, user_id, kind, subject, habit, evidence, proposal, state, offered_at, \
                   decided_at) VALUES (:id, :user_id, :kind, :subject, :habit, :evidence, :proposal, :state, \
                   :offered_at, :decided_at)";
        self.run_one(
            "suggestion",
            sql,
            named_params! {
                ":id": one.id.to_string(),
                ":user_id": one.user_id.to_string(),
                ":kind": one.habit.name().as_str(),
                ":subject": one.habit.subject(),
                ":habit": serde_json::to_string(&one.habit)?,
                ":evidence": one.evidence,
                ":proposal": one.proposal,
                ":state": one.state.as_str(),
                ":offered_at": to_text(one.offered_at),
                ":decided_at": one.decided_at.map(to_text),
            },
        )
    }

    /// Moves one from a state to another. [`StoreError::Stale`] when it is no longer in that state.
    pub fn suggestion_decide(
        &self,
        id: SuggestionId,
        from: SuggestionState,
        to: SuggestionState,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE suggestions SET state = ?, decided_at = ? WHERE id = ? AND state = ?";
        let decided = (to != SuggestionState::Offered).then(|| to_text(now));
        match self.run(sql, params![to.as_str(), decided, id.to_string(), from.as_str()])? {
            1 => Ok(()),
            _ => Err(StoreError::Stale("suggestion")),
        }
    }

    /// Those that were made before `before` and not answered count as not wanted.
    pub fn suggestions_expire(&self, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE suggestions SET state = 'expired', decided_at = ? WHERE state = 'offered' AND offered_at < ?";
        self.run(sql, params![to_text(now), to_text(before)]).map(drop)
    }
}
