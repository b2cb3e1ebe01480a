//! What was due while the hub was down is accounted for once, in one digest, marked late; nothing that was promised is
//! forgotten over a restart.

use chrono_tz::Europe::Berlin;
use xswarm_core::reminder::{ReminderOutcome, ReminderStatus};
use xswarm_tests::{
    database::Database,
    wait::wait_for,
    world::{ADMIN, World},
};

async fn with_four_overdue(stop_in_order: bool) -> World {
    let mut world = World::start().await;
    for text in [
        "remind me to call mom in 20 minutes",
        "remind me to water the plants in 30 minutes",
        "set a pasta timer for 9 minutes",
        "remind me to lock the door in 40 minutes",
        // This one is not due yet when the hub is back.
        "remind me to sleep in 10 hours",
    ] {
        world.say(ADMIN, text).await;
    }
    world.hub.settle().await;
    if stop_in_order {
        world.hub.stop().await;
    } else {
        world.hub.kill();
    }
    Database::open(&world.hub.state_dir()).age(2 * 3_600);
    world
}

async fn accounts_for_all_once(mut world: World) {
    let before = world.twilio.sent_to(ADMIN).len();
    world.hub.start().await;
    let digest = world.twilio.wait_sent(ADMIN, "call mom (").await;
    for what in ["call mom", "water the plants", "pasta", "lock the door"] {
        assert!(digest.body.contains(what), "`{what}` is missing in: {}", digest.body);
    }
    assert!(digest.body.contains("late") && !digest.body.contains("sleep"), "{}", digest.body);
    world.hub.settle().await;
    assert_eq!(world.twilio.sent_to(ADMIN).len(), before + 1, "one digest: {:#?}", world.twilio.bodies());
    let all = world.api().reminders("all").await;
    let late = all.iter().filter(|one| one.outcome == Some(ReminderOutcome::Late)).collect::<Vec<_>>();
    assert_eq!(late.len(), 4, "{all:#?}");
    assert!(late.iter().all(|one| one.error_message.is_some() && one.status == ReminderStatus::Sent), "{late:#?}");

    world.hub.restart().await;
    world.hub.settle().await;
    assert_eq!(world.twilio.sent_to(ADMIN).len(), before + 1, "said again: {:#?}", world.twilio.bodies());
    world.finish().await;
}

#[tokio::test]
async fn one_digest_accounts_for_what_fell_due() {
    accounts_for_all_once(with_four_overdue(true).await).await;
}

#[tokio::test]
async fn one_digest_after_a_crash_as_well() {
    accounts_for_all_once(with_four_overdue(false).await).await;
}

#[tokio::test]
async fn a_reminder_a_moment_late_is_on_time() {
    let mut world = World::start().await;
    world.say(ADMIN, "remind me to call mom in 20 minutes").await;
    world.hub.stop().await;
    Database::open(&world.hub.state_dir()).age(20 * 60 + 5);
    world.hub.start().await;
    world.twilio.wait_sent(ADMIN, "Reminder: call mom").await;
    let outcome = async || world.api().reminders("sent").await.pop()?.outcome;
    assert_eq!(wait_for("an outcome", outcome).await, ReminderOutcome::Sent);
    world.finish().await;
}

#[tokio::test]
async fn the_calendar_survives_a_kill() {
    let mut world = World::start().await;
    world.say(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    world.say(ADMIN, "Schedule standup every weekday at 9am for 15 minutes").await;
    let today = world.api().status().await.now.with_timezone(&Berlin).date_naive();
    let before = world.api().agenda(today, 14).await;
    assert!(before.occurrences.len() > 8, "{}", before.text);
    world.hub.settle().await;
    world.hub.kill();
    world.hub.start().await;
    let after = world.api().agenda(today, 14).await;
    assert_eq!(before.occurrences, after.occurrences);
    let answer = world.say(ADMIN, "undo").await;
    assert!(answer.contains("tandup"), "undo works over a restart: {answer}");
    world.finish().await;
}

#[tokio::test]
async fn a_digest_too_long_for_one_text_comes_in_numbered_parts() {
    let mut world = World::start().await;
    let long = "the long list of things that nobody ever remembers without being told about them";
    for n in 1..=25 {
        world.api().ask(&format!("remind me to check item {n} of {long} in {n} minutes")).await;
    }
    world.hub.stop().await;
    Database::open(&world.hub.state_dir()).age(2 * 3_600);
    world.hub.start().await;
    world.twilio.wait_sent(ADMIN, "item 25 of").await;
    world.hub.settle().await;
    let parts = world.twilio.sent_to(ADMIN);
    assert!(parts.len() > 1, "{parts:#?}");
    for (n, part) in parts.iter().enumerate() {
        assert!(part.body.starts_with(&format!("({}/{})", n + 1, parts.len())), "{}", part.body);
    }
    let all = parts.iter().map(|part| part.body.as_str()).collect::<Vec<_>>().join("\n");
    for n in 1..=25 {
        assert_eq!(all.matches(&format!("item {n} of")).count(), 1, "item {n} in: {all}");
    }
    world.finish().await;
}
