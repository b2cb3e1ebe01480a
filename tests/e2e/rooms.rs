//! Conversations in rooms, over the real link in real time.

use std::time::Duration;

use serde_json::json;
use xswarm_core::{
    call::Call,
    message::{Channel, Message},
    reminder::{Reminder, ReminderOutcome},
    room::{Doing, FromRoom, Health, RoomTimer, SoundHealth, StopReason},
};
use xswarm_tests::{
    clock,
    room::{Room, Sends, paired, paired_for},
    wait::{wait_for, wait_within},
    world::{ADMIN, World},
};

/// A hub that hears these lines, one after the other.
async fn hearing(lines: &[&str]) -> World {
    let script: toml_edit::Array = lines.iter().copied().collect();
    World::start_with(|builder| builder.config("voice", "engine", "scripted").config("voice", "script", script)).await
}

async fn calls(world: &World) -> Vec<Call> {
    world.api().get("/api/calls").await.expect(200).part("calls")
}

async fn messages(world: &World) -> Vec<Message> {
    let mut all = world.api().messages().await;
    all.reverse();
    all
}

/// What was said in rooms and answered there, in order.
async fn said(world: &World) -> Vec<String> {
    messages(world).await.into_iter().filter(|one| one.channel == Channel::Room).map(|one| one.content).collect()
}

#[tokio::test]
async fn what_is_asked_after_the_phrase_is_answered_in_the_room() {
    let world = hearing(&["Hey boss, remind me to call mom tomorrow at 9am", "thank you, goodbye"]).await;
    let room = Room::of(&world, "Kitchen").await;
    assert_eq!(room.name().as_deref(), Some("Kitchen"));
    room.wakes(0.9);
    room.says_ah(400).await;
    let answered = room.listens(0).await;
    assert_eq!(room.doing().last(), Some(&Doing::Thinking));
    let heard = said(&world).await;
    assert_eq!(heard[0], "remind me to call mom tomorrow at 9am", "without the phrase");
    assert!(heard[1].contains("call mom"), "{heard:?}");
    // No phrase is needed while the conversation goes on.
    room.says_ah(400).await;
    room.listens(answered).await;
    assert_eq!(room.stopped().await, StopReason::Finished);
    let call = &calls(&world).await[0];
    assert_eq!((call.room.as_deref(), call.phone.as_deref()), (Some("Kitchen"), None));
    world.finish().await;
}

#[tokio::test]
async fn who_did_not_mean_the_boss_leaves_no_trace() {
    let world = hearing(&["Hey buzz, come here at once"]).await;
    let room = Room::of(&world, "Kitchen").await;
    room.wakes(0.9);
    room.says_ah(400).await;
    assert_eq!(room.stopped().await, StopReason::NotMeant);
    assert!(room.played().iter().all(|sample| *sample == 0), "it closes silently");
    assert_eq!((calls(&world).await.len(), said(&world).await), (0, Vec::new()));
    world.finish().await;
}

#[tokio::test]
async fn of_several_rooms_that_hear_it_the_surest_answers() {
    let world = hearing(&["hey boss what time is it"]).await;
    let (kitchen, hall) = tokio::join!(Room::of(&world, "Kitchen"), Room::of(&world, "Hall"));
    kitchen.wakes(0.6);
    hall.wakes(0.8);
    tokio::join!(kitchen.says_ah(400), hall.says_ah(400));
    assert_eq!(kitchen.stopped().await, StopReason::Another);
    hall.listens(0).await;
    assert!(kitchen.played().iter().all(|sample| *sample == 0));
    hall.stops();
    assert_eq!(hall.stopped().await, StopReason::Finished);
    assert_eq!(calls(&world).await.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn a_room_may_add_and_read_but_nothing_is_deleted_there() {
    let lines = ["hey boss cancel the dentist", "yes", "when is the dentist?"];
    let world = hearing(&lines).await;
    world.say(ADMIN, "Dentist tomorrow at 3pm").await;
    let room = Room::of(&world, "Kitchen").await;
    room.wakes(0.9);
    let mut at = 0;
    for line in lines {
        room.says_ah(400).await;
        at = room.listens(at).await;
        let heard = said(&world).await;
        assert!(line.ends_with(&heard[heard.len() - 2]), "{line}: {heard:?}");
    }
    let heard = said(&world).await;
    let answers: Vec<&String> = heard.iter().skip(1).step_by(2).collect();
    assert!(answers[0].starts_with("I can't tell who is speaking in a room"), "{answers:?}");
    assert!(answers[1].starts_with("I have not asked you anything"), "{answers:?}");
    assert!(answers[2].contains("3:00 PM"), "{answers:?}");
    world.finish().await;
}

/// Sets a timer in a room by talking to it, and ends the conversation.
async fn timer(world: &World, room: &Room) -> RoomTimer {
    room.wakes(0.9);
    room.says_ah(400).await;
    let timer = async || room.timers().into_iter().next();
    let timer = wait_for("the room to know of its timer", timer).await;
    room.listens(0).await;
    room.stops();
    room.stopped().await;
    assert_eq!(said(world).await.len(), 2);
    timer
}

async fn outcome(world: &World, timer: &RoomTimer, wanted: ReminderOutcome) -> Reminder {
    let ended = async || {
        let all = world.api().reminders("all").await;
        all.into_iter().find(|one| one.id == timer.id && one.outcome == Some(wanted))
    };
    wait_within(Duration::from_secs(30), &format!("the timer to be {wanted}"), ended).await
}

#[tokio::test]
async fn a_timer_rings_in_the_room_where_it_was_set_and_whoever_stops_it_has_heard_it() {
    let world = hearing(&["hey boss set a timer for 20 seconds"]).await;
    let (room, other) = (Room::of(&world, "Kitchen").await, Room::of(&world, "Hall").await);
    let timer = timer(&world, &room).await;
    assert!(other.timers().is_empty());
    let texts = world.twilio.sent().len();
    let due = async || (clock::now() >= timer.due_at).then_some(());
    wait_within(Duration::from_secs(30), "the timer to be due", due).await;
    room.say(&FromRoom::Rings { timer: timer.id });
    outcome(&world, &timer, ReminderOutcome::Delivered).await;
    assert_eq!(room.timers().len(), 1, "it rings on");
    // Only the room where it rings can say so.
    other.say(&FromRoom::Stopped { timer: timer.id });
    room.say(&FromRoom::Stopped { timer: timer.id });
    outcome(&world, &timer, ReminderOutcome::Acknowledged).await;
    wait_for("the room to have no timers", async || room.timers().is_empty().then_some(())).await;
    assert_eq!(world.twilio.sent().len(), texts, "nobody is texted");
    world.finish().await;
}

#[tokio::test]
async fn a_timer_whose_room_is_gone_comes_the_usual_way() {
    let world = hearing(&["hey boss set a timer for 20 seconds"]).await;
    let device = paired(&world, "Kitchen").await;
    let room = Room::connect(&world, &device.token).await.unwrap();
    let timer = timer(&world, &room).await;
    drop(room);
    outcome(&world, &timer, ReminderOutcome::Failed).await;
    world.twilio.wait_sent(ADMIN, "Timer done: 20 seconds").await;
    let back = Room::connect(&world, &device.token).await.unwrap();
    assert_eq!(back.told_timers().await, [], "they were told already");
    world.finish().await;
}

#[tokio::test]
async fn the_phrase_stops_what_is_being_said_and_json_is_as_good_as_binary() {
    let world = hearing(&["what can you do for me?", "hey boss what time is it"]).await;
    let room = Room::of(&world, "Kitchen").await;
    // A button was pressed: no phrase comes first.
    room.begins(None, Sends::JsonBigEndian);
    room.says_ah(400).await;
    wait_for("the Boss to speak", async || room.played().iter().any(|sample| *sample != 0).then_some(())).await;
    room.wakes_again();
    room.says_ah(400).await;
    let count = async || (said(&world).await.len() == 4).then_some(());
    wait_for("the second answer", count).await;
    assert!(room.clears() > 0);
    assert_eq!(said(&world).await[2], "what time is it");
    room.stops();
    room.stopped().await;
    world.finish().await;
}

#[tokio::test]
async fn only_paired_devices_get_in_and_a_forgotten_one_is_out_at_once() {
    let world = hearing(&[]).await;
    let ada = world.api().admin().await.id;
    let key = world.api().post("/api/keys", &json!({ "name": "laptop", "user_id": ada })).await.expect(201);
    for token in ["", "xsd_wrong", key.json["key"].as_str().unwrap()] {
        assert_eq!(Room::connect(&world, token).await.err(), Some(401), "{token}");
    }
    let device = paired(&world, "Kitchen").await;
    let room = Room::connect(&world, &device.token).await.unwrap();
    room.say(&FromRoom::Health(Health { is_muted: true, sound: SoundHealth::Running }));
    let muted = async || {
        let devices = world.api().get("/api/devices").await.expect(200);
        (devices.json["devices"][0]["health"]["is_muted"] == json!(true)).then_some(())
    };
    wait_for("the hub to know that it is muted", muted).await;
    // The same device once more: its first link is lost, whatever its socket says.
    let again = Room::connect(&world, &device.token).await.unwrap();
    room.ends().await;
    assert!(!again.is_over());
    world.api().delete(&format!("/api/devices/{}", device.device.id)).await.expect(200);
    again.ends().await;
    assert_eq!(Room::connect(&world, &device.token).await.err(), Some(401));
    world.finish().await;
}

#[tokio::test]
async fn what_no_room_sends_ends_its_link_and_nothing_else() {
    let world = hearing(&["hey boss what time is it"]).await;
    let (device, other) = (paired(&world, "Kitchen").await, Room::of(&world, "Hall").await);
    let room = Room::connect(&world, &device.token).await.unwrap();
    for text in [
        "",
        "{}",
        r#"{"event":"dance"}"#,
        r#"{"event":"media","streamSid":"9","media":{"timestamp":"1","payload":"*"}}"#,
    ] {
        for _ in 0..6 {
            room.sends(text);
        }
    }
    room.ends().await;
    other.wakes(0.9);
    other.says_ah(400).await;
    other.listens(0).await;
    world.finish().await;
}

#[tokio::test]
async fn without_an_engine_a_room_is_told_that_it_cannot_be_talked() {
    let world = World::start().await;
    let room = Room::of(&world, "Kitchen").await;
    room.wakes(0.9);
    assert_eq!(room.stopped().await, StopReason::Failed);
    world.finish().await;
}

#[tokio::test]
async fn guests_get_timers_the_time_and_help_and_nothing_of_anybodys() {
    let lines =
        ["hey boss what's on my calendar tomorrow", "set a timer for 5 minutes", "what can you do", "cancel the timer"];
    let world = hearing(&lines).await;
    world.say(ADMIN, "Dentist tomorrow at 3pm").await;
    world.say(ADMIN, "Set a timer for 20 minutes").await;
    let device = paired_for(&world, "Guest room", &[]).await;
    let room = Room::connect(&world, &device.token).await.unwrap();
    room.wakes(0.9);
    let mut at = 0;
    for _ in lines {
        room.says_ah(400).await;
        at = room.listens(at).await;
    }
    let heard = said(&world).await;
    let answers: Vec<&String> = heard.iter().skip(1).step_by(2).collect();
    assert!(answers[0].starts_with("For guests"), "{answers:?}");
    assert!(answers[1].starts_with("Timer set: 5 minutes"), "{answers:?}");
    assert!(answers[2].starts_with("For guests"), "{answers:?}");
    assert!(answers[3].contains("5 minutes") && room.timers().is_empty(), "{answers:?}");
    let pending = world.api().reminders("pending").await;
    assert!(pending.iter().any(|one| one.text == "20 minutes"), "the household's timer runs on: {pending:?}");
    world.finish().await;
}

#[tokio::test]
async fn who_says_who_they_are_is_taken_for_that_person() {
    let world = hearing(&["hey boss, this is Ben", "remind me to water the plants tomorrow at 8am"]).await;
    let ben = world.add_member("Ben", "+4915100000001").await.id;
    let admin = world.api().admin().await.id;
    let device = paired_for(&world, "Kitchen", &[admin, ben]).await;
    let room = Room::connect(&world, &device.token).await.unwrap();
    room.wakes(0.9);
    room.says_ah(400).await;
    let at = room.listens(0).await;
    room.says_ah(400).await;
    room.listens(at).await;
    let all: Vec<Reminder> =
        world.api().get(&format!("/api/reminders?user_id={ben}")).await.expect(200).part("reminders");
    assert!(all.iter().any(|one| one.text == "water the plants"), "{all:?}");
    world.finish().await;
}
