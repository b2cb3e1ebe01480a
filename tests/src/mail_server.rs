//! A real mail server on this machine (aiosmtpd), that a test can tell how to treat the next mails.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    thread,
};

use serde_json::Value;

use crate::{environment, wait::wait_for};

/// Who may log in.
pub const USER: &str = "boss";
/// With which password.
pub const PASSWORD: &str = "correct horse battery";

/// A mail that the server took.
#[derive(Debug, Clone)]
pub struct Received {
    /// The envelope's recipient.
    pub to: String,
    /// The message as it came.
    pub data: String,
}

impl Received {
    /// A header's value, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.data.split_once("\r\n\r\n")?;
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let line = unfolded
            .lines()
            .find(|line| line.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(name)))?;
        line.split_once(':').map(|(_, value)| value.trim().to_owned())
    }
}

/// The server; it ends when dropped.
pub struct MailServer {
    port: u16,
    process: Child,
    input: Option<ChildStdin>,
    received: Arc<Mutex<Vec<Received>>>,
    noted: mpsc::Receiver<()>,
}

impl MailServer {
    /// Starts one; with `login` it takes mail only from those who log in.
    pub fn start(login: bool) -> Self {
        let tests = environment::repository().join("tests");
        let python = tests.join(".venv/bin/python");
        assert!(
            python.exists(),
            "the mail server of the tests is missing ({}): run `make test-deps`",
            python.display()
        );
        let mut process = Command::new(python)
            .arg(tests.join("mail_server.py"))
            .args(login.then_some("--login"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(tempfile::tempfile().expect("a temporary file"))
            .spawn()
            .expect("python can be started");
        let input = process.stdin.take();
        let mut output = BufReader::new(process.stdout.take().expect("piped"));
        let mut first = String::new();
        output.read_line(&mut first).expect("the server says its port");
        let first: Value = serde_json::from_str(&first).expect("the mail server starts; run `make test-deps`");
        let port = first["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
        let received = Arc::new(Mutex::new(Vec::new()));
        let (note, noted) = mpsc::channel();
        let list = Arc::clone(&received);
        // It ends with the server's output.
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let json: Value = serde_json::from_str(&line).expect("JSON from the mail server");
                if json["fault"].is_string() {
                    // A test that ended no longer listens.
                    let _ = note.send(());
                    continue;
                }
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                list.lock().unwrap().push(Received { to: text(&json["to"][0]), data: text(&json["data"]) });
            }
        });
        Self { port, process, input, received, noted }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How the next mail is treated; see `mail_server.py`. Several queue up.
    pub fn next(&mut self, fault: &str) {
        let input = self.input.as_mut().expect("it runs");
        writeln!(input, "{fault}").and_then(|()| input.flush()).expect("the mail server listens");
        self.noted.recv().expect("the mail server noted it");
    }

    /// What it took so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Waits until it took a mail whose data contains `part`.
    pub async fn wait_received(&self, part: &str) -> Received {
        let find = async || self.received().into_iter().find(|one| one.data.contains(part));
        wait_for(format!("a mail that contains `{part}`"), find).await
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.input.take();
        // It ends with its input; whoever waits for it leaves no zombie.
        let _ = self.process.wait();
    }
}
