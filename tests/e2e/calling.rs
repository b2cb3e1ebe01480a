//! Calls that the Boss makes, over a real WebSocket in real time where an engine speaks.

mod answering;
mod placing;
mod without_an_engine;

use chrono::Duration;
use serde_json::json;
use xswarm_core::{
    call::Call,
    id::MessageId,
    message::{Message, MessageStatus},
    reminder::{Reminder, ReminderOutcome},
    time::to_text,
};
use xswarm_tests::{
    callee::call_number,
    caller::Caller,
    clock,
    hub::Builder,
    twilio::PlacedCall,
    wait::wait_for,
    world::{ADMIN, World},
};

/// A hub that hears these lines on a call.
async fn hearing(lines: &[&str]) -> World {
    let script: toml_edit::Array = lines.iter().copied().collect();
    World::start_with(|builder| scripted(builder).config("voice", "script", script)).await
}

fn scripted(builder: Builder) -> Builder {
    builder.config("voice", "engine", "scripted")
}

/// The admin is called, then texted, and has an urgent reminder that is due at once.
async fn reminded(world: &World) -> Reminder {
    world.reminded_by(&["voice", "sms"]).await;
    let soon = to_text(clock::now() + Duration::milliseconds(300));
    let new = json!({ "text": "call mom", "reminder_time": soon, "urgent": true });
    world.api().post("/api/reminders", &new).await.expect(201).part("reminder")
}

/// The same, and the call that is made for it.
async fn called(world: &World) -> (Reminder, PlacedCall) {
    let reminder = reminded(world).await;
    (reminder, call_number(world, 1).await)
}

/// The same, taken by a person who has heard who calls.
async fn answered(world: &World) -> (Reminder, PlacedCall, Caller, usize) {
    let (reminder, call) = called(world).await;
    let caller = call.taken(world, None).await.connect(world).await;
    let greeted = caller.listens(0).await;
    (reminder, call, caller, greeted)
}

async fn reminder_is(world: &World, wanted: &Reminder, outcome: ReminderOutcome) -> Reminder {
    let what = format!("the reminder to be {outcome}");
    let ended = async || {
        let all = world.api().reminders("all").await;
        all.into_iter().find(|one| one.id == wanted.id && one.outcome == Some(outcome))
    };
    wait_for(what, ended).await
}

/// The message that a reminder was said by.
async fn message_of(world: &World, reminder: &Reminder) -> Message {
    let all = world.api().reminders("all").await;
    let id = all.iter().find(|one| one.id == reminder.id).and_then(|one| one.message_id).expect("it was said");
    world.api().message(&id.to_string()).await
}

/// Has the admin called.
async fn say(world: &World, to: &str, words: &str) -> MessageId {
    let user_id = world.api().admin().await.id;
    let new = json!({ "to": to, "message": words, "user_id": user_id });
    let message: Message = world.api().post("/api/messages/voice", &new).await.expect(202).part("message");
    message.id
}

async fn reaches(world: &World, id: MessageId, status: MessageStatus) -> Message {
    let there = async || Some(world.api().message(&id.to_string()).await).filter(|row| row.status == status);
    wait_for(format!("the message to be {status}"), there).await
}

async fn calls(world: &World) -> Vec<Call> {
    world.api().get("/api/calls").await.expect(200).part("calls")
}

/// The text that follows when a call was in vain.
async fn texted(world: &World, part: &str) {
    world.twilio.wait_sent(ADMIN, part).await;
}
