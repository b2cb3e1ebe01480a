//! A model that is slow, wrong, silent, dear or gone: the person is told so, nothing is lost, nothing is done twice.

use serde_json::json;
use xswarm_core::time::to_text;
use xswarm_tests::{
    clock,
    database::Database,
    model::{ModelServer, Step},
    wait::wait_for,
    world::{ADMIN, World},
};

use super::{UNCLEAR, dinner, finish, with_model};

#[tokio::test]
async fn what_passes_is_waited_out() {
    let (world, model) = with_model().await;
    model.script([Step::status_retry_after(429, 1), Step::status(529), Step::status(500), Step::text("Rome.")]);
    let message = world.text(ADMIN, "which city is the capital of Italy again").await;
    let inbound = world.recorded(&message).await;
    wait_for("the answer", async || world.answers(&inbound).await.into_iter().find(|one| one.content == "Rome.")).await;
    assert_eq!(model.requests().len(), 4);
    finish(world, &model).await;
}

#[tokio::test]
async fn a_provider_that_refuses_is_named_and_the_question_kept_for_later() {
    let (world, model) = with_model().await;
    model.script([Step::status(401)]);
    let answer = world.say(ADMIN, "which city is the capital of Italy again").await;
    assert!(answer.contains("refuses me") && answer.contains("Nothing was changed."), "{answer}");
    assert!(answer.ends_with("(yes or no)"), "{answer}");
    assert_eq!(world.say(ADMIN, "no").await, "All right, I dropped it. Nothing was changed.");
    finish(world, &model).await;
}

#[tokio::test]
async fn answers_that_break_off_or_grow_without_end_are_no_answers() {
    for step in [
        Step::BreakOff(200),
        Step::WithoutEnd,
        Step::HugeArguments(2 << 20),
        Step::Error { kind: "overloaded_error".into() },
    ] {
        let model = ModelServer::start().await;
        let world = World::start_with(|builder| builder.with_model(&model).config("llm", "timeout_s", 3)).await;
        let what = format!("{step:?}");
        model.respond(move |_| step.clone());
        let answer = world.say(ADMIN, UNCLEAR).await;
        assert!(answer.contains("Nothing was changed."), "{what}: {answer}");
        assert!(answer.chars().count() < 400, "{what}: {answer}");
        world.finish().await;
    }
}

#[tokio::test]
async fn a_huge_answer_is_cut_to_a_message() {
    let (world, model) = with_model().await;
    model.script([Step::HugeAnswer(2 << 20)]);
    let answer = world.say(ADMIN, "which city is the capital of Italy again").await;
    assert!(answer.ends_with("Reply MORE for the rest."), "{answer}");
    finish(world, &model).await;
}

#[tokio::test]
async fn a_loop_without_end_is_ended() {
    let (world, model) = with_model().await;
    model.respond(|_| Step::call("tell_time", &json!({})));
    let answer = world.say(ADMIN, UNCLEAR).await;
    assert_eq!(answer, "That took more steps than I allow myself, so I stopped. Nothing was changed.");
    assert!(model.requests().len() <= 8, "{}", model.requests().len());
    finish(world, &model).await;
}

#[tokio::test]
async fn what_was_done_before_the_model_fell_silent_is_told() {
    let (world, model) = with_model().await;
    model.script([dinner(), Step::status(401)]);
    let answer = world.say(ADMIN, UNCLEAR).await;
    assert!(answer.starts_with("Booked: Dinner"), "{answer}");
    assert!(answer.contains("The rest of what you asked is not done. Nothing else was changed."), "{answer}");
    finish(world, &model).await;
}

#[tokio::test]
async fn at_the_cap_the_answer_is_the_boxs_own() {
    let model = ModelServer::start().await;
    let world = World::start_with(|builder| builder.with_model(&model).config("llm", "daily_cap_usd", 0.0)).await;
    let answer = world.say(ADMIN, "which city is the capital of Italy again").await;
    assert!(answer.contains("used up what I may spend") && answer.contains("Nothing was changed."), "{answer}");
    assert_eq!(model.requests().len(), 0);
    let booked = world.say(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    assert!(booked.starts_with("Booked:"), "{booked}");
    finish(world, &model).await;
}

#[tokio::test]
async fn an_admin_is_told_once_that_most_of_a_cap_is_spent() {
    let model = ModelServer::start().await;
    let mut world = World::start_with(|builder| builder.with_model(&model).config("llm", "daily_cap_usd", 1.0)).await;
    world.hub.stop().await;
    Database::open(&world.hub.state_dir()).execute(
        "INSERT INTO model_calls (id, channel, purpose, provider, model, state, reserved_microdollars, \
         cost_microdollars, began_at, ended_at) VALUES ('x', 'sms', 'turn', 'anthropic', 'm', 'done', 0, 850000, ?1, ?1)",
        [&to_text(clock::now())],
    );
    world.hub.start().await;
    model.script([Step::text("Rome."), Step::text("Paris.")]);
    let answer = world.say(ADMIN, "which city is the capital of Italy again").await;
    assert!(answer.starts_with("Rome.\n(My language model has used 85 % of its daily cap, $0.85"), "{answer}");
    assert_eq!(world.say(ADMIN, "which city is the capital of France again").await, "Paris.");
    finish(world, &model).await;
}

#[tokio::test]
async fn a_hub_that_dies_between_deeds_does_none_twice() {
    let (mut world, model) = with_model().await;
    model.script([dinner(), Step::text("Rome.").delayed(std::time::Duration::from_secs(30))]);
    let message = world.text(ADMIN, UNCLEAR).await;
    wait_for("the second question to the model", async || (model.requests().len() == 2).then_some(())).await;
    world.hub.kill();
    model.script([Step::text("Enjoy!")]);
    world.hub.start().await;
    let inbound = world.recorded(&message).await;
    let answered = async || world.answers(&inbound).await.into_iter().find(|one| one.content.contains("Enjoy!"));
    let answer = wait_for("the answer", answered).await;
    assert!(answer.content.starts_with("Booked: Dinner"), "{}", answer.content);
    let agenda = world.say(ADMIN, "What's on my calendar in the next 14 days?").await;
    assert_eq!(agenda.matches("Dinner").count(), 1, "{agenda}");
    assert_eq!(model.requests().len(), 3, "the deed came from the journal");
    finish(world, &model).await;
}

#[tokio::test]
async fn a_hub_that_is_stopped_while_it_thinks_does_not_wait_and_answers_when_it_is_back() {
    let (mut world, model) = with_model().await;
    model.script([Step::text("Never heard.").delayed(std::time::Duration::from_secs(40))]);
    let message = world.text(ADMIN, "which city is the capital of Italy again").await;
    wait_for("the model to be asked", async || (!model.requests().is_empty()).then_some(())).await;
    let began = std::time::Instant::now();
    world.hub.stop().await;
    assert!(began.elapsed() < std::time::Duration::from_secs(20), "{:?}", began.elapsed());
    model.script([Step::text("Rome.")]);
    world.hub.start().await;
    let inbound = world.recorded(&message).await;
    wait_for("the answer", async || world.answers(&inbound).await.into_iter().find(|one| one.content == "Rome.")).await;
    finish(world, &model).await;
}
