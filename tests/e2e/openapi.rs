//! The real hub checked from outside against its own OpenAPI document, by schemathesis: what the document allows is
//! understood, what it does not allow is refused, every answer looks as described, and nothing needs less than its key.

use std::{process::Stdio, time::Duration};

use serde_json::json;
use tokio::process::Command;
use xswarm_core::admin::CreatedKey;
use xswarm_tests::{
    environment::{examples, repository},
    hub::Hub,
};

#[tokio::test]
async fn the_hub_keeps_to_its_document() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let admin = hub.api().admin().await;
    let key: CreatedKey =
        hub.api().post("/api/keys", &json!({ "user_id": admin.id, "name": "tests" })).await.expect(201).into();
    hub.api().ask("schedule dentist every friday at 3pm").await;
    let lan = hub.status().listeners.lan.clone();
    let tests = repository().join("tests");
    let program = tests.join(".venv/bin/schemathesis");
    assert!(program.exists(), "run `make test-deps` first");
    let mut command = Command::new(program);
    command
        .args(["--config-file", tests.join("schemathesis.toml").to_str().expect("a path of text")])
        .args(["run", &format!("http://{lan}/api/openapi.json"), "--url", &format!("http://{lan}")])
        .args(["--header", &format!("Authorization:Bearer {}", key.key)])
        .args(["--phases", "examples,coverage,fuzzing", "--max-examples", &examples().to_string(), "--seed", "1"])
        .args(["--generation-deterministic", "--no-color", "--warnings", "off"])
        .current_dir(hub.state_dir())
        .env_clear()
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(Duration::from_mins(30), command.output()).await.expect("it ends");
    let output = output.expect("schemathesis can be started");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    hub.finish(&[]).await;
}
