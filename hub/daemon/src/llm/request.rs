//! What a model is asked and what it answers, in the hub's own words. They are kept while a turn goes on, so they have one
//! form in JSON. No provider's shapes stand here.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the model is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    /// Who it is and what holds.
    pub(crate) system: String,
    /// What was said, oldest first. The last is not the model's own.
    pub(crate) turns: Vec<Turn>,
    /// What it may ask for.
    pub(crate) tools: Vec<Tool>,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub(crate) enum Turn {
    /// By the person.
    Person {
        /// The words.
        text: String,
    },
    /// By the model: words, and what it asked for.
    Model {
        /// The words; may be empty.
        text: String,
        /// What it asked for; may be empty.
        calls: Vec<Call>,
    },
    /// What came of what the model asked for, in the order of its calls.
    Results {
        /// One for each call.
        results: Vec<CallResult>,
    },
}

/// Something that the model may ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tool {
    /// Its name.
    pub(crate) name: String,
    /// What it does.
    pub(crate) description: String,
    /// JSON Schema of its arguments, an object.
    pub(crate) schema: Value,
}

/// What the model asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Call {
    /// The provider's id for it.
    pub(crate) id: String,
    /// Which tool.
    pub(crate) name: String,
    /// Its arguments. Text that was no JSON stands here as a JSON string.
    pub(crate) arguments: Value,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CallResult {
    /// Whose.
    pub(crate) id: String,
    /// What the model is told.
    pub(crate) text: String,
}

/// What the model answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reply {
    /// Its words; may be empty.
    pub(crate) text: String,
    /// What it asks for; empty when it is done.
    pub(crate) calls: Vec<Call>,
    /// Whether it was cut because it would have become too long.
    pub(crate) cut: bool,
}
