//! The hub's memory: one encrypted SQLite file, and the only crate that speaks SQL.
//!
//! - [`Store::write`] queues a closure for the one writer thread. The writer runs all that wait inside one transaction,
//!   each in its own savepoint, commits once (one fsync) and only then answers each. An answer means: it is on disk.
//! - [`Store::read`] runs a closure on one of a few read-only connections.
//! - [`Store::changed`] ticks after each commit and carries no data: readers read again from where they were.
//! - What the closures can do is in [`Tx`] (writes) and [`Rows`] (reads): methods named after what they act on first.
//!
//! It deliberately knows nothing of messages' meaning, of time (instants are arguments) or of the network.

mod error;
mod key;
mod lock;
mod open;
mod reader;
mod row;
mod rows;
mod writer;

use std::path::PathBuf;

use tokio::sync::watch;

pub use error::StoreError;
pub use key::Key;
pub use open::Options;
pub use rows::{
    Rows, Tx,
    appointments::{AppointmentChange, AppointmentPage},
    authority::KeptAuthority,
    calls::TurnNote,
    conversations::Conversation,
    jobs::{Claimed, Retry},
    messages::{Inserted, MessageFilter, NewMessage},
    model_calls::{ModelCallEnd, NewModelCall},
    pins::KeptPin,
    receipts::Receipt,
    recordings::KeptRecording,
    reminders::ReminderPage,
    requests::KnownRequest,
};

/// The open database. Dropping it finishes what is queued, joins the threads and only then unlocks the state directory.
/// (A thread left behind would still be inside SQLite when the process tears that down.)
pub struct Store {
    // Dropped in this order: the writer's connection is the last, and folds the log into the file.
    readers: reader::Readers,
    writer: writer::Writer,
    changed: watch::Receiver<u64>,
    path: PathBuf,
}

impl Store {
    /// Locks the state directory, opens or creates the database in it, and migrates it to this version.
    ///
    /// Never overwrites anything: a wrong key, a damaged file, a full disk and a read-only directory are errors.
    pub fn open(options: &Options, key: &Key) -> Result<Self, StoreError> {
        let lock = lock::StateLock::take(&options.state_dir)?;
        let path = options.database_path();
        let connection = open::open_and_migrate(options, key)?;
        let (tick, changed) = watch::channel(0);
        let writer = writer::Writer::start(connection, options.group_commit, tick, lock)?;
        let readers = reader::Readers::start(options.readers, || open::open_reader(options, key))?;
        Ok(Self { readers, writer, changed, path })
    }

    /// Runs `work` in the writer's next transaction and answers after the commit.
    ///
    /// When `work` fails or panics, only its own changes are rolled back. When the commit itself fails (disk full,
    /// I/O error), every closure of the batch is answered with that error and nothing of it has happened.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer.run(work, writer::Durability::Synced).await
    }

    /// Like [`Store::write`], but the answer does not wait for the disk: after a power cut it may not have happened. The
    /// order of commits holds all the same: whatever is synced later makes it durable too.
    ///
    /// For changes that are merely found again after a crash, such as claiming a job.
    pub async fn write_relaxed<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.writer.run(work, writer::Durability::Relaxed).await
    }

    /// Runs `work` on a read-only connection.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Rows<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.readers.run(work).await
    }

    /// Ticks after each commit.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.changed.clone()
    }

    /// Whether the last change was committed; false while the disk is full or broken.
    pub fn commits(&self) -> bool {
        self.writer.commits()
    }

    /// How many closures the writer has run since the start.
    pub fn writes_done(&self) -> u64 {
        self.writer.done()
    }

    /// The database file.
    pub fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// Finishes what is queued and joins the threads. Blocks; call it when nothing else runs any more.
    pub fn close(self) {
        drop(self);
    }
}
