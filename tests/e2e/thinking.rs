//! Turns that a language model takes part in: what it may do, what is said of it, and what holds when it fails.

mod failing;
mod remembering;
mod trusting;

use std::time::Duration;

use serde_json::{Value, json};
use xswarm_tests::{
    model::{ModelServer, Step, sdk},
    wait::wait_for,
    world::{ADMIN, World},
};

/// A household whose Boss has a model.
async fn with_model() -> (World, ModelServer) {
    let model = ModelServer::start().await;
    let world = World::start_with(|builder| builder.with_model(&model)).await;
    (world, model)
}

/// Checks the model's requests against the official library's types, and the household's end.
async fn finish(world: World, model: &ModelServer) {
    let requests: Vec<Value> = model.requests().into_iter().map(|one| one.body).collect();
    assert_eq!(sdk::faults(&requests), Vec::<String>::new());
    assert_eq!(model.unscripted(), 0, "requests that nothing was scripted for");
    world.finish().await;
}

/// The sentence that only a model understands.
const UNCLEAR: &str = "It would be grand to see Anna for dinner, say Friday at 7pm, don't you think?";

/// What the model makes of it.
fn dinner() -> Step {
    Step::call("create_appointment", &json!({ "title": "dinner", "when": "Friday at 7pm", "with": ["Anna"] }))
}

#[tokio::test]
async fn what_is_understood_without_a_model_costs_nothing() {
    let (world, model) = with_model().await;
    for text in [
        "Schedule meeting with John tomorrow at 3pm",
        "What's on my calendar today?",
        "help",
        "Remind me to stretch in 20 minutes",
    ] {
        world.say(ADMIN, text).await;
    }
    assert_eq!(model.requests().len(), 0);
    finish(world, &model).await;
}

#[tokio::test]
async fn a_deed_in_the_persons_own_words_is_done_and_told_in_the_boxs_words() {
    let (world, model) = with_model().await;
    model.script([dinner(), Step::text("I've booked it and told Anna. Enjoy the evening!")]);
    let answer = world.say(ADMIN, UNCLEAR).await;
    assert!(answer.starts_with("Booked: Dinner") && answer.contains("7:00–8:00 PM CE"), "{answer}");
    assert!(answer.contains("I'll remind you 15 minutes before") && answer.ends_with("Enjoy the evening!"), "{answer}");
    assert!(!answer.contains("told Anna"), "a false claim is not passed on: {answer}");
    let asked = model.requests();
    assert_eq!(asked.len(), 2);
    assert!(asked[1].body["messages"].to_string().contains("tool_result"));
    assert_eq!(world.say(ADMIN, "undo").await.split(':').next(), Some("Undone"));
    finish(world, &model).await;
}

#[tokio::test]
async fn a_claim_without_a_deed_is_answered_with_nothing_was_changed() {
    let (world, model) = with_model().await;
    model.script([Step::text("Done! I've booked dinner with Anna for Friday at 7.")]);
    let answer = world.say(ADMIN, UNCLEAR).await;
    assert_eq!(answer, "I did not get that done. Nothing was changed.");
    finish(world, &model).await;
}

#[tokio::test]
async fn talk_is_answered_and_changes_nothing() {
    let (world, model) = with_model().await;
    model.script([Step::text("Rome. It has been the capital since 1871.")]);
    assert_eq!(
        world.say(ADMIN, "which city is the capital of Italy again").await,
        "Rome. It has been the capital since 1871."
    );
    finish(world, &model).await;
}

#[tokio::test]
async fn several_lookups_of_one_answer_come_back_together_and_in_order() {
    let (world, model) = with_model().await;
    world.say(ADMIN, "Add milk and eggs to the shopping list").await;
    model.script([
        Step::calls([
            ("show_agenda", json!({ "range": "today" })),
            ("show_list", json!({ "list": "shopping" })),
            ("tell_time", json!({})),
        ]),
        Step::text("You are free and out of eggs."),
    ]);
    assert_eq!(world.say(ADMIN, "give me the big picture, will you").await, "You are free and out of eggs.");
    let last = model.requests().pop().unwrap().body;
    let results: Vec<String> = last["messages"].as_array().unwrap().last().unwrap()["content"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["content"].to_string())
        .collect();
    assert_eq!(results.len(), 3, "{results:?}");
    assert!(
        results[0].contains("calendar") && results[1].contains("eggs") && results[2].contains("It is"),
        "{results:?}"
    );
    finish(world, &model).await;
}

#[tokio::test]
async fn several_deeds_of_one_answer_are_done_one_after_the_other() {
    let (world, model) = with_model().await;
    model.script([
        Step::calls([
            ("create_appointment", json!({ "title": "dinner", "when": "Friday at 7pm" })),
            ("set_reminder", json!({ "text": "buy flowers", "when": "Friday at 5pm" })),
        ]),
        Step::text(""),
    ]);
    let text = "Grand: dinner Friday at 7pm it is, and I must not forget to buy flowers, so nudge me Friday at 5pm";
    let answer = world.say(ADMIN, text).await;
    assert!(answer.contains("Booked: Dinner") && answer.contains("buy flowers"), "{answer}");
    finish(world, &model).await;
}

#[tokio::test]
async fn arguments_that_fit_no_schema_come_back_as_words_to_the_model() {
    let (world, model) = with_model().await;
    model.script([
        Step::malformed_json("create_appointment"),
        Step::wrong_schema("create_appointment"),
        Step::call("launch_rocket", &json!({})),
        Step::text("I can't do that."),
    ]);
    let answer = world.say(ADMIN, UNCLEAR).await;
    assert_eq!(answer, "I can't do that.");
    let told = model.requests().pop().unwrap().body["messages"].to_string();
    for words in ["The arguments of create_appointment are wrong", "no_such_argument", "no tool called"] {
        assert!(told.contains(words), "`{words}` is missing in {told}");
    }
    finish(world, &model).await;
}

#[tokio::test]
async fn the_thread_goes_on_with_what_was_said_before() {
    let (world, model) = with_model().await;
    model.script([Step::text("Rome."), Step::text("About 2.8 million.")]);
    world.say(ADMIN, "which city is the capital of Italy again").await;
    world.say(ADMIN, "and how many live there would you say").await;
    let messages = model.requests().pop().unwrap().body["messages"].to_string();
    assert!(messages.contains("capital of Italy") && messages.contains("Rome."), "{messages}");
    finish(world, &model).await;
}

#[tokio::test]
async fn whoever_waits_long_is_told_so_before_the_answer() {
    let (world, model) = with_model().await;
    model.script([Step::text("Rome.").delayed(Duration::from_secs(7))]);
    let message = world.text(ADMIN, "which city is the capital of Italy again").await;
    let inbound = world.recorded(&message).await;
    let first = wait_for("first words", async || world.answers(&inbound).await.into_iter().next()).await;
    assert!(first.content.contains("thinking"), "{}", first.content);
    wait_for("the answer", async || world.answers(&inbound).await.into_iter().find(|one| one.content == "Rome.")).await;
    assert_eq!(world.answers(&inbound).await.len(), 2);
    finish(world, &model).await;
}

#[tokio::test]
async fn never_mind_ends_a_turn_that_thinks() {
    let (world, model) = with_model().await;
    model.script([Step::text("Rome.").delayed(Duration::from_secs(15))]);
    let message = world.text(ADMIN, "which city is the capital of Italy again").await;
    wait_for("the model to be asked", async || (!model.requests().is_empty()).then_some(())).await;
    world.text(ADMIN, "never mind").await;
    let inbound = world.recorded(&message).await;
    let stopped = async || world.answers(&inbound).await.into_iter().find(|one| one.content.contains("I stopped"));
    let answer = wait_for("the turn to end", stopped).await;
    assert_eq!(answer.content, "All right, I stopped. Nothing was changed.");
    world.hub.settle().await;
    assert!(world.answers(&inbound).await.iter().all(|one| one.content != "Rome."));
    finish(world, &model).await;
}
