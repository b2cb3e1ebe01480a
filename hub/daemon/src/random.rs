//! Random numbers from the operating system.

use crate::error::Error;

/// Fills `bytes`.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    use rustix::rand::{GetRandomFlags, getrandom};
    let drawn = getrandom(&mut *bytes, GetRandomFlags::empty())
        .map_err(|errno| Error::internal("the system gives no random numbers").with_source(errno))?;
    if drawn == bytes.len() { Ok(()) } else { Err(Error::internal("the system gives too few random numbers")) }
}
