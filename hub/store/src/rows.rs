//! What closures can do with the database: [`Rows`] reads, [`Tx`] also writes.
//!
//! One file per table family. Methods are named after what they act on first (`message_insert`), take instants as
//! arguments and touch nothing but the connection, so that a closure is all or nothing.

pub(crate) mod appointments;
pub(crate) mod attachments;
pub(crate) mod authority;
pub(crate) mod calls;
pub(crate) mod capabilities;
pub(crate) mod contacts;
pub(crate) mod conversations;
mod devices;
pub(crate) mod events;
pub(crate) mod feeds;
pub(crate) mod habits;
pub(crate) mod invitations;
pub(crate) mod jobs;
pub(crate) mod keys;
pub(crate) mod lists;
pub(crate) mod memories;
pub(crate) mod messages;
pub(crate) mod model_calls;
pub(crate) mod overview;
pub(crate) mod pairings;
pub(crate) mod pins;
pub(crate) mod receipts;
pub(crate) mod recordings;
pub(crate) mod reminders;
pub(crate) mod requests;
pub(crate) mod retention;
pub(crate) mod search;
pub(crate) mod secrets;
pub(crate) mod suggestions;
pub(crate) mod summaries;
pub(crate) mod tasks;
pub(crate) mod turn_steps;
pub(crate) mod users;

use std::{cell::Cell, ops::Deref};

use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row};

use crate::StoreError;

/// Reads.
pub struct Rows<'c> {
    connection: &'c Connection,
    disk_was_full: Cell<bool>,
    /// What was asked, for tests of indexes.
    #[cfg(test)]
    asked: std::cell::RefCell<Vec<String>>,
}

/// Writes, inside the writer's transaction.
pub struct Tx<'c> {
    rows: Rows<'c>,
}

impl<'c> Deref for Tx<'c> {
    type Target = Rows<'c>;

    fn deref(&self) -> &Self::Target {
        &self.rows
    }
}

impl<'c> Rows<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Self {
        Self {
            connection,
            disk_was_full: Cell::new(false),
            #[cfg(test)]
            asked: std::cell::RefCell::default(),
        }
    }

    fn prepare(&self, sql: &str) -> Result<CachedStatement<'c>, StoreError> {
        #[cfg(test)]
        self.asked.borrow_mut().push(sql.to_owned());
        Ok(self.connection.prepare_cached(sql)?)
    }

    /// A statement that found the disk full may have undone the whole transaction; the writer asks for the cause.
    fn noted<T>(&self, result: rusqlite::Result<T>) -> Result<T, StoreError> {
        result.map_err(|error| {
            let error = StoreError::from(error);
            if matches!(error, StoreError::Full) {
                self.disk_was_full.set(true);
            }
            error
        })
    }

    fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        self.noted(self.prepare(sql)?.query_row(params, read).optional())
    }

    fn many<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.prepare(sql)?;
        let rows = statement.query_map(params, read)?;
        self.noted(rows.collect())
    }

    fn count(&self, sql: &str, params: impl Params) -> Result<u64, StoreError> {
        let count: i64 = self.prepare(sql)?.query_row(params, |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// For tests that need SQL of their own.
    #[cfg(test)]
    pub(crate) fn connection(&self) -> &'c Connection {
        self.connection
    }

    /// How SQLite would run `sql`: one line for each step. For tests of indexes.
    #[cfg(test)]
    pub(crate) fn plan(&self, sql: &str) -> Vec<String> {
        let sql = format!("EXPLAIN QUERY PLAN {sql}");
        let mut statement = self.connection.prepare(&sql).unwrap();
        let nulls = vec![rusqlite::types::Null; statement.parameter_count()];
        let lines = statement.query_map(rusqlite::params_from_iter(nulls), |row| row.get(3)).unwrap();
        lines.collect::<rusqlite::Result<_>>().unwrap()
    }
}

impl<'c> Tx<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Self {
        Self { rows: Rows::new(connection) }
    }

    /// Whether a statement found the disk full.
    pub(crate) fn disk_was_full(&self) -> bool {
        self.rows.disk_was_full.get()
    }

    /// Runs a statement; the number of rows it changed.
    fn run(&self, sql: &str, params: impl Params) -> Result<usize, StoreError> {
        self.noted(self.prepare(sql)?.execute(params))
    }

    /// Runs a statement that must change exactly one row.
    fn run_one(&self, what: &'static str, sql: &str, params: impl Params) -> Result<(), StoreError> {
        if self.run(sql, params)? == 1 { Ok(()) } else { Err(StoreError::Missing(what)) }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use chrono::DateTime;
    use xswarm_core::{
        id::{AppointmentId, ConversationId, MessageId, UserId},
        job::{Job, Lane},
        message::{Channel, MessageStatus},
    };

    use super::*;
    use crate::{Key, Options, open};

    /// Runs `test` in a fresh database that vanishes afterwards.
    pub(crate) fn scratch(test: impl FnOnce(&Tx<'_>)) {
        let dir = tempfile::tempdir().unwrap();
        let key = Key::from_hex(&"5a".repeat(32)).unwrap();
        let connection = open::open_and_migrate(&Options::new(dir.path()), &key).unwrap();
        test(&Tx::new(&connection));
    }

    /// The plans of all that `work` asks, in order.
    fn plans(tx: &Tx<'_>, work: impl FnOnce(&Tx<'_>)) -> Vec<String> {
        tx.asked.borrow_mut().clear();
        work(tx);
        let asked = tx.asked.take();
        asked.iter().flat_map(|sql| tx.plan(sql)).collect()
    }

    #[test]
    fn what_is_asked_often_walks_its_index() {
        scratch(|tx| {
            let now = DateTime::UNIX_EPOCH;
            let (user, message) = (UserId::new(now), MessageId::new(now));
            let lane = Lane::Conversation(ConversationId::new(now));
            let job = Job::Answer { message };
            tx.job_enqueue(&job, Some(&lane), now, now).unwrap();
            let claim = plans(tx, |tx| assert_eq!(tx.job_claim_due(9, now).unwrap().len(), 1));
            assert_eq!(claim, ["jobs_ready (due_at<?)", "PRIMARY KEY (rowid=?)"].map(searching("jobs")));
            let next = plans(tx, |tx| assert_eq!(tx.job_next_due().unwrap(), None));
            assert_eq!(next, ["SEARCH jobs USING COVERING INDEX jobs_ready"]);
            let finish = plans(tx, |tx| tx.job_finish(1, now).unwrap());
            assert!(no_scan(&finish), "{finish:#?}");
            assert!(finish.iter().any(|step| step.contains("INDEX jobs_lane_waiting (lane=?)")), "{finish:#?}");
            assert!(finish.iter().any(|step| step.contains("INDEX jobs_lane_head (lane=?)")), "{finish:#?}");
            for (index, asked) in [
                (
                    "communication_logs USING INDEX sqlite_autoindex_communication_logs_2 (provider_id=?)",
                    plans(tx, |tx| drop(tx.message_by_provider_id("SM1").unwrap())),
                ),
                (
                    "communication_logs USING COVERING INDEX sqlite_autoindex_communication_logs_2 (provider_id=?)",
                    plans(tx, |tx| assert!(!tx.provider_id_seen("SM1").unwrap())),
                ),
                (
                    "provider_ids_seen USING PRIMARY KEY (digest=?)",
                    plans(tx, |tx| assert!(!tx.provider_id_seen("SM1").unwrap())),
                ),
                (
                    "communication_logs USING INDEX communication_logs_client (<expr>=?)",
                    plans(tx, |tx| drop(tx.message_by_client_id("c1").unwrap())),
                ),
                (
                    "communication_logs USING INDEX communication_logs_reply (in_reply_to=?)",
                    plans(tx, |tx| drop(tx.message_replies(message).unwrap())),
                ),
                (
                    "communication_logs USING INDEX communication_logs_open (status=? AND channel=?)",
                    plans(tx, |tx| drop(tx.messages_unseen(user, Channel::Console).unwrap())),
                ),
                (
                    "communication_logs USING INDEX communication_logs_open (status=? AND channel=?)",
                    plans(tx, |tx| drop(tx.messages_outbound(Channel::Sms, MessageStatus::Sending).unwrap())),
                ),
                (
                    "appointment_reminders USING INDEX appointment_reminders_user (user_id=? AND status=? AND \
                     reminder_time<?)",
                    plans(tx, |tx| drop(tx.reminders_overdue(user, now, 9).unwrap())),
                ),
                (
                    "appointment_reminders USING INDEX appointment_reminders_appointment (appointment_id=?)",
                    plans(tx, |tx| drop(tx.reminders_of_appointment(AppointmentId::new(now)).unwrap())),
                ),
                (
                    "api_keys USING INDEX sqlite_autoindex_api_keys_2 (digest=?)",
                    plans(tx, |tx| assert_eq!(tx.key_owner("key", now).unwrap(), None)),
                ),
                (
                    "users USING INDEX sqlite_autoindex_users_3 (phone=?)",
                    plans(tx, |tx| drop(tx.user_by_phone(&"+4930901820".parse().unwrap()).unwrap())),
                ),
                (
                    "system_events USING INDEX sqlite_autoindex_system_events_2 (sequence>?)",
                    plans(tx, |tx| drop(tx.events(7, 9).unwrap())),
                ),
                (
                    "appointments USING INDEX appointments_booked (user_id=?)",
                    plans(tx, |tx| drop(tx.booked_lately(user).unwrap())),
                ),
                (
                    "communication_logs USING COVERING INDEX communication_logs_wrote (user_id=? AND created_at>?)",
                    plans(tx, |tx| drop(tx.wrote_lately(user, now).unwrap())),
                ),
                (
                    "glances USING PRIMARY KEY (user_id=?)",
                    plans(tx, |tx| drop(tx.glances(user, now.date_naive()).unwrap())),
                ),
                (
                    "suggestions USING COVERING INDEX suggestions_user (user_id=?)",
                    plans(tx, |tx| assert_eq!(tx.suggestion_last(user).unwrap(), None)),
                ),
                (
                    "appointments USING INDEX appointments_long (user_id=? AND end_time>?)",
                    plans(tx, |tx| drop(tx.appointments_from(user, now, 9).unwrap())),
                ),
            ] {
                assert!(no_scan(&asked), "{asked:#?}");
                assert!(asked.contains(&format!("SEARCH {index}")), "{index} is not in {asked:#?}");
            }
        });
    }

    fn searching(table: &str) -> impl Fn(&str) -> String {
        move |how| match how.strip_prefix("PRIMARY") {
            Some(rest) => format!("SEARCH {table} USING INTEGER PRIMARY{rest}"),
            None => format!("SEARCH {table} USING INDEX {how}"),
        }
    }

    fn no_scan(plan: &[String]) -> bool {
        plan.iter().all(|step| !step.contains("SCAN") || step.contains("CONSTANT ROW"))
    }
}
