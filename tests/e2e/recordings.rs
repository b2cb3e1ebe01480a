//! Calls that are recorded: what is in the file, and how it is gotten rid of.

use std::path::Path;

use xswarm_core::call::Call;
use xswarm_tests::{
    caller::{ring, speech},
    hub::Builder,
    wait::wait_for,
    world::{ADMIN, STRANGER, World},
};
use xswarm_voice::audio::g711;

use super::calls::ended;

const SID: &str = "CA00000000000000000000000000000001";

/// A hub that records, where these words are heard on each call.
async fn recording(lines: &[&str]) -> World {
    let script: toml_edit::Array = lines.iter().copied().collect();
    let configure = |builder: Builder| {
        let builder = builder.config("voice", "engine", "scripted").config("voice", "record", "announced");
        builder.config("voice", "script", script)
    };
    World::start_with(configure).await
}

/// Left and right of a WAV file of two µ-law sides.
fn sides(file: &Path) -> (Vec<u8>, Vec<u8>) {
    let bytes = std::fs::read(file).unwrap();
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    assert_eq!((&bytes[..4], &bytes[8..16], number(24)), (&b"RIFF"[..], &b"WAVEfmt "[..], 8_000));
    assert_eq!((bytes[20], bytes[22], number(54) as usize), (7, 2, bytes.len() - 58), "µ-law, two sides, whole");
    let side = |which: usize| bytes[58..].iter().skip(which).step_by(2).copied().collect();
    (side(0), side(1))
}

/// What of µ-law sound is not silence.
fn audible(sound: &[u8]) -> Vec<u8> {
    sound.iter().copied().filter(|byte| !matches!(byte, 0xFF | 0x7F)).collect()
}

/// Where a stretch of sound begins in another.
fn find(sound: &[u8], in_all: &[u8]) -> Option<usize> {
    in_all.windows(sound.len()).position(|window| window == sound)
}

fn files(world: &World) -> usize {
    std::fs::read_dir(world.hub.state_dir().join("recordings")).unwrap().count()
}

async fn save(world: &World, call: &Call) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("call.wav");
    let id = call.id.to_string();
    world.hub.cli().run(&["calls", &id, "--recording", file.to_str().unwrap()]).await.expect(0);
    (dir, file)
}

#[tokio::test]
async fn both_sides_of_a_call_are_heard_again_in_time() {
    let world = recording(&["what time is it?"]).await;
    let caller = ring(&world, ADMIN, SID).await.connect(&world).await;
    let greeted = caller.listens(0).await;
    let question = speech("What time is it?");
    caller.says(&question).await;
    let answered = caller.listens(greeted + question.len() / 8).await;
    caller.hangs_up();
    caller.is_over().await;
    let (call, turns) = ended(&world, SID).await;
    assert!(turns.len() == 1 && !turns[0].interrupted, "{turns:?}");
    let (_dir, file) = save(&world, &call).await;
    let (left, right) = sides(&file);
    // What the Boss said, byte for byte, up to where the caller hung up.
    let mut played = Vec::new();
    g711::encode(&caller.recording(0, 600_000), &mut played);
    assert_eq!(audible(&right), audible(&played), "the Boss is on the right");
    let spoken = find(&question, &left).expect("the caller is on the left, byte for byte");
    // In time: after the greeting, before the answer.
    let silent = |sound: &[u8]| audible(sound).is_empty();
    let end_of = |until: usize| until * 8;
    assert!(!silent(&right[..spoken]), "the greeting comes first");
    assert!(silent(&right[spoken..spoken + question.len()]), "nobody talks over the question");
    assert!(!silent(&right[spoken + question.len()..]), "then comes the answer");
    assert!(right.len() >= end_of(answered - 1_000), "it goes on to the end: {} of {answered} ms", right.len() / 8);
    let raw = std::fs::read_dir(world.hub.state_dir().join("recordings")).unwrap().next().unwrap().unwrap().path();
    assert!(find(&question[4_000..4_200], &std::fs::read(raw).unwrap()).is_none(), "not in the clear on disk");
    let id = call.id.to_string();
    let shown = world.hub.cli().run(&["calls", &id]).await.expect(0);
    assert!(shown.out.contains("It was recorded") && shown.out.contains("  1  ."), "{}", shown.out);
    world.hub.cli().run(&["calls", &id, "--delete-recording"]).await.expect(0);
    assert_eq!(files(&world), 0);
    let gone = world.hub.cli().run(&["calls", &id, "--recording", "-"]).await.expect(1);
    assert!(gone.err.contains("not recorded, or its recording was deleted"), "{}", gone.err);
    world.finish().await;
}

#[tokio::test]
async fn who_does_not_want_to_be_recorded_is_not() {
    let world = recording(&["Don't record this, please", "what time is it?"]).await;
    let caller = ring(&world, ADMIN, SID).await.connect(&world).await;
    let mut heard = caller.listens(0).await;
    assert_eq!(files(&world), 1);
    for _ in ["don't record", "the question"] {
        caller.says_ah(700).await;
        heard = caller.listens(heard).await;
    }
    assert_eq!(files(&world), 0, "while the call goes on");
    caller.hangs_up();
    let (call, turns) = ended(&world, SID).await;
    assert_eq!(turns.len(), 1, "it is no turn: {turns:?}");
    world.api().get(&format!("/api/calls/{}/recording", call.id)).await.problem(404);
    world.finish().await;
}

#[tokio::test]
async fn strangers_are_not_recorded_and_who_is_removed_takes_their_calls_along() {
    let world = recording(&["call me back"]).await;
    let stranger = ring(&world, STRANGER, SID).await.connect(&world).await;
    stranger.listens(0).await;
    assert_eq!(files(&world), 0);
    stranger.hangs_up();
    ended(&world, SID).await;
    let phone = "+14155550124";
    let bob = world.add_member("Bob", phone).await;
    let other = "CA00000000000000000000000000000002";
    let caller = ring(&world, phone, other).await.connect(&world).await;
    caller.listens(0).await;
    let open = world.api().get("/api/calls").await.expect(200).part::<Vec<Call>>("calls");
    let going_on = open.iter().find(|call| call.provider_id.as_deref() == Some(other)).unwrap().id;
    world.api().get(&format!("/api/calls/{going_on}/recording")).await.problem(409);
    caller.hangs_up();
    ended(&world, other).await;
    assert_eq!(files(&world), 1);
    world.api().delete(&format!("/api/users/{}", bob.id)).await.expect(200);
    wait_for("the file to be gone", async || (files(&world) == 0).then_some(())).await;
    world.finish().await;
}
