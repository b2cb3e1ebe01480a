//! One hub per state directory: an advisory lock that the kernel drops when the process ends, however it ends.

use std::{fs::File, path::Path};

use rustix::fs::{FlockOperation, flock};

use crate::StoreError;

pub(crate) struct StateLock {
    _file: File,
}

impl StateLock {
    pub(crate) fn take(state_dir: &Path) -> Result<Self, StoreError> {
        let unusable = |source| StoreError::StateDir { path: state_dir.to_owned(), source };
        let file =
            File::options().create(true).truncate(false).write(true).open(state_dir.join("lock")).map_err(unusable)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { _file: file }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(StoreError::Locked(state_dir.to_owned())),
            Err(errno) => Err(unusable(errno.into())),
        }
    }
}
