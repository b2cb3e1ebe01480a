//! Pairing: the right hub, and everything that can be wrong.

use chrono::{DateTime, Utc};
use hyper::StatusCode;
use serde_json::json;
use tokio::net::TcpListener;
use xswarm_core::{
    device::{Device, PairedDevice},
    id::DeviceId,
};
use xswarm_room::pairing::Pairing;

use crate::{
    fake_hub::{FakeHub, Identity, TOKEN},
    home::{Home, mode},
};

const HUB: &str = "xswarm.local";

fn paired() -> serde_json::Value {
    let now: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
    let device = Device {
        id: DeviceId::new(now),
        name: "kitchen".to_owned(),
        user_ids: Vec::new(),
        created_at: now,
        paired_at: Some(now),
        last_seen_at: None,
        health: None,
    };
    serde_json::to_value(PairedDevice { device, token: TOKEN.to_owned() }).unwrap()
}

#[tokio::test]
async fn a_device_is_paired_with_the_hub_of_its_code_and_keeps_that_to_itself() {
    let (home, identity) = (Home::humming(1), Identity::new(HUB, 2_020));
    let hub = FakeHub::start(&identity).await;
    let (address, code) = (hub.address().to_string(), identity.code().to_string());
    let arguments = ["pair", &address, &code];
    let (words, (path, body)) = tokio::join!(home.asks(&arguments), hub.answer_pairing(StatusCode::OK, paired()));
    assert_eq!((path.as_str(), body), ("/api/devices/pair", json!({ "code": "ABCD2345" }).to_string()));
    assert!(words.contains("kitchen"), "{words}");
    let kept = Pairing::load(&home.state_dir()).unwrap().unwrap();
    assert_eq!((kept.token.as_str(), kept.address.to_string()), (TOKEN, address));
    assert_eq!(mode(&home.file("pairing.json")), 0o600);
    // From now on only this authority is believed.
    let (connected, _secured) = tokio::join!(kept.connect(&kept.address), hub.secured());
    assert!(connected.is_ok());
    let address = hub.address();
    drop(hub);
    let another = FakeHub::at(&Identity::new(HUB, 2_020), address).await;
    let (connected, _broken) = tokio::join!(kept.connect(&kept.address), another.secured());
    assert!(connected.is_err());
}

/// What the device says when it is paired with this hub, which answers a pairing where it gets that far.
async fn refusal(hub: &FakeHub, code: &str, answer: Option<StatusCode>) -> String {
    let home = Home::humming(1);
    let address = hub.address().to_string();
    let arguments = ["pair", &address, code];
    let (output, ()) = tokio::join!(home.does(&arguments), async {
        match answer {
            Some(status) => {
                hub.answer_pairing(status, json!({ "error": "no" })).await;
            }
            None => assert!(hub.secured().await.is_err(), "the device has to break it off"),
        }
    });
    assert!(!output.status.success());
    assert!(!home.file("pairing.json").exists());
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn whoever_the_code_does_not_name_is_told_nothing() {
    let (identity, another) = (Identity::new(HUB, 2_020), Identity::new(HUB, 2_020));
    let words = refusal(&FakeHub::start(&another).await, &identity.code().to_string(), None).await;
    assert!(words.contains("somebody else answers"), "{words}");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_in_order() {
    let identity = Identity::new("elsewhere.local", 2_020);
    let words = refusal(&FakeHub::start(&identity).await, &identity.code().to_string(), None).await;
    assert!(words.contains("not in order"), "{words}");
}

#[tokio::test]
async fn a_certificate_of_the_future_is_a_wrong_clock() {
    let identity = Identity::new(HUB, 3_000);
    let words = refusal(&FakeHub::start(&identity).await, &identity.code().to_string(), None).await;
    assert!(words.contains("set the clock"), "{words}");
}

#[tokio::test]
async fn a_code_that_was_used_and_other_answers_are_told_apart() {
    let identity = Identity::new(HUB, 2_020);
    let (hub, code) = (FakeHub::start(&identity).await, identity.code().to_string());
    let words = refusal(&hub, &code, Some(StatusCode::NOT_FOUND)).await;
    assert!(words.contains("used already"), "{words}");
    let words = refusal(&hub, &code, Some(StatusCode::TOO_MANY_REQUESTS)).await;
    assert!(words.contains("429"), "{words}");
}

#[tokio::test]
async fn where_nothing_answers_it_is_said_what_to_look_at() {
    let (home, identity) = (Home::humming(1), Identity::new(HUB, 2_020));
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = nobody.local_addr().unwrap().to_string();
    drop(nobody);
    let output = home.does(&["pair", &address, &identity.code().to_string()]).await;
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("nothing answers") && words.contains("is the hub on"), "{words}");
    let output = home.does(&["run"]).await;
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("not paired yet"), "{words}");
}
