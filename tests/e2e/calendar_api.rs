//! The calendar over REST: the whole life of an appointment, series by scope, pages, versions, retries, other persons.

use reqwest::Method;
use serde_json::{Value, json};
use xswarm_core::{
    admin::{
        CreatedKey,
        calendar::{AppointmentAnswer, AppointmentsAnswer, CalendarAppointment, FreeAnswer},
    },
    appointment::{AppointmentOrigin, AppointmentStatus},
    time::to_text,
    user::User,
};
use xswarm_tests::{
    api::{Answer, Api},
    hub::Hub,
};

const ROUTE: &str = "/api/calendar/appointments";

async fn started() -> Hub {
    let mut hub = Hub::builder().build();
    hub.start().await;
    hub
}

/// A key of the admin's or a new member's, and whose it is.
async fn key(hub: &Hub, name: Option<&str>) -> (Api, User) {
    let user: User = match name {
        Some(name) => hub.api().post("/api/users", &json!({ "name": name })).await.expect(201).part("user"),
        None => hub.api().admin().await,
    };
    let key: CreatedKey =
        hub.api().post("/api/keys", &json!({ "user_id": user.id, "name": "test" })).await.expect(201).into();
    (hub.lan(Some(&key.key)), user)
}

fn body(title: &str, start: &str, end: &str) -> Value {
    json!({ "title": title, "start_time": start, "end_time": end, "timezone": "Europe/Berlin", "reminder_minutes": 30 })
}

async fn booked(api: &Api, body: &Value) -> CalendarAppointment {
    let answer: AppointmentAnswer = api.post(ROUTE, body).await.expect(201).into();
    answer.appointment
}

fn starts(answer: Answer) -> Vec<String> {
    let answer: AppointmentsAnswer = answer.expect(200).into();
    answer.appointments.iter().map(|one| to_text(one.start_time)).collect()
}

#[tokio::test]
async fn an_appointment_lives_from_booking_to_being_taken_back() {
    let hub = started().await;
    let (api, admin) = key(&hub, None).await;
    let answer = api.post(ROUTE, &body("Dentist", "2030-01-15T15:00", "2030-01-15T16:00")).await.expect(201);
    assert_eq!(answer.header("etag"), "\"1\"");
    let location = answer.header("location").to_owned();
    let AppointmentAnswer { appointment: one, conflicts, .. } = answer.into();
    assert_eq!(location, format!("{ROUTE}/{}", one.id));
    assert_eq!(
        (one.user_id, one.origin, one.status),
        (admin.id, AppointmentOrigin::Program, AppointmentStatus::Confirmed)
    );
    assert_eq!((to_text(one.start_time).as_str(), conflicts.len()), ("2030-01-15T14:00:00.000Z", 0));
    assert_eq!(hub.api().reminders("pending").await.len(), 1);

    let shown = api.get(&location).await.expect(200);
    assert_eq!(shown.header("etag"), "\"1\"");
    assert_eq!(shown.part::<CalendarAppointment>("appointment"), one);
    let again = api.send(Method::GET, &location, &[("if-none-match", "\"1\"")], None).await.expect(304);
    assert_eq!((again.header("etag"), again.text.as_str()), ("\"1\"", ""));

    // In its way, and booked all the same.
    let other: AppointmentAnswer =
        api.post(ROUTE, &body("Call", "2030-01-15T15:30", "2030-01-15T15:45")).await.expect(201).into();
    assert_eq!(other.conflicts.len(), 1);

    let later = json!({ "start_time": "2030-01-15T17:00", "location": "Main Street 4" });
    let moved = api.send(Method::PUT, &location, &[("if-match", "\"1\"")], Some(&later)).await.expect(200);
    assert_eq!(moved.header("etag"), "\"2\"");
    let moved: CalendarAppointment = moved.part("appointment");
    assert_eq!((to_text(moved.end_time).as_str(), moved.title.as_str()), ("2030-01-15T17:00:00.000Z", "Dentist"));
    let stale = api.send(Method::PUT, &location, &[("if-match", "\"1\"")], Some(&json!({ "title": "Other" }))).await;
    assert!(stale.problem(412).detail.contains("version 2"));
    // All that was read may be sent back: nothing changes but the version.
    let whole = api.put(&location, &serde_json::to_value(&moved).unwrap()).await.expect(200);
    assert_eq!(whole.part::<CalendarAppointment>("appointment").start_time, moved.start_time);
    let cleared = api.put(&location, &json!({ "location": null })).await.expect(200);
    assert_eq!(cleared.part::<CalendarAppointment>("appointment").location, None);

    let gone = api.delete(&location).await.expect(200);
    assert_eq!(gone.json, json!({ "success": true }));
    api.delete(&location).await.expect(200);
    assert_eq!(hub.api().reminders("pending").await.len(), 1, "the reminder of the call is left");
    assert!(api.put(&location, &json!({ "title": "Other" })).await.problem(409).detail.contains("called off"));
    let reply = hub.api().ask("undo").await;
    assert!(reply.contains("Dentist"), "{reply}");
    let back: CalendarAppointment = api.get(&location).await.expect(200).part("appointment");
    assert_eq!((back.status, back.start_time), (AppointmentStatus::Confirmed, moved.start_time));
    hub.finish(&[]).await;
}

#[tokio::test]
async fn a_retried_booking_books_once() {
    let mut hub = started().await;
    let (api, _) = key(&hub, None).await;
    let dentist = body("Dentist", "2030-01-15T15:00", "2030-01-15T16:00");
    let named = [("idempotency-key", "\"retry-1\"")];
    let first = api.send(Method::POST, ROUTE, &named, Some(&dentist)).await.expect(201);
    hub.restart().await;
    let (api, _) = key(&hub, None).await;
    let again = api.send(Method::POST, ROUTE, &named, Some(&dentist)).await.expect(200);
    assert_eq!(first.json["appointment"]["id"], again.json["appointment"]["id"]);
    let mut same = dentist.clone();
    same["client_id"] = json!("retry-1");
    api.post(ROUTE, &same).await.expect(200);
    let other = body("Doctor", "2030-01-15T15:00", "2030-01-15T16:00");
    assert!(
        api.send(Method::POST, ROUTE, &named, Some(&other)).await.problem(409).detail.contains("make up a new one")
    );
    assert_eq!(starts(api.get(ROUTE).await).len(), 1);
    hub.finish(&[]).await;
}

#[tokio::test]
async fn another_persons_appointment_does_not_exist() {
    let hub = started().await;
    let (admin, _) = key(&hub, None).await;
    let (member, tom) = key(&hub, Some("Tom")).await;
    let theirs = booked(&admin, &body("Secret", "2030-01-15T15:00", "2030-01-15T16:00")).await;
    let path = format!("{ROUTE}/{}", theirs.id);
    let nowhere = format!("{ROUTE}/01a20b94-93bb-730b-bd09-184bd3245a9c");
    let unknown = member.get(&nowhere).await.problem(404).detail;
    assert_eq!(member.get(&path).await.problem(404).detail, unknown);
    assert_eq!(member.put(&path, &json!({ "title": "x" })).await.problem(404).detail, unknown);
    assert_eq!(member.delete(&path).await.problem(404).detail, unknown);
    member.get(&format!("{path}/occurrences")).await.problem(404);
    member.get(&format!("{ROUTE}?user_id={}", theirs.user_id)).await.problem(404);
    let mut foreign = body("Planted", "2030-01-15T15:00", "2030-01-15T16:00");
    foreign["user_id"] = json!(theirs.user_id);
    member.post(ROUTE, &foreign).await.problem(404);
    member.post("/api/calendar/free-slots", &json!({ "user_id": theirs.user_id })).await.problem(404);
    assert_eq!(starts(member.get(ROUTE).await), Vec::<String>::new());
    let own = booked(&member, &body("Own", "2030-01-15T15:00", "2030-01-15T16:00")).await;
    assert_eq!(own.user_id, tom.id);
    assert_eq!(starts(admin.get(&format!("{ROUTE}?user_id={}", tom.id)).await).len(), 1);
    hub.finish(&[]).await;
}

#[tokio::test]
async fn a_thousand_appointments_are_listed_page_by_page() {
    let hub = started().await;
    let (api, _) = key(&hub, None).await;
    let mut bookings = tokio::task::JoinSet::new();
    for n in 0..1_000 {
        let api = api.clone();
        bookings.spawn(async move {
            let start = format!("2030-{:02}-{:02}T{:02}:00", 1 + n / 100, 1 + n % 25, n % 24);
            let new = json!({ "title": format!("number {n:04}"), "start_time": start, "reminder_minutes": null });
            api.post(ROUTE, &new).await.expect(201);
        });
    }
    bookings.join_all().await;
    let (mut seen, mut next) = (Vec::new(), Some(format!("{ROUTE}?limit=300")));
    let mut pages = 0;
    while let Some(path) = next {
        let answer = api.get(&path).await.expect(200);
        let link = answer.header("link").to_owned();
        let page: AppointmentsAnswer = answer.into();
        next = page.next_cursor.map(|_| link.split(['<', '>']).nth(1).unwrap().to_owned());
        seen.extend(page.appointments.into_iter().map(|one| (one.start_time, one.title)));
        pages += 1;
    }
    assert_eq!((pages, seen.len()), (4, 1_000));
    assert!(seen.is_sorted_by_key(|(start, _)| *start));
    let titles: std::collections::BTreeSet<_> = seen.into_iter().map(|(_, title)| title).collect();
    assert_eq!(titles.len(), 1_000);
    let january = "start_date=2030-01-01&end_date=2030-01-31&timezone=UTC&limit=1000";
    let rows = starts(api.get(&format!("{ROUTE}?{january}")).await);
    assert_eq!(rows, starts(api.get(&format!("{ROUTE}?{january}&expand=true")).await));
    assert!((90..=110).contains(&rows.len()), "{}", rows.len());
    hub.finish(&[]).await;
}

#[tokio::test]
async fn a_series_is_changed_by_scope_and_keeps_its_hour_over_daylight_saving() {
    let hub = started().await;
    let (api, _) = key(&hub, None).await;
    let mut weekly = body("Team", "2030-03-20T09:00", "2030-03-20T10:00");
    weekly["recurring_rule"] = json!({ "frequency": "weekly", "occurrence_count": 6, "days_of_week": ["WE"] });
    let series = booked(&api, &weekly).await;
    assert_eq!(series.recurring_rule.as_ref().unwrap().to_string(), "FREQ=WEEKLY;BYDAY=WE;COUNT=6");
    let path = format!("{ROUTE}/{}", series.id);
    let april = format!("{ROUTE}?start_date=2030-03-01&end_date=2030-05-31&timezone=Europe/Berlin&expand=true");
    // The clocks change on 31 March.
    let before = starts(api.get(&april).await);
    assert_eq!(before[..3], ["2030-03-20T08:00:00.000Z", "2030-03-27T08:00:00.000Z", "2030-04-03T07:00:00.000Z"]);
    assert_eq!(before.len(), 6);

    let this = format!("{path}?recurrence_id=2030-03-27T08:00:00Z");
    api.put(&this, &json!({ "start_time": "2030-03-27T11:00", "location": "Room 2" })).await.expect(200);
    let refused = api.put(&this, &json!({ "participants": ["John"] })).await.problem(400);
    assert_eq!(refused.errors[0].pointer, "/participants");
    let following = format!("{path}?scope=following&recurrence_id=2030-04-10T07:00:00Z");
    let split: AppointmentAnswer =
        api.put(&following, &json!({ "start_time": "2030-04-10T08:00" })).await.expect(200).into();
    assert!(split.following.is_some());
    api.delete(&format!("{path}?recurrence_id=2030-04-03T07:00:00Z")).await.expect(200);
    assert_eq!(
        starts(api.get(&april).await),
        [
            "2030-03-20T08:00:00.000Z",
            "2030-03-27T10:00:00.000Z",
            "2030-04-10T06:00:00.000Z",
            "2030-04-17T06:00:00.000Z",
            "2030-04-24T06:00:00.000Z"
        ]
    );
    api.put(&this.replace("03-27", "03-28"), &json!({ "title": "x" })).await.problem(404);
    api.delete(&format!("{path}?scope=this")).await.problem(400);
    let week = "/api/calendar/week?start_date=2030-03-25";
    let shown: AppointmentsAnswer = api.get(week).await.expect(200).into();
    assert_eq!(shown.appointments[0].location.as_deref(), Some("Room 2"));
    assert_eq!(shown.appointments[0].recurrence_id.map(to_text).as_deref(), Some("2030-03-27T08:00:00.000Z"));
    hub.finish(&[]).await;
}

#[tokio::test]
async fn bad_bodies_are_told_where_they_are_wrong_and_change_nothing() {
    let hub = started().await;
    let (api, _) = key(&hub, None).await;
    let good = body("Dentist", "2030-01-15T15:00", "2030-01-15T16:00");
    let many: Vec<String> = (0..1_000).map(|n| format!("guest {n}")).collect();
    for (field, value, pointer) in [
        ("timezone", json!("Mars/Olympus"), "/timezone"),
        ("end_time", json!("2030-01-15T14:00"), "/end_time"),
        ("end_time", json!("2030-01-15T15:00"), "/end_time"),
        ("start_time", json!("15.1.2030"), "/start_time"),
        ("start_time", json!("2030-02-30T15:00"), "/start_time"),
        ("start_time", json!(1_893_456_000), "/start_time"),
        ("title", json!("  "), "/title"),
        ("title", json!("x".repeat(501)), "/title"),
        ("title", json!("a\u{0}b"), "/title"),
        ("location", json!("line\r\nBcc: everybody"), "/location"),
        ("participants", json!(many), "/participants"),
        ("reminder_minutes", json!(-5), "/reminder_minutes"),
        ("reminder_minutes", json!(4_000_000), "/reminder_minutes"),
        ("recurring_rule", json!({ "frequency": "sometimes" }), "/recurring_rule"),
        ("recurring_rule", json!("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"), "/recurring_rule"),
        ("recurring_rule", json!("FREQ=DAILY;UNTIL=20200101T000000Z"), "/recurring_rule"),
        ("recurring_rule", json!("FREQ=SECONDLY"), "/recurring_rule"),
        ("all_day", json!(true), "/start_time"),
        ("status", json!("cancelled"), "/status"),
        ("colour", json!("red"), ""),
    ] {
        let mut bad = good.clone();
        bad[field] = value;
        let problem = api.post(ROUTE, &bad).await.problem(400);
        let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert!(pointers.iter().any(|found| found.starts_with(pointer)), "{field}: {problem:?}");
    }
    api.get(&format!("{ROUTE}?cursor=x")).await.problem(400);
    api.get(&format!("{ROUTE}?expand=true")).await.problem(400);
    api.get(&format!("{ROUTE}/dentist")).await.problem(400);
    api.send(Method::PATCH, ROUTE, &[], Some(&good)).await.problem(405);
    api.send(Method::POST, ROUTE, &[("content-type", "text/plain")], Some(&good)).await.problem(415);
    assert_eq!(starts(api.get(&format!("{ROUTE}?status=cancelled")).await).len(), 0);
    assert_eq!(starts(api.get(ROUTE).await).len(), 0);
    // As many occurrences as anybody may ask for are no burden.
    let mut endless = good.clone();
    endless["recurring_rule"] = json!("FREQ=DAILY;COUNT=1000000000");
    booked(&api, &endless).await;
    hub.finish(&[]).await;
}

#[tokio::test]
async fn free_time_is_found_around_what_is_there() {
    let hub = started().await;
    let (api, _) = key(&hub, None).await;
    booked(&api, &body("Morning", "2030-01-15T10:00", "2030-01-15T12:00")).await;
    let search = json!({
        "duration_minutes": 60, "start_date": "2030-01-15", "end_date": "2030-01-15", "timezone": "Europe/Berlin"
    });
    let found: FreeAnswer = api.post("/api/calendar/free-slots", &search).await.expect(200).into();
    let slots: Vec<_> = found.free_slots.iter().map(|slot| to_text(slot.start_time)).collect();
    assert_eq!(slots, ["2030-01-15T11:05:00.000Z"], "nine to ten leaves no room for the five minutes between");
    assert!(!found.suggestions.is_empty() && !found.suggestions[0].reasons.is_empty());
    let proposed =
        json!({ "start_time": "2030-01-15T12:02", "end_time": "2030-01-15T13:00", "timezone": "Europe/Berlin" });
    let conflicts = api.post("/api/calendar/conflicts", &proposed).await.expect(200);
    assert_eq!(conflicts.json["conflicts"][0]["kind"], "no_buffer");
    hub.finish(&[]).await;
}
