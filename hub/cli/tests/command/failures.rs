//! How commands fail: exit status, words on standard error, nothing on standard output.

use std::os::unix::net::UnixListener;

use xswarm::client::{Client, ClientError};
use xswarm_core::admin::Status;

use crate::{
    hub::Hub,
    rows::{household, status},
    shell::{fed, line, run, xswarm},
};

#[test]
fn an_unreachable_hub_is_three_with_the_next_step() {
    let dir = tempfile::tempdir().unwrap();
    let absent = dir.path().join("absent.sock");
    let deserted = dir.path().join("deserted.sock");
    drop(UnixListener::bind(&deserted).unwrap());
    let verbs = ["status", "ask hello", "user list", "messages resend 01", "setup --non-interactive", "reload"];
    for socket in [&absent, &deserted] {
        for verb in verbs {
            let outcome = line(socket, verb);
            assert_eq!((outcome.code, outcome.out.as_str()), (3, ""), "{verb}");
            assert!(outcome.err.contains("make run") && outcome.err.contains("XSWARM_SOCKET"), "{verb}: {outcome:?}");
        }
        assert_eq!(fed(socket, &["chat"], b"hello\n").code, 3);
        let outcome = fed(socket, &["chat"], b"");
        assert!(outcome.code == 3 && outcome.err.contains("make run"), "nothing to say either: {outcome:?}");
    }
}

#[test]
fn the_command_line_beats_the_environment() {
    let (hub, ..) = household();
    let mut command = xswarm(std::path::Path::new("/nonexistent"));
    let output = command.args(["status", "--json", "--socket"]).arg(hub.socket()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_refusal_is_one_with_the_hubs_words() {
    let (hub, ..) = household();
    hub.refuses("POST /api/jobs/7/retry", 409, "only dead or parked jobs are tried again");
    for json in ["", " --json"] {
        let outcome = line(&hub.socket(), &format!("jobs retry 7{json}"));
        assert_eq!((outcome.code, outcome.out.as_str()), (1, ""));
        assert_eq!(outcome.err, "xswarm: Only dead or parked jobs are tried again.\n");
    }
    let outcome = line(&hub.socket(), "user show zoe");
    assert_eq!(outcome.code, 1);
    assert!(outcome.err.contains("There are: Anna, Bob."), "{outcome:?}");
}

#[test]
fn a_broken_answer_is_one_and_warns_about_repeating() {
    let hub = Hub::start();
    hub.hangs_up("POST /api/jobs/7/retry").answers_text("GET /api/status", "[]");
    let outcome = line(&hub.socket(), "jobs retry 7");
    assert_eq!(outcome.code, 1);
    assert!(
        outcome.err.contains("closed the connection") && outcome.err.contains("look before you repeat"),
        "{outcome:?}"
    );
    let outcome = line(&hub.socket(), "status");
    assert_eq!(outcome.code, 1);
    assert!(outcome.err.contains("another version"), "{outcome:?}");
}

#[test]
fn wrong_usage_is_two_and_reaches_no_hub() {
    let (hub, ..) = household();
    let lines = [
        "",
        "frobnicate",
        "ask",
        "ask  ",
        "agenda 2026-02-30",
        "agenda tomorow",
        "agenda --days 0",
        "memory add ",
        "memory search  ",
        "appointment add Lunch",
        "appointment add Lunch noon --at noon",
        "spending --day --since week",
        "messages --status lost",
        "messages --limit 0",
        "jobs retry seven",
        "user add",
        "user set bob",
        "user set bob --admin --member",
        "user add --name x --timezone Atlantis",
        "pairing approve K7PM2X",
        "pairing approve K7PM2X --name x --user y",
        "pairing approve ../users --name x",
        "completions tcsh",
        "setup",
        "setup --non-interactive --phone-number 123",
        "setup --non-interactive --public-url http://boss.example.com",
        "setup --non-interactive --account-sid AC1",
    ];
    for words in lines {
        let outcome = line(&hub.socket(), words);
        assert_eq!((outcome.code, outcome.out.as_str()), (2, ""), "{words}: {outcome:?}");
        assert!(!outcome.err.is_empty(), "{words}");
    }
    assert!(hub.asked("GET /api/status").is_empty());
}

#[test]
fn help_documents_the_exit_status_and_needs_no_hub() {
    let nowhere = std::path::Path::new("/nonexistent/admin.sock");
    let out = line(nowhere, "--help").ok();
    for words in ["2  the command line was not understood", "3  the hub is not reachable", "Examples:"] {
        assert!(out.contains(words), "{out}");
    }
    assert!(line(nowhere, "messages --help").ok().contains("xswarm messages --status unknown"));
    assert!(line(nowhere, "--version").ok().starts_with("xswarm "));
    for shell in ["bash", "zsh", "fish"] {
        assert!(run(nowhere, &["completions", shell]).ok().contains("resend"), "{shell}");
    }
    assert!(line(nowhere, "man").ok().starts_with(".ie"));
    let dir = tempfile::tempdir().unwrap();
    let out = run(nowhere, &["man", "--dir", dir.path().join("man1").to_str().unwrap()]).ok();
    assert!(out.contains("man1/xswarm.1\n") && out.contains("man1/xswarm-messages-resend.1\n"), "{out}");
    assert_eq!(std::fs::read_dir(dir.path().join("man1")).unwrap().count(), out.lines().count());
}

#[tokio::test]
async fn programs_use_the_client_with_types() {
    let hub = Hub::start();
    hub.answers("GET /api/status", &status()).refuses("DELETE /api/users/x", 404, "there is no such person");
    let client = Client::new(hub.socket());
    let read: Status = client.get("/api/status").await.unwrap();
    assert_eq!(read.started_at, status().started_at);
    let error = client.delete::<Status>("/api/users/x").await.unwrap_err();
    assert!(matches!(&error, ClientError::Refused { problem } if problem.status == 404), "{error:?}");
    let sent = client.put::<Status>("/api/nothing", &serde_json::json!({ "a": 1 })).await.unwrap_err();
    assert!(matches!(sent, ClientError::Refused { .. }));
    assert_eq!(hub.asked_once("PUT /api/nothing").text(), r#"{"a":1}"#);
}
