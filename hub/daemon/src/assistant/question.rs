//! What the Boss asked and waits to hear. Kept in the conversation's row, so that it survives a restart.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use xswarm_core::{
    free::Slot as TimeSlot,
    id::{AppointmentId, CallId, InvitationId, MessageId, ReminderId, SuggestionId},
    provenance::Sources,
    series::Scope,
};

use super::effect::Effect;

/// How long an answer still counts as one.
pub(crate) const PATIENCE: Duration = Duration::hours(12);

/// Where a message of ours says that it asks what "yes" would settle.
const ASKS: &str = "asks";

/// Notes in a message's metadata that it asks what "yes" would settle.
pub(crate) fn note(metadata: &mut serde_json::Value) {
    if let Some(facts) = metadata.as_object_mut() {
        facts.insert(ASKS.to_owned(), true.into());
    }
}

/// Whether a message of ours asks what "yes" would settle.
pub(crate) fn is_asked_in(metadata: &serde_json::Value) -> bool {
    metadata.get(ASKS).is_some()
}

/// An open question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "question", rename_all = "snake_case")]
pub(crate) enum Question {
    /// Something needed was missing. The sentence is understood again when it is known.
    Missing {
        /// What was missing.
        slot: Slot,
        /// What the person said.
        text: String,
        /// What they answered before, when more than one thing was missing.
        answers: Vec<Given>,
        /// When they said it: "in an hour" counts from then.
        said_at: DateTime<Utc>,
    },
    /// A guess at what was meant: shall it be done?
    Guessed {
        /// What the person said.
        text: String,
        /// When they said it.
        said_at: DateTime<Utc>,
    },
    /// Shall this be done that somebody else proposes?
    Invitation {
        /// The proposal.
        id: InvitationId,
        /// When it was asked: only what was said later is an answer.
        asked_at: DateTime<Utc>,
    },
    /// Shall this be done that the Boss noticed a habit for?
    Suggestion {
        /// The suggestion.
        id: SuggestionId,
        /// When it was asked.
        asked_at: DateTime<Utc>,
    },
    /// Shall all of this be called off?
    Cancel {
        /// What.
        items: Vec<Item>,
    },
    /// How much of a series?
    Scope {
        /// Which occurrence.
        part: Part,
        /// What to do with it.
        action: Action,
    },
    /// Shall this be done? It touches what the Boss did not make.
    Proposed {
        /// What would change.
        effects: Vec<Effect>,
        /// What is said when it has.
        reply: String,
    },
    /// Which of these times?
    Book {
        /// Among what, in the order shown.
        slots: Vec<TimeSlot>,
        /// What it is for.
        title: Option<String>,
        /// Who takes part.
        participants: Vec<String>,
        /// Where it is.
        place: Option<String>,
    },
    /// Which of these?
    Choose {
        /// Among what, in the order shown.
        items: Vec<Item>,
        /// What to do with it.
        action: Action,
    },
    /// Which contact is meant by a name in the sentence?
    WhichContact {
        /// The name.
        name: String,
        /// Full names, in the order shown.
        choices: Vec<String>,
        /// What the person said.
        text: String,
        /// What they answered before.
        answers: Vec<Given>,
        /// When they said it.
        said_at: DateTime<Utc>,
    },
    /// Shall this be done?
    Confirm {
        /// What changes.
        effects: Vec<Effect>,
        /// What to say when it is done.
        done: String,
        /// Whose words that holds.
        #[serde(default)]
        sources: Sources,
    },
    /// The PIN for what was asked on a call. No words answer it.
    Pin {
        /// The call.
        call: CallId,
        /// What changes, as it was read back and agreed to.
        effects: Vec<Effect>,
        /// What to say when it is done.
        done: String,
        /// Whether "undo" may reverse it.
        undoable: bool,
        /// Whose words that holds.
        #[serde(default)]
        sources: Sources,
    },
    /// The language model was out of reach: shall this be answered when it works again?
    AnswerLater {
        /// What the person said.
        message: MessageId,
    },
    /// The answer was too long; this is the rest.
    More {
        /// What was not yet said.
        rest: String,
        /// Whose words it holds.
        #[serde(default)]
        sources: Sources,
    },
}

impl Question {
    /// Whether "yes" alone makes something happen. Then it must be said to these very words.
    pub(crate) const fn acts_on_yes(&self) -> bool {
        match self {
            Self::Invitation { .. }
            | Self::Cancel { .. }
            | Self::Proposed { .. }
            | Self::Confirm { .. }
            | Self::Guessed { .. }
            | Self::AnswerLater { .. } => true,
            Self::Missing { .. }
            | Self::WhichContact { .. }
            | Self::Scope { .. }
            | Self::Choose { .. }
            | Self::Book { .. }
            | Self::Pin { .. }
            // A yes that was meant for something else is told apart where it is answered.
            | Self::Suggestion { .. }
            | Self::More { .. } => false,
        }
    }

    /// Whether its answer can be understood without understanding the sentence that led to it once more. What a language
    /// model asked for was never such a sentence.
    pub(crate) fn stands_alone(&self) -> bool {
        match self {
            Self::Missing { .. } | Self::Guessed { .. } | Self::WhichContact { .. } => false,
            Self::Scope { action, .. } | Self::Choose { action, .. } => match action {
                Action::Cancel => true,
                Action::Move { .. } => false,
            },
            Self::Invitation { .. }
            | Self::Suggestion { .. }
            | Self::Cancel { .. }
            | Self::Proposed { .. }
            | Self::Book { .. }
            | Self::Confirm { .. }
            | Self::Pin { .. }
            | Self::AnswerLater { .. }
            | Self::More { .. } => true,
        }
    }
}

/// An answer to an earlier question about the same sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Given {
    /// What it answered.
    pub(crate) slot: Slot,
    /// What they said.
    pub(crate) text: String,
    /// When they said it.
    pub(crate) said_at: DateTime<Utc>,
}

/// What was missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Slot {
    /// When?
    When,
    /// For how long?
    Duration,
    /// What about?
    Title,
}

/// Something that can be chosen or called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "item", content = "id", rename_all = "snake_case")]
pub(crate) enum Item {
    /// An appointment as a whole.
    Appointment(AppointmentId),
    /// An occurrence of an appointment, and how much of its series.
    Occurrence(Part),
    /// A reminder or timer.
    Reminder(ReminderId),
}

/// A part of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// Which appointment.
    pub(crate) appointment: AppointmentId,
    /// Which occurrence, by its original start.
    pub(crate) recurrence_id: DateTime<Utc>,
    /// How much of the series; not known yet when absent.
    pub(crate) scope: Option<Scope>,
}

/// What to do with what was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub(crate) enum Action {
    /// Call it off.
    Cancel,
    /// Move it, as this sentence said.
    Move {
        /// What the person said.
        text: String,
        /// When they said it.
        said_at: DateTime<Utc>,
    },
}
