//! Times as they are said on the command line: ISO 8601 is read here, words by the hub.

use chrono::NaiveDate;
use xswarm_core::{
    admin::calendar::{Moment, SaidTime, UnderstoodTime},
    id::UserId,
    recurrence::specified::Specified,
};

use crate::client::{Client, ClientError};

/// When something is.
#[derive(Debug, Clone)]
pub(super) struct Said {
    /// When it begins.
    pub(super) start: Moment,
    /// When it ends, if that was said.
    pub(super) end: Option<Moment>,
    /// How it repeats.
    pub(super) rule: Option<Specified>,
    /// Its day, in the person's zone.
    pub(super) day: Option<NaiveDate>,
}

impl Said {
    /// What `text` means for a person, or the admin.
    pub(super) async fn read(hub: &Client, text: &str, user: Option<UserId>) -> Result<Self, ClientError> {
        if let Ok(start) = text.trim().parse() {
            let day = match start {
                Moment::Day(day) => Some(day),
                Moment::Local(_) | Moment::Instant(_) => None,
            };
            return Ok(Self { start, end: None, rule: None, day });
        }
        let said = SaidTime { text: text.to_owned(), user_id: user };
        let found: UnderstoodTime = hub.post("/api/times", &said).await?;
        Ok(Self {
            start: Moment::Instant(found.start_time),
            end: found.end_time.map(Moment::Instant),
            rule: found.recurring_rule,
            day: Some(found.start_time.with_timezone(&found.timezone).date_naive()),
        })
    }
}
