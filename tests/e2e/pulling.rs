//! Models come onto the machine by `xswarm model`, and the hub serves whether they are there or not. The room that is looked
//! for is that of the published models: a few gigabytes must be free.

use std::{
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use serde_json::Value;
use xswarm_core::admin::{Check, CheckOutcome, Readiness};
use xswarm_tests::{
    caller::ring,
    cli::Said,
    model_hub::{Fault, ModelHub},
    wait::wait_for,
    world::{ADMIN, World},
};
use xswarm_voice::catalogue::{self, Model};

const WEIGHTS: &str = "stt-1b-en_fr-candle/resolve/main/model.safetensors";

const VOICE: &str = "vctk/p225_023.wav";

async fn shelf() -> ModelHub {
    let all = [Model::Stt, Model::Tts].into_iter().flat_map(Model::files).cloned();
    ModelHub::start(all.chain(catalogue::voice(VOICE))).await
}

async fn pull(world: &World, shelf: &ModelHub, further: &[&str]) -> Said {
    let endpoint = shelf.endpoint();
    let line = [&["model", "pull", "--yes", "--endpoint", &endpoint], further].concat();
    world.hub.cli().run(&line).await
}

fn models(world: &World) -> PathBuf {
    world.hub.state_dir().join("models")
}

fn assert_is(file: &Path, content: &[u8]) {
    assert!(std::fs::read(file).unwrap() == content, "{} has another content", file.display());
}

#[tokio::test]
async fn models_come_whole_to_where_the_hub_looks_for_them() {
    let (world, shelf) = (World::start().await, shelf().await);
    let listed = world.hub.cli().run(&["model", "list"]).await.expect(0).out;
    assert!(listed.contains("stt-2.6b") && listed.contains("CC-BY 4.0"), "{listed}");
    let said = pull(&world, &shelf, &["stt", "tts", "--voice", VOICE]).await.expect(0).out;
    assert!(said.contains("CC-BY 4.0") && said.contains("set `engine = \"moshi\"`"), "{said}");
    let owner = std::fs::metadata(world.hub.state_dir()).unwrap().uid();
    let voice = catalogue::voice(VOICE).unwrap();
    for (model, files) in
        [(Model::Stt, Model::Stt.files().to_vec()), (Model::Tts, [Model::Tts.files(), &[voice]].concat())]
    {
        for file in files {
            let path = models(&world).join(model.name()).join(&*file.name);
            assert_is(&path, &shelf.content(&format!("{}/resolve/main/{}", file.repository, file.name)));
            let metadata = std::fs::metadata(&path).unwrap();
            assert_eq!((metadata.uid(), metadata.permissions().mode() & 0o777), (owner, 0o644), "{}", path.display());
        }
    }
    shelf.take_asked();
    let again = pull(&world, &shelf, &["--json"]).await.json();
    assert_eq!(shelf.take_asked(), [], "what is whole is not fetched again");
    let whole = |name: &str| {
        again["models"].as_array().unwrap().iter().any(|one| one["name"] == name && one["here"] == "whole")
    };
    assert!(whole("stt") && whole("tts"), "{again}");
    let listed: Value = world.hub.cli().run(&["model", "list", "--json"]).await.json();
    assert_eq!(listed["models"][1]["here"], "not", "{listed}");
    assert_eq!(listed["directory"], models(&world).display().to_string());
    world.finish().await;
}

#[tokio::test]
async fn the_licence_is_asked_about_before_anything_is_fetched() {
    let (world, shelf) = (World::start().await, shelf().await);
    let said = world.hub.cli().run(&["model", "pull", "stt", "--endpoint", &shelf.endpoint()]).await.expect(2);
    assert!(said.out.contains("licensed CC-BY 4.0") && said.err.contains("--yes"), "{said:?}");
    assert_eq!(shelf.take_asked(), []);
    assert!(!models(&world).exists());
    world.finish().await;
}

#[tokio::test]
async fn who_is_killed_halfway_goes_on_where_it_broke_off() {
    let (world, shelf) = (World::start().await, shelf().await);
    shelf.fault(WEIGHTS, Some(Fault::StallsAfter(120_000)));
    let (under_way, before) = (models(&world).join("stt/.pull"), &Model::Stt.files()[2].name);
    let before = models(&world).join("stt").join(&**before);
    let halfway =
        wait_for("half of the last file", async || (before.exists() && bytes_in(&under_way) >= 100_000).then_some(()));
    tokio::select! {
        // Whoever is not waited for any more is killed.
        biased;
        () = halfway => {}
        said = pull(&world, &shelf, &["stt"]) => panic!("it ended: {said:?}"),
    }
    let listed: Value = world.hub.cli().run(&["model", "list", "--json"]).await.json();
    assert_eq!(listed["models"][0]["here"], "partly", "{listed}");
    shelf.fault(WEIGHTS, None);
    shelf.take_asked();
    pull(&world, &shelf, &["stt"]).await.expect(0);
    let weights: Vec<_> = shelf.take_asked().into_iter().filter(|(path, _)| path.ends_with(WEIGHTS)).collect();
    let from = weights.iter().map(|(_, from)| *from).max().unwrap();
    assert!((1..=120_000).contains(&from), "{weights:?}");
    assert_is(&models(&world).join("stt/model.safetensors"), &shelf.content(WEIGHTS));
    assert!(!under_way.exists());
    world.finish().await;
}

#[tokio::test]
async fn a_file_with_another_checksum_is_thrown_away() {
    let (world, shelf) = (World::start().await, shelf().await);
    shelf.fault(WEIGHTS, Some(Fault::WrongBytes));
    let said = pull(&world, &shelf, &["stt"]).await.expect(1);
    assert!(said.err.contains("model.safetensors") && said.err.contains("its checksum is"), "{}", said.err);
    assert!(!models(&world).join("stt/model.safetensors").exists());
    shelf.fault(WEIGHTS, None);
    pull(&world, &shelf, &["stt"]).await.expect(0);
    assert_is(&models(&world).join("stt/model.safetensors"), &shelf.content(WEIGHTS));
    world.finish().await;
}

#[tokio::test]
async fn without_the_hub_it_is_said_where_models_belong() {
    let (mut world, shelf) = (World::start().await, shelf().await);
    world.hub.stop().await;
    pull(&world, &shelf, &["stt"]).await.expect(3);
    let elsewhere = tempfile::tempdir().unwrap();
    let said = pull(&world, &shelf, &["stt", "--directory", &elsewhere.path().display().to_string()]).await.expect(0);
    assert!(said.out.contains("when it starts"), "{}", said.out);
    assert_is(&elsewhere.path().join("stt/model.safetensors"), &shelf.content(WEIGHTS));
    world.finish().await;
}

/// What `xswarm doctor` says of the voice.
async fn voice_checks(world: &World) -> Vec<Check> {
    let said: Value = serde_json::from_str(&world.hub.cli().run(&["doctor", "--json"]).await.out).unwrap();
    let checks: Vec<Check> = serde_json::from_value(said["checks"].clone()).unwrap();
    checks.into_iter().filter(|check| check.name.starts_with("voice")).collect()
}

#[tokio::test]
async fn an_engine_that_is_not_there_leaves_calls_to_the_next() {
    let engines: toml_edit::Array = ["moshi", "wyoming", "scripted"].into_iter().collect();
    // Nobody listens there.
    let nowhere = "127.0.0.1:1";
    let mut world = World::start_with(|builder| {
        builder
            .config("voice", "engine", engines)
            .config("voice", "stt_url", nowhere)
            .config("voice", "tts_url", nowhere)
    })
    .await;
    if cfg!(not(feature = "tiny")) {
        world.hub.expect_error("built without Kyutai's models");
    }
    let sid = "CA00000000000000000000000000000001";
    let caller = ring(&world, ADMIN, sid).await.connect(&world).await;
    caller.listens(0).await;
    let calls: Vec<xswarm_core::call::Call> = world.api().get("/api/calls").await.expect(200).part("calls");
    assert_eq!(calls[0].engine.as_deref(), Some("scripted"));
    let voice = world.api().status().await.voice;
    let told: Vec<_> = voice.engines.iter().map(|engine| (engine.name.as_str(), engine.readiness)).collect();
    assert_eq!(told, [("moshi", Readiness::Away), ("wyoming", Readiness::Away), ("scripted", Readiness::Ready)]);
    let shown = world.hub.cli().run(&["status"]).await.expect(0).out;
    assert!(shown.contains("scripted takes calls, for moshi cannot"), "{shown}");
    let checks = voice_checks(&world).await;
    let outcome = |name: &str| checks.iter().find(|check| check.name == name).unwrap_or_else(|| panic!("{checks:?}"));
    assert_eq!(outcome("voice").outcome, CheckOutcome::Warning);
    assert_eq!(outcome("voice moshi").outcome, CheckOutcome::Failed);
    assert!(outcome("voice moshi").cause.contains("cargo feature `cuda`"), "{checks:?}");
    for part in ["voice listening", "voice speaking"] {
        assert!(outcome(part).outcome == CheckOutcome::Failed && outcome(part).cause.contains(nowhere), "{checks:?}");
    }
    caller.hangs_up();
    caller.is_over().await;
    world.finish().await;
}

#[tokio::test]
async fn a_voice_that_is_off_says_how_to_turn_it_on() {
    let world = World::start().await;
    let checks = voice_checks(&world).await;
    assert_eq!(checks.len(), 1, "{checks:?}");
    assert_eq!(checks[0].outcome, CheckOutcome::Skipped);
    assert!(checks[0].fix.as_ref().unwrap().contains("[voice]"), "{checks:?}");
    world.finish().await;
}

fn bytes_in(directory: &Path) -> u64 {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => bytes_in(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_gone) => 0,
        })
        .sum()
}
