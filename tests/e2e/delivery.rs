//! Sending when the provider does not answer as it should: nothing goes out twice, and nothing is forgotten.

use xswarm_core::{
    id::MessageId,
    message::{Message, MessageStatus},
};
use xswarm_tests::{
    twilio::{Endpoint, Fault, Resource},
    wait::{wait_for, wait_within},
    world::{ADMIN, World},
};

/// Has a text sent to the admin; the hub's row.
async fn send(world: &World, text: &str) -> MessageId {
    let user_id = world.api().admin().await.id;
    let sms = serde_json::json!({ "to": ADMIN, "message": text, "user_id": user_id });
    let message: Message = world.api().post("/api/messages/sms", &sms).await.expect(202).part("message");
    message.id
}

async fn row(world: &World, id: MessageId) -> Message {
    world.api().message(&id.to_string()).await
}

async fn reaches(world: &World, id: MessageId, status: MessageStatus) -> Message {
    let there = async || Some(row(world, id).await).filter(|row| row.status == status);
    wait_for(format!("the message to be {status}"), there).await
}

/// The text that the fake took for this row; there must not be a second.
fn taken(world: &World, id: MessageId) -> Option<Resource> {
    let id = id.to_string();
    let mut taken: Vec<_> = world.twilio.sent().into_iter().filter(|sent| sent.row() == Some(id.as_str())).collect();
    assert!(taken.len() <= 1, "sent {} times: {taken:#?}", taken.len());
    taken.pop()
}

async fn event_types(world: &World) -> Vec<String> {
    world.api().events().await.into_iter().map(|event| event.event_type).collect()
}

#[tokio::test]
async fn what_was_refused_for_now_is_tried_again() {
    let world = World::start().await;
    world.twilio.next(Endpoint::Send, Fault::Answer { status: 429, code: 20_429, retry_after_s: Some(1) });
    world.twilio.next(Endpoint::Send, Fault::Answer { status: 429, code: 20_429, retry_after_s: None });
    let begin = std::time::Instant::now();
    let id = send(&world, "Dinner is ready").await;
    reaches(&world, id, MessageStatus::Sent).await;
    assert!(taken(&world, id).is_some());
    assert_eq!(world.twilio.requests(Endpoint::Send), 3);
    assert!(begin.elapsed().as_secs_f64() >= 1.0, "Retry-After was not heeded");
    world.finish().await;
}

#[tokio::test]
async fn a_refused_connection_is_tried_again() {
    let mut world = World::start().await;
    world.twilio.refuse_connections().await;
    let id = send(&world, "Dinner is ready").await;
    let tried = async || {
        let job = world.api().jobs("ready").await.into_iter().find(|job| job.kind == "deliver")?;
        (job.attempts >= 1 && job.last_error.is_some()).then_some(())
    };
    wait_for("the first attempt", tried).await;
    assert_eq!(row(&world, id).await.status, MessageStatus::Pending);
    world.twilio.take_connections();
    let sent = reaches(&world, id, MessageStatus::Sent).await;
    assert_eq!(sent.provider_id, taken(&world, id).map(|sent| sent.sid));
    world.finish().await;
}

#[tokio::test]
async fn an_unclear_end_is_never_repeated() {
    let world = World::start().await;
    let faults = [
        Fault::Answer { status: 500, code: 20_500, retry_after_s: None },
        Fault::Answer { status: 503, code: 20_503, retry_after_s: Some(1) },
        Fault::HangUp,
    ];
    let mut ids = Vec::new();
    for (n, fault) in faults.into_iter().enumerate() {
        world.twilio.next(Endpoint::Send, fault.clone());
        let id = send(&world, &format!("Text number {n}")).await;
        let row = reaches(&world, id, MessageStatus::Unknown).await;
        assert!(row.error_message.is_some(), "{fault:?}: {row:?}");
        ids.push(id);
    }
    // The list is asked, finds nothing, and that proves nothing.
    let asked = async || (world.twilio.requests(Endpoint::List) >= 4).then_some(());
    wait_for("the list to be asked about each", asked).await;
    world.hub.settle().await;
    assert_eq!(world.twilio.requests(Endpoint::Send), 3, "something was sent again");
    let unknown: Vec<Message> =
        world.api().get("/api/messages?status=unknown&channel=sms").await.expect(200).part("messages");
    assert_eq!(unknown.len(), 3);
    assert_eq!(world.api().status().await.counts.messages_unknown, 3);
    assert_eq!(event_types(&world).await.iter().filter(|kind| *kind == "message_unknown").count(), 3);

    // A person decides.
    let path = format!("/api/messages/{}/resend", ids[0]);
    world.api().post(&path, &()).await.expect(200);
    reaches(&world, ids[0], MessageStatus::Sent).await;
    assert!(taken(&world, ids[0]).is_some());
    world.api().post(&path, &()).await.problem(409);
    world.finish().await;
}

#[tokio::test]
async fn what_the_list_shows_unambiguously_was_sent() {
    let world = World::start_with(|builder| builder.config("twilio", "timeout_s", 1)).await;
    let faults = [
        Fault::DoThenAnswer { status: 500 },
        Fault::DoThenAnswer { status: 502 },
        Fault::DoThenHangUp,
        Fault::DoThenNonsense,
        Fault::Hold { done: true },
    ];
    let mut ids = Vec::new();
    for (n, fault) in faults.iter().enumerate() {
        world.twilio.next(Endpoint::Send, fault.clone());
        ids.push(send(&world, &format!("Text number {n}")).await);
    }
    for (id, fault) in ids.into_iter().zip(&faults) {
        let row = reaches(&world, id, MessageStatus::Sent).await;
        let taken = taken(&world, id).unwrap_or_else(|| panic!("{fault:?}: nothing was taken"));
        assert_eq!(row.provider_id.as_deref(), Some(taken.sid.as_str()), "{fault:?}");
        assert_eq!((row.error_code, row.error_message), (None, None), "{fault:?}: the doubt is gone");
    }
    assert_eq!(world.twilio.requests(Endpoint::Send), 5);
    let kinds = event_types(&world).await;
    assert_eq!(
        kinds.iter().filter(|kind| *kind == "message_unknown").count(),
        5,
        "each was unclear for a while: {kinds:?}"
    );
    world.finish().await;
}

#[tokio::test]
async fn a_callback_resolves_what_was_unclear() {
    let world = World::start().await;
    world.twilio.next(Endpoint::Send, Fault::DoThenHangUp);
    let id = send(&world, "Dinner is ready").await;
    reaches(&world, id, MessageStatus::Unknown).await;
    let taken = taken(&world, id).unwrap();
    world.callback(&taken, "delivered", None).await;
    let row = row(&world, id).await;
    assert_eq!((row.status, row.provider_id), (MessageStatus::Delivered, Some(taken.sid)));
    world.finish().await;
}

#[tokio::test]
async fn twins_are_not_told_apart_by_the_list() {
    let world = World::start().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        world.twilio.next(Endpoint::Send, Fault::DoThenHangUp);
        let id = send(&world, "The same words").await;
        reaches(&world, id, MessageStatus::Unknown).await;
        ids.push(id);
    }
    let asked = async || (world.twilio.requests(Endpoint::List) >= 3).then_some(());
    wait_for("the list to be asked about both", asked).await;
    world.hub.settle().await;
    for id in &ids {
        assert_eq!(row(&world, *id).await.status, MessageStatus::Unknown);
    }
    let (one, two) = (taken(&world, ids[0]).unwrap(), taken(&world, ids[1]).unwrap());
    world.callback(&two, "sent", None).await;
    world.callback(&one, "delivered", None).await;
    assert_eq!(row(&world, ids[0]).await.provider_id, Some(one.sid));
    assert_eq!(row(&world, ids[1]).await.provider_id, Some(two.sid));
    world.finish().await;
}

#[tokio::test]
async fn a_hub_killed_while_sending_asks_instead_of_repeating() {
    let mut world = World::start().await;
    world.twilio.next(Endpoint::Send, Fault::Hold { done: true });
    let taken_id = send(&world, "This one is taken").await;
    let held = async || taken(&world, taken_id);
    wait_for("the provider to take it", held).await;
    world.hub.kill();
    world.twilio.release();
    world.hub.start().await;
    reaches(&world, taken_id, MessageStatus::Sent).await;
    assert_eq!(world.twilio.requests(Endpoint::Send), 1);
    assert!(taken(&world, taken_id).is_some());
    world.finish().await;
}

#[tokio::test]
async fn what_is_refused_for_good_is_recorded_with_its_reason() {
    let world = World::start().await;
    for (n, code) in [21_211, 21_610, 21_614, 30_034].into_iter().enumerate() {
        let phone = format!("+1415555030{n}");
        let member = world.add_member(&format!("Member{n}"), &phone).await;
        world.twilio.refuse_number(&phone, code);
        let sms = serde_json::json!({ "to": phone, "message": "Dinner is ready", "user_id": member.id });
        let message: Message = world.api().post("/api/messages/sms", &sms).await.expect(202).part("message");
        let row = reaches(&world, message.id, MessageStatus::Failed).await;
        assert_eq!(row.error_code, Some(i64::from(code)));
        let words = row.error_message.unwrap_or_default();
        assert!(words.len() > 20 && !words.contains("Scripted"), "{code} is not explained: {words}");
    }
    world.hub.settle().await;
    assert_eq!(world.twilio.requests(Endpoint::Send), 4, "something refused for good was tried again");
    assert_eq!(event_types(&world).await.iter().filter(|kind| *kind == "message_failed").count(), 4);
    world.finish().await;
}

#[tokio::test]
async fn unregistered_traffic_is_explained_when_the_network_reports_it() {
    let world = World::start().await;
    let id = send(&world, "Dinner is ready").await;
    reaches(&world, id, MessageStatus::Sent).await;
    world.callback(&taken(&world, id).unwrap(), "undelivered", Some(30_034)).await;
    let row = row(&world, id).await;
    assert_eq!((row.status, row.error_code), (MessageStatus::Failed, Some(30_034)));
    let words = row.error_message.unwrap_or_default();
    assert!(words.contains("10DLC") || words.to_lowercase().contains("regist"), "{words}");
    world.finish().await;
}

#[tokio::test]
async fn callbacks_out_of_order_only_move_forward() {
    let world = World::start().await;
    let orders: [&[&str]; 5] = [
        &["queued", "sending", "sent", "delivered"],
        &["delivered", "sent", "queued"],
        &["sent", "delivered", "sent", "delivered"],
        &["delivered", "undelivered"],
        &["delivered", "failed", "sending"],
    ];
    for (n, order) in orders.into_iter().enumerate() {
        let id = send(&world, &format!("Text number {n}")).await;
        reaches(&world, id, MessageStatus::Sent).await;
        let sent = taken(&world, id).unwrap();
        for status in order {
            world.callback(&sent, status, None).await;
        }
        assert_eq!(row(&world, id).await.status, MessageStatus::Delivered, "{order:?}");
    }
    world.finish().await;
}

#[tokio::test]
async fn a_callback_about_nothing_we_know_is_taken_and_ignored() {
    let world = World::start().await;
    let id = send(&world, "Dinner is ready").await;
    reaches(&world, id, MessageStatus::Sent).await;
    let form = world.twilio.status_form(&taken(&world, id).unwrap().sid, "delivered", None);
    let nobody = "01890000-0000-7000-8000-000000000000";
    let foreign = form
        .iter()
        .map(|(name, value)| (name.clone(), if name.ends_with("Sid") { format!("{value}0") } else { value.clone() }));
    let path = format!("/sms/status?m={nobody}");
    world.post_signed(&path, &foreign.collect()).await.expect(200);
    assert_eq!(row(&world, id).await.status, MessageStatus::Sent);
    world.finish().await;
}

#[tokio::test]
async fn an_earlier_sending_does_not_speak_for_a_later_one() {
    let world = World::start().await;
    world.twilio.next(Endpoint::Send, Fault::Answer { status: 500, code: 20_500, retry_after_s: None });
    let id = send(&world, "Dinner is ready").await;
    reaches(&world, id, MessageStatus::Unknown).await;
    world.api().post(&format!("/api/messages/{id}/resend"), &()).await.expect(200);
    reaches(&world, id, MessageStatus::Sent).await;
    let sent = taken(&world, id).unwrap();
    world.callback(&sent, "delivered", None).await;
    reaches(&world, id, MessageStatus::Delivered).await;
    world.finish().await;
}

#[tokio::test]
async fn a_provider_out_of_reach_for_a_while_costs_nothing() {
    let mut world = World::start().await;
    world.twilio.refuse_connections().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(send(&world, &format!("Text number {n}")).await);
    }
    world.hub.kill();
    world.hub.start().await;
    world.twilio.take_connections();
    let all = async || (world.twilio.sent_to(ADMIN).len() == 5).then_some(());
    wait_within(std::time::Duration::from_mins(1), "all five to be sent", all).await;
    let sent: Vec<_> = world.twilio.sent_to(ADMIN).into_iter().map(|sent| sent.body).collect();
    assert_eq!(
        sent,
        (0..5).map(|n| format!("Text number {n}")).collect::<Vec<_>>(),
        "in the order in which they were written"
    );
    for id in ids {
        reaches(&world, id, MessageStatus::Sent).await;
    }
    world.finish().await;
}
