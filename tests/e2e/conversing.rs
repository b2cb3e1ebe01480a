//! Free conversation on telephone calls, over a real WebSocket in real time, with the scripted engine.

use xswarm_core::{
    call::{Call, CallEnd, CallState, CallTurn},
    message::{Channel, Direction, Message, MessageStatus},
};
use xswarm_tests::{
    caller::{Caller, ring},
    wait::wait_for,
    world::{ADMIN, World},
};

const SID: &str = "CA00000000000000000000000000000001";
const OTHER: &str = "CA00000000000000000000000000000002";

const CORRECTION: &str = "That was only talk. Nothing was changed.";

/// A hub whose twin hears these lines and chats in those.
async fn duplex(hears: &[&str], chats: &[&str]) -> World {
    let array = |lines: &[&str]| lines.iter().copied().collect::<toml_edit::Array>();
    let (script, chat) = (array(hears), array(chats));
    World::start_with(|builder| {
        let builder = builder.config("voice", "engine", "scripted").config("voice", "mode", "duplex");
        builder.config("voice", "script", script).config("voice", "chat", chat)
    })
    .await
}

async fn turns(world: &World, sid: &str) -> (Call, Vec<CallTurn>) {
    let all: Vec<Call> = world.api().get("/api/calls").await.expect(200).part("calls");
    let call = all.into_iter().find(|call| call.provider_id.as_deref() == Some(sid)).expect("the call is noted");
    let one = world.api().get(&format!("/api/calls/{}", call.id)).await.expect(200);
    (call, serde_json::from_value(one.json["turns"].clone()).unwrap())
}

async fn ended(world: &World, sid: &str) -> (Call, Vec<CallTurn>) {
    wait_for("the call to be over", async || {
        let found = turns(world, sid).await;
        (found.0.state == CallState::Ended).then_some(found)
    })
    .await
}

async fn begun(world: &World, sid: &str) -> (Caller, usize) {
    let caller = ring(world, ADMIN, sid).await.connect(world).await;
    let greeted = caller.listens(0).await;
    (caller, greeted)
}

async fn spoken(world: &World) -> Vec<Message> {
    let all = world.api().messages().await;
    all.into_iter().filter(|one| one.channel == Channel::Voice && one.direction == Direction::Outbound).collect()
}

#[tokio::test]
async fn chat_is_the_partners_a_command_is_the_boss_s_and_both_are_heard_and_kept() {
    let hears =
        ["I had a long day at work", "Schedule a meeting with John tomorrow at 2pm", "That is nice", "okay, bye"];
    let chats = ["That sounds tiring.", "I have booked that for you.", "Yes it is."];
    let world = duplex(&hears, &chats).await;
    let (caller, mut at) = begun(&world, SID).await;
    for _ in 0..3 {
        caller.says_ah(700).await;
        at = caller.listens(at).await;
    }
    caller.says_ah(700).await;
    caller.is_over().await;
    let (call, turns) = ended(&world, SID).await;
    assert_eq!(call.ended_because, Some(CallEnd::Finished));
    assert_eq!(turns.len(), 3, "{turns:?}");
    let said: Vec<(&str, &str)> = turns.iter().map(|turn| (turn.said.as_str(), turn.heard.as_str())).collect();
    assert_eq!(said[0], ("I had a long day at work", "That sounds tiring."));
    assert_eq!(said[1].0, "Schedule a meeting with John tomorrow at 2pm");
    assert!(said[1].1.starts_with("Booked: Meeting with John"), "{said:?}");
    assert_eq!(said[2], ("That is nice", "Yes it is."));
    // What the partner says while the Boss has the word is heard by nobody, and so no claim is to be set right.
    let spoken = spoken(&world).await;
    assert_eq!(spoken.len(), 3, "{spoken:?}");
    assert!(spoken.iter().all(|one| one.status == MessageStatus::Delivered), "{spoken:?}");
    let agenda = world.say(ADMIN, "what's on my calendar tomorrow?").await;
    assert!(agenda.contains("Meeting with John"), "{agenda}");
    world.finish().await;
}

#[tokio::test]
async fn a_claim_of_the_partner_is_set_right_at_once() {
    let world = duplex(&["What a nice evening"], &["I have moved your meeting to Friday."]).await;
    let (caller, at) = begun(&world, SID).await;
    caller.says_ah(700).await;
    caller.listens(at).await;
    let right = wait_for("the Boss to have said what is true", async || {
        let spoken = spoken(&world).await;
        spoken.into_iter().find(|one| one.status == MessageStatus::Delivered && one.content.starts_with(CORRECTION))
    })
    .await;
    assert_eq!(right.in_reply_to, None);
    caller.hangs_up();
    let (_, turns) = ended(&world, SID).await;
    assert_eq!(turns[0].heard, "I have moved your meeting to Friday.", "{turns:?}");
    world.finish().await;
}

#[tokio::test]
async fn whoever_calls_while_somebody_converses_talks_with_the_boss_alone() {
    let world = duplex(&["I had a long day at work"], &["That sounds tiring."]).await;
    let (first, at) = begun(&world, SID).await;
    first.says_ah(700).await;
    first.listens(at).await;
    let (second, _) = begun(&world, OTHER).await;
    second.says_ah(700).await;
    wait_for("the Boss's answer to be heard", async || {
        let (_, turns) = turns(&world, OTHER).await;
        turns.iter().any(|turn| !turn.heard.is_empty()).then_some(())
    })
    .await;
    for (caller, sid) in [(first, SID), (second, OTHER)] {
        caller.hangs_up();
        ended(&world, sid).await;
    }
    let (_, alone) = turns(&world, OTHER).await;
    assert!(alone[0].answer.len() > 10 && alone[0].answer != "That sounds tiring.", "{alone:?}");
    let (_, chatted) = turns(&world, SID).await;
    assert_eq!(chatted[0].heard, "That sounds tiring.");
    // It is free again.
    let (third, at) = begun(&world, "CA00000000000000000000000000000003").await;
    third.says_ah(700).await;
    third.listens(at).await;
    third.hangs_up();
    let (_, again) = ended(&world, "CA00000000000000000000000000000003").await;
    assert!(again[0].heard.starts_with("That sounds"), "{again:?}");
    world.finish().await;
}
