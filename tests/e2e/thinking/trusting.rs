//! Whose words may cause something when a model reads them (G5).

use serde_json::json;
use xswarm_tests::{model::Step, world::ADMIN};

use super::{UNCLEAR, finish, with_model};

#[tokio::test]
async fn words_that_the_person_did_not_say_are_asked_about_and_shown_in_full() {
    let (world, model) = with_model().await;
    let call = json!({ "title": "Transfer of 900 dollars", "when": "Friday at 7pm" });
    model.script([Step::call("create_appointment", &call)]);
    let answer = world.say(ADMIN, UNCLEAR).await;
    assert!(answer.starts_with("Shall I do this? Book Transfer of 900 dollars,"), "{answer}");
    assert!(answer.contains("7:00–8:00 PM CE") && answer.ends_with("(yes or no)"), "{answer}");
    let agenda = world.say(ADMIN, "What's on my calendar in the next 14 days?").await;
    assert!(!agenda.contains("Transfer"), "{agenda}");
    // Another command is no answer, and puts the question aside.
    assert!(world.say(ADMIN, "yes").await.contains("Nothing was changed."));

    model.script([Step::call("create_appointment", &call)]);
    world.say(ADMIN, UNCLEAR).await;
    let done = world.say(ADMIN, "yes").await;
    assert!(done.starts_with("Booked: Transfer of 900 dollars, "), "{done}");
    finish(world, &model).await;
}

#[tokio::test]
async fn a_time_that_the_model_worked_out_is_refused() {
    let (world, model) = with_model().await;
    let call = json!({ "title": "dinner", "when": "2026-12-04T19:00:00" });
    model.script([Step::call("create_appointment", &call), Step::text("When exactly?")]);
    assert_eq!(world.say(ADMIN, UNCLEAR).await, "When exactly?");
    let told = model.requests().pop().unwrap().body["messages"].to_string();
    assert!(told.contains("must be in the person's own words"), "{told}");
    finish(world, &model).await;
}

#[tokio::test]
async fn links_in_what_a_model_says_are_text_and_are_not_followed() {
    let (world, model) = with_model().await;
    model.script([Step::text(format!("See [here]({}/v1/messages?secret=4711).", model.url()))]);
    let before = model.requests().len();
    let answer = world.say(ADMIN, "which city is the capital of Italy again").await;
    assert!(!answer.contains("http") && !answer.contains("4711"), "{answer}");
    assert_eq!(model.requests().len(), before + 1);
    finish(world, &model).await;
}
