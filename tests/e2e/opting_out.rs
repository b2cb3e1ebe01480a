//! STOP, START and HELP: whoever does not want to be texted is not, until they say otherwise.

use xswarm_core::message::MessageStatus;
use xswarm_tests::{
    twilio::Endpoint,
    wait::wait_for,
    world::{ADMIN, World},
};

const MIA: &str = "+14155550124";

#[tokio::test]
async fn after_stop_nothing_is_sent_until_start() {
    let world = World::start().await;
    let mia = world.add_member("Mia", MIA).await;
    world.say(MIA, "What time is it?").await;
    world.text(MIA, "STOP").await;
    world.hub.settle().await;
    assert_eq!(world.twilio.sent_to(MIA).len(), 1, "STOP is not answered by us: {:?}", world.twilio.bodies());

    let sms = serde_json::json!({ "to": MIA, "message": "Dinner is ready", "user_id": mia.id });
    let id: String =
        world.api().post("/api/messages/sms", &sms).await.expect(202).json["message"]["id"].as_str().unwrap().into();
    let failed = async || Some(world.api().message(&id).await).filter(|row| row.status == MessageStatus::Failed);
    let row = wait_for("the text to be refused", failed).await;
    assert_eq!(row.error_code, Some(21_610));
    assert!(row.error_message.as_deref().is_some_and(|words| words.contains("STOP")), "{row:?}");
    assert_eq!(world.twilio.requests(Endpoint::Send), 1, "the provider need not be asked");

    world.text(MIA, "START").await;
    world.hub.settle().await;
    let reply = world.say(MIA, "What time is it?").await;
    assert!(reply.contains("It is"), "{reply}");
    world.finish().await;
}

#[tokio::test]
async fn stop_in_any_case_and_with_spaces() {
    let world = World::start().await;
    for (n, word) in ["stop", " Stop ", "STOPALL", "unsubscribe", "QUIT"].into_iter().enumerate() {
        let phone = format!("+1415555020{n}");
        world.add_member(&format!("Member{n}"), &phone).await;
        world.text(&phone, word).await;
        world.text(&phone, "What time is it?").await;
    }
    world.hub.settle().await;
    assert!(world.twilio.sent().is_empty(), "{:?}", world.twilio.bodies());
    world.finish().await;
}

#[tokio::test]
async fn the_word_stop_in_a_sentence_stops_nothing() {
    let world = World::start().await;
    world.say(ADMIN, "remind me to stop the oven in 3 hours").await;
    world.say(ADMIN, "What time is it?").await;
    world.finish().await;
}

#[tokio::test]
async fn help_is_answered_once() {
    let world = World::start().await;
    let help = world.say(ADMIN, "HELP").await;
    assert!(help.contains("calendar"), "{help}");
    world.hub.settle().await;
    assert_eq!(world.twilio.sent().len(), 1);
    world.finish().await;
}
