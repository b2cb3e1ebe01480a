//! Random recurrence rules against python-dateutil: the same occurrences, in local time and as instants of a zone.
//!
//! `XSWARM_RULES` says how many, `XSWARM_SEED` repeats an earlier run, which printed it. What dateutil itself gets wrong
//! is listed, and corrected, in `expand.py`; nothing else may differ.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a failed expectation is a failed test"
)]

mod generate;

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    thread,
};

use chrono::{DateTime, Datelike, NaiveDateTime, TimeZone, Utc};
use generate::Case;
use serde::Deserialize;
use xswarm_core::recurrence::{Recurrence, RecurrenceEnd, specified::Specified};
use xswarm_tests::environment;

/// What one side says: local times, and instants in seconds.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Expansion {
    local: Vec<NaiveDateTime>,
    instants: Vec<i64>,
}

/// What dateutil says.
#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(flatten)]
    plain: Expansion,
    mended: Option<Expansion>,
}

fn python() -> Child {
    let tests = environment::repository().join("tests");
    let python = tests.join(".venv/bin/python");
    assert!(python.exists(), "python-dateutil is missing ({}): run `make test-deps`", python.display());
    let mut command = Command::new(python);
    command.arg(tests.join("differential/expand.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
    command.spawn().expect("python can be started")
}

/// Asks dateutil about all of them, in order.
fn ask(cases: &[Case]) -> Vec<Answer> {
    let mut process = python();
    let mut input = process.stdin.take().expect("piped");
    let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
    let zones = lines.next().expect("a first line").unwrap();
    assert_eq!(zones, chrono_tz::IANA_TZDB_VERSION, "both sides know the same zones");
    let answers = thread::scope(|scope| {
        scope.spawn(move || {
            for case in cases {
                let start = case.start.with_timezone(&case.zone).naive_local();
                let asked = serde_json::json!({
                    "rule": case.rule, "start": start, "zone": case.zone, "take": case.take,
                    "last_year": case.last_year,
                });
                writeln!(input, "{asked}").unwrap();
            }
        });
        lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect::<Vec<Answer>>()
    });
    assert!(process.wait().unwrap().success(), "python failed after {} answers", answers.len());
    assert_eq!(answers.len(), cases.len());
    answers
}

/// The same from our side; the instants are those of the same occurrences.
fn ours(case: &Case) -> Expansion {
    let rule: Specified = case.rule.parse().unwrap_or_else(|error| panic!("{}: {error}", case.rule));
    let rule = rule.local(case.zone);
    let start = case.start.with_timezone(&case.zone).naive_local();
    let local: Vec<_> =
        (rule.local_occurrences(start).unwrap()).take_while(|at| at.year() <= case.last_year).take(case.take).collect();
    let Ok(count @ 1..) = u32::try_from(local.len()) else { return Expansion { local, instants: Vec::new() } };
    let same = Recurrence { end: RecurrenceEnd::Count(count), ..rule };
    let instants: Vec<_> = same.occurrences(case.start, case.zone).unwrap().map(|at| at.timestamp()).collect();
    // Asked from the middle on, the second half.
    let (before, after) = instants.split_at(instants.len() / 2);
    let from: DateTime<Utc> = Utc.timestamp_opt(*after.first().unwrap(), 0).unwrap();
    let sought: Vec<_> = same.occurrences_from(case.start, case.zone, from).unwrap().map(|at| at.timestamp()).collect();
    Expansion { local, instants: [before, &sought].concat() }
}

/// How many were as dateutil says, as it says once mended, and otherwise.
#[derive(Debug, Default)]
struct Tally {
    same: usize,
    mended: usize,
    empty: usize,
    differing: Vec<String>,
}

fn compare(cases: &[Case]) -> Tally {
    let mut tally = Tally::default();
    for (case, answer) in cases.iter().zip(ask(cases)) {
        let ours = ours(case);
        tally.empty += usize::from(ours.local.is_empty());
        if ours == answer.plain && answer.mended.is_none() {
            tally.same += 1;
        } else if Some(&ours) == answer.mended.as_ref() {
            tally.mended += 1;
        } else {
            tally.differing.push(format!("{case:?}\n  ours {ours:?}\n  dateutil {answer:?}"));
        }
    }
    tally
}

#[test]
fn any_rule_in_any_zone_expands_as_dateutil_expands_it() {
    let (seed, count) = (environment::seed(), environment::rules());
    eprintln!("{count} rules, XSWARM_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let zones = generate::zones();
    let cases: Vec<_> = (0..count).map(|_| generate::case(&mut random, &zones)).collect();
    let (one, other) = cases.split_at(cases.len() / 2);
    let (one, other) = thread::scope(|scope| {
        let beside = scope.spawn(|| compare(other));
        (compare(one), beside.join().unwrap())
    });
    let (same, mended, empty) = (one.same + other.same, one.mended + other.mended, one.empty + other.empty);
    let differing = [one.differing, other.differing].concat();
    eprintln!("{same} are the same, {mended} after mending dateutil, {} differ; {empty} never occur", differing.len());
    let shown = differing.iter().take(5).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(differing.is_empty(), "XSWARM_SEED={seed}: {} of {count} differ:\n{shown}", differing.len());
    // Had the rules gone stale, this would say nothing.
    assert!(count < 1_000 || (same > mended * 10 && empty * 3 < same), "too few rules that say anything");
}
