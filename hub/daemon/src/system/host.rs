//! Facts about the machine.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::Path,
};

use rustix::fs::Mode;

use crate::error::{Error, Result};

/// What group and others may do, in a mode.
const OTHERS: u32 = 0o077;

/// What holds something in the state directory. SQLite gives the files beside the database the mode of the database.
const HELD: [&str; 5] = ["xswarm.db", "xswarm.db-wal", "xswarm.db-shm", "attachments", "recordings"];

/// Bytes that we may still write to the file system that `path` lies on.
pub(crate) fn disk_free(path: &Path) -> Result<u64> {
    let stat = rustix::fs::statvfs(path).map_err(|error| {
        Error::unavailable(format!("cannot tell how much space is left for {}", path.display())).with_source(error)
    })?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// What the machine is called, in small letters.
pub(crate) fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().to_ascii_lowercase()
}

/// What this process makes from now on is for its own user only.
pub(crate) fn keep_to_ourselves() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Takes from others what a file or directory of ours allows them: one that an earlier version made. What is not there, or
/// not ours to change, stays as it is.
fn close(path: &Path) {
    let open = fs::metadata(path).ok().map(|metadata| metadata.mode()).filter(|mode| mode & OTHERS != 0);
    let Some(mode) = open else { return };
    if let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o7777 & !OTHERS)) {
        log::warn!("others may read {} and that cannot be changed: {error}", path.display());
    }
}

/// Makes the state directory, for our eyes only, if it isn't there. An existing one is left as it is, with a warning when
/// others may look into it; the files in it that hold something are closed.
pub(crate) fn make_state_dir(path: &Path) -> Result<()> {
    let unusable = |error: io::Error| {
        Error::invalid(format!("the state directory {} cannot be used", path.display())).with_source(error)
    };
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
    let mode = fs::metadata(path).map_err(unusable)?.mode();
    if mode & 0o002 != 0 {
        return Err(Error::invalid(format!(
            "anybody may write to the state directory {}: run `chmod 700 {}`",
            path.display(),
            path.display()
        )));
    }
    if mode & OTHERS != 0 {
        let path = path.display();
        log::warn!(
            "others may look into the state directory {path} (mode {:04o}): run `chmod 700 {path}`",
            mode & 0o7777
        );
    }
    for name in HELD {
        close(&path.join(name));
    }
    Ok(())
}

/// Whether the kernel believes that its clock is right: some time service has set it lately (adjtimex(2)).
#[expect(unsafe_code, reason = "there is no safe interface to adjtimex")]
pub(crate) fn clock_synchronised() -> bool {
    // SAFETY: `timex` is plain data for which zero is a valid value, and `modes = 0` only reads.
    let state = unsafe {
        let mut timex: libc::timex = std::mem::zeroed();
        libc::adjtimex(&raw mut timex)
    };
    state != -1 && state != libc::TIME_ERROR
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_where_there_is_a_place() {
        assert!(disk_free(Path::new("/tmp")).unwrap() > 0);
        assert!(disk_free(Path::new("/nonexistent")).unwrap_err().context.contains("/nonexistent"));
    }

    #[test]
    fn a_new_state_directory_is_private_and_an_open_one_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b");
        make_state_dir(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o700);
        make_state_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
        assert!(make_state_dir(&path).unwrap_err().context.contains("chmod 700"));
        fs::write(dir.path().join("file"), "").unwrap();
        assert!(make_state_dir(&dir.path().join("file")).is_err());
    }

    #[test]
    fn what_was_open_to_others_is_closed() {
        let dir = tempfile::tempdir().unwrap();
        let mode = |name: &str| fs::metadata(dir.path().join(name)).unwrap().mode() & 0o777;
        for (name, mode) in [("xswarm.db", 0o644), ("hub.toml", 0o644)] {
            fs::write(dir.path().join(name), "").unwrap();
            fs::set_permissions(dir.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        fs::create_dir(dir.path().join("attachments")).unwrap();
        fs::set_permissions(dir.path().join("attachments"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        make_state_dir(dir.path()).unwrap();
        assert_eq!((mode("xswarm.db"), mode("attachments")), (0o600, 0o700));
        assert_eq!((mode("hub.toml"), mode("")), (0o644, 0o755), "what is the operator's stays");
    }

    #[test]
    fn the_clock_can_be_asked() {
        // Either answer is right; the call must only be sound.
        let _ = clock_synchronised();
    }
}
