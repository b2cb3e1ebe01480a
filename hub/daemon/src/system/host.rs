//! Facts about the machine.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::Path,
};

use crate::error::{Error, Result};

/// Bytes that we may still write to the file system that `path` lies on.
pub(crate) fn disk_free(path: &Path) -> Result<u64> {
    let stat = rustix::fs::statvfs(path).map_err(|error| {
        Error::unavailable(format!("cannot tell how much space is left for {}", path.display())).with_source(error)
    })?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Makes the state directory, for our eyes only, if it isn't there; an existing one is left as it is.
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
    use std::os::unix::fs::PermissionsExt;

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
    fn the_clock_can_be_asked() {
        // Either answer is right; the call must only be sound.
        let _ = clock_synchronised();
    }
}
