//! Twilio does not redeliver what it could not deliver: the hub lists what it missed and takes it in, once.

use chrono::Duration;
use chrono_tz::Europe::Berlin;
use xswarm_core::{message::Direction, time::to_text};
use xswarm_tests::{
    clock,
    database::Database,
    twilio::{Endpoint, Fault, OUR_NUMBER, Resource, SECOND_NUMBER},
    wait::wait_for,
    world::{ADMIN, World},
};

/// Waits until every one of these texts has its one answer.
async fn answered_once(world: &World, messages: &[Resource]) {
    for message in messages {
        let inbound = world.recorded(message).await;
        world.answer_to(&inbound).await;
    }
    world.hub.settle().await;
    let rows = world.api().messages().await;
    for message in messages {
        let recorded: Vec<_> = rows.iter().filter(|row| row.provider_id.as_ref() == Some(&message.sid)).collect();
        assert_eq!(recorded.len(), 1, "{}", message.body);
        assert_eq!(world.answers(recorded[0]).await.len(), 1, "{}", message.body);
    }
}

#[tokio::test]
async fn what_came_while_the_hub_was_down_is_taken_in_once() {
    let mut world = World::start().await;
    world.say(ADMIN, "What time is it?").await;
    world.hub.stop().await;
    let missed: Vec<_> = (1..=5)
        .map(|n| world.twilio.receive(ADMIN, OUR_NUMBER, &format!("remind me to do thing {n} in {n} hours")))
        .collect();
    world.hub.start().await;
    answered_once(&world, &missed).await;
    // A webhook that was late all the same.
    for message in &missed {
        world.deliver(message).await;
    }
    answered_once(&world, &missed).await;
    world.hub.restart().await;
    answered_once(&world, &missed).await;
    assert_eq!(world.api().reminders("pending").await.len(), 5);
    assert_eq!(world.twilio.sent_to(ADMIN).len(), 6);
    world.finish().await;
}

#[tokio::test]
async fn a_webhook_and_the_list_at_the_same_time_count_once() {
    let mut world = World::start_with(|builder| builder.config("twilio", "catch_up_s", 1)).await;
    world.hub.stop().await;
    let missed: Vec<_> =
        (1..=20).map(|n| world.twilio.receive(ADMIN, OUR_NUMBER, &format!("set a timer for {n} hours"))).collect();
    world.hub.start().await;
    for message in &missed {
        world.deliver(message).await;
    }
    answered_once(&world, &missed).await;
    assert_eq!(world.api().reminders("pending").await.len(), 20);
    world.finish().await;
}

#[tokio::test]
async fn a_box_without_a_tunnel_gets_its_texts_by_asking() {
    let world =
        World::start_with(|builder| builder.config("server", "public_url", "").config("twilio", "catch_up_s", 1)).await;
    world.twilio.receive(ADMIN, OUR_NUMBER, "What time is it?");
    let reply = world.twilio.wait_sent(ADMIN, "It is").await;
    assert_eq!(reply.status_callback, None, "nobody could be called back");
    world.twilio.receive(ADMIN, OUR_NUMBER, "set a timer for 3 hours");
    world.twilio.wait_sent(ADMIN, "Timer set").await;
    world.hub.settle().await;
    assert_eq!(world.twilio.sent_to(ADMIN).len(), 2);
    world.finish().await;
}

#[tokio::test]
async fn every_page_is_read() {
    let mut world = World::start().await;
    world.hub.stop().await;
    world.twilio.set_page_size(2);
    let missed: Vec<_> = (1..=7)
        .map(|n| world.twilio.receive(ADMIN, OUR_NUMBER, &format!("remind me to do thing {n} in {n} hours")))
        .collect();
    world.hub.start().await;
    answered_once(&world, &missed).await;
    assert_eq!(world.api().reminders("pending").await.len(), 7);
    world.finish().await;
}

#[tokio::test]
async fn a_list_that_fails_is_asked_again() {
    let mut world = World::start().await;
    world.hub.stop().await;
    world.twilio.next(Endpoint::List, Fault::Answer { status: 500, code: 20_500, retry_after_s: None });
    world.twilio.next(Endpoint::List, Fault::HangUp);
    world.twilio.next(Endpoint::List, Fault::Answer { status: 429, code: 20_429, retry_after_s: None });
    let missed = [world.twilio.receive(ADMIN, OUR_NUMBER, "What time is it?")];
    world.hub.start().await;
    answered_once(&world, &missed).await;
    world.finish().await;
}

#[tokio::test]
async fn when_the_provider_is_back_in_reach_the_list_is_asked() {
    let mut world = World::start().await;
    world.say(ADMIN, "What time is it?").await;
    world.hub.stop().await;
    world.twilio.refuse_connections().await;
    let missed = [world.twilio.receive(ADMIN, OUR_NUMBER, "set a timer for 3 hours")];
    world.hub.start().await;
    let tried = async || {
        let jobs = world.api().jobs("ready").await;
        jobs.into_iter().find(|job| job.kind == "catch_up_inbound" && job.attempts > 0)
    };
    wait_for("the first look to fail", tried).await;
    world.twilio.take_connections();
    answered_once(&world, &missed).await;
    world.finish().await;
}

#[tokio::test]
async fn what_came_before_the_first_start_is_not_taken_in() {
    let mut world = World::build(|builder| builder.config("twilio", "catch_up_s", 1)).await;
    world.twilio.receive_earlier(ADMIN, OUR_NUMBER, "Schedule lunch tomorrow at noon", Duration::hours(3));
    world.twilio.receive_earlier(ADMIN, OUR_NUMBER, "Schedule lunch tomorrow at noon", Duration::minutes(2));
    world.hub.start().await;
    let new = world.twilio.receive(ADMIN, OUR_NUMBER, "What time is it?");
    answered_once(&world, &[new]).await;
    let inbound = world.api().messages().await.into_iter().filter(|row| row.direction == Direction::Inbound).count();
    assert_eq!(inbound, 1);
    world.finish().await;
}

#[tokio::test]
async fn relative_times_count_from_when_they_were_said() {
    let mut world = World::start().await;
    world.hub.stop().await;
    // The hub is older than the message.
    let long_ago = to_text(clock::now() - Duration::days(3));
    let database = Database::open(&world.hub.state_dir());
    assert_eq!(database.execute("UPDATE meta SET value = ?1 WHERE name = 'installed_at'", [&long_ago]), 1);
    database.execute("DELETE FROM meta WHERE name = 'inbound_last_look'", []);
    drop(database);
    let text = "remind me to call mom in 2 hours";
    let message = world.twilio.receive_earlier(ADMIN, OUR_NUMBER, text, Duration::minutes(50));
    world.hub.start().await;
    answered_once(&world, std::slice::from_ref(&message)).await;
    let due = world.api().reminders("pending").await[0].due;
    let off = (due - (message.created + Duration::hours(2))).num_milliseconds().abs();
    assert!(off <= 1_000, "due {due}, said {}", message.created);
    world.finish().await;
}

#[tokio::test]
async fn every_number_of_the_household_is_asked_about() {
    let mut world = World::start().await;
    let tom = serde_json::json!({ "name": "Tom", "phone": "+14155550125", "boss_phone": SECOND_NUMBER });
    world.api().post("/api/users", &tom).await.expect(201);
    world.hub.stop().await;
    let toms = world.twilio.receive("+14155550125", SECOND_NUMBER, "Schedule lunch with Anna tomorrow at noon");
    let admins = world.twilio.receive(ADMIN, OUR_NUMBER, "Schedule dinner with Anna tomorrow at 7pm");
    world.hub.start().await;
    answered_once(&world, &[toms.clone(), admins]).await;
    let reply = world.answer_to(&world.recorded(&toms).await).await;
    assert_eq!((reply.from.as_str(), reply.to.as_str()), (SECOND_NUMBER, "+14155550125"));

    // At the other number Tom is nobody.
    let today = world.api().status().await.now.with_timezone(&Berlin).date_naive();
    let tom = world.api().users().await.into_iter().find(|user| user.name == "Tom").unwrap();
    let path = format!("/api/agenda?user_id={}&from={today}&days=3", tom.id);
    let before: xswarm_core::admin::Agenda = world.api().get(&path).await.expect(200).into();
    assert_eq!(before.occurrences.len(), 1, "{}", before.text);
    let elsewhere = world.twilio.receive("+14155550125", OUR_NUMBER, "Schedule lunch with Eve tomorrow at 5pm");
    world.deliver(&elsewhere).await;
    world.hub.settle().await;
    let after: xswarm_core::admin::Agenda = world.api().get(&path).await.expect(200).into();
    assert_eq!(before.occurrences, after.occurrences);
    world.finish().await;
}
