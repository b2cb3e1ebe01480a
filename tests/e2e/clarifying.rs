//! A question when something needed is missing, answered by the person's next message.

use chrono_tz::Europe::Berlin;
use xswarm_core::appointment::Occurrence;
use xswarm_tests::{
    words::{assert_says, days_later},
    world::{ADMIN, World},
};

async fn booked(world: &World) -> Vec<Occurrence> {
    let today = world.api().status().await.now.with_timezone(&Berlin).date_naive();
    world.api().agenda(today, 7).await.occurrences
}

#[tokio::test]
async fn a_missing_time_is_asked_for() {
    let world = World::start().await;
    let question = world.say(ADMIN, "Schedule a meeting with John").await;
    assert!(question.contains("When?"), "{question}");
    assert!(booked(&world).await.is_empty());
    let (inbound, reply) = world.turn(ADMIN, "tomorrow at 3pm").await;
    let start = days_later(inbound.created_at, Berlin, 1, 15, 0);
    assert_says(&reply.body, start, Berlin);
    let booked = booked(&world).await;
    assert_eq!(booked.len(), 1);
    assert!(booked[0].title.contains("John"));
    assert_eq!(booked[0].start, start);
    world.finish().await;
}

#[tokio::test]
async fn a_question_survives_a_kill() {
    let mut world = World::start().await;
    world.say(ADMIN, "Schedule a meeting with John").await;
    world.hub.settle().await;
    world.hub.kill();
    world.hub.start().await;
    let (inbound, reply) = world.turn(ADMIN, "tomorrow at 3pm").await;
    assert_says(&reply.body, days_later(inbound.created_at, Berlin, 1, 15, 0), Berlin);
    assert_eq!(booked(&world).await.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn somebody_else_cannot_answer() {
    let world = World::start().await;
    world.add_member("Mia", "+14155550124").await;
    world.say(ADMIN, "Schedule a meeting with John").await;
    world.say("+14155550124", "tomorrow at 3pm").await;
    assert!(booked(&world).await.is_empty());
    world.finish().await;
}

#[tokio::test]
async fn another_command_puts_the_question_aside() {
    let world = World::start().await;
    world.say(ADMIN, "Schedule a meeting with John").await;
    let (inbound, reply) = world.turn(ADMIN, "Schedule lunch with Anna tomorrow at noon").await;
    assert_says(&reply.body, days_later(inbound.created_at, Berlin, 1, 12, 0), Berlin);
    let booked = booked(&world).await;
    assert_eq!(booked.len(), 1);
    assert!(booked[0].title.contains("Anna"));
    world.finish().await;
}

#[tokio::test]
async fn never_mind_drops_the_question() {
    let world = World::start().await;
    world.say(ADMIN, "Schedule a meeting with John").await;
    world.say(ADMIN, "never mind").await;
    world.say(ADMIN, "tomorrow at 3pm").await;
    assert!(booked(&world).await.is_empty());
    world.finish().await;
}

#[tokio::test]
async fn of_several_the_person_chooses_by_number() {
    let world = World::start().await;
    world.say(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    world.say(ADMIN, "Schedule meeting with Jane tomorrow at 5pm").await;
    let list = world.say(ADMIN, "Cancel the meeting tomorrow").await;
    assert!(list.contains("1.") && list.contains("2.") && list.contains("John") && list.contains("Jane"), "{list}");
    world.say(ADMIN, "2").await;
    if booked(&world).await.len() == 2 {
        // Choosing may be asked to be confirmed.
        world.say(ADMIN, "yes").await;
    }
    let left = booked(&world).await;
    assert_eq!(left.len(), 1, "{left:#?}");
    assert!(left[0].title.contains("John"), "{left:#?}");
    world.finish().await;
}
