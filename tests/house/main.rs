//! The whole house: the hub, the program of a room device and a sound server as processes of their own, and a room in between
//! in which somebody speaks.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a failed expectation is a failed test"
)]

mod air;
mod house;

use std::time::Duration;

use serde_json::json;
use xswarm_tests::{
    voice_servers::VoiceServers,
    wait::{wait_for, wait_within},
    world::ADMIN,
};

use house::House;

/// What is asked, and what is known besides.
const ASKED: &str = "hey boss what's on my calendar today";

#[tokio::test]
async fn who_says_the_phrase_across_the_room_is_answered_audibly() {
    let servers = VoiceServers::start(&[ASKED, "hey boss what time is it", "hey boss set a timer for ten minutes"]);
    let house = House::with(&servers).await;
    let answer = house.world.say(ADMIN, "Schedule a meeting with John today from 11:58pm to 11:59pm").await;
    assert!(answer.starts_with("Booked"), "{answer}");
    // As people call somebody: with a little pause after it.
    let said = house.says(&ASKED.replace("boss", "boss,")).await;
    let told = async || house.answers().await.into_iter().next();
    let answer = wait_within(Duration::from_secs(60), "the Boss to answer", told).await;
    assert!(answer.contains("Meeting with John"), "{answer}");
    assert!(answer.ends_with("Meeting with John"), "{answer}");
    // What was to be heard last, by a listener that knows other words for it.
    let heard = house.listens(said).await;
    let known = ["meeting with john", "lunch with anna", "dentist appointment"];
    let transcript = VoiceServers::start(&known).transcript(last_of(&heard), 16_000);
    assert_eq!(transcript, "meeting with john", "{answer}");
    house.finish().await;
}

/// The last of what was heard, from its last pause on.
fn last_of(heard: &[f32]) -> &[f32] {
    const PAUSE: usize = 6_400;
    let last = heard.iter().rposition(|sample| sample.abs() > 0.01).unwrap();
    let paused = heard[..last].windows(PAUSE).rposition(|part| part.iter().all(|sample| sample.abs() < 0.01));
    &heard[paused.unwrap() + PAUSE / 2..(last + PAUSE / 2).min(heard.len())]
}

#[tokio::test]
async fn whatever_dies_comes_back() {
    let servers = VoiceServers::start(&["hey boss what time is it"]);
    let mut house = House::with(&servers).await;
    house.world.hub.kill();
    house.is("away", |status| status["hub"] == "away" && status["doing"] == "offline").await;
    house.world.hub.start().await;
    house.is("reached again", |status| status["hub"] == "reached" && status["doing"] == "idle").await;
    house.sound.kill();
    house.is("without sound", |status| status["sound"]["state"] == "lost").await;
    let known = async || {
        let devices = house.world.api().get("/api/devices").await.expect(200);
        (devices.json["devices"][0]["health"]["sound"]["state"] == json!("lost")).then_some(())
    };
    wait_for("the hub to know that there is no sound", known).await;
    house.sound.run();
    house.is("running again", |status| status["sound"]["state"] == "running").await;
    assert_eq!(house.children(), 0, "nothing is left behind");
    house.finish().await;
}
