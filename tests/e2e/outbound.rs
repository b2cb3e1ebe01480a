//! What leaves the hub: one text per answer, in order, not faster than the number may, from the right number.

use std::time::Duration;

use xswarm_core::{
    id::UserId,
    message::{Message, MessageStatus},
    sms::{BODY_LIMIT, units},
};
use xswarm_tests::{
    twilio::{OUR_NUMBER, SECOND_NUMBER},
    wait::wait_for,
    world::{ADMIN, World},
};

async fn send(world: &World, user_id: UserId, to: &str, text: &str, client_id: Option<&str>) -> Message {
    let sms = serde_json::json!({ "to": to, "message": text, "user_id": user_id, "client_id": client_id });
    world.api().post("/api/messages/sms", &sms).await.expect(202).part("message")
}

#[tokio::test]
async fn texts_leave_in_order_and_at_the_rate_of_their_number() {
    let world = World::start_with(|builder| builder.config("twilio", "sends_per_second", 4.0)).await;
    let admin = world.api().admin().await.id;
    for n in 0..8 {
        send(&world, admin, ADMIN, &format!("Text number {n}"), None).await;
    }
    let all = async || Some(world.twilio.sent_to(ADMIN)).filter(|sent| sent.len() == 8);
    let sent = wait_for("all eight to be sent", all).await;
    let bodies: Vec<_> = sent.iter().map(|one| one.body.clone()).collect();
    assert_eq!(bodies, (0..8).map(|n| format!("Text number {n}")).collect::<Vec<_>>());
    // The pace is kept where they leave; on the way the distances change a little, their sum does not.
    let took = sent[7].taken - sent[0].taken;
    assert!(took >= Duration::from_millis(7 * 250 - 100), "eight texts at four a second took {took:?}");
    for pair in sent.windows(3) {
        assert!(pair[2].taken - pair[0].taken >= Duration::from_millis(300), "three texts within a moment");
    }
    world.finish().await;
}

#[tokio::test]
async fn the_rate_of_one_number_does_not_hold_up_another() {
    let world = World::start_with(|builder| builder.config("twilio", "sends_per_second", 0.5)).await;
    let admin = world.api().admin().await.id;
    let tom = serde_json::json!({ "name": "Tom", "phone": "+14155550125", "boss_phone": SECOND_NUMBER });
    let tom: UserId =
        world.api().post("/api/users", &tom).await.expect(201).json["user"]["id"].as_str().unwrap().parse().unwrap();
    for n in 0..3 {
        send(&world, admin, ADMIN, &format!("Slow text {n}"), None).await;
    }
    send(&world, tom, "+14155550125", "Quick text", None).await;
    let quick = world.twilio.wait_sent("+14155550125", "Quick text").await;
    assert_eq!(quick.from, SECOND_NUMBER);
    assert!(world.twilio.sent_to(ADMIN).len() < 3, "the other number has its own rate");
    world.twilio.wait_sent(ADMIN, "Slow text 2").await;
    world.finish().await;
}

#[tokio::test]
async fn a_long_answer_is_shortened_and_the_rest_is_offered() {
    let world = World::start().await;
    for n in 0..30 {
        let (hour, minute) = (8 + n / 4, n % 4 * 15);
        let text = format!(
            "Schedule a session number {n:02} about very important things tomorrow at {hour}:{minute:02} for 10 minutes"
        );
        world.api().ask(&text).await;
    }
    let mut said = String::new();
    let mut body = world.say(ADMIN, "What's on my calendar tomorrow?").await;
    assert!(body.contains("MORE"), "{body}");
    for _ in 0..5 {
        assert!(units(&body) <= BODY_LIMIT);
        said.push_str(&body);
        if !body.contains("MORE") {
            break;
        }
        body = world.say(ADMIN, "more").await;
    }
    for n in 0..30 {
        let title = format!("umber {n:02} about");
        assert_eq!(said.matches(&title).count(), 1, "session {n:02} in: {said}");
    }
    world.finish().await;
}

#[tokio::test]
async fn the_same_request_again_sends_once() {
    let world = World::start().await;
    let admin = world.api().admin().await.id;
    let first = send(&world, admin, "+1 (415) 555-0123", "Dinner is ready", Some("dinner-1")).await;
    let again = send(&world, admin, ADMIN, "Dinner is ready", Some("dinner-1")).await;
    assert_eq!(first.id, again.id);
    assert_eq!(first.recipient.as_deref(), Some(ADMIN), "numbers are normalised");
    let other = send(&world, admin, ADMIN, "Dinner is ready", Some("dinner-2")).await;
    assert_ne!(first.id, other.id);
    world.hub.settle().await;
    assert_eq!(world.twilio.sent_to(ADMIN).len(), 2);
    world.finish().await;
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_at_once() {
    let world = World::start().await;
    let admin = world.api().admin().await.id;
    let nobody = "01890000-0000-7000-8000-000000000000";
    let cases = [
        (serde_json::json!({ "to": "call me", "message": "x", "user_id": admin }), 400),
        (serde_json::json!({ "to": "", "message": "x", "user_id": admin }), 400),
        (serde_json::json!({ "to": ADMIN, "message": "", "user_id": admin }), 400),
        (serde_json::json!({ "to": ADMIN, "message": "x".repeat(1_601), "user_id": admin }), 400),
        (serde_json::json!({ "to": ADMIN, "message": "😀".repeat(801), "user_id": admin }), 400),
        (serde_json::json!({ "to": ADMIN, "message": "x", "user_id": nobody }), 404),
    ];
    for (sms, status) in cases {
        world.api().post("/api/messages/sms", &sms).await.problem(status);
    }
    send(&world, admin, ADMIN, &"😀".repeat(800), None).await;
    send(&world, admin, ADMIN, &"x".repeat(1_600), None).await;
    world.hub.settle().await;
    assert_eq!(world.twilio.sent_to(ADMIN).len(), 2);
    assert!(world.twilio.sent_to(ADMIN).iter().all(|sent| sent.from == OUR_NUMBER));
    world.finish().await;
}

#[tokio::test]
async fn without_an_account_a_text_fails_with_advice() {
    let world = World::start_with(|builder| builder.credential("twilio_auth_token", None)).await;
    let status = world.api().status().await;
    assert!(!status.sms.configured);
    assert!(status.sms.missing.iter().any(|what| what.contains("twilio_auth_token")), "{:?}", status.sms);
    let admin = world.api().admin().await.id;
    let message = send(&world, admin, ADMIN, "Dinner is ready", None).await;
    let failed = async || {
        Some(world.api().message(&message.id.to_string()).await).filter(|row| row.status == MessageStatus::Failed)
    };
    let row = wait_for("the text to fail", failed).await;
    assert!(row.error_message.is_some_and(|words| words.contains("setup")));
    world.finish().await;
}
