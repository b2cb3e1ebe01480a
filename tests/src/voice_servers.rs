//! Real voice servers on this machine (pocketsphinx and espeak-ng behind the official Wyoming library); see
//! `voice_servers.py`.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::environment;

/// Two servers; they end when dropped.
pub struct VoiceServers {
    /// Host and port of the one that listens.
    pub stt: String,
    /// Host and port of the one that speaks.
    pub tts: String,
    process: Child,
}

impl VoiceServers {
    /// Starts them. The one that listens knows these sentences and their beginnings, whoever of the servers' clients says
    /// them, and gives them back as they are written here. Their words must be in pocketsphinx's dictionary; numbers below
    /// sixty and times such as `2pm` or `3:30` may be figures.
    pub fn start(sentences: &[&str]) -> Self {
        Self::with(&[], sentences)
    }

    /// Starts them; they announce and do the streaming kind of the protocol.
    pub fn streaming(sentences: &[&str]) -> Self {
        Self::with(&["--streaming"], sentences)
    }

    fn with(options: &[&str], sentences: &[&str]) -> Self {
        let tests = environment::repository().join("tests");
        let python = tests.join(".venv/bin/python");
        assert!(
            python.exists(),
            "the voice servers of the tests are missing ({}): run `make test-deps`",
            python.display()
        );
        let mut process = Command::new(python)
            .arg(tests.join("voice_servers.py"))
            .args(options)
            .args(sentences)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python can be started");
        let mut output = BufReader::new(process.stdout.take().expect("piped"));
        let mut first = String::new();
        output.read_line(&mut first).expect("the servers say their ports");
        let first: Value = serde_json::from_str(&first).expect("the voice servers start; run `make test-deps`");
        let address = |name: &str| format!("127.0.0.1:{}", first[name].as_u64().expect("a port"));
        Self { stt: address("stt"), tts: address("tts"), process }
    }

    /// Ends them at once, as a machine does that is switched off.
    pub fn kill(&mut self) {
        self.process.kill().expect("it is ours");
        self.process.wait().expect("it was running");
    }
}

impl Drop for VoiceServers {
    fn drop(&mut self) {
        // They may have ended before; whoever waits for them leaves no zombie.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
