//! A box that nobody talks to spends nothing: a whole day of starts, sweeps, reminders, digests and checks asks no language
//! model, though one is set up.

use xswarm_core::spending::Spending;
use xswarm_tests::{
    database::Database,
    model::{KEY, ModelServer},
    wait::wait_for,
    world::{ADMIN, World},
};

/// How many hours pass at once.
const STEP: i64 = 4;

#[tokio::test]
async fn a_day_without_a_word_asks_no_language_model() {
    let model = ModelServer::start().await;
    let mut world = World::start_with(|builder| builder.with_model(&model)).await;
    for text in [
        "remind me to stretch every day at 9am",
        "remind me to call mom in 3 hours",
        "remind me to water the plants in 13 hours",
        "schedule dentist tomorrow at 3pm",
        "what's on this week?",
    ] {
        world.say(ADMIN, text).await;
    }
    for hours in (STEP..=24).step_by(usize::try_from(STEP).unwrap()) {
        world.hub.settle().await;
        world.hub.stop().await;
        let database = Database::open(&world.hub.state_dir());
        database.age(STEP * 3_600);
        database.execute("UPDATE jobs SET due_at = '2001-01-01T00:00:00.000Z' WHERE kind = 'sweep'", []);
        drop(database);
        world.hub.start().await;
        let done = async || {
            let jobs = world.api().jobs("ready").await;
            jobs.into_iter().find(|job| job.kind == "sweep" && job.due_at > world.hub.status().now)
        };
        wait_for("the sweep", done).await;
        world.api().get("/api/doctor").await.expect(200);
        assert!(model.requests().is_empty(), "after {hours} hours: {:#?}", model.requests());
    }
    world.hub.settle().await;
    let said = world.twilio.bodies().join("\n");
    for told in ["call mom", "water the plants", "stretch"] {
        assert!(said.matches(told).count() >= 2, "`{told}` was not said: {said}");
    }
    assert!(said.contains("I could not tell you this in time"), "a digest is part of a day: {said}");
    let spent: Spending = world.api().get("/api/spending").await.expect(200).into();
    assert!(spent.rows.is_empty() && spent.total.0 == 0, "{spent:?}");
    assert_eq!((model.requests().len(), model.unscripted()), (0, 0));
    assert!(!world.hub.log().contains(KEY));
    world.finish().await;
}
