//! What comes in between a question and a "yes": a reminder, another turn that still thinks, a text that is too long.

use std::time::Duration;

use serde_json::json;
use xswarm_tests::{model::Step, wait::wait_for, world::ADMIN};

use super::household::Household;

const UNCLEAR: &str = "give me the big picture, will you";

fn spoils() -> Step {
    Step::call("create_list", &json!({ "name": "spoils" }))
}

async fn lists(household: &Household) -> String {
    household.world.api().get("/api/lists").await.expect(200).text
}

#[tokio::test]
async fn a_yes_to_a_reminder_is_no_yes_to_what_was_asked_before_it() {
    let household = Household::start().await;
    let world = &household.world;
    household.model.script([spoils()]);
    let asked = world.say(ADMIN, UNCLEAR).await;
    assert!(asked.starts_with("Shall I do this? Make the list spoils"), "{asked}");
    let due = xswarm_tests::clock::now() + chrono::Duration::seconds(1);
    let new = json!({ "text": "take pills", "reminder_time": due });
    world.api().post("/api/reminders", &new).await.expect(201);
    world.twilio.wait_sent(ADMIN, "take pills").await;
    let answer = world.say(ADMIN, "yes").await;
    assert!(answer.starts_with("Noted: take pills.") && answer.contains("Make the list spoils"), "{answer}");
    assert!(!lists(&household).await.contains("spoils"));
    // Now it is the last that was said.
    assert!(world.say(ADMIN, "yes").await.starts_with("List made: spoils"));
    assert_eq!(household.finish().await, [""; 0]);
}

#[tokio::test]
async fn a_yes_that_was_sent_before_the_question_came_is_no_answer_to_it() {
    let household = Household::start().await;
    let world = &household.world;
    household.model.script([spoils().delayed(Duration::from_secs(2))]);
    let thinking = world.recorded(&world.text(ADMIN, UNCLEAR).await).await;
    wait_for("the model to be asked", async || (!household.model.requests().is_empty()).then_some(())).await;
    let early = world.recorded(&world.text(ADMIN, "yes").await).await;
    let asked = world.answer_to(&thinking).await;
    assert!(asked.body.contains("Make the list spoils"), "{}", asked.body);
    let answer = world.answer_to(&early).await;
    assert!(!answer.body.contains("List made"), "{}", answer.body);
    assert!(!lists(&household).await.contains("spoils"));
    assert_eq!(household.finish().await, [""; 0]);
}

#[tokio::test]
async fn nobody_is_asked_about_more_than_fits_a_text_message() {
    let household = Household::start().await;
    let world = &household.world;
    let items: Vec<String> = (0..20).map(|n| format!("{n} {}", "very long item ".repeat(10))).collect();
    household.model.script([Step::call("add_to_list", &json!({ "items": items }))]);
    let answer = world.say(ADMIN, UNCLEAR).await;
    assert!(answer.starts_with("That is too long to ask about in a text message"), "{answer}");
    assert!(world.say(ADMIN, "yes").await.contains("I have not asked you anything"));
    assert!(!lists(&household).await.contains("very long item"));
    assert_eq!(household.finish().await, [""; 0]);
}
