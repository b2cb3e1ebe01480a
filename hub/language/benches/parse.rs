//! Understanding one sentence, and finding the times in it.
#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]

use std::hint::black_box;

use chrono::TimeZone;
use criterion::{Criterion, criterion_group, criterion_main};
use xswarm_language::{
    command::understand,
    policy,
    time::{Context, Locale, parse},
};

const SENTENCES: [(&str, &str); 4] = [
    ("appointment", "Schedule meeting with John tomorrow at 3pm"),
    (
        "recurring reminder",
        "Remind me to water the plants every Tuesday and Thursday at half past seven in the evening",
    ),
    ("agenda", "What's on my calendar this week?"),
    ("no command", "The quick brown fox jumps over the lazy dog and goes home"),
];

fn sentences(criterion: &mut Criterion) {
    let zone = chrono_tz::Europe::Berlin;
    let Some(now) = zone.with_ymd_and_hms(2026, 11, 24, 10, 0, 0).single() else { return };
    let context = Context { now, locale: Locale::International, policy: &policy::DEFAULT };
    let mut group = criterion.benchmark_group("one sentence");
    for (name, text) in SENTENCES {
        group.bench_function(format!("understand: {name}"), |bench| {
            bench.iter(|| understand(black_box(text), &context));
        });
        group.bench_function(format!("times: {name}"), |bench| bench.iter(|| parse(black_box(text), &context)));
    }
    group.finish();
}

criterion_group!(benches, sentences);
criterion_main!(benches);
