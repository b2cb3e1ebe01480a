//! Calendar files through other people's libraries (`tests/calendars.py`): Python's `icalendar` and `vobject`.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::environment;

/// What the libraries make of each request; see the script.
pub fn asked(requests: &[Value]) -> Vec<Value> {
    let tests = environment::repository().join("tests");
    let python = tests.join(".venv/bin/python");
    assert!(python.exists(), "the calendar libraries are missing ({}): run `make test-deps`", python.display());
    let mut process = Command::new(python)
        .arg(tests.join("calendars.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python can be started");
    let lines = requests.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let mut input = process.stdin.take().expect("piped");
    let writing = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = process.wait_with_output().expect("it ends");
    // Its own words say more than a broken pipe.
    let _ = writing.join().expect("the writer does not panic");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text in UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}
