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
    sound_server::Channels,
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
    let house = House::with(&servers, Channels::Microphones).await;
    has_a_meeting(&house).await;
    let (said, answer) = asks_for_the_day(&house).await;
    // What was to be heard, by a listener that knows other answers, too.
    house.is("done speaking", |status| status["doing"] == "idle").await;
    let heard = house.heard().await;
    let answer = pronounced(&answer);
    let others = [answer.replace("Meeting with John", "Lunch with Anna"), answer.replace("11:5", "3:1")];
    let transcript =
        VoiceServers::start(&[&others[0], &answer, &others[1]]).transcript(audible(&heard[said..]), 16_000);
    assert_eq!(transcript, answer);
    house.finish().await;
}

#[tokio::test]
async fn who_says_the_phrase_over_the_devices_own_music_is_answered_audibly() {
    let servers = VoiceServers::start(&[ASKED, "hey boss what time is it", "hey boss set a timer for ten minutes"]);
    let mut house = House::with(&servers, Channels::WithPlayback).await;
    has_a_meeting(&house).await;
    house.plays_music();
    let (said, answer) = asks_for_the_day(&house).await;
    house.is("done speaking", |status| status["doing"] == "idle").await;
    let heard = house.heard().await;
    let answer = pronounced(&answer);
    let others = [answer.replace("Meeting with John", "Lunch with Anna"), answer.replace("11:5", "3:1")];
    let transcript = VoiceServers::start(&[&others[0], &answer, &others[1]]).transcript(&heard[said..], 16_000);
    assert_eq!(transcript, answer, "with music under it");
    house.finish().await;
}

async fn has_a_meeting(house: &House) {
    let answer = house.world.say(ADMIN, "Schedule a meeting with John today from 11:58pm to 11:59pm").await;
    assert!(answer.starts_with("Booked"), "{answer}");
}

/// Somebody asks across the room; how many samples the loudspeaker has played when it was said, and the right answer.
async fn asks_for_the_day(house: &House) -> (usize, String) {
    // As people call somebody: with a little pause after it.
    let said = house.says(&ASKED.replace("boss", "boss,")).await;
    let told = async || house.answers().await.into_iter().next();
    let answer = wait_within(Duration::from_mins(1), "the Boss to answer", told).await;
    assert!(answer.ends_with("Meeting with John"), "{answer}");
    (said, answer)
}

/// An answer in words that a listener has in its dictionary.
fn pronounced(answer: &str) -> String {
    let year = answer.split(' ').find(|word| word.len() == 4 && word.starts_with("20")).expect("a date has its year");
    let words = answer.replace(year, &format!("{} {}", &year[..2], &year[2..]));
    words.replace("(UTC):", "U T C").replace(['\n', '–'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The part in which something was heard, with a little of the silence around it.
fn audible(sound: &[f32]) -> &[f32] {
    let is_loud = |sample: &f32| sample.abs() > 0.01;
    let (first, last) = (sound.iter().position(is_loud).unwrap(), sound.iter().rposition(is_loud).unwrap());
    &sound[first.saturating_sub(4_000)..(last + 4_000).min(sound.len())]
}

#[tokio::test]
async fn whatever_dies_comes_back() {
    let servers = VoiceServers::start(&["hey boss what time is it"]);
    let mut house = House::with(&servers, Channels::Microphones).await;
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
    let doctor = house.world.hub.cli().run(&["doctor"]).await.out;
    assert!(doctor.contains("room Kitchen") && doctor.contains("it has no sound"), "{doctor}");
    house.sound.run();
    house.is("running again", |status| status["sound"]["state"] == "running").await;
    assert_eq!(house.children(), 0, "nothing is left behind");
    house.world.hub.cli().run(&["device", "forget", "kitchen"]).await.expect(0);
    house.is("not known any more", |status| status["hub"] == "refused").await;
    house.pairs_again().await;
    house.is("known again", |status| status["hub"] == "reached" && status["doing"] == "idle").await;
    house.finish().await;
}

#[tokio::test]
async fn a_device_whose_cable_was_out_or_whose_hub_has_another_address_finds_it_again() {
    let servers = VoiceServers::start(&["hey boss what time is it"]);
    let house = House::across_a_cable(&servers).await;
    house.cable().cut();
    house.is("away", |status| status["hub"] == "away" && status["doing"] == "offline").await;
    house.cable().mend();
    house.is("reached again", |status| status["hub"] == "reached" && status["doing"] == "idle").await;
    house.cable().readdress();
    house.is("away from the old address", |status| status["hub"] == "away").await;
    house.is("reached where it is now", |status| status["hub"] == "reached" && status["doing"] == "idle").await;
    house.finish().await;
}
