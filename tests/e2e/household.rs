//! Several persons in one household: each sees and changes their own; an admin sees all.

use chrono_tz::Europe::Berlin;
use serde_json::json;
use xswarm_core::{
    admin::{CreatedKey, KeyRow},
    id::UserId,
    message::Message,
    user::{Role, User},
};
use xswarm_tests::{
    api::Api,
    world::{ADMIN, World},
};

const MIA: &str = "+14155550124";

async fn key_of(world: &World, user_id: UserId) -> CreatedKey {
    world.api().post("/api/keys", &json!({ "user_id": user_id, "name": "laptop" })).await.expect(201).into()
}

#[tokio::test]
async fn a_members_key_sees_their_own_and_nothing_else() {
    let world = World::start().await;
    let admin = world.api().admin().await;
    let mia = world.add_member("Mia", MIA).await;
    let (admins_text, _) = world.turn(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    let (mias_text, _) = world.turn(MIA, "remind me to feed the cat in 3 hours").await;
    let (admins_key, mias_key) = (key_of(&world, admin.id).await, key_of(&world, mia.id).await);
    let hers = world.hub.lan(Some(&mias_key.key));

    let users: Vec<User> = hers.get("/api/users").await.expect(200).part("users");
    assert_eq!(users.iter().map(|user| user.id).collect::<Vec<_>>(), [mia.id]);
    let keys: Vec<KeyRow> = hers.get("/api/keys").await.expect(200).part("keys");
    assert_eq!(keys.iter().map(|key| key.id).collect::<Vec<_>>(), [mias_key.id]);
    let history: Vec<Message> = hers.get("/api/messages/history").await.expect(200).part("messages");
    assert!(history.iter().all(|row| row.user_id == Some(mia.id)) && history.len() == 2, "{history:#?}");
    hers.get(&format!("/api/messages/{}", mias_text.id)).await.expect(200);
    hers.get("/api/reminders").await.expect(200);
    hers.get("/api/agenda").await.expect(200);

    let (admin, text) = (admin.id, admins_text.id);
    for path in [
        format!("/api/users/{admin}"),
        format!("/api/messages/{text}"),
        format!("/api/messages/history?user_id={admin}"),
        format!("/api/reminders?user_id={admin}"),
        format!("/api/agenda?user_id={admin}"),
        "/api/messages".to_owned(),
        "/api/status".to_owned(),
        "/api/jobs".to_owned(),
        "/api/events".to_owned(),
        "/api/doctor".to_owned(),
        "/api/pairings".to_owned(),
    ] {
        hers.get(&path).await.problem(404);
    }
    hers.post("/api/users", &json!({ "name": "Eve" })).await.problem(404);
    hers.post("/api/keys", &json!({ "user_id": admin, "name": "k" })).await.problem(404);
    hers.post(&format!("/api/messages/{text}/resend"), &json!({})).await.problem(404);
    hers.post("/api/messages/sms", &json!({ "to": ADMIN, "message": "x", "user_id": admin })).await.problem(404);
    hers.put(&format!("/api/users/{}", mia.id), &json!({ "role": "admin" })).await.problem(404);
    hers.delete(&format!("/api/users/{admin}")).await.problem(404);
    hers.delete(&format!("/api/keys/{}", admins_key.id)).await.problem(404);

    let all = world.hub.lan(Some(&admins_key.key));
    all.get(&format!("/api/messages/history?user_id={}", mia.id)).await.expect(200);
    all.get("/api/status").await.expect(200);
    world.finish().await;
}

#[tokio::test]
async fn the_lan_needs_a_key_that_is_shown_once_and_can_be_revoked() {
    let world = World::start().await;
    let admin = world.api().admin().await;
    let created = key_of(&world, admin.id).await;
    let lan = world.hub.lan(Some(&created.key));
    lan.get("/api/status").await.expect(200);
    for key in [None, Some(""), Some("xsw_wrong"), Some(&created.key[..40])] {
        for path in ["/api/status", "/api/users", "/api/messages/history"] {
            world.hub.lan(key).get(path).await.problem(401);
        }
        world.hub.lan(key).post("/sms/outbound", &json!({})).await.problem(401);
    }
    assert_eq!(world.hub.lan(None).get("/health").await.expect(200).json["status"], "ok");

    let listed = world.api().get("/api/keys").await.expect(200);
    assert!(!listed.text.contains(&created.key), "a key is shown once");
    world.api().delete(&format!("/api/keys/{}", created.id)).await.expect(200);
    lan.get("/api/status").await.problem(401);
    // What only the socket may do is not there at all.
    let other = key_of(&world, admin.id).await;
    let lan = world.hub.lan(Some(&other.key));
    lan.post("/api/ask", &json!({ "text": "What time is it?" })).await.problem(404);
    lan.put("/api/secrets/twilio_auth_token", &json!({ "value": "x" })).await.problem(404);
    lan.post("/api/reload", &json!({})).await.problem(404);
    world.finish().await;
}

#[tokio::test]
async fn texts_can_be_sent_over_the_lan() {
    let world = World::start().await;
    let mia = world.add_member("Mia", MIA).await;
    let lan = world.hub.lan(Some(&key_of(&world, mia.id).await.key));
    let sms = json!({ "to": ADMIN, "message": "Dinner is ready", "user_id": mia.id });
    let one: Message = lan.post("/sms/outbound", &sms).await.expect(202).part("message");
    let two: Message = lan.post("/api/messages/sms", &sms).await.expect(202).part("message");
    assert_ne!(one.id, two.id);
    world.hub.settle().await;
    assert_eq!(world.twilio.sent_to(ADMIN).len(), 2);
    world.finish().await;
}

#[tokio::test]
async fn persons_are_added_changed_and_removed() {
    let world = World::start().await;
    let api: &Api = world.api();
    let new =
        json!({ "name": "Tom", "phone": "(415) 555-0125", "email": "Tom@Example.com", "timezone": "America/New_York" });
    let tom: User = api.post("/api/users", &new).await.expect(201).part("user");
    assert_eq!((tom.role, tom.timezone), (Role::Member, chrono_tz::America::New_York));
    assert_eq!(tom.phone.as_ref().map(xswarm_core::phone::Phone::as_str), Some("+14155550125"));
    api.post("/api/users", &json!({ "name": "Twin", "phone": "+1 415 555 0125" })).await.problem(409);
    api.post("/api/users", &json!({ "name": "Twin", "email": "tom@example.com" })).await.problem(409);

    let path = format!("/api/users/{}", tom.id);
    let changed: User =
        api.put(&path, &json!({ "timezone": "Europe/Berlin", "phone": "" })).await.expect(200).part("user");
    assert_eq!((changed.timezone, changed.phone, changed.name.as_str()), (Berlin, None, "Tom"));
    let admin = api.admin().await;
    api.delete(&format!("/api/users/{}", admin.id)).await.problem(409);
    api.put(&format!("/api/users/{}", admin.id), &json!({ "role": "member" })).await.problem(409);

    let asked = api.ask_as(Some(tom.id), "remind me to call mom in 3 hours").await;
    assert!(asked.contains("call mom"), "{asked}");
    api.delete(&path).await.expect(200);
    api.get(&path).await.problem(404);
    api.delete(&path).await.problem(404);
    world.hub.settle().await;
    assert_eq!(api.users().await.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn each_persons_times_are_in_their_own_zone() {
    let world = World::start().await;
    let new = json!({ "name": "Tom", "phone": "+14155550125", "timezone": "America/New_York" });
    world.api().post("/api/users", &new).await.expect(201);
    let (inbound, reply) = world.turn("+14155550125", "Schedule lunch with Anna tomorrow at noon").await;
    let zone = chrono_tz::America::New_York;
    let start = xswarm_tests::words::days_later(inbound.created_at, zone, 1, 12, 0);
    xswarm_tests::words::assert_says(&reply.body, start, zone);
    world.finish().await;
}
