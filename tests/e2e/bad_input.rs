//! Bad input: a clear answer to the person or a 4xx, never a panic, never a lost message.

use std::time::Duration;

use chrono_tz::Europe::Berlin;
use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use xswarm_tests::{
    api::Answer,
    hub::{Hub, PUBLIC_URL},
    signature,
    twilio::{FakeTwilio, OUR_NUMBER, TOKEN},
    world::{ADMIN, World},
};

const FORM: &str = "application/x-www-form-urlencoded";

async fn raw(hub: &Hub, media_type: Option<&str>, body: Vec<u8>, signature: Option<&str>) -> Answer {
    let url = format!("http://{}/sms/inbound", hub.status().listeners.public);
    let mut request = xswarm_tests::web::builder().build().unwrap().post(url).body(body);
    if let Some(media_type) = media_type {
        request = request.header("content-type", media_type);
    }
    if let Some(signature) = signature {
        request = request.header("x-twilio-signature", signature);
    }
    Answer::read(request.send().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn broken_webhooks_get_a_4xx() {
    let world = World::start().await;
    let hub = &world.hub;
    raw(hub, Some(FORM), b"%zz&&=%&\xff\xfe=\0".to_vec(), None).await.problem(403);
    raw(hub, Some(FORM), Vec::new(), None).await.problem(403);
    raw(hub, Some("application/json"), b"{}".to_vec(), None).await.problem(415);
    raw(hub, Some("multipart/form-data; boundary=x"), b"--x--".to_vec(), None).await.problem(415);
    raw(hub, None, b"MessageSid=1".to_vec(), None).await.problem(415);
    assert_eq!(raw(hub, Some(FORM), vec![b'a'; 1 << 20], None).await.status, 413);
    let many = (0..5_000).map(|n| format!("f{n}=1")).collect::<Vec<_>>().join("&");
    assert!([400, 403, 413].contains(&raw(hub, Some(FORM), many.into_bytes(), None).await.status.as_u16()));

    let public = hub.public();
    assert_eq!(public.get("/sms/inbound").await.status, 405);
    for path in ["/", "/api/status", "/sms/outbound", "/sms/inbound/", "/metrics", "/../etc/passwd"] {
        public.get(path).await.problem(404);
    }
    assert_eq!(public.get("/health").await.expect(200).json["status"], "ok");
    world.finish().await;
}

#[tokio::test]
async fn signed_webhooks_that_lack_something_get_a_400() {
    let world = World::start().await;
    let message = world.twilio.receive(ADMIN, "+14155550101", "x");
    let whole = FakeTwilio::inbound_form(&message);
    for missing in ["MessageSid", "From", "To"] {
        let form = whole.iter().filter(|(name, _)| name != missing).cloned().collect();
        let problem = world.post_signed("/sms/inbound", &form).await.problem(400);
        assert!(problem.detail.contains(missing), "{problem:?}");
        let form = whole
            .iter()
            .map(|(name, value)| (name.clone(), if name == missing { String::new() } else { value.clone() }));
        world.post_signed("/sms/inbound", &form.collect()).await.problem(400);
    }
    // Signed, but not text.
    let bytes = b"MessageSid=SM1&From=%2B14155550123&To=%2B14155550100&Body=%FF%FE%80";
    let url = format!("{PUBLIC_URL}/sms/inbound");
    let fields: [(&[u8], &[u8]); 4] =
        [(b"MessageSid", b"SM1"), (b"From", b"+14155550123"), (b"To", b"+14155550100"), (b"Body", b"\xff\xfe\x80")];
    let signed = signature::own_bytes(&url, &fields, TOKEN);
    raw(&world.hub, Some(FORM), bytes.to_vec(), Some(&signed)).await.problem(400);
    let rows = world.api().messages().await;
    assert!(rows.is_empty(), "{rows:#?}");
    world.finish().await;
}

/// What is said, and a word that a clear answer to it contains.
const SENTENCES: [(&str, &str); 9] = [
    ("", "empty"),
    ("   \n\t ", "empty"),
    ("Schedule lunch with Anna on February 30 at noon", "no such date"),
    ("Schedule lunch with Anna on 31/04 at noon", "no such date"),
    ("Schedule a meeting with John yesterday at 3pm", "past"),
    ("Schedule a meeting with John on January 15 2024 at 3pm", "past"),
    ("Schedule a meeting with John tomorrow from 5pm to 3pm", "ends before"),
    ("set a timer for 0 seconds", "imer"),
    ("remind me to call mom yesterday at noon", "past"),
];

#[tokio::test]
async fn impossible_wishes_are_explained() {
    let world = World::start().await;
    for (text, word) in SENTENCES {
        let (inbound, reply) = world.turn(ADMIN, text).await;
        assert!(reply.body.contains(word), "`{text}` was answered: {}", reply.body);
        world.hub.settle().await;
        assert_eq!(world.answers(&inbound).await.len(), 1, "`{text}`");
        // What was asked back is not what the next sentence is about.
        world.say(ADMIN, "never mind").await;
    }
    let counts = world.api().status().await.counts;
    assert_eq!((counts.appointments, counts.reminders), (0, 0), "something was done all the same");
    world.finish().await;
}

#[tokio::test]
async fn strange_texts_are_answered_within_the_limits() {
    let world = World::start().await;
    let texts = [
        "😀".repeat(1_600),
        "a".repeat(10_000),
        "\u{202e}\u{0}\u{7f}\u{feff}".to_owned(),
        "'; DROP TABLE users; --".to_owned(),
        "<script>alert(1)</script>".to_owned(),
        "schedule ".repeat(500),
        "tomorrow at 3pm ".repeat(300),
        "every day ".repeat(800),
        "1/1/1 ".repeat(1_000),
        "Schedule meeting with 𝕁𝕠𝕙𝕟 ŷ̧̛ tomorrow at 3pm".to_owned(),
    ];
    for text in &texts {
        let message = world.twilio.receive(ADMIN, OUR_NUMBER, text);
        world.deliver(&message).await;
        let inbound = world.recorded(&message).await;
        assert_eq!(&inbound.content, text);
        world.answer_to(&inbound).await;
    }
    assert_eq!(world.api().users().await.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn broken_requests_to_the_interface_get_a_4xx() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let api = hub.api();
    let user = api.admin().await.id;
    let nobody = "01890000-0000-7000-8000-000000000000";
    let posts = [
        ("/api/ask", "{", 400),
        ("/api/ask", "[]", 422),
        ("/api/ask", "{\"text\": 1}", 422),
        ("/api/ask", "{}", 422),
        ("/api/ask", "{\"text\": \"x\", \"extra\": 1}", 422),
        ("/api/users", "{\"name\": \"\"}", 422),
        ("/api/users", "{\"name\": \"Tom\", \"phone\": \"call me\"}", 422),
        ("/api/users", "{\"name\": \"Tom\", \"timezone\": \"Mars/Olympus\"}", 422),
        ("/api/keys", "{\"user_id\": \"x\", \"name\": \"k\"}", 422),
    ];
    for (path, body, status) in posts {
        let url = format!("http://localhost{path}");
        let client = xswarm_tests::web::builder().unix_socket(hub.socket()).build().unwrap();
        let request = client.request(Method::POST, url).header("content-type", "application/json").body(body);
        let answer = Answer::read(request.send().await.unwrap()).await.unwrap();
        assert!([400, 422].contains(&answer.status.as_u16()), "{path} {body}: {} {status}", answer.text);
        let status = answer.status.as_u16();
        answer.problem(status);
    }
    let unknown = serde_json::json!({ "user_id": nobody, "name": "k" });
    api.post("/api/keys", &unknown).await.problem(404);
    for path in [
        "/api/nothing",
        "/api/messages/x",
        "/api/users/1",
        &format!("/api/users/{nobody}"),
        &format!("/api/messages/{nobody}"),
    ] {
        let answer = api.get(path).await;
        assert!([400, 404].contains(&answer.status.as_u16()), "{path}: {}", answer.text);
    }
    for path in [
        "/api/agenda?from=yesterday",
        "/api/agenda?days=0",
        "/api/agenda?days=100000",
        "/api/jobs?state=x",
        "/api/messages?limit=x",
        "/api/reminders?status=x",
    ] {
        let answer = api.get(path).await;
        assert!([400, 422].contains(&answer.status.as_u16()), "{path}: {}", answer.text);
    }
    assert_eq!(api.admin().await.id, user);
    hub.finish(&[]).await;
}

#[tokio::test]
async fn a_head_without_end_is_cut() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let mut huge = TcpStream::connect(&hub.status().listeners.public).await.unwrap();
    huge.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    let header = format!("x-long: {}\r\n", "a".repeat(8_000));
    // The hub may hang up in the middle, which is just as well.
    for _ in 0..100 {
        if huge.write_all(header.as_bytes()).await.is_err() {
            break;
        }
    }
    let _ = huge.write_all(b"\r\n").await;
    let mut answer = Vec::new();
    let _ = huge.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert_eq!(hub.public().get("/health").await.status, 200);
    hub.finish(&[]).await;
}

#[tokio::test]
async fn slow_clients_do_not_keep_others_out() {
    let mut hub = Hub::builder().config("server", "connections_max", 4).build();
    hub.start().await;
    let mut slow = Vec::new();
    for head in ["", "P", "POST /sms/inbound HTTP/1.1\r\nhost:", "GET /health HTTP/1.1\r\n"] {
        let mut stream = TcpStream::connect(&hub.status().listeners.public).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    // The socket has its own places; the public listener has some again when it has cut those that say nothing.
    assert_eq!(hub.api().get("/health").await.status, 200);
    let public = hub.public();
    let answer = tokio::time::timeout(Duration::from_secs(45), public.get("/health"))
        .await
        .expect("the hub hangs up on the slow");
    assert_eq!(answer.status, 200);
    for stream in &mut slow {
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(45), stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "still open");
        let rest = String::from_utf8_lossy(&rest);
        assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 408"), "{rest}");
    }
    hub.finish(&[]).await;
}

#[tokio::test]
async fn an_unsigned_flood_changes_nothing() {
    let world = World::start().await;
    let today = world.api().status().await.now.with_timezone(&Berlin).date_naive();
    for n in 0..60 {
        let body =
            format!("MessageSid=SM{n}&From=%2B14155550123&To=%2B14155550100&Body=Schedule+lunch+tomorrow+at+noon");
        let answer = raw(&world.hub, Some(FORM), body.into_bytes(), Some("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")).await;
        assert!([403, 429].contains(&answer.status.as_u16()), "{}", answer.text);
    }
    assert!(world.api().agenda(today, 3).await.occurrences.is_empty());
    assert!(world.api().messages().await.is_empty());
    world.finish().await;
}

#[tokio::test]
async fn one_client_that_floods_does_not_use_up_the_patience_for_others() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let url = format!("http://{}/sms/inbound", hub.status().listeners.public);
    let client = xswarm_tests::web::builder().build().unwrap();
    // Behind the tunnel everybody comes from this machine; the tunnel says who it is.
    let post = async |address: &str| {
        let request = client.post(&url).header("content-type", FORM).header("cf-connecting-ip", address).body("a=1");
        request.send().await.unwrap().status().as_u16()
    };
    let mut last = 0;
    for _ in 0..80 {
        last = post("203.0.113.7").await;
    }
    assert_eq!(last, 429);
    assert_eq!(post("203.0.113.8").await, 403, "somebody else");
    // The addresses of one IPv6 network are one client.
    for n in 0..80 {
        last = post(&format!("2001:db8::{n:x}")).await;
    }
    assert_eq!(last, 429);
    assert_eq!(post("2001:db8:0:1::1").await, 403);
    hub.finish(&[]).await;
}
