//! Reminders over REST and the command line, in the order of their being due, and one ladder from channel to channel.

use chrono::Duration;
use serde_json::{Value, json};
use xswarm_core::{
    message::Channel,
    reminder::{Reminder, ReminderOutcome, ReminderStatus},
    time::to_text,
};
use xswarm_tests::{
    clock,
    database::Database,
    environment,
    hub::Hub,
    wait::{wait_for, wait_within},
    world::{ADMIN, World},
};

#[tokio::test]
async fn a_reminder_is_made_changed_said_answered_and_called_off_over_rest() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let api = hub.api();
    let soon = to_text(clock::now() + Duration::hours(1));
    let new = json!({ "text": "call mom", "reminder_time": soon, "urgent": true });
    let made: Reminder = api.post("/api/reminders", &new).await.expect(201).part("reminder");
    assert!(made.plan.urgent && made.status == ReminderStatus::Pending);
    let raw: Value = api.get("/api/reminders").await.expect(200).part("reminders");
    let row = &raw[0];
    for column in ["id", "user_id", "reminder_time", "method", "status", "retry_count", "error_message", "created_at"] {
        assert!(row.get(column).is_some(), "{column} is missing in {row}");
    }
    let path = format!("/api/reminders/{}", made.id);
    api.post(&format!("{path}/acknowledge"), &json!({})).await.problem(409);
    let sooner = to_text(clock::now() + Duration::seconds(1));
    let change = json!({ "text": "call dad", "reminder_time": sooner });
    let changed: Reminder = api.put(&path, &change).await.expect(200).part("reminder");
    assert_eq!((changed.text.as_str(), changed.step.generation), ("call dad", 1));
    let said = async || api.reminders("sent").await.into_iter().find(|one| one.id == made.id);
    wait_for("the reminder to be said", said).await;
    assert_eq!(api.reminders("pending").await.len(), 1, "it is urgent: it will be repeated");
    let snoozed = api.post(&format!("{path}/snooze"), &json!({ "minutes": 30 })).await.expect(201);
    let snoozed: Reminder = snoozed.part("reminder");
    assert_eq!(snoozed.step.series, made.step.series);
    let pending: Vec<_> = api.reminders("pending").await.into_iter().map(|one| one.id).collect();
    assert_eq!(pending, [snoozed.id]);
    api.post(&format!("{path}/acknowledge"), &json!({ "done": true })).await.expect(200);
    assert!(api.reminders("pending").await.is_empty(), "one answer calls off the rest");
    api.delete(&format!("/api/reminders/{}", snoozed.id)).await.problem(409);
    hub.finish(&["call mom".to_owned(), "call dad".to_owned()]).await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let api = world.api();
    let later = to_text(clock::now() + Duration::hours(1));
    for body in [
        json!({ "text": "", "reminder_time": later }),
        json!({ "reminder_time": later }),
        json!({ "text": "x", "reminder_time": "2020-01-01T00:00:00Z" }),
        json!({ "text": "x", "reminder_time": "9999-01-01T00:00:00Z" }),
        json!({ "text": "x", "reminder_time": later, "recurring_rule": "FREQ=SOMETIMES" }),
        json!({ "text": "x", "reminder_time": later, "recurring_rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" }),
        json!({ "text": "x", "reminder_time": later, "kind": "alarm", "sound": "two words" }),
        json!({ "text": "x", "reminder_time": later, "kind": "alarm", "sound": "x".repeat(65) }),
        json!({ "text": "x", "reminder_time": later, "method": "claude_code" }),
        json!({ "text": "x".repeat(5_000), "reminder_time": later }),
        json!({ "text": "x", "reminder_time": later, "kind": "appointment" }),
        json!({ "text": "x", "reminder_time": later, "repeat": { "every_minutes": 0 } }),
    ] {
        api.post("/api/reminders", &body).await.problem(400);
    }
    let admin = api.admin().await;
    let path = format!("/api/users/{}/reminder-preferences", admin.id);
    for body in [
        json!({ "channels": [] }),
        json!({ "channels": ["pigeon"] }),
        json!({ "quiet_hours": { "from": "22:00", "to": "22:00" } }),
        json!({ "lead_minutes": [4_000_000_000_u32] }),
        json!({ "escalation": { "to": admin.id, "after_minutes": 5 } }),
        json!({ "nonsense": 1 }),
    ] {
        api.put(&path, &body).await.problem(400);
    }
    assert!(api.reminders("all").await.is_empty());
    // Somebody else's reminder does not exist.
    let mia = world.add_member("Mia", "+14155550124").await;
    let key: Value = api.post("/api/keys", &json!({ "user_id": mia.id, "name": "hers" })).await.expect(201).into();
    let hers = world.hub.lan(key["key"].as_str());
    let new = json!({ "text": "mine", "reminder_time": later });
    let mine: Reminder = api.post("/api/reminders", &new).await.expect(201).part("reminder");
    hers.delete(&format!("/api/reminders/{}", mine.id)).await.problem(404);
    hers.put(&format!("/api/reminders/{}", mine.id), &json!({ "text": "hers" })).await.problem(404);
    hers.post("/api/reminders/process-due", &json!({})).await.problem(404);
    hers.get(&path).await.problem(404);
    world.finish().await;
}

#[tokio::test]
async fn those_due_at_once_reach_the_provider_in_order_and_none_twice() {
    let count = environment::reminders();
    let mut world = World::start_with(|builder| builder.config("twilio", "sends_per_second", 1_000.0)).await;
    let later = to_text(clock::now() + Duration::hours(1));
    for n in 0..count {
        let new = json!({ "text": format!("item {n:05}"), "reminder_time": later });
        world.api().post("/api/reminders", &new).await.expect(201);
    }
    world.hub.stop().await;
    let database = Database::open(&world.hub.state_dir());
    let soon = to_text(clock::now() + Duration::seconds(2));
    database.execute("UPDATE appointment_reminders SET reminder_time = ?1", [&soon]);
    database.execute("UPDATE jobs SET due_at = ?1 WHERE kind = 'fire_reminder'", [&soon]);
    drop(database);
    world.hub.start().await;
    // Whoever asks for what is due at the same time finds nothing to say twice.
    let asked = async {
        wait_for("the first", async || (!world.twilio.sent().is_empty()).then_some(())).await;
        let _ = world.api().post("/api/reminders/process-due", &json!({})).await.expect(200);
    };
    let asked_too = async {
        wait_for("the first", async || (!world.twilio.sent().is_empty()).then_some(())).await;
        let _ = world.api().post("/api/reminders/process-due", &json!({})).await.expect(200);
    };
    tokio::join!(asked, asked_too);
    let all = async || (world.twilio.sent().len() >= count).then_some(());
    wait_within(std::time::Duration::from_mins(3), "all to be handed over", all).await;
    world.hub.settle().await;
    let expected: Vec<String> = (0..count).map(|n| format!("Reminder: item {n:05}")).collect();
    let bodies: Vec<String> = world.twilio.sent().into_iter().map(|one| one.body).collect();
    assert_eq!(bodies, expected);
    world.finish().await;
}

#[tokio::test]
async fn a_lead_time_is_added_to_an_appointment_and_follows_it() {
    let world = World::start().await;
    let api = world.api();
    world.say(ADMIN, "Schedule dentist in 3 days at 3pm").await;
    let first = api.reminders("pending").await.pop().unwrap();
    let id = first.appointment_id.unwrap();
    let path = format!("/api/appointments/{id}/reminders");
    api.post(&path, &json!({})).await.problem(400);
    api.post("/api/appointments/019abcde-0000-7000-8000-000000000000/reminders", &json!({ "minutes_before": 5 }))
        .await
        .problem(404);
    api.post(&path, &json!({ "lead_minutes": [1_440, 60], "method": "console" })).await.expect(201);
    let all = api.reminders("pending").await;
    let steps: Vec<_> = all.iter().map(|one| one.step.step).collect();
    assert_eq!(steps, [1_440, 60, 15]);
    let by: Vec<_> = all.iter().map(|one| one.channel).collect();
    assert_eq!(by, [Channel::Console, Channel::Console, first.channel], "only the added ones go another way");
    assert_ne!(first.channel, Channel::Console);
    world.say(ADMIN, "Move the dentist to 4pm").await;
    let moved = api.reminders("pending").await;
    assert_eq!(moved.len(), 3);
    assert!(moved.iter().zip(&all).all(|(after, before)| after.due - before.due == Duration::hours(1)), "{moved:#?}");
    world.finish().await;
}

#[tokio::test]
async fn a_way_that_is_asked_for_in_conversation_holds_for_that_reminder() {
    let world = World::start().await;
    let api = world.api();
    let path = format!("/api/users/{}/reminder-preferences", api.admin().await.id);
    api.put(&path, &json!({ "channels": ["console", "sms"] })).await.expect(200);
    api.ask("Schedule dentist in 3 days at 3pm").await;
    let answer = api.ask("Remind me 2 hours before the dentist by text").await;
    assert!(answer.contains("2 hours before by text and 15 minutes before on the console"), "{answer}");
    let by = async || api.reminders("pending").await.iter().map(|one| one.channel).collect::<Vec<_>>();
    assert_eq!(by().await, [Channel::Sms, Channel::Console]);
    let moved = api.ask("Move the dentist to 4pm").await;
    assert!(moved.contains("2 hours before by text and 15 minutes before on the console"), "{moved}");
    assert_eq!(by().await, [Channel::Sms, Channel::Console]);
    world.finish().await;
}

#[tokio::test]
async fn an_appointment_over_rest_has_the_lead_times_of_its_person() {
    let world = World::start().await;
    let api = world.api();
    let path = format!("/api/users/{}/reminder-preferences", api.admin().await.id);
    api.put(&path, &json!({ "lead_minutes": [60, 15] })).await.expect(200);
    let start = to_text(clock::now() + Duration::days(3));
    let book = async |new: Value| {
        let known = api.reminders("pending").await.len();
        api.post("/api/calendar/appointments", &new).await.expect(201);
        api.reminders("pending").await.len() - known
    };
    assert_eq!(book(json!({ "title": "Usual", "start_time": start })).await, 2);
    assert_eq!(book(json!({ "title": "None", "start_time": start, "reminder_minutes": null })).await, 0);
    assert_eq!(book(json!({ "title": "One", "start_time": start, "reminder_minutes": 30 })).await, 1);
    world.finish().await;
}

#[tokio::test]
async fn what_is_held_back_is_said_when_quiet_hours_are_turned_off() {
    let world = World::start().await;
    let api = world.api();
    let path = format!("/api/users/{}/reminder-preferences", api.admin().await.id);
    // Quiet all around the clock but for a minute that is far away.
    let far = clock::now().with_timezone(&api.admin().await.timezone) + Duration::hours(12);
    let (from, to) = (far + Duration::minutes(1), far);
    let quiet = json!({ "from": from.format("%H:%M").to_string(), "to": to.format("%H:%M").to_string() });
    api.put(&path, &json!({ "quiet_hours": quiet })).await.expect(200);
    let soon = to_text(clock::now() + Duration::seconds(1));
    let new = json!({ "text": "water plants", "reminder_time": soon });
    api.post("/api/reminders", &new).await.expect(201);
    let held = async || api.reminders("pending").await.pop().filter(|one| one.progress.held_until.is_some());
    wait_for("the reminder to be held back", held).await;
    let cli = world.hub.cli();
    for verb in ["done", "snooze"] {
        let refused = cli.run(&["reminder", verb, "water plants"]).await.expect(1);
        assert!(refused.err.contains("quiet hours hold it back until"), "{}", refused.err);
    }
    cli.run(&["reminder", "add", "wake up", "+2h", "--alarm", "--sound", "birds"]).await.expect(0);
    let alarm = api.reminders("pending").await.into_iter().find(|one| one.text == "wake up").unwrap();
    assert_eq!(alarm.plan.sound.as_deref(), Some("birds"));
    let refused = cli.run(&["reminder", "done", "wake up"]).await.expect(1);
    assert!(refused.err.contains("it is due"), "{}", refused.err);
    api.put(&path, &json!({ "quiet_hours": null })).await.expect(200);
    wait_for("the reminder to be said", async || api.reminders("sent").await.pop()).await;
    world.finish().await;
}

#[tokio::test]
async fn a_refused_text_goes_on_to_the_console_and_is_answered_there() {
    let world = World::start().await;
    world.reminded_by(&["sms", "console"]).await;
    world.twilio.refuse_number(ADMIN, 21_610);
    let soon = to_text(clock::now() + Duration::seconds(1));
    let new = json!({ "text": "lock the door", "reminder_time": soon });
    world.api().post("/api/reminders", &new).await.expect(201);
    let both = async || {
        let all = world.api().reminders("all").await;
        (all.len() == 2 && all.iter().all(|one| one.outcome.is_some())).then_some(all)
    };
    let all = wait_for("both channels", both).await;
    let by = |channel| all.iter().find(|one| one.channel == channel).unwrap().outcome;
    assert_eq!(by(Channel::Sms), Some(ReminderOutcome::Failed));
    assert_eq!(by(Channel::Console), Some(ReminderOutcome::Sent));
    assert_eq!(world.api().ask("done").await, "Good.", "what nobody has seen is not answered");
    let shown = world.api().get("/api/console").await.expect(200);
    assert!(shown.json["messages"][0]["content"].as_str().unwrap().contains("lock the door"), "{shown:?}");
    assert_eq!(world.api().ask("done").await, "Done: lock the door.");
    world.finish().await;
}

#[tokio::test]
async fn a_timer_survives_a_kill_while_it_is_paused() {
    let mut world = World::start().await;
    world.say(ADMIN, "set a pasta timer for 20 minutes").await;
    let paused = world.say(ADMIN, "pause the timer").await;
    assert!(paused.starts_with("Paused: pasta (20 minutes)"), "{paused}");
    world.hub.kill();
    Database::open(&world.hub.state_dir()).age(3_600);
    world.hub.start().await;
    world.hub.settle().await;
    let left = world.say(ADMIN, "how much time is left?").await;
    assert!(left.contains("19 minutes") || left.contains("20 minutes"), "{left}");
    let again = world.say(ADMIN, "resume the timer").await;
    assert!(again.starts_with("Running again: pasta"), "{again}");
    assert!(world.twilio.sent().iter().all(|one| !one.body.contains("Timer done")));
    world.finish().await;
}
