//! Contacts over the LAN and from the command line, vCards against Python's `vobject`, and a contact who texts.

use std::process::Command;

use reqwest::header;
use serde_json::{Value, json};
use xswarm_core::{admin::CreatedKey, id::UserId};
use xswarm_tests::{
    api::{Answer, Api},
    environment,
    world::{ADMIN, World},
};

const MIA: &str = "+14155550124";
const ANNA: &str = "+14155550177";

async fn lan(world: &World, user_id: UserId) -> Api {
    let key: CreatedKey =
        world.api().post("/api/keys", &json!({ "user_id": user_id, "name": "k" })).await.expect(201).into();
    world.hub.lan(Some(&key.key))
}

async fn imported(world: &World, file: impl Into<Vec<u8>>) -> Answer {
    let client = xswarm_tests::web::builder().unix_socket(world.hub.socket()).build().unwrap();
    let request = client.post("http://localhost/api/contacts/import").header(header::CONTENT_TYPE, "text/vcard");
    Answer::read(request.body(file.into()).send().await.unwrap()).await.unwrap()
}

/// What Python makes of a program that may read `argv[1]`.
fn python(program: &str, argument: &str) -> String {
    let python = environment::repository().join("tests/.venv/bin/python");
    let output = Command::new(python).args(["-c", program, argument]).output().expect("run `make test-deps`");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn contacts_are_kept_over_the_lan_each_person_their_own() {
    let world = World::start().await;
    let mia = world.add_member("Mia", MIA).await;
    let (all, hers) = (lan(&world, world.api().admin().await.id).await, lan(&world, mia.id).await);
    let anna = json!({ "name": "Anna Miller", "phones": ["(415) 555-0177"], "mails": ["Anna@Example.com"], "relation": "sister" });
    let made = all.post("/api/contacts", &json!({ "contact": anna })).await.expect(201);
    assert_eq!(made.json["contact"]["phones"][0], ANNA);
    let path = format!("/api/contacts/{}", made.json["contact"]["id"].as_str().unwrap());
    hers.get(&path).await.problem(404);
    hers.put(&path, &json!({ "name": "X" })).await.problem(404);
    hers.delete(&path).await.problem(404);
    hers.get(&format!("/api/contacts?user_id={}", world.api().admin().await.id)).await.problem(404);
    assert_eq!(hers.get("/api/contacts").await.expect(200).json["contacts"], json!([]));
    let nobodys = json!({ "contact": anna, "user_id": "e3e70682-c209-4cac-a29f-6fbed82c07cd" });
    all.post("/api/contacts", &nobodys).await.problem(404);
    for wrong in [
        json!({ "contact": { "name": "" } }),
        json!({ "contact": { "name": "x".repeat(101) } }),
        json!({ "contact": { "name": "A", "phones": ["call me"] } }),
        json!({ "contact": { "name": "A", "mails": ["nobody"] } }),
        json!({ "contact": { "name": "A", "notes": "x".repeat(5_000) } }),
    ] {
        all.post("/api/contacts", &wrong).await.problem(400);
    }
    let found = all.get("/api/contacts?q=my%20sister").await.expect(200);
    assert_eq!(found.json["contacts"][0]["name"], "Anna Miller");
    all.put(&path, &json!({ "name": "Anna Smith" })).await.expect(200);
    assert_eq!(all.get(&path).await.expect(200).json["contact"]["phones"], json!([]));
    all.delete(&path).await.expect(200);
    all.get(&path).await.problem(404);
    world.finish().await;
}

#[tokio::test]
async fn vcards_make_the_round_trip_through_another_library() {
    let world = World::start().await;
    let cli = world.hub.cli();
    let add = [
        "contact",
        "add",
        "Anna Müller, Dr.",
        "--phone",
        "+49 151 23456789",
        "--mail",
        "anna@example.com",
        "--nickname",
        "Annie",
        "--notes",
        "tea; no coffee",
    ];
    cli.run(&add).await.expect(0);
    cli.run(&["contact", "add", "John Smith", "--phone", ANNA, "--relation", "dentist"]).await.expect(0);
    let before = cli.run(&["contact", "list", "--json"]).await.json();
    let file = cli.run(&["contact", "export", "--format", "3.0"]).await.expect(0).out;
    // Parsed and written anew by vobject.
    let program =
        "import sys, vobject\nfor card in vobject.readComponents(sys.argv[1]):\n    sys.stdout.write(card.serialize())";
    let theirs = python(program, &file);
    for id in before["contacts"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()) {
        cli.run(&["contact", "remove", id, "--yes"]).await.expect(0);
    }
    let report: Value = imported(&world, theirs.clone()).await.expect(200).json;
    assert_eq!((report["imported"].as_u64(), report["skipped"].as_array().unwrap().len()), (Some(2), 0), "{report}");
    let after = cli.run(&["contact", "list", "--json"]).await.json();
    for (one, other) in before["contacts"].as_array().unwrap().iter().zip(after["contacts"].as_array().unwrap()) {
        for field in ["name", "nicknames", "phones", "mails", "relation", "notes"] {
            assert_eq!(one[field], other[field], "{field}");
        }
    }
    let again: Value = imported(&world, theirs).await.expect(200).json;
    assert_eq!((again["imported"].as_u64(), again["unchanged"].as_u64()), (Some(0), Some(2)), "{again}");
    let newer = cli.run(&["contact", "export"]).await.expect(0).out;
    assert_eq!(newer.matches("VERSION:4.0").count(), 2);
    assert_eq!(imported(&world, newer).await.expect(200).json["unchanged"].as_u64(), Some(2));
    world.finish().await;
}

#[tokio::test]
async fn files_that_are_no_vcards_change_nothing() {
    let world = World::start().await;
    for file in [b"".to_vec(), b"hello".to_vec(), vec![0; 1_000], b"BEGIN:VCARD\r\nEND:VCARD\r\n".to_vec()] {
        imported(&world, file).await.problem(400);
    }
    imported(&world, vec![b'x'; (5 << 20) + 1]).await.problem(413);
    imported(&world, vec![b'x'; 6 << 20]).await.problem(413);
    let said = world
        .hub
        .cli()
        .run_with(&["contact", "import", "-"], "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Eve\r\nPHOTO:x\r\nEND:VCARD\r\n", &[])
        .await;
    assert!(said.expect(0).out.starts_with("1 new, 0 updated, 0 unchanged, 0 left out.\n  PHOTO: "));
    world.finish().await;
}

#[tokio::test]
async fn a_contact_who_texts_is_answered_once_and_has_no_effect() {
    let world = World::start().await;
    world.hub.cli().run(&["contact", "add", "Anna", "--phone", ANNA]).await.expect(0);
    let (inbound, reply) = world.turn(ANNA, "Schedule meeting tomorrow at 3pm").await;
    assert!(reply.body.contains("only from the household itself") && !reply.body.contains("code"), "{}", reply.body);
    assert_eq!(inbound.user_id, None);
    let second = world.text(ANNA, "cancel everything").await;
    let second = world.recorded(&second).await;
    world.hub.settle().await;
    assert!(world.answers(&second).await.is_empty(), "once a day is enough");
    assert_eq!(world.api().get("/api/pairings").await.expect(200).json["pairings"], json!([]));
    assert_eq!(world.say(ADMIN, "what's on my calendar tomorrow").await.matches("Meeting").count(), 0);
    let shown = world.hub.cli().run(&["messages"]).await.expect(0).out;
    assert!(shown.contains("Anna (contact)"), "{shown}");
    world.finish().await;
}
