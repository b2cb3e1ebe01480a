//! Room devices are let in by a code that an admin passes on, and known by a token from then on.

use serde_json::json;
use xswarm_core::device::{Device, DeviceCode, OfferedDevice, PairedDevice};
use xswarm_tests::{
    api::Api,
    room::{self, Room},
    world::World,
};

/// What a device has before it is paired: an address.
fn lan(world: &World) -> Api {
    world.hub.lan(None)
}

async fn offered(world: &World, name: &str) -> OfferedDevice {
    let ada = world.api().admin().await.id;
    let answer = world.api().post("/api/devices", &json!({ "name": name, "user_ids": [ada] })).await.expect(201);
    serde_json::from_value(answer.json).unwrap()
}

/// What a device shows the hub of its code; the rest tells it which hub to trust.
fn secret(code: &str) -> String {
    code.parse::<DeviceCode>().unwrap().secret().to_owned()
}

#[tokio::test]
async fn a_device_is_paired_by_its_code_once_and_forgotten_for_good() {
    let world = World::start().await;
    let offer = offered(&world, "Kitchen").await;
    assert_eq!((offer.device.name.as_str(), offer.device.paired_at), ("Kitchen", None));
    // However it was written down; and without any key.
    let secret = secret(&offer.code);
    let written = format!("{} {}", &secret[..4], &secret[4..]).to_lowercase();
    let paired = lan(&world).post("/api/devices/pair", &json!({ "code": written })).await.expect(200);
    let paired: PairedDevice = serde_json::from_value(paired.json).unwrap();
    assert!(paired.device.paired_at.is_some() && paired.token.len() > 43, "{:?}", paired.device);
    let again = lan(&world).post("/api/devices/pair", &json!({ "code": secret })).await;
    assert!(again.problem(403).detail.contains("it was used"));
    let devices: Vec<Device> = world.api().get("/api/devices").await.expect(200).part("devices");
    assert_eq!(devices, std::slice::from_ref(&paired.device));
    let anew = offered(&world, "kitchen").await;
    assert_eq!(anew.device.id, paired.device.id, "the same device, to be paired anew");
    world.api().delete(&format!("/api/devices/{}", paired.device.id)).await.expect(200);
    let anew = self::secret(&anew.code);
    lan(&world).post("/api/devices/pair", &json!({ "code": anew })).await.problem(403);
    world.finish().await;
}

#[tokio::test]
async fn a_code_changes_nothing_until_it_is_used_and_then_the_former_device_is_put_out() {
    let world = World::start().await;
    let paired = room::paired(&world, "Kitchen").await;
    let kitchen = Room::connect(&world, &paired.token).await.unwrap();
    let guests = json!({ "name": "kitchen", "user_ids": [] });
    let offer: OfferedDevice =
        serde_json::from_value(world.api().post("/api/devices", &guests).await.expect(201).json).unwrap();
    assert_eq!((offer.device.id, offer.device.user_ids.len()), (paired.device.id, 0), "as it will be");
    let known = async || -> Vec<Device> { world.api().get("/api/devices").await.expect(200).part("devices") };
    assert_eq!(known().await[0].user_ids, paired.device.user_ids, "as it is");
    assert!(!kitchen.is_over());
    lan(&world).post("/api/devices/pair", &json!({ "code": secret(&offer.code) })).await.expect(200);
    assert!(known().await[0].user_ids.is_empty());
    kitchen.ends().await;
    assert_eq!(Room::connect(&world, &paired.token).await.err(), Some(401));
    world.finish().await;
}

#[tokio::test]
async fn only_admins_let_devices_in_and_each_serves_somebody() {
    let world = World::start().await;
    for (body, complaint) in [
        (json!({ "name": "", "user_ids": [] }), "/name"),
        (json!({ "name": "Hall", "user_ids": ["01a20b94-93bb-730b-bd09-184bd3245a9c"] }), "/user_ids/0"),
    ] {
        let refused = world.api().post("/api/devices", &body).await;
        assert!(refused.problem(400).detail.contains(complaint), "{complaint}");
    }
    world.finish().await;
}

#[tokio::test]
async fn the_command_line_pairs_lists_and_forgets_them() {
    let world = World::start().await;
    let cli = world.hub.cli();
    assert!(cli.run(&["device", "list"]).await.expect(0).out.contains("xswarm device pair NAME --for WHO"));
    let said = cli.run(&["device", "pair", "Living room", "--for", "zach"]).await.expect(0).out;
    let code = said.lines().next().unwrap();
    assert!(
        code.len() == 24 && said.contains(&format!("xswarm-room pair {} {code}", world.hub.status().listeners.secure)),
        "{said}"
    );
    let listed = cli.run(&["device", "list"]).await.expect(0).out;
    assert!(listed.contains("Living room") && listed.contains("waits for its code"), "{listed}");
    lan(&world).post("/api/devices/pair", &json!({ "code": secret(code) })).await.expect(200);
    assert!(cli.run(&["device", "list"]).await.expect(0).out.contains("not connected"));
    assert!(cli.run(&["device", "forget", "living"]).await.expect(0).out.contains("is forgotten"));
    cli.run(&["device", "forget", "living"]).await.expect(1);
    world.finish().await;
}
