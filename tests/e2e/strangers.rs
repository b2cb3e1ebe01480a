//! Strangers get one bounded answer with a pairing code, and nothing they write has an effect until an admin approves it.

use chrono_tz::Europe::Berlin;
use serde_json::json;
use xswarm_core::{
    admin::PairingRow,
    sms::shape,
    user::{Role, User},
};
use xswarm_tests::world::{STRANGER, World};

async fn pairings(world: &World) -> Vec<PairingRow> {
    world.api().get("/api/pairings").await.expect(200).part("pairings")
}

#[tokio::test]
async fn a_stranger_is_answered_once_and_has_no_effect() {
    let world = World::start().await;
    let (inbound, reply) = world.turn(STRANGER, "Schedule meeting with John tomorrow at 3pm").await;
    assert_eq!(inbound.user_id, None);
    assert!(shape(&reply.body).segments <= 2, "a stranger's answer is short: {}", reply.body);
    let waiting = pairings(&world).await;
    assert_eq!(waiting.len(), 1);
    assert!(reply.body.contains(&waiting[0].code), "{} in {}", waiting[0].code, reply.body);
    assert_eq!(waiting[0].code.len(), 6);
    assert!(!reply.body.contains("John"), "a stranger's words are not repeated: {}", reply.body);

    for text in ["Hello?", "yes", "what can you do?", "cancel everything", "What's on my calendar today?"] {
        world.text(STRANGER, text).await;
    }
    world.hub.settle().await;
    assert_eq!(world.twilio.sent_to(STRANGER).len(), 1, "{:?}", world.twilio.bodies());
    let counts = world.api().status().await.counts;
    assert_eq!((counts.users, counts.appointments, counts.reminders), (1, 0, 0));
    world.finish().await;
}

#[tokio::test]
async fn an_approved_stranger_becomes_a_member() {
    let world = World::start().await;
    world.turn(STRANGER, "Hi, it's Mia").await;
    let code = pairings(&world).await[0].code.clone();
    let path = format!("/api/pairings/{}/approve", code.to_lowercase());
    let user: User = world.api().post(&path, &json!({ "name": "Mia" })).await.expect(200).part("user");
    assert_eq!((user.role, user.phone.as_ref().map(xswarm_core::phone::Phone::as_str)), (Role::Member, Some(STRANGER)));
    assert!(pairings(&world).await.is_empty());
    world.api().post(&path, &json!({ "name": "Eve" })).await.problem(404);

    let (inbound, reply) = world.turn(STRANGER, "Schedule meeting with John tomorrow at 3pm").await;
    assert_eq!(inbound.user_id, Some(user.id));
    assert!(reply.body.contains("John"), "{}", reply.body);
    let today = world.api().status().await.now.with_timezone(&Berlin).date_naive();
    assert!(world.api().agenda(today, 3).await.occurrences.is_empty(), "it is hers, not the admin's");
    world.finish().await;
}

#[tokio::test]
async fn a_stranger_may_turn_out_to_be_somebody_known() {
    let world = World::start().await;
    let user: User = world
        .api()
        .post("/api/users", &json!({ "name": "Tom", "email": "tom@example.com" }))
        .await
        .expect(201)
        .part("user");
    world.turn(STRANGER, "It's me").await;
    let code = pairings(&world).await[0].code.clone();
    let path = format!("/api/pairings/{code}/approve");
    world.api().post(&path, &json!({})).await.problem(400);
    let paired: User = world.api().post(&path, &json!({ "user_id": user.id })).await.expect(200).part("user");
    assert_eq!(paired.id, user.id);
    let (inbound, _) = world.turn(STRANGER, "What time is it?").await;
    assert_eq!(inbound.user_id, Some(user.id));
    world.finish().await;
}

#[tokio::test]
async fn many_strangers_cannot_spend_the_households_money() {
    let world = World::start().await;
    for n in 0..40 {
        world.text(&format!("+1415556{n:04}"), "Hello").await;
    }
    world.hub.settle().await;
    let answered = world.twilio.sent().len();
    assert!((1..=30).contains(&answered), "{answered} strangers were answered within a moment");
    world.finish().await;
}
