//! Lists by text, over the LAN and from the command line, over a restart.

use serde_json::json;
use xswarm_core::{admin::CreatedKey, id::UserId};
use xswarm_tests::{
    api::Api,
    world::{ADMIN, World},
};

const MIA: &str = "+14155550124";

async fn lan(world: &World, user_id: UserId) -> Api {
    let key: CreatedKey =
        world.api().post("/api/keys", &json!({ "user_id": user_id, "name": "k" })).await.expect(201).into();
    world.hub.lan(Some(&key.key))
}

#[tokio::test]
async fn the_shopping_list_is_shared_and_survives_a_kill_and_the_to_do_list_is_ones_own() {
    let mut world = World::start().await;
    world.add_member("Mia", MIA).await;
    assert_eq!(
        world.say(ADMIN, "add milk and eggs to the shopping list").await,
        "Added to the shopping list: milk and eggs."
    );
    assert_eq!(world.say(ADMIN, "add buy stamps to my to-do list").await, "Added to the to-do list: buy stamps.");
    world.hub.kill();
    world.hub.start().await;
    assert_eq!(world.say(MIA, "what's on the shopping list?").await, "On the shopping list:\n– milk\n– eggs");
    assert_eq!(world.say(MIA, "what's on my to-do list").await, "Nothing is on the to-do list.");
    assert_eq!(world.say(MIA, "check off eggs").await, "Checked off the shopping list: eggs (1 left).");
    assert_eq!(world.say(ADMIN, "what's on my shopping list").await, "On the shopping list (1 checked off):\n– milk");
    world.finish().await;
}

#[tokio::test]
async fn lists_are_kept_over_the_lan_each_person_their_own() {
    let world = World::start().await;
    let mia = world.add_member("Mia", MIA).await;
    let (all, hers) = (lan(&world, world.api().admin().await.id).await, lan(&world, mia.id).await);
    let created = all.post("/api/lists", &json!({ "name": "Gifts" })).await.expect(201);
    let gifts = created.json["list"]["id"].as_str().unwrap().to_owned();
    let items = format!("/api/lists/{gifts}/items");
    let added = all.post(&items, &json!({ "texts": ["a bike", "A Bike", "a book"] })).await.expect(201);
    assert_eq!((added.json["items"].as_array().unwrap().len(), added.json["already"][0].as_str()), (2, Some("a bike")));
    let item = added.json["items"][0]["id"].as_str().unwrap().to_owned();

    // What is somebody else's is not there.
    for path in [format!("/api/lists/{gifts}"), "/api/lists/019ab3f0-11c2-7000-8000-000000000000".to_owned()] {
        hers.get(&path).await.problem(404);
        hers.delete(&path).await.problem(404);
    }
    hers.post(&items, &json!({ "texts": ["x"] })).await.problem(404);
    hers.put(&format!("{items}/{item}"), &json!({ "done": true })).await.problem(404);
    assert_eq!(hers.get("/api/lists").await.expect(200).json["lists"], json!([]));

    all.put(&format!("{items}/{item}"), &json!({ "done": true })).await.expect(200);
    all.put(&format!("{items}/{item}"), &json!({ "text": "a book", "done": false })).await.problem(409);
    all.post("/api/lists", &json!({ "name": "gifts list" })).await.problem(409);
    for wrong in [json!({ "name": "" }), json!({ "name": "x".repeat(61) })] {
        all.post("/api/lists", &wrong).await.problem(400);
    }
    for wrong in [json!({ "texts": [] }), json!({ "texts": ["x".repeat(201)] }), json!({ "texts": vec!["x"; 51] })] {
        all.post(&items, &wrong).await.problem(400);
    }
    let shared = hers.post("/api/lists", &json!({ "name": "camping", "shared": true })).await.expect(201);
    let camping = format!("/api/lists/{}", shared.json["list"]["id"].as_str().unwrap());
    all.get(&camping).await.expect(200);
    all.put(&camping, &json!({ "name": "Hiking" })).await.expect(200);
    assert_eq!(hers.get(&camping).await.expect(200).json["list"]["name"], "hiking");
    all.delete(&format!("{items}/{item}")).await.expect(200);
    all.delete(&format!("/api/lists/{gifts}")).await.expect(200);
    world.finish().await;
}

#[tokio::test]
async fn lists_are_kept_from_the_command_line() {
    let world = World::start().await;
    let cli = world.hub.cli();
    cli.run(&["list", "create", "shopping"]).await.expect(0);
    assert_eq!(
        cli.run(&["list", "add", "shop", "milk", "oat flakes"]).await.expect(0).out,
        "Added milk.\nAdded oat flakes.\n"
    );
    assert_eq!(cli.run(&["list", "check", "shopping", "oat"]).await.expect(0).out, "Checked off: oat flakes\n");
    assert_eq!(cli.run(&["list", "show", "shopping"]).await.expect(0).out, "[ ] milk\n");
    assert!(cli.run(&["list"]).await.expect(0).out.contains("everybody's"));
    cli.run(&["list", "remove", "shopping", "beer"]).await.expect(1);
    cli.run(&["list", "remove", "shopping", "milk"]).await.expect(0);
    cli.run(&["list", "delete", "shopping"]).await.expect(2);
    cli.run(&["list", "delete", "shopping", "--yes"]).await.expect(0);
    assert_eq!(cli.run(&["list", "--json"]).await.json()["lists"], json!([]));
    world.finish().await;
}
