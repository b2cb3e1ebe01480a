//! Group commit: what an answer means, and what closures can do to each other.

use std::sync::{Arc, Mutex, mpsc};

use tokio::{sync::oneshot, task::JoinSet};
use xswarm_core::id::UserId;
use xswarm_store::{Options, Store, StoreError, Tx};

use crate::scratch::{Scratch, at, key, open, open_at_once, person, raw, value};

const FACT: &str = "SELECT count(*) FROM meta WHERE name = ?";
const FACTS: &str = "SELECT count(*) FROM meta WHERE name LIKE 'fact %'";

/// A closure that keeps the writer busy until something is sent, so that what is written meanwhile queues up.
fn gate() -> (mpsc::Sender<()>, impl FnOnce() + Send + 'static) {
    let (release, wait) = mpsc::channel();
    (release, move || wait.recv().unwrap())
}

#[tokio::test]
async fn an_answer_means_that_others_can_see_the_row_and_not_before() {
    let scratch = Scratch::new();
    for number in 0..50 {
        let name = format!("fact {number}");
        let (dir, inside) = (scratch.dir.path().to_owned(), name.clone());
        let seen_early: u32 = scratch
            .write(move |tx| {
                tx.meta_set(&inside, "here")?;
                Ok(value(&raw(&dir), FACT, [&inside]))
            })
            .await;
        assert_eq!(seen_early, 0, "{name} was visible before its commit");
        assert_eq!(value::<u32>(&scratch.raw(), FACT, [&name]), 1, "{name} was answered but is not there");
    }
}

#[tokio::test]
async fn failing_and_panicking_closures_undo_only_their_own_changes() {
    let scratch = Scratch::new();
    let store = &scratch.store;
    let (release, held) = gate();
    let (_, first, failed, panicked, last, ()) = tokio::join!(
        store.write(move |_| {
            held();
            Ok::<_, StoreError>(())
        }),
        store.write(|tx| tx.meta_set("fact first", "stays")),
        store.write(|tx| {
            tx.meta_set("fact failed", "goes")?;
            tx.meta_set("fact first", "altered")?;
            Err::<(), _>(StoreError::Missing("thing"))
        }),
        store.write(|tx| {
            tx.meta_set("fact panicked", "goes").unwrap();
            panic!("on purpose");
            #[allow(unreachable_code, reason = "the type of the closure")]
            Ok::<(), StoreError>(())
        }),
        store.write(|tx| tx.meta_set("fact last", "stays")),
        async { release.send(()).unwrap() },
    );
    first.unwrap();
    last.unwrap();
    assert!(matches!(failed, Err(StoreError::Missing("thing"))), "{failed:?}");
    assert!(matches!(panicked, Err(StoreError::Panicked)), "{panicked:?}");
    let raw = scratch.raw();
    let mut statement = raw.prepare("SELECT name, value FROM meta WHERE name LIKE 'fact %' ORDER BY name").unwrap();
    let facts = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let facts: Vec<(String, String)> = facts.map(Result::unwrap).collect();
    assert_eq!(facts, [("fact first", "stays"), ("fact last", "stays")].map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[tokio::test]
async fn closures_run_in_the_order_they_were_queued() {
    let scratch = Scratch::new();
    let store = Arc::new(scratch.store);
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut writes = JoinSet::new();
    for number in 0..2_000 {
        let (store, order) = (Arc::clone(&store), Arc::clone(&order));
        writes.spawn(async move {
            let note = move |_: &Tx<'_>| {
                order.lock().unwrap().push(number);
                Ok::<_, StoreError>(())
            };
            store.write(note).await
        });
    }
    for result in writes.join_all().await {
        result.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), (0..2_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn ten_thousand_concurrent_writes_all_happen_and_share_commits() {
    let scratch = Scratch::new();
    let changed = scratch.store.changed();
    let store = Arc::new(scratch.store);
    let mut writes = JoinSet::new();
    for number in 0..10_000 {
        let store = Arc::clone(&store);
        writes.spawn(async move { store.write(move |tx| tx.meta_set(&format!("fact {number}"), "here")).await });
    }
    for result in writes.join_all().await {
        result.unwrap();
    }
    assert_eq!(value::<u32>(&raw(scratch.dir.path()), FACTS, []), 10_000);
    let commits = *changed.borrow();
    assert!((1..=2_500).contains(&commits), "10,000 writes took {commits} commits");
}

#[tokio::test]
async fn without_group_commit_each_write_has_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { group_commit: 1, ..Options::new(dir.path()) };
    let store = Arc::new(Store::open(&options, &key()).unwrap());
    let changed = store.changed();
    let mut writes = JoinSet::new();
    for number in 0..100 {
        let store = Arc::clone(&store);
        writes.spawn(async move { store.write(move |tx| tx.meta_set(&format!("fact {number}"), "here")).await });
    }
    for result in writes.join_all().await {
        result.unwrap();
    }
    Arc::into_inner(store).unwrap().close();
    assert_eq!(*changed.borrow(), 100);
}

#[tokio::test]
async fn a_write_whose_caller_went_away_is_committed_all_the_same() {
    let scratch = Scratch::new();
    let (release, held) = gate();
    {
        let busy = scratch.store.write(move |_| {
            held();
            Ok::<_, StoreError>(())
        });
        let abandoned = scratch.store.write(|tx| tx.meta_set("fact abandoned", "here"));
        tokio::select! {
            biased;
            _ = busy => unreachable!("the gate is closed"),
            _ = abandoned => unreachable!("the writer is busy"),
            () = std::future::ready(()) => {}
        }
    }
    release.send(()).unwrap();
    let dir = scratch.close();
    assert_eq!(value::<u32>(&raw(dir.path()), FACTS, []), 1);
}

#[tokio::test]
async fn a_dropped_store_finishes_its_queue_before_it_gives_up_the_directory() {
    let Scratch { store, dir } = Scratch::new();
    let (release, held) = gate();
    {
        let last = store.write(move |tx| {
            held();
            tx.meta_set("fact last", "here")
        });
        tokio::select! {
            biased;
            _ = last => unreachable!("the gate is closed"),
            () = std::future::ready(()) => {}
        }
    }
    let dropping = std::thread::spawn(move || drop(store));
    assert!(matches!(open_at_once(dir.path()), Err(StoreError::Locked(_))));
    release.send(()).unwrap();
    dropping.join().unwrap();
    let store = open(dir.path()).unwrap();
    assert_eq!(store.read(|rows| rows.meta("fact last")).await.unwrap().as_deref(), Some("here"));
}

#[tokio::test]
async fn the_tick_follows_the_commit_and_says_nothing_when_nothing_changed() {
    let scratch = Scratch::new();
    let mut changed = scratch.store.changed();
    for number in 0..20 {
        let (written, ()) =
            tokio::join!(scratch.store.write(move |tx| tx.meta_set("fact", &number.to_string())), async {
                changed.changed().await.unwrap();
                let seen: String = value(&scratch.raw(), "SELECT value FROM meta WHERE name = 'fact'", []);
                assert_eq!(seen, number.to_string());
            },);
        written.unwrap();
    }
    scratch.write(|tx| tx.meta("fact")).await;
    scratch.write(|tx| tx.pairing_delete(&"+4930901820".parse().unwrap())).await;
    scratch.close();
    assert_eq!(*changed.borrow(), 20);
}

#[tokio::test]
async fn readers_see_only_what_is_committed() {
    let scratch = Scratch::new();
    let (release, held) = gate();
    let (inserted, is_inserted) = oneshot::channel();
    let user = person("Ada");
    let id = user.id;
    let write = scratch.store.write(move |tx| {
        tx.user_insert(&user)?;
        inserted.send(()).unwrap();
        held();
        Ok::<_, StoreError>(tx.user(id)?.is_some())
    });
    let look = async {
        is_inserted.await.unwrap();
        let early = scratch.read(move |rows| rows.user(id)).await;
        release.send(()).unwrap();
        early
    };
    let (own, early) = tokio::join!(write, look);
    assert!(own.unwrap(), "a closure sees its own changes");
    assert_eq!(early, None);
    assert!(scratch.read(move |rows| rows.user(id)).await.is_some());
}

#[tokio::test]
async fn one_read_sees_one_state_however_many_questions_it_asks() {
    let scratch = Scratch::new();
    let (release, held) = gate();
    let (asked, is_asked) = oneshot::channel();
    let read = scratch.store.read(move |rows| {
        let before = rows.users()?.len();
        asked.send(()).unwrap();
        held();
        Ok::<_, StoreError>((before, rows.users()?.len()))
    });
    let write = async {
        is_asked.await.unwrap();
        scratch.person("Ada").await;
        release.send(()).unwrap();
    };
    let (seen, ()) = tokio::join!(read, write);
    assert_eq!(seen.unwrap(), (0, 0));
    assert_eq!(scratch.read(|rows| rows.users()).await.len(), 1);
}

#[tokio::test]
async fn a_panicking_read_fails_alone() {
    let scratch = Scratch::new();
    for _ in 0..5 {
        let panicked = scratch.store.read(|_| -> Result<(), StoreError> { panic!("on purpose") }).await;
        assert!(matches!(panicked, Err(StoreError::Panicked)));
    }
    assert_eq!(scratch.read(|rows| rows.users()).await, []);
}

#[tokio::test]
async fn a_row_that_exists_or_is_missing_is_told_apart_from_other_errors() {
    let scratch = Scratch::new();
    let user = person("Ada");
    scratch
        .write({
            let user = user.clone();
            move |tx| tx.user_insert(&user)
        })
        .await;
    let again = scratch.store.write(move |tx| tx.user_insert(&user)).await;
    assert!(matches!(again, Err(StoreError::Exists(_))), "{again:?}");
    let gone = scratch.store.write(|tx| tx.user_delete(UserId::new(at(0)), at(0))).await;
    assert!(matches!(gone, Err(StoreError::Missing("person"))), "{gone:?}");
}

#[tokio::test]
async fn closures_answer_with_the_caller_s_own_errors() {
    #[derive(Debug)]
    enum Own {
        Mine(u8),
        Store,
    }
    impl From<StoreError> for Own {
        fn from(_: StoreError) -> Self {
            Self::Store
        }
    }
    let scratch = Scratch::new();
    let mine = scratch.store.write(|_| Err::<(), _>(Own::Mine(7))).await;
    assert!(matches!(mine, Err(Own::Mine(7))));
    let panicked = scratch.store.write(|_| -> Result<(), Own> { panic!("on purpose") }).await;
    assert!(matches!(panicked, Err(Own::Store)));
}
