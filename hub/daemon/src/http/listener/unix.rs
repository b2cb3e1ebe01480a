//! The socket file of the admin listener: who may open it, and what happens to an old one.
//!
//! The file appears with its final mode and group: it is bound under another name and moved into place, so there is no
//! instant at which others could connect. A file that a live process listens on is never taken over.

use std::{
    fs, io,
    os::unix::{
        fs::{FileTypeExt, MetadataExt, PermissionsExt, chown},
        net::UnixStream,
    },
    path::{Path, PathBuf},
};

use tokio::net::UnixListener;

use super::Listener;
use crate::error::{Error, Result};

/// Members of this group may administer the hub.
const GROUP: &str = "xswarm-admin";
/// `sun_path` holds 108 bytes with its end mark (unix(7)).
const PATH_MAX_BYTES: usize = 107;
const SUFFIX: &str = ".new";

/// A bound socket file. One that we made is removed when dropped, unless something else is there by then.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    /// `None` where it was there before us.
    inode: Option<u64>,
}

impl SocketFile {
    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|meta| Some(meta.ino()) == self.inode) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Listener {
    /// Listens on the socket file `path`: mode 0660, group `xswarm-admin` where that group exists. One that is there already has
    /// the mode and group that whoever made it gave it.
    pub(crate) fn unix(path: &Path, handed: Option<std::os::unix::net::UnixListener>) -> Result<Self> {
        if let Some(handed) = handed {
            let unusable = |error| Error::unavailable("the admin socket cannot be used").with_source(error);
            let path = handed.local_addr().map_err(unusable)?.as_pathname().map(Path::to_owned);
            handed.set_nonblocking(true).map_err(unusable)?;
            let listener = UnixListener::from_std(handed).map_err(unusable)?;
            return Ok(Self::Unix(listener, SocketFile { path: path.unwrap_or_default(), inode: None }));
        }
        if path.as_os_str().len() + SUFFIX.len() > PATH_MAX_BYTES {
            return Err(Error::invalid(format!(
                "the path of the admin socket is too long for the system (at most {} bytes): {}",
                PATH_MAX_BYTES - SUFFIX.len(),
                path.display()
            )));
        }
        make_way(path)?;
        bind(path).map_err(|error| {
            Error::unavailable(format!("cannot listen on the admin socket {}", path.display())).with_source(error)
        })
    }
}

/// Refuses if somebody listens on `path` or if it is something else than a socket.
fn make_way(path: &Path) -> Result<()> {
    match fs::symlink_metadata(path) {
        Err(_) => Ok(()), // not there, or `bind` will say what is wrong
        Ok(meta) if !meta.file_type().is_socket() => Err(Error::conflict(format!(
            "{} is in the way of the admin socket and is not a socket; remove it or set admin_socket",
            path.display()
        ))),
        Ok(_) => match UnixStream::connect(path) {
            Ok(_) => Err(Error::conflict(format!("another hub listens on {}", path.display()))),
            // Left behind by a hub that did not end in order; the new one is moved over it.
            Err(_) => Ok(()),
        },
    }
}

fn bind(path: &Path) -> io::Result<Listener> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(SUFFIX);
    let beside = PathBuf::from(beside);
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(&beside)?;
    fs::set_permissions(&beside, fs::Permissions::from_mode(0o660))?;
    if let Some(gid) = group_id(&fs::read_to_string("/etc/group").unwrap_or_default(), GROUP)
        && let Err(error) = chown(&beside, None, Some(gid))
    {
        log::warn!("the admin socket stays with the hub's own group, it cannot be given to {GROUP}: {error}");
    }
    let inode = Some(fs::symlink_metadata(&beside)?.ino());
    fs::rename(&beside, path)?;
    Ok(Listener::Unix(listener, SocketFile { path: path.to_owned(), inode }))
}

/// The id of a group in the text of /etc/group (group(5)). System groups are always there.
fn group_id(groups: &str, name: &str) -> Option<u32> {
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then(|| fields.nth(1)?.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_group_is_found_by_its_whole_name() {
        let groups = "root:x:0:\nxswarm-adminx:x:7:\nxswarm-admin:x:993:anna,ben\nbroken\n";
        assert_eq!(group_id(groups, GROUP), Some(993));
        assert_eq!(group_id(groups, "broken"), None);
        assert_eq!(group_id(groups, "absent"), None);
    }

    #[tokio::test]
    async fn the_socket_is_for_owner_and_group_and_goes_away() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("admin.sock");
        let listener = Listener::unix(&path, None).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o660);
        assert_eq!(listener.address(), path.display().to_string());
        drop(listener);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_live_socket_is_left_alone_and_a_dead_one_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("admin.sock");
        let live = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert_eq!(Listener::unix(&path, None).unwrap_err().kind, Kind::Conflict);
        drop(live); // std leaves the file behind, as a crash does
        assert!(path.exists());
        assert!(Listener::unix(&path, None).is_ok());
    }

    #[tokio::test]
    async fn something_else_in_the_way_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("admin.sock");
        fs::write(&path, "precious").unwrap();
        assert_eq!(Listener::unix(&path, None).unwrap_err().kind, Kind::Conflict);
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        let long = dir.path().join("x".repeat(120));
        assert_eq!(Listener::unix(&long, None).unwrap_err().kind, Kind::Invalid);
    }
}
