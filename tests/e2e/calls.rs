//! Whole telephone calls over a real WebSocket in real time, with the scripted engine.

mod breaking;
mod speaking;
mod strangers;

use serde_json::json;
use xswarm_core::{
    call::{Call, CallEnd, CallState, CallTurn},
    message::{Channel, Direction, Message, MessageStatus},
};
use xswarm_tests::{
    api::Answer,
    caller::{Caller, Ringing, ring, speech},
    signature::Form,
    twilio::OUR_NUMBER,
    wait::wait_for,
    world::{ADMIN, World},
};

const SID: &str = "CA00000000000000000000000000000001";
const STRANGER: &str = "+14155550777";

/// A hub on whose calls these words are heard, one after the other.
pub(crate) async fn scripted(lines: &[&str]) -> World {
    let script: toml_edit::Array = lines.iter().copied().collect();
    World::start_with(|builder| builder.config("voice", "engine", "scripted").config("voice", "script", script)).await
}

async fn call_of(world: &World, sid: &str) -> (Call, Vec<CallTurn>) {
    let all: Vec<Call> = world.api().get("/api/calls").await.expect(200).part("calls");
    let call = all.into_iter().find(|call| call.provider_id.as_deref() == Some(sid)).expect("the call is noted");
    let one = world.api().get(&format!("/api/calls/{}", call.id)).await.expect(200);
    (call, serde_json::from_value(one.json["turns"].clone()).unwrap())
}

/// A call that is over, and its turns.
pub(crate) async fn ended(world: &World, sid: &str) -> (Call, Vec<CallTurn>) {
    wait_for("the call to be over", async || {
        let found = call_of(world, sid).await;
        (found.0.state == CallState::Ended).then_some(found)
    })
    .await
}

async fn spoken(world: &World) -> Vec<Message> {
    let all = world.api().messages().await;
    all.into_iter().filter(|one| one.channel == Channel::Voice && one.direction == Direction::Outbound).collect()
}

async fn begun(world: &World) -> (Ringing, Caller) {
    let ringing = ring(world, ADMIN, SID).await;
    let caller = ringing.connect(world).await;
    (ringing, caller)
}

#[tokio::test]
async fn a_call_books_an_appointment_and_ends_with_a_goodbye() {
    let world = scripted(&["Schedule a meeting with John tomorrow at 2pm", "okay, bye"]).await;
    let (ringing, caller) = begun(&world).await;
    assert!(
        ringing.twiml.contains("<Stream url=\"wss://") && ringing.twiml.contains("/voice/stream\""),
        "{}",
        ringing.twiml
    );
    let greeted = caller.listens(0).await;
    caller.says_ah(700).await;
    let answered = caller.listens(greeted).await;
    assert!(caller.longest_silence(greeted + 100, answered) < 3_000);
    caller.says_ah(700).await;
    caller.is_over().await;
    let (call, turns) = ended(&world, SID).await;
    assert_eq!((call.ended_because, call.engine.as_deref()), (Some(CallEnd::Finished), Some("scripted")));
    assert_eq!(turns.len(), 1, "a goodbye is no turn: {turns:?}");
    let turn = &turns[0];
    assert_eq!(turn.said, "Schedule a meeting with John tomorrow at 2pm");
    assert!(turn.answer.starts_with("Booked: Meeting with John"), "{turn:?}");
    assert_eq!((turn.heard.as_str(), turn.interrupted), (turn.answer.as_str(), false));
    assert!(turn.speech_ended_ms < turn.turn_ended_ms && turn.turn_ended_ms <= turn.answered_ms, "{turn:?}");
    assert!(turn.first_audio_ms >= turn.answered_ms, "{turn:?}");
    let answers = spoken(&world).await;
    assert!(answers.iter().all(|one| one.status == MessageStatus::Delivered), "{answers:?}");
    let agenda = world.say(ADMIN, "what's on my calendar tomorrow?").await;
    assert!(agenda.contains("Meeting with John"), "{agenda}");
    let shown = world.hub.cli().run(&["calls", &call.id.to_string()]).await.expect(0);
    assert!(shown.out.contains("Schedule a meeting") && shown.out.contains(" ms"), "{}", shown.out);
    world.finish().await;
}

#[tokio::test]
async fn a_stream_is_opened_by_its_token_and_by_that_once() {
    let world = scripted(&[]).await;
    let address = world.hub.status().listeners.public.clone();
    let nobody = Caller::connect(&address, "made-up").await;
    nobody.is_over().await;
    let first = ring(&world, ADMIN, SID).await;
    let second = ring(&world, ADMIN, SID).await;
    assert_ne!(first.token(), second.token(), "a repeated webhook has a token of its own");
    let late = Caller::connect(&address, first.token()).await;
    late.is_over().await;
    // The voice bridge serves the stream too.
    let caller = Caller::connect(&world.hub.status().listeners.voice, second.token()).await;
    caller.listens(0).await;
    let again = Caller::connect(&address, second.token()).await;
    again.is_over().await;
    caller.hangs_up();
    caller.is_over().await;
    assert_eq!(ended(&world, SID).await.0.ended_because, Some(CallEnd::HungUp));
    let unsigned = world.post_form("/voice/inbound", &Form::new(), None).await.unwrap();
    assert_eq!(unsigned.status(), 403);
    world.finish().await;
}

#[tokio::test]
async fn words_interrupt_and_only_what_was_heard_was_said() {
    let world = scripted(&["What's on my calendar in the next 7 days?", "stop please"]).await;
    for day in ["tomorrow", "in 2 days", "in 3 days"] {
        world.say(ADMIN, &format!("Schedule a long meeting about the garden {day} at 3pm")).await;
    }
    let (_, caller) = begun(&world).await;
    let greeted = caller.listens(0).await;
    caller.says_ah(700).await;
    let begins = wait_for("the answer to begin", async || caller.sound_after(greeted + 800)).await;
    wait_for("its first words to be heard", async || caller.sound_after(begins + 800)).await;
    let stop = speech("Stop, please. That is enough for today, thank you.");
    let spoke_at = usize::try_from(caller.now_ms()).unwrap();
    caller.says(&stop).await;
    wait_for("the rest to be dropped", async || (caller.clears() > 0).then_some(())).await;
    let still = caller.longest_silence(spoke_at, usize::try_from(caller.now_ms()).unwrap());
    assert!(still > 500, "it fell silent: {still} ms");
    wait_for("the second turn", async || (call_of(&world, SID).await.1.len() == 2).then_some(())).await;
    caller.hangs_up();
    let (_, turns) = ended(&world, SID).await;
    assert!(turns[0].interrupted, "{turns:?}");
    let heard = turns[0].heard.split_whitespace().count();
    assert!(heard > 0 && heard < turns[0].answer.split_whitespace().count(), "{turns:?}");
    world.finish().await;
}

#[tokio::test]
async fn who_hangs_up_before_the_answer_gets_it_as_a_text() {
    let world = scripted(&["Schedule dentist tomorrow at 9am"]).await;
    let (_, caller) = begun(&world).await;
    caller.listens(0).await;
    caller.says_ah(700).await;
    wait_for("the words to be asked", async || (call_of(&world, SID).await.1.len() == 1).then_some(())).await;
    caller.hangs_up();
    caller.is_over().await;
    ended(&world, SID).await;
    let texted =
        wait_for("the text", async || world.twilio.sent().into_iter().find(|one| one.body.contains("Booked: Dentist")))
            .await;
    assert_eq!(texted.to, ADMIN);
    world.finish().await;
}

#[tokio::test]
async fn an_interrupted_answer_of_which_nothing_was_heard_comes_as_a_text() {
    let world = scripted(&["What's on my calendar in the next 7 days?", "stop please"]).await;
    world.say(ADMIN, "Schedule a long meeting about the garden tomorrow at 3pm").await;
    let (_, caller) = begun(&world).await;
    let greeted = caller.listens(0).await;
    caller.hears_nothing_more();
    caller.says_ah(700).await;
    wait_for("the answer to begin", async || caller.sound_after(greeted + 800)).await;
    caller.says(&speech("Stop, please. That is enough for today, thank you.")).await;
    wait_for("the second turn", async || (call_of(&world, SID).await.1.len() == 2).then_some(())).await;
    caller.hangs_up();
    let (_, turns) = ended(&world, SID).await;
    assert!(turns[0].interrupted && turns[0].heard.is_empty(), "{turns:?}");
    let texted = wait_for("the text", async || {
        let mut sent = world.twilio.sent().into_iter();
        sent.find(|one| one.body.contains("You have not heard this on the telephone") && one.body.contains("garden"))
    })
    .await;
    assert_eq!(texted.to, ADMIN);
    world.finish().await;
}

#[tokio::test]
async fn a_call_that_rang_in_vain_is_over() {
    let world = scripted(&[]).await;
    for (sid, status, end) in [
        (SID, "no-answer", CallEnd::NotAnswered),
        ("CA00000000000000000000000000000002", "busy", CallEnd::NotAnswered),
        ("CA00000000000000000000000000000003", "canceled", CallEnd::NotAnswered),
        ("CA00000000000000000000000000000004", "failed", CallEnd::Refused),
        ("CA00000000000000000000000000000005", "completed", CallEnd::HungUp),
    ] {
        let ringing = ring(&world, ADMIN, sid).await;
        assert_eq!(call_of(&world, sid).await.0.state, CallState::Ringing);
        let form: Form = [("CallSid", sid), ("From", ADMIN), ("To", OUR_NUMBER), ("CallStatus", status)]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        world.post_signed("/voice/status", &form).await.expect(200);
        assert_eq!(ended(&world, sid).await.0.ended_because, Some(end), "{status}");
        // Its stream cannot be opened any more.
        ringing.connect(&world).await.is_over().await;
    }
    world.finish().await;
}

#[tokio::test]
async fn a_stranger_leaves_a_message_and_nothing_follows_from_it() {
    let world = scripted(&["Cancel everything and call me back"]).await;
    for (from, sid) in [(STRANGER, SID), ("anonymous", "CA00000000000000000000000000000002")] {
        let caller = ring(&world, from, sid).await.connect(&world).await;
        caller.listens(0).await;
        caller.says_ah(700).await;
        caller.is_over().await;
        let (call, _) = ended(&world, sid).await;
        assert_eq!((call.user_id, call.ended_because), (None, Some(CallEnd::Finished)));
    }
    let told = wait_for("the admin to be told", async || {
        let sent = world.twilio.sent();
        (sent.len() == 2).then_some(sent)
    })
    .await;
    assert!(told[0].body.contains(STRANGER) && told[0].body.contains("Cancel everything"), "{}", told[0].body);
    assert!(told[1].body.contains("a withheld number"), "{}", told[1].body);
    world.finish().await;
}

#[tokio::test]
async fn when_all_lines_are_taken_a_message_is_recorded() {
    let world =
        World::start_with(|builder| builder.config("voice", "engine", "scripted").config("voice", "sessions", 1)).await;
    let (_, caller) = begun(&world).await;
    caller.listens(0).await;
    let other = "CA00000000000000000000000000000002";
    let busy = ring(&world, ADMIN, other).await;
    assert!(busy.twiml.contains("<Record ") && busy.twiml.contains("/voice/recorded"), "{}", busy.twiml);
    let recorded: Form = [
        ("CallSid", other),
        ("From", ADMIN),
        ("To", OUR_NUMBER),
        ("RecordingDuration", "12"),
        ("RecordingUrl", "https://api.example.com/RE1"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    let thanks: Answer = world.post_signed("/voice/recorded", &recorded).await.expect(200);
    assert!(thanks.text.contains("<Say>Thank you"), "{}", thanks.text);
    let told = wait_for("the text", async || world.twilio.sent().pop()).await;
    assert!(told.body.contains("A message of 12 s was left"), "{}", told.body);
    world.post_signed("/voice/recorded", &recorded).await.expect(200);
    wait_for("it to be settled", async || world.hub.undone_jobs().await.is_empty().then_some(())).await;
    assert_eq!(world.twilio.sent().len(), 1, "what is told twice was left once");
    caller.hangs_up();
    ended(&world, SID).await;
    assert_eq!(call_of(&world, other).await.0.ended_because, Some(CallEnd::AtCapacity));
    world.finish().await;
}

#[tokio::test]
async fn a_call_that_rang_has_its_place_before_its_stream_opens() {
    let world =
        World::start_with(|builder| builder.config("voice", "engine", "scripted").config("voice", "sessions", 1)).await;
    let first = ring(&world, ADMIN, SID).await;
    let second = ring(&world, ADMIN, "CA00000000000000000000000000000002").await;
    assert!(second.twiml.contains("<Record "), "{}", second.twiml);
    let again = ring(&world, ADMIN, SID).await;
    assert!(again.twiml.contains("<Stream "), "the same call told of again: {}", again.twiml);
    drop(first);
    let caller = again.connect(&world).await;
    caller.listens(0).await;
    caller.hangs_up();
    ended(&world, SID).await;
    world.finish().await;
}

#[tokio::test]
async fn who_hangs_up_without_the_line_saying_so_is_gone_soon() {
    let world = scripted(&[]).await;
    let (_, caller) = begun(&world).await;
    caller.listens(0).await;
    let form: Form = [("CallSid", SID), ("From", ADMIN), ("To", OUR_NUMBER), ("CallStatus", "completed")]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    world.post_signed("/voice/status", &form).await.expect(200);
    let (call, _) = ended(&world, SID).await;
    assert_eq!(call.ended_because, Some(CallEnd::HungUp));
    caller.is_over().await;
    world.finish().await;
}

#[tokio::test]
async fn strangers_cannot_make_the_household_pay_for_any_number_of_texts() {
    let world = World::start_with(|builder| {
        let builder = builder.config("voice", "engine", "scripted").config("voice", "sessions", 32);
        let builder = builder.config("twilio", "sends_per_second", 100);
        builder.config("voice", "script", ["Buy this"].into_iter().collect::<toml_edit::Array>())
    })
    .await;
    let calls = async |number: u32| {
        let sid = format!("CA{number:032}");
        let caller = ring(&world, STRANGER, &sid).await.connect(&world).await;
        caller.listens(0).await;
        caller.says_ah(700).await;
        caller.is_over().await;
        ended(&world, &sid).await;
    };
    futures_util::future::join_all((0..20).map(calls)).await;
    wait_for("all to be told", async || (world.twilio.sent().len() == 20).then_some(())).await;
    futures_util::future::join_all((20..23).map(calls)).await;
    wait_for("all to be settled", async || world.hub.undone_jobs().await.is_empty().then_some(())).await;
    assert_eq!(world.twilio.sent().len(), 20);
    let kept = world.api().messages().await.into_iter().filter(|message| message.content == "Buy this").count();
    assert_eq!(kept, 23, "nothing is lost");
    world.finish().await;
}

#[tokio::test]
async fn a_reload_waits_for_calls_unless_it_is_told_not_to() {
    let world = scripted(&[]).await;
    let (_, caller) = begun(&world).await;
    caller.listens(0).await;
    let refused = world.api().post("/api/reload", &()).await.problem(409);
    assert!(refused.detail.contains("a call goes on"), "{}", refused.detail);
    let said = world.hub.cli().run(&["reload"]).await.expect(1);
    assert!(said.err.contains("--now"), "{said:?}");
    world.hub.cli().run(&["reload", "--now"]).await.expect(0);
    caller.is_over().await;
    world.finish().await;
}

#[tokio::test]
async fn what_no_line_sends_ends_the_call_and_nothing_else() {
    let world = scripted(&[]).await;
    let (_, caller) = begun(&world).await;
    caller.listens(0).await;
    let hostile = [
        "{}",
        "not json",
        r#"{"event":"media","streamSid":"MZ9","media":{"timestamp":"1","payload":"//8="}}"#,
        r#"{"event":"media","streamSid":"MZ00000000000000000000000000000001","media":{"timestamp":"1","payload":"*"}}"#,
    ];
    for message in hostile.iter().cycle().take(40) {
        caller.sends(message);
    }
    caller.is_over().await;
    assert_eq!(ended(&world, SID).await.0.ended_because, Some(CallEnd::BadProtocol));
    let big = ring(&world, ADMIN, "CA00000000000000000000000000000002").await.connect(&world).await;
    big.listens(0).await;
    big.sends(&json!({ "event": "media", "payload": "x".repeat(1 << 20) }).to_string());
    big.is_over().await;
    ended(&world, "CA00000000000000000000000000000002").await;
    let status = world.api().status().await;
    assert!(status.version.starts_with(char::is_numeric), "the hub serves on");
    world.finish().await;
}

#[tokio::test]
async fn a_hub_that_stops_ends_its_calls() {
    let mut world = scripted(&[]).await;
    let (_, caller) = begun(&world).await;
    caller.listens(0).await;
    world.hub.stop().await;
    caller.is_over().await;
    world.hub.start().await;
    let (call, _) = call_of(&world, SID).await;
    assert_eq!((call.state, call.ended_because), (CallState::Ended, Some(CallEnd::HubStopped)));
    let again = ring(&world, ADMIN, "CA00000000000000000000000000000002").await.connect(&world).await;
    again.listens(0).await;
    world.hub.kill();
    again.is_over().await;
    world.hub.start().await;
    let (call, _) = call_of(&world, "CA00000000000000000000000000000002").await;
    assert_eq!(call.ended_because, Some(CallEnd::HubStopped));
    world.finish().await;
}

#[tokio::test]
async fn without_an_engine_whoever_calls_is_asked_to_write() {
    let world = World::start().await;
    let told = ring(&world, ADMIN, SID).await;
    assert!(told.twiml.contains("<Say>This is the Boss. I cannot talk on the telephone yet."), "{}", told.twiml);
    assert_eq!(call_of(&world, SID).await.0.ended_because, Some(CallEnd::Refused));
    world.finish().await;
}
