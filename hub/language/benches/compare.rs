//! The same sentences read by this crate and by the `duckling` crate, the best known parser of times in Rust: how long
//! each takes, and how often they agree. Nothing is asserted.
//!
//! The sentences are those of this crate's own tests, which no other parser was made for; how right each of the two is
//! on public data is for a scorer to say (`examples/predict.rs`). With `-- --cases FILE` the sentences come from a file
//! of test cases, one JSON object a line, of which `utterance` and, where there is one, `reference` are used.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark prints, and has a command line")]
#![allow(clippy::unwrap_used, reason = "a benchmark fails loudly")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use chrono::{DateTime, FixedOffset, NaiveDateTime};
use chrono_tz::Tz;
use duckling::{DimensionKind, DimensionValue, Lang, TimePoint, TimeValue};
use xswarm_language::{
    command::understand,
    policy,
    time::{self, Context, Locale, Value, principal},
};

/// How often each sentence is read; the fastest counts, so that what else the machine does matters less.
const ROUNDS: usize = 7;

const TABLES: [&str; 6] = [
    include_str!("../tests/language/times.rs"),
    include_str!("../tests/language/ranges.rs"),
    include_str!("../tests/language/recurrences.rs"),
    include_str!("../tests/language/commands.rs"),
    include_str!("../tests/language/guesses.rs"),
    include_str!("../tests/language/particulars.rs"),
];

/// Sentences without a time, one a line.
const WITHOUT_TIMES: &str = include_str!("../tests/language/negatives.rs");

/// A sentence and when it was said.
struct Case {
    sentence: String,
    said_at: DateTime<FixedOffset>,
}

fn main() {
    let cases = cases();
    let mut ours = Vec::new();
    let mut whole = Vec::new();
    let mut theirs = Vec::new();
    let (mut found, mut they_found, mut both, mut same) = (0, 0, 0, 0);
    for case in &cases {
        let context = context(case);
        ours.push(fastest(|| time::parse(&case.sentence, &context)));
        whole.push(fastest(|| understand(&case.sentence, &context)));
        theirs.push(fastest(|| duckling_start(case)));
        let here = principal(&time::parse(&case.sentence, &context), &context).map(|found| start(&found.value));
        let there = duckling_start(case);
        found += u32::from(here.is_some());
        they_found += u32::from(there.is_some());
        if let (Some(here), Some(there)) = (here, there) {
            both += 1;
            same += u32::from(here == there);
        }
    }
    println!("{} sentences, each read {ROUNDS} times, the fastest counted", cases.len());
    println!("{:36} {:>10} {:>10} {:>10} {:>12}", "", "p50", "p99", "longest", "time found");
    line("xswarm-language: times", &mut ours, Some(found));
    line("xswarm-language: the whole sentence", &mut whole, None);
    line("duckling 0.4.0: times", &mut theirs, Some(they_found));
    println!("both found a time in {both} sentences, with the same start in {same}");
    let long = "from next Friday at half past three until the second Tuesday of March, every other week, ".repeat(4);
    let long = Case { sentence: long.chars().take(300).collect(), said_at: cases.first().unwrap().said_at };
    let context = context(&long);
    println!(
        "300 characters full of times: {} here, {} by duckling",
        shown(fastest(|| understand(&long.sentence, &context))),
        shown(fastest(|| duckling_start(&long))),
    );
}

fn cases() -> Vec<Case> {
    let said_at: DateTime<FixedOffset> = "2026-11-24T09:30:00+01:00".parse().unwrap();
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(file) = arguments.iter().skip_while(|argument| *argument != "--cases").nth(1) {
        let text = std::fs::read_to_string(file).unwrap();
        let case = |line: &str| {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let field = |name: &str| case.get(name).and_then(serde_json::Value::as_str);
            let said_at = field("reference").map_or(said_at, |reference| reference.parse().unwrap());
            Case { sentence: field("utterance").unwrap().to_owned(), said_at }
        };
        return text.lines().map(case).collect();
    }
    let sentences = TABLES.iter().flat_map(|table| table.lines()).filter(|line| !line.trim_start().starts_with("//"));
    let sentences = sentences.filter_map(|line| line.split_once(" => ")).map(|(sentence, _)| sentence.trim());
    let without = WITHOUT_TIMES.split("r\"").nth(1).and_then(|table| table.split("\";").next()).unwrap();
    let sentences = sentences.chain(without.lines().map(str::trim).filter(|line| !line.is_empty()));
    sentences.map(|sentence| Case { sentence: sentence.to_owned(), said_at }).collect()
}

fn context(case: &Case) -> Context<'static> {
    let hours = case.said_at.offset().local_minus_utc() / 3600;
    let zone: Tz = format!("Etc/GMT{:+}", -hours).parse().unwrap_or(Tz::UTC);
    Context { now: case.said_at.with_timezone(&zone), locale: Locale::UnitedStates, policy: &policy::DEFAULT }
}

/// Local start; a length of time or a recurrence has none and counts as found.
fn start(value: &Value) -> Option<NaiveDateTime> {
    match value {
        Value::Instant { at, .. } => Some(at.naive_local()),
        Value::Date { start, .. } => start.and_hms_opt(0, 0, 0),
        Value::Interval { start, end, .. } => start.or(*end).map(|at| at.naive_local()),
        Value::Duration(_) | Value::Recurrence(_) => None,
    }
}

/// The start of the longest time that duckling finds; `None` when it finds none.
#[allow(clippy::option_option, reason = "no time and a time without a start are two different things")]
#[allow(clippy::wildcard_enum_match_arm, reason = "another crate's values; a length of time has no start")]
fn duckling_start(case: &Case) -> Option<Option<NaiveDateTime>> {
    let locale = duckling::Locale::new(Lang::EN, None);
    let context = duckling::Context::new(case.said_at, locale);
    let wanted = [DimensionKind::Time, DimensionKind::Duration];
    let found = duckling::parse(&case.sentence, &locale, &wanted, &context, &duckling::Options::default());
    let longest = found
        .into_iter()
        .filter(|entity| entity.latent != Some(true))
        .max_by_key(|entity| entity.end - entity.start)?;
    let local = |point: &TimePoint| match point {
        TimePoint::Naive { value, .. } => *value,
        TimePoint::Instant { value, .. } => value.with_timezone(case.said_at.offset()).naive_local(),
    };
    Some(match longest.value {
        DimensionValue::Time(TimeValue::Single { value, .. }) => Some(local(&value)),
        DimensionValue::Time(TimeValue::Interval { from, to, .. }) => from.as_ref().or(to.as_ref()).map(local),
        _ => None,
    })
}

fn fastest<T>(work: impl Fn() -> T) -> Duration {
    (0..ROUNDS)
        .map(|_| {
            let begin = Instant::now();
            black_box(work());
            begin.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn line(name: &str, times: &mut [Duration], found: Option<u32>) {
    times.sort_unstable();
    let at = |hundredths: usize| times.get((times.len() - 1) * hundredths / 100).copied().unwrap_or_default();
    let found = found.map(|found| found.to_string()).unwrap_or_default();
    println!("{name:36} {:>10} {:>10} {:>10} {found:>12}", shown(at(50)), shown(at(99)), shown(at(100)));
}

fn shown(time: Duration) -> String {
    format!("{:.1} µs", time.as_secs_f64() * 1e6)
}
