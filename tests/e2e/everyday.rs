//! What is asked every day and changes nothing: the agenda, the time, help, and what could not be understood.

use chrono::Datelike;
use chrono_tz::Europe::Berlin;
use xswarm_tests::{
    words::{assert_says, days_later, parts},
    world::{ADMIN, World},
};

#[tokio::test]
async fn the_agenda_of_a_day_and_of_a_week() {
    let world = World::start().await;
    let empty = world.say(ADMIN, "What's on my calendar today?").await;
    assert!(empty.to_lowercase().contains("nothing"), "{empty}");
    let (inbound, _) = world.turn(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    let start = days_later(inbound.created_at, Berlin, 1, 15, 0);

    let day = world.say(ADMIN, "What's on my calendar tomorrow?").await;
    assert!(day.contains("John"), "{day}");
    assert_says(&day, start, Berlin);
    // The week of a Sunday ends before tomorrow: the week after is asked for then.
    let sunday = inbound.created_at.with_timezone(&Berlin).weekday() == chrono::Weekday::Sun;
    let ask = if sunday { "What's on my calendar next week?" } else { "What's on my calendar this week?" };
    let week = world.say(ADMIN, ask).await;
    assert!(week.contains("John"), "{week}");
    assert_says(&week, start, Berlin);
    world.finish().await;
}

#[tokio::test]
async fn the_time_is_said_in_the_persons_zone() {
    let world = World::start().await;
    let (_, reply) = world.turn(ADMIN, "What time is it?").await;
    let row = world.row(&reply).await;
    assert_says(&reply.body, row.created_at, Berlin);
    let (_, reply) = world.turn(ADMIN, "What's the date today?").await;
    let row = world.row(&reply).await;
    for part in &parts(row.created_at, Berlin)[..4] {
        assert!(reply.body.contains(part), "`{part}` is missing in: {}", reply.body);
    }
    world.finish().await;
}

#[tokio::test]
async fn help_says_what_it_can_do_and_all_of_it_works() {
    let world = World::start().await;
    let help = world.say(ADMIN, "what can you do?").await;
    for word in ["Schedule", "Cancel", "calendar", "Remind", "timer", "ndo"] {
        assert!(help.contains(word), "`{word}` is missing in: {help}");
    }
    // Every example that help gives must be understood.
    for line in help.lines().filter_map(|line| line.strip_prefix("– ")) {
        let example = line.split(" / ").next().unwrap().split(" (").next().unwrap();
        let reply = world.api().ask(example).await;
        assert!(!reply.contains("did not understand"), "help says `{example}`, and then: {reply}");
    }
    world.finish().await;
}

#[tokio::test]
async fn what_is_not_understood_changes_nothing_and_is_said() {
    let world = World::start().await;
    for text in ["Colourless green ideas sleep furiously", "🦀", "???", "schedule"] {
        let reply = world.say(ADMIN, text).await;
        assert!(!reply.is_empty(), "{text}");
    }
    let counts = world.api().status().await.counts;
    assert_eq!((counts.appointments, counts.reminders), (0, 0));
    world.finish().await;
}
