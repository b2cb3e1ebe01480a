//! A person's reminders page by page.

use chrono::{DateTime, Utc};
use rusqlite::ToSql;
use xswarm_core::{
    id::{ReminderId, UserId},
    reminder::{Reminder, ReminderStatus},
    time::to_text,
};

use super::{COLUMNS, reminder};
use crate::{StoreError, rows::Rows};

/// Which of a person's reminders, and where the page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReminderPage {
    /// Whose.
    pub user_id: UserId,
    /// Those of this status, soonest first; when absent all, latest first.
    pub status: Option<ReminderStatus>,
    /// Only those after this one in that order.
    pub after: Option<(DateTime<Utc>, ReminderId)>,
    /// At most so many.
    pub limit: u32,
}

impl Rows<'_> {
    /// One page of a person's reminders, by time and id.
    pub fn reminders_page(&self, page: &ReminderPage) -> Result<Vec<Reminder>, StoreError> {
        let (status, order, beyond) = match page.status {
            Some(_) => (" AND status = :status", "ASC", ">"),
            None => ("", "DESC", "<"),
        };
        let after = match page.after {
            Some(_) => format!(" AND (reminder_time, id) {beyond} (:after, :after_id)"),
            None => String::new(),
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM appointment_reminders WHERE user_id = :user{status}{after} \
             ORDER BY reminder_time {order}, id {order} LIMIT :limit"
        );
        let (after, after_id) = page.after.map_or_else(Default::default, |(due, id)| (to_text(due), id.to_string()));
        let (user, status) = (page.user_id.to_string(), page.status.map(ReminderStatus::as_str));
        let mut values: Vec<(&str, &dyn ToSql)> = vec![(":user", &user), (":limit", &page.limit)];
        if page.status.is_some() {
            values.push((":status", &status));
        }
        if page.after.is_some() {
            values.extend([(":after", &after as &dyn ToSql), (":after_id", &after_id)]);
        }
        self.many(&sql, values.as_slice(), reminder)
    }
}
