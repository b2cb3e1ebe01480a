//! Reading a secret from the terminal without showing it.
//!
//! Written here because the usual library prints its question before it stops the echo, and leaves the terminal mute when
//! Ctrl-C ends the program at that moment. The kernel's own line editing stays on.

use std::io::{self, BufRead, Stdin};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

use crate::screen::Screen;

/// What Ctrl-C sends.
const CTRL_C: u8 = 0x03;

/// A terminal that shows nothing until this is dropped.
struct Mute {
    stdin: Stdin,
    before: Termios,
}

impl Mute {
    fn begin() -> io::Result<Self> {
        let stdin = io::stdin();
        let before = tcgetattr(&stdin)?;
        let mut mute = before.clone();
        mute.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG);
        // Ctrl-C ends the line instead of the program, so that the terminal is as before when the program ends.
        mute.special_codes[SpecialCodeIndex::VEOL] = CTRL_C;
        tcsetattr(&stdin, OptionalActions::Now, &mute)?;
        Ok(Self { stdin, before })
    }
}

impl Drop for Mute {
    fn drop(&mut self) {
        // A terminal that is gone needs no restoring.
        let _ = tcsetattr(&self.stdin, OptionalActions::Now, &self.before);
    }
}

/// Asks for a line that is not shown. Ctrl-C and Ctrl-D are [`io::ErrorKind::Interrupted`] and
/// [`io::ErrorKind::UnexpectedEof`].
pub(crate) fn ask(prompt: &str, screen: &mut Screen<'_>) -> io::Result<String> {
    let mute = Mute::begin()?;
    screen.prompt(prompt)?;
    let line = line(&mut mute.stdin.lock());
    drop(mute);
    screen.line("")?;
    line
}

/// Reads up to the end of the line, or Ctrl-C.
fn line(input: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    loop {
        let available = input.fill_buf()?;
        if available.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let end = available.iter().position(|byte| matches!(*byte, b'\n' | CTRL_C));
        let taken = end.map_or(available.len(), |end| end + 1);
        line.extend(available.iter().take(taken));
        input.consume(taken);
        match line.pop_if(|last| matches!(*last, b'\n' | CTRL_C)) {
            Some(CTRL_C) => return Err(io::ErrorKind::Interrupted.into()),
            Some(_) => return Ok(String::from_utf8_lossy(&line).into_owned()),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_with_enter_or_is_given_up() {
        let read = |bytes: &[u8]| line(&mut io::BufReader::with_capacity(3, bytes));
        assert_eq!(read(b"secret\nrest").unwrap(), "secret");
        assert_eq!(read(b"\n").unwrap(), "");
        assert_eq!(read(b"sec\x03").unwrap_err().kind(), io::ErrorKind::Interrupted);
        assert_eq!(read(b"sec").unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}
