//! `X-Twilio-Signature` as the provider makes it: by the official library for Python, and by our own few lines for load.
//!
//! Source: Twilio, "Webhooks security". That both agree is a test of its own (`e2e/signatures.rs`).

use std::{
    io::{BufRead, BufReader, Write},
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
        let mut process = Command::new(python)
            .arg(tests.join("signer.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python can be started");
        let input = process.stdin.take().expect("piped");
        let output = BufReader::new(process.stdout.take().expect("piped"));
        Self { _process: process, input, output }
    }

    fn sign(&mut self, url: &str, form: &Form, token: &str) -> String {
        let request = serde_json::json!({ "url": url, "params": form, "token": token });
        writeln!(self.input, "{request}").expect("the signer takes requests (see its message above)");
        let mut signature = String::new();
        self.output.read_line(&mut signature).expect("the signer answers");
        assert!(!signature.is_empty(), "the signer ended: run `make test-deps`");
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
