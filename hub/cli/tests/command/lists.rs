//! What is looked up: every list in words and as the hub's JSON, and what stands out.

use std::{io::Read, process::Stdio};

use chrono::Duration;
use serde_json::json;
use xswarm_core::{
    admin::{Agenda, AuditReport},
    appointment::Occurrence,
    event::{EventRow, Severity},
    id::{AppointmentId, EventId, ReminderId},
    job::{JobRow, JobState},
    message::{Channel, MessageStatus},
    reminder::{Reminder, ReminderKind, ReminderOutcome, ReminderPlan, ReminderProgress, ReminderStatus, ReminderStep},
};

use crate::{
    hub::Hub,
    rows::{household, message, now, status},
    shell::{line, xswarm},
};

#[test]
fn json_is_the_hubs_own_to_the_letter() {
    let verbs = [
        ("status", "GET /api/status"),
        ("user list", "GET /api/users"),
        ("key list", "GET /api/keys"),
        ("pairing list", "GET /api/pairings"),
        ("agenda", "GET /api/agenda"),
        ("reminders", "GET /api/reminders"),
        ("messages", "GET /api/messages"),
        (
            "messages show 01a20b94-93bb-730b-bd09-184bd3245a9c",
            "GET /api/messages/01a20b94-93bb-730b-bd09-184bd3245a9c",
        ),
        ("jobs", "GET /api/jobs"),
        ("jobs retry 7", "POST /api/jobs/7/retry"),
        ("events", "GET /api/events"),
        ("suggestions", "GET /api/suggestions"),
        ("capabilities", "GET /api/capabilities"),
        ("capabilities --usage", "GET /api/capabilities/usage"),
        ("ask hello", "POST /api/ask"),
    ];
    for (verb, route) in verbs {
        let hub = Hub::start();
        let text = r#"{ "of_another_version": [1,  2], "z": null }"#;
        hub.answers_text(route, text);
        assert_eq!(line(&hub.socket(), &format!("{verb} --json")).ok(), format!("{text}\n"), "{verb}");
    }
}

#[test]
fn status_says_what_is_missing_and_what_to_do() {
    let hub = Hub::start();
    let mut quiet = status();
    quiet.sms.configured = false;
    quiet.sms.missing = vec!["twilio.account_sid".into()];
    quiet.counts.messages_unknown = 2;
    hub.answers("GET /api/users", &json!({ "users": [] })).answers("GET /api/status", &quiet);
    let out = line(&hub.socket(), "status").ok();
    assert!(out.contains("up for 3 h"), "{out}");
    assert!(out.contains("missing: twilio.account_sid. Run `xswarm setup`"), "{out}");
    assert!(out.contains("2 messages of unknown fate. See `xswarm messages --status unknown`"), "{out}");
}

#[test]
fn an_agenda_is_grouped_by_day_in_the_persons_zone() {
    let (hub, anna, _) = household();
    let at = |hours| now() + Duration::hours(hours);
    let occurrence = |title: &str, start: i64, end: i64| Occurrence {
        appointment: AppointmentId::new(now()),
        title: title.into(),
        location: Some("Room 4".into()),
        participants: vec![],
        recurrence_id: at(start),
        start: at(start),
        end: at(end),
        all_day: false,
        recurring: false,
    };
    let agenda = Agenda {
        from: at(-13),
        to: at(24 * 7 - 13),
        timezone: anna.timezone,
        occurrences: vec![occurrence("Meeting", 2, 3), occurrence("Night train", 10, 20), occurrence("Dinner", 30, 32)],
        text: "in the Boss's words".into(),
    };
    hub.answers("GET /api/agenda", &agenda);
    let out = line(&hub.socket(), "agenda week --user anna").ok();
    assert_eq!(
        out,
        "Tue 24 Nov 2026, today (Europe/Berlin)\n\
         FROM   TO              WHERE   WHAT\n\
         15:00  16:00           Room 4  Meeting\n\
         23:00  tomorrow 09:00  Room 4  Night train\n\
         Wed 25 Nov 2026, tomorrow (Europe/Berlin)\n\
         FROM         TO     WHERE   WHAT\n\
         today 23:00  09:00  Room 4  Night train\n\
         19:00        21:00  Room 4  Dinner\n"
    );
    assert_eq!(hub.asked_once("GET /api/agenda").query, format!("user_id={}&days=7", anna.id));
    line(&hub.socket(), "agenda tomorrow").ok();
    line(&hub.socket(), "agenda 2026-12-24 --days 3").ok();
    let queries: Vec<String> = hub.asked("GET /api/agenda").into_iter().skip(1).map(|asked| asked.query).collect();
    assert_eq!(queries, ["from=2026-11-25&days=1", "from=2026-12-24&days=3"]);
}

#[test]
fn reminders_say_when_and_how_they_ended() {
    let (hub, anna, _) = household();
    let reminder = |text: &str, minutes: i64, outcome: Option<ReminderOutcome>| Reminder {
        id: ReminderId::new(now()),
        appointment_id: None,
        user_id: anna.id,
        kind: ReminderKind::Reminder,
        text: text.into(),
        due: now() + Duration::minutes(minutes),
        channel: Channel::Sms,
        recurrence: None,
        timezone: anna.timezone,
        step: ReminderStep { series: "s".into(), recurrence_id: now(), generation: 0, step: 0, attempt: 0 },
        series_start: now(),
        status: if outcome.is_some() { ReminderStatus::Sent } else { ReminderStatus::Pending },
        outcome,
        error_message: outcome.map(|_| "the hub was off".into()),
        message_id: None,
        created_at: now(),
        sent_at: None,
        plan: ReminderPlan::default(),
        progress: ReminderProgress::default(),
    };
    let rows = [reminder("call mom", 20, None), reminder("water plants", -60, Some(ReminderOutcome::Late))];
    hub.answers("GET /api/reminders", &json!({ "reminders": rows }));
    let out = line(&hub.socket(), "reminders --all").ok();
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].starts_with("DUE (Europe/Berlin)"), "{out}");
    assert!(lines[1].contains("today 12:00") && lines[1].contains("late: the hub was off"), "{out}");
    assert!(lines[2].contains("today 13:20") && lines[2].contains("in 20 min"), "{out}");
    assert_eq!(hub.asked_once("GET /api/reminders").query, "status=all");
}

#[test]
fn messages_show_what_is_stuck_and_the_next_step() {
    let (hub, ..) = household();
    let rows = [
        message("third", Channel::Sms, MessageStatus::Unknown, 1),
        message("second", Channel::Sms, MessageStatus::Failed, 2),
        message("first", Channel::Sms, MessageStatus::Delivered, 3),
    ];
    hub.answers("GET /api/messages", &json!({ "messages": rows }));
    let out = line(&hub.socket(), "messages --status unknown --channel sms --limit 3").ok();
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[1].ends_with("delivered  first") && lines[3].ends_with("unknown    third"), "{out}");
    assert!(out.contains("1 message unknown: nobody can tell") && out.contains("1 message failed"), "{out}");
    assert!(out.contains("`xswarm messages resend ID`"), "{out}");
    assert_eq!(hub.asked_once("GET /api/messages").query, "status=unknown&channel=sms&limit=3");
}

#[test]
fn a_message_is_found_by_a_unique_beginning() {
    let (hub, anna, _) = household();
    let mut stuck = message("hello", Channel::Sms, MessageStatus::Unknown, 60_000);
    stuck.user_id = Some(anna.id);
    stuck.error_message = Some("the provider did not answer".into());
    let other = message("other", Channel::Sms, MessageStatus::Sent, 0);
    let id = stuck.id.to_string();
    hub.answers("GET /api/messages", &json!({ "messages": [other, stuck] }));
    hub.answers(&format!("GET /api/messages/{id}"), &json!({ "message": stuck }));
    hub.answers(&format!("POST /api/messages/{id}/resend"), &json!({ "message": stuck }));
    let out = line(&hub.socket(), &format!("messages show {}", &id[..13])).ok();
    assert!(out.contains("the provider did not answer") && out.contains("(1 min ago)"), "{out}");
    assert!(out.contains(&format!("Send it again with `xswarm messages resend {id}`")), "{out}");
    line(&hub.socket(), &format!("messages resend {}", &id[..13])).ok();
    assert_eq!(hub.asked(&format!("POST /api/messages/{id}/resend")).len(), 1);
    let outcome = line(&hub.socket(), &format!("messages resend {}", &id[..2]));
    assert_eq!(outcome.code, 1);
    assert!(outcome.err.contains(" or ") && outcome.err.contains("Write more of the id"), "{outcome:?}");
    assert_eq!(line(&hub.socket(), "messages show zzz").code, 1);
}

#[test]
fn what_one_person_said_is_their_history() {
    let (hub, anna, _) = household();
    hub.answers("GET /api/messages/history", &json!({ "messages": [] }));
    assert_eq!(line(&hub.socket(), "messages --user anna").ok(), "There are no such messages.\n");
    let asked = hub.asked_once("GET /api/messages/history");
    assert_eq!(asked.query, format!("user_id={}&limit=25", anna.id));
}

#[test]
fn dead_jobs_stand_out() {
    let (hub, ..) = household();
    let job = JobRow {
        id: 42,
        kind: "deliver".into(),
        key: "deliver/x".into(),
        payload: json!({}),
        lane: None,
        due_at: now(),
        attempts: 20,
        state: JobState::Dead,
        last_error: Some("connection refused".into()),
        created_at: now(),
        updated_at: now(),
    };
    hub.answers("GET /api/jobs", &json!({ "jobs": [job] }));
    hub.answers("POST /api/jobs/42/retry", &json!({ "job": job }));
    let out = line(&hub.socket(), "jobs --state dead").ok();
    assert!(out.contains("connection refused") && out.contains("xswarm jobs retry ID"), "{out}");
    assert!(line(&hub.socket(), "jobs retry 42").ok().contains("Job 42 (deliver)"));
}

fn event(sequence: i64) -> EventRow {
    EventRow {
        id: EventId::new(now()),
        sequence,
        event_type: "message_failed".into(),
        event_data: Some(json!({ "code": 30034 })),
        severity: Severity::Warning,
        user_id: None,
        created_at: now(),
        hash: "00".into(),
    }
}

#[test]
fn events_are_shown_newest_last_and_a_reader_may_leave() {
    let (hub, ..) = household();
    let rows: Vec<EventRow> = (1..=5_000).rev().map(event).collect();
    hub.answers("GET /api/events", &json!({ "events": rows }));
    let out = line(&hub.socket(), "events").ok();
    assert!(out.lines().nth(1).unwrap().starts_with("1 ") && out.contains("code=30034"), "{}", &out[..200]);
    let mut child = xswarm(&hub.socket()).arg("events").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 6];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(&first, b"NUMBER");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), b"".as_slice()));
}

#[test]
fn a_broken_record_is_a_failure() {
    let (hub, ..) = household();
    let intact = AuditReport { events: 3, intact: true, broken_at: None };
    let broken = AuditReport { events: 3, intact: false, broken_at: Some("fact 2 was altered".into()) };
    hub.answers("POST /api/audit/verify", &intact)
        .answers("POST /api/audit/verify", &broken)
        .answers("POST /api/audit/verify", &broken);
    assert!(line(&hub.socket(), "audit verify").ok().starts_with("Intact: 3 facts"));
    let outcome = line(&hub.socket(), "audit verify");
    assert_eq!(outcome.code, 1);
    assert!(outcome.out.contains("fact 2 was altered"), "{outcome:?}");
    let outcome = line(&hub.socket(), "audit verify --json");
    assert_eq!((outcome.code, outcome.out.contains("\"intact\":false")), (1, true));
}
