//! What can go wrong with the database, in words that say what to do next.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another hub has the state directory.
    #[error("another hub already runs with the state directory {}: stop it first, or choose another --state-dir", .0.display())]
    Locked(PathBuf),
    /// The state directory cannot be used.
    #[error("the state directory {} cannot be used: {source}; it must exist on a writable disk and belong to the hub's user", path.display())]
    StateDir {
        /// Which directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key does not belong to the file.
    #[error(
        "the database {} was made with another key: put back the key file or credential that belongs to it \
         (nothing was changed)", .0.display()
    )]
    WrongKey(PathBuf),
    /// The file is damaged.
    #[error("the database {} is damaged ({detail}): restore it from a backup (nothing was changed)", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// The file belongs to a newer hub.
    #[error(
        "the database is of version {found}, which needs a hub that knows version {needed}; this one knows {known}: \
         install the newer hub again"
    )]
    TooNew {
        /// The database's version.
        found: u32,
        /// The oldest version whose code can read it.
        needed: u32,
        /// This code's version.
        known: u32,
    },
    /// No room.
    #[error("the disk is full: nothing was changed; free some space")]
    Full,
    /// The text was no key.
    #[error("a database key is 64 hexadecimal digits (256 bits)")]
    NotAKey,
    /// A row with this key is already there.
    #[error("it exists already: {0}")]
    Exists(String),
    /// A row that must be there isn't.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// The row is not as the caller believes; reading again and deciding again is right.
    #[error("the {0} changed in the meantime")]
    Stale(&'static str),
    /// A closure panicked; nothing of it has happened.
    #[error("a write failed unexpectedly; nothing of it has happened")]
    Panicked,
    /// The batch's commit failed; nothing of it has happened.
    #[error("the write could not be committed: {0}")]
    Commit(String),
    /// The store is shut down.
    #[error("the store is shut down")]
    Closed,
    /// A thread could not be started.
    #[error("a thread of the store could not be started: {0}")]
    Thread(std::io::Error),
    /// JSON in the database is not what this version expects.
    #[error("a row cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// Anything else SQLite says.
    #[error("database error: {0}")]
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            _ if is_disk_full(&error) => Self::Full,
            Some(ErrorCode::ConstraintViolation) if is_uniqueness(&error) => Self::Exists(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}

/// Whether there was no room for what was to be written. For the file that readers and the writer share beside the
/// database, SQLite reports that as a failure to give it its size.
pub(crate) fn is_disk_full(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;
    error
        .sqlite_error()
        .is_some_and(|inner| inner.code == ErrorCode::DiskFull || inner.extended_code == SQLITE_IOERR_SHMSIZE)
}

fn is_uniqueness(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE};
    error
        .sqlite_error()
        .is_some_and(|inner| [SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE].contains(&inner.extended_code))
}
