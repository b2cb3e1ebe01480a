//! The hub's database, opened from outside while the hub is down: to look at what no interface shows, and to put it into
//! a state that takes hours to come about.

use std::path::Path;

use rusqlite::{Connection, Params, Row};

/// The database of a state directory.
pub struct Database {
    connection: Connection,
}

impl Database {
    /// Opens it with the key that lies beside it.
    pub fn open(state_dir: &Path) -> Self {
        let key = std::fs::read_to_string(state_dir.join("database.key")).expect("the key");
        let connection = Connection::open(state_dir.join("xswarm.db")).expect("the database");
        connection.pragma_update(None, "key", format!("x'{}'", key.trim())).expect("the key is taken");
        Self { connection }
    }

    /// Changes rows; says how many.
    pub fn execute(&self, sql: &str, params: impl Params) -> usize {
        self.connection.execute(sql, params).unwrap_or_else(|error| panic!("{error} in {sql}"))
    }

    /// Anything else.
    pub fn execute_batch(&self, sql: &str) {
        self.connection.execute_batch(sql).unwrap_or_else(|error| panic!("{error} in {sql}"));
    }

    /// Reads rows.
    pub fn query<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Vec<T> {
        let mut statement = self.connection.prepare(sql).unwrap_or_else(|error| panic!("{error} in {sql}"));
        statement.query_map(params, read).and_then(Iterator::collect).unwrap_or_else(|error| panic!("{error} in {sql}"))
    }

    /// Reads one number.
    pub fn count(&self, sql: &str) -> i64 {
        self.query(sql, [], |row| row.get(0)).pop().expect("a row")
    }

    /// Everything that is due from now on becomes due earlier by so many seconds, as if the hub had been off so long.
    pub fn age(&self, seconds: i64) {
        let shift = format!("-{seconds} seconds");
        let moved = |column: &str| format!("strftime('%Y-%m-%dT%H:%M:%fZ', {column}, ?1)");
        self.execute(
            &format!(
                "UPDATE appointment_reminders SET reminder_time = {}, recurrence_id = {}, series_start = {}
                 WHERE status = 'pending'",
                moved("reminder_time"),
                moved("recurrence_id"),
                moved("series_start")
            ),
            [&shift],
        );
        self.execute(
            &format!("UPDATE jobs SET due_at = {} WHERE state = 'ready' AND kind = 'fire_reminder'", moved("due_at")),
            [&shift],
        );
    }
}
