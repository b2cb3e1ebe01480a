//! Measures the hub as a whole and prints tables. Nothing is asserted: whether a figure is good is for people to say.
//!
//! (a) signed texts accepted durably, by connections, with and without group commit; (b) from a text to the answer's
//! POST at the provider; (c) cold start and idle memory; (d) reminders that are due at once; (e) turns with a language model;
//! (f) from a request to a plan, by capability; (g) calls. Parsing and searching are criterion benches of their crates; `make bench`
//! runs all of them.
//!
//! Generator, fake provider and hub share the machine: the figures are those of the whole, not of the hub alone.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark prints rounded figures and fails loudly"
)]
#![allow(clippy::disallowed_methods, reason = "its command line and its own path are its only configuration")]

mod calling;
mod dispatch;
mod load;
mod reminding;
mod thinking;

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use load::{Load, Outcome};
use xswarm_tests::{
    hub::PUBLIC_URL,
    twilio::{OUR_NUMBER, TOKEN},
    wait::wait_for,
    world::{ADMIN, World},
};

/// How long each load runs.
const LENGTH: Duration = Duration::from_secs(8);

/// How many persons write: a large household.
const HOUSEHOLD: usize = 10;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let only: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|one| one == name);
    println!("machine: {} processors, {}, {}", processors(), memory(), fsync());
    if wanted("accept") {
        accepting().await;
    }
    if wanted("answer") {
        answering().await;
    }
    if wanted("remind") {
        reminding::reminding(&hub()).await;
    }
    if wanted("think") {
        thinking::thinking(&hub()).await;
    }
    if wanted("dispatch") {
        dispatch::dispatching(&hub()).await;
    }
    if wanted("calls") {
        calling::calling(&hub()).await;
    }
    if wanted("start") {
        starting().await;
    }
}

/// The hub that was built with this benchmark, with the same profile.
fn hub() -> PathBuf {
    std::env::current_exe().unwrap().with_file_name("xswarm-hub")
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn memory() -> String {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap();
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:")).unwrap();
    let kib: u64 = total.trim().trim_end_matches(" kB").parse().unwrap();
    format!("{} GiB", kib >> 20)
}

/// The median cost of making one page durable where the databases will lie.
fn fsync() -> String {
    use std::io::Write;
    let mut file = tempfile::tempfile().unwrap();
    let mut costs: Vec<Duration> = (0..300)
        .map(|_| {
            file.write_all(&[0x5a; 4_096]).unwrap();
            let began = Instant::now();
            file.sync_data().unwrap();
            began.elapsed()
        })
        .collect();
    costs.sort_unstable();
    format!("fsync {:.2} ms", costs[costs.len() / 2].as_secs_f64() * 1_000.0)
}

async fn household(world: &World) -> Vec<String> {
    let mut senders = vec![ADMIN.to_owned()];
    for index in 1..HOUSEHOLD {
        let phone = format!("+1415555{:04}", 2_000 + index);
        world.add_member(&format!("Member {index}"), &phone).await;
        senders.push(phone);
    }
    senders
}

fn load(world: &World, senders: Vec<String>, connections: usize, rate: Option<f64>) -> Load {
    Load {
        address: world.hub.status().listeners.public.parse().unwrap(),
        public_url: PUBLIC_URL.to_owned(),
        token: TOKEN.to_owned(),
        senders,
        number: OUR_NUMBER.to_owned(),
        connections,
        length: LENGTH,
        rate,
    }
}

async fn accepting() {
    println!("\n(a) signed texts accepted durably (all other work of the hub goes on meanwhile)");
    println!(
        "{:<14}{:>12}{:>12}{:>14}{:>10}{:>10}{:>10}",
        "group commit", "connections", "offered/s", "accepted/s", "p50 ms", "p99 ms", "refused"
    );
    for group_commit in [1_000, 1] {
        let mut saturated = 0.0;
        for connections in [1, 100, 1_000] {
            let outcome = accept(group_commit, connections, None).await;
            saturated = outcome.per_second();
            row(group_commit, connections, None, &outcome);
        }
        let below = (saturated * 0.6 / 100.0).round() * 100.0;
        let outcome = accept(group_commit, 1_000, Some(below)).await;
        row(group_commit, 1_000, Some(below), &outcome);
    }
}

async fn accept(group_commit: i64, connections: usize, rate: Option<f64>) -> Outcome {
    let mut world =
        World::start_with(|builder| builder.binary(&hub()).config("store", "group_commit", group_commit)).await;
    let senders = household(&world).await;
    let outcome = load::run(load(&world, senders, connections, rate)).await;
    world.hub.kill();
    world.hub.abandon();
    outcome
}

fn row(group_commit: i64, connections: usize, rate: Option<f64>, outcome: &Outcome) {
    println!(
        "{:<14}{connections:>12}{:>12}{:>14.0}{:>10.2}{:>10.2}{:>10}",
        if group_commit == 1 { "off" } else { "on" },
        rate.map_or_else(|| "as many".to_owned(), |rate| format!("{rate:.0}")),
        outcome.per_second(),
        outcome.quantile_ms(0.5),
        outcome.quantile_ms(0.99),
        outcome.refused,
    );
}

async fn answering() {
    let mut world =
        World::start_with(|builder| builder.binary(&hub()).config("twilio", "sends_per_second", 1_000.0)).await;
    let mut costs_ms = Vec::new();
    for index in 0..300 {
        let body = format!("Schedule meeting {index} with John tomorrow at 3pm");
        let before = world.twilio.sent().len();
        let began = Instant::now();
        world.text(ADMIN, &body).await;
        while world.twilio.sent().len() == before {
            tokio::task::yield_now().await;
        }
        costs_ms.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    costs_ms.sort_by(f64::total_cmp);
    println!("\n(b) from a signed text to the answer's POST at the provider, one at a time (300 bookings)");
    println!("p50 {:.1} ms   p99 {:.1} ms", costs_ms[150], costs_ms[297]);
    world.hub.kill();
    world.hub.abandon();
}

async fn starting() {
    let mut world = World::start_with(|builder| builder.binary(&hub())).await;
    let hub = hub();
    let config = world.hub.config_file();
    let mut costs_ms = Vec::new();
    world.hub.stop().await;
    for _ in 0..11 {
        let began = Instant::now();
        let mut child = Command::new(&hub).arg("--config").arg(&config).stderr(Stdio::null()).spawn().unwrap();
        let socket = world.hub.socket();
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            std::hint::spin_loop();
        }
        costs_ms.push(began.elapsed().as_secs_f64() * 1_000.0);
        rustix::process::kill_process(
            rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(),
            rustix::process::Signal::TERM,
        )
        .unwrap();
        child.wait().unwrap();
    }
    costs_ms.sort_by(f64::total_cmp);
    world.hub.start().await;
    let pid = world.hub.pid();
    wait_for("the start's work to be done", async || world.hub.undone_jobs().await.is_empty().then_some(())).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    println!(
        "\n(c) cold start with an existing database until the admin socket accepts: median {:.0} ms (11 starts)",
        costs_ms[5]
    );
    println!("    idle memory: {}", memory_of(pid));
    world.hub.kill();
    world.hub.abandon();
}

/// Proportional and resident set size of a process.
fn memory_of(pid: i32) -> String {
    format!("{:.1} MB PSS, {:.1} MB RSS", mapped_mb(pid, "Pss:"), resident_mb(pid))
}

/// Resident set size of a process.
fn resident_mb(pid: i32) -> f64 {
    mapped_mb(pid, "Rss:")
}

fn mapped_mb(pid: i32, name: &str) -> f64 {
    let text = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("smaps_rollup")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kib as f64 / 1_024.0
}
