//! Recorded requests against the official library's own types (`tests/model_requests.py`).

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::environment;

/// What is wrong with requests to Anthropic's Messages API: a line for each fault, none when all are well formed.
pub fn faults(requests: &[Value]) -> Vec<String> {
    judged(requests).into_iter().flatten().collect()
}

/// What is wrong with each request.
pub fn judged(requests: &[Value]) -> Vec<Vec<String>> {
    let tests = environment::repository().join("tests");
    let python = tests.join(".venv/bin/python");
    assert!(python.exists(), "the official library is missing ({}): run `make test-deps`", python.display());
    let mut process = Command::new(python)
        .arg(tests.join("model_requests.py"))
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
    let answers = String::from_utf8(output.stdout).expect("text in UTF-8");
    let answers: Vec<Vec<String>> =
        answers.lines().map(|line| serde_json::from_str(line).expect("a list of faults")).collect();
    assert_eq!(answers.len(), requests.len(), "every request is judged");
    answers
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_the_library_would_not_send_is_found() {
        let good = json!({
            "model": "claude-haiku-5-5", "max_tokens": 100, "stream": true,
            "system": [{ "type": "text", "text": "Be brief.", "cache_control": { "type": "ephemeral" } }],
            "messages": [
                { "role": "user", "content": "Hello" },
                { "role": "assistant", "content": [{ "type": "tool_use", "id": "t1", "name": "n", "input": {} }] },
                { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "t1", "content": "done" }] },
            ],
            "tools": [{ "name": "n", "description": "d", "input_schema": { "type": "object", "properties": {} } }],
        });
        let mut requests = vec![good.clone()];
        for (pointer, value) in [
            ("/max_tokens", json!("100")),
            ("/messages/0/role", json!("person")),
            ("/messages/1/content/0/input", json!("text")),
            ("/messages/2/content/0/tool_use_id", json!(7)),
            ("/tools/0/input_schema", json!([])),
            ("/stream", json!(false)),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).unwrap() = value;
            requests.push(bad);
        }
        for (pointer, name) in
            [("", "max_output"), ("/messages/0", "by"), ("/messages/1/content/0", "arguments"), ("/tools/0", "schema")]
        {
            let mut bad = good.clone();
            bad.pointer_mut(pointer).unwrap()[name] = json!("x");
            requests.push(bad);
        }
        let judged = judged(&requests);
        assert_eq!(judged[0], Vec::<String>::new());
        for (request, faults) in requests.iter().zip(&judged).skip(1) {
            assert!(!faults.is_empty(), "{request:#}");
        }
    }
}
