//! One conversation per person over all channels: asked by text, answered at the console or by mail; in order, and nothing
//! twice.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use xswarm_core::message::{Channel, Direction, Message, MessageStatus};
use xswarm_tests::{
    inbound_mail::{ANNA, BOSS, InboundMail, Signer, post_signed, taking_everything},
    wait::wait_for,
    world::{ADMIN, World},
};

/// What the Boss answered to a message, and the message as it is then.
async fn answered(world: &World, text: &str) -> (Message, Message) {
    let row = async || world.api().messages().await.into_iter().find(|row| row.content == text);
    let inbound = wait_for(&format!("`{text}` to be recorded"), row).await;
    let reply = wait_for("its answer", async || world.answers(&inbound).await.into_iter().next()).await;
    (world.recorded_again(&inbound).await, reply)
}

#[tokio::test]
async fn a_question_asked_by_text_is_answered_at_the_console_and_goes_back_that_way() {
    let world = World::start().await;
    let (first, _) = world.turn(ADMIN, "Schedule a meeting with John").await;
    let asked = world.answers(&first).await.remove(0);
    assert_eq!(asked.content, "When?");
    let booked = world.api().ask("tomorrow at 3pm").await;
    assert!(booked.starts_with("Booked: Meeting with John"), "{booked}");
    let (answer, reply) = answered(&world, "tomorrow at 3pm").await;
    assert_eq!((answer.channel, reply.channel), (Channel::Console, Channel::Console));
    assert_eq!(answer.in_reply_to, Some(asked.id), "it names the question it answers");
    // And the other way round.
    let question = world.api().ask("Cancel the meeting with John").await;
    assert!(question.contains("yes or no"), "{question}");
    let done = world.say(ADMIN, "yes").await;
    assert!(done.starts_with("Cancelled: Meeting with John"), "{done}");
    assert_eq!(world.api().status().await.counts.appointments, 0);
    world.finish().await;
}

#[tokio::test]
async fn a_question_asked_by_text_is_answered_by_mail() {
    let signer = Signer::default();
    let mut provider = tokio::task::JoinSet::new();
    let sendgrid = taking_everything(&mut provider).await;
    let world = World::start_with(|builder| {
        builder
            .config("sendgrid", "api_base_url", &sendgrid)
            .credential("sendgrid_api_key", Some("SG.key"))
            .config("admin", "email", ANNA)
            .config("mail", "provider", "sendgrid")
            .config("mail", "from", BOSS)
            .config("sendgrid", "inbound_public_key", signer.public_key())
    })
    .await;
    world.say(ADMIN, "Schedule a meeting with John").await;
    let mail = InboundMail::new("", "tomorrow at 3pm");
    post_signed(&world.hub, &signer, mail.parsed()).await.expect("the hub answers").expect(200);
    let (answer, reply) = answered(&world, "tomorrow at 3pm").await;
    assert_eq!((answer.channel, reply.channel), (Channel::Email, Channel::Email));
    assert!(reply.content.starts_with("Booked: Meeting with John"), "{}", reply.content);
    // A mail in the thread of another answer confirms nothing that was asked by text.
    world.say(ADMIN, "cancel the meeting with John").await;
    let elsewhere = InboundMail::answering(&reply, "yes");
    post_signed(&world.hub, &signer, elsewhere.parsed()).await.expect("the hub answers").expect(200);
    let (_, reply) = answered(&world, "yes").await;
    assert!(reply.content.contains("Nothing was changed"), "{}", reply.content);
    assert_eq!(world.api().status().await.counts.appointments, 1);
    world.finish().await;
}

#[tokio::test]
async fn two_channels_at_the_same_instant_are_answered_in_order_and_nothing_twice() {
    let mut world = World::start().await;
    let texts = join_all((0..12).map(async |n| {
        world.text(ADMIN, &format!("remind me to feed cat {n:02} tomorrow at 5pm")).await;
    }));
    let typed = join_all((0..12).map(async |n| {
        world.api().ask(&format!("remind me to walk dog {n:02} tomorrow at 5pm")).await;
    }));
    tokio::join!(texts, typed);
    world.hub.settle().await;
    world.hub.kill();
    world.hub.start().await;
    world.hub.settle().await;
    let rows = world.api().messages().await;
    let mut inbound: Vec<_> = rows.iter().filter(|row| row.direction == Direction::Inbound).collect();
    inbound.reverse();
    assert_eq!(inbound.len(), 24);
    assert!(inbound.iter().all(|row| row.status == MessageStatus::Processed), "{inbound:#?}");
    let conversations: BTreeSet<_> = inbound.iter().map(|row| row.conversation_id).collect();
    assert_eq!(conversations.len(), 1);
    // Each was answered once, and answered in the order in which they were taken in.
    let mut answers: Vec<_> = rows.iter().filter(|row| row.direction == Direction::Outbound).collect();
    answers.reverse();
    let order: Vec<_> = answers.iter().filter_map(|row| row.in_reply_to).collect();
    assert_eq!(order, inbound.iter().map(|row| row.id).collect::<Vec<_>>());
    let reminders: BTreeSet<_> = world.api().reminders("pending").await.into_iter().map(|one| one.text).collect();
    assert_eq!(reminders.len(), 24);
    world.finish().await;
}
