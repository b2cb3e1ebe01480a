//! Attempts to get one file, as long as each brings more of it; and what lies about of it meanwhile.
//!
//! Whether what came is right is not asked here.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use hf_hub::api::sync::{ApiError, ApiRepo};

use super::{ModelFile, Progress};

/// So many attempts in a row that bring nothing are enough.
pub(super) const FRUITLESS_MOST: u32 = 3;

/// A file that came, not yet made sure of.
pub(super) struct Came {
    /// What points at it among what is under way.
    pub(super) pointer: PathBuf,
    /// How long the hub said it is.
    pub(super) bytes: Option<u64>,
    /// Whether it came in more than one piece.
    pub(super) resumed: bool,
}

/// Attempts until the file has come: as often as each brings more of it.
pub(super) fn attempts(
    hub: &ApiRepo,
    file: &ModelFile,
    under_way: &Path,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Came, ApiError> {
    let mut fruitless = 0;
    loop {
        let resumed = holds_part(under_way);
        let before = bytes_in(under_way);
        let mut total_bytes = 0;
        let report =
            Report { file: &file.name, done_bytes: 0, total_bytes: &mut total_bytes, progress: &mut *progress };
        let error = match hub.download_with_progress(&file.name, report) {
            Ok(pointer) => return Ok(Came { pointer, bytes: Some(total_bytes), resumed }),
            Err(error) => error,
        };
        log::info!("{} broke off: {error}", file.name);
        // What is under way is longer than the file, or as long: asking for the rest of it will never succeed.
        if matches!(error, ApiError::InvalidResume) || error.to_string().contains("416") {
            remove_parts(under_way)?;
        }
        fruitless = if bytes_in(under_way) > before { 0 } else { fruitless + 1 };
        if fruitless == FRUITLESS_MOST {
            return Err(error);
        }
    }
}

/// Tells how far it is.
struct Report<'a> {
    file: &'a str,
    done_bytes: u64,
    total_bytes: &'a mut u64,
    progress: &'a mut dyn FnMut(Progress<'_>),
}

impl hf_hub::api::Progress for Report<'_> {
    fn init(&mut self, size: usize, _file: &str) {
        self.done_bytes = 0;
        *self.total_bytes = size as u64;
    }

    fn update(&mut self, size: usize) {
        self.done_bytes += size as u64;
        (self.progress)(Progress { file: self.file, done_bytes: self.done_bytes, total_bytes: *self.total_bytes });
    }

    fn finish(&mut self) {}
}

/// The files in a directory and below; links are not followed.
pub(super) fn files_in(directory: &Path) -> Vec<(PathBuf, u64)> {
    let mut files = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => directories.push(entry.path()),
                Ok(metadata) if metadata.is_file() => files.push((entry.path(), metadata.len())),
                Ok(_) | Err(_) => {}
            }
        }
    }
    files
}

pub(in crate::catalogue) fn bytes_in(directory: &Path) -> u64 {
    files_in(directory).iter().map(|(_, bytes)| bytes).sum()
}

pub(super) fn is_part(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "part")
}

fn holds_part(directory: &Path) -> bool {
    files_in(directory).iter().any(|(path, _)| is_part(path))
}

fn remove_parts(directory: &Path) -> io::Result<()> {
    files_in(directory).iter().filter(|(path, _)| is_part(path)).try_for_each(|(path, _)| fs::remove_file(path))
}
