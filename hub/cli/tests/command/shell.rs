//! Running the command on pipes.

use std::{
    ffi::OsStr,
    io::{ErrorKind, Write},
    path::Path,
    process::{Command, Output, Stdio},
};

/// The command, with nothing of the machine's own environment but what it needs.
pub(crate) fn xswarm(socket: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xswarm"));
    command.env_clear().env("XSWARM_SOCKET", socket).stdin(Stdio::null());
    command
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The exit status.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Outcome {
    /// Standard output of a command that must succeed without complaint.
    pub(crate) fn ok(self) -> String {
        assert!(self.code == 0 && self.err.is_empty(), "{self:?}");
        self.out
    }
}

/// Runs a command.
pub(crate) fn run(socket: &Path, arguments: &[impl AsRef<OsStr>]) -> Outcome {
    xswarm(socket).args(arguments).output().unwrap().into()
}

/// Runs a command with words separated by blanks.
pub(crate) fn line(socket: &Path, words: &str) -> Outcome {
    run(socket, &words.split(' ').collect::<Vec<_>>())
}

/// Runs a command with something on its standard input.
pub(crate) fn fed(socket: &Path, arguments: &[&str], input: &[u8]) -> Outcome {
    let mut command = xswarm(socket);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that does not get so far as to read it has ended; its outcome says why.
    if let Err(error) = child.stdin.take().unwrap().write_all(input) {
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    }
    child.wait_with_output().unwrap().into()
}
