//! SIGKILL at work: a child process writes and says what was answered; the parent kills it and looks.

use std::{
    collections::HashSet,
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use tokio::task::JoinSet;
use xswarm_core::event::Event;
use xswarm_store::StoreError;

use crate::scratch::{at, open, raw, value};

const STATE_DIR: &str = "XSWARM_TEST_CRASH_DIR";
/// Where a child's last words go.
const COMPLAINTS: &str = "stderr";
const ROUND: &str = "XSWARM_TEST_CRASH_ROUND";

#[allow(clippy::disallowed_methods, reason = "how the child learns that it is one")]
fn told(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// This test binary, running one of its tests as the child of a crash test.
fn child(test: &str, dir: &Path, round: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(STATE_DIR, dir)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(fs::File::create(dir.join(COMPLAINTS)).unwrap())
        .spawn()
        .unwrap()
}

fn ended_by_itself(dir: &Path) -> ! {
    panic!("the child ended by itself: {}", fs::read_to_string(dir.join(COMPLAINTS)).unwrap_or_default())
}

/// Writes until killed. Each fact comes with an event, so that half of a closure would show.
fn write_for_ever(dir: &Path, round: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let store = Arc::new(open(dir).unwrap());
        let mut writes = JoinSet::new();
        for number in 0_u64.. {
            let (store, fact) = (Arc::clone(&store), format!("{round}/{number}"));
            writes.spawn(async move {
                let name = fact.clone();
                store
                    .write(move |tx| {
                        tx.meta_set(&format!("fact {name}"), &name)?;
                        tx.event_append(&Event::SecretSet { name }, None, at(0))
                    })
                    .await
                    .map(|()| fact)
                    .map_err(|error: StoreError| error.to_string())
            });
            while writes.len() >= 50 {
                let fact = writes.join_next().await.unwrap().unwrap().unwrap();
                let mut out = std::io::stdout().lock();
                writeln!(out, "answered {fact}").unwrap();
                out.flush().unwrap();
            }
        }
    });
}

#[test]
fn whatever_was_answered_before_a_sigkill_is_there_after_it() {
    if let (Some(dir), Some(round)) = (told(STATE_DIR), told(ROUND)) {
        return write_for_ever(Path::new(&dir), &round);
    }
    let dir = tempfile::tempdir().unwrap();
    let mut answered = HashSet::new();
    for (round, kill_after) in (0..).zip([1, 3, 40, 41, 150, 400, 1_000, 77]) {
        let mut child = child("crash::whatever_was_answered_before_a_sigkill_is_there_after_it", dir.path(), round);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut said = 0;
        let mut note = |line: &str| match line.strip_prefix("answered ") {
            Some(fact) => answered.insert(fact.to_owned()),
            None => false,
        };
        while said < kill_after {
            let line = lines.next().unwrap_or_else(|| ended_by_itself(dir.path()));
            said += usize::from(note(&line));
        }
        child.kill().unwrap();
        // What it had still said before the signal arrived counts as well. Its last line may be cut short.
        let mut rest: Vec<_> = lines.collect();
        rest.pop();
        for line in rest {
            note(&line);
        }
        child.wait().unwrap();

        let store = open(dir.path()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let facts: Vec<_> = answered.iter().cloned().collect();
        let (missing, report, events) = runtime
            .block_on(store.read(move |rows| {
                let mut missing = Vec::new();
                for fact in facts {
                    if rows.meta(&format!("fact {fact}"))?.is_none() {
                        missing.push(fact);
                    }
                }
                assert_eq!(rows.check()?, None);
                Ok::<_, StoreError>((missing, rows.audit_verify()?, rows.events(0, u32::MAX)?))
            }))
            .unwrap();
        assert!(missing.is_empty(), "answered and gone after round {round}: {missing:?}");
        assert!(report.intact, "{report:?}");
        let facts: i64 = value(&raw(dir.path()), "SELECT count(*) FROM meta WHERE name LIKE 'fact %'", []);
        assert_eq!(i64::try_from(events.len()).unwrap(), facts, "half of a closure is there");
        store.close();
    }
}

fn open_and_stay(dir: &Path) {
    let _store = open(dir).unwrap();
    loop {
        std::thread::park();
    }
}

#[test]
fn a_sigkill_at_any_instant_of_creation_leaves_something_that_opens() {
    if let Some(dir) = told(STATE_DIR) {
        return open_and_stay(Path::new(&dir));
    }
    let signs: [fn(&Path) -> bool; 5] = [
        |dir| dir.join("lock").exists(),
        |dir| dir.join("xswarm.db").exists(),
        |dir| dir.join("xswarm.db").metadata().is_ok_and(|found| found.len() > 0),
        |dir| dir.join("xswarm.db-wal").exists(),
        |dir| dir.join("xswarm.db-wal").metadata().is_ok_and(|found| found.len() > 0),
    ];
    for (number, sign) in signs.into_iter().enumerate() {
        for round in 0..4 {
            let dir = tempfile::tempdir().unwrap();
            let name = "crash::a_sigkill_at_any_instant_of_creation_leaves_something_that_opens";
            let mut child = child(name, dir.path(), round);
            while !sign(dir.path()) {
                if child.try_wait().unwrap().is_some() {
                    ended_by_itself(dir.path());
                }
                std::thread::yield_now();
            }
            child.kill().unwrap();
            child.wait().unwrap();
            let store = open(dir.path()).unwrap_or_else(|error| panic!("sign {number}: {error}"));
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            assert_eq!(runtime.block_on(store.read(|rows| rows.users())).unwrap(), []);
        }
    }
}
