//! Series by text, with a restart in between: one day, one and all that follow, the whole; and what cannot be.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Europe::Berlin;
use xswarm_core::time::resolve_local;
use xswarm_tests::{
    words::days_later,
    world::{ADMIN, World},
};

/// The starts of everything in the four weeks from tomorrow on.
async fn starts(world: &World, first: NaiveDate) -> Vec<DateTime<Utc>> {
    world.api().agenda(first, 28).await.occurrences.into_iter().map(|one| one.start).collect()
}

/// So many weeks after a start, at the same time by the clock on the wall.
fn weeks_later(start: DateTime<Utc>, weeks: i64) -> DateTime<Utc> {
    resolve_local(start.with_timezone(&Berlin).naive_local() + Duration::weeks(weeks), Berlin)
}

#[tokio::test]
async fn a_series_is_changed_in_part_and_put_back_across_a_restart() {
    let mut world = World::start().await;
    let (inbound, _) = world.turn(ADMIN, "Schedule yoga tomorrow at 6pm").await;
    let first = days_later(inbound.created_at, Berlin, 1, 18, 0);
    let day = first.with_timezone(&Berlin).date_naive();
    world.say(ADMIN, "undo").await;
    let booked = world.say(ADMIN, &format!("Schedule yoga every {} at 6pm", day.format("%A"))).await;
    assert!(booked.contains("Booked: Yoga"), "{booked}");
    let whole: Vec<_> = (0..4).map(|week| weeks_later(first, week)).collect();
    assert_eq!(starts(&world, day).await, whole);

    let asked = world.say(ADMIN, "cancel yoga").await;
    assert!(asked.contains("2. This and all following"), "{asked}");
    world.hub.settle().await;
    world.hub.kill();
    world.hub.start().await;
    let done = world.say(ADMIN, "only this one").await;
    assert!(done.contains("only this one of the series"), "{done}");
    assert_eq!(starts(&world, day).await, whole[1..]);
    world.say(ADMIN, "undo").await;
    assert_eq!(starts(&world, day).await, whole);

    let third = whole[2].with_timezone(&Berlin);
    let sentence = format!("move the yoga on {} and all following to 7pm", third.format("%B %-d"));
    let moved = world.say(ADMIN, &sentence).await;
    assert!(moved.contains("the earlier ones stay"), "{moved}");
    let expected = [whole[0], whole[1], whole[2] + Duration::hours(1), whole[3] + Duration::hours(1)];
    assert_eq!(starts(&world, day).await, expected);
    world.hub.restart().await;
    world.say(ADMIN, "undo").await;
    assert_eq!(starts(&world, day).await, whole);
    world.finish().await;
}

#[tokio::test]
async fn rules_that_never_match_and_ends_before_starts_change_nothing() {
    let world = World::start().await;
    for sentence in [
        "Schedule yoga every February 30 at 6pm",
        "Schedule a call tomorrow from 5pm to 3pm",
        "Move yoga to yesterday",
        "find a time for a call yesterday",
    ] {
        let answer = world.say(ADMIN, sentence).await;
        assert!(!answer.contains("Booked") && !answer.contains("Moved"), "{sentence}: {answer}");
        world.say(ADMIN, "never mind").await;
    }
    let today = world.api().status().await.now.with_timezone(&Berlin).date_naive();
    assert!(world.api().agenda(today, 28).await.occurrences.is_empty());
    world.finish().await;
}

#[tokio::test]
async fn the_room_a_person_wants_is_set_on_the_command_line_and_heeded() {
    let world = World::start().await;
    let cli = world.hub.cli();
    let name = xswarm_tests::hub::ADMIN_NAME;
    let set =
        cli.run(&["user", "calendar", name, "buffer_minutes=30", "working_hours=mon-sun 8:00-18:00"]).await.expect(0);
    assert!(set.out.contains("buffer_minutes for") && set.out.contains("mon-sun 08:00-18:00"), "{}", set.out);
    let wrong = cli.run(&["user", "calendar", name, "buffer_minutes=many"]).await.expect(1);
    assert!(wrong.err.contains("a number of minutes from 0 to 240"), "{}", wrong.err);
    world.say(ADMIN, "Dentist tomorrow from 3pm to 4pm").await;
    let near = world.say(ADMIN, "Schedule a call with Eve tomorrow at 4:20pm").await;
    assert!(near.contains("less than 30 minutes to Dentist"), "{near}");
    world.finish().await;
}
