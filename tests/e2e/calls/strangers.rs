//! Whoever reaches the public address without being the telephone company.

use futures_util::future::join_all;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message as Frame, client::IntoClientRequest as _},
};
use xswarm_tests::phone_line::{FromHub, PhoneLine};

use super::*;

#[tokio::test]
async fn what_a_stranger_sends_is_not_written_into_the_log() {
    let world = scripted(&[]).await;
    let address = &world.hub.status().listeners.public;
    let odd = "x\\n[2026-11-27T12:00:00Z ERROR xswarm_hub::hub] forged";
    for text in [format!("{{\"event\":\"{odd}\"}}"), format!("forged {}", "x".repeat(100_000))] {
        let mut line = PhoneLine::open(address).await;
        line.send_raw(Frame::Text(text.into())).await;
        assert_eq!(line.next().await, FromHub::Closed);
    }
    let log = world.hub.log();
    assert!(log.contains("a voice stream begins with what is not the media stream protocol"), "{log}");
    assert!(!log.contains("forged"), "{log}");
    world.finish().await;
}

#[tokio::test]
async fn streams_that_show_no_token_are_bounded_and_let_go() {
    let world = scripted(&[]).await;
    let address = &world.hub.status().listeners.public;
    let url = format!("ws://{address}/voice/stream");
    let knock = |from: String| {
        let mut request = url.as_str().into_client_request().unwrap();
        request.headers_mut().insert("cf-connecting-ip", from.parse().unwrap());
        connect_async(request)
    };
    let knocking = join_all((0..40).map(|_| knock("203.0.113.1".to_owned()))).await;
    let refused: Vec<_> = knocking.iter().filter_map(|one| one.as_ref().err()).map(ToString::to_string).collect();
    assert_eq!(refused.len(), 40 - 32, "{refused:?}");
    assert!(refused.iter().all(|why| why.contains("503")), "{refused:?}");
    // Who knocks from one place keeps nobody from elsewhere out.
    let (_, caller) = begun(&world).await;
    caller.listens(0).await;
    let others = join_all((0..300).map(|n| knock(format!("198.51.100.{n}", n = n % 250)))).await;
    assert_eq!(others.iter().filter(|one| one.is_ok()).count(), 256 - 32);
    drop((knocking, others));
    caller.hangs_up();
    assert_eq!(ended(&world, SID).await.0.ended_because, Some(CallEnd::HungUp));
    world.finish().await;
}

#[tokio::test]
async fn an_address_is_looked_at_once_the_signature_proved_good() {
    let world = scripted(&[]).await;
    let form: Form = [("CallSid", SID), ("From", ADMIN), ("To", OUR_NUMBER), ("CallStatus", "in-progress")]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for path in ["/voice/answered", "/voice/keys?c=x", "/voice/machine", "/voice/status?c=x", "/sms/status?m=x"] {
        let unsigned = world.post_form(path, &form, None).await.unwrap();
        assert_eq!(unsigned.status(), 403, "{path}");
    }
    for path in ["/voice/answered", "/voice/keys?c=x", "/voice/status?c=x"] {
        let told = world.post_signed(path, &form).await.expect(400);
        assert!(told.text.contains("the address: "), "{path}: {}", told.text);
    }
    world.finish().await;
}
