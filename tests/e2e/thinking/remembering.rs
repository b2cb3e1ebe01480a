//! What a model is shown of what is known: the person's own memory and earlier talk, and nothing of anybody else's.

use xswarm_core::memory::Summary;
use xswarm_tests::{model::Step, wait::wait_for, world::ADMIN};

use super::{finish, with_model};

#[tokio::test]
async fn what_the_person_told_is_shown_and_what_another_told_is_not() {
    let (world, model) = with_model().await;
    let member = "+14155550124";
    world.add_member("Member", member).await;
    world.say(ADMIN, "Remember that Anna is allergic to nuts").await;
    world.say(member, "Remember that my locker code is 4711").await;
    model.script([Step::text("No nuts, then.")]);
    world.say(ADMIN, "which cake would suit her, I wonder").await;
    let asked = model.requests().pop().unwrap().body.to_string();
    assert!(asked.contains("Anna is allergic to nuts"), "{asked}");
    assert!(!asked.contains("4711") && !asked.contains("locker"), "{asked}");
    finish(world, &model).await;
}

#[tokio::test]
async fn long_talk_is_summed_up_once_and_the_summary_can_be_seen_and_corrected() {
    let (world, model) = with_model().await;
    for n in 0..32 {
        world.say(ADMIN, &format!("Schedule a call with guest {n:03} tomorrow at 3pm")).await;
    }
    model.respond(|request| {
        let about = request["messages"].to_string();
        Step::text(if about.contains("Person: ") { "Guests were invited to calls." } else { "Indeed." })
    });
    world.say(ADMIN, "what a lot of guests we have, haven't we").await;
    let first = async || {
        let all: Vec<Summary> = world.api().get("/api/summaries").await.expect(200).part("summaries");
        all.into_iter().next()
    };
    let summary = wait_for("a summary", first).await;
    assert_eq!(summary.text, "Guests were invited to calls.");
    assert!(summary.is_own(), "{summary:?}");
    let asked = model.requests().pop().unwrap().body["messages"].to_string();
    assert!(asked.contains("guest 000") && !asked.contains("guest 031"), "{asked}");

    let corrected = serde_json::json!({ "text": "Guests were only asked." });
    world.api().put(&format!("/api/summaries/{}", summary.id), &corrected).await.expect(200);
    let requests = model.requests().len();
    world.say(ADMIN, "what shall we make of all that, I wonder").await;
    let asked = model.requests().pop().unwrap().body["messages"].to_string();
    assert!(asked.contains("Guests were only asked.") && !asked.contains("invited to calls"), "{asked}");
    world.hub.settle().await;
    assert_eq!(model.requests().len(), requests + 1, "a stretch is summed up once");
    finish(world, &model).await;
}
