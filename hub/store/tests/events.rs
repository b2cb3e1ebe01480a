//! The event log: what verifies, what doesn't, and what each break is called.

use rusqlite::{Connection, params};
use xswarm_core::{
    admin::AuditReport,
    event::{Event, Severity},
    id::{MessageId, UserId},
};

use crate::scratch::{Scratch, at, value};

async fn with_five_facts() -> Scratch {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            let user = UserId::new(at(0));
            tx.event_append(&Event::HubStarted { version: "1".into(), clean: true }, None, at(0))?;
            tx.event_append(&Event::UserCreated { user }, Some(user), at(1))?;
            tx.event_append(&Event::SecretSet { name: "twilio".into() }, None, at(2))?;
            tx.event_append(&Event::MessageUnknown { message: MessageId::new(at(3)) }, Some(user), at(3))?;
            tx.event_append(&Event::HubStopped {}, None, at(4))
        })
        .await;
    scratch
}

async fn after(tamper: impl FnOnce(&Connection)) -> AuditReport {
    let scratch = with_five_facts().await;
    tamper(&scratch.raw());
    scratch.read(|rows| rows.audit_verify()).await
}

fn broken(events: u64, at: &str) -> AuditReport {
    AuditReport { events, intact: false, broken_at: Some(at.to_owned()) }
}

const INTACT: AuditReport = AuditReport { events: 5, intact: true, broken_at: None };

#[tokio::test]
async fn an_untouched_log_verifies_also_when_empty_and_after_a_restart() {
    let empty = Scratch::new().read(|rows| rows.audit_verify()).await;
    assert_eq!(empty, AuditReport { events: 0, ..INTACT });
    let scratch = with_five_facts().await.reopen();
    scratch.write(|tx| tx.event_append(&Event::HubStopped {}, None, at(9))).await;
    assert_eq!(scratch.read(|rows| rows.audit_verify()).await, AuditReport { events: 6, ..INTACT });
}

#[tokio::test]
async fn facts_are_listed_newest_first_after_a_sequence_number() {
    let scratch = with_five_facts().await;
    let facts = scratch.read(|rows| rows.events(1, 3)).await;
    let seen: Vec<_> = facts.iter().map(|one| (one.sequence, one.event_type.as_str(), one.severity)).collect();
    let expected = [
        (5, "hub_stopped", Severity::Info),
        (4, "message_unknown", Severity::Warning),
        (3, "secret_set", Severity::Info),
    ];
    assert_eq!(seen, expected);
    assert_eq!(facts[2].event_data, Some(serde_json::json!({ "name": "twilio" })));
    assert_eq!((facts[2].created_at, facts[2].hash.len()), (at(2), 64));
}

#[tokio::test]
async fn altering_any_column_of_a_fact_is_found() {
    let alterations = [
        "event_type = 'hub_stopped'",
        "severity = 'info', event_type = event_type || 'x'",
        "severity = 'error'",
        "user_id = NULL",
        "user_id = ''",
        "project_id = ''",
        "created_at = '2026-03-02T12:00:00.000Z'",
        "id = upper(id)",
        "hash = zeroblob(32)",
        "data_digest = zeroblob(32)",
    ];
    for alteration in alterations {
        let report = after(|raw| {
            let sql = format!("UPDATE system_events SET {alteration} WHERE sequence = 4");
            assert_eq!(raw.execute(&sql, []).unwrap(), 1);
        });
        assert_eq!(report.await, broken(3, "fact 4 was altered"), "{alteration}");
    }
}

#[tokio::test]
async fn a_person_added_to_a_fact_about_nobody_is_found() {
    let report = after(|raw| {
        let sql = "UPDATE system_events SET user_id = '' WHERE sequence = 3";
        assert_eq!(raw.execute(sql, []).unwrap(), 1);
    });
    assert_eq!(report.await, broken(2, "fact 3 was altered"));
}

#[tokio::test]
async fn a_fact_that_is_removed_is_missed() {
    for (sequence, expected) in [(1, broken(0, "fact 1 is missing")), (3, broken(2, "fact 3 is missing"))] {
        let report = after(|raw| {
            assert_eq!(raw.execute("DELETE FROM system_events WHERE sequence = ?", [sequence]).unwrap(), 1);
        });
        assert_eq!(report.await, expected);
    }
}

#[tokio::test]
async fn closing_the_gap_a_removed_fact_leaves_does_not_help() {
    let report = after(|raw| {
        raw.execute("DELETE FROM system_events WHERE sequence = 3", []).unwrap();
        raw.execute("UPDATE system_events SET sequence = sequence - 1 WHERE sequence = 4", []).unwrap();
        raw.execute("UPDATE system_events SET sequence = sequence - 1 WHERE sequence = 5", []).unwrap();
    });
    assert_eq!(report.await, broken(2, "fact 3 was altered"));
}

#[tokio::test]
async fn exchanging_two_facts_is_found() {
    let report = after(|raw| {
        for (from, to) in [(2, 99), (3, 2), (99, 3)] {
            raw.execute("UPDATE system_events SET sequence = ? WHERE sequence = ?", params![to, from]).unwrap();
        }
    });
    assert_eq!(report.await, broken(1, "fact 2 was altered"));
}

#[tokio::test]
async fn altering_what_a_fact_says_is_found() {
    let report = after(|raw| {
        let sql = r#"UPDATE system_events SET event_data = '{"name":"other"}' WHERE sequence = 3"#;
        assert_eq!(raw.execute(sql, []).unwrap(), 1);
    });
    assert_eq!(report.await, broken(2, "the data of fact 3 was altered"));
}

#[tokio::test]
async fn erasing_what_facts_say_leaves_the_chain_intact() {
    let scratch = with_five_facts().await;
    scratch.raw().execute("UPDATE system_events SET event_data = NULL", []).unwrap();
    assert_eq!(scratch.read(|rows| rows.audit_verify()).await, INTACT);
    let facts = scratch.read(|rows| rows.events(0, 9)).await;
    assert!(facts.len() == 5 && facts.iter().all(|one| one.event_data.is_none()));
    scratch.write(|tx| tx.event_append(&Event::HubStopped {}, None, at(9))).await;
    assert_eq!(scratch.read(|rows| rows.audit_verify()).await, AuditReport { events: 6, ..INTACT });
}

#[tokio::test]
async fn a_fact_of_a_closure_that_failed_leaves_no_gap() {
    let scratch = with_five_facts().await;
    let failed = scratch.store.write(|tx| {
        tx.event_append(&Event::HubStopped {}, None, at(5))?;
        Err::<(), _>(xswarm_store::StoreError::Missing("thing"))
    });
    failed.await.unwrap_err();
    scratch.write(|tx| tx.event_append(&Event::HubStopped {}, None, at(6))).await;
    assert_eq!(scratch.read(|rows| rows.audit_verify()).await, AuditReport { events: 6, ..INTACT });
    assert_eq!(value::<i64>(&scratch.raw(), "SELECT max(sequence) FROM system_events", []), 6);
}
