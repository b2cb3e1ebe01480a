//! What SendGrid's events say about mails: genuine ones settle, forged ones do nothing, repeated ones do nothing twice.

use serde_json::{Value, json};
use xswarm_core::message::MessageStatus;
use xswarm_tests::sendgrid::{MailFault, Signer, Webhook};

use super::{ANNA, Post, row};

impl Post {
    /// Posts a webhook as it stands; the status of the answer.
    async fn webhook(&self, webhook: &Webhook) -> u16 {
        let url = format!("http://{}/email/events", self.hub.status().listeners.public);
        let client = xswarm_tests::web::builder().build().unwrap();
        let request = client
            .post(url)
            .header("content-type", "application/json")
            .header("x-twilio-email-event-webhook-signature", &webhook.signature)
            .header("x-twilio-email-event-webhook-timestamp", &webhook.timestamp)
            .body(webhook.body.clone());
        request.send().await.unwrap().status().as_u16()
    }

    fn now() -> i64 {
        xswarm_tests::clock::now().timestamp()
    }

    /// SendGrid tells these events.
    pub(super) async fn tell(&self, events: &[Value]) {
        assert_eq!(self.webhook(&self.sendgrid.signed(events, Self::now())).await, 204);
    }
}

#[tokio::test]
async fn events_settle_what_was_unclear() {
    let post = Post::start().await;
    post.sendgrid.next(MailFault::TakeThenHangUp);
    let id = post.send("Dinner is ready and hot").await;
    post.reaches(id, MessageStatus::Unknown).await;
    let taken = post.sendgrid.taken(&id.to_string()).unwrap();
    post.tell(&[post.sendgrid.event(&taken, "processed", &json!({}))]).await;
    let sent = row(&post.hub, id).await;
    assert_eq!((sent.status, sent.error_message), (MessageStatus::Sent, None));
    assert_eq!(sent.provider_id.as_deref(), Some(taken.id.as_str()));
    post.tell(&[post.sendgrid.event(&taken, "delivered", &json!({ "response": "250 OK" }))]).await;
    assert_eq!(row(&post.hub, id).await.status, MessageStatus::Delivered);
    post.finish().await;
}

#[tokio::test]
async fn events_out_of_order_or_repeated_only_move_forward() {
    let post = Post::start().await;
    let orders: [&[&str]; 4] = [
        &["processed", "deferred", "delivered"],
        &["delivered", "processed", "deferred"],
        &["delivered", "bounce", "dropped"],
        &["delivered", "delivered", "processed"],
    ];
    for order in orders {
        let id = post.send("Dinner is ready and hot").await;
        post.reaches(id, MessageStatus::Sent).await;
        let taken = post.sendgrid.taken(&id.to_string()).unwrap();
        let events: Vec<Value> = order.iter().map(|kind| post.sendgrid.event(&taken, kind, &json!({}))).collect();
        post.tell(&events).await;
        post.tell(&events).await;
        assert_eq!(row(&post.hub, id).await.status, MessageStatus::Delivered, "{order:?}");
    }
    post.finish().await;
}

#[tokio::test]
async fn a_bounce_fails_the_mail_with_its_reason() {
    let post = Post::start().await;
    for (kind, more, word) in [
        ("bounce", json!({ "type": "bounce", "reason": "550 5.1.1 no such user", "status": "5.1.1" }), "no such user"),
        ("bounce", json!({ "type": "blocked", "reason": "451 busy", "status": "4.0.0" }), "again later"),
        ("dropped", json!({ "reason": "Bounced Address" }), "Suppressions"),
    ] {
        let id = post.send("Dinner is ready and hot").await;
        post.reaches(id, MessageStatus::Sent).await;
        let taken = post.sendgrid.taken(&id.to_string()).unwrap();
        post.tell(&[post.sendgrid.event(&taken, kind, &more)]).await;
        let failed = row(&post.hub, id).await;
        assert_eq!(failed.status, MessageStatus::Failed);
        assert!(failed.error_message.as_deref().unwrap_or_default().contains(word), "{failed:?}");
    }
    let failed = post.hub.api().events().await.iter().filter(|event| event.event_type == "message_failed").count();
    assert_eq!(failed, 3);
    post.finish().await;
}

#[tokio::test]
async fn whoever_reports_spam_gets_no_more_until_they_ask_for_it() {
    let post = Post::start().await;
    let first = post.send("Dinner is ready and hot").await;
    post.reaches(first, MessageStatus::Sent).await;
    let taken = post.sendgrid.taken(&first.to_string()).unwrap();
    let report = post.sendgrid.event(&taken, "spamreport", &json!({}));
    post.tell(std::slice::from_ref(&report)).await;
    let second = post.reaches(post.send("Breakfast is ready too").await, MessageStatus::Failed).await;
    assert!(second.error_message.unwrap_or_default().contains("spam"));
    assert_eq!(post.sendgrid.requests(), 1, "SendGrid is not even asked");
    post.tell(&[post.sendgrid.event(&taken, "group_resubscribe", &json!({}))]).await;
    // The old report again: it was heard once, and what came after it counts.
    post.tell(&[report]).await;
    post.reaches(post.send("Supper is ready as well").await, MessageStatus::Sent).await;
    let changes = post.hub.api().events().await.iter().filter(|event| event.event_type == "opt_out_changed").count();
    assert_eq!(changes, 2);
    post.finish().await;
}

#[tokio::test]
async fn what_is_not_signed_by_sendgrid_changes_nothing() {
    let post = Post::start().await;
    let id = post.send("Dinner is ready and hot").await;
    post.reaches(id, MessageStatus::Sent).await;
    let taken = post.sendgrid.taken(&id.to_string()).unwrap();
    let events = [post.sendgrid.event(&taken, "bounce", &json!({}))];
    let good = post.sendgrid.signed(&events, Post::now());
    let other = |body: &[u8]| Webhook { body: body.to_vec(), ..good.clone() };
    for (what, webhook) in [
        ("somebody else's key", Signer::new().webhook(good.body.clone(), Post::now())),
        ("without a signature", Webhook { signature: String::new(), ..good.clone() }),
        ("another timestamp", Webhook { timestamp: (Post::now() - 1_000).to_string(), ..good.clone() }),
        ("another body", other(b"[]")),
        ("a changed line end", other(good.body.trim_ascii_end())),
        ("an old one", post.sendgrid.signed(&events, Post::now() - 26 * 3_600)),
        ("one of the future", post.sendgrid.signed(&events, Post::now() + 3_600)),
    ] {
        assert_eq!(post.webhook(&webhook).await, 403, "{what}");
    }
    assert_eq!(row(&post.hub, id).await.status, MessageStatus::Sent);
    for n in 0..40 {
        let status = post.webhook(&Webhook { signature: String::new(), ..good.clone() }).await;
        assert!([403, 429].contains(&status), "{n}: {status}");
    }
    assert_eq!(post.webhook(&Webhook { signature: String::new(), ..good.clone() }).await, 429);
    assert_eq!(post.webhook(&good).await, 204, "a genuine one is heard through the flood");
    assert_eq!(row(&post.hub, id).await.status, MessageStatus::Failed);
    post.finish().await;
}

#[tokio::test]
async fn a_batch_of_thousands_with_nonsense_in_it_is_taken_in() {
    let post = Post::start().await;
    let id = post.send("Dinner is ready and hot").await;
    post.reaches(id, MessageStatus::Sent).await;
    let taken = post.sendgrid.taken(&id.to_string()).unwrap();
    let mut events = vec![json!(null), json!({ "event": 7 }), json!({ "event": "invented", "sg_event_id": "x" })];
    events.extend((0..5_000).map(|n| {
        let more = json!({ "xswarm_message": "01890000-0000-7000-8000-000000000000.0", "padding": "x".repeat(300) });
        post.sendgrid.event(&taken, if n % 2 == 0 { "processed" } else { "open" }, &more)
    }));
    events.push(post.sendgrid.event(&taken, "delivered", &json!({})));
    post.tell(&events).await;
    assert_eq!(row(&post.hub, id).await.status, MessageStatus::Delivered);
    let bad = post.sendgrid.signed(&[], Post::now());
    assert_eq!(post.webhook(&bad).await, 204, "an empty batch");
    post.finish().await;
}

#[tokio::test]
async fn an_event_of_an_earlier_sending_does_not_speak_for_a_later_one() {
    let post = Post::start().await;
    post.sendgrid.next(MailFault::TakeThenHangUp);
    let id = post.send("Dinner is ready and hot").await;
    post.reaches(id, MessageStatus::Unknown).await;
    let first = post.sendgrid.taken(&id.to_string()).unwrap();
    post.hub.api().post(&format!("/api/messages/{id}/resend"), &()).await.expect(200);
    post.reaches(id, MessageStatus::Sent).await;
    post.tell(&[post.sendgrid.event(&first, "bounce", &json!({}))]).await;
    assert_eq!(row(&post.hub, id).await.status, MessageStatus::Sent);
    assert_eq!(first.to(), ANNA);
    post.finish().await;
}
