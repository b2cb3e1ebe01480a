//! What lies on disk: nothing in the clear, nothing altered unnoticed, and promises of a newer version kept for it.

use std::{fs, path::Path};

use xswarm_core::job::JobState;
use xswarm_tests::{
    clock,
    database::Database,
    twilio::TOKEN,
    wait::wait_for,
    world::{ADMIN, World},
};

/// Every file under a directory.
fn files(directory: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}

#[tokio::test]
async fn nothing_stands_in_the_clear() {
    let mut world = World::start_with(|builder| builder.credential("twilio_auth_token", None)).await;
    world.api().put("/api/secrets/twilio_auth_token", &serde_json::json!({ "value": TOKEN })).await.expect(200);
    world.api().post("/api/reload", &()).await.expect(202);
    world.hub.reloaded().await;
    assert!(world.api().status().await.sms.configured, "a stored secret counts");
    world.say(ADMIN, "Schedule meeting with Rumpelstiltskin tomorrow at 3pm").await;
    world.hub.settle().await;
    for round in ["running", "killed", "stopped"] {
        match round {
            "killed" => world.hub.kill(),
            "stopped" => {
                world.hub.start().await;
                world.hub.stop().await;
            }
            _ => {}
        }
        for path in files(&world.hub.state_dir()) {
            let bytes = fs::read(&path).unwrap();
            for secret in ["Rumpelstiltskin", TOKEN, ADMIN, &ADMIN[1..], "communication_logs"] {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "{round}: `{secret}` stands in the clear in {}", path.display());
            }
        }
    }
    let mode = |name: &str| {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(world.hub.state_dir().join(name)).unwrap().permissions().mode() & 0o777
    };
    assert_eq!((mode(""), mode("database.key")), (0o700, 0o600));
    assert_eq!((mode("xswarm.db"), mode("attachments")), (0o600, 0o700));
    world.finish().await;
}

#[tokio::test]
async fn an_altered_record_is_noticed() {
    let mut world = World::start().await;
    world.say(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    let report = world.api().audit().await;
    assert!(report.intact && report.events > 2, "{report:?}");
    let last = report.events;
    let tampering = [
        "UPDATE system_events SET severity = 'error' WHERE sequence = 2",
        "UPDATE system_events SET created_at = '2001-01-01T00:00:00.000Z' WHERE sequence = 2",
        "UPDATE system_events SET event_data = '{\"user\":\"x\"}' WHERE sequence = 2",
        "UPDATE system_events SET user_id = 'x' WHERE sequence = 2",
        "DELETE FROM system_events WHERE sequence = 2",
    ];
    for sql in tampering {
        world.hub.stop().await;
        let copy = fs::read(world.hub.state_dir().join("xswarm.db")).unwrap();
        assert_eq!(Database::open(&world.hub.state_dir()).execute(sql, []), 1);
        world.hub.start().await;
        let report = world.api().audit().await;
        assert!(!report.intact && report.broken_at.is_some(), "`{sql}` was not noticed: {report:?}");
        let said = world.hub.cli().run(&["audit", "verify"]).await;
        assert_eq!(said.code, 1, "{said:?}");
        world.hub.stop().await;
        for leftover in ["xswarm.db-wal", "xswarm.db-shm"] {
            let _ = fs::remove_file(world.hub.state_dir().join(leftover));
        }
        fs::write(world.hub.state_dir().join("xswarm.db"), copy).unwrap();
        world.hub.start().await;
    }
    // Retention may erase content; the chain still holds.
    world.hub.stop().await;
    Database::open(&world.hub.state_dir()).execute("UPDATE system_events SET event_data = NULL WHERE sequence = 2", []);
    world.hub.start().await;
    let report = world.api().audit().await;
    assert!(report.intact && report.events > last, "{report:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_job_of_a_newer_version_is_kept_for_it() {
    let mut world = World::start().await;
    world.hub.stop().await;
    let database = Database::open(&world.hub.state_dir());
    let now = xswarm_core::time::to_text(clock::now());
    database.execute(
        "INSERT INTO jobs (kind, key, payload, due_at, state, created_at, updated_at)
         VALUES ('water_garden', 'water_garden/1', '{\"bed\":7}', ?1, 'ready', ?1, ?1)",
        [&now],
    );
    drop(database);
    world.hub.start().await;
    let parked = async || world.api().jobs("parked").await.pop();
    let job = wait_for("the unknown job to be parked", parked).await;
    assert_eq!((job.kind.as_str(), job.state), ("water_garden", JobState::Parked));
    assert_eq!(job.payload["bed"], 7);
    world.say(ADMIN, "What time is it?").await;
    world.hub.restart().await;
    assert_eq!(world.api().jobs("parked").await.len(), 1);
    world.hub.expect_stuck_jobs();
    world.finish().await;
}

#[tokio::test]
async fn the_times_on_disk_are_of_fixed_width() {
    let mut world = World::start().await;
    world.say(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    world.say(ADMIN, "remind me to call mom in 3 hours").await;
    world.hub.settle().await;
    world.hub.stop().await;
    let database = Database::open(&world.hub.state_dir());
    for (table, column) in [
        ("users", "created_at"),
        ("appointments", "start_time"),
        ("appointments", "end_time"),
        ("appointment_reminders", "reminder_time"),
        ("communication_logs", "created_at"),
        ("jobs", "due_at"),
        ("system_events", "created_at"),
    ] {
        let good = format!(
            "SELECT count(*) FROM {table} WHERE {column} NOT GLOB \
             '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'"
        );
        assert_eq!(database.count(&good), 0, "{table}.{column}");
        assert!(database.count(&format!("SELECT count(*) FROM {table}")) > 0, "{table} is empty");
    }
    drop(database);
    world.finish().await;
}
