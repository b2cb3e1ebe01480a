//! Real voice servers on this machine (pocketsphinx and espeak-ng behind the official Wyoming library); see
//! `voice_servers.py`.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use xswarm_voice::audio::{Format, Resampler};

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

    /// Starts them for what comes over a telephone, which only these understand.
    pub fn telephone(sentences: &[&str]) -> Self {
        Self::with(&["--telephone"], sentences)
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

    /// What is said in a piece of sound of so many samples a second, as one utterance: asked of the server directly.
    pub fn transcript(&self, samples: &[f32], rate_hz: u32) -> String {
        let (mut sound, mut bytes) = (Vec::new(), Vec::new());
        let mut resampler = Resampler::new(rate_hz, 16_000).expect("a usual rate");
        resampler.push(samples, &mut sound);
        resampler.finish(&mut sound);
        Format::Linear.encode(&sound, &mut bytes);
        let mut connection = TcpStream::connect(&self.stt).expect("the server is there");
        let shape = json!({ "rate": 16_000, "width": 2, "channels": 1 });
        let mut tell = |kind: &str, data: &Value, payload: &[u8]| {
            let header = json!({ "type": kind, "data": data, "payload_length": payload.len() });
            connection.write_all(format!("{header}\n").as_bytes()).expect("it is taken");
            connection.write_all(payload).expect("it is taken");
        };
        tell("transcribe", &json!({ "language": "en" }), &[]);
        tell("audio-start", &shape, &[]);
        bytes.chunks(4_096).for_each(|chunk| tell("audio-chunk", &shape, chunk));
        tell("audio-stop", &json!({}), &[]);
        let mut answers = BufReader::new(connection);
        loop {
            let mut line = String::new();
            answers.read_line(&mut line).expect("it answers");
            let header: Value = serde_json::from_str(&line).expect("an event");
            let mut data = vec![0; usize::try_from(header["data_length"].as_u64().unwrap_or(0)).expect("small")];
            answers.read_exact(&mut data).expect("its data");
            if header["type"] == "transcript" {
                let data: Value = serde_json::from_slice(&data).expect("an object");
                return data["text"].as_str().expect("a text").to_owned();
            }
        }
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
