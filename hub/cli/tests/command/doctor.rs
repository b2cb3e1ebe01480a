//! `doctor`.

use serde_json::json;
use xswarm_core::admin::{Check, CheckOutcome};

use crate::{
    hub::Hub,
    rows::{household, status},
    shell::line,
};

fn check(name: &str, outcome: CheckOutcome, fix: Option<&str>) -> Check {
    Check { name: name.into(), outcome, cause: format!("what is with {name}"), fix: fix.map(str::to_owned) }
}

#[test]
fn every_check_is_shown_with_its_fix_and_a_failure_counts() {
    let (hub, ..) = household();
    let well = vec![check("database", CheckOutcome::Ok, None), check("clock", CheckOutcome::Warning, Some("set it"))];
    let ill = vec![
        check("disk", CheckOutcome::Failed, Some("free some space")),
        check("texting", CheckOutcome::Skipped, None),
    ];
    hub.answers("GET /api/doctor", &json!({ "checks": well })).answers("GET /api/doctor", &json!({ "checks": ill }));
    let out = line(&hub.socket(), "doctor").ok();
    assert!(out.starts_with("✓ socket"), "{out}");
    assert!(out.contains("✓ database") && out.contains("! clock") && out.contains("→ set it"), "{out}");
    let outcome = line(&hub.socket(), "doctor");
    assert_eq!(outcome.code, 1);
    assert!(outcome.out.contains("✗ disk") && outcome.out.contains("– texting"), "{outcome:?}");
    let outcome = line(&hub.socket(), "doctor --json");
    assert_eq!((outcome.code, outcome.out), (1, json!({ "checks": ill }).to_string() + "\n"));
}

#[test]
fn the_way_to_the_hub_is_checked_first() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    for (socket, words) in [(file, "is not a socket"), (dir.path().join("absent"), "there is no such socket")] {
        let outcome = line(&socket, "doctor");
        assert_eq!(outcome.code, 3);
        assert!(outcome.out.contains("✗ socket") && outcome.out.contains(words), "{outcome:?}");
        let outcome = line(&socket, "doctor --json");
        let report: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
        assert_eq!((outcome.code, report["checks"][0]["outcome"].as_str()), (3, Some("failed")));
    }
}

#[test]
fn a_hub_of_another_version_or_in_trouble_is_noticed() {
    let hub = Hub::start();
    let mut old = status();
    old.version = "0.0.1".into();
    hub.answers("GET /api/status", &old).refuses("GET /api/doctor", 500, "something went wrong");
    let outcome = line(&hub.socket(), "doctor");
    assert_eq!(outcome.code, 1);
    assert!(outcome.out.contains("! versions") && outcome.out.contains("something went wrong"), "{outcome:?}");
}
