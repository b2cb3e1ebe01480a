//! TLS in the house: by whom the hub is vouched for, and who is kept out by whom.

use std::{io::Write, net::TcpStream, sync::Arc};

use rustls::{
    ClientConnection,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use xswarm_core::device::{DeviceCode, OfferedDevice, PairedDevice};
use xswarm_tests::{api::Api, web, world::World};

/// The authority, as whoever is to trust it gets it.
async fn authority(world: &World) -> String {
    let file = world.hub.lan(None).get("/authority.pem").await.expect(200);
    assert_eq!(file.media_type, "application/pem-certificate-chain");
    assert!(file.header("content-disposition").contains("attachment"));
    file.text
}

fn secure(world: &World, pem: &str) -> Api {
    Api::tls(&world.hub.status().listeners.secure, pem)
}

/// Whom the hub shows itself to be: its certificate and those of whoever vouches for it.
fn chain(world: &World, pem: &str) -> Vec<CertificateDer<'static>> {
    let name = ServerName::try_from("xswarm.local").unwrap();
    let mut client = ClientConnection::new(Arc::new(web::trust(Some(pem))), name).unwrap();
    let mut stream = TcpStream::connect(&world.hub.status().listeners.secure).unwrap();
    while client.is_handshaking() {
        client.complete_io(&mut stream).unwrap();
    }
    client.send_close_notify();
    client.write_tls(&mut stream).unwrap();
    stream.flush().unwrap();
    client.peer_certificates().unwrap().iter().map(|one| one.clone().into_owned()).collect()
}

#[tokio::test]
async fn whoever_trusts_the_authority_of_a_hub_is_served_by_that_hub_alone() {
    let (ours, theirs) = (World::start().await, World::start().await);
    let (pem, other) = (authority(&ours).await, authority(&theirs).await);
    assert_ne!(pem, other);
    secure(&ours, &pem).get("/health").await.expect(200);
    // What needs a key on the LAN needs one here.
    secure(&ours, &pem).get("/api/status").await.expect(401);
    for (world, pem) in [(&ours, &other), (&theirs, &pem)] {
        let refused = secure(world, pem).request::<Value>(reqwest::Method::GET, "/health", None).await.unwrap_err();
        assert!(format!("{refused:?}").contains("UnknownIssuer"), "{refused:?}");
    }
    ours.finish().await;
    theirs.finish().await;
}

#[tokio::test]
async fn the_authority_is_shown_to_be_compared_and_outlives_a_restart() {
    let mut world = World::start().await;
    let pem = authority(&world).await;
    let digest = Sha256::digest(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap());
    let fingerprint = digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":");
    let cli = world.hub.cli();
    let said = cli.run(&["authority", "show"]).await.expect(0).out;
    assert!(said.contains(&fingerprint) && said.contains("1 January 2045"), "{said}");
    assert_eq!(cli.run(&["authority", "show", "--pem"]).await.expect(0).out.trim(), pem.trim());
    let page = world.hub.lan(None).get("/").await.expect(200).text;
    assert!(page.contains(&fingerprint) && page.contains("/authority.pem"), "{page}");
    let listens = world.hub.status().listeners.secure.clone();
    assert!(cli.run(&["status"]).await.expect(0).out.contains(&format!("secure {listens}")));
    world.hub.restart().await;
    assert_eq!(authority(&world).await, pem);
    secure(&world, &pem).get("/health").await.expect(200);
    world.finish().await;
}

#[tokio::test]
async fn peers_that_never_speak_keep_nobody_out() {
    let silent = 50;
    let world = World::start_with(|hub| hub.config("server", "connections_max", silent + 1)).await;
    let pem = authority(&world).await;
    let address = world.hub.status().listeners.secure.clone();
    let mut peers = Vec::new();
    for _ in 0..silent {
        peers.push(tokio::net::TcpStream::connect(&address).await.unwrap());
    }
    secure(&world, &pem).get("/health").await.expect(200);
    drop(peers);
    world.finish().await;
}

#[tokio::test]
async fn whoever_speaks_no_tls_is_sent_away() {
    let world = World::start().await;
    let pem = authority(&world).await;
    let mut stream = tokio::net::TcpStream::connect(&world.hub.status().listeners.secure).await.unwrap();
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: xswarm.local\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    // It may end with a reset, for not all that was sent was read.
    let _ = stream.read_to_end(&mut answer).await;
    // Nothing, or an alert of TLS (RFC 8446 §6): a record of type 21.
    assert!(answer.first().is_none_or(|kind| *kind == 21), "{answer:?}");
    secure(&world, &pem).get("/health").await.expect(200);
    world.finish().await;
}

#[tokio::test]
async fn a_device_finds_the_hub_of_its_code_and_is_paired_by_tls() {
    let (world, other) = (World::start().await, World::start().await);
    let ada = world.api().admin().await.id;
    let offered = world.api().post("/api/devices", &json!({ "name": "Kitchen", "user_ids": [ada] })).await.expect(201);
    let offered: OfferedDevice = serde_json::from_value(offered.json).unwrap();
    let code: DeviceCode = offered.code.parse().unwrap();
    let (ours, theirs) = (authority(&world).await, authority(&other).await);
    let (shown, elsewhere) = (chain(&world, &ours), chain(&other, &theirs));
    assert_eq!((shown.len(), elsewhere.len()), (2, 2), "each shows its authority too");
    assert!(code.trusts(&shown[1]) && !code.trusts(&elsewhere[1]));
    assert_eq!(shown[1], CertificateDer::from_pem_slice(ours.as_bytes()).unwrap());
    let paired = secure(&world, &ours).post("/api/devices/pair", &json!({ "code": code.secret() })).await.expect(200);
    let paired: PairedDevice = serde_json::from_value(paired.json).unwrap();
    assert_eq!(paired.device.id, offered.device.id);
    world.finish().await;
    other.finish().await;
}
