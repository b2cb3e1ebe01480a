//! PINs on whole calls: typed, mistyped, spoken, and given up.

use xswarm_core::message::{Direction, Message};
use xswarm_tests::{
    caller::{Caller, ring},
    hub::ADMIN_NAME,
    wait::wait_for,
    world::{ADMIN, World},
};

use super::calls::{ended, scripted};

/// Whom the caller writes to.
const ANNA: &str = "+4915123456789";

const PIN: &str = "47110815";

/// A household with a contact and a PIN, where these words are heard on each call.
async fn household(script: &[&str]) -> World {
    let world = scripted(script).await;
    world.say(ADMIN, &format!("Add a contact: Anna Miller, {ANNA}")).await;
    let set =
        world.hub.cli().run_with(&["user", "pin", ADMIN_NAME, "--stdin"], &format!("{PIN}\n"), &[]).await.expect(0);
    assert!(set.out.contains("has a PIN now") && !set.out.contains(PIN), "{}", set.out);
    world
}

/// A call on which the request was read back and agreed to, up to the question for the PIN; when that had been said.
async fn asked_for_the_pin(world: &World, sid: &str) -> (Caller, usize) {
    let caller = ring(world, ADMIN, sid).await.connect(world).await;
    let mut heard = caller.listens(0).await;
    for _ in ["the request", "yes"] {
        caller.says_ah(700).await;
        heard = caller.listens(heard).await;
    }
    assert!(said_last(world).await.starts_with("For that I need your PIN."));
    (caller, heard)
}

async fn said_last(world: &World) -> String {
    let all = spoken(world).await;
    all.into_iter().max_by_key(|one| (one.created_at, one.id)).map(|one| one.content).unwrap_or_default()
}

async fn spoken(world: &World) -> Vec<Message> {
    let all = world.api().messages().await;
    all.into_iter().filter(|one| one.direction == Direction::Outbound && one.metadata.get("call").is_some()).collect()
}

fn types(caller: &Caller, keys: &str) {
    keys.chars().for_each(|key| caller.presses(key));
}

fn sent_to_anna(world: &World) -> usize {
    world.twilio.sent().into_iter().filter(|one| one.to == ANNA).count()
}

/// Nothing that was said, kept or logged has the PIN.
async fn nobody_learns_the_pin(world: &World) {
    let said: Vec<String> =
        world.api().messages().await.into_iter().map(|one| one.content + &one.metadata.to_string()).collect();
    assert!(!said.iter().any(|one| one.contains(PIN)), "{said:?}");
    assert!(!world.hub.log().contains(PIN), "the log has it");
    let shown = world.hub.cli().run(&["user", "pin", ADMIN_NAME, "--show"]).await.expect(0);
    assert!(shown.out.contains("has a PIN, set") && !shown.out.contains(PIN), "{}", shown.out);
}

#[tokio::test]
async fn a_text_to_somebody_else_goes_out_once_the_pin_was_typed() {
    let world = household(&["Text Anna that I'm late", "yes"]).await;
    let (caller, heard) = asked_for_the_pin(&world, "CA00000000000000000000000000000001").await;
    assert_eq!(sent_to_anna(&world), 0);
    types(&caller, &format!("12*{PIN}#"));
    wait_for("the text to Anna", async || (sent_to_anna(&world) == 1).then_some(())).await;
    let heard = caller.listens(heard).await;
    // What is typed when nothing was asked is nobody's.
    types(&caller, &format!("{PIN}#"));
    caller.hangs_up();
    caller.is_over().await;
    let (_, turns) = ended(&world, "CA00000000000000000000000000000001").await;
    assert!(heard > 0 && turns.len() == 3, "{turns:?}");
    assert_eq!(turns[2].said, "(The PIN was typed.)");
    assert!(turns[2].answer.contains("Anna Miller") && turns[2].first_audio_ms.is_some(), "{turns:?}");
    assert_eq!(sent_to_anna(&world), 1, "and no second one");
    nobody_learns_the_pin(&world).await;
    world.finish().await;
}

#[tokio::test]
async fn three_wrong_pins_lock_the_entry_and_the_person_is_told() {
    let mut world = household(&["Text Anna that I'm late", "yes"]).await;
    let (caller, mut heard) = asked_for_the_pin(&world, "CA00000000000000000000000000000001").await;
    for _ in 0..3 {
        types(&caller, "47110816#");
        heard = caller.listens(heard).await;
    }
    let told = wait_for("the person to be told", async || {
        world.twilio.sent().into_iter().find(|one| one.body.contains("typed 3 wrong PINs"))
    })
    .await;
    assert_eq!(told.to, ADMIN);
    types(&caller, &format!("{PIN}#"));
    caller.hangs_up();
    ended(&world, "CA00000000000000000000000000000001").await;
    // Neither another call nor another start wins a try.
    world.hub.restart().await;
    let caller = ring(&world, ADMIN, "CA00000000000000000000000000000002").await.connect(&world).await;
    let greeted = caller.listens(0).await;
    caller.says_ah(700).await;
    caller.listens(greeted).await;
    let refused = said_last(&world).await;
    assert!(refused.starts_with("Too many wrong PINs were typed"), "{refused}");
    caller.hangs_up();
    ended(&world, "CA00000000000000000000000000000002").await;
    assert_eq!(sent_to_anna(&world), 0);
    let shown = world.hub.cli().run(&["user", "pin", ADMIN_NAME, "--show"]).await.expect(0);
    assert!(shown.out.contains("Too many wrong ones were typed"), "{}", shown.out);
    world.hub.cli().run(&["user", "pin", ADMIN_NAME, "--unlock"]).await.expect(0);
    let (caller, _) = asked_for_the_pin(&world, "CA00000000000000000000000000000003").await;
    types(&caller, &format!("{PIN}#"));
    wait_for("the text to Anna", async || (sent_to_anna(&world) == 1).then_some(())).await;
    caller.hangs_up();
    ended(&world, "CA00000000000000000000000000000003").await;
    nobody_learns_the_pin(&world).await;
    world.finish().await;
}

#[tokio::test]
async fn a_pin_is_neither_spoken_nor_half_typed() {
    let world =
        household(&["Text Anna that I'm late", "yes", "four seven one one oh eight one five", "never mind"]).await;
    let (caller, heard) = asked_for_the_pin(&world, "CA00000000000000000000000000000001").await;
    caller.says_ah(700).await;
    let heard = caller.listens(heard).await;
    types(&caller, &PIN[..7]);
    caller.says_ah(700).await;
    caller.listens(heard).await;
    types(&caller, "5#");
    caller.hangs_up();
    let (_, turns) = ended(&world, "CA00000000000000000000000000000001").await;
    let said: Vec<_> = turns.iter().map(|turn| turn.said.as_str()).collect();
    assert_eq!(said, ["Text Anna that I'm late", "yes", "never mind"], "spoken digits are no turn");
    // Who hangs up in the middle of it has typed nothing.
    let (caller, _) = asked_for_the_pin(&world, "CA00000000000000000000000000000002").await;
    types(&caller, PIN);
    caller.hangs_up();
    ended(&world, "CA00000000000000000000000000000002").await;
    assert_eq!(sent_to_anna(&world), 0);
    let all = world.api().messages().await;
    assert!(!all.iter().any(|one| one.content.contains("four seven")), "{all:?}");
    nobody_learns_the_pin(&world).await;
    world.finish().await;
}

#[tokio::test]
async fn what_is_a_bad_pin_is_refused_and_without_one_so_is_what_is_risky() {
    let world = scripted(&["Text Anna that I'm late"]).await;
    world.say(ADMIN, &format!("Add a contact: Anna Miller, {ANNA}")).await;
    for (pin, why) in [
        ("1234", "digits in a row"),
        ("0000", "digits that repeat"),
        ("1984", "looks like a year"),
        ("12a4", "4 to 8 digits"),
    ] {
        let refused = world.hub.cli().run_with(&["user", "pin", ADMIN_NAME, "--stdin"], pin, &[]).await.expect(2);
        assert!(refused.err.to_lowercase().contains(why) && !refused.err.contains(pin), "{}", refused.err);
        let admin = world.api().admin().await.id;
        let body = serde_json::json!({ "pin": pin });
        let problem = world.api().put(&format!("/api/users/{admin}/pin"), &body).await.problem(400);
        let told = serde_json::to_string(&problem).unwrap();
        assert!(told.contains(why) && !told.contains(pin), "{told}");
    }
    let caller = ring(&world, ADMIN, "CA00000000000000000000000000000001").await.connect(&world).await;
    let greeted = caller.listens(0).await;
    caller.says_ah(700).await;
    caller.listens(greeted).await;
    let told = said_last(&world).await;
    assert!(told.contains("you have no PIN") && told.contains("xswarm user pin"), "{told}");
    caller.hangs_up();
    ended(&world, "CA00000000000000000000000000000001").await;
    assert_eq!(sent_to_anna(&world), 0);
    world.finish().await;
}
