//! Rights: the hub must be able to read what whoever runs this command has fetched.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, lchown},
    path::Path,
};

use anyhow::Context as _;
use rustix::{
    fs::Mode,
    process::{geteuid, umask},
};

/// What is written from now on may be read by everybody who may open the directory it lies in.
pub(super) fn open_to_the_hub() {
    umask(Mode::WGRP | Mode::WOTH);
}

/// What root fetched belongs to whom the directory belongs in which the models lie, or the state: the hub's user.
pub(super) fn hand_over(model: &Path) -> anyhow::Result<()> {
    if !geteuid().is_root() {
        return Ok(());
    }
    let (Some(models), Some(state)) = (model.parent(), model.parent().and_then(Path::parent)) else { return Ok(()) };
    let given = || -> io::Result<()> {
        let mut owner = fs::metadata(models)?;
        if owner.uid() == 0 {
            owner = fs::metadata(state)?;
            lchown(models, Some(owner.uid()), Some(owner.gid()))?;
        }
        give(model, owner.uid(), owner.gid())
    };
    given().with_context(|| format!("{} cannot be given to the hub's user", model.display()))
}

/// Gives away a directory and all in it.
fn give(path: &Path, uid: u32, gid: u32) -> io::Result<()> {
    lchown(path, Some(uid), Some(gid))?;
    if path.symlink_metadata()?.is_dir() {
        for entry in fs::read_dir(path)? {
            give(&entry?.path(), uid, gid)?;
        }
    }
    Ok(())
}
