//! The sound of calls, kept under the state directory where `[voice] record` says so.
//!
//! - Each recording is a file of its own, encrypted with a key of its own that stands in its row and nowhere else: deleting
//!   the row deletes the recording, in that very commit. The file is removed after it, at the latest by the daily sweep.
//! - It is written while the call goes on, a second at a time (XChaCha20-Poly1305, draft-irtf-cfrg-xchacha-03, numbered
//!   nonces), so memory stays small and a crash loses a second. The pieces cannot be exchanged or put in another order.
//! - What is kept is both sides as they travelled on the line, left the caller and right the Boss; the WAV header is made
//!   when it is read.
//! - A disk that is full, or nearly, ends the recording, and nothing else.
//!
//! What is recorded, and what is left out of it, is decided in `channels/call/recording.rs`.

mod wav;

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use chrono::{DateTime, Utc};
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::task::TaskTracker;
use xswarm_core::{call::RecordedAs, id::CallId};
use xswarm_store::{KeptRecording, Store};

use crate::{
    error::{Error, Result},
    random, system,
};

/// The first byte of a file: how the rest is to be read.
const VERSION: u8 = 1;

/// Bytes of sound in one piece: a second of both sides of a telephone call.
pub(crate) const PIECE_BYTES: usize = 16_000;

/// What encryption adds to a piece.
const TAG_BYTES: usize = 16;

/// So many pieces may wait to be written; a disk that is slower ends the recording.
const PIECES_WAITING: usize = 8;

/// So much of the disk is left to everything else.
const RESERVE_BYTES: u64 = 256 << 20;

/// Where recordings lie.
pub(crate) struct Recordings {
    directory: PathBuf,
    store: Arc<Store>,
}

/// A recording that is being made. Dropping it ends it.
pub(crate) struct Tape {
    pieces: mpsc::Sender<Vec<u8>>,
    writing: JoinHandle<()>,
}

impl Tape {
    /// A tape for tests, and what comes off it.
    #[cfg(test)]
    pub(crate) fn in_memory() -> (Self, mpsc::Receiver<Vec<u8>>) {
        let (pieces, coming) = mpsc::channel(1_000);
        (Self { pieces, writing: TaskTracker::new().spawn(async {}) }, coming)
    }

    /// Takes a piece of [`PIECE_BYTES`]; only the last may be shorter. False when nothing more is kept.
    pub(crate) fn write(&self, piece: Vec<u8>) -> bool {
        self.pieces.try_send(piece).is_ok()
    }

    /// Waits until everything is on disk.
    pub(crate) async fn finish(self) {
        drop(self.pieces);
        if self.writing.await.is_err() {
            log::error!("what writes a recording ended badly");
        }
    }
}

impl Recordings {
    /// Those of a state directory.
    pub(crate) fn open(state_dir: &Path, store: Arc<Store>) -> Result<Self> {
        let directory = state_dir.join("recordings");
        std::fs::create_dir_all(&directory).map_err(|error| {
            Error::unavailable(format!("the directory {} cannot be used: {error}", directory.display()))
        })?;
        Ok(Self { directory, store })
    }

    /// Begins to record a call. What writes runs in `tasks`.
    pub(crate) async fn begin(
        &self,
        call: CallId,
        format: RecordedAs,
        now: DateTime<Utc>,
        tasks: &TaskTracker,
    ) -> Result<Tape> {
        let mut key = [0; 32];
        random::fill(&mut key)?;
        let file = format!("{call}.sealed");
        let kept = KeptRecording { call, file: file.clone(), key, format, started_at: now };
        self.store.write(move |tx| tx.recording_insert(&kept).map_err(Error::from)).await?;
        let path = self.directory.join(&file);
        let opened = match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(opened) => opened,
            Err(error) => {
                self.store.write(move |tx| tx.recording_delete(call).map_err(Error::from)).await?;
                return Err(Error::unavailable("a recording cannot be kept").with_source(error));
            }
        };
        let directory = self.directory.clone();
        let room = move || system::disk_free(&directory).is_ok_and(|free| free > RESERVE_BYTES);
        let (pieces, coming) = mpsc::channel(PIECES_WAITING);
        let writing = tasks.spawn_blocking(move || {
            if let Err(error) = Sealing::new(opened, &key, &file).write_all(coming, room) {
                log::warn!(call:% = call; "the recording of a call ends, and the call goes on: {error}");
            }
        });
        Ok(Tape { pieces, writing })
    }

    /// The recording of a call as a WAV file; `None` when there is none.
    pub(crate) async fn read(&self, call: CallId) -> Result<Option<Playback>> {
        let Some(kept) = self.store.read(move |rows| rows.recording(call).map_err(Error::from)).await? else {
            return Ok(None);
        };
        let path = self.directory.join(&kept.file);
        let gone =
            |error| Error::not_found("the recording is no longer there: restore it from a backup").with_source(error);
        let file = File::open(path).map_err(gone)?;
        let unreadable = |error| Error::unavailable("a recording cannot be read").with_source(error);
        Playback::open(file, &kept).map(Some).map_err(unreadable)
    }

    /// Deletes the recording of a call. Whether there was one.
    pub(crate) async fn delete(&self, call: CallId) -> Result<bool> {
        let kept = self.store.read(move |rows| rows.recording(call).map_err(Error::from)).await?;
        let deleted = self.store.write(move |tx| tx.recording_delete(call).map_err(Error::from)).await?;
        if let Some(kept) = kept {
            self.remove(&kept.file)?;
        }
        Ok(deleted)
    }

    /// Removes files that no row names: nobody can hear them any more. The number of them.
    pub(crate) async fn sweep(&self) -> Result<u64> {
        let unreadable = |error| Error::unavailable("recordings cannot be listed").with_source(error);
        let mut removed = 0;
        for entry in std::fs::read_dir(&self.directory).map_err(unreadable)? {
            // A name that is no text is none of ours.
            let Ok(file) = entry.map_err(unreadable)?.file_name().into_string() else { continue };
            let wanted = file.clone();
            if !self.store.read(move |rows| rows.recording_is_named(&wanted).map_err(Error::from)).await? {
                self.remove(&file)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn remove(&self, file: &str) -> Result<()> {
        match std::fs::remove_file(self.directory.join(file)) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(Error::unavailable("a recording cannot be deleted").with_source(error)),
        }
    }
}

/// A file that is being written.
struct Sealing<W> {
    to: W,
    cipher: XChaCha20Poly1305,
    name: String,
    written: u64,
}

impl<W: Write> Sealing<W> {
    fn new(to: W, key: &[u8; 32], name: &str) -> Self {
        Self { to, cipher: XChaCha20Poly1305::new(key.into()), name: name.to_owned(), written: 0 }
    }

    fn piece(&mut self, piece: &[u8]) -> io::Result<()> {
        if self.written == 0 {
            self.to.write_all(&[VERSION])?;
        }
        let aad = about(&self.name, self.written);
        let sealed = self
            .cipher
            .encrypt(&nonce(self.written), Payload { msg: piece, aad: &aad })
            .map_err(|_opaque| io::Error::other("it cannot be encrypted"))?;
        self.written += 1;
        self.to.write_all(&sealed)
    }
}

impl Sealing<File> {
    /// Writes what comes until nothing more does, or there is no room.
    fn write_all(mut self, mut coming: mpsc::Receiver<Vec<u8>>, room: impl Fn() -> bool) -> io::Result<()> {
        while let Some(piece) = coming.blocking_recv() {
            if !room() {
                return Err(io::Error::new(io::ErrorKind::StorageFull, "the disk is nearly full"));
            }
            self.piece(&piece)?;
        }
        self.to.sync_all()
    }
}

/// A recording that is read, from its header on.
pub(crate) struct Playback {
    file: File,
    cipher: XChaCha20Poly1305,
    name: String,
    header: Option<Vec<u8>>,
    next: u64,
    pieces: u64,
    /// Bytes of sound in all.
    bytes: u64,
}

impl Playback {
    fn open(file: File, kept: &KeptRecording) -> io::Result<Self> {
        let sealed = file.metadata()?.len().saturating_sub(1);
        let whole = (PIECE_BYTES + TAG_BYTES) as u64;
        let (pieces, rest) = (sealed / whole, sealed % whole);
        let cipher = XChaCha20Poly1305::new(&kept.key.into());
        let bytes = pieces * PIECE_BYTES as u64;
        let mut playback = Self { file, cipher, name: kept.file.clone(), header: None, next: 0, pieces, bytes };
        // What a crash left of the last piece is nothing that can be heard.
        if let Ok(last) = playback.piece(pieces, usize::try_from(rest).unwrap_or(0)) {
            playback.pieces += 1;
            playback.bytes += last.len() as u64;
        }
        let length = u32::try_from(playback.bytes).unwrap_or(u32::MAX);
        playback.header = Some(wav::header(kept.format, length));
        Ok(playback)
    }

    /// How many bytes the WAV file has.
    pub(crate) fn length(&self) -> u64 {
        self.bytes + self.header.as_ref().map_or(0, |header| header.len() as u64)
    }

    /// What comes next of it, up to a second; `None` at its end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        if let Some(header) = self.header.take() {
            return Ok(Some(header));
        }
        if self.next == self.pieces {
            return Ok(None);
        }
        let left = self.bytes - self.next * PIECE_BYTES as u64;
        let length = usize::try_from(left).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
        let piece = self.piece(self.next, length + TAG_BYTES)?;
        self.next += 1;
        Ok(Some(piece))
    }

    fn piece(&mut self, number: u64, sealed_bytes: usize) -> io::Result<Vec<u8>> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "a recording is damaged");
        self.file.seek(SeekFrom::Start(1 + number * (PIECE_BYTES + TAG_BYTES) as u64))?;
        let mut sealed = vec![0; sealed_bytes];
        self.file.read_exact(&mut sealed)?;
        let aad = about(&self.name, number);
        let payload = Payload { msg: &sealed, aad: &aad };
        self.cipher.decrypt(&nonce(number), payload).map_err(|_opaque| damaged())
    }
}

/// Each piece has a number, and the key is of this file alone: no nonce is used twice.
fn nonce(number: u64) -> XNonce {
    let mut nonce = [0; 24];
    for (byte, of) in nonce.iter_mut().zip(number.to_le_bytes()) {
        *byte = of;
    }
    nonce.into()
}

/// What a piece is bound to: its file and its place.
fn about(name: &str, number: u64) -> Vec<u8> {
    let mut about = vec![VERSION];
    about.extend(name.as_bytes());
    about.extend(number.to_le_bytes());
    about
}

#[cfg(test)]
mod tests;
