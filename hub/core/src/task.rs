//! Tasks of projects, as far as other parts show them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A task that is not done and has a day by which it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueTask {
    /// What is to be done.
    pub title: String,
    /// For which project.
    pub project: String,
    /// By when.
    pub due: NaiveDate,
}
