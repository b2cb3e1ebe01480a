//! Killed at random instants while mails leave and SendGrid does not always answer: each leaves once at most, none is
//! lost, and what the ledger says is what SendGrid has.
//!
//! `XSWARM_KILLS` and `XSWARM_SEED` as in the crash test; a tenth of the kills, since a start costs more than a mail.

use std::{collections::HashMap, time::Duration};

use serde_json::json;
use xswarm_core::{
    id::MessageId,
    message::{Direction, Message, MessageStatus},
};
use xswarm_tests::{
    environment,
    hub::Hub,
    sendgrid::{FakeSendgrid, MailFault},
    wait::random_moment,
};

use super::{ANNA, Post};

/// Mails that are written between two kills.
const MAILS: usize = 4;

fn fault(random: &mut fastrand::Rng) -> Option<MailFault> {
    Some(match random.u32(0..12) {
        0 => MailFault::Answer { status: 429, retry_after_s: None },
        1 => MailFault::Answer { status: 500, retry_after_s: None },
        2 => MailFault::TakeThenAnswer { status: 502 },
        3 => MailFault::TakeThenHangUp,
        4 => MailFault::HangUp,
        _ => return None,
    })
}

/// What SendGrid tells about all it has, in any order, some of it twice.
async fn tell_everything(post: &Post, random: &mut fastrand::Rng) {
    let mut events = Vec::new();
    for mail in post.sendgrid.sent() {
        for kind in ["processed", "delivered"] {
            let event = post.sendgrid.event(&mail, kind, &json!({}));
            events.extend(std::iter::repeat_n(event, 1 + random.usize(0..2)));
        }
    }
    random.shuffle(&mut events);
    post.tell(&events).await;
}

#[tokio::test]
async fn no_mail_leaves_twice_or_is_lost_over_random_kills() {
    let (kills, seed) = (environment::kills().div_ceil(10), environment::seed());
    let mut random = fastrand::Rng::with_seed(seed);
    let sendgrid = FakeSendgrid::start().await;
    let mut hub = Hub::builder().sendgrid(&sendgrid).config("admin", "email", ANNA).build();
    let mut accepted: Vec<MessageId> = Vec::new();
    let mut n = 0;
    for _ in 0..kills {
        hub.start().await;
        let user = hub.api().admin().await.id;
        for _ in 0..MAILS {
            n += 1;
            if let Some(fault) = fault(&mut random) {
                sendgrid.next(fault);
            }
            let mail = json!({ "to": ANNA, "subject": "Item", "body": format!("This is mail number {n:06}."), "user_id": user });
            accepted.push(hub.api().post("/api/messages/email", &mail).await.expect(202).part::<Message>("message").id);
            random_moment(Duration::from_millis(random.u64(0..15))).await;
        }
        random_moment(Duration::from_millis(random.u64(0..60))).await;
        hub.kill();
    }
    sendgrid.with(|account| account.faults.clear());
    hub.start().await;
    hub.settle().await;
    let post = Post { hub, sendgrid };

    let reckon = async |told: bool| {
        let mut taken: HashMap<String, usize> = HashMap::new();
        for mail in post.sendgrid.sent() {
            *taken.entry(mail.row().expect("our id").to_owned()).or_default() += 1;
        }
        let rows: Vec<Message> =
            post.hub.api().get("/api/messages?channel=email&limit=1000").await.expect(200).part("messages");
        for id in accepted.iter().rev().take(1_000) {
            assert!(rows.iter().any(|row| row.id == *id), "seed {seed}: {id} was accepted and is lost");
        }
        for row in rows.iter().filter(|row| row.direction == Direction::Outbound) {
            let times = taken.remove(&row.id.to_string()).unwrap_or_default();
            let expected = if row.status == MessageStatus::Unknown {
                if told { 0..=0 } else { 0..=1 }
            } else {
                let settled = if told { MessageStatus::Delivered } else { MessageStatus::Sent };
                assert_eq!(row.status, settled, "seed {seed}: {}", row.id);
                1..=1
            };
            assert!(expected.contains(&times), "seed {seed}: {} is {} and left {times} times", row.id, row.status);
        }
        assert!(taken.is_empty() || accepted.len() > 1_000, "seed {seed}: sent without a row: {taken:?}");
    };
    reckon(false).await;
    // The events settle every doubt there was about what SendGrid has.
    tell_everything(&post, &mut random).await;
    reckon(true).await;
    post.finish().await;
}
