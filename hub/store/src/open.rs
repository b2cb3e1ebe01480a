//! Opening, checking and migrating the file.
//!
//! Migrations are the files of `migrations/`, embedded, forward only, each in its own transaction. Before the first one
//! touches an existing database, the file is copied beside it. `meta.min_reader` says which older code can still work
//! with a newer file, so that an update can be rolled back for one release.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    sync::Once,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use crate::{Key, StoreError};

const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/0001_foundation.sql"),
    include_str!("../../../migrations/0002_calendar.sql"),
    include_str!("../../../migrations/0003_exchange.sql"),
    include_str!("../../../migrations/0004_reminders.sql"),
    include_str!("../../../migrations/0005_attachments.sql"),
    include_str!("../../../migrations/0006_household.sql"),
    include_str!("../../../migrations/0007_requests.sql"),
    include_str!("../../../migrations/0008_series_skips.sql"),
    include_str!("../../../migrations/0009_brain.sql"),
    include_str!("../../../migrations/0010_memory.sql"),
    include_str!("../../../migrations/0011_threads.sql"),
    include_str!("../../../migrations/0012_suggestions.sql"),
    include_str!("../../../migrations/0013_reminder_kinds.sql"),
    include_str!("../../../migrations/0014_calls.sql"),
    include_str!("../../../migrations/0015_outbound_calls.sql"),
    include_str!("../../../migrations/0016_pins.sql"),
    include_str!("../../../migrations/0017_recordings.sql"),
    include_str!("../../../migrations/0018_devices.sql"),
    include_str!("../../../migrations/0019_authority.sql"),
    include_str!("../../../migrations/0020_rooms.sql"),
    include_str!("../../../migrations/0021_device_codes.sql"),
];

/// A file up to this size is checked whole at each start (about 10 ms); a larger one by the daily sweep.
const CHECK_AT_OPEN_BYTES: u64 = 8 << 20;

/// How to open the store.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the file lies.
    pub state_dir: PathBuf,
    /// How many closures may share one commit; 1 gives each its own.
    pub group_commit: usize,
    /// How many read-only connections.
    pub readers: usize,
}

impl Options {
    /// The usual settings for a database in `state_dir`.
    pub fn new(state_dir: impl Into<PathBuf>) -> Self {
        Self { state_dir: state_dir.into(), group_commit: 1_000, readers: 2 }
    }

    pub(crate) fn database_path(&self) -> PathBuf {
        self.state_dir.join("xswarm.db")
    }
}

pub(crate) fn open_and_migrate(options: &Options, key: &Key) -> Result<Connection, StoreError> {
    let path = options.database_path();
    let existing = check_header(&path, key)?;
    let connection = connect(&path, key, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    // Until all is checked, closing the connection again must not fold the log into the file.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let damaged = |error: rusqlite::Error| not_readable(&path, error);
    let found: u32 =
        connection.query_row("SELECT user_version FROM pragma_user_version", [], |row| row.get(0)).map_err(damaged)?;
    if let Some(bytes) = existing {
        check_content(&connection, &path, bytes)?;
    }
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 2000; \
         PRAGMA secure_delete = ON; \
         PRAGMA cache_size = -6000; PRAGMA journal_size_limit = 67108864;",
        )
        .map_err(damaged)?;
    migrate(&connection, &path, found, existing.is_some(), MIGRATIONS)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(connection)
}

pub(crate) fn open_reader(options: &Options, key: &Key) -> Result<Connection, StoreError> {
    let connection = connect(&options.database_path(), key, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -2000;")?;
    Ok(connection)
}

fn connect(path: &Path, key: &Key, flags: OpenFlags) -> Result<Connection, StoreError> {
    // The library is set up by the process's first connection, and until that is done a second thread's key is refused.
    // A C library's global state needs a global guard.
    static LIBRARY: Once = Once::new();
    LIBRARY.call_once(|| drop(Connection::open_in_memory()));
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| not_readable(path, error))?;
    // What it finds is returned as an error; it need not write to stderr as well.
    connection.execute_batch("PRAGMA cipher_log_level = NONE;")?;
    connection.pragma_update(None, "key", key.pragma())?;
    connection.execute_batch("PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY;")?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

/// The file's size when it is there and its header is this key's; `None` when there is no file yet.
fn check_header(path: &Path, key: &Key) -> Result<Option<u64>, StoreError> {
    let unusable = |source| StoreError::StateDir { path: path.to_owned(), source };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return nothing_there(path),
        Err(error) => return Err(unusable(error)),
    };
    let bytes = file.metadata().map_err(unusable)?.len();
    if bytes == 0 {
        // Killed between creating the file and writing its first page.
        return nothing_there(path);
    }
    let mut header = [0; 16];
    file.read_exact(&mut header)
        .map_err(|_eof| StoreError::Damaged { path: path.to_owned(), detail: "it is cut short".to_owned() })?;
    if header == key.fingerprint() { Ok(Some(bytes)) } else { Err(StoreError::WrongKey(path.to_owned())) }
}

/// A database is about to be made. SQLite would throw away a log that lies beside it, and all that is in it.
fn nothing_there(path: &Path) -> Result<Option<u64>, StoreError> {
    let log = path.with_extension("db-wal");
    match fs::metadata(&log) {
        Ok(found) if found.len() > 0 => {
            let detail = format!("it is missing or empty, but its log {} is there", log.display());
            Err(StoreError::Damaged { path: path.to_owned(), detail })
        }
        Ok(_) | Err(_) => Ok(None),
    }
}

fn check_content(connection: &Connection, path: &Path, bytes: u64) -> Result<(), StoreError> {
    if bytes > CHECK_AT_OPEN_BYTES {
        return Ok(());
    }
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| not_readable(path, error))?;
    if verdict == "ok" {
        return Ok(());
    }
    let detail = verdict.lines().collect::<Vec<_>>().join(" ");
    Err(StoreError::Damaged { path: path.to_owned(), detail })
}

fn not_readable(path: &Path, error: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            StoreError::Damaged { path: path.to_owned(), detail: "a page does not match its signature".to_owned() }
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            let state_dir = path.parent().unwrap_or(path);
            StoreError::StateDir { path: state_dir.to_owned(), source: std::io::Error::other(error) }
        }
        _ => error.into(),
    }
}

fn migrate(
    connection: &Connection,
    path: &Path,
    found: u32,
    existing: bool,
    migrations: &[&str],
) -> Result<(), StoreError> {
    let known = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    if found > known {
        let needed: u32 =
            connection
                .query_row("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'min_reader'", [], |row| row.get(0))?;
        return if needed <= known { Ok(()) } else { Err(StoreError::TooNew { found, needed, known }) };
    }
    if existing && found > 0 && found < known {
        keep_copy(connection, path, found)?;
    }
    for (index, sql) in migrations.iter().enumerate() {
        let version = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if version > found {
            connection.execute_batch(&format!("BEGIN IMMEDIATE; {sql}; PRAGMA user_version = {version}; COMMIT;"))?;
            log::info!(version; "database migrated");
        }
    }
    Ok(())
}

/// Copies the file as it is before a migration. The lock is held and this is the only connection, so once the log is
/// folded in, the file alone is the database.
fn keep_copy(connection: &Connection, path: &Path, version: u32) -> Result<(), StoreError> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    let copy = path.with_extension(format!("db.before-{}", version + 1));
    let failed = |source| StoreError::StateDir { path: copy.clone(), source };
    fs::copy(path, &copy).map_err(failed)?;
    File::open(&copy).and_then(|file| file.sync_all()).map_err(failed)
}

#[cfg(test)]
mod rebuilding;

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: &str = "CREATE TABLE second (x); INSERT INTO second VALUES ('moved'); \
        UPDATE meta SET value = '1' WHERE name = 'min_reader'";

    fn key() -> Key {
        Key::from_hex(&"5a".repeat(32)).unwrap()
    }

    /// A database of version 1 whose latest row is still in the log, as a kill leaves it.
    fn first_version(dir: &Path) -> (Options, Connection) {
        let options = Options::new(dir);
        let connection = writable(&options);
        connection.execute_batch("PRAGMA journal_mode = WAL").unwrap();
        migrate(&connection, &options.database_path(), 0, false, &MIGRATIONS[..1]).unwrap();
        drop(connection);
        let connection = writable(&options);
        connection.execute("INSERT INTO meta (name, value) VALUES ('fact', 'in the log')", []).unwrap();
        (options, connection)
    }

    pub(super) fn writable(options: &Options) -> Connection {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        connect(&options.database_path(), &key(), flags).unwrap()
    }

    fn text(connection: &Connection, sql: &str) -> rusqlite::Result<String> {
        connection.query_row(sql, [], |row| row.get(0))
    }

    fn version(connection: &Connection) -> u32 {
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_migration_keeps_a_whole_copy_of_the_file_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let (options, connection) = first_version(dir.path());
        let path = options.database_path();
        migrate(&connection, &path, 1, true, &[MIGRATIONS[0], SECOND]).unwrap();
        assert_eq!(version(&connection), 2);
        assert_eq!(text(&connection, "SELECT x FROM second").unwrap(), "moved");

        let copy = dir.path().join("xswarm.db.before-2");
        let old = connect(&copy, &key(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        assert_eq!(version(&old), 1);
        assert_eq!(text(&old, "SELECT value FROM meta WHERE name = 'fact'").unwrap(), "in the log");
        assert!(text(&old, "SELECT x FROM second").is_err());
    }

    #[test]
    fn a_migration_that_fails_changes_nothing_and_can_be_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        let (options, connection) = first_version(dir.path());
        let path = options.database_path();
        let wrong = format!("{SECOND}; INSERT INTO nowhere VALUES (1)");
        migrate(&connection, &path, 1, true, &[MIGRATIONS[0], &wrong]).unwrap_err();
        drop(connection);
        let connection = writable(&options);
        assert_eq!(version(&connection), 1);
        assert!(text(&connection, "SELECT x FROM second").is_err());
        migrate(&connection, &path, 1, true, &[MIGRATIONS[0], SECOND]).unwrap();
        assert_eq!(version(&connection), 2);
    }

    #[test]
    fn migrations_run_once_each_and_a_new_database_is_not_copied() {
        let dir = tempfile::tempdir().unwrap();
        let options = Options::new(dir.path());
        let (path, connection) = (options.database_path(), writable(&options));
        migrate(&connection, &path, 0, false, &[MIGRATIONS[0], SECOND]).unwrap();
        migrate(&connection, &path, 2, true, &[MIGRATIONS[0], SECOND]).unwrap();
        assert_eq!(version(&connection), 2);
        assert_eq!(text(&connection, "SELECT count(*) || '' FROM second").unwrap(), "1");
        let files = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
        assert!(files.iter().all(|name| !name.to_string_lossy().contains("before")), "{files:?}");
    }

    #[test]
    fn a_reader_s_connection_cannot_write() {
        let dir = tempfile::tempdir().unwrap();
        let (options, _writer) = first_version(dir.path());
        let reader = open_reader(&options, &key()).unwrap();
        let sql = "INSERT INTO meta (name, value) VALUES ('x', 'y')";
        let refused = reader.execute(sql, []).unwrap_err();
        assert_eq!(refused.sqlite_error_code(), Some(rusqlite::ErrorCode::ReadOnly));
        reader.execute_batch("PRAGMA query_only = OFF").unwrap();
        let refused = reader.execute(sql, []).unwrap_err();
        assert_eq!(refused.sqlite_error_code(), Some(rusqlite::ErrorCode::ReadOnly), "without query_only");
    }

    #[test]
    fn every_commit_reaches_the_disk_and_foreign_keys_hold() {
        let dir = tempfile::tempdir().unwrap();
        let connection = open_and_migrate(&Options::new(dir.path()), &key()).unwrap();
        for (pragma, expected) in [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1")] {
            let found = text(&connection, &format!("SELECT {pragma} || '' FROM pragma_{pragma}")).unwrap();
            assert_eq!(found, expected, "{pragma}");
        }
    }
}
