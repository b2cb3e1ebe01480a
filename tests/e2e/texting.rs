//! Sentences as people really text them, from the signed webhook to the answer at the provider and the rows on disk.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use chrono_tz::Europe::Berlin;
use serde_json::json;
use xswarm_core::{admin::Conventions, appointment::Occurrence, reminder::ReminderKind};
use xswarm_tests::{
    words::{assert_says, at},
    world::{ADMIN, World},
};

/// The calendar of the coming month.
async fn calendar(world: &World) -> Vec<Occurrence> {
    let today = world.api().status().await.now.with_timezone(&Berlin).date_naive();
    world.api().agenda(today, 30).await.occurrences
}

/// The day of the working week so many working days after `day`.
fn working_days_later(day: NaiveDate, days: u32) -> NaiveDate {
    let working = |day: &NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    (1..).map(|n| day + Days::new(n)).filter(working).nth(days as usize - 1).expect("a working day")
}

#[tokio::test]
async fn a_dozen_sentences_as_they_are_texted() {
    let world = World::start().await;
    let today = world.api().status().await.now.with_timezone(&Berlin).date_naive();
    let (tomorrow, after) = (today + Days::new(1), today + Days::new(2));

    let said = world.say(ADMIN, "hey boss pls schedule mtg w/ John tmrw 3pm").await;
    assert_says(&said, at(tomorrow, Berlin, 15, 0), Berlin);

    let said = world.say(ADMIN, "Lunch with Anna at Luigi's the day after tomorrow from 12:30 to 1:45pm").await;
    assert_says(&said, at(after, Berlin, 12, 30), Berlin);
    let lunch = calendar(&world).await.into_iter().find(|one| one.title.contains("Anna")).expect("lunch is booked");
    assert_eq!((lunch.end, lunch.location.as_deref()), (at(after, Berlin, 13, 45), Some("Luigi's")));

    let said = world.say(ADMIN, "pushh the meeting with john back by 45 minutes").await;
    assert!(said.starts_with("I take that as a question about your calendar."), "a guess is told as one: {said}");
    let said = world.say(ADMIN, "push the meeting with john back by 45 minutes").await;
    assert_says(&said, at(tomorrow, Berlin, 15, 45), Berlin);

    let said = world.say(ADMIN, "whats on tomorow?").await;
    assert!(said.contains("John") && said.contains("3:45 PM"), "{said}");

    let said = world.say(ADMIN, "am I free the day after tomorrow between 12 and 2?").await;
    assert!(said.starts_with("Not entirely free") && said.contains("Anna"), "{said}");

    let said = world
        .say(ADMIN, "remind me to take out the trash every tuesday and thursday at half past seven in the evening")
        .await;
    assert!(said.contains("every Tuesday and Thursday") && said.contains("7:30 PM"), "{said}");

    let said = world.say(ADMIN, "in two business days remind me to send the invoice").await;
    let due = working_days_later(today, 2);
    assert!(said.contains(&due.format("%A, %-d %B %Y").to_string()), "{said}");

    let said = world.say(ADMIN, "set a pizza timer for twelve and a half minutes").await;
    assert!(said.contains("12 minutes 30 seconds"), "{said}");
    let said = world.say(ADMIN, "how long is left on the pizza timer").await;
    assert!(said.contains("pizza") && said.contains("left"), "{said}");

    let said = world.say(ADMIN, "cancel lunch with anna").await;
    assert!(said.ends_with("(yes or no)"), "{said}");
    assert!(world.say(ADMIN, "yep").await.starts_with("Cancelled: "));
    assert!(world.say(ADMIN, "undo that").await.contains("stands again"));

    let said = world.say(ADMIN, "we're having friends over the day after tomorrow at 8pm").await;
    assert_eq!(said, "Shall I put \"Friends over\" on your calendar (the day after tomorrow at 8pm)? (yes or no)");
    let said = world.say(ADMIN, "yes pls").await;
    assert_says(&said, at(after, Berlin, 20, 0), Berlin);

    let said = world.say(ADMIN, "how many days until Christmas?").await;
    assert!(said.contains("25 December"), "{said}");
    assert!(world.say(ADMIN, "tell me a joke").await.contains("help"));
    assert!(world.say(ADMIN, "twice a week remind me to stretch").await.contains("too vague"));

    let titles: Vec<String> = calendar(&world).await.into_iter().map(|one| one.title).collect();
    assert_eq!(titles.len(), 3, "what was booked, and nothing else: {titles:?}");
    let timers = world.api().reminders("all").await.into_iter().filter(|one| one.kind == ReminderKind::Timer).count();
    assert_eq!(timers, 1);
    world.finish().await;
}

#[tokio::test]
async fn next_friday_is_what_the_person_means_by_it() {
    let world = World::start().await;
    let admin = world.api().admin().await.id;
    let today = world.api().status().await.now.with_timezone(&Berlin).date_naive();
    let soon = today + Days::new(if today.weekday() == Weekday::Sun { 2 } else { 1 });
    let sentence = format!("Schedule a review next {} at 10am", soon.format("%A"));

    let path = format!("/api/users/{admin}/conventions");
    let change = json!({ "conventions": { "next_weekday": "first_ahead", "evening": "17-23" } });
    let kept: Conventions = world.api().put(&path, &change).await.expect(200).into();
    let value = |name: &str| kept.conventions.iter().find(|one| one.name == name).map(|one| one.value.clone());
    assert_eq!(value("next_weekday").as_deref(), Some("first_ahead"));
    assert_says(&world.say(ADMIN, &sentence).await, at(soon, Berlin, 10, 0), Berlin);
    let said = world.say(ADMIN, "am I free tomorrow evening?").await;
    assert!(said.contains("5:00–11:00 PM"), "{said}");

    let wrong = json!({ "conventions": { "evening": "whenever" } });
    let refused = world.api().put(&path, &wrong).await;
    assert!(refused.text.contains("hours such as 6-12"), "{}", refused.text);
    let back = json!({ "conventions": { "next_weekday": null } });
    world.api().put(&path, &back).await.expect(200);
    let said = world.say(ADMIN, &sentence).await;
    let next_week = soon.week(Weekday::Mon).first_day() == today.week(Weekday::Mon).first_day();
    let meant = if next_week { soon + Days::new(7) } else { soon };
    assert_says(&said, at(meant, Berlin, 10, 0), Berlin);
    world.finish().await;
}
