//! A hub that was built with Kyutai's models, of a tiny size and with random weights: what they say means nothing, but all of
//! it is said and heard by the real engine on a real call. Only with the feature `tiny`: `make test-models`.

use std::fs;

use serde_json::Value;
use xswarm_core::{
    admin::Readiness,
    call::{Call, CallEnd, CallState, CallTurn},
    message::{Direction, Message, MessageStatus},
};
use xswarm_tests::{
    caller::{ring, speech},
    environment,
    model_hub::ModelHub,
    wait::wait_for,
    world::{ADMIN, World},
};
use xswarm_voice::{catalogue::Model, moshi::tiny};

/// Puts tiny models on the shelf, under the names of the published ones.
fn stock(shelf: &ModelHub) {
    let made = tempfile::tempdir().unwrap();
    tiny::write_stt(made.path(), true, 0.5, 0.0);
    let [config, tokenizer, codec, weights] = Model::Stt.files() else { panic!("other files than expected") };
    let read = |name: &str| fs::read(made.path().join(name)).unwrap();
    let mut settings: Value = serde_json::from_slice(&read("config.json")).unwrap();
    settings["mimi_name"] = Value::from(&*codec.name);
    settings["tokenizer_name"] = Value::from(&*tokenizer.name);
    shelf.put(config, settings.to_string().into_bytes());
    shelf.put(tokenizer, read("tokenizer.model"));
    shelf.put(codec, read("mimi.safetensors"));
    shelf.put(weights, read("model.safetensors"));

    let made = environment::repository().join("tests/reference/synthesis");
    let names = ["config.json", "tokenizer.model", "voice-a.safetensors", "codec.safetensors", "model.safetensors"];
    assert_eq!(Model::Tts.files().len(), names.len());
    for (file, name) in Model::Tts.files().iter().zip(names) {
        shelf.put(file, fs::read(made.join(name)).unwrap());
    }
}

async fn readiness(world: &World) -> Readiness {
    world.api().status().await.voice.engines[0].readiness
}

/// The latest call, and its turns.
async fn latest(world: &World) -> (Call, Vec<CallTurn>) {
    let calls: Vec<Call> = world.api().get("/api/calls?limit=1").await.expect(200).part("calls");
    let call = calls.into_iter().next().unwrap();
    let one = world.api().get(&format!("/api/calls/{}", call.id)).await.expect(200);
    (call, serde_json::from_value(one.json["turns"].clone()).unwrap())
}

async fn ended(world: &World) -> (Call, Vec<CallTurn>) {
    wait_for("the call to be over", async || {
        let found = latest(world).await;
        (found.0.state == CallState::Ended).then_some(found)
    })
    .await
}

#[tokio::test]
async fn models_are_pulled_loaded_beside_the_hub_and_take_the_next_call() {
    let engines: toml_edit::Array = ["moshi", "scripted"].into_iter().collect();
    let device: toml_edit::InlineTable = [("device", "cpu")].into_iter().collect();
    let mut world =
        World::start_with(|builder| builder.config("voice", "engine", engines).config("voice", "moshi", device)).await;
    wait_for("the models to be missed", async || (readiness(&world).await == Readiness::Away).then_some(())).await;
    let shelf = ModelHub::start([]).await;
    stock(&shelf);

    // Until they have come, the next engine takes calls.
    let caller = ring(&world, ADMIN, "CA00000000000000000000000000000001").await.connect(&world).await;
    caller.listens(0).await;
    assert_eq!(latest(&world).await.0.engine.as_deref(), Some("scripted"));
    caller.hangs_up();
    caller.is_over().await;

    let said = world.hub.cli().run(&["model", "pull", "--yes", "--endpoint", &shelf.endpoint()]).await.expect(0).out;
    assert!(said.contains("The hub loads them now"), "{said}");
    wait_for("the models to be loaded", async || (readiness(&world).await == Readiness::Ready).then_some(())).await;

    let caller = ring(&world, ADMIN, "CA00000000000000000000000000000002").await.connect(&world).await;
    let greeted = caller.listens(0).await;
    assert!(greeted > 0, "the model that speaks greets");
    let sentence = speech("What is on my calendar today, and what about the day after tomorrow?");
    let turn = wait_for("a turn of what the model heard", async || {
        caller.says(&sentence).await;
        let (_, turns) = latest(&world).await;
        turns.into_iter().find(|turn| !turn.said.is_empty())
    })
    .await;
    assert!(turn.turn_ended_ms.is_some(), "{turn:?}");
    caller.hangs_up();
    caller.is_over().await;
    assert_eq!(ended(&world).await.0.engine.as_deref(), Some("moshi"));
    let doctor = world.hub.cli().run(&["doctor"]).await.out;
    assert!(doctor.contains("moshi takes calls") && doctor.contains("voice model tts"), "{doctor}");

    // It loads them again when it starts, and is let go in order when it stops.
    world.hub.restart().await;
    wait_for("the models to be loaded", async || (readiness(&world).await == Readiness::Ready).then_some(())).await;
    world.finish().await;
}

#[tokio::test]
async fn a_partner_chats_on_a_call_and_what_it_says_is_kept() {
    let device: toml_edit::InlineTable = [("device", "cpu")].into_iter().collect();
    let world = World::start_with(|builder| {
        let builder = builder.config("voice", "engine", "moshi").config("voice", "mode", "duplex");
        builder.config("voice", "moshi", device)
    })
    .await;
    // Not pulled: as much must be free as the published model takes, 9 GB.
    let partner = world.hub.state_dir().join("models").join(Model::Moshi.name());
    fs::create_dir_all(&partner).unwrap();
    tiny::write_moshi(&partner);
    let shelf = ModelHub::start([]).await;
    stock(&shelf);
    let pull = ["model", "pull", "stt", "tts", "--yes", "--endpoint", &shelf.endpoint()];
    world.hub.cli().run(&pull).await.expect(0);
    wait_for("the models to be loaded", async || (readiness(&world).await == Readiness::Ready).then_some(())).await;

    let caller = ring(&world, ADMIN, "CA00000000000000000000000000000001").await.connect(&world).await;
    // The caller is silent. So the Boss says no more than its greeting, which is over long before, and what sounds then is
    // the partner.
    wait_for("the partner to sound", async || caller.sound_after(15_000)).await;
    caller.hangs_up();
    caller.is_over().await;
    let (call, turns) = ended(&world).await;
    assert_eq!((call.engine.as_deref(), call.ended_because), (Some("moshi"), Some(CallEnd::HungUp)));
    let messages: Vec<Message> = world.api().messages().await;
    let is_said = |message: &&Message| message.metadata["chat"] == true && message.direction == Direction::Outbound;
    let chat: Vec<&Message> = messages.iter().filter(is_said).collect();
    assert!(!chat.is_empty() && chat.iter().all(|one| one.status == MessageStatus::Delivered), "{messages:?}");
    assert!(turns.iter().any(|turn| turn.said.is_empty() && turn.heard == chat[0].content), "{turns:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_gpu_that_is_not_there_keeps_nobody_from_anything_else() {
    let world = World::start_with(|builder| builder.config("voice", "engine", "moshi")).await;
    wait_for("the GPU to be missed", async || (readiness(&world).await == Readiness::Away).then_some(())).await;
    let why = world.api().status().await.voice.engines.remove(0).why.unwrap();
    assert!(why.contains("GPU"), "{why}");
    let told = ring(&world, ADMIN, "CA00000000000000000000000000000001").await;
    assert!(told.twiml.contains("Please send me a text message"), "{}", told.twiml);
    let booked = world.say(ADMIN, "Schedule a meeting with John tomorrow at 2pm").await;
    assert!(booked.starts_with("Booked"), "{booked}");
    world.finish().await;
}

#[tokio::test]
async fn a_damaged_model_is_told_with_what_mends_it() {
    let device: toml_edit::InlineTable = [("device", "cpu")].into_iter().collect();
    let mut world =
        World::start_with(|builder| builder.config("voice", "engine", "moshi").config("voice", "moshi", device)).await;
    let shelf = ModelHub::start([]).await;
    stock(&shelf);
    let pull = ["model", "pull", "--yes", "--endpoint", &shelf.endpoint()];
    world.hub.cli().run(&pull).await.expect(0);
    wait_for("the models to be loaded", async || (readiness(&world).await == Readiness::Ready).then_some(())).await;
    world.hub.stop().await;
    let weights = world.hub.state_dir().join("models/stt/model.safetensors");
    let whole = fs::metadata(&weights).unwrap().len();
    fs::File::options().write(true).open(&weights).unwrap().set_len(whole / 2).unwrap();
    world.hub.start().await;
    wait_for("the damage to be found", async || (readiness(&world).await == Readiness::Away).then_some(())).await;
    let why = world.api().status().await.voice.engines.remove(0).why.unwrap();
    assert!(
        why.contains("model.safetensors is truncated") && why.contains("`xswarm model pull stt` mends it"),
        "{why}"
    );
    let doctor = world.hub.cli().run(&["doctor"]).await.out;
    assert!(doctor.contains(&format!("has {} bytes of {whole}", whole / 2)), "{doctor}");
    world.hub.cli().run(&pull).await.expect(0);
    wait_for("the models to be loaded", async || (readiness(&world).await == Readiness::Ready).then_some(())).await;
    world.finish().await;
}
