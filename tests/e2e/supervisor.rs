//! The supervisor socket: who may listen, what is said, and that nothing is lost, repeated or piled up.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message as Frame;
use xswarm_core::{
    admin::{CreatedKey, calendar::CalendarAppointment},
    id::UserId,
    supervisor::{HealthStatus, News},
};
use xswarm_tests::{
    supervisor::{Closed, Heard, Supervisor},
    wait::wait_for,
    world::{ADMIN, World},
};

const MIA: &str = "+14155550124";

async fn key_of(world: &World, user_id: UserId) -> CreatedKey {
    world.api().post("/api/keys", &json!({ "user_id": user_id, "name": "watch" })).await.expect(201).into()
}

/// A world, and a key of its admin.
async fn watched() -> (World, CreatedKey) {
    let world = World::start().await;
    let admin = world.api().admin().await.id;
    let key = key_of(&world, admin).await;
    (world, key)
}

async fn listen(world: &World, key: &str, query: &str) -> Supervisor {
    let address = &world.hub.status().listeners.supervisor;
    Supervisor::connect(address, Some(key), query).await.unwrap_or_else(|problem| panic!("{problem:?}"))
}

async fn book(world: &World, number: usize) {
    let day = chrono::NaiveDate::from_ymd_opt(2031, 1, 1).unwrap() + chrono::Days::new(number as u64);
    world.api().ask(&format!("Schedule meeting {number} on {day} at 3pm")).await;
}

fn title(news: &News) -> &str {
    let News::AppointmentCreated(Some(one)) = news else { panic!("{news:?}") };
    &one.title
}

#[tokio::test]
async fn what_happens_is_told_in_the_specified_format() {
    let (world, key) = watched().await;
    let admin = world.api().admin().await.id;
    let mut client = listen(&world, &key.key, "").await;
    let Heard::Frame(first) = client.hear().await else { panic!("no frame") };
    assert!(matches!(&first.news, News::SystemHealth(health) if health.status == HealthStatus::Ok), "{first:?}");

    world.say(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    let frame = client.fact().await;
    assert_eq!((title(&frame.news), frame.user_id), ("Meeting with John", Some(admin)));
    let News::AppointmentCreated(Some(told)) = frame.news else { panic!("{frame:?}") };
    let answered = world.api().get(&format!("/api/calendar/appointments/{}", told.id)).await.expect(200);
    assert_eq!(answered.part::<CalendarAppointment>("appointment"), *told, "the same shape as over REST");
    world.say(ADMIN, "Move the meeting with John to 5pm").await;
    assert!(matches!(client.fact().await.news, News::AppointmentChanged(Some(_))));
    world.say(ADMIN, "Cancel the meeting with John").await;
    world.say(ADMIN, "yes").await;
    assert!(matches!(client.fact().await.news, News::AppointmentCancelled(Some(_))));
    world.say(ADMIN, "Set a tea timer for 1 second").await;
    let frame = client.fact().await;
    assert!(matches!(&frame.news, News::ReminderDue(Some(due)) if due.text.starts_with("tea")), "{frame:?}");
    world.finish().await;
}

#[tokio::test]
async fn nobody_listens_without_a_key_and_a_revoked_one_ends_it() {
    let (world, key) = watched().await;
    let address = world.hub.status().listeners.supervisor.clone();
    let refused = async |key: Option<&str>, query: &str| {
        Supervisor::connect(&address, key, query).await.err().expect("the hub refuses").status
    };
    assert_eq!(refused(None, "").await, 401);
    assert_eq!(refused(Some("xsw_wrong"), "").await, 401);
    assert_eq!(refused(None, &format!("?key={}", key.key)).await, 401);
    assert_eq!(refused(Some(&key.key), "?after=x").await, 400);
    assert_eq!(refused(Some(&key.key), "?after=-1").await, 400);
    assert_eq!(refused(Some(&key.key), "?after=100000").await, 400);
    assert_eq!(refused(Some(&key.key), "elsewhere").await, 404);

    let client = listen(&world, &key.key, "").await;
    world.api().delete(&format!("/api/keys/{}", key.id)).await.expect(200);
    let closed = client.end().await;
    assert_eq!((closed.code, closed.reason.as_str()), (1008, "this API key is no longer good"));
    world.finish().await;
}

#[tokio::test]
async fn a_member_hears_their_own_and_an_admin_the_household() {
    let (world, key) = watched().await;
    let mia = world.add_member("Mia", MIA).await;
    let mias = key_of(&world, mia.id).await;
    let (mut all, mut hers) = (listen(&world, &key.key, "").await, listen(&world, &mias.key, "").await);
    world.say(ADMIN, "Schedule meeting with John tomorrow at 3pm").await;
    world.say(MIA, "Schedule ballet tomorrow at 5pm").await;
    assert_eq!(title(&all.fact().await.news), "Meeting with John");
    assert_eq!(title(&all.fact().await.news), "Ballet");
    let Heard::Frame(first) = hers.hear().await else { panic!("no frame") };
    assert_eq!((title(&first.news), first.user_id), ("Ballet", Some(mia.id)));
    world.api().delete(&format!("/api/users/{}", mia.id)).await.expect(200);
    assert_eq!(hers.end().await.code, 1008);
    world.finish().await;
}

#[tokio::test]
async fn a_client_resumes_over_kills_without_loss_or_repetition() {
    let (mut world, key) = watched().await;
    let mut heard = Vec::new();
    let mut after = 0;
    for round in 0..3 {
        // Some happens while the client is away, some while it listens.
        book(&world, round * 3).await;
        let query = if round == 1 { String::new() } else { format!("?after={after}") };
        let mut client = listen(&world, &key.key, &query).await;
        if round == 1 {
            client.say(Frame::text(json!({ "type": "resume", "data": { "after": after } }).to_string())).await;
        }
        book(&world, round * 3 + 1).await;
        for _ in 0..2 {
            let frame = client.fact().await;
            assert!(frame.sequence > Some(after));
            after = frame.sequence.unwrap();
            heard.push(title(&frame.news).to_owned());
        }
        book(&world, round * 3 + 2).await;
        world.hub.kill();
        // What was on its way when the hub died may have come or not; the place of the last frame tells.
        loop {
            match client.hear().await {
                Heard::Frame(frame) => {
                    after = frame.sequence.unwrap_or(after);
                    if frame.sequence.is_some() {
                        heard.push(title(&frame.news).to_owned());
                    }
                }
                Heard::Closed(closed) => {
                    assert_eq!(closed.code, 1006);
                    break;
                }
            }
        }
        world.hub.start().await;
        let mut client = listen(&world, &key.key, &format!("?after={after}")).await;
        while heard.len() < round * 3 + 3 {
            let frame = client.fact().await;
            after = frame.sequence.unwrap();
            heard.push(title(&frame.news).to_owned());
        }
    }
    let expected: Vec<String> = (0..9).map(|number| format!("Meeting {number}")).collect();
    assert_eq!(heard, expected);
    world.finish().await;
}

#[tokio::test]
async fn shutdown_and_wrong_words_are_told_with_a_reason() {
    let (mut world, key) = watched().await;
    for (said, code) in [
        (Frame::text("hello"), 1008),
        (Frame::text(r#"{"type":"resume","data":{"after":99999}}"#), 1008),
        (Frame::binary(vec![1, 2, 3]), 1003),
        (Frame::text("x".repeat(100_000)), 1009),
    ] {
        let mut client = listen(&world, &key.key, "").await;
        client.say(said).await;
        let Closed { code: found, reason } = client.end().await;
        assert_eq!(found, code, "{reason}");
        assert!(!reason.is_empty());
    }
    let client = listen(&world, &key.key, "").await;
    let (closed, ()) = tokio::join!(client.end(), world.hub.stop());
    assert_eq!(closed.code, 1001, "{closed:?}");
    world.hub.start().await;
    world.finish().await;
}

#[tokio::test]
async fn a_hundred_clients_hear_everything_in_order() {
    const CLIENTS: usize = 100;
    const FACTS: usize = 30;
    let (world, key) = watched().await;
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(listen(&world, &key.key, "").await);
    }
    let listening = clients.into_iter().map(async |mut client| {
        let mut last = 0;
        for number in 0..FACTS {
            let frame = client.fact().await;
            assert_eq!(title(&frame.news), format!("Meeting {number}"));
            assert!(frame.sequence > Some(last));
            last = frame.sequence.unwrap();
        }
    });
    let flood = async {
        for number in 0..FACTS {
            book(&world, number).await;
        }
    };
    tokio::join!(futures_util::future::join_all(listening), flood);
    world.finish().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_dropped_with_a_reason_and_others_go_on() {
    let world = World::start_with(|builder| builder.config("supervisor", "ping_s", 2)).await;
    let key = key_of(&world, world.api().admin().await.id).await;
    let deaf = listen(&world, &key.key, "").await;
    let mut other = listen(&world, &key.key, "").await;
    let dropped =
        wait_for("the deaf client to be dropped", async || world.hub.log().contains("too slow").then_some(()));
    tokio::select! {
        () = dropped => {}
        frame = other.fact() => panic!("nothing happened: {frame:?}"),
    }
    book(&world, 1).await;
    assert_eq!(title(&other.fact().await.news), "Meeting 1");
    let closed = deaf.end().await;
    assert_eq!(closed.code, 4008, "{closed:?}");
    assert!(closed.reason.starts_with("too slow: "), "{closed:?}");
    world.finish().await;
}

#[tokio::test]
async fn there_is_an_end_of_seats() {
    let world = World::start_with(|builder| builder.config("supervisor", "clients_max", 2)).await;
    let key = key_of(&world, world.api().admin().await.id).await;
    let address = world.hub.status().listeners.supervisor.clone();
    let first = listen(&world, &key.key, "").await;
    let _second = listen(&world, &key.key, "").await;
    let problem = Supervisor::connect(&address, Some(&key.key), "").await.err().expect("no seat");
    assert_eq!(problem.status, 503);
    drop(first);
    wait_for("a seat", async || Supervisor::connect(&address, Some(&key.key), "").await.ok()).await;
    world.finish().await;
}

#[tokio::test]
async fn the_command_line_follows_it_too() {
    let (world, _key) = watched().await;
    book(&world, 1).await;
    let shown = world.hub.cli().lines(&["watch", "--after", "0", "--json"], 2).await;
    assert!(shown.iter().any(|line| line.contains("\"type\":\"appointment_created\"")), "{shown:#?}");
    world.finish().await;
}
