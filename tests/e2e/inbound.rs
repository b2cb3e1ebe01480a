//! The inbound webhook: only what is genuinely signed has an effect, and every message has it once.

use chrono_tz::Europe::Berlin;
use xswarm_core::message::{Direction, Message};
use xswarm_tests::{
    api::Answer,
    hub::PUBLIC_URL,
    signature::{self, Form},
    twilio::{FakeTwilio, OUR_NUMBER, SECOND_NUMBER, TOKEN},
    world::{ADMIN, World},
};

const INBOUND: &str = "/sms/inbound";
const NEW_TOKEN: &str = "ffeeddccbbaa99887766554433221100";

async fn inbound_rows(world: &World) -> Vec<Message> {
    let mut rows = world.api().messages().await;
    rows.retain(|row| row.direction == Direction::Inbound);
    rows
}

async fn posted(world: &World, path: &str, form: &Form, signature: Option<&str>) -> Answer {
    Answer::read(world.post_form(path, form, signature).await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_repeated_webhook_has_no_second_effect() {
    let mut world = World::start().await;
    let (inbound, _) = world.turn(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    let message = world.twilio.messages().into_iter().find(|one| one.from == ADMIN).unwrap();
    let again = || world.deliver(&message);
    for _ in 0..3 {
        again().await;
    }
    tokio::join!(again(), again(), again(), again());
    world.hub.restart().await;
    world.deliver(&message).await;
    world.hub.settle().await;

    assert_eq!(inbound_rows(&world).await.len(), 1);
    assert_eq!(world.answers(&inbound).await.len(), 1);
    assert_eq!(world.twilio.sent_to(ADMIN).len(), 1, "{:?}", world.twilio.bodies());
    let today = world.api().status().await.now.with_timezone(&Berlin).date_naive();
    assert_eq!(world.api().agenda(today, 3).await.occurrences.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn the_same_webhook_at_the_same_time_counts_once() {
    let world = World::start().await;
    for n in 0..10 {
        let message = world.twilio.receive(ADMIN, OUR_NUMBER, &format!("set a timer for {} minutes", n + 10));
        let again = || world.deliver(&message);
        tokio::join!(again(), again(), again(), again(), again());
    }
    world.hub.settle().await;
    assert_eq!(inbound_rows(&world).await.len(), 10);
    assert_eq!(world.api().reminders("pending").await.len(), 10);
    assert_eq!(world.twilio.sent_to(ADMIN).len(), 10);
    world.finish().await;
}

#[tokio::test]
async fn a_replay_does_not_work_after_the_text_was_deleted() {
    let mut world = World::start().await;
    let (_, reply) = world.turn(ADMIN, "set a timer for 90 minutes").await;
    world.callback(&reply, "delivered", None).await;
    world.hub.stop().await;
    let database = xswarm_tests::database::Database::open(&world.hub.state_dir());
    database.execute(
        "UPDATE communication_logs SET created_at = '2001-01-01T00:00:00.000Z', processed_at = '2001-01-01T00:00:00.000Z'",
        [],
    );
    database.execute("UPDATE jobs SET due_at = '2001-01-01T00:00:00.000Z' WHERE kind = 'sweep'", []);
    drop(database);
    world.hub.start().await;
    let gone = async || inbound_rows(&world).await.is_empty().then_some(());
    xswarm_tests::wait::wait_for("retention to delete the texts", gone).await;
    let message = world.twilio.messages().into_iter().find(|one| one.from == ADMIN).unwrap();
    world.deliver(&message).await;
    world.hub.settle().await;
    assert!(inbound_rows(&world).await.is_empty(), "a replayed message was taken for a new one");
    assert_eq!(world.api().reminders("pending").await.len(), 1, "the promise outlives the text it came from");
    world.finish().await;
}

#[tokio::test]
async fn only_a_genuine_signature_counts() {
    let world = World::start().await;
    let message = world.twilio.receive(ADMIN, SECOND_NUMBER, "Schedule meeting with John tomorrow at 3pm");
    let form = FakeTwilio::inbound_form(&message);
    let url = format!("{PUBLIC_URL}{INBOUND}");
    let good = signature::official(&url, &form, TOKEN);

    let mut tampered = form.clone();
    tampered.iter_mut().find(|(name, _)| name == "Body").unwrap().1.push('!');
    let mut added = form.clone();
    added.push(("Extra".to_owned(), "1".to_owned()));
    let forged = signature::official(&url, &form, NEW_TOKEN);
    let elsewhere = signature::official("https://evil.example.com/sms/inbound", &form, TOKEN);
    let cases: [(&str, &Form, Option<&str>); 8] = [
        ("no signature", &form, None),
        ("an empty one", &form, Some("")),
        ("one made with another token", &form, Some(&forged)),
        ("one for another address", &form, Some(&elsewhere)),
        ("another text", &tampered, Some(&good)),
        ("one more field", &added, Some(&good)),
        ("not base64", &form, Some("%%%")),
        ("too short", &form, Some("AAAA")),
    ];
    for (what, form, signature) in cases {
        let problem = posted(&world, INBOUND, form, signature).await.problem(403);
        assert!(!problem.detail.contains(TOKEN), "{what}");
    }
    // The signature is over the query as well.
    posted(&world, "/sms/inbound?x=1", &form, Some(&good)).await.problem(403);
    assert!(inbound_rows(&world).await.is_empty(), "something unsigned was recorded");
    assert!(world.twilio.sent().is_empty());
    world.finish().await;
}

#[tokio::test]
async fn the_query_belongs_to_what_is_signed() {
    let world = World::start().await;
    let message = world.twilio.receive(ADMIN, OUR_NUMBER, "What time is it?");
    world.post_signed("/sms/inbound?household=1&x=%20y", &FakeTwilio::inbound_form(&message)).await.expect(200);
    let inbound = world.recorded(&message).await;
    world.answer_to(&inbound).await;
    world.finish().await;
}

#[tokio::test]
async fn old_and_new_token_count_during_a_rotation() {
    let mut world = World::start().await;
    world.say(ADMIN, "What time is it?").await;
    world.hub.credential("twilio_auth_token", Some(NEW_TOKEN));
    world.hub.credential("twilio_auth_token_previous", Some(TOKEN));
    world.twilio.set_token(NEW_TOKEN);
    world.hub.reload().await;

    let url = format!("{PUBLIC_URL}{INBOUND}");
    for token in [TOKEN, NEW_TOKEN] {
        let message = world.twilio.receive(ADMIN, OUR_NUMBER, "What time is it?");
        let form = FakeTwilio::inbound_form(&message);
        posted(&world, INBOUND, &form, Some(&signature::official(&url, &form, token))).await.expect(200);
        let inbound = world.recorded(&message).await;
        world.answer_to(&inbound).await;
    }
    world.hub.credential("twilio_auth_token_previous", None);
    world.hub.reload().await;
    let message = world.twilio.receive(ADMIN, SECOND_NUMBER, "What time is it?");
    let form = FakeTwilio::inbound_form(&message);
    posted(&world, INBOUND, &form, Some(&signature::official(&url, &form, TOKEN))).await.problem(403);
    world.finish().await;
}

#[tokio::test]
async fn unsigned_traffic_is_limited_and_signed_never() {
    let world = World::start().await;
    let message = world.twilio.receive(ADMIN, SECOND_NUMBER, "spam");
    let form = FakeTwilio::inbound_form(&message);
    let mut statuses = std::collections::BTreeMap::new();
    for _ in 0..80 {
        let status = world.post_form(INBOUND, &form, None).await.unwrap().status().as_u16();
        *statuses.entry(status).or_insert(0) += 1;
    }
    assert_eq!(statuses.keys().copied().collect::<Vec<_>>(), [403, 429], "{statuses:?}");
    for n in 0..40 {
        world.text(ADMIN, &format!("remind me to do thing {n} in 3 hours")).await;
    }
    world.hub.settle().await;
    assert_eq!(world.api().reminders("pending").await.len(), 40);
    world.finish().await;
}

#[tokio::test]
async fn a_person_is_known_only_at_their_own_number_of_the_boss() {
    let world = World::start().await;
    let message = world.twilio.receive(ADMIN, SECOND_NUMBER, "Schedule meeting with John tomorrow at 3pm");
    world.deliver(&message).await;
    world.hub.settle().await;
    let today = world.api().status().await.now.with_timezone(&Berlin).date_naive();
    assert!(world.api().agenda(today, 3).await.occurrences.is_empty());
    assert_eq!(world.recorded(&message).await.user_id, None);
    assert!(world.twilio.sent_to(ADMIN).len() <= 1, "{:?}", world.twilio.bodies());
    world.finish().await;
}

#[tokio::test]
async fn a_picture_without_words_and_a_short_code_are_recorded() {
    let world = World::start().await;
    let picture = world.twilio.receive(ADMIN, OUR_NUMBER, "");
    let mut form = FakeTwilio::inbound_form(&picture);
    form.iter_mut().find(|(name, _)| name == "NumMedia").unwrap().1 = "1".to_owned();
    form.push(("MediaUrl0".to_owned(), "https://api.twilio.com/media/ME1".to_owned()));
    form.push(("MediaContentType0".to_owned(), "image/jpeg".to_owned()));
    world.post_signed(INBOUND, &form).await.expect(200);
    let inbound = world.recorded(&picture).await;
    world.answer_to(&inbound).await;

    let code = world.twilio.receive("72645", OUR_NUMBER, "Your code is 123456");
    world.deliver(&code).await;
    world.hub.settle().await;
    world.recorded(&code).await;
    assert_eq!(world.twilio.sent().len(), 1, "a short code is not answered: {:?}", world.twilio.bodies());
    world.finish().await;
}
