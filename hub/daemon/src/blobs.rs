//! Files that came with messages, kept under the state directory by their content.
//!
//! - What is kept is encrypted (XChaCha20-Poly1305, draft-irtf-cfrg-xchacha-03) with a key derived from the database's:
//!   whoever has the disk has neither (G6). Each file has a random nonce of its own.
//! - Its name is a keyed hash of its content: the same file is kept once, and a name tells nobody what it is.
//! - It is on disk before a row may name it ([`Blobs::put`] syncs file and directory), and what no row names any more is
//!   deleted by the daily sweep, unless it is so young that its row may still be on its way.
//!
//! What a file is called and whose it is, the database knows. Nothing is opened or unpacked here.

use std::path::Path;

use axum::body::Bytes;
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use chrono::{DateTime, Duration, Utc};
use hmac::{Hmac, Mac};
use object_store::{ObjectStore, ObjectStoreExt, local::LocalFileSystem, path::Path as Place};
use sha2::Sha256;
use tokio::sync::{RwLock, RwLockReadGuard};
use xswarm_store::{Key, Store};

use crate::{
    error::{Error, Result},
    random,
};

/// The first byte of a file: how the rest is to be read.
const VERSION: u8 = 1;

/// Bytes of a nonce.
const NONCE_BYTES: usize = 24;

/// How old a file is at least that the sweep deletes.
const YOUNG: Duration = Duration::days(1);

/// Kept files.
pub(crate) struct Blobs {
    files: LocalFileSystem,
    cipher: XChaCha20Poly1305,
    naming: Hmac<Sha256>,
    /// Held for reading from putting a file to committing its row, for writing while files are deleted.
    in_use: RwLock<()>,
}

impl Blobs {
    /// Those of a state directory.
    pub(crate) fn open(state_dir: &Path, key: &Key) -> Result<Self> {
        let directory = state_dir.join("attachments");
        let unusable = |what: &dyn std::fmt::Display| {
            Error::unavailable(format!("the directory {} cannot be used: {what}", directory.display()))
        };
        std::fs::create_dir_all(&directory).map_err(|error| unusable(&error))?;
        let files = LocalFileSystem::new_with_prefix(&directory).map_err(|error| unusable(&error))?.with_fsync(true);
        let naming = Hmac::new_from_slice(&key.derive("attachment names"))
            .map_err(|error| Error::internal("a key has the wrong length").with_source(error))?;
        let cipher = XChaCha20Poly1305::new(&key.derive("attachment contents").into());
        Ok(Self { files, cipher, naming, in_use: RwLock::new(()) })
    }

    /// Keeps files from being deleted while their rows are being written.
    pub(crate) async fn hold(&self) -> RwLockReadGuard<'_, ()> {
        self.in_use.read().await
    }

    /// Keeps a file and answers its name once it is on disk.
    pub(crate) async fn put(&self, content: &[u8]) -> Result<String> {
        let digest = self.naming.clone().chain_update(content).finalize().into_bytes();
        let name = digest.iter().fold(String::with_capacity(64), |mut name, byte| {
            use std::fmt::Write;
            // Writing to a string cannot fail.
            let _ = write!(name, "{byte:02x}");
            name
        });
        let mut nonce = [0; NONCE_BYTES];
        random::fill(&mut nonce)?;
        let payload = Payload { msg: content, aad: name.as_bytes() };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_opaque| Error::internal("a file could not be encrypted"))?;
        let mut bytes = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
        bytes.push(VERSION);
        bytes.extend(nonce);
        bytes.extend(sealed);
        // Written anew even when it is there already: that makes it young again, and heals what was damaged.
        self.files
            .put(&place(&name)?, bytes.into())
            .await
            .map_err(|error| Error::unavailable("a file cannot be kept (is the disk full?)").with_source(error))?;
        Ok(name)
    }

    /// The content of a file.
    pub(crate) async fn get(&self, name: &str) -> Result<Bytes> {
        let damaged = || Error::internal("a kept file is damaged: restore it from a backup");
        let found = match self.files.get(&place(name)?).await {
            Ok(found) => found.bytes().await,
            Err(object_store::Error::NotFound { .. }) => {
                return Err(Error::not_found("the file is no longer there: restore it from a backup"));
            }
            Err(error) => Err(error),
        };
        let bytes = found.map_err(|error| Error::unavailable("a file cannot be read").with_source(error))?;
        let (head, sealed) = bytes.split_at_checked(1 + NONCE_BYTES).ok_or_else(damaged)?;
        let (version, nonce) = head.split_first().ok_or_else(damaged)?;
        let nonce = XNonce::try_from(nonce).map_err(|_length| damaged())?;
        if *version != VERSION {
            return Err(Error::internal("a kept file is of a newer version"));
        }
        let payload = Payload { msg: sealed, aad: name.as_bytes() };
        self.cipher.decrypt(&nonce, payload).map(Bytes::from).map_err(|_opaque| damaged())
    }

    /// Deletes what no row names and is no longer young. The number deleted.
    pub(crate) async fn sweep(&self, store: &Store, now: DateTime<Utc>) -> Result<u64> {
        let unreadable = |error| Error::unavailable("kept files cannot be listed").with_source(error);
        let mut deleted = 0;
        let shelves = self.files.list_with_delimiter(None).await.map_err(unreadable)?.common_prefixes;
        for shelf in shelves {
            // One shelf at a time: messages come in between.
            let _alone = self.in_use.write().await;
            for object in self.files.list_with_delimiter(Some(&shelf)).await.map_err(unreadable)?.objects {
                let name: String = object.location.parts().map(|part| part.as_ref().to_owned()).collect();
                let named = store.read(move |rows| rows.blob_is_named(&name).map_err(Error::from)).await?;
                if named || object.last_modified > now - YOUNG {
                    continue;
                }
                let gone = self.files.delete(&object.location).await;
                gone.map_err(|error| Error::unavailable("a file cannot be deleted").with_source(error))?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }
}

/// Where a file lies: 256 shelves, so that no directory grows large.
fn place(name: &str) -> Result<Place> {
    let well_formed = name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    match name.split_at_checked(2) {
        Some((shelf, rest)) if well_formed => Ok(Place::from(format!("{shelf}/{rest}"))),
        Some(_) | None => Err(Error::internal("a kept file has no such name")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use xswarm_store::Options;

    fn key() -> Key {
        Key::from_hex(&"5a".repeat(32)).unwrap()
    }

    fn files(dir: &Path) -> Vec<std::path::PathBuf> {
        let shelves = std::fs::read_dir(dir.join("attachments")).unwrap();
        let shelves = shelves.map(|shelf| shelf.unwrap().path());
        shelves.flat_map(|shelf| std::fs::read_dir(shelf).unwrap().map(|file| file.unwrap().path())).collect()
    }

    #[tokio::test]
    async fn a_file_is_kept_once_and_not_in_the_clear() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path(), &key()).unwrap();
        let content = b"the contract, word for word".repeat(100);
        let name = blobs.put(&content).await.unwrap();
        assert_eq!(blobs.put(&content).await.unwrap(), name);
        let other = blobs.put(b"another").await.unwrap();
        assert_ne!(name, other);
        assert_eq!(blobs.get(&name).await.unwrap(), content);
        let files = files(dir.path());
        assert_eq!(files.len(), 2);
        for file in files {
            let bytes = std::fs::read(file).unwrap();
            assert!(!bytes.windows(12).any(|window| window == b"the contract"));
        }
        let elsewhere = Blobs::open(tempfile::tempdir().unwrap().path(), &Key::from_hex(&"5b".repeat(32)).unwrap());
        assert_ne!(elsewhere.unwrap().put(&content).await.unwrap(), name, "the name is keyed");
    }

    #[tokio::test]
    async fn damage_and_exchange_are_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path(), &key()).unwrap();
        let [one, other] = [blobs.put(b"one").await.unwrap(), blobs.put(b"other").await.unwrap()];
        let path = |name: &str| dir.path().join("attachments").join(&name[..2]).join(&name[2..]);
        std::fs::copy(path(&one), path(&other)).unwrap();
        assert_eq!(blobs.get(&other).await.unwrap_err().kind, Kind::Internal);
        std::fs::write(path(&one), b"x").unwrap();
        assert_eq!(blobs.get(&one).await.unwrap_err().kind, Kind::Internal);
        std::fs::remove_file(path(&one)).unwrap();
        assert_eq!(blobs.get(&one).await.unwrap_err().kind, Kind::NotFound);
        assert_eq!(blobs.get("../../etc/passwd").await.unwrap_err().kind, Kind::Internal);
    }

    #[tokio::test]
    async fn what_no_row_names_is_deleted_once_it_is_old() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Options::new(dir.path()), &key()).unwrap();
        let blobs = Blobs::open(dir.path(), &key()).unwrap();
        blobs.put(b"orphan").await.unwrap();
        let written = DateTime::<Utc>::from(std::fs::metadata(&files(dir.path())[0]).unwrap().modified().unwrap());
        assert_eq!(blobs.sweep(&store, written + Duration::hours(23)).await.unwrap(), 0);
        assert_eq!(blobs.sweep(&store, written + Duration::hours(25)).await.unwrap(), 1);
        assert!(files(dir.path()).is_empty());
    }
}
