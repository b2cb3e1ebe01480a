//! Whether a file is what the hub says it is.

use std::{
    fmt::LowerHex,
    fs::File,
    io::{self, Read as _},
    path::Path,
};

use sha1::Sha1;
use sha2::{Digest, Sha256, digest::Output};

use super::Noted;

/// How much is read at once.
const PIECE: usize = 1 << 20;

/// The SHA-256 of a file, in hexadecimal digits.
pub(super) fn sha256(path: &Path) -> io::Result<String> {
    digest(path, Sha256::new())
}

/// Compares a file whose name is the hub's checksum of it. Inside: what it is, or what is wrong with it.
pub(super) fn check(blob: &Path, said_bytes: Option<u64>) -> io::Result<Result<Noted, String>> {
    let bytes = blob.metadata()?.len();
    if let Some(said) = said_bytes.filter(|&said| said != bytes) {
        return Ok(Err(format!("it has {bytes} bytes of {said}")));
    }
    let said = blob.file_name().unwrap_or_default().to_string_lossy();
    let sha256 = sha256(blob)?;
    // Git's own checksum is that of "blob", the length, and the content.
    let is = match said.len() {
        64 => sha256.clone(),
        40 => digest(blob, Sha1::new().chain_update(format!("blob {bytes}\0")))?,
        _ => return Ok(Err(format!("it came without a checksum, as \"{said}\""))),
    };
    if *said != is {
        return Ok(Err(format!("its checksum is {is}, not {said}")));
    }
    Ok(Ok(Noted { bytes, sha256 }))
}

fn digest<D: Digest>(path: &Path, mut digest: D) -> io::Result<String>
where
    Output<D>: LowerHex,
{
    let mut file = File::open(path)?;
    let mut piece = vec![0; PIECE];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(format!("{:x}", digest.finalize()));
        }
        digest.update(piece.get(..read).unwrap_or_default());
    }
}
