//! What was changed, over the REST interface and the command line: whose it is, who asked for it, and taking it back.

use serde_json::json;
use xswarm_core::{
    admin::CreatedKey,
    message::Channel,
    receipt::{AskedBy, ReceiptRow},
};
use xswarm_tests::{
    api::Api,
    world::{ADMIN, World},
};

async fn receipts(api: &Api, query: &str) -> Vec<ReceiptRow> {
    api.get(&format!("/api/receipts{query}")).await.expect(200).part("receipts")
}

#[tokio::test]
async fn every_change_has_a_receipt_that_can_be_taken_back() {
    let world = World::start().await;
    let (inbound, _) = world.turn(ADMIN, "Schedule a meeting with John tomorrow at 3pm").await;
    let found = receipts(world.api(), "").await;
    let [booked] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!((booked.asked_by, booked.channel), (AskedBy::Words, Some(Channel::Sms)));
    assert_eq!((booked.message_id, booked.provider_id.as_ref()), (Some(inbound.id), inbound.provider_id.as_ref()));
    assert!(booked.words.starts_with("Booked: Meeting with John, "), "{}", booked.words);
    let told = world.api().ask("what did you do today?").await;
    assert!(told.contains(&booked.words), "{told}");

    let member = world.add_member("Mia", "+14155550124").await;
    world.say("+14155550124", "remind me to feed the cat tomorrow at 5pm").await;
    assert_eq!(receipts(world.api(), "").await.len(), 2, "an admin sees the household's");
    let key = json!({ "user_id": member.id, "name": "phone" });
    let key: CreatedKey = world.api().post("/api/keys", &key).await.expect(201).into();
    let theirs = world.hub.lan(Some(&key.key));
    let own = receipts(&theirs, "").await;
    assert_eq!(own.iter().map(|one| one.user_id).collect::<Vec<_>>(), [member.id], "a member sees their own");
    theirs.get(&format!("/api/receipts?user_id={}", booked.user_id)).await.expect(404);
    theirs.post(&format!("/api/receipts/{}/undo", booked.id), &json!({})).await.expect(404);

    let listed = world.hub.cli().run(&["receipts", "--since", "today", "--user", "Mia"]).await.expect(0);
    assert!(listed.out.contains("Reminder set: feed the cat") && !listed.out.contains("John"), "{}", listed.out);
    let path = format!("/api/receipts/{}/undo", booked.id);
    let taken: ReceiptRow = world.api().post(&path, &json!({})).await.expect(200).part("receipt");
    assert!(taken.undone_at.is_some());
    let again = world.hub.cli().run(&["receipts", "undo", &booked.id.to_string()]).await.expect(1);
    assert!(again.err.contains("taken back already"), "{}", again.err);
    assert_eq!(world.api().status().await.counts.appointments, 0);
    world.finish().await;
}
