//! The main job: an appointment by text or at the terminal, answered with the absolute time, moved, called off, undone.

use chrono::Duration;
use chrono_tz::{America::New_York, Europe::Berlin, Tz};
use xswarm_core::{
    message::{Channel, MessageStatus},
    reminder::ReminderKind,
};
use xswarm_tests::{
    api::Api,
    hub::Hub,
    wait::wait_for,
    words::{assert_says, days_later},
    world::{ADMIN, World},
};

/// How many appointments stand on the days around now.
async fn booked(api: &Api) -> Vec<xswarm_core::appointment::Occurrence> {
    let today = api.status().await.now.with_timezone(&Berlin).date_naive();
    api.agenda(today, 14).await.occurrences
}

#[tokio::test]
async fn a_text_books_an_appointment() {
    let world = World::start().await;
    let (inbound, reply) = world.turn(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    let start = days_later(inbound.created_at, Berlin, 1, 15, 0);
    assert_says(&reply.body, start, Berlin);

    let occurrences = booked(world.api()).await;
    assert_eq!(occurrences.len(), 1, "{occurrences:#?}");
    assert_eq!((occurrences[0].start, occurrences[0].end), (start, start + Duration::hours(1)));
    assert!(occurrences[0].title.contains("John"), "{}", occurrences[0].title);

    let due = start - Duration::minutes(15);
    let reminders = world.api().reminders("pending").await;
    assert_eq!(reminders.len(), 1, "{reminders:#?}");
    assert_eq!((reminders[0].due, reminders[0].kind), (due, ReminderKind::Appointment));
    assert_eq!(reminders[0].channel, Channel::Sms);
    let jobs = world.api().jobs("ready").await;
    let key = format!("fire_reminder/{}", reminders[0].id);
    assert!(jobs.iter().any(|job| job.key == key && job.due_at == due), "{jobs:#?}");

    assert_eq!(world.recorded_again(&inbound).await.status, MessageStatus::Processed);
    world.callback(&reply, "delivered", None).await;
    assert_eq!(world.row(&reply).await.status, MessageStatus::Delivered);
    world.finish().await;
}

#[tokio::test]
async fn the_console_books_an_appointment_without_any_account() {
    let mut hub = Hub::builder().config("admin", "timezone", "America/New_York").build();
    hub.start().await;
    let said = hub.api().ask("Schedule meeting with John tomorrow at 3pm").await;
    let asked = hub.api().messages().await.pop().unwrap();
    let start = days_later(asked.created_at, New_York, 1, 15, 0);
    assert_says(&said, start, New_York);
    let agenda = hub.api().agenda(start.with_timezone(&New_York).date_naive(), 1).await;
    assert_eq!(agenda.occurrences.len(), 1);
    assert_eq!(agenda.occurrences[0].start, start);
    assert_eq!(hub.api().reminders("pending").await[0].channel, Channel::Console);
    hub.finish(&["John".to_owned()]).await;
}

/// What is said, days ahead, hour and minute of start, and length in minutes.
const PHRASES: [(&str, u64, (u32, u32), i64); 6] = [
    ("Schedule lunch with Anna tomorrow at noon", 1, (12, 0), 60),
    ("Book a call with Tom tomorrow at 15:30", 1, (15, 30), 60),
    ("Schedule a workshop tomorrow from 3 to 5pm", 1, (15, 0), 120),
    ("Schedule a review tomorrow at 9am for 30 minutes", 1, (9, 0), 30),
    ("Schedule a dentist appointment in 3 days at 10:15", 3, (10, 15), 60),
    ("Schedule a walk in 2 days at 6pm for 2 hours", 2, (18, 0), 120),
];

#[tokio::test]
async fn common_phrases_book_the_right_time() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    for (phrase, days, (hour, minute), minutes) in PHRASES {
        let said = hub.api().ask(phrase).await;
        let asked = hub.api().messages().await.into_iter().find(|row| row.content == phrase).unwrap();
        let start = days_later(asked.created_at, Berlin, days, hour, minute);
        assert_says(&said, start, Berlin);
        let found = booked(hub.api()).await.into_iter().find(|one| one.start == start);
        let found = found.unwrap_or_else(|| panic!("`{phrase}` booked something else: {said}"));
        assert_eq!(found.end - found.start, Duration::minutes(minutes), "{phrase}: {said}");
    }
    hub.finish(&[]).await;
}

#[tokio::test]
async fn dates_are_read_in_the_persons_notation() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let year: i32 = (hub.api().status().await.now + Duration::days(400)).format("%Y").to_string().parse().unwrap();
    for phrase in
        [format!("Schedule a party on January 15 {year} at 8pm"), format!("Schedule a show on 15/01/{year} at 8pm")]
    {
        let said = hub.api().ask(&phrase).await;
        let start = xswarm_tests::words::at(chrono::NaiveDate::from_ymd_opt(year, 1, 15).unwrap(), Berlin, 20, 0);
        assert_says(&said, start, Berlin);
    }
    hub.finish(&[]).await;
}

#[tokio::test]
async fn an_overlap_is_booked_with_a_warning() {
    let world = World::start().await;
    world.say(ADMIN, "Schedule lunch with Anna tomorrow at noon").await;
    let reply = world.say(ADMIN, "Schedule a call with Tom tomorrow at 12:30").await;
    assert!(reply.contains("overlap") && reply.contains("Anna"), "{reply}");
    assert_eq!(booked(world.api()).await.len(), 2);
    world.finish().await;
}

#[tokio::test]
async fn an_appointment_moves_with_its_reminder() {
    let world = World::start().await;
    world.say(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    let (inbound, reply) = world.turn(ADMIN, "Move the meeting with John to tomorrow at 5pm").await;
    let start = days_later(inbound.created_at, Berlin, 1, 17, 0);
    assert_says(&reply.body, start, Berlin);
    let occurrences = booked(world.api()).await;
    assert_eq!(occurrences.iter().map(|one| one.start).collect::<Vec<_>>(), [start]);
    let reminders = world.api().reminders("pending").await;
    assert_eq!(reminders.iter().map(|one| one.due).collect::<Vec<_>>(), [start - Duration::minutes(15)]);
    world.finish().await;
}

#[tokio::test]
async fn calling_off_asks_first() {
    let world = World::start().await;
    world.say(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    let start = booked(world.api()).await[0].start;

    let question = world.say(ADMIN, "Cancel the meeting with John").await;
    assert_says(&question, start, Berlin);
    assert!(question.contains('?'), "{question}");
    assert_eq!(booked(world.api()).await.len(), 1, "asking cancels nothing");
    world.say(ADMIN, "no").await;
    assert_eq!(booked(world.api()).await.len(), 1, "no means no");

    world.say(ADMIN, "Cancel the meeting with John").await;
    let done = world.say(ADMIN, "yes").await;
    assert_says(&done, start, Berlin);
    assert!(booked(world.api()).await.is_empty());
    assert!(world.api().reminders("pending").await.is_empty(), "a cancelled appointment reminds nobody");
    world.finish().await;
}

#[tokio::test]
async fn yes_without_a_question_does_nothing() {
    let world = World::start().await;
    world.say(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    world.say(ADMIN, "yes").await;
    assert_eq!(booked(world.api()).await.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn undo_reverses_the_last_effect_and_then_the_one_before() {
    let world = World::start().await;
    world.say(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    let start = booked(world.api()).await[0].start;
    world.say(ADMIN, "Cancel the meeting with John").await;
    world.say(ADMIN, "yes").await;

    let back = world.say(ADMIN, "undo").await;
    assert_says(&back, start, Berlin);
    assert_eq!(booked(world.api()).await.len(), 1);
    assert_eq!(world.api().reminders("pending").await.len(), 1, "the reminder is back as well");

    world.say(ADMIN, "undo").await;
    assert!(booked(world.api()).await.is_empty(), "the booking is undone");
    assert!(world.api().reminders("pending").await.is_empty());
    let nothing = world.say(ADMIN, "undo").await;
    assert!(nothing.to_lowercase().contains("nothing"), "{nothing}");
    world.finish().await;
}

#[tokio::test]
async fn a_series_is_booked_once_and_occurs_daily() {
    let world = World::start().await;
    let reply = world.say(ADMIN, "Schedule standup every day at 9am for 15 minutes").await;
    assert!(reply.contains("every day"), "{reply}");
    let zone: Tz = Berlin;
    let from = world.api().status().await.now.with_timezone(&zone).date_naive() + chrono::Days::new(1);
    let agenda = world.api().agenda(from, 7).await;
    assert_eq!(agenda.occurrences.len(), 7, "{}", agenda.text);
    let starts: Vec<_> =
        agenda.occurrences.iter().map(|one| one.start.with_timezone(&zone).time().to_string()).collect();
    assert_eq!(starts, ["09:00:00"; 7], "every day at nine by the clock on the wall");
    assert_eq!(world.api().reminders("pending").await.len(), 1, "one reminder ahead, the next when it has fired");
    world.finish().await;
}

#[tokio::test]
async fn an_appointment_announces_itself() {
    let mut world = World::start().await;
    let (inbound, _) = world.turn(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    let start = days_later(inbound.created_at, Berlin, 1, 15, 0);
    world.hub.stop().await;
    // A quarter of an hour before it, as far as the reminder knows.
    let now = xswarm_core::time::to_text(xswarm_tests::clock::now());
    let database = xswarm_tests::database::Database::open(&world.hub.state_dir());
    database.execute("UPDATE appointment_reminders SET reminder_time = ?1", [&now]);
    database.execute("UPDATE jobs SET due_at = ?1 WHERE kind = 'fire_reminder'", [&now]);
    drop(database);
    world.hub.start().await;
    let said = world.twilio.wait_sent(ADMIN, "Coming up").await;
    assert!(said.body.contains("John"), "{}", said.body);
    assert_says(&said.body, start, Berlin);
    let sent = async || world.api().reminders("sent").await.pop();
    assert_eq!(wait_for("the reminder to be recorded as sent", sent).await.kind, ReminderKind::Appointment);
    world.finish().await;
}
