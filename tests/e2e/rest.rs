//! The interface as such: what every answer has in common, and the console's turn.

use reqwest::Method;
use serde_json::{Value, json};
use xswarm_core::{
    admin::{Answered, Check, CheckOutcome},
    reminder::Reminder,
};
use xswarm_tests::{
    api::Api,
    hub::{Hub, PUBLIC_URL},
    twilio::{OUR_NUMBER, SECOND_NUMBER},
    world::World,
};

#[tokio::test]
async fn the_same_turn_again_is_answered_and_not_repeated() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let turn = json!({ "text": "set a timer for 20 minutes", "client_id": "turn-1" });
    let first: Answered = hub.api().post("/api/ask", &turn).await.expect(200).into();
    let again: Answered = hub.api().post("/api/ask", &turn).await.expect(200).into();
    assert_eq!(first.message_id, again.message_id);
    assert_eq!(first.replies[0].content, again.replies[0].content);
    assert_eq!(hub.api().reminders("pending").await.len(), 1);
    hub.restart().await;
    let later: Answered = hub.api().post("/api/ask", &turn).await.expect(200).into();
    assert_eq!(first.message_id, later.message_id);
    hub.finish(&[]).await;
}

#[tokio::test]
async fn many_turns_at_once_are_all_answered() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let mut turns = tokio::task::JoinSet::new();
    for n in 0..40 {
        let api = hub.api().clone();
        turns.spawn(async move { api.ask(&format!("remind me to do thing {n:02} in 3 hours")).await });
    }
    let answers = turns.join_all().await;
    assert!(answers.iter().all(|answer| answer.contains("do thing")), "{answers:#?}");
    assert_eq!(hub.api().reminders("pending").await.len(), 40);
    hub.finish(&[]).await;
}

#[tokio::test]
async fn the_status_tells_what_there_is() {
    let mut world = World::start().await;
    let status = world.api().status().await;
    assert!(status.sms.configured && status.sms.missing.is_empty(), "{:?}", status.sms);
    assert_eq!(status.listeners.public_url.as_deref(), Some(PUBLIC_URL));
    assert_eq!(status.counts.users, 1);
    assert!(status.now >= status.started_at);
    assert_eq!(status.config_path.as_deref(), world.hub.config_file().to_str());
    let before = status.started_at;
    world.hub.restart().await;
    assert!(world.api().status().await.started_at > before);
    world.finish().await;
}

#[tokio::test]
async fn setting_up_points_the_webhooks_at_the_hub() {
    let world = World::start().await;
    let tom = json!({ "name": "Tom", "phone": "+14155550125", "boss_phone": SECOND_NUMBER });
    world.api().post("/api/users", &tom).await.expect(201);
    let before = world.twilio.number(OUR_NUMBER);
    assert_ne!(before.sms_url, format!("{PUBLIC_URL}/sms/inbound"));
    let answer = world.api().post("/api/setup/webhooks", &json!({})).await.expect(200);
    assert_eq!(answer.json["numbers"].as_array().map(Vec::len), Some(2), "{}", answer.text);
    for number in [OUR_NUMBER, SECOND_NUMBER] {
        assert_eq!(world.twilio.number(number).sms_url, format!("{PUBLIC_URL}/sms/inbound"));
    }
    assert_eq!(world.twilio.number(OUR_NUMBER).voice_url, before.voice_url, "this hub takes no calls");
    world.finish().await;
}

#[tokio::test]
async fn a_hub_that_takes_calls_has_them_brought_to_it() {
    let world = World::start_with(|builder| builder.config("voice", "engine", "scripted")).await;
    let number = async |outcome| {
        let checks: Vec<Check> = world.api().get("/api/doctor").await.expect(200).part("checks");
        let of_number = checks.into_iter().find(|check| check.name.starts_with("number")).unwrap();
        assert_eq!(of_number.outcome, outcome, "{of_number:?}");
        of_number.cause
    };
    world.api().post("/api/setup/webhooks", &json!({})).await.expect(200);
    let now = world.twilio.number(OUR_NUMBER);
    assert_eq!(now.voice_url, format!("{PUBLIC_URL}/voice/inbound"));
    assert_eq!(now.status_callback, format!("{PUBLIC_URL}/voice/status"));
    number(CheckOutcome::Ok).await;
    world.twilio.bring_calls_to(OUR_NUMBER, "https://elsewhere.example/");
    let cause = number(CheckOutcome::Failed).await;
    assert_eq!(cause, format!("Twilio does not bring calls to {PUBLIC_URL}/voice/inbound"));
    world.finish().await;
}

#[tokio::test]
async fn doctor_finds_what_is_wrong_and_says_what_to_do() {
    let world = World::start().await;
    let checks: Vec<Check> = world.api().get("/api/doctor").await.expect(200).part("checks");
    assert!(checks.len() >= 8, "{checks:#?}");
    let bad: Vec<_> = checks.iter().filter(|check| check.outcome == CheckOutcome::Failed).collect();
    assert!(bad.iter().all(|check| check.fix.is_some()), "a failure without advice: {bad:#?}");
    let webhook = bad.iter().find(|check| check.cause.starts_with("Twilio does not bring texts to "));
    assert!(webhook.is_some(), "the webhook URL at Twilio is not ours yet: {checks:#?}");
    let outcome = |name: &str| checks.iter().find(|check| check.name == name).map(|check| check.outcome);
    assert_eq!(outcome("database"), Some(CheckOutcome::Ok));
    assert_eq!(outcome("Twilio account"), Some(CheckOutcome::Ok));

    world.api().post("/api/setup/webhooks", &json!({})).await.expect(200);
    let checks: Vec<Check> = world.api().get("/api/doctor").await.expect(200).part("checks");
    let number = checks.iter().find(|check| check.name.starts_with("number")).unwrap();
    assert_eq!(number.outcome, CheckOutcome::Ok, "{number:?}");
    world.finish().await;
}

/// All entries called `part`, page by page.
async fn walked(api: &Api, path: &str, part: &str) -> Vec<Value> {
    let (mut all, mut next) = (Vec::new(), path.to_owned());
    loop {
        let answer = api.get(&next).await.expect(200);
        let link = answer.header("link").to_owned();
        let some = answer.json[part].as_array().unwrap().clone();
        assert!((1..=2).contains(&some.len()), "{}", answer.text);
        all.extend(some);
        let Some(cursor) = answer.json["next_cursor"].as_str() else {
            assert_eq!(link, "");
            return all;
        };
        next = format!("{path}&cursor={cursor}");
        assert_eq!(link, format!("<{next}>; rel=\"next\""));
    }
}

#[tokio::test]
async fn long_lists_are_walked_page_by_page() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let api = hub.api();
    for number in 0..5 {
        // Two at the same time, so that the id decides.
        let reminder =
            json!({ "text": format!("thing {number}"), "reminder_time": format!("2031-01-0{}T15:00", 1 + number / 2) });
        api.post("/api/reminders", &reminder).await.expect(201);
        let contact = json!({ "contact": { "name": format!("Anna {}", number / 2), "notes": number.to_string() } });
        api.post("/api/contacts", &contact).await.expect(201);
    }
    for (list, part) in [
        ("/api/reminders?status=pending", "reminders"),
        ("/api/reminders?status=all", "reminders"),
        ("/api/contacts?q=Anna", "contacts"),
    ] {
        let whole: Vec<Value> = api.get(list).await.expect(200).part(part);
        assert_eq!(whole.len(), 5, "{list}");
        assert_eq!(walked(api, &format!("{list}&limit=2"), part).await, whole, "{list}");
        for (wrong, pointer) in [("limit=0", "/limit"), ("limit=1001", "/limit"), ("cursor=x", "/cursor")] {
            assert_eq!(api.get(&format!("{list}&{wrong}")).await.problem(400).errors[0].pointer, pointer);
        }
    }
    hub.finish(&[]).await;
}

#[tokio::test]
async fn a_change_does_not_undo_another_that_it_has_not_seen() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let api = hub.api();
    let reminder = json!({ "text": "call mom", "reminder_time": "2031-01-01T15:00" });
    let reminder: Reminder = api.post("/api/reminders", &reminder).await.expect(201).part("reminder");
    let contact = api.post("/api/contacts", &json!({ "contact": { "name": "Anna" } })).await.expect(201);
    let contact = contact.json["contact"]["id"].as_str().unwrap().to_owned();
    let preferences = format!("/api/users/{}/reminder-preferences", api.admin().await.id);
    for (path, change, deleted) in [
        (format!("/api/reminders/{}", reminder.id), json!({ "text": "call dad" }), true),
        (preferences, json!({ "lead_minutes": [45] }), false),
        (format!("/api/contacts/{contact}"), json!({ "name": "Anna Smith" }), true),
    ] {
        let read = api.get(&path).await.expect(200).header("etag").to_owned();
        assert!(read.len() > 2 && read.starts_with('"'), "{path}: {read}");
        api.send(Method::GET, &path, &[("if-none-match", &read)], None).await.expect(304);
        let changed = api.send(Method::PUT, &path, &[("if-match", &read)], Some(&change)).await.expect(200);
        let now = changed.header("etag").to_owned();
        assert_ne!(now, read, "{path}");
        assert_eq!(api.get(&path).await.expect(200).header("etag"), now, "{path}");
        let stale = api.send(Method::PUT, &path, &[("if-match", &read)], Some(&change)).await.problem(412);
        assert!(stale.detail.contains("read it again"), "{stale:?}");
        api.put(&path, &change).await.expect(200);
        if deleted {
            api.send(Method::DELETE, &path, &[("if-match", &read)], None).await.problem(412);
            api.send(Method::DELETE, &path, &[("if-match", "*")], None).await.expect(200);
        }
    }
    hub.finish(&[]).await;
}

#[tokio::test]
async fn what_is_wrong_is_named_with_what_is_wanted() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let api = hub.api();
    let wrong = json!({ "text": "call mom", "reminder_time": "28.11.2026" });
    let problem = api.post("/api/reminders", &wrong).await.problem(400);
    assert_eq!(problem.errors[0].pointer, "/reminder_time");
    assert!(problem.errors[0].detail.starts_with("`28.11.2026` is not a time: write it like"), "{problem:?}");
    assert!(!problem.detail.contains("at line"), "{problem:?}");
    let past = json!({ "text": "call mom", "reminder_time": "2020-01-01" });
    assert_eq!(api.post("/api/reminders", &past).await.problem(400).errors[0].detail, "has gone by");

    let problem = api.get("/api/calendar/week?start_date=30.11.2026").await.problem(400);
    assert_eq!(problem.errors[0].pointer, "/start_date");
    assert_eq!(problem.errors[0].detail, "`30.11.2026` is not a day: write it like 2026-12-01");
    let problem = api.get("/api/mail/previews/nope").await.problem(404);
    assert!(problem.detail.starts_with("there is no letter `nope`: there are answer, digest"), "{problem:?}");
    hub.finish(&[]).await;
}

#[tokio::test]
async fn a_browser_is_told_what_this_is_and_nothing_of_the_household() {
    let mut hub = Hub::builder().config("admin", "name", "Rumpelstiltskin").build();
    hub.start().await;
    let client = xswarm_tests::web::builder().build().unwrap();
    let lan = format!("http://{}", hub.status().listeners.lan);
    for (path, accept, status, kind) in [
        ("/", "text/html", 200, "text/html"),
        ("/", "*/*", 200, "text/html"),
        ("/nowhere", "text/html,*/*;q=0.8", 404, "text/html"),
        ("/nowhere", "application/json", 404, "application/problem+json"),
        ("/api/users", "text/html", 401, "application/problem+json"),
    ] {
        let response = client.get(format!("{lan}{path}")).header("accept", accept).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{path} {accept}");
        let found = response.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(found.starts_with(kind), "{path} {accept}: {found}");
        assert!(!response.text().await.unwrap().contains("Rumpelstiltskin"), "{path}");
    }
    hub.public().get("/").await.problem(404);
    hub.finish(&[]).await;
}
