//! A person's appointments page by page, as rows: a series is one of them.

use chrono::{DateTime, Utc};
use rusqlite::ToSql;
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus},
    id::{AppointmentId, UserId},
    time::to_text,
};

use super::{COLUMNS, LONG, ORDINARY, SERIES, SHORT, appointment};
use crate::{StoreError, rows::Rows};

/// Which of a person's appointments, and where the page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppointmentPage {
    /// Whose.
    pub user_id: UserId,
    /// Only those of this status, called-off ones too; when absent those that stand.
    pub status: Option<AppointmentStatus>,
    /// Only those that may reach into `[from, to)`. A series does when any of it lies there, and sometimes when it only
    /// surrounds it: expanding it tells.
    pub within: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Only those after this one, in order of start and id.
    pub after: Option<(DateTime<Utc>, AppointmentId)>,
    /// At most so many.
    pub limit: u32,
}

impl Rows<'_> {
    /// One page of a person's appointments, by start and id.
    pub fn appointments_page(&self, page: &AppointmentPage) -> Result<Vec<Appointment>, StoreError> {
        let reaches = match (page.within, page.status) {
            (None, _) => String::new(),
            // The partial indexes have only what stands.
            (Some(_), None | Some(AppointmentStatus::Confirmed | AppointmentStatus::Tentative)) => {
                let ids = |which: &str| format!("SELECT id FROM appointments WHERE {which}");
                format!(" AND id IN ({} UNION ALL {} UNION ALL {})", ids(SHORT), ids(LONG), ids(SERIES))
            }
            (Some(_), Some(AppointmentStatus::Cancelled)) => " AND coalesce(series_begin, start_time) < :to \
                 AND (CASE WHEN series_begin IS NULL THEN end_time ELSE series_end END IS NULL \
                 OR CASE WHEN series_begin IS NULL THEN end_time ELSE series_end END > :from)"
                .to_owned(),
        };
        let status = match page.status {
            None => "status <> 'cancelled'",
            Some(_) => "status = :status",
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM appointments WHERE user_id = :user AND {status}{reaches} \
             AND (start_time, id) > (:after, :after_id) ORDER BY start_time, id LIMIT :limit"
        );
        let (after, after_id) =
            page.after.map_or_else(Default::default, |(start, id)| (to_text(start), id.to_string()));
        let (back, from, to) = page
            .within
            .map_or_else(Default::default, |(from, to)| (to_text(from - ORDINARY), to_text(from), to_text(to)));
        let status = page.status.map(AppointmentStatus::as_str);
        let user = page.user_id.to_string();
        let values: [(&str, &dyn ToSql); 8] = [
            (":user", &user),
            (":status", &status),
            (":after", &after),
            (":after_id", &after_id),
            (":back", &back),
            (":from", &from),
            (":to", &to),
            (":limit", &page.limit),
        ];
        // Not every question has every bound.
        let values: Vec<_> = values.into_iter().filter(|(name, _)| sql.contains(name)).collect();
        self.many(&sql, values.as_slice(), appointment)
    }
}
