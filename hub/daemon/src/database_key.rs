//! The key that encrypts the database: 256 random bits as 64 hexadecimal digits.
//!
//! It is the credential `database_key` when there is one; otherwise a file in the state directory, made at first start
//! and readable by its owner only. It is never taken from the environment (other processes can read that), never
//! overwritten, and never made anew for a database that exists: such a key would open nothing.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    rand::{GetRandomFlags, getrandom},
};
use secrecy::SecretString;

use crate::{
    config::Secrets,
    error::{Error, Result},
};

const NAME: &str = "database_key";
const FILE: &str = "database.key";

/// The key of the database file `database` in `state_dir`, made when neither exists yet.
pub(crate) fn database_key(secrets: &Secrets, state_dir: &Path, database: &Path) -> Result<SecretString> {
    if let Some(key) = secrets.credential(NAME)? {
        return Ok(key);
    }
    let path = state_dir.join(FILE);
    if let Some(key) = read(&path)? {
        return Ok(key);
    }
    if database.exists() {
        return Err(Error::invalid(format!(
            "the database {} is encrypted and its key {} is missing: put the key file back (from a backup of it) or \
             give the credential {NAME}; without it the database cannot be opened, and nothing was changed",
            database.display(),
            path.display(),
        )));
    }
    make(&path)
}

fn read(path: &Path) -> Result<Option<SecretString>> {
    let unreadable = |error: io::Error| {
        Error::invalid(format!("the database key {} cannot be read", path.display())).with_source(error)
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    let mode = file.metadata().map_err(unreadable)?.mode();
    if mode & 0o077 != 0 {
        return Err(Error::invalid(format!(
            "others may read the database key {} (mode {:04o}): run `chmod 600 {}`",
            path.display(),
            mode & 0o7777,
            path.display(),
        )));
    }
    let text = io::read_to_string(file).map_err(unreadable)?;
    Ok(Some(SecretString::from(text.trim())))
}

/// Writes a new key beside `path` and moves it there once it is on disk, so that a crash leaves a whole key or none.
fn make(path: &Path) -> Result<SecretString> {
    let failed = |error: io::Error| {
        Error::unavailable(format!("cannot make the database key {}", path.display())).with_source(error)
    };
    let key = random_hex().map_err(failed)?;
    let beside = PathBuf::from(format!("{}.{}", path.display(), std::process::id()));
    let moved = write_new(&beside, &key)
        .and_then(|()| renameat_with(CWD, &beside, CWD, path, RenameFlags::NOREPLACE).map_err(io::Error::from));
    match moved {
        Ok(()) => {
            let directory = path.parent().unwrap_or(Path::new("."));
            File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)?;
            log::info!("made the database key {}: keep a copy of it in a safe place", path.display());
            Ok(SecretString::from(key))
        }
        Err(error) => {
            // Nobody uses that file; leaving it behind would only puzzle.
            let _ = fs::remove_file(&beside);
            if error.kind() == io::ErrorKind::AlreadyExists {
                // Another hub was faster; its key is the key.
                return read(path)?.ok_or_else(|| failed(error));
            }
            Err(failed(error))
        }
    }
}

fn write_new(path: &Path, key: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(key.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

fn random_hex() -> io::Result<String> {
    let mut bytes = [0_u8; 32];
    // Up to 256 bytes are never cut short (getrandom(2)).
    getrandom(bytes.as_mut_slice(), GetRandomFlags::empty())?;
    Ok(bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        use std::fmt::Write;
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use secrecy::ExposeSecret;
    use std::os::unix::fs::PermissionsExt;

    struct Fixture {
        dir: tempfile::TempDir,
        credentials: tempfile::TempDir,
    }

    impl Fixture {
        fn new() -> Self {
            Self { dir: tempfile::tempdir().unwrap(), credentials: tempfile::tempdir().unwrap() }
        }

        fn key(&self) -> Result<String> {
            let secrets = Secrets::in_directory(self.credentials.path());
            database_key(&secrets, self.dir.path(), &self.dir.path().join("hub.db"))
                .map(|key| key.expose_secret().to_owned())
        }

        fn file(&self) -> PathBuf {
            self.dir.path().join(FILE)
        }
    }

    #[test]
    fn the_first_start_makes_a_key_that_stays() {
        let fixture = Fixture::new();
        let first = fixture.key().unwrap();
        assert_eq!(first.len(), 64);
        assert!(first.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(fs::metadata(fixture.file()).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fixture.key().unwrap(), first);
        assert_eq!(fs::read_dir(fixture.dir.path()).unwrap().count(), 1, "no temporary file stays");
        assert_ne!(Fixture::new().key().unwrap(), first);
    }

    #[test]
    fn a_credential_comes_first_and_makes_no_file() {
        let fixture = Fixture::new();
        fs::write(fixture.credentials.path().join(NAME), "ab".repeat(32)).unwrap();
        assert_eq!(fixture.key().unwrap(), "ab".repeat(32));
        assert!(!fixture.file().exists());
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let fixture = Fixture::new();
        fixture.key().unwrap();
        fs::set_permissions(fixture.file(), fs::Permissions::from_mode(0o640)).unwrap();
        let error = fixture.key().unwrap_err();
        assert_eq!(error.kind, Kind::Invalid);
        assert!(error.context.contains("mode 0640") && error.context.contains("chmod 600"), "{error}");
    }

    #[test]
    fn a_database_without_its_key_gets_no_new_one() {
        let fixture = Fixture::new();
        fs::write(fixture.dir.path().join("hub.db"), "x").unwrap();
        let error = fixture.key().unwrap_err();
        assert!(error.context.contains("is missing"), "{error}");
        assert!(!fixture.file().exists());
    }

    #[test]
    fn a_key_that_appears_meanwhile_is_used_not_replaced() {
        let fixture = Fixture::new();
        let first = fixture.key().unwrap();
        assert_eq!(make(&fixture.file()).unwrap().expose_secret(), first);
        assert_eq!(fs::read_dir(fixture.dir.path()).unwrap().count(), 1);
    }
}
