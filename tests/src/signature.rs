//! `X-Twilio-Signature` as the provider makes it: by the official library for Python, and by our own few lines for load.
//!
//! Source: Twilio, "Webhooks security". That both agree is a test of its own (`e2e/signatures.rs`).

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{Mutex, OnceLock},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha1::Sha1;

use crate::environment;

/// A form: names and values in the order in which they are posted.
pub type Form = Vec<(String, String)>;

struct Official {
    // Ends by itself when its input is closed, which happens when this process ends, however it ends.
    _process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    complaints: File,
}

impl Official {
    fn start() -> Self {
        let tests = environment::repository().join("tests");
        let python = tests.join(".venv/bin/python");
        assert!(
            python.exists(),
            "the official library that signs the webhooks is missing ({}): run `make test-deps`",
            python.display()
        );
        let complaints = tempfile::tempfile().expect("a temporary file");
        let mut process = Command::new(python)
            .arg(tests.join("signer.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Not the test's own: whoever holds that for a moment longer than the test looks like a leak.
            .stderr(complaints.try_clone().expect("a second handle"))
            .spawn()
            .expect("python can be started");
        let input = process.stdin.take().expect("piped");
        let output = BufReader::new(process.stdout.take().expect("piped"));
        Self { _process: process, input, output, complaints }
    }

    fn sign(&mut self, url: &str, form: &Form, token: &str) -> String {
        let request = serde_json::json!({ "url": url, "params": form, "token": token });
        let mut signature = String::new();
        let asked = writeln!(self.input, "{request}").and_then(|()| self.output.read_line(&mut signature));
        if asked.is_err() || signature.is_empty() {
            let mut complaints = String::new();
            // Its words are a courtesy; that it ended is the failure.
            let _ = self.complaints.rewind().and_then(|()| self.complaints.read_to_string(&mut complaints));
            panic!("the signer ended; run `make test-deps`: {complaints}");
        }
        signature.trim_end().to_owned()
    }
}

/// The signature of `form` posted to `url`, made by the official library.
pub fn official(url: &str, form: &Form, token: &str) -> String {
    static OFFICIAL: OnceLock<Mutex<Official>> = OnceLock::new();
    let official = OFFICIAL.get_or_init(|| Mutex::new(Official::start()));
    official.lock().unwrap_or_else(std::sync::PoisonError::into_inner).sign(url, form, token)
}

/// The same, made here: for tests that sign thousands.
pub fn own(url: &str, form: &Form, token: &str) -> String {
    let fields: Vec<_> = form.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
    own_bytes(url, &fields, token)
}

/// The same for a form that is not text, which the official library cannot sign.
pub fn own_bytes(url: &str, fields: &[(&[u8], &[u8])], token: &str) -> String {
    let mut fields = fields.to_vec();
    fields.sort_unstable();
    fields.dedup();
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(url.as_bytes());
    for (name, value) in fields {
        mac.update(name);
        mac.update(value);
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The form as it is posted.
pub fn encode(form: &Form) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}
