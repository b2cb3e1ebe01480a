//! What a service manager sees: readiness, the end, a reload, and that an orderly end loses nothing.

use std::{
    net::TcpListener,
    os::{fd::AsRawFd as _, unix::net::UnixDatagram},
};

use xswarm_tests::{
    api::Api,
    hub::Hub,
    twilio::{Endpoint, Fault, OUR_NUMBER},
    wait::wait_for,
    world::{ADMIN, World},
};

/// Everything said so far to systemd.
fn heard(socket: &UnixDatagram) -> String {
    let mut all = String::new();
    let mut buffer = [0; 4_096];
    while let Ok(length) = socket.recv(&mut buffer) {
        all.push_str(&String::from_utf8_lossy(&buffer[..length]));
        all.push('\n');
    }
    all
}

#[tokio::test]
async fn systemd_is_told() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_nonblocking(true).unwrap();
    let mut hub = Hub::builder()
        .environment("NOTIFY_SOCKET", path.to_str().unwrap())
        .environment("WATCHDOG_USEC", "300000")
        // systemd says whose watchdog it is; here the process says so of itself.
        .wrapper(&["sh", "-c", "WATCHDOG_PID=$$ exec \"$@\"", "sh"])
        .build();
    hub.start().await;
    let mut all = String::new();
    wait_for("READY and a sign of life", async || {
        all.push_str(&heard(&socket));
        (all.contains("READY=1") && all.contains("WATCHDOG=1")).then_some(())
    })
    .await;
    hub.reload().await;
    wait_for("RELOADING and READY", async || {
        all.push_str(&heard(&socket));
        let reloading = all.find("RELOADING=1")?;
        all[reloading..].contains("READY=1").then_some(())
    })
    .await;
    hub.stop().await;
    all.push_str(&heard(&socket));
    assert!(all.contains("STOPPING=1"), "{all}");
    hub.finish(&[]).await;
}

#[tokio::test]
async fn who_connects_while_the_hub_starts_again_is_answered() {
    let systemd = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = systemd.local_addr().unwrap().to_string();
    // A copy that stays open where another program is started.
    let handed = rustix::io::dup(&systemd).unwrap();
    let script =
        format!("export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=public; exec \"$@\" 3<&{}", handed.as_raw_fd());
    let mut hub = Hub::builder().wrapper(&["bash", "-c", &script, "bash"]).build();
    hub.start().await;
    assert_eq!(hub.status().listeners.public, address);
    hub.reload().await;
    assert_eq!(hub.status().listeners.public, address);
    hub.stop().await;
    let public = Api::tcp(&address, None);
    let (answer, ()) = tokio::join!(public.get("/nothing"), hub.start());
    answer.expect(404);
    hub.finish(&[]).await;
}

#[tokio::test]
async fn an_orderly_end_finishes_what_runs() {
    let mut world = World::start().await;
    for n in 0..10 {
        world.text(ADMIN, &format!("set a timer for {} minutes", n + 20)).await;
    }
    world.hub.stop().await;
    world.hub.start().await;
    world.hub.settle().await;
    assert_eq!(world.api().reminders("pending").await.len(), 10);
    assert_eq!(world.twilio.sent_to(ADMIN).len(), 10, "{:#?}", world.twilio.bodies());
    let unknown = world.api().status().await.counts.messages_unknown;
    assert_eq!(unknown, 0, "an orderly end leaves nothing unclear");
    let events = world.api().events().await;
    let clean: Vec<_> = events
        .iter()
        .filter(|event| event.event_type == "hub_started")
        .filter_map(|event| event.event_data.as_ref()?.get("clean")?.as_bool())
        .collect();
    assert_eq!(clean, [true, true], "{events:#?}");
    world.finish().await;
}

#[tokio::test]
async fn a_kill_is_noted_at_the_next_start() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    hub.kill();
    hub.start().await;
    let events = hub.api().events().await;
    let last =
        events.iter().filter(|event| event.event_type == "hub_started").max_by_key(|event| event.sequence).unwrap();
    assert_eq!(last.event_data.as_ref().and_then(|data| data["clean"].as_bool()), Some(false), "{last:?}");
    hub.finish(&[]).await;
}

#[tokio::test]
async fn an_end_does_not_wait_for_a_provider_that_never_answers() {
    let mut world = World::start_with(|builder| builder.config("twilio", "timeout_s", 3)).await;
    world.twilio.next(Endpoint::Send, Fault::Hold { done: true });
    world.text(ADMIN, "What time is it?").await;
    let held = async || (world.twilio.sent_to(ADMIN).len() == 1).then_some(());
    wait_for("the provider to take it", held).await;
    let begin = std::time::Instant::now();
    world.hub.stop().await;
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
    world.hub.start().await;
    world.hub.settle().await;
    assert_eq!(world.twilio.requests(Endpoint::Send), 1, "sent again after an unclear end");
    world.finish().await;
}

#[tokio::test]
async fn a_reload_takes_new_settings_and_loses_nothing() {
    let mut world = World::start().await;
    world.say(ADMIN, "Schedule a meeting with John").await;
    world.hub.configure("twilio", "sends_per_second", 500.0);
    world.hub.reload().await;
    let reply = world.say(ADMIN, "tomorrow at 3pm").await;
    assert!(reply.contains("John"), "{reply}");
    world.api().post("/api/reload", &()).await.expect(202);
    world.hub.reloaded().await;
    world.twilio.receive(ADMIN, OUR_NUMBER, "What time is it?");
    world.say(ADMIN, "What time is it?").await;
    world.finish().await;
}

#[tokio::test]
async fn a_reload_with_a_mistake_leaves_the_hub_running() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    hub.configure("server", "colour", "blue");
    hub.hang_up();
    hub.expect_error("colour");
    let complained = async || hub.log().contains("colour").then_some(());
    wait_for("a complaint in the log", complained).await;
    let answer = hub.api().ask("What time is it?").await;
    assert!(answer.contains("It is"), "{answer}");
    hub.finish(&[]).await;
}
