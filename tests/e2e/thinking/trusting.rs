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
async fn a_yes_to_what_changed_since_it_was_asked_is_answered_and_changes_nothing() {
    let (world, model) = with_model().await;
    let new = json!({ "title": "Board", "start_time": "2027-03-01T09:00:00Z", "end_time": "2027-03-01T10:00:00Z" });
    let booked = world.api().post("/api/calendar/appointments", &new).await.expect(201);
    let id = booked.json["appointment"]["id"].as_str().unwrap().to_owned();
    model.script([Step::call("move_appointment", &json!({ "appointment": "Board", "to": "Friday at 7pm" }))]);
    let asked = world.say(ADMIN, UNCLEAR).await;
    assert!(asked.starts_with("Shall I do this?") && asked.contains("Board"), "{asked}");
    let other = json!({ "title": "Board meeting" });
    world.api().put(&format!("/api/calendar/appointments/{id}"), &other).await.expect(200);
    let answer = world.say(ADMIN, "yes").await;
    assert!(
        answer.starts_with("That changed since I asked you") && answer.contains("Nothing was changed."),
        "{answer}"
    );
    assert!(world.say(ADMIN, "what time is it?").await.starts_with("It is"), "the conversation goes on");
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
