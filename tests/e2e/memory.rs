//! Memory by text, over the LAN and from the command line: each person's own, over a restart, and gone when forgotten.

use rusqlite::types::Value;
use serde_json::json;
use xswarm_core::{admin::CreatedKey, id::UserId};
use xswarm_tests::{
    api::Api,
    database::Database,
    world::{ADMIN, World},
};

const MIA: &str = "+14155550124";

async fn lan(world: &World, user_id: UserId) -> Api {
    let key: CreatedKey =
        world.api().post("/api/keys", &json!({ "user_id": user_id, "name": "k" })).await.expect(201).into();
    world.hub.lan(Some(&key.key))
}

/// The columns of all tables, the shadow tables of indexes included, in which these letters stand.
fn places(database: &Database, word: &str) -> Vec<String> {
    let mut found = Vec::new();
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0";
    for table in database.query(tables, [], |row| row.get::<_, String>(0)) {
        let columns = format!("SELECT name FROM pragma_table_xinfo('{table}')");
        for column in database.query(&columns, [], |row| row.get::<_, String>(0)) {
            let values = database.query(&format!("SELECT \"{column}\" FROM \"{table}\""), [], |row| row.get(0));
            let has = |value: &Value| match value {
                Value::Text(text) => text.to_lowercase().contains(word),
                Value::Blob(bytes) => bytes.windows(word.len()).any(|window| window == word.as_bytes()),
                Value::Null | Value::Integer(_) | Value::Real(_) => false,
            };
            if values.iter().any(has) {
                found.push(format!("{table}.{column}"));
            }
        }
    }
    found
}

#[tokio::test]
async fn what_is_told_outlives_a_kill_and_what_is_forgotten_is_gone() {
    let mut world = World::start().await;
    world.add_member("Mia", MIA).await;
    assert_eq!(
        world.say(ADMIN, "remember that my xylophone is at Huber's").await,
        "I'll remember: my xylophone is at Huber's."
    );
    world.hub.kill();
    world.hub.start().await;
    let known = world.say(ADMIN, "what do you know about my xylophone?").await;
    assert!(known.starts_with("You told me on ") && known.ends_with(": my xylophone is at Huber's."), "{known}");
    let hers = world.say(MIA, "what do you know about the xylophone?").await;
    assert!(hers.starts_with("You have not told me anything"), "{hers}");
    let found = world.say(MIA, "search my messages for Huber").await;
    assert!(found.starts_with("I find nothing"), "{found}");

    let asked = world.say(ADMIN, "forget what I told you about my xylophone").await;
    assert_eq!(
        asked,
        "Forget \"my xylophone is at Huber's\" for good, and empty the messages in which we spoke of it? (yes or no)"
    );
    assert!(world.say(ADMIN, "yes").await.starts_with("Forgotten for good"));
    world.hub.settle().await;
    world.hub.stop().await;
    let database = Database::open(&world.hub.state_dir());
    // What is left is what has not all of its telling words, and the index of that.
    let left = places(&database, "xylophone");
    assert!(
        left.iter().all(|place| place.starts_with("communication_logs.") || place == "message_words_data.block"),
        "{left:?}"
    );
    assert!(!left.is_empty());
    // Retention takes that too.
    database.execute("UPDATE communication_logs SET created_at = '2001-01-01T00:00:00.000Z'", []);
    database.execute("UPDATE jobs SET due_at = '2001-01-01T00:00:00.000Z' WHERE kind = 'sweep'", []);
    drop(database);
    world.hub.start().await;
    world.hub.settle().await;
    world.hub.stop().await;
    let database = Database::open(&world.hub.state_dir());
    assert_eq!(database.count("SELECT count(*) FROM communication_logs"), 0);
    assert_eq!(places(&database, "xylophone"), Vec::<String>::new());
    drop(database);
    world.hub.start().await;
    world.finish().await;
}

#[tokio::test]
async fn memory_is_private_even_from_an_admin() {
    let world = World::start().await;
    let mia = world.add_member("Mia", MIA).await;
    let (admins, hers) = (lan(&world, world.api().admin().await.id).await, lan(&world, mia.id).await);
    let added = hers.post("/api/memory", &json!({ "text": "my diary is in the shed" })).await.expect(201);
    let path = format!("/api/memory/{}", added.json["memory"]["id"].as_str().unwrap());
    assert_eq!(added.json["memory"]["source"], "own");
    hers.get(&path).await.expect(200);
    hers.post("/api/memory", &json!({ "text": "My diary is in the shed." })).await.problem(409);
    for wrong in [json!({ "text": " " }), json!({ "text": "x".repeat(501) }), json!({ "text": "x", "source": "own" })] {
        hers.post("/api/memory", &wrong).await.problem(400);
    }
    for api in [&admins, world.api()] {
        api.get(&path).await.problem(404);
        api.delete(&path).await.problem(404);
        assert_eq!(api.get("/api/memory").await.expect(200).json["memories"], json!([]));
        assert_eq!(api.get("/api/memory/search?q=diary").await.expect(200).json["hits"], json!([]));
        assert_eq!(api.get("/api/memory/export").await.expect(200).json["memories"], json!([]));
    }
    let hits = hers.get("/api/memory/search?q=diar").await.expect(200).json;
    assert_eq!(hits["hits"][0]["snippet"], "my diary is in the shed");
    hers.get("/api/memory/search?q=x&limit=101").await.problem(400);
    let exported = hers.get("/api/memory/export").await.expect(200).json;
    assert_eq!(
        (exported["user_id"].as_str(), exported["summaries"].clone()),
        (Some(mia.id.to_string().as_str()), json!([]))
    );
    hers.delete(&path).await.expect(200);
    hers.delete(&path).await.problem(404);
    world.finish().await;
}

#[tokio::test]
async fn summaries_are_seen_corrected_and_deleted_by_whose_they_are() {
    let mut world = World::start().await;
    let mia = world.add_member("Mia", MIA).await;
    world.hub.stop().await;
    let insert =
        "INSERT INTO summaries (id, user_id, text, sources, from_at, until_at, made_by, created_at, updated_at)
                  VALUES (?1, ?2, 'spoke of the roof', '[\"own\",\"quoted\"]', ?3, ?3, 'model', ?3, ?3)";
    let ids = ["019abcde-0000-7000-8000-000000000001", "019abcde-0001-7000-8000-000000000002"];
    let admin = "SELECT id FROM users WHERE role = 'admin'";
    let database = Database::open(&world.hub.state_dir());
    let admin: String = database.query(admin, [], |row| row.get(0)).pop().unwrap();
    for (id, user) in [(ids[0], admin), (ids[1], mia.id.to_string())] {
        assert_eq!(database.execute(insert, [id, &user, "2026-01-01T00:00:00.000Z"]), 1);
    }
    drop(database);
    world.hub.start().await;
    let cli = world.hub.cli();
    let listed = cli.run(&["memory", "summaries"]).await.expect(0).out;
    assert!(listed.contains("019abcde-0000") && listed.contains("    spoke of the roof"), "{listed}");
    assert!(!listed.contains("019abcde-0001"), "{listed}");
    cli.run(&["memory", "correct", ids[1], "mine"]).await.expect(1);
    cli.run(&["memory", "correct", "019abcde", "we spoke", "of the garden"]).await.expect(0);
    let summary = &cli.run(&["memory", "summaries", "--json"]).await.json()["summaries"][0];
    assert_eq!((&summary["text"], &summary["made_by"]), (&json!("we spoke of the garden"), &json!("person")));
    assert_eq!(summary["sources"], json!(["own", "quoted"]));
    cli.run(&["memory", "correct", "019abcde", "--delete"]).await.expect(0);
    assert_eq!(cli.run(&["memory", "summaries", "--json"]).await.json()["summaries"], json!([]));
    let hers = lan(&world, mia.id).await;
    assert_eq!(hers.get("/api/summaries").await.expect(200).json["summaries"][0]["text"], "spoke of the roof");
    world.finish().await;
}

#[tokio::test]
async fn memory_is_kept_from_the_command_line() {
    let world = World::start().await;
    let cli = world.hub.cli();
    assert!(cli.run(&["memory", "list"]).await.expect(0).out.starts_with("Nothing is remembered."));
    let added = cli.run(&["memory", "add", "the spare key", "is under the mat"]).await.expect(0);
    assert_eq!(added.out, "Remembered: the spare key is under the mat\n");
    world.say(ADMIN, "remember that the boiler was bought from Huber").await;
    let listed = cli.run(&["memory", "list"]).await.expect(0).out;
    assert!(listed.contains("the spare key is under the mat") && listed.contains("Huber"), "{listed}");
    let all = cli.run(&["memory", "list", "--json"]).await.json();
    let [key, boiler] = [0, 1].map(|n| all["memories"][n]["id"].as_str().unwrap().to_owned());
    assert!(cli.run(&["memory", "show", &key]).await.expect(0).out.contains("under the mat"));
    let found = cli.run(&["memory", "search", "boil", "hub"]).await.expect(0).out;
    assert!(found.contains("memory") && found.contains("sms") && found.contains("the Boss's"), "{found}");
    assert!(cli.run(&["memory", "search", "\"*"]).await.expect(0).out.starts_with("Nothing was found."));
    let exported: serde_json::Value =
        serde_json::from_str(&cli.run(&["memory", "export"]).await.expect(0).out).unwrap();
    assert_eq!(exported["memories"].as_array().unwrap().len(), 2);
    cli.run(&["memory", "forget", &boiler]).await.expect(2);
    cli.run(&["memory", "forget", &boiler, "--yes"]).await.expect(0);
    cli.run(&["memory", "forget", &boiler, "--yes"]).await.expect(1);
    assert_eq!(cli.run(&["memory", "list", "--json"]).await.json()["memories"].as_array().unwrap().len(), 1);
    world.finish().await;
}
