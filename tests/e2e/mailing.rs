//! Mail going out: through SendGrid and through a mail server, when they answer as they should and when they do not.

mod confirming;
mod events;
mod killing;
mod smtp;

use xswarm_core::{
    id::MessageId,
    message::{Message, MessageStatus},
};
use xswarm_tests::{
    hub::{Builder, Hub},
    sendgrid::{FakeSendgrid, MailFault},
    wait::wait_for,
};

/// Whom mails go to.
const ANNA: &str = "anna@example.org";

/// A hub and the post.
struct Post {
    hub: Hub,
    sendgrid: FakeSendgrid,
}

impl Post {
    async fn start() -> Self {
        Self::start_with(|builder| builder).await
    }

    async fn start_with(configure: impl FnOnce(Builder) -> Builder) -> Self {
        let sendgrid = FakeSendgrid::start().await;
        let mut hub = configure(Hub::builder().sendgrid(&sendgrid).config("admin", "email", ANNA)).build();
        hub.start().await;
        Self { hub, sendgrid }
    }

    async fn send(&self, text: &str) -> MessageId {
        send(&self.hub, text).await
    }

    async fn reaches(&self, id: MessageId, status: MessageStatus) -> Message {
        reaches(&self.hub, id, status).await
    }

    async fn finish(self) {
        let mut private = vec![ANNA.to_owned(), xswarm_tests::sendgrid::KEY.to_owned()];
        private.extend(self.sendgrid.sent().iter().map(|one| one.content("text/plain").to_owned()));
        self.hub.finish(&private).await;
        assert_eq!(self.sendgrid.take_violations(), Vec::<String>::new(), "requests that SendGrid would not accept");
    }
}

/// Has a mail sent to Anna; the hub's row.
async fn send(hub: &Hub, text: &str) -> MessageId {
    send_to(hub, ANNA, text).await
}

async fn send_to(hub: &Hub, to: &str, text: &str) -> MessageId {
    let mail = serde_json::json!({
        "to": to, "subject": "From the household", "body": text, "user_id": hub.api().admin().await.id
    });
    hub.api().post("/api/messages/email", &mail).await.expect(202).part::<Message>("message").id
}

async fn row(hub: &Hub, id: MessageId) -> Message {
    hub.api().message(&id.to_string()).await
}

async fn reaches(hub: &Hub, id: MessageId, status: MessageStatus) -> Message {
    let there = async || Some(row(hub, id).await).filter(|row| row.status == status);
    wait_for(format!("the mail to be {status}"), there).await
}

#[tokio::test]
async fn a_mail_leaves_with_its_thread_and_both_alternatives() {
    let post = Post::start().await;
    let mail = serde_json::json!({
        "to": ANNA, "subject": "Grüße – 3 o’clock", "body": "Dinner is at seven tonight.", "html": "<p>Dinner</p>",
        "user_id": post.hub.api().admin().await.id,
    });
    let message: Message = post.hub.api().post("/email/outbound", &mail).await.expect(202).part("message");
    let sent = post.reaches(message.id, MessageStatus::Sent).await;
    let taken = post.sendgrid.taken(&message.id.to_string()).unwrap();
    assert_eq!(sent.provider_id.as_deref(), Some(taken.id.as_str()));
    assert_eq!((taken.to(), taken.subject()), (ANNA, "Grüße – 3 o’clock"));
    assert_eq!(taken.content("text/plain"), "Dinner is at seven tonight.");
    assert_eq!(taken.content("text/html"), "<p>Dinner</p>");
    let id = taken.request["headers"]["Message-ID"].as_str().unwrap();
    assert_eq!(xswarm_core::mail::row_of_message_id(id), Some(message.id));
    post.finish().await;
}

#[tokio::test]
async fn what_cannot_be_sent_as_it_stands_is_refused_and_nothing_is_sent() {
    let post = Post::start().await;
    let user = post.hub.api().admin().await.id;
    let good = serde_json::json!({ "to": ANNA, "subject": "Hi", "body": "Hello there.", "user_id": user });
    let many: Vec<String> = (0..1_000).map(|n| format!("a{n}@example.org")).collect();
    for (name, value, word) in [
        ("subject", serde_json::json!("Hi\r\nBcc: all@example.org"), "one line"),
        ("to", serde_json::json!("anna@example.org\r\nBcc: all@example.org"), "not a mail address"),
        ("to", serde_json::json!(many), "at most 20 recipients"),
        ("body", serde_json::json!("x".repeat(150_000)), "100 KB"),
        ("user_id", serde_json::json!("01890000-0000-7000-8000-000000000000"), "no such person"),
    ] {
        let mut bad = good.clone();
        bad[name] = value;
        let answer = post.hub.api().post("/api/messages/email", &bad).await;
        let status = answer.status;
        let problem = answer.problem(if name == "user_id" { 404 } else { 400 });
        assert!(problem.detail.contains(word), "{name}: {status} {}", problem.detail);
    }
    post.hub.settle().await;
    assert_eq!(post.sendgrid.requests(), 0);
    assert!(post.hub.api().messages().await.is_empty(), "something was recorded");
    post.finish().await;
}

#[tokio::test]
async fn the_same_request_again_sends_nothing_again() {
    let post = Post::start().await;
    let mail = serde_json::json!({
        "to": [ANNA, "bob@example.org"], "subject": "Hi", "body": "Dinner is ready.", "client_id": "once",
        "user_id": post.hub.api().admin().await.id,
    });
    let first: Vec<Message> = post.hub.api().post("/api/messages/email", &mail).await.expect(202).part("messages");
    let again: Vec<Message> = post.hub.api().post("/api/messages/email", &mail).await.expect(202).part("messages");
    let ids = |messages: &[Message]| messages.iter().map(|message| message.id).collect::<Vec<_>>();
    assert_eq!(ids(&first), ids(&again));
    for message in &first {
        post.reaches(message.id, MessageStatus::Sent).await;
    }
    assert_eq!(post.sendgrid.sent().len(), 2, "each recipient has a mail of their own");
    post.finish().await;
}

#[tokio::test]
async fn a_member_mails_in_their_own_name_only() {
    let post = Post::start().await;
    let admin = post.hub.api().admin().await.id;
    let new = serde_json::json!({ "name": "Bob" });
    let bob: xswarm_core::user::User = post.hub.api().post("/api/users", &new).await.expect(201).part("user");
    let key = serde_json::json!({ "user_id": bob.id, "name": "test" });
    let key: String = post.hub.api().post("/api/keys", &key).await.expect(201).part("key");
    let lan = post.hub.lan(Some(&key));
    let mail = |user| serde_json::json!({ "to": ANNA, "subject": "Hi", "body": "Dinner is ready.", "user_id": user });
    lan.post("/email/outbound", &mail(admin)).await.problem(404);
    let message: Message = lan.post("/email/outbound", &mail(bob.id)).await.expect(202).part("message");
    post.hub.lan(None).post("/email/outbound", &mail(bob.id)).await.problem(401);
    post.hub.public().post("/email/outbound", &mail(bob.id)).await.problem(404);
    post.reaches(message.id, MessageStatus::Sent).await;
    post.finish().await;
}

#[tokio::test]
async fn what_was_refused_for_now_is_tried_again() {
    let post = Post::start().await;
    post.sendgrid.next(MailFault::Answer { status: 429, retry_after_s: Some(1) });
    post.sendgrid.next(MailFault::Answer { status: 429, retry_after_s: None });
    let begin = std::time::Instant::now();
    let id = post.send("Dinner is ready and hot").await;
    post.reaches(id, MessageStatus::Sent).await;
    assert!(post.sendgrid.taken(&id.to_string()).is_some());
    assert_eq!(post.sendgrid.requests(), 3);
    assert!(begin.elapsed().as_secs_f64() >= 1.0, "Retry-After was not heeded");
    post.finish().await;
}

#[tokio::test]
async fn what_is_refused_for_good_is_recorded_with_what_to_do() {
    let post = Post::start().await;
    for (status, word) in [(401, "API Keys"), (403, "Sender Authentication"), (413, "30 MB"), (400, "as it stands")] {
        post.sendgrid.next(MailFault::Answer { status, retry_after_s: None });
        let id = post.send("Dinner is ready and hot").await;
        let row = post.reaches(id, MessageStatus::Failed).await;
        assert_eq!(row.error_code, Some(status.into()));
        assert!(row.error_message.as_deref().unwrap_or_default().contains(word), "{row:?}");
    }
    post.hub.settle().await;
    assert_eq!(post.sendgrid.requests(), 4, "something refused for good was tried again");
    post.sendgrid.with(|account| account.verified.clear());
    let row = post.reaches(post.send("Dinner is ready and hot").await, MessageStatus::Failed).await;
    assert!(row.error_message.unwrap_or_default().contains("verified Sender Identity"));
    post.finish().await;
}

#[tokio::test]
async fn an_unclear_end_is_never_repeated() {
    let post = Post::start_with(|builder| builder.config("sendgrid", "timeout_s", 1)).await;
    let faults = [
        MailFault::Answer { status: 500, retry_after_s: None },
        MailFault::Answer { status: 503, retry_after_s: Some(1) },
        MailFault::TakeThenAnswer { status: 502 },
        MailFault::HangUp,
        MailFault::TakeThenHangUp,
        MailFault::TakeThenHold,
    ];
    let mut ids = Vec::new();
    for fault in &faults {
        post.sendgrid.next(fault.clone());
        let id = post.send("Dinner is ready and hot").await;
        let row = post.reaches(id, MessageStatus::Unknown).await;
        assert!(row.error_message.is_some(), "{fault:?}: {row:?}");
        ids.push(id);
    }
    post.sendgrid.release();
    post.hub.settle().await;
    assert_eq!(post.sendgrid.requests(), faults.len(), "something was sent again");
    assert_eq!(post.hub.api().status().await.counts.messages_unknown, 6);
    // A person decides.
    post.hub.api().post(&format!("/api/messages/{}/resend", ids[0]), &()).await.expect(200);
    post.reaches(ids[0], MessageStatus::Sent).await;
    assert!(post.sendgrid.taken(&ids[0].to_string()).is_some());
    post.finish().await;
}

#[tokio::test]
async fn where_sendgrid_can_be_asked_it_is() {
    let post = Post::start().await;
    post.sendgrid.with(|account| account.activity = true);
    post.sendgrid.next(MailFault::TakeThenHangUp);
    let id = post.send("Dinner is ready and hot").await;
    post.reaches(id, MessageStatus::Unknown).await;
    let row = post.reaches(id, MessageStatus::Sent).await;
    let taken = post.sendgrid.taken(&id.to_string()).unwrap();
    assert_eq!((row.provider_id, row.error_message), (Some(taken.id), None));
    post.finish().await;
}

#[tokio::test]
async fn a_hub_killed_while_sending_does_not_send_again() {
    let mut post = Post::start().await;
    post.sendgrid.next(MailFault::TakeThenHold);
    let id = post.send("This one is taken already").await;
    wait_for("SendGrid to take it", async || post.sendgrid.taken(&id.to_string())).await;
    post.hub.kill();
    post.sendgrid.release();
    post.hub.start().await;
    post.reaches(id, MessageStatus::Unknown).await;
    post.hub.settle().await;
    assert!(post.sendgrid.taken(&id.to_string()).is_some());
    assert_eq!(post.sendgrid.requests(), 1);
    post.finish().await;
}

#[tokio::test]
async fn doctor_says_whether_mail_works() {
    let post = Post::start().await;
    let outcome = async |name: &str| {
        let checks: Vec<xswarm_core::admin::Check> = post.hub.api().get("/api/doctor").await.expect(200).part("checks");
        let check = checks.into_iter().find(|check| check.name == name);
        check.map_or("absent", |check| check.outcome.as_str())
    };
    for name in ["SendGrid key", "mail sender", "mail events"] {
        assert_eq!(outcome(name).await, "ok", "{name}");
    }
    post.sendgrid.with(|account| account.verified.clear());
    assert_eq!(outcome("mail sender").await, "failed");
    post.sendgrid.with(|account| account.scopes.clear());
    assert_eq!(outcome("SendGrid key").await, "failed");
    post.finish().await;
}
