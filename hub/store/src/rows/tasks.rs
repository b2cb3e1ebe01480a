//! Tasks of projects.

use chrono::NaiveDate;
use rusqlite::params;
use xswarm_core::{id::UserId, task::DueTask};

use super::Rows;
use crate::{StoreError, row::parsed};

impl Rows<'_> {
    /// Tasks of a person's open projects that are not done and were or are due by `day`, the oldest first.
    pub fn tasks_due(&self, owner: UserId, day: NaiveDate, limit: u32) -> Result<Vec<DueTask>, StoreError> {
        // A day's date is text of fixed width, alone or at the beginning of an instant.
        let sql = "SELECT project_tasks.title, projects.name AS project, substr(project_tasks.due_date, 1, 10) AS due \
                   FROM projects JOIN project_tasks ON project_tasks.project_id = projects.id \
                   WHERE projects.owner_id = ? AND projects.status IN ('planning', 'active', 'on_hold') \
                   AND project_tasks.status <> 'done' AND substr(project_tasks.due_date, 1, 10) <= ? \
                   ORDER BY due, project_tasks.id LIMIT ?";
        self.many(sql, params![owner.to_string(), day.to_string(), limit], |row| {
            Ok(DueTask { title: row.get("title")?, project: row.get("project")?, due: parsed(row, "due")? })
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use crate::rows::tests::scratch;

    use super::*;

    #[test]
    fn what_is_due_is_open_dated_and_the_owners() {
        scratch(|tx| {
            let [owner, other] = [1, 2].map(|_| UserId::new(DateTime::UNIX_EPOCH));
            let connection = tx.connection();
            for user in [owner, other] {
                let sql =
                    "INSERT INTO users (id, name, timezone, created_at, updated_at) VALUES (?, 'x', 'UTC', '', '')";
                connection.execute(sql, [user.to_string()]).unwrap();
            }
            for (id, owner, status) in [("p1", owner, "active"), ("p2", owner, "completed"), ("p3", other, "active")] {
                let sql = "INSERT INTO projects (id, name, status, priority, owner_id, created_at, updated_at) \
                           VALUES (?, 'Atlas', ?, 'low', ?, '', '')";
                connection.execute(sql, [id, status, &owner.to_string()]).unwrap();
            }
            for (id, project, status, due) in [
                ("late", "p1", "todo", Some("2026-11-20")),
                ("today", "p1", "blocked", Some("2026-11-27T17:00:00.000Z")),
                ("later", "p1", "todo", Some("2026-11-28")),
                ("done", "p1", "done", Some("2026-11-20")),
                ("undated", "p1", "todo", None),
                ("closed", "p2", "todo", Some("2026-11-20")),
                ("foreign", "p3", "todo", Some("2026-11-20")),
            ] {
                let sql = "INSERT INTO project_tasks (id, project_id, title, status, priority, due_date, created_at, \
                           updated_at) VALUES (?1, ?2, ?1, ?3, 'low', ?4, '', '')";
                connection.execute(sql, params![id, project, status, due]).unwrap();
            }
            let day = NaiveDate::from_ymd_opt(2026, 11, 27).unwrap();
            let due: Vec<_> = tx.tasks_due(owner, day, 9).unwrap().into_iter().map(|task| task.title).collect();
            assert_eq!(due, ["late", "today"]);
            assert_eq!(tx.tasks_due(owner, day, 1).unwrap().len(), 1);
        });
    }
}
