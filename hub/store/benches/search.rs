//! Search among 1,000,000 messages, and what the index costs those who write.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark fails loudly")]
#![allow(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::{
    hint::black_box,
    time::{Duration as StdDuration, Instant},
};

use chrono::{DateTime, Duration, TimeZone, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use xswarm_core::{
    id::{MessageId, UserId},
    message::{Channel, Direction},
    user::{Role, User},
};
use xswarm_store::{Key, NewMessage, Options, Store, StoreError};

/// How many messages there are.
const MESSAGES: u64 = 1_000_000;

/// How many messages share a commit: as under load.
const BATCH: u64 = 1_000;

/// There are two to the power of this many different words; the commonest is in every second message.
const SCALES: u64 = 15;

fn at(seconds: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap() + Duration::seconds(seconds)
}

fn user(name: &str) -> User {
    User {
        id: UserId::new(at(0)),
        name: name.into(),
        email: None,
        phone: None,
        timezone: chrono_tz::Europe::Berlin,
        preferences: serde_json::json!({}),
        boss_phone: None,
        boss_email: None,
        can_provision_numbers: false,
        role: Role::Admin,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// Numbers that look like chance and are always the same (an LCG, Knuth's MMIX).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// A word as often as words are (Zipf): number n about 1/n as often as number 1.
    fn word(&mut self) -> String {
        let scale = 1 << self.below(SCALES);
        spelled(scale - 1 + self.below(scale))
    }
}

/// The word of a number, in letters: "ba" is the commonest.
fn spelled(mut number: u64) -> String {
    let mut word = String::new();
    loop {
        word.push(['b', 'd', 'f', 'g', 'k', 'l', 'm', 'n', 'p', 'r'][usize::try_from(number % 10).unwrap()]);
        word.push(['a', 'e', 'i', 'o', 'u'][usize::try_from(number / 10 % 5).unwrap()]);
        number /= 50;
        if number == 0 {
            return word;
        }
    }
}

fn text(chance: &mut Chance) -> String {
    (0..8 + chance.below(9)).map(|_| chance.word()).collect::<Vec<_>>().join(" ")
}

fn message(number: u64, owner: Option<UserId>, chance: &mut Chance) -> (NewMessage, DateTime<Utc>) {
    let now = at(i64::try_from(number).unwrap());
    let new = NewMessage {
        id: MessageId::new(now),
        user_id: owner,
        conversation_id: None,
        channel: Channel::Sms,
        direction: if number.is_multiple_of(2) { Direction::Inbound } else { Direction::Outbound },
        content: format!("{} {}", text(chance), if number.is_multiple_of(2) { "sunday" } else { "monday" }),
        sender: None,
        recipient: None,
        provider_id: None,
        in_reply_to: None,
        metadata: serde_json::json!({}),
    };
    (new, now)
}

/// Writes messages, as many to a commit as under load; how long it took.
fn filled(
    runtime: &tokio::runtime::Runtime,
    store: &Store,
    numbers: std::ops::Range<u64>,
    owner: impl Fn(u64) -> Option<UserId>,
) -> StdDuration {
    let mut chance = Chance(numbers.start);
    let mut took = StdDuration::ZERO;
    for batch in numbers.clone().step_by(usize::try_from(BATCH).unwrap()) {
        let new: Vec<_> =
            (batch..(batch + BATCH).min(numbers.end)).map(|n| message(n, owner(n), &mut chance)).collect();
        let writes = new.into_iter().map(|(new, now)| store.write(move |tx| tx.message_insert(&new, now)));
        let began = Instant::now();
        for written in runtime.block_on(futures(writes)) {
            written.unwrap();
        }
        took += began.elapsed();
    }
    took
}

/// All at once.
async fn futures<T>(
    all: impl Iterator<Item = impl Future<Output = Result<T, StoreError>>>,
) -> Vec<Result<T, StoreError>> {
    let mut all: Vec<_> = all.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        all.retain_mut(|one| match one.as_mut().poll(context) {
            std::task::Poll::Ready(result) => {
                done.push(result);
                false
            }
            std::task::Poll::Pending => true,
        });
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}

fn search(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let key = Key::from_hex(&"5a".repeat(32)).unwrap();
    let store = Store::open(&Options::new(dir.path()), &key).unwrap();
    let (ada, bob) = (user("Ada"), user("Bob"));
    let (owner, other) = (ada.id, bob.id);
    runtime
        .block_on(store.write(move |tx| {
            tx.user_insert(&ada)?;
            tx.user_insert(&bob)
        }))
        .map_err(|error: StoreError| error)
        .unwrap();
    // The same messages without an owner are not indexed.
    let plain = filled(&runtime, &store, 0..50_000, |_| None);
    let indexed = filled(&runtime, &store, 0..50_000, |_| Some(owner));
    let rate = |took: StdDuration| 50_000.0 / took.as_secs_f64();
    println!("messages written: {:.0}/s without index, {:.0}/s with it", rate(plain), rate(indexed));
    // Of every thousand, one is Bob's.
    let began = Instant::now();
    filled(&runtime, &store, 50_000..MESSAGES, |n| Some(if n.is_multiple_of(1_000) { other } else { owner }));
    println!(
        "the last of a million: {:.0}/s; the file has {} MiB",
        950_000.0 / began.elapsed().as_secs_f64(),
        std::fs::metadata(dir.path().join("xswarm.db")).unwrap().len() >> 20
    );
    let (common, next, rare) = (spelled(0), spelled(1), spelled((1 << SCALES) - 7));
    let mut group = criterion.benchmark_group("search among 1,000,000 messages");
    for (name, whose, query) in [
        ("the commonest word", owner, common.clone()),
        ("two common words", owner, format!("{common} {next}")),
        ("a rare word", owner, rare.clone()),
        ("a common and a rare word", owner, format!("{common} {rare}")),
        ("the beginning of many words", owner, "bab".to_owned()),
        ("two common words that never meet", owner, "sunday monday".to_owned()),
        ("five words", owner, format!("{common} {next} {} {} {}", spelled(2), spelled(3), spelled(4))),
        ("a word that nobody said", owner, "xylophone".to_owned()),
        ("a common word of who said little", other, common.clone()),
        ("two common words of who said little", other, format!("{common} {next}")),
    ] {
        group.bench_function(name, |bench| {
            bench.iter(|| {
                let query = query.clone();
                let read = store.read(move |rows| rows.search(whose, &query, 20));
                black_box::<Result<_, StoreError>>(runtime.block_on(read)).unwrap()
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = search
}
criterion_main!(benches);
