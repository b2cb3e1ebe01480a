//! Killed at random instants, under a stream of signed texts, mails and due reminders: nothing accepted is lost, nothing
//! outward happens twice, and everything ends in a recorded state.
//!
//! `XSWARM_KILLS` says how often (200 by default), `XSWARM_SEED` repeats the random choices of an earlier run. What the
//! providers accepted is compared with what the database says in the end. Twilio does not redeliver a webhook that failed;
//! neither does this test: such a text is only in the provider's list, where the hub must find it. SendGrid does, until a
//! mail is taken. Ladders, paused timers, mails that leave by SendGrid and turns that a language model takes part in are part
//! of the stream.

mod account;
mod mails;
mod thinking;

use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    time::{Duration, Instant},
};

use fastrand::Rng;
use reqwest::Client;
use tokio::sync::{Semaphore, watch};
use xswarm_tests::{
    environment,
    hub::{Hub, PUBLIC_URL},
    signature,
    twilio::{FakeTwilio, OUR_NUMBER, Resource, TOKEN},
    wait::{random_moment, wait_within},
};

/// Those who text.
const PEOPLE: [&str; 4] = ["+14155550123", "+14155550124", "+14155550125", "+14155550126"];

/// How many texts come in between two kills, on average.
fn texts_per_kill(kills: u32) -> usize {
    if kills <= 500 { 5 } else { 2 }
}

/// What the senders and the killer share.
struct Stream<'a> {
    twilio: &'a FakeTwilio,
    http: Client,
    /// Where the hub's public listener is, while it is believed to be up.
    address: watch::Sender<Option<String>>,
    permits: Semaphore,
    /// How many wishes there were, to tell them apart.
    wishes: Cell<u32>,
    /// The ids of the texts that the hub answered with 2xx.
    accepted: RefCell<HashSet<String>>,
    over: Cell<bool>,
}

impl Stream<'_> {
    /// One webhook; whether the hub took it.
    async fn post(&self, path: &str, form: &signature::Form) -> bool {
        let Some(address) = self.address.subscribe().borrow().clone() else { return false };
        let signed = signature::own(&format!("{PUBLIC_URL}{path}"), form, TOKEN);
        let request = self.http.post(format!("http://{address}{path}"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.header("x-twilio-signature", signed).body(signature::encode(form)).send().await;
        match answer {
            Ok(answer) if answer.status().is_success() => true,
            Ok(answer) => {
                let status = answer.status().as_u16();
                assert!([500, 503].contains(&status), "a genuine webhook was answered {status}");
                false
            }
            Err(_) => false,
        }
    }

    /// What somebody wants.
    fn wish(&self, random: &mut Rng) -> String {
        let n = self.wishes.replace(self.wishes.get() + 1);
        match random.u32(0..11) {
            0..=2 => format!("remind me to check item {n:06} in {} seconds", random.u32(1..=3)),
            3 => format!("remind me urgently to check item {n:06} in {} seconds", random.u32(1..=3)),
            4..=5 => format!("set a timer for {} seconds", random.u32(1..=4)),
            6 => ["pause all timers", "resume all timers"][random.usize(0..2)].to_owned(),
            7 => format!(
                "Schedule a meeting about item {n:06} tomorrow at {}:{:02}",
                random.u32(0..24),
                random.u32(0..60)
            ),
            8 => format!("remind me to check item {n:06} in {} days", random.u32(2..=9)),
            9 => thinking::wish(n, random),
            _ => "What time is it?".to_owned(),
        }
    }

    /// Somebody who texts whenever they may.
    async fn send(&self, from: &str, mut random: Rng) {
        while let Ok(permit) = self.permits.acquire().await {
            permit.forget();
            if random.u32(0..10) > 0 {
                // Mostly while the hub is up, or believed to be.
                let mut address = self.address.subscribe();
                if address.wait_for(Option::is_some).await.is_err() {
                    return;
                }
            }
            random_moment(Duration::from_millis(random.u64(0..300))).await;
            let body = self.wish(&mut random);
            // What the hub says it has taken is never listed: losing it would not be healed.
            let message = self.twilio.receive(from, OUR_NUMBER, &body);
            self.twilio.set_listed(&message.sid, false);
            if self.post("/sms/inbound", &FakeTwilio::inbound_form(&message)).await {
                self.accepted.borrow_mut().insert(message.sid);
            } else {
                self.twilio.set_listed(&message.sid, true);
            }
        }
    }

    /// The provider's status callbacks for what was sent; one that fails is not repeated.
    async fn call_back(&self, mut random: Rng) {
        let mut done = 0;
        while !self.over.get() {
            let sent = self.twilio.sent();
            for message in sent.iter().skip(done) {
                let url = message.status_callback.as_deref().expect("a status callback");
                let path = url.strip_prefix(PUBLIC_URL).expect("our own address");
                if random.bool() {
                    let form = self.twilio.status_form(&message.sid, "delivered", None);
                    self.post(path, &form).await;
                }
            }
            done = sent.len();
            random_moment(Duration::from_millis(20)).await;
        }
    }

    async fn kill_again_and_again(&self, hub: &mut Hub, kills: u32, mut random: Rng) {
        for _ in 0..kills {
            self.permits.add_permits(texts_per_kill(kills));
            hub.spawn();
            if random.u32(0..10) < 3 {
                // In the middle of starting, perhaps before it is ready.
                random_moment(Duration::from_millis(random.u64(0..200))).await;
            } else {
                hub.wait_ready().await.unwrap_or_else(|exit| panic!("the hub did not start again: {exit:?}"));
                self.address.send_replace(Some(hub.status().listeners.public.clone()));
                random_moment(Duration::from_millis(random.u64(0..400))).await;
            }
            hub.kill();
            self.address.send_replace(None);
        }
        self.permits.close();
        // Whoever still waits for the hub finds nobody there.
        self.address.send_replace(Some("127.0.0.1:1".to_owned()));
    }
}

/// Short reminders, repetitions and timers still to come.
async fn soon_due(hub: &Hub) -> bool {
    let now = hub.api().status().await.now;
    let soon = now + chrono::Duration::minutes(5);
    let of_ladders = ["fire_reminder", "continue_reminder"];
    hub.api().jobs("ready").await.iter().any(|job| of_ladders.contains(&job.kind.as_str()) && job.due_at < soon)
}

/// The provider's list tells what became of every unclear text that has no twin.
async fn resolved(hub: &Hub, taken: &[Resource]) -> bool {
    let unknown = hub.api().get("/api/messages?status=unknown&limit=1000").await.expect(200);
    let unknown: Vec<xswarm_core::message::Message> = unknown.part("messages");
    unknown.iter().all(|row| {
        let id = row.id.to_string();
        let twins =
            taken.iter().filter(|one| one.body == row.content && Some(&one.to) == row.recipient.as_ref()).count();
        twins != 1 || !taken.iter().any(|one| one.row() == Some(id.as_str()))
    })
}

#[tokio::test]
async fn nothing_is_lost_and_nothing_is_repeated_over_random_kills() {
    let (kills, seed) = (environment::kills(), environment::seed());
    let begin = Instant::now();
    tell(&format!("{kills} kills, XSWARM_SEED={seed}"));
    let mut random = Rng::with_seed(seed);
    let twilio = FakeTwilio::start().await;
    let writers: Vec<String> = (0..5 + kills / 20).map(|n| format!("writer{n}@example.com")).collect();
    let mails = mails::Mails::start(writers.clone()).await;
    let model = thinking::model(seed).await;
    let builder = Hub::builder().twilio(&twilio).config("admin", "phone", PEOPLE[0]).with_model(&model);
    // What a kill leaves open counts with the most that it may have cost.
    let builder = builder.config("llm", "daily_cap_usd", 1_000.0).config("llm", "monthly_cap_usd", 1_000.0);
    let mut hub = mails.carried(builder).build();
    hub.start().await;
    for (n, phone) in PEOPLE.iter().enumerate().skip(1) {
        let new = serde_json::json!({ "name": format!("Member{n}"), "phone": phone });
        hub.api().post("/api/users", &new).await.expect(201);
    }
    for address in &writers {
        let new = serde_json::json!({ "name": address, "email": address });
        hub.api().post("/api/users", &new).await.expect(201);
    }
    // Urgent reminders are repeated once, a minute later; half of the people have no other channel than texts.
    for (n, user) in hub.api().users().await.iter().enumerate() {
        let by = if user.email.is_some() { "email" } else { "sms" };
        let channels = if n % 2 == 0 { serde_json::json!([by]) } else { serde_json::json!([by, "console"]) };
        let repeat = serde_json::json!({ "every_minutes": 1, "times": 1, "growth": 1 });
        let preferences = serde_json::json!({ "channels": channels, "repeat": repeat });
        hub.api().put(&format!("/api/users/{}/reminder-preferences", user.id), &preferences).await.expect(200);
    }
    hub.kill();

    let stream = Stream {
        twilio: &twilio,
        http: xswarm_tests::web::builder().build().unwrap(),
        address: watch::Sender::new(None),
        permits: Semaphore::new(0),
        wishes: Cell::new(0),
        accepted: RefCell::default(),
        over: Cell::new(false),
    };
    let (of_killer, of_provider, of_writer) = (random.fork(), random.fork(), random.fork());
    let [one, two, three, four] = PEOPLE.map(|phone| stream.send(phone, random.fork()));
    let end = async {
        stream.kill_again_and_again(&mut hub, kills, of_killer).await;
        stream.over.set(true);
    };
    tokio::join!(end, one, two, three, four, stream.call_back(of_provider), mails.write(&stream, of_writer));
    let killing = begin.elapsed();

    hub.start().await;
    mails.bring_the_rest(&hub).await;
    let patience = Duration::from_mins(3);
    let quiet = async || {
        let undone = hub.undone_jobs().await;
        (undone.is_empty() && !soon_due(&hub).await).then_some(())
    };
    wait_within(patience, "everything to be done after the last start", quiet).await;
    let taken = twilio.sent();
    wait_within(patience, "the list to resolve what it can", async || resolved(&hub, &taken).await.then_some(())).await;
    hub.settle().await;
    hub.stop().await;

    let mut providers = account::texts(&twilio.messages(), &stream.accepted.borrow());
    providers.append(mails.account());
    let summary = account::settle(&hub.state_dir(), &providers);
    let per_minute = f64::from(kills) / killing.as_secs_f64() * 60.0;
    let all = begin.elapsed();
    tell(&format!("{kills} kills in {killing:.1?} ({per_minute:.0} a minute), {all:.1?} in all: {summary}"));
    tell(&format!("the model was asked {} times", model.requests().len()));
    hub.finish(&[]).await;
    assert_eq!(model.unscripted(), 0);
    assert_eq!(twilio.take_violations(), Vec::<String>::new());
    assert_eq!(mails.take_violations(), Vec::<String>::new());
}

#[expect(clippy::print_stderr, reason = "what a long random test did, and how to repeat it")]
fn tell(what: &str) {
    eprintln!("crash: {what}");
}
