//! Whole calls in real speech and in real time, over a telephone line and in a room: espeak-ng calls, pocketsphinx listens,
//! espeak-ng speaks, both behind the official library of the Wyoming protocol. What was heard at the far end is written down
//! again by a listener that knows other answers, too.

use serde_json::Value;
use xswarm_tests::{caller::speech_in_a_room, hub::ADMIN_NAME, voice_servers::VoiceServers};

use super::*;

const AGENDA: &str = "What's on my calendar today";
const BOOKING: &str = "schedule a meeting with John tomorrow at 2pm";
const CALLING_OFF: &str = "cancel the lunch with Anna";
const YES: &str = "yes please";
const FAREWELL: &str = "thank you, goodbye";

/// A hub with these servers, in a zone whose name is said letter by letter.
async fn talking(servers: &VoiceServers) -> World {
    World::start_with(|builder| {
        builder
            .config("admin", "timezone", "UTC")
            .config("voice", "engine", "wyoming")
            .config("voice", "stt_url", servers.stt.as_str())
            .config("voice", "tts_url", servers.tts.as_str())
    })
    .await
}

/// The appointments in the calendar.
async fn titles(world: &World) -> Vec<String> {
    let all: Vec<Value> = world.api().get("/api/calendar/appointments").await.expect(200).part("appointments");
    let booked = all.iter().filter(|one| one["status"] == "confirmed");
    let mut titles: Vec<String> = booked.map(|one| one["title"].as_str().unwrap().to_owned()).collect();
    titles.sort();
    titles
}

/// An answer, the beginning of which was said, as other answers that it is not.
fn others(answer: &str) -> [String; 3] {
    let other = |from: &str, to: &str| {
        assert!(answer.contains(from), "{answer}");
        answer.replace(from, to)
    };
    [other("John", "Anna"), other("2:00 to 3:00", "3:00 to 4:00"), other("Meeting", "Lunch")]
}

/// Checks that what was heard of an answer is that answer, by a listener that knows others, too. The last words of a
/// sentence are the hardest to tell apart from silence.
fn is_heard(answer: &str, servers: fn(&[&str]) -> VoiceServers, told: &[f32], rate_hz: u32) {
    let answer = answer.replace('–', " to ");
    let others = others(&answer);
    let mut known: Vec<&str> = others.iter().map(String::as_str).collect();
    known.insert(1, &answer);
    let heard = servers(&known).transcript(told, rate_hz);
    assert!(answer.starts_with(&heard), "{answer}\nwas heard as\n{heard}");
    assert!(
        heard.split_whitespace().count() + 3 > answer.split_whitespace().count(),
        "{answer}\nwas heard as\n{heard}"
    );
}

#[tokio::test]
async fn a_whole_call_by_telephone_is_held_in_real_speech() {
    let servers = VoiceServers::telephone(&[AGENDA, BOOKING, FAREWELL]);
    let world = talking(&servers).await;
    // Its agenda is long enough to be interrupted.
    for booked in ["Schedule dentist today at 11:58pm", "Schedule lunch with Anna in 2 days at 1pm"] {
        assert!(world.say(ADMIN, booked).await.starts_with("Booked"));
    }
    let (_, caller) = begun(&world).await;
    caller.listens(0).await;
    caller.says(&speech(AGENDA)).await;
    let asked = usize::try_from(caller.now_ms()).unwrap();
    let begins = wait_for("the agenda to be told", async || caller.sound_after(asked)).await;
    wait_for("its first words to be heard", async || caller.sound_after(begins + 800)).await;
    // The answer is interrupted by the next request.
    caller.says(&speech(BOOKING)).await;
    wait_for("the rest of the agenda to be dropped", async || (caller.clears() > 0).then_some(())).await;
    let told = usize::try_from(caller.now_ms()).unwrap();
    let booked = caller.listens(told).await;
    caller.says(&speech(FAREWELL)).await;
    caller.is_over().await;

    let (call, turns) = ended(&world, SID).await;
    assert_eq!((call.ended_because, call.engine.as_deref()), (Some(CallEnd::Finished), Some("wyoming")));
    let said: Vec<&str> = turns.iter().map(|turn| turn.said.as_str()).collect();
    assert_eq!(said, [AGENDA, BOOKING], "{turns:?}");
    assert!(turns[0].interrupted && turns[0].answer.starts_with(&turns[0].heard), "{turns:?}");
    assert!(!turns[0].heard.is_empty() && turns[0].heard.len() < turns[0].answer.len(), "{turns:?}");
    assert!(!turns[1].interrupted && turns[1].heard == turns[1].answer, "{turns:?}");
    assert!(turns[1].answer.starts_with("Booked: Meeting with John"), "{turns:?}");
    assert_eq!(titles(&world).await, ["Dentist", "Lunch with Anna", "Meeting with John"]);
    is_heard(&turns[1].answer, VoiceServers::telephone, &caller.recording(told, booked + 300), 8_000);
    world.finish().await;
}

#[tokio::test]
async fn a_whole_conversation_in_a_room_is_held_in_real_speech() {
    let servers = VoiceServers::start(&[AGENDA, BOOKING, CALLING_OFF, YES, FAREWELL]);
    let world = talking(&servers).await;
    for booked in ["Schedule dentist today at 11:58pm", "Schedule lunch with Anna in 2 days at 1pm"] {
        assert!(world.say(ADMIN, booked).await.starts_with("Booked"));
    }
    world.hub.cli().run_with(&["user", "pin", ADMIN_NAME, "--stdin"], "47110815\n", &[]).await.expect(0);
    let caller = ring(&world, ADMIN, SID).await.connect_room(&world).await;
    let greeted = caller.listens(0).await;
    caller.says(&speech_in_a_room(AGENDA)).await;
    let begins = wait_for("the agenda to be told", async || caller.sound_after(greeted + 2_500)).await;
    wait_for("its first words to be heard", async || caller.sound_after(begins + 800)).await;
    // The answer is interrupted by the next request.
    caller.says(&speech_in_a_room(BOOKING)).await;
    wait_for("the rest of the agenda to be dropped", async || (caller.clears() > 0).then_some(())).await;
    let asked = usize::try_from(caller.now_ms()).unwrap();
    let booked = caller.listens(asked).await;
    caller.says(&speech_in_a_room(CALLING_OFF)).await;
    let asks = caller.listens(booked).await;
    caller.says(&speech_in_a_room(YES)).await;
    let asks_pin = caller.listens(asks).await;
    "47110815#".chars().for_each(|key| caller.presses(key));
    caller.listens(asks_pin).await;
    caller.says(&speech_in_a_room(FAREWELL)).await;
    caller.is_over().await;

    let (call, turns) = ended(&world, SID).await;
    assert_eq!((call.ended_because, call.engine.as_deref()), (Some(CallEnd::Finished), Some("wyoming")));
    let said: Vec<&str> = turns.iter().map(|turn| turn.said.as_str()).collect();
    // The last word of a sentence is the hardest to tell apart from silence.
    assert!(CALLING_OFF.starts_with(said[2]) && said[2].starts_with("cancel the lunch"), "{turns:?}");
    assert_eq!(
        (&said[..2], &said[3..]),
        ([AGENDA, BOOKING].as_slice(), [YES, "(The PIN was typed.)"].as_slice()),
        "{turns:?}"
    );
    assert!(turns[0].interrupted && turns[0].answer.starts_with(&turns[0].heard), "{turns:?}");
    assert!(!turns[0].heard.is_empty() && turns[0].heard.len() < turns[0].answer.len(), "{turns:?}");
    assert!(turns[1].answer.starts_with("Booked: Meeting with John"), "{turns:?}");
    assert!(turns[4].answer.starts_with("Cancelled: Lunch with Anna"), "{turns:?}");
    assert_eq!(titles(&world).await, ["Dentist", "Meeting with John"]);
    is_heard(&turns[1].answer, VoiceServers::start, &caller.recording(asked, booked + 300), 24_000);
    world.finish().await;
}

#[tokio::test]
async fn an_engine_that_dies_in_the_midst_of_a_sentence_ends_the_call_with_an_apology() {
    let mut servers = VoiceServers::telephone(&[AGENDA, BOOKING]);
    let world = talking(&servers).await;
    let (_, caller) = begun(&world).await;
    let greeted = caller.listens(0).await;
    caller.says(&speech(AGENDA)).await;
    caller.listens(greeted).await;
    let booking = speech(BOOKING);
    caller.says(&booking[..booking.len() / 2]).await;
    servers.kill();
    caller.says(&booking[booking.len() / 2..]).await;
    caller.is_over().await;
    let (call, turns) = ended(&world, SID).await;
    assert_eq!(call.ended_because, Some(CallEnd::EngineFailed));
    assert_eq!(turns.iter().map(|turn| turn.said.as_str()).collect::<Vec<_>>(), [AGENDA]);
    let form: Form = [("CallSid", SID), ("From", ADMIN), ("To", OUR_NUMBER), ("CallStatus", "in-progress")]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let after = world.post_signed("/voice/after", &form).await.expect(200);
    assert!(after.text.contains("<Say>I am sorry, I cannot go on talking."), "{}", after.text);
    assert!(titles(&world).await.is_empty(), "half a sentence books nothing");
    world.finish().await;
}
