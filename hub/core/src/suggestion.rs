//! Suggestions: a habit that the Boss noticed and asked about once. Nothing follows from one unless the person says yes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    habit::HabitKind,
    id::{SuggestionId, UserId},
    text_enum,
};

/// Where in a person's preferences it is kept whether they want suggestions.
pub const KEY: &str = "suggestions";

text_enum! {
    /// What became of a suggestion.
    pub enum SuggestionState {
        /// The person was asked.
        Offered = "offered",
        /// They agreed, and it was done.
        Accepted = "accepted",
        /// They said no.
        Declined = "declined",
        /// They did not answer.
        Expired = "expired",
    }
}

impl SuggestionState {
    /// Whether a person may still say yes: a no can be thought over.
    pub const fn can_be_accepted(self) -> bool {
        match self {
            Self::Offered | Self::Declined | Self::Expired => true,
            Self::Accepted => false,
        }
    }

    /// Whether a person may still say no.
    pub const fn can_be_declined(self) -> bool {
        match self {
            Self::Offered | Self::Expired => true,
            Self::Accepted | Self::Declined => false,
        }
    }
}

/// A suggestion (table `suggestions`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Suggestion {
    /// The row.
    pub id: SuggestionId,
    /// To whom.
    pub user_id: UserId,
    /// Which habit it is about.
    pub habit: HabitKind,
    /// What speaks for it, in words, with numbers.
    pub evidence: String,
    /// What was asked, in words.
    pub proposal: String,
    /// What became of it.
    pub state: SuggestionState,
    /// When it was made.
    pub offered_at: DateTime<Utc>,
    /// When the person decided, or time did.
    pub decided_at: Option<DateTime<Utc>>,
}

/// `GET /api/suggestions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Suggestions {
    /// Whether the person wants to be made any.
    pub enabled: bool,
    /// All that were made, the newest first.
    pub suggestions: Vec<Suggestion>,
}

/// `GET` and `PUT /api/users/{id}/suggestion-preferences`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SuggestionPreferences {
    /// Whether suggestions are wanted.
    pub enabled: bool,
}

impl SuggestionPreferences {
    /// Those in a person's preferences: wanted unless they said otherwise.
    pub fn of(preferences: &serde_json::Value) -> Self {
        Self { enabled: preferences.get(KEY).and_then(serde_json::Value::as_bool).unwrap_or(true) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn suggestions_are_made_unless_somebody_said_no() {
        for (kept, enabled) in
            [(json!({}), true), (json!({ "suggestions": false }), false), (json!({ "suggestions": 7 }), true)]
        {
            assert_eq!(SuggestionPreferences::of(&kept).enabled, enabled, "{kept}");
        }
    }

    #[test]
    fn what_was_done_is_not_done_again_and_a_no_can_be_thought_over() {
        use SuggestionState::{Accepted, Declined, Expired, Offered};
        for (state, accept, decline) in
            [(Offered, true, true), (Accepted, false, false), (Declined, true, false), (Expired, true, true)]
        {
            assert_eq!((state.can_be_accepted(), state.can_be_declined()), (accept, decline), "{state}");
        }
    }
}
