//! Gets a model's files from Hugging Face, through its own client library (`hf-hub`), and makes sure of them.
//!
//! The library knows the protocol and goes on where a transfer broke off. What it does not do is done here: a file is compared
//! with the checksum that the hub names (SHA-256 of a large file, git's SHA-1 of a small one), there must be room for it, and
//! it takes its place by being renamed, so that a model's file is either whole or not there. What was got is noted beside it,
//! with its SHA-256: when asked again, only what is missing or has changed since is fetched.
//!
//! It blocks, for as long as gigabytes take; a connection that stalls without breaking is waited for. Whoever ends the
//! program and asks again loses nothing.

mod checksum;
mod transfer;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use hf_hub::{
    Cache, Repo,
    api::sync::{ApiBuilder, ApiError},
};
use rustix::fs::{FlockOperation, flock, statvfs};
use serde::{Deserialize, Serialize};

use self::transfer::Came;
pub(super) use self::transfer::bytes_in;
use super::{Model, ModelFile};

/// Where the models are published.
pub const ENDPOINT: &str = "https://huggingface.co";

/// What was got, beside it.
const NOTES: &str = "pulled.json";

/// Where transfers are made, beside what they are for: a rename must not leave the file system.
pub(super) const UNDER_WAY: &str = ".pull";

/// So much must stay free.
const SPARE_BYTES: u64 = 256 << 20;

/// How far the transfer of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The file's name.
    pub file: &'a str,
    /// What is here of it, in bytes.
    pub done_bytes: u64,
    /// How long it is, in bytes.
    pub total_bytes: u64,
}

/// Why a model could not be got.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// There is no room for it.
    #[error("{model} needs {} MB in {}, where {} MB are free", needed_bytes / 1_000_000, directory.display(), free_bytes / 1_000_000)]
    NoRoom {
        /// The model's name.
        model: &'static str,
        /// Where.
        directory: PathBuf,
        /// What is still to come, and what must stay free.
        needed_bytes: u64,
        /// What is free.
        free_bytes: u64,
    },
    /// A file did not come.
    #[error("{file} cannot be got from {repository}: {reason}; asked again, it goes on where it broke off")]
    Transfer {
        /// The file's name.
        file: String,
        /// Where it should have come from.
        repository: &'static str,
        /// Why not, in the words of the client library.
        reason: String,
    },
    /// A file came, but it is not what the hub says it is.
    #[error("{file} came from {repository} wrong: {reason}; it was thrown away")]
    Wrong {
        /// The file's name.
        file: String,
        /// Where it came from.
        repository: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Another process gets the same model.
    #[error("{model} is being got by another process")]
    Busy {
        /// The model's name.
        model: &'static str,
    },
    /// The disk refuses.
    #[error("{}: {source}", path.display())]
    Disk {
        /// What was to be written or read.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// What is known of a file that was got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Noted {
    pub(super) bytes: u64,
    sha256: String,
}

pub(super) type Notes = BTreeMap<String, Noted>;

/// Gets what is missing of a model, or has changed, into the directory of its name in `models`; gives that directory. With
/// it, further files such as voices. `endpoint` is [`ENDPOINT`], or a server that speaks as it does.
pub fn pull(
    model: Model,
    further: &[ModelFile],
    models: &Path,
    endpoint: &str,
    mut progress: impl FnMut(Progress<'_>),
) -> Result<PathBuf, PullError> {
    let directory = models.join(model.name());
    let place = Place { model: model.name(), directory, endpoint };
    place.fill(&[further, model.files()].concat(), &mut progress)?;
    Ok(place.directory)
}

/// Where a model belongs, and where it comes from.
struct Place<'a> {
    model: &'static str,
    directory: PathBuf,
    endpoint: &'a str,
}

impl Place<'_> {
    fn fill(&self, files: &[ModelFile], progress: &mut dyn FnMut(Progress<'_>)) -> Result<(), PullError> {
        let under_way = self.directory.join(UNDER_WAY);
        fs::create_dir_all(&under_way).map_err(disk(&under_way))?;
        let lock = File::open(&self.directory).map_err(disk(&self.directory))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)
            .map_err(|_taken| PullError::Busy { model: self.model })?;

        let mut notes = notes(&self.directory);
        let mut missing = Vec::new();
        for file in files {
            if self.is_whole(file, &notes)? {
                let bytes = notes.get(&*file.name).map_or(0, |noted| noted.bytes);
                progress(Progress { file: &file.name, done_bytes: bytes, total_bytes: bytes });
            } else {
                missing.push(file);
            }
        }
        self.has_room(&missing, &under_way)?;
        for file in missing {
            let noted = self.get(file, &under_way, progress)?;
            notes.insert(file.name.to_string(), noted);
            self.note(&notes)?;
        }
        fs::remove_dir_all(&under_way).map_err(disk(&under_way))
    }

    /// Whether a file is as it came.
    fn is_whole(&self, file: &ModelFile, notes: &Notes) -> Result<bool, PullError> {
        let path = self.directory.join(&*file.name);
        let (Some(noted), Ok(metadata)) = (notes.get(&*file.name), fs::metadata(&path)) else { return Ok(false) };
        if metadata.len() != noted.bytes {
            return Ok(false);
        }
        Ok(checksum::sha256(&path).map_err(disk(&path))? == noted.sha256)
    }

    /// Whether there is room for what is missing. What is under way already takes its room.
    fn has_room(&self, missing: &[&ModelFile], under_way: &Path) -> Result<(), PullError> {
        let needed: u64 = missing.iter().map(|file| file.bytes).sum();
        let needed_bytes = needed.saturating_sub(bytes_in(under_way)) + SPARE_BYTES;
        let room = statvfs(&self.directory).map_err(|error| disk(&self.directory)(error.into()))?;
        let free_bytes = room.f_bavail.saturating_mul(room.f_frsize);
        if missing.is_empty() || needed_bytes <= free_bytes {
            return Ok(());
        }
        Err(PullError::NoRoom { model: self.model, directory: self.directory.clone(), needed_bytes, free_bytes })
    }

    /// Gets one file, makes sure of it, and puts it in its place.
    fn get(
        &self,
        file: &ModelFile,
        under_way: &Path,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Noted, PullError> {
        let cache = Cache::new(under_way.to_owned());
        let repository = Repo::model(file.repository.to_owned());
        let builder = ApiBuilder::from_cache(cache.clone()).with_endpoint(self.endpoint.to_owned());
        let transfer = |error: &ApiError| PullError::Transfer {
            file: file.name.to_string(),
            repository: file.repository,
            reason: error.to_string(),
        };
        let hub = builder.with_progress(false).build().map_err(|error| transfer(&error))?.repo(repository.clone());

        let mut again = false;
        loop {
            // What came whole before the program ended is there already.
            let came = match cache.repo(repository.clone()).get(&file.name) {
                Some(pointer) => Came { pointer, bytes: None, resumed: true },
                None => transfer::attempts(&hub, file, under_way, progress).map_err(|error| transfer(&error))?,
            };
            match self.place(file, &came) {
                Ok(noted) => return Ok(noted),
                // It went on from something that was wrong: from the beginning it may be right.
                Err(Misplaced::Wrong(reason)) if came.resumed && !again => {
                    log::info!("{} came wrong, and is got from its beginning: {reason}", file.name);
                    again = true;
                }
                Err(Misplaced::Wrong(reason)) => {
                    return Err(PullError::Wrong { file: file.name.to_string(), repository: file.repository, reason });
                }
                Err(Misplaced::Disk(error)) => return Err(error),
            }
        }
    }

    /// Compares what came with what the hub says of it, and renames it to its place; what is wrong is removed.
    fn place(&self, file: &ModelFile, came: &Came) -> Result<Noted, Misplaced> {
        let pointer = &came.pointer;
        let failed = |path: &Path| {
            let failed = disk(path);
            move |error| Misplaced::Disk(failed(error))
        };
        let blob = fs::canonicalize(pointer).map_err(failed(pointer))?;
        let checked = checksum::check(&blob, came.bytes).map_err(failed(&blob))?;
        let placed = match checked {
            Ok(noted) => {
                let target = self.directory.join(&*file.name);
                let parent = target.parent().unwrap_or(&self.directory);
                fs::create_dir_all(parent).map_err(failed(parent))?;
                File::open(&blob).and_then(|blob| blob.sync_all()).map_err(failed(&blob))?;
                fs::rename(&blob, &target).map_err(failed(&target))?;
                File::open(parent).and_then(|parent| parent.sync_all()).map_err(failed(parent))?;
                Ok(noted)
            }
            Err(reason) => {
                fs::remove_file(&blob).map_err(failed(&blob))?;
                Err(Misplaced::Wrong(reason))
            }
        };
        // It points at nothing now, and would be in the way of the next attempt.
        fs::remove_file(pointer).map_err(failed(pointer))?;
        placed
    }

    fn note(&self, notes: &Notes) -> Result<(), PullError> {
        let (new, target) = (self.directory.join(UNDER_WAY).join(NOTES), self.directory.join(NOTES));
        let text = serde_json::to_vec_pretty(notes).map_err(|error| disk(&target)(error.into()))?;
        fs::write(&new, text).map_err(disk(&new))?;
        fs::rename(&new, &target).map_err(disk(&target))
    }
}

/// What was got before. Notes that cannot be read note nothing: then all of it is got anew.
pub(super) fn notes(directory: &Path) -> Notes {
    let read = fs::read(directory.join(NOTES)).unwrap_or_default();
    serde_json::from_slice(&read).unwrap_or_default()
}

/// Why what came is not in its place.
enum Misplaced {
    Wrong(String),
    Disk(PullError),
}

fn disk(path: &Path) -> impl FnOnce(io::Error) -> PullError + use<> {
    let path = path.to_owned();
    move |source| PullError::Disk { path, source }
}

#[cfg(test)]
mod tests;
