//! The command line as a process.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::Command,
};

use crate::{binaries, environment, wait::PATIENCE};

/// `xswarm`, talking to one hub.
#[derive(Debug, Clone)]
pub struct Cli {
    socket: PathBuf,
}

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Said {
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// It must have ended with this code.
    #[expect(clippy::return_self_not_must_use, reason = "often the check is all that is wanted")]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "out: {}\nerr: {}", self.out, self.err);
        if code == 0 {
            assert_eq!(self.err, "", "a command that worked complains");
        }
        self
    }

    /// It must have worked and said one JSON value.
    pub fn json(self) -> serde_json::Value {
        let said = self.expect(0);
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error} in: {}", said.out))
    }
}

impl Cli {
    /// The command line for the hub behind `socket`.
    pub fn new(socket: &Path) -> Self {
        Self { socket: socket.to_owned() }
    }

    /// Runs a command with nothing on its standard input.
    pub async fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, "", &[]).await
    }

    /// Runs a command with `input` on its standard input and further environment variables.
    pub async fn run_with(&self, arguments: &[&str], input: &str, environment: &[(&str, &str)]) -> Said {
        let mut command = Command::new(binaries::cli());
        command.env_clear().env("PATH", environment::path()).env("XSWARM_SOCKET", &self.socket);
        command.envs(environment.iter().copied()).args(arguments).kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the command line can be started");
        let mut stdin = child.stdin.take().expect("piped");
        // A command that reads nothing may be gone by now.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = child.wait_with_output().await.expect("it ends");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text in UTF-8");
        Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs a command that does not end by itself: its first lines.
    pub async fn lines(&self, arguments: &[&str], count: usize) -> Vec<String> {
        let mut command = Command::new(binaries::cli());
        command.env_clear().env("PATH", environment::path()).env("XSWARM_SOCKET", &self.socket);
        command.args(arguments).kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the command line can be started");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut said = Vec::new();
        while said.len() < count {
            let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("it says something in time");
            said.push(line.expect("text in UTF-8").expect("it goes on"));
        }
        said
    }
}
