//! The interface as such: what every answer has in common, and the console's turn.

use serde_json::json;
use xswarm_core::admin::{Answered, Check, CheckOutcome};
use xswarm_tests::{
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
    assert_ne!(world.twilio.sms_url(OUR_NUMBER), format!("{PUBLIC_URL}/sms/inbound"));
    let answer = world.api().post("/api/setup/webhooks", &json!({})).await.expect(200);
    assert_eq!(answer.json["numbers"].as_array().map(Vec::len), Some(2), "{}", answer.text);
    for number in [OUR_NUMBER, SECOND_NUMBER] {
        assert_eq!(world.twilio.sms_url(number), format!("{PUBLIC_URL}/sms/inbound"));
    }
    world.finish().await;
}

#[tokio::test]
async fn doctor_finds_what_is_wrong_and_says_what_to_do() {
    let world = World::start().await;
    let checks: Vec<Check> = world.api().get("/api/doctor").await.expect(200).part("checks");
    assert!(checks.len() >= 8, "{checks:#?}");
    let bad: Vec<_> = checks.iter().filter(|check| check.outcome == CheckOutcome::Failed).collect();
    assert!(bad.iter().all(|check| check.fix.is_some()), "a failure without advice: {bad:#?}");
    let webhook = bad.iter().find(|check| check.cause.contains("webhook"));
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
