//! (e) Turns that a language model takes part in: what the hub adds to the model's time, and what many at once take.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use serde_json::json;
use xswarm_tests::{
    model::{ModelServer, Step},
    twilio::Endpoint,
    world::{ADMIN, World},
};

use crate::resident_mb;

/// Turns that are timed.
const TURNS: usize = 200;

/// Turns at the same time.
const AT_ONCE: usize = 50;

/// How long the model takes in those.
const MODEL: Duration = Duration::from_secs(2);

/// A sentence that no rule understands.
const UNCLEAR: &str = "It would be grand to have dinner, say tomorrow at 7pm, don't you think?";

/// Prints what a turn costs beyond the model, and the memory of many at once.
pub(crate) async fn thinking(binary: &Path) {
    println!("\n(e) turns with a language model that answers at once; from the signed text to the answer's POST");
    let talk = turns(binary, || vec![Step::text("Indeed.")]).await;
    let deed = turns(binary, || {
        let call = json!({ "title": "dinner", "when": "tomorrow at 7pm" });
        vec![Step::call("create_appointment", &call), Step::text("Enjoy.")]
    })
    .await;
    println!("{:>44}{:>10}{:>10}", "", "p50 ms", "p99 ms");
    println!("{:>44}{:>10.1}{:>10.1}", "one request to the model", talk.0, talk.1);
    println!("{:>44}{:>10.1}{:>10.1}", "two requests, one appointment booked", deed.0, deed.1);
    let (idle, busy, took) = at_once(binary).await;
    println!(
        "{AT_ONCE} at the same time, model takes {:.0} s: all answered in {took:.1} s; resident {idle:.1} MB before, \
         {busy:.1} MB at most",
        MODEL.as_secs_f64()
    );
}

async fn start(binary: &Path, model: &ModelServer) -> World {
    World::start_with(|builder| {
        builder
            .binary(binary)
            .with_model(model)
            .config("llm", "daily_cap_usd", 1_000.0)
            .config("llm", "monthly_cap_usd", 1_000.0)
            .config("twilio", "sends_per_second", 1_000.0)
    })
    .await
}

/// The median and the 99th percentile, in milliseconds.
async fn turns(binary: &Path, script: impl Fn() -> Vec<Step>) -> (f64, f64) {
    let model = ModelServer::start().await;
    let mut world = start(binary, &model).await;
    let mut took = Vec::with_capacity(TURNS);
    for n in 0..TURNS {
        model.script(script());
        let sent = world.twilio.requests(Endpoint::Send);
        let began = Instant::now();
        world.text(ADMIN, UNCLEAR).await;
        while world.twilio.requests(Endpoint::Send) == sent {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        if n >= 10 {
            took.push(began.elapsed());
        }
    }
    world.hub.kill();
    world.hub.abandon();
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1_000.0;
    (at(0.5), at(0.99))
}

/// Resident memory before and at most, in MB, and how long all took, in seconds.
async fn at_once(binary: &Path) -> (f64, f64, f64) {
    let model = ModelServer::start().await;
    let mut world = start(binary, &model).await;
    model.respond(|_| Step::text("Indeed.").delayed(MODEL));
    let mut phones = vec![ADMIN.to_owned()];
    for n in 1..AT_ONCE {
        let phone = format!("+1415555{:04}", 4_000 + n);
        world.add_member(&format!("Member {n}"), &phone).await;
        phones.push(phone);
    }
    let idle = resident_mb(world.hub.pid());
    let began = Instant::now();
    for phone in &phones {
        world.text(phone, UNCLEAR).await;
    }
    let mut most: f64 = 0.0;
    while world.twilio.requests(Endpoint::Send) < AT_ONCE {
        most = most.max(resident_mb(world.hub.pid()));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let took = began.elapsed().as_secs_f64();
    world.hub.kill();
    world.hub.abandon();
    (idle, most, took)
}
