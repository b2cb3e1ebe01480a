//! The client against a small server over real sockets.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Form, Json, Router,
    extract::{Path, RawQuery},
    http::{HeaderMap as Headers, StatusCode as Status, header::AUTHORIZATION},
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{
    io::AsyncReadExt,
    net::TcpListener,
    sync::{Mutex, Notify},
    task::JoinSet,
};

use reqwest::header::RETRY_AFTER;

use super::*;

const SID: &str = "AC0123456789abcdef0123456789abcdef";
const MESSAGES: &str = "/2010-04-01/Accounts/{sid}/Messages.json";

fn client(address: SocketAddr) -> Client {
    let config = TwilioConfig {
        account_sid: Some(SID.to_owned()),
        phone_number: None,
        api_base_url: format!("http://{address}"),
        sends_per_second: 1.0,
        catch_up: Duration::from_mins(10),
        timeout: Duration::from_secs(2),
    };
    Client::new(&config, SID, SecretString::from("token"))
}

fn sms() -> OutboundSms {
    OutboundSms {
        from: "+14155550100".to_owned(),
        to: "+14155550123".to_owned(),
        body: "Done: 1+1 = 2 😀".to_owned(),
        status_callback: Some("https://boss.example.com/sms/status?m=1".to_owned()),
    }
}

/// A server whose tasks end with it.
struct Fake {
    client: Client,
    _tasks: JoinSet<()>,
}

impl Fake {
    async fn new(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = client(listener.local_addr().unwrap());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { client, _tasks: tasks }
    }

    /// One that answers every sending the same way.
    async fn sending(status: u16, body: Value) -> SendResult {
        let status = Status::from_u16(status).unwrap();
        let router = Router::new().route(MESSAGES, post(async move || (status, [(RETRY_AFTER, "7")], Json(body))));
        Self::new(router).await.client.send(&sms()).await
    }
}

/// A server that reads one request and then does `then` with the connection.
async fn rude(then: impl AsyncFnOnce(tokio::net::TcpStream)) -> SendResult {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(listener.local_addr().unwrap());
    let serving = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = [0; 4096];
        assert!(stream.read(&mut bytes).await.unwrap() > 0);
        then(stream).await;
    };
    let sms = sms();
    let (result, ()) = tokio::join!(client.send(&sms), serving);
    result
}

#[tokio::test]
async fn a_text_is_sent_with_credentials_and_all_fields() {
    let seen = Arc::new(Mutex::new(None));
    let note = Arc::clone(&seen);
    let router = Router::new().route(
        MESSAGES,
        post(async move |Path(sid): Path<String>, headers: Headers, Form(form): Form<Vec<(String, String)>>| {
            let authorization = headers.get(AUTHORIZATION).unwrap().to_str().unwrap().to_owned();
            *note.lock().await = Some((sid, authorization, form));
            (Status::CREATED, Json(json!({ "sid": "SM1", "status": "queued", "num_segments": "1" })))
        }),
    );
    let result = Fake::new(router).await.client.send(&sms()).await;
    assert_eq!(result, SendResult::Accepted { sid: "SM1".into(), status: TwilioStatus::Queued });
    let (sid, authorization, form) = seen.lock().await.take().unwrap();
    assert_eq!(sid, SID);
    assert_eq!(authorization, "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjp0b2tlbg==");
    let expected = [
        ("To", "+14155550123"),
        ("From", "+14155550100"),
        ("Body", "Done: 1+1 = 2 😀"),
        ("StatusCallback", "https://boss.example.com/sms/status?m=1"),
    ];
    assert_eq!(form, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn a_call_is_asked_for_with_detection_in_the_background_or_before() {
    for machine_callback in [Some("https://boss.example.com/voice/machine?c=1".to_owned()), None] {
        let seen = Arc::new(Mutex::new(None));
        let note = Arc::clone(&seen);
        let router = Router::new().route(
            "/2010-04-01/Accounts/{sid}/Calls.json",
            post(async move |Form(form): Form<Vec<(String, String)>>| {
                *note.lock().await = Some(form);
                (Status::CREATED, Json(json!({ "sid": "CA1", "status": "queued" })))
            }),
        );
        let call = OutboundCall {
            from: "+14155550100".to_owned(),
            to: "+14155550123".to_owned(),
            answered: "https://boss.example.com/voice/answered?c=1".to_owned(),
            status_callback: "https://boss.example.com/voice/status?c=1".to_owned(),
            machine_callback: machine_callback.clone(),
            longest_s: 1_860,
        };
        let result = Fake::new(router).await.client.place(&call).await;
        assert!(matches!(result, SendResult::Accepted { sid, .. } if sid == "CA1"));
        let form = seen.lock().await.take().unwrap();
        let values = |name: &str| -> Vec<String> {
            form.iter().filter(|(found, _)| found == name).map(|(_, value)| value.clone()).collect()
        };
        assert_eq!(values("MachineDetection"), ["DetectMessageEnd"]);
        assert_eq!(values("StatusCallbackEvent"), ["initiated", "completed"]);
        assert_eq!(values("TimeLimit"), ["1860"]);
        assert_eq!(values("AsyncAmdStatusCallback"), Vec::from_iter(machine_callback));
        assert_eq!(values("AsyncAmd").len(), values("AsyncAmdStatusCallback").len());
    }
}

#[tokio::test]
async fn refusals_are_explained() {
    let body = json!({ "code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400 });
    let SendResult::Refused { code, message, explanation } = Fake::sending(400, body).await else { panic!() };
    assert_eq!((code, message.as_str()), (Some(21610), "Attempt to send to unsubscribed recipient"));
    assert!(explanation.unwrap().contains("STOP"));
    let SendResult::Refused { code, message, explanation } = Fake::sending(404, json!("?")).await else { panic!() };
    assert_eq!((code, message.as_str(), explanation), (None, "Twilio refused it (404 Not Found)", None));
}

#[tokio::test]
async fn too_many_requests_is_not_taken() {
    let result = Fake::sending(429, json!({ "code": 20429 })).await;
    let SendResult::NotTaken { retry_after, .. } = result else { panic!("{result:?}") };
    assert_eq!(retry_after, Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn a_refused_connection_is_not_taken() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let result = client(address).send(&sms()).await;
    assert!(matches!(result, SendResult::NotTaken { retry_after: None, .. }), "{result:?}");
}

#[tokio::test]
async fn server_errors_and_unreadable_answers_are_unclear() {
    for (status, body) in [
        (500, json!({})),
        (502, json!("bad gateway")),
        (503, json!({})),
        (201, json!({ "status": "x" })),
        (200, json!([])),
    ] {
        let result = Fake::sending(status, body).await;
        assert!(matches!(result, SendResult::Unclear { .. }), "{status}: {result:?}");
    }
    let garbage = Router::new().route(MESSAGES, post(async || (Status::CREATED, "{\"sid\": \"SM")));
    let result = Fake::new(garbage).await.client.send(&sms()).await;
    assert!(matches!(result, SendResult::Unclear { .. }), "{result:?}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let router =
        Router::new().route(MESSAGES, post(async || Redirect::temporary("http://127.0.0.1:1/").into_response()));
    let result = Fake::new(router).await.client.send(&sms()).await;
    assert!(matches!(result, SendResult::Unclear { .. }), "{result:?}");
}

#[tokio::test]
async fn a_connection_dropped_after_the_request_is_unclear() {
    let result = rude(async |stream| drop(stream)).await;
    assert!(matches!(result, SendResult::Unclear { .. }), "{result:?}");
}

#[tokio::test]
async fn an_answer_cut_short_is_unclear() {
    let result = rude(async |mut stream: tokio::net::TcpStream| {
        use tokio::io::AsyncWriteExt;
        stream.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"sid\":\"SM1\"").await.unwrap();
    })
    .await;
    assert!(matches!(result, SendResult::Unclear { .. }), "{result:?}");
}

#[tokio::test(start_paused = true)]
async fn no_answer_in_time_is_unclear() {
    let never = Arc::new(Notify::new());
    let router = Router::new().route(MESSAGES, post(async move || never.notified().await));
    let result = Fake::new(router).await.client.send(&sms()).await;
    assert_eq!(result, SendResult::Unclear { reason: "no answer in time".into() });
}

/// A request lost on a kept connection is not sent again: the server reads two requests on one connection and answers
/// only the first.
#[tokio::test]
async fn a_request_lost_on_a_kept_connection_is_not_repeated() {
    use tokio::io::AsyncWriteExt;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(listener.local_addr().unwrap());
    let serving = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = [0; 4096];
        assert!(stream.read(&mut bytes).await.unwrap() > 0);
        stream.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 13\r\n\r\n{\"sid\":\"SM1\"}").await.unwrap();
        assert!(stream.read(&mut bytes).await.unwrap() > 0);
        drop(stream);
        listener
    };
    let sms = sms();
    let sending = async { (client.send(&sms).await, client.send(&sms).await) };
    let ((first, second), listener) = tokio::join!(sending, serving);
    assert!(matches!(first, SendResult::Accepted { .. }), "{first:?}");
    assert!(matches!(second, SendResult::Unclear { .. }), "{second:?}");
    let another = listener.into_std().unwrap().accept();
    assert_eq!(another.unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "no second attempt");
}

fn message(sid: &str) -> Value {
    json!({ "sid": sid, "status": "received", "direction": "inbound", "from": "+14155550123", "to": "+14155550100",
            "body": "hi", "date_created": "Tue, 24 Nov 2026 02:00:00 +0000" })
}

#[tokio::test]
async fn lists_are_read_page_by_page() {
    let queries = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&queries);
    let router = Router::new().route(
        MESSAGES,
        get(async move |RawQuery(query): RawQuery| {
            let query = query.unwrap_or_default();
            let last = query.contains("Page=1");
            note.lock().await.push(query);
            let next = format!("/2010-04-01/Accounts/{SID}/Messages.json?PageSize=1000&Page=1&PageToken=PA1");
            let (sid, next) = if last { ("SM2", Value::Null) } else { ("SM1", json!(next)) };
            Json(json!({ "messages": [message(sid)], "next_page_uri": next }))
        }),
    );
    let filter = MessageFilter {
        from: None,
        to: Some("+14155550100".into()),
        sent_on_or_after: NaiveDate::from_ymd_opt(2026, 11, 23),
    };
    let messages = Fake::new(router).await.client.messages(&filter).await.unwrap();
    assert_eq!(messages.iter().map(|message| message.sid.as_str()).collect::<Vec<_>>(), ["SM1", "SM2"]);
    let queries = queries.lock().await;
    assert_eq!(queries[0], "PageSize=1000&To=%2B14155550100&DateSent%3E=2026-11-23");
    assert_eq!(queries[1], "PageSize=1000&Page=1&PageToken=PA1");
}

#[tokio::test]
async fn a_list_without_end_is_bounded_and_one_that_leads_elsewhere_is_refused() {
    let pages = Arc::new(Mutex::new(0));
    let count = Arc::clone(&pages);
    let endless = Router::new().route(
        MESSAGES,
        get(async move || {
            *count.lock().await += 1;
            Json(json!({ "messages": [message("SM1")], "next_page_uri": format!("/2010-04-01/Accounts/{SID}/Messages.json?Page=9") }))
        }),
    );
    let messages = Fake::new(endless).await.client.messages(&MessageFilter::default()).await.unwrap();
    assert_eq!((messages.len(), *pages.lock().await), (PAGES_MAX, PAGES_MAX));
    let astray = Router::new()
        .route(MESSAGES, get(async || Json(json!({ "messages": [], "next_page_uri": "https://evil.example/x" }))));
    assert!(Fake::new(astray).await.client.messages(&MessageFilter::default()).await.is_err());
}

#[tokio::test]
async fn numbers_are_found_and_their_webhooks_set() {
    let set = Arc::new(Mutex::new(Vec::new()));
    let note = Arc::clone(&set);
    let number = |phone: &str| json!({ "sid": "PN1", "phone_number": phone, "sms_url": "https://old.example/", "voice_url": "" });
    let (exact, longer) = (number("+14155550100"), number("+141555501009"));
    let updated = exact.clone();
    let router = Router::new()
        .route(
            "/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers.json",
            get(async move || Json(json!({ "incoming_phone_numbers": [exact, longer] }))),
        )
        .route(
            "/2010-04-01/Accounts/{sid}/{numbers}/PN1.json",
            post(async move |Form(form): Form<Vec<(String, String)>>| {
                *note.lock().await = form;
                Json(updated)
            }),
        );
    let fake = Fake::new(router).await;
    let owned = fake.client.incoming_numbers(&"+14155550100".parse().unwrap()).await.unwrap();
    assert_eq!(owned.len(), 1);
    assert_eq!(owned[0].webhooks.sms_url.as_deref(), Some("https://old.example/"));
    fake.client.set_webhooks(&owned[0].sid, &Webhooks::of_hub("https://boss.example.com", true)).await.unwrap();
    let expected = [
        ("SmsUrl", "https://boss.example.com/sms/inbound"),
        ("SmsMethod", "POST"),
        ("VoiceUrl", "https://boss.example.com/voice/inbound"),
        ("VoiceMethod", "POST"),
        ("StatusCallback", "https://boss.example.com/voice/status"),
        ("StatusCallbackMethod", "POST"),
    ];
    assert_eq!(*set.lock().await, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn wrong_credentials_are_denied_in_plain_words() {
    let router = Router::new().route(
        "/2010-04-01/Accounts/{file}",
        get(async || (Status::UNAUTHORIZED, Json(json!({ "code": 20003, "message": "Authenticate" })))),
    );
    let error = Fake::new(router).await.client.account().await.unwrap_err();
    assert_eq!(error.kind, crate::error::Kind::Denied);
    assert!(error.context.contains("twilio_auth_token"), "{error}");
}

#[test]
fn failures_name_no_telephone_number() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let filter = MessageFilter { to: Some("+14155550100".into()), ..MessageFilter::default() };
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = runtime.block_on(client(address).messages(&filter)).unwrap_err();
    assert!(!error.chain().contains("4155550100"), "{}", error.chain());
}
