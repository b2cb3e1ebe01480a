//! How much of what there is.

use chrono::{DateTime, Utc};
use xswarm_core::{admin::Counts, time::to_text};

use super::Rows;
use crate::StoreError;

impl Rows<'_> {
    /// Counts for the status page.
    pub fn counts(&self, now: DateTime<Utc>) -> Result<Counts, StoreError> {
        Ok(Counts {
            users: self.count("SELECT count(*) FROM users", [])?,
            appointments: self.count(
                "SELECT count(*) FROM appointments WHERE status <> 'cancelled' \
                 AND (end_time > ?1 OR (recurring_rule IS NOT NULL AND (series_end IS NULL OR series_end > ?1)))",
                [to_text(now)],
            )?,
            reminders: self.count("SELECT count(*) FROM appointment_reminders WHERE status = 'pending'", [])?,
            jobs: self.count("SELECT count(*) FROM jobs WHERE state IN ('waiting', 'ready', 'running')", [])?,
            jobs_dead: self.count("SELECT count(*) FROM jobs WHERE state = 'dead'", [])?,
            messages_unknown: self.count(
                "SELECT count(*) FROM communication_logs WHERE direction = 'outbound' \
                 AND status IN ('pending', 'sending', 'failed', 'unknown') AND status = 'unknown'",
                [],
            )?,
        })
    }
}
