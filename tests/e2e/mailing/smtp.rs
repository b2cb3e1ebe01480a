//! Through a real mail server: what its replies mean, and what a broken conversation means at which step.

use xswarm_core::{mail, message::MessageStatus};
use xswarm_tests::{
    hub::{Builder, Hub},
    mail_server::{MailServer, PASSWORD, USER},
    wait::wait_for,
    world::MAIL_FROM,
};

use super::{ANNA, reaches, row, send, send_to};

async fn start(server: &MailServer, configure: impl FnOnce(Builder) -> Builder) -> Hub {
    let mut hub = configure(Hub::builder().mail_server(server).config("admin", "email", ANNA)).build();
    hub.start().await;
    hub
}

async fn finish(hub: Hub) {
    hub.finish(&[ANNA.to_owned(), PASSWORD.to_owned()]).await;
}

#[tokio::test]
async fn a_mail_reaches_the_server_once_with_our_id() {
    let server = MailServer::start(true);
    let hub =
        start(&server, |builder| builder.config("smtp", "username", USER).credential("smtp_password", Some(PASSWORD)))
            .await;
    let id = send(&hub, "Dinner is at seven.\n.\nGrüße").await;
    let sent = reaches(&hub, id, MessageStatus::Sent).await;
    let received = server.wait_received("Dinner is at seven").await;
    let our_id = mail::message_id(id, &MAIL_FROM.parse().unwrap());
    assert_eq!(received.header("Message-ID").as_deref(), Some(our_id.as_str()));
    assert_eq!(sent.provider_id.as_deref(), Some(our_id.as_str()));
    assert_eq!(received.to, ANNA);
    assert!(received.header("Date").is_some() && received.header("MIME-Version").is_some());
    assert_eq!(server.received().len(), 1);
    finish(hub).await;
}

#[tokio::test]
async fn a_wrong_password_is_told_and_not_tried_again() {
    let server = MailServer::start(true);
    let hub = start(&server, |builder| {
        builder.config("smtp", "username", USER).credential("smtp_password", Some("something else"))
    })
    .await;
    let failed = reaches(&hub, send(&hub, "Dinner is ready and hot").await, MessageStatus::Failed).await;
    assert!(failed.error_message.as_deref().unwrap_or_default().contains("smtp_password"), "{failed:?}");
    assert!(server.received().is_empty());
    finish(hub).await;
}

#[tokio::test]
async fn a_refusal_is_final_and_greylisting_is_not() {
    let mut server = MailServer::start(false);
    let hub = start(&server, |builder| builder).await;
    for (fault, word) in [("refuse", "no such user"), ("reject", "spam")] {
        server.next(fault);
        let failed = reaches(&hub, send(&hub, "Dinner is ready and hot").await, MessageStatus::Failed).await;
        assert!(failed.error_message.as_deref().unwrap_or_default().contains(word), "{failed:?}");
    }
    assert!(server.received().is_empty());
    server.next("later");
    let id = send(&hub, "Come again for this one").await;
    reaches(&hub, id, MessageStatus::Sent).await;
    server.wait_received("Come again for this one").await;
    assert_eq!(server.received().len(), 1);
    finish(hub).await;
}

#[tokio::test]
async fn a_greylisted_mail_holds_up_no_other() {
    let mut server = MailServer::start(false);
    let hub = start(&server, |builder| builder).await;
    server.next("greylist slow@example.org");
    let slow = send_to(&hub, "slow@example.org", "This one has to wait").await;
    let tried = async || {
        let job = hub.api().jobs("ready").await.into_iter().find(|job| job.kind == "deliver")?;
        (job.attempts >= 1 && job.last_error.is_some()).then_some(())
    };
    wait_for("the greylisted mail to be tried", tried).await;
    let quick = send(&hub, "This one overtakes it").await;
    reaches(&hub, quick, MessageStatus::Sent).await;
    assert_eq!(server.received().len(), 1, "the one that was greylisted is still held up");
    server.next("welcome slow@example.org");
    reaches(&hub, slow, MessageStatus::Sent).await;
    finish(hub).await;
}

#[tokio::test]
async fn a_conversation_that_breaks_before_the_data_is_had_again() {
    let mut server = MailServer::start(false);
    let hub = start(&server, |builder| builder).await;
    server.next("break");
    let id = send(&hub, "Dinner is ready and hot").await;
    reaches(&hub, id, MessageStatus::Sent).await;
    server.wait_received("Dinner is ready and hot").await;
    assert_eq!(server.received().len(), 1);
    finish(hub).await;
}

#[tokio::test]
async fn a_server_that_falls_silent_after_the_data_is_not_written_to_again() {
    let mut server = MailServer::start(false);
    let mut hub = start(&server, |builder| builder).await;
    server.next("drop");
    let id = send(&hub, "This one was taken").await;
    reaches(&hub, id, MessageStatus::Unknown).await;
    hub.settle().await;
    hub.restart().await;
    hub.settle().await;
    assert_eq!(row(&hub, id).await.status, MessageStatus::Unknown);
    assert_eq!(server.received().len(), 1, "it was written twice");
    // A person decides.
    hub.api().post(&format!("/api/messages/{id}/resend"), &()).await.expect(200);
    reaches(&hub, id, MessageStatus::Sent).await;
    assert_eq!(server.received().len(), 2);
    finish(hub).await;
}
