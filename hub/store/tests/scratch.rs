//! A store in a directory that vanishes, and the rows that most tests need.

pub(crate) mod mounts;

use std::{
    fs,
    path::Path,
    time::{Duration as StdDuration, Instant},
};

use chrono::{DateTime, Duration, TimeZone, Utc};
use rusqlite::{Connection, Params, types::FromSql};
use tempfile::TempDir;
use xswarm_core::{
    appointment::{Appointment, AppointmentSource, AppointmentStatus, Exceptions},
    id::{AppointmentId, MessageId, ReminderId, UserId},
    message::{Channel, Direction},
    reminder::{Reminder, ReminderKind, ReminderPlan, ReminderProgress, ReminderStatus, ReminderStep},
    user::{Role, User},
};
use xswarm_store::{Key, NewMessage, Options, Rows, Store, StoreError, Tx};

const KEY: &str = "8f3a6d1b0c5e49728f3a6d1b0c5e49728f3a6d1b0c5e49728f3a6d1b0c5e4972";

pub(crate) fn key() -> Key {
    Key::from_hex(KEY).unwrap()
}

pub(crate) fn other_key() -> Key {
    Key::from_hex(&"11".repeat(32)).unwrap()
}

/// So many seconds after noon (UTC) of Monday, 2 March 2026.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 12, 0, 0).unwrap() + Duration::seconds(seconds)
}

/// An instant as RFC 3339.
pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A connection of our own, beside the store's.
pub(crate) fn raw(state_dir: &Path) -> Connection {
    let connection = Connection::open(state_dir.join("xswarm.db")).unwrap();
    connection.pragma_update(None, "key", format!("x'{KEY}'")).unwrap();
    connection
}

pub(crate) fn value<T: FromSql>(connection: &Connection, sql: &str, params: impl Params) -> T {
    connection.query_row(sql, params, |row| row.get(0)).unwrap()
}

pub(crate) fn open_at_once(state_dir: &Path) -> Result<Store, StoreError> {
    Store::open(&Options::new(state_dir), &key())
}

/// Opens a directory that nobody has. It may still be locked for a moment: while another test starts a process, that
/// process has all our files, the lock of a closed store among them.
pub(crate) fn open(state_dir: &Path) -> Result<Store, StoreError> {
    open_with(&key(), state_dir)
}

pub(crate) fn open_with(key: &Key, state_dir: &Path) -> Result<Store, StoreError> {
    let began = Instant::now();
    loop {
        match Store::open(&Options::new(state_dir), key) {
            Err(StoreError::Locked(_)) if began.elapsed() < StdDuration::from_secs(10) => std::thread::yield_now(),
            other => return other,
        }
    }
}

/// A fresh store.
pub(crate) struct Scratch {
    pub(crate) store: Store,
    pub(crate) dir: TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { store: open(dir.path()).unwrap(), dir }
    }

    pub(crate) fn raw(&self) -> Connection {
        raw(self.dir.path())
    }

    /// The directory as a SIGKILL would leave it now: the file and its log, no lock.
    pub(crate) fn as_if_killed(&self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        for name in ["xswarm.db", "xswarm.db-wal"] {
            fs::copy(self.dir.path().join(name), copy.path().join(name)).unwrap();
        }
        copy
    }

    pub(crate) fn close(self) -> TempDir {
        self.store.close();
        self.dir
    }

    pub(crate) fn reopen(self) -> Self {
        let dir = self.close();
        Self { store: open(dir.path()).unwrap(), dir }
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.write(work).await.unwrap()
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Rows<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.read(work).await.unwrap()
    }

    /// Adds a person.
    pub(crate) async fn person(&self, name: &str) -> UserId {
        let user = person(name);
        let id = user.id;
        self.write(move |tx| tx.user_insert(&user)).await;
        id
    }
}

pub(crate) fn person(name: &str) -> User {
    User {
        id: UserId::new(at(0)),
        name: name.to_owned(),
        email: None,
        phone: None,
        timezone: chrono_tz::Europe::Berlin,
        preferences: serde_json::json!({}),
        boss_phone: None,
        boss_email: None,
        can_provision_numbers: false,
        role: Role::Member,
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn appointment(user: UserId, title: &str, start: DateTime<Utc>, end: DateTime<Utc>) -> Appointment {
    Appointment {
        id: AppointmentId::new(at(0)),
        user_id: user,
        title: title.to_owned(),
        description: None,
        start,
        end,
        timezone: chrono_tz::Europe::Berlin,
        location: None,
        participants: Vec::new(),
        recurrence: None,
        additional: Vec::new(),
        exceptions: Exceptions::default(),
        all_day: false,
        source: AppointmentSource::BOSS,
        reminder_minutes: None,
        status: AppointmentStatus::Confirmed,
        generation: 0,
        version: 1,
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn reminder(user: UserId, text: &str, due: DateTime<Utc>) -> Reminder {
    let id = ReminderId::new(at(0));
    Reminder {
        id,
        appointment_id: None,
        user_id: user,
        kind: ReminderKind::Reminder,
        text: text.to_owned(),
        due,
        channel: Channel::Console,
        recurrence: None,
        timezone: chrono_tz::Europe::Berlin,
        step: ReminderStep { series: id.to_string(), recurrence_id: due, generation: 0, step: 0, attempt: 0 },
        series_start: due,
        status: ReminderStatus::Pending,
        outcome: None,
        error_message: None,
        message_id: None,
        created_at: at(0),
        sent_at: None,
        plan: ReminderPlan::default(),
        progress: ReminderProgress::default(),
    }
}

pub(crate) fn message(direction: Direction, content: &str) -> NewMessage {
    NewMessage {
        id: MessageId::new(at(0)),
        user_id: None,
        conversation_id: None,
        channel: Channel::Sms,
        direction,
        content: content.to_owned(),
        sender: None,
        recipient: None,
        provider_id: None,
        in_reply_to: None,
        metadata: serde_json::json!({}),
    }
}
