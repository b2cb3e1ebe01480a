//! Occurrences of a series that are left out or differ from the rest.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::text_enum;

text_enum! {
    /// Why an occurrence is left out.
    pub enum SkipReason {
        /// A person called it off.
        Cancelled = "cancelled",
        /// It falls on a holiday, and the series leaves those out.
        Holiday = "holiday",
        /// Something else had been there before.
        Conflict = "conflict",
    }
}

/// What is different about one occurrence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "exception", rename_all = "snake_case")]
pub enum Exception {
    /// It is left out (RFC 5545 §3.8.5.1 `EXDATE`).
    Skipped {
        /// Why.
        reason: SkipReason,
    },
    /// It stands, but otherwise (RFC 5545 §3.8.4.4 `RECURRENCE-ID`).
    Changed(ChangedOccurrence),
}

/// How one occurrence differs; what is absent is as in the series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedOccurrence {
    /// When it begins instead.
    pub start: DateTime<Utc>,
    /// When it ends; after `start`.
    pub end: DateTime<Utc>,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

/// The exceptions of a series by original start. JSON is an object from instants to exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Exceptions(BTreeMap<DateTime<Utc>, Exception>);

impl Exceptions {
    /// The exception at an original start.
    pub fn get(&self, recurrence_id: DateTime<Utc>) -> Option<&Exception> {
        self.0.get(&recurrence_id)
    }

    /// Whether the occurrence with this original start is an exception.
    pub fn contains(&self, recurrence_id: DateTime<Utc>) -> bool {
        self.0.contains_key(&recurrence_id)
    }

    /// Sets the exception at an original start, in place of any other.
    pub fn insert(&mut self, recurrence_id: DateTime<Utc>, exception: Exception) {
        self.0.insert(recurrence_id, exception);
    }

    /// Takes the exception at an original start away.
    pub fn remove(&mut self, recurrence_id: DateTime<Utc>) -> Option<Exception> {
        self.0.remove(&recurrence_id)
    }

    /// All of them by original start.
    pub fn iter(&self) -> impl Iterator<Item = (DateTime<Utc>, &Exception)> {
        self.0.iter().map(|(id, exception)| (*id, exception))
    }

    /// Those that stand but differ.
    pub fn moved(&self) -> impl Iterator<Item = (DateTime<Utc>, &ChangedOccurrence)> {
        self.iter().filter_map(|(id, exception)| match exception {
            Exception::Changed(changed) => Some((id, changed)),
            Exception::Skipped { .. } => None,
        })
    }

    /// Keeps those whose original start satisfies `keep`.
    pub fn retain(&mut self, mut keep: impl FnMut(DateTime<Utc>) -> bool) {
        self.0.retain(|id, _| keep(*id));
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
