//! A call is asked for once, whatever happens in between, and only as long as there is a line for it.

use std::collections::HashSet;

use serde_json::json;
use xswarm_core::{
    call::{CallEnd, CallState},
    message::{Message, MessageStatus},
    reminder::ReminderOutcome,
};
use xswarm_tests::{
    callee::call_number,
    twilio::{Endpoint, Fault},
    wait::wait_for,
    world::{ADMIN, STRANGER, World},
};

use super::{answered, called, calls, hearing, message_of, reaches, reminder_is, say, scripted, texted};

#[tokio::test]
async fn what_was_surely_not_taken_is_tried_again_and_what_is_unclear_is_not() {
    let mut world = World::start_with(scripted).await;
    world.twilio.next(Endpoint::Call, Fault::Answer { status: 429, code: 20_429, retry_after_s: Some(1) });
    let id = say(&world, STRANGER, "Dinner is ready").await;
    reaches(&world, id, MessageStatus::Sent).await;
    assert_eq!((world.twilio.requests(Endpoint::Call), world.twilio.calls().len()), (2, 1));
    call_number(&world, 1).await.is(&world, "busy").await;
    world.twilio.refuse_connections().await;
    let later = say(&world, STRANGER, "Dinner is cold").await;
    let tried =
        async || Some(world.api().jobs("ready").await).filter(|jobs| jobs.iter().any(|job| job.last_error.is_some()));
    wait_for("an attempt", tried).await;
    world.twilio.take_connections();
    reaches(&world, later, MessageStatus::Sent).await;
    call_number(&world, 2).await.is(&world, "busy").await;
    let unclear = [Fault::Answer { status: 500, code: 20_500, retry_after_s: None }, Fault::HangUp];
    for (fault, to) in unclear.into_iter().zip([ADMIN, "+14155550298"]) {
        world.twilio.next(Endpoint::Call, fault);
        let before = world.twilio.requests(Endpoint::Call);
        let unclear = say(&world, to, "The doorbell rings").await;
        reaches(&world, unclear, MessageStatus::Unknown).await;
        assert_eq!((world.twilio.requests(Endpoint::Call), world.twilio.calls().len()), (before + 1, 2));
    }
    world.finish().await;
}

#[tokio::test]
async fn a_call_whose_answer_was_lost_is_found_and_not_made_again() {
    let world = World::start_with(scripted).await;
    for (n, fault) in
        [Fault::DoThenHangUp, Fault::DoThenAnswer { status: 500 }, Fault::DoThenNonsense].into_iter().enumerate()
    {
        world.twilio.next(Endpoint::Call, fault);
        let id = say(&world, STRANGER, "Dinner is ready").await;
        let call = call_number(&world, n + 1).await;
        let row = reaches(&world, id, MessageStatus::Sent).await;
        assert_eq!(row.provider_id.as_deref(), Some(call.sid.as_str()));
        call.is(&world, "no-answer").await;
        reaches(&world, id, MessageStatus::Failed).await;
    }
    assert_eq!(world.twilio.requests(Endpoint::Call), 3);
    world.finish().await;
}

#[tokio::test]
async fn what_the_provider_tells_before_its_answer_came_counts() {
    let world = World::start_with(scripted).await;
    world.twilio.next(Endpoint::Call, Fault::Hold { done: true });
    let (reminder, call) = called(&world).await;
    call.is(&world, "initiated").await;
    assert_eq!(message_of(&world, &reminder).await.status, MessageStatus::Sent);
    call.is(&world, "busy").await;
    texted(&world, "Reminder: call mom").await;
    world.twilio.release();
    world.hub.settle().await;
    reminder_is(&world, &reminder, ReminderOutcome::Failed).await;
    assert_eq!((world.twilio.calls().len(), world.twilio.sent().len()), (1, 1));
    world.finish().await;
}

#[tokio::test]
async fn killed_at_any_step_a_call_is_made_once_at_most() {
    for done in [false, true] {
        let mut world = World::start_with(scripted).await;
        world.twilio.next(Endpoint::Call, Fault::Hold { done });
        let id = say(&world, STRANGER, "Dinner is ready").await;
        wait_for("the call to be asked for", async || (world.twilio.requests(Endpoint::Call) == 1).then_some(())).await;
        if done {
            call_number(&world, 1).await;
        }
        world.hub.kill();
        world.twilio.release();
        world.hub.start().await;
        if done {
            // Nobody told of it while the hub was away; it is asked.
            let row = reaches(&world, id, MessageStatus::Sent).await;
            assert_eq!(row.provider_id, Some(call_number(&world, 1).await.sid));
        } else {
            reaches(&world, id, MessageStatus::Unknown).await;
        }
        assert_eq!(world.twilio.requests(Endpoint::Call), 1);
        world.finish().await;
    }
    // While it rings, and the end is told to nobody.
    let mut world = World::start_with(scripted).await;
    let (reminder, call) = called(&world).await;
    wait_for("it to be placed", async || {
        Some(message_of(&world, &reminder).await).filter(|row| row.status == MessageStatus::Sent)
    })
    .await;
    world.hub.kill();
    call.ends_unheard_of(&world, "no-answer");
    world.hub.start().await;
    texted(&world, "Reminder: call mom").await;
    assert_eq!(world.twilio.requests(Endpoint::Call), 1);
    world.finish().await;
}

#[tokio::test]
async fn killed_while_it_talks_or_leaves_word_the_text_follows_and_no_second_call() {
    for by in ["human", "machine_end_beep"] {
        let mut world = hearing(&[]).await;
        let (reminder, call, caller, greeted) = answered(&world).await;
        call.found_out(&world, by).await;
        wait_for("it to begin", async || caller.sound_after(greeted + 200)).await;
        world.hub.kill();
        caller.is_over().await;
        world.hub.start().await;
        texted(&world, "Reminder: call mom").await;
        let again = call.taken(&world, None).await;
        assert!(!again.twiml.contains("<Stream") && !again.twiml.contains("<Say"), "{}", again.twiml);
        reminder_is(&world, &reminder, ReminderOutcome::Failed).await;
        assert_eq!(calls(&world).await[0].ended_because, Some(CallEnd::HubStopped));
        assert_eq!(world.twilio.requests(Endpoint::Call), 1);
        world.finish().await;
    }
}

#[tokio::test]
async fn a_call_that_the_provider_does_not_know_any_more_keeps_nobody_waiting() {
    let mut world = hearing(&[]).await;
    let (reminder, _call) = called(&world).await;
    reaches(&world, message_of(&world, &reminder).await.id, MessageStatus::Sent).await;
    world.twilio.forget_calls();
    // It asks about what was under way when it starts.
    world.hub.restart().await;
    texted(&world, "Reminder: call mom").await;
    assert_eq!(calls(&world).await[0].ended_because, Some(CallEnd::NotAnswered));
    assert_eq!(world.twilio.requests(Endpoint::Call), 1, "nobody is called again for it");
    say(&world, ADMIN, "Dinner is ready.").await;
    call_number(&world, 1).await.is(&world, "no-answer").await;
    texted(&world, "Dinner is ready.").await;
    world.finish().await;
}

#[tokio::test]
async fn ten_at_once_wait_for_a_line() {
    let world = World::start_with(|builder| scripted(builder).config("voice", "sessions", 2)).await;
    let user_id = world.api().admin().await.id;
    for n in 0..10 {
        let new = json!({ "to": format!("+1415555030{n}"), "message": "Dinner is ready", "user_id": user_id });
        world.api().post("/api/messages/voice", &new).await.expect(202);
    }
    let mut over = HashSet::new();
    while over.len() < 10 {
        let open = wait_for("calls", async || {
            let calls = world.twilio.calls();
            Some(calls.into_iter().filter(|call| !over.contains(&call.sid)).collect::<Vec<_>>())
                .filter(|open| !open.is_empty())
        })
        .await;
        assert!(open.len() <= 2, "{} calls on two lines", open.len());
        for call in open {
            call.is(&world, "busy").await;
            over.insert(call.sid);
        }
    }
    world.hub.settle().await;
    assert_eq!(world.twilio.calls().len(), 10);
    assert!(calls(&world).await.iter().all(|call| call.state == CallState::Ended));
    world.finish().await;
}

#[tokio::test]
async fn who_said_stop_is_not_called_and_refusals_are_explained() {
    let world = World::start_with(scripted).await;
    world.text(STRANGER, "STOP").await;
    let id = say(&world, STRANGER, "Dinner is ready").await;
    let row = reaches(&world, id, MessageStatus::Failed).await;
    assert!(row.error_message.is_some_and(|words| words.contains("STOP")));
    assert_eq!(world.twilio.requests(Endpoint::Call), 0);
    world.twilio.refuse_number("+14155550298", 21_215);
    let id = say(&world, "+14155550298", "Dinner is ready").await;
    let row = reaches(&world, id, MessageStatus::Failed).await;
    assert_eq!(row.error_code, Some(21_215));
    assert!(row.error_message.is_some_and(|words| words.contains("Geo permissions")));
    let resent = world.hub.cli().run(&["messages", "resend", &row.id.to_string()]).await.expect(0);
    assert!(resent.out.contains("sent again"), "{}", resent.out);
    wait_for("a second attempt", async || (world.twilio.requests(Endpoint::Call) == 2).then_some(())).await;
    reaches(&world, id, MessageStatus::Failed).await;
    world.finish().await;
}

#[tokio::test]
async fn forged_and_foreign_webhooks_change_nothing() {
    let world = World::start_with(scripted).await;
    let (reminder, call) = called(&world).await;
    wait_for("it to be placed", async || {
        Some(message_of(&world, &reminder).await).filter(|row| row.status == MessageStatus::Sent)
    })
    .await;
    for url in [&call.status_callback, &call.url, call.machine_callback.as_ref().unwrap()] {
        let (_, path) = url.split_once("/voice/").unwrap();
        let form = call.form(&[("CallStatus", "busy"), ("AnsweredBy", "machine_end_beep")]);
        let refused = world.post_form(&format!("/voice/{path}"), &form, Some("forged")).await.unwrap();
        assert_eq!(refused.status(), 403);
    }
    // Signed, but about another call.
    let mut other = call.clone();
    other.sid = "CA00000000000000000000000000000009".to_owned();
    let (_, path) = call.status_callback.split_once("/voice/").unwrap();
    world.post_signed(&format!("/voice/{path}"), &other.form(&[("CallStatus", "busy")])).await.expect(200);
    assert_eq!(message_of(&world, &reminder).await.status, MessageStatus::Sent);
    assert_eq!(calls(&world).await[0].answered_by, None);
    call.is(&world, "busy").await;
    texted(&world, "Reminder: call mom").await;
    world.finish().await;
}

#[tokio::test]
async fn a_call_is_asked_for_over_rest_and_the_command_line() {
    let world = World::start_with(scripted).await;
    let admin = world.api().admin().await.id;
    for (new, status) in [
        (json!({ "to": "call me", "message": "x", "user_id": admin }), 400),
        (json!({ "to": ADMIN, "message": " ", "user_id": admin }), 400),
        (json!({ "to": ADMIN, "message": "x".repeat(1_601), "user_id": admin }), 400),
        (json!({ "to": ADMIN, "message": "x", "user_id": "01890000-0000-7000-8000-000000000000" }), 404),
    ] {
        world.api().post("/api/messages/voice", &new).await.problem(status);
    }
    let new = json!({ "to": "+1 (415) 555-0123", "message": "Dinner", "user_id": admin, "client_id": "d1" });
    let first: Message = world.api().post("/api/messages/voice", &new).await.expect(202).part("message");
    let again: Message = world.api().post("/api/messages/voice", &new).await.expect(202).part("message");
    assert_eq!((first.id, first.recipient.as_deref()), (again.id, Some(ADMIN)));
    call_number(&world, 1).await.is(&world, "busy").await;
    let cli = world.hub.cli();
    let made = cli.run(&["messages", "call", STRANGER, "The box is on fire"]).await.expect(0);
    assert!(made.out.contains(STRANGER) && made.out.contains("xswarm messages show"), "{}", made.out);
    assert_eq!(call_number(&world, 2).await.to, STRANGER);
    let json = cli.run(&["messages", "call", ADMIN, "Dinner", "--json"]).await.expect(0);
    assert!(json.out.contains("\"channel\":\"voice\""), "{}", json.out);
    let mia = world.add_member("Mia", "+14155550124").await;
    let key: serde_json::Value =
        world.api().post("/api/keys", &json!({ "user_id": mia.id, "name": "hers" })).await.expect(201).into();
    let hers = world.hub.lan(key["key"].as_str());
    hers.post("/api/messages/voice", &json!({ "to": ADMIN, "message": "x", "user_id": admin })).await.problem(404);
    world.finish().await;
}
