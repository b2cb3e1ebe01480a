//! Running the command on a terminal: a real pseudo-terminal, made by script(1).
//!
//! A test waits for what it expects to see before it types, so nothing depends on how fast anything is.

use std::{
    io::{Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

/// How long something may take to appear.
const PATIENCE: Duration = Duration::from_secs(20);

/// A command on a terminal.
pub(crate) struct Terminal {
    child: Child,
    output: Receiver<Vec<u8>>,
    /// What was shown and not yet expected.
    shown: String,
}

impl Terminal {
    /// Starts `xswarm` with words separated by blanks; its home is `home`.
    pub(crate) fn start(socket: &Path, home: &Path, words: &str) -> Self {
        Self::shell(socket, home, &format!("exec \"$XSWARM\" {words}"))
    }

    /// Starts a shell's command line; `$XSWARM` is the command.
    pub(crate) fn shell(socket: &Path, home: &Path, command_line: &str) -> Self {
        let command_line = format!("stty cols 200; {command_line}");
        let mut child = Command::new("script")
            .args(["--quiet", "--return", "--flush", "--command", &command_line, "/dev/null"])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("SHELL", "/bin/sh")
            .env("TERM", "xterm")
            .env("NO_COLOR", "1")
            .env("HOME", home)
            .env("XSWARM", env!("CARGO_BIN_EXE_xswarm"))
            .env("XSWARM_SOCKET", socket)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { child, output, shown: String::new() }
    }

    /// Waits until something appears after what was expected before, and gives everything up to its end.
    pub(crate) fn expect(&mut self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(start) = self.shown.find(text) {
                let rest = self.shown.split_off(start + text.len());
                return std::mem::replace(&mut self.shown, rest);
            }
            match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("`{text}` did not appear in {:?}", self.shown)
                }
            }
        }
    }

    /// Types.
    pub(crate) fn write(&mut self, text: &str) {
        self.child.stdin.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Waits for the end; gives the exit status and what was shown and not yet expected.
    pub(crate) fn end(mut self) -> (i32, String) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end: {:?}", self.shown),
            }
        }
        (self.child.wait().unwrap().code().unwrap(), std::mem::take(&mut self.shown))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed leaves nothing behind; one that ended has nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
