//! Reminders and timers: they fire when they are due, once, on the person's channel, and every one ends in a state.

use chrono::Timelike;
use chrono_tz::Europe::Berlin;
use xswarm_core::{
    message::{Channel, Message, MessageStatus},
    reminder::{Reminder, ReminderKind, ReminderOutcome},
    time::to_text,
};
use xswarm_tests::{
    clock,
    database::Database,
    hub::Hub,
    wait::wait_for,
    world::{ADMIN, World},
};

/// The only reminder, once it has an outcome.
async fn ended(world: &World) -> Reminder {
    let ended = async || {
        let mut all = world.api().reminders("all").await;
        assert!(all.len() <= 1, "{all:#?}");
        all.pop().filter(|reminder| reminder.outcome.is_some())
    };
    wait_for("the reminder to have an outcome", ended).await
}

#[tokio::test]
async fn a_timer_fires_when_it_has_run() {
    let world = World::start().await;
    let reply = world.say(ADMIN, "set a timer for 2 seconds").await;
    assert!(reply.contains("2 seconds"), "{reply}");
    let said = world.twilio.wait_sent(ADMIN, "Timer done").await;
    let timer = ended(&world).await;
    assert_eq!((timer.kind, timer.outcome), (ReminderKind::Timer, Some(ReminderOutcome::Sent)));
    assert!(said.created >= timer.due, "said {} before it was due at {}", said.created, timer.due);
    assert_eq!(timer.message_id.map(|id| id.to_string()).as_deref(), said.row());

    world.callback(&said, "delivered", None).await;
    assert_eq!(ended(&world).await.outcome, Some(ReminderOutcome::Delivered));
    assert_eq!(world.twilio.sent_to(ADMIN).len(), 2, "the answer and the timer");
    world.finish().await;
}

#[tokio::test]
async fn a_reminder_fires_by_text() {
    let world = World::start().await;
    world.say(ADMIN, "remind me to water the plants in 1 second").await;
    let said = world.twilio.wait_sent(ADMIN, "Reminder").await;
    assert!(said.body.contains("water the plants"), "{}", said.body);
    assert_eq!(ended(&world).await.outcome, Some(ReminderOutcome::Sent));
    world.finish().await;
}

#[tokio::test]
async fn a_reminder_that_cannot_be_delivered_says_so() {
    let world = World::start().await;
    world.reminded_by(&["sms", "console"]).await;
    world.say(ADMIN, "remind me to water the plants in 1 second").await;
    let said = world.twilio.wait_sent(ADMIN, "Reminder").await;
    world.callback(&said, "undelivered", Some(30_003)).await;
    let went_on = async || {
        let all = world.api().reminders("all").await;
        (all.len() == 2 && all.iter().all(|one| one.outcome.is_some())).then_some(all)
    };
    let all = wait_for("the next channel", went_on).await;
    let failed = all.iter().find(|one| one.outcome == Some(ReminderOutcome::Failed)).expect("the text failed");
    assert!(failed.error_message.is_some(), "{failed:?}");
    let other = all.iter().find(|one| one.channel == Channel::Console).expect("the console comes next");
    assert_eq!((other.outcome, other.step.attempt), (Some(ReminderOutcome::Sent), 1), "{other:?}");
    assert_eq!(other.step.series, failed.step.series);
    world.finish().await;
}

#[tokio::test]
async fn a_reminder_waits_at_the_terminal_until_somebody_looks() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    hub.api().ask("remind me to stretch in 1 second").await;
    let messages: Vec<Message> = hub.api().get("/api/console?wait_s=25").await.expect(200).part("messages");
    assert_eq!(messages.len(), 1, "{messages:#?}");
    assert!(messages[0].content.contains("stretch"), "{messages:#?}");
    let again: Vec<Message> = hub.api().get("/api/console?wait_s=0").await.expect(200).part("messages");
    assert!(again.is_empty(), "shown twice: {again:#?}");
    let row = hub.api().message(&messages[0].id.to_string()).await;
    assert_eq!((row.status, row.channel), (MessageStatus::Delivered, Channel::Console));
    let reminders = hub.api().reminders("all").await;
    assert_eq!(reminders[0].outcome, Some(ReminderOutcome::Delivered), "{reminders:#?}");
    hub.finish(&["stretch".to_owned()]).await;
}

#[tokio::test]
async fn a_repeating_reminder_sets_its_next_occurrence() {
    let mut world = World::start().await;
    let reply = world.say(ADMIN, "remind me to take my pills every day at 9am").await;
    assert!(reply.contains("every day"), "{reply}");
    world.hub.stop().await;
    let now = to_text(clock::now());
    let database = Database::open(&world.hub.state_dir());
    let earlier = "UPDATE appointment_reminders SET reminder_time = ?1, recurrence_id = ?1";
    assert_eq!(database.execute(earlier, [&now]), 1);
    assert_eq!(database.execute("UPDATE jobs SET due_at = ?1 WHERE kind = 'fire_reminder'", [&now]), 1);
    drop(database);
    world.hub.start().await;
    world.twilio.wait_sent(ADMIN, "Reminder: take my pills").await;
    let pending = world.api().reminders("pending").await;
    assert_eq!(pending.len(), 1, "{pending:#?}");
    let local = pending[0].due.with_timezone(&Berlin);
    assert_eq!((local.hour(), local.minute()), (9, 0));
    assert!(pending[0].due > clock::now());
    world.finish().await;
}

#[tokio::test]
async fn what_is_cancelled_stays_silent() {
    let world = World::start().await;
    world.say(ADMIN, "remind me to call mom in 20 minutes").await;
    world.say(ADMIN, "set a pasta timer for 9 minutes").await;
    let list = world.say(ADMIN, "What reminders do I have?").await;
    assert!(list.contains("call mom") && list.contains("pasta"), "{list}");
    let left = world.say(ADMIN, "How much time is left?").await;
    assert!(left.contains("8 minutes") || left.contains("9 minutes"), "{left}");
    let cancelled = world.say(ADMIN, "Cancel the reminder to call mom").await;
    assert!(cancelled.contains("call mom"), "{cancelled}");
    let pending = world.api().reminders("pending").await;
    assert_eq!(pending.iter().map(|one| one.kind).collect::<Vec<_>>(), [ReminderKind::Timer]);
    world.say(ADMIN, "undo").await;
    assert_eq!(world.api().reminders("pending").await.len(), 2, "undo sets it again");
    world.say(ADMIN, "cancel the timer").await;
    let all = world.api().reminders("all").await;
    let timer = all.iter().find(|one| one.kind == ReminderKind::Timer).unwrap();
    assert_eq!(timer.outcome, Some(ReminderOutcome::Cancelled));
    world.finish().await;
}

#[tokio::test]
async fn each_person_is_reminded_on_their_own_telephone() {
    let world = World::start().await;
    let mia = world.add_member("Mia", "+14155550124").await;
    world.say("+14155550124", "remind me to feed the cat in 1 second").await;
    let said = world.twilio.wait_sent("+14155550124", "feed the cat").await;
    assert_eq!(said.to, "+14155550124");
    world.twilio.wait_sent("+14155550124", "Reminder").await;
    assert!(world.twilio.sent_to(ADMIN).is_empty(), "{:?}", world.twilio.bodies());
    assert!(world.api().reminders("all").await.is_empty(), "not the admin's");
    let path = format!("/api/reminders?status=all&user_id={}", mia.id);
    let hers: Vec<Reminder> = world.api().get(&path).await.expect(200).part("reminders");
    assert_eq!(hers.len(), 1);
    world.finish().await;
}
