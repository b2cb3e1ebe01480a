//! The calendar's verbs: what they ask the hub, and what they show.

use chrono::Duration;
use serde_json::{Value, json};
use xswarm_core::{
    admin::{Agenda, calendar::CalendarAppointment},
    appointment::{AppointmentOrigin, AppointmentStatus, Exception, Exceptions, Occurrence, SkipReason},
    id::AppointmentId,
    user::User,
};

use crate::{
    hub::Hub,
    rows::{household, now},
    shell::{line, run},
};

fn appointment(anna: &User, title: &str, hours: i64) -> CalendarAppointment {
    let start = now() + Duration::hours(hours);
    CalendarAppointment {
        id: AppointmentId::new(start),
        user_id: anna.id,
        title: title.into(),
        description: Some("bring the forms".into()),
        start_time: start,
        end_time: start + Duration::hours(1),
        timezone: anna.timezone,
        location: Some("Room 4".into()),
        participants: vec!["John".into()],
        recurring_rule: None,
        repeats: None,
        additional_dates: vec![],
        exceptions: Exceptions::default(),
        all_day: false,
        origin: AppointmentOrigin::Boss,
        reminder_minutes: Some(15),
        status: AppointmentStatus::Confirmed,
        version: 3,
        created_at: now(),
        updated_at: now(),
        recurrence_id: None,
    }
}

fn series(anna: &User) -> CalendarAppointment {
    let mut series = appointment(anna, "Team meeting", 24);
    series.recurring_rule = Some("FREQ=WEEKLY;BYDAY=WE".parse().unwrap());
    series.repeats = Some("every Wednesday".into());
    series.exceptions.insert(series.start_time + Duration::days(7), Exception::Skipped { reason: SkipReason::Holiday });
    series
}

fn listed(hub: &Hub, all: &[&CalendarAppointment]) {
    hub.answers("GET /api/calendar/appointments", &json!({ "appointments": all }));
    for one in all {
        hub.answers(&format!("GET /api/calendar/appointments/{}", one.id), &json!({ "appointment": one }));
        let next: Vec<_> = [0, 14]
            .map(|days| {
                let start_time = one.start_time + Duration::days(days);
                CalendarAppointment { start_time, recurrence_id: Some(start_time), ..(*one).clone() }
            })
            .into();
        let path = format!("GET /api/calendar/appointments/{}/occurrences", one.id);
        hub.answers(&path, &json!({ "appointments": next }));
    }
}

#[test]
fn words_are_understood_by_the_hub_and_dates_here() {
    let (hub, anna, _) = household();
    let dentist = appointment(&anna, "Dentist", 2);
    let understood = json!({ "start_time": dentist.start_time, "end_time": null, "recurring_rule": null, "timezone": anna.timezone });
    hub.answers("POST /api/times", &understood)
        .answers("POST /api/calendar/appointments", &json!({ "appointment": dentist }));
    let words = [
        "appointment",
        "add",
        "Dentist",
        "--at",
        "today at 3pm",
        "--for",
        "1h30m",
        "--with",
        "John",
        "--remind",
        "none",
    ];
    let out = run(&hub.socket(), &words).ok();
    assert_eq!(out, "Booked: Dentist, today 15:00 to 16:00 Europe/Berlin, Room 4\n");
    assert_eq!(hub.asked_once("POST /api/times").body::<Value>()["text"], "today at 3pm");
    let sent: Value = hub.asked_once("POST /api/calendar/appointments").body();
    assert_eq!(sent["end_time"], "2026-11-24T15:30:00.000Z");
    assert_eq!((&sent["participants"], &sent["reminder_minutes"]), (&json!(["John"]), &Value::Null));
    line(&hub.socket(), "appointment add Trip --at 2026-12-24 --to 2026-12-27 --all-day").ok();
    assert_eq!(hub.asked("POST /api/times").len(), 1);
}

#[test]
fn an_appointment_is_shown_with_its_rule_exceptions_and_next_times() {
    let (hub, anna, _) = household();
    let series = series(&anna);
    listed(&hub, &[&series, &appointment(&anna, "Dentist", 2)]);
    let out = line(&hub.socket(), "appointment show team").ok();
    assert!(out.contains("every Wednesday") && out.contains("FREQ=WEEKLY;BYDAY=WE"), "{out}");
    assert!(out.contains("except Wed 2 Dec 13:00: left out (holiday)"), "{out}");
    assert!(out.contains("next: tomorrow 13:00, Wed 9 Dec 13:00"), "{out}");
    assert!(out.contains("15 min before") && out.ends_with("bring the forms\n"), "{out}");
    let list = line(&hub.socket(), "appointment list").ok();
    assert!(list.contains("every Wednesday  Team meeting") && list.contains("–                Dentist"), "{list}");
    let outcome = line(&hub.socket(), "appointment show zebra");
    assert_eq!(outcome.code, 1);
    assert!(outcome.err.contains("xswarm appointment list"), "{outcome:?}");
}

#[test]
fn part_of_a_series_has_to_be_named() {
    let (hub, anna, _) = household();
    let series = series(&anna);
    listed(&hub, &[&series]);
    let route = format!("/api/calendar/appointments/{}", series.id);
    hub.answers(&format!("PUT {route}"), &json!({ "appointment": series }));
    hub.answers(&format!("DELETE {route}"), &json!({ "success": true }));
    let outcome = line(&hub.socket(), "appointment cancel team --yes");
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("--occurrence DAY, or --scope all"), "{outcome:?}");
    let moved = line(&hub.socket(), "appointment move team --occurrence 2026-12-09 --to 2026-12-10T10:00").ok();
    assert_eq!(moved, "Moved this occurrence of Team meeting to Thu 10 Dec 10:00.\n");
    let asked = hub.asked_once(&format!("PUT {route}"));
    assert_eq!(asked.query, "scope=this&recurrence_id=2026-12-09T12%3A00%3A00.000Z");
    assert_eq!(asked.body::<Value>(), json!({ "start_time": "2026-12-10T10:00:00" }));
    let outcome = line(&hub.socket(), "appointment cancel team --occurrence 2026-12-02 --yes");
    assert_eq!(outcome.code, 1, "that one is left out: {outcome:?}");
    line(&hub.socket(), "appointment cancel team --scope all --yes").ok();
    assert_eq!(hub.asked_once(&format!("DELETE {route}")).query, "scope=all");
    let unasked = line(&hub.socket(), "appointment cancel team --scope all");
    assert_eq!(unasked.code, 2, "without a terminal nobody can be asked: {unasked:?}");
}

#[test]
fn free_time_comes_with_suggestions_and_why() {
    let (hub, ..) = household();
    hub.answers(
        "POST /api/calendar/free-slots",
        &json!({
            "free_slots": [{ "start_time": "2026-11-25T08:00:00Z", "end_time": "2026-11-25T10:30:00Z" }],
            "suggestions": [{
                "start_time": "2026-11-25T08:00:00Z", "end_time": "2026-11-25T09:00:00Z",
                "reasons": ["soonest", "empty_day"]
            }],
            "timezone": "Europe/Berlin"
        }),
    );
    let out = line(&hub.socket(), "free --for 1h --on 2026-11-25").ok();
    assert!(out.contains("tomorrow 09:00        tomorrow 11:30  2 h 30 min"), "{out}");
    assert!(out.contains("Suggested: tomorrow 09:00 (the soonest, the day has nothing else)"), "{out}");
    let sent: Value = hub.asked_once("POST /api/calendar/free-slots").body();
    let expected =
        json!({ "duration_minutes": 60, "start_date": "2026-11-25", "end_date": "2026-11-25", "any_hour": false });
    assert_eq!(sent, expected);
    assert_eq!(line(&hub.socket(), "free --on 2026-11-25 --to 2026-11-26").code, 2);
}

#[test]
fn a_month_is_a_picture() {
    let (hub, anna, _) = household();
    let at = |hours| now() + Duration::hours(hours);
    let occurrence = |title: &str, start: i64, end: i64| Occurrence {
        appointment: AppointmentId::new(now()),
        title: title.into(),
        location: None,
        participants: vec![],
        recurrence_id: at(start),
        start: at(start),
        end: at(end),
        all_day: false,
        recurring: false,
    };
    let agenda = Agenda {
        from: at(-24 * 23 - 13),
        to: at(24 * 7),
        timezone: anna.timezone,
        occurrences: vec![occurrence("Dentist", 2, 3), occurrence("Night train", 10, 20)],
        text: String::new(),
    };
    hub.answers("GET /api/agenda", &agenda);
    let out = line(&hub.socket(), "agenda month").ok();
    assert_eq!(hub.asked_once("GET /api/agenda").query, "from=2026-11-01&days=30");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "November 2026 (Europe/Berlin)");
    assert!(lines[1].starts_with("Mon             Tue"), "{out}");
    assert!(lines.iter().any(|line| line.starts_with("23              24              25")), "{out}");
    assert!(out.contains("15:00 Dentist") && out.contains("23:00 Night tr…"), "{out}");
    line(&hub.socket(), "agenda 2026-12").ok();
    assert_eq!(hub.asked("GET /api/agenda")[1].query, "from=2026-12-01&days=31");
}
