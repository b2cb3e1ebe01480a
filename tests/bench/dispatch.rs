//! (f) From a request to a plan: finding the capability, checking what was asked, reading the rows. The hub itself logs how
//! long that took, because over a socket it cannot be told from the rest of a turn.

use std::{collections::BTreeMap, path::Path};

use serde_json::json;
use xswarm_core::capability::Capabilities;
use xswarm_tests::{
    model::{ModelServer, Step},
    world::{ADMIN, World},
};

/// How often every example of every capability is said.
const ROUNDS: usize = 20;

/// How many appointments there are: a usual month, and three for every day of a year.
const APPOINTMENTS: [usize; 2] = [60, 1_000];

/// How often a model asks for an appointment.
const BY_MODEL: usize = 200;

/// Prints how long planning takes, for the grammar's requests and for a model's.
pub(crate) async fn dispatching(binary: &Path) {
    println!("\n(f) from a request to a plan");
    println!("{:>44}{:>10}{:>10}{:>10}{:>10}", "", "plans", "p50 us", "p99 us", "most us");
    for appointments in APPOINTMENTS {
        let said = by_grammar(binary, appointments).await;
        let all = format!("all, by grammar, {appointments} appointments");
        row(&all, said.values().flatten().copied().collect());
        let mut slowest: Vec<_> = said.into_iter().collect();
        slowest.sort_by_key(|(_, took)| std::cmp::Reverse(middle(took)));
        for (name, took) in slowest.into_iter().take(5) {
            row(&name, took);
        }
    }
    row("create_appointment, by a model", by_model(binary).await);
}

fn row(name: &str, mut took: Vec<u64>) {
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize];
    println!("{name:>44}{:>10}{:>10}{:>10}{:>10}", took.len(), at(0.5), at(0.99), at(1.0));
}

fn middle(took: &[u64]) -> u64 {
    let mut took = took.to_vec();
    took.sort_unstable();
    took[took.len() / 2]
}

async fn by_grammar(binary: &Path, appointments: usize) -> BTreeMap<String, Vec<u64>> {
    let mut world = start(|builder| builder.binary(binary)).await;
    let api = world.api().clone();
    for n in 0..appointments {
        api.ask(&format!("Schedule visit {n} in {} days at {}:15", n / 3 + 1, 8 + n % 3 * 4)).await;
    }
    let all: Capabilities = api.get("/api/capabilities").await.expect(200).into();
    let before = world.hub.log().len();
    for _ in 0..ROUNDS {
        for example in all.capabilities.iter().flat_map(|one| &one.examples) {
            api.ask(example).await;
        }
    }
    let took = planned(&world.hub.log()[before..]);
    world.hub.kill();
    world.hub.abandon();
    took
}

async fn by_model(binary: &Path) -> Vec<u64> {
    let model = ModelServer::start().await;
    let mut world = start(|builder| {
        builder.binary(binary).with_model(&model).config("llm", "daily_cap_usd", 1_000.0).config(
            "llm",
            "monthly_cap_usd",
            1_000.0,
        )
    })
    .await;
    for n in 1..=BY_MODEL {
        let when = format!("in {n} days at 7pm");
        let call = json!({ "title": "dinner", "when": when });
        model.script(vec![Step::call("create_appointment", &call), Step::text("Enjoy.")]);
        world.say(ADMIN, &format!("It would be grand to have dinner, say {when}, don't you think?")).await;
    }
    let took = planned(&world.hub.log()).remove("create_appointment").unwrap();
    world.hub.kill();
    world.hub.abandon();
    took
}

async fn start(configure: impl FnOnce(xswarm_tests::hub::Builder) -> xswarm_tests::hub::Builder) -> World {
    World::start_with(|builder| {
        configure(builder).environment("XSWARM_LOG", "info,xswarm_hub::assistant::capabilities=debug").config(
            "twilio",
            "sends_per_second",
            1_000.0,
        )
    })
    .await
}

/// The microseconds that the log tells of, by capability.
fn planned(log: &str) -> BTreeMap<String, Vec<u64>> {
    let mut took: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for line in log.lines().filter(|line| line.contains("planned")) {
        let field = |name: &str| line.split_whitespace().find_map(|word| word.strip_prefix(name)).unwrap();
        took.entry(field("capability=").to_owned()).or_default().push(field("micros=").parse().unwrap());
    }
    took
}
