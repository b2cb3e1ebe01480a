//! Disks that are full or may not be written.

use std::{
    fs::{self, File},
    io::Write,
    path::Path,
    sync::Arc,
};

use tokio::task::JoinSet;
use xswarm_store::{Store, StoreError};

use crate::scratch::{Scratch, at, key, mounts, open, raw, value};

const BALLAST: &str = "ballast";

/// A directory on a disk of a given size.
fn small_disk(size: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    mounts::mount(&format!("size={size}"), dir.path());
    dir
}

/// Leaves no room on the disk but `left` bytes.
fn fill(dir: &Path, left: usize) {
    let mut ballast = File::create(dir.join(BALLAST)).unwrap();
    while ballast.write_all(&[0; 4_096]).is_ok() {}
    let length = ballast.metadata().unwrap().len();
    ballast.set_len(length.saturating_sub(left as u64)).unwrap();
}

fn free(dir: &Path) {
    fs::remove_file(dir.join(BALLAST)).unwrap();
}

fn there(dir: &Path, name: &str) -> bool {
    value(&raw(dir), "SELECT EXISTS (SELECT 1 FROM meta WHERE name = ?)", [name])
}

/// Many writes at once; the names that were answered with yes, and those answered with "full".
async fn write_all(
    store: &Arc<Store>,
    names: impl Iterator<Item = String>,
    bytes: usize,
) -> (Vec<String>, Vec<String>) {
    let mut writes = JoinSet::new();
    for name in names {
        let store = Arc::clone(store);
        writes.spawn(async move {
            let inner = name.clone();
            let text = "x".repeat(bytes);
            (name, store.write(move |tx| tx.meta_set(&inner, &text)).await)
        });
    }
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for (name, result) in writes.join_all().await {
        match result {
            Ok(()) => kept.push(name),
            Err(StoreError::Full) => refused.push(name),
            Err(other) => panic!("{name}: {other}"),
        }
    }
    (kept, refused)
}

fn async_test(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test);
}

#[test]
fn a_full_disk_refuses_whole_batches_loses_nothing_earlier_and_works_again_when_there_is_room() {
    if !mounts::of_its_own(
        "disk::a_full_disk_refuses_whole_batches_loses_nothing_earlier_and_works_again_when_there_is_room",
    ) {
        return;
    }
    async_test(async {
        let dir = small_disk("3m");
        let store = Arc::new(open(dir.path()).unwrap());
        let mut kept = Vec::new();
        for round in 0..3 {
            let (earlier, none) = write_all(&store, (0..50).map(|n| format!("early {round}/{n}")), 100).await;
            assert_eq!((earlier.len(), none.len()), (50, 0), "round {round}");
            kept.extend(earlier);
            fill(dir.path(), 0);
            let mut refused = Vec::new();
            for wave in 0..5 {
                let (more, not) = write_all(&store, (0..200).map(|n| format!("late {round}/{wave}/{n}")), 2_000).await;
                kept.extend(more);
                refused.extend(not);
            }
            assert!(!refused.is_empty(), "the disk was not full in round {round}");
            for name in &kept {
                assert!(there(dir.path(), name), "{name} was answered with yes and is gone");
            }
            for name in &refused {
                assert!(!there(dir.path(), name), "{name} was answered with no and is there");
            }
            assert_eq!(store.read(|rows| rows.check()).await.unwrap(), None);
            free(dir.path());
        }
        Arc::into_inner(store).unwrap().close();
        let store = open(dir.path()).unwrap();
        assert_eq!(store.read(|rows| rows.check()).await.unwrap(), None);
        for name in &kept {
            assert!(there(dir.path(), name), "{name} was gone after a restart");
        }
    });
}

/// A closure that writes more than the page cache holds meets the full disk before its commit, and SQLite undoes the
/// whole transaction on the spot.
#[test]
fn a_closure_that_fills_the_disk_by_itself_answers_full_and_takes_no_half_batch_with_it() {
    if !mounts::of_its_own("disk::a_closure_that_fills_the_disk_by_itself_answers_full_and_takes_no_half_batch_with_it")
    {
        return;
    }
    async_test(async {
        let dir = small_disk("8m");
        let store = open(dir.path()).unwrap();
        for round in 0..5 {
            let small = [format!("before {round}"), format!("after {round}")];
            let [before, after] = small.clone();
            let (before, big, after) = tokio::join!(
                store.write(move |tx| tx.meta_set(&before, "x")),
                store.write(move |tx| {
                    for number in 0..4_000 {
                        tx.meta_set(&format!("big {round}/{number}"), &"x".repeat(8_000))?;
                    }
                    Ok::<_, StoreError>(())
                }),
                store.write(move |tx| tx.meta_set(&after, "x")),
            );
            assert!(matches!(big, Err(StoreError::Full)), "{big:?}");
            assert!(!there(dir.path(), &format!("big {round}/0")));
            for (name, result) in small.iter().zip([before, after]) {
                match result {
                    Ok(()) => assert!(there(dir.path(), name), "{name} was answered with yes and is gone"),
                    Err(StoreError::Full) => assert!(!there(dir.path(), name), "{name} was refused and is there"),
                    Err(other) => panic!("{name}: {other}"),
                }
            }
            store.write(move |tx| tx.meta_set(&format!("next {round}"), "x")).await.unwrap();
            assert_eq!(store.read(|rows| rows.check()).await.unwrap(), None);
        }
    });
}

#[test]
fn opening_on_a_full_disk_says_so_and_leaves_everything_as_it_is() {
    if !mounts::of_its_own("disk::opening_on_a_full_disk_says_so_and_leaves_everything_as_it_is") {
        return;
    }
    async_test(async {
        let dir = small_disk("3m");
        let store = open(dir.path()).unwrap();
        store.write(|tx| tx.meta_set("fact", "here")).await.unwrap();
        store.close();
        let file = dir.path().join("xswarm.db");
        let before = fs::read(&file).unwrap();
        fill(dir.path(), 0);
        let refused = open(dir.path()).err();
        assert!(matches!(refused, Some(StoreError::Full)), "{refused:?}");
        assert_eq!(fs::read(&file).unwrap(), before);
        free(dir.path());
        let store = open(dir.path()).unwrap();
        assert_eq!(store.read(|rows| rows.meta("fact")).await.unwrap().as_deref(), Some("here"));
    });
}

#[test]
fn a_disk_that_fills_up_while_a_database_is_made_leaves_one_that_is_made_anew() {
    if !mounts::of_its_own("disk::a_disk_that_fills_up_while_a_database_is_made_leaves_one_that_is_made_anew") {
        return;
    }
    async_test(async {
        let mut refusals = 0;
        for room in (0..600).step_by(40) {
            let dir = small_disk("2m");
            fill(dir.path(), room * 1_024);
            match open(dir.path()) {
                Ok(store) => store.close(),
                Err(StoreError::Full) => refusals += 1,
                Err(other) => panic!("with {room} KiB of room: {other}"),
            }
            free(dir.path());
            let store = open(dir.path()).unwrap();
            store.write(|tx| tx.secret_set("made", "anew", at(0))).await.unwrap();
        }
        assert!(refusals > 0);
    });
}

#[test]
fn a_read_only_directory_is_an_error_that_says_so_and_changes_nothing() {
    if !mounts::of_its_own("disk::a_read_only_directory_is_an_error_that_says_so_and_changes_nothing") {
        return;
    }
    async_test(async {
        let dir = small_disk("3m");
        mounts::mount_again("ro", dir.path());
        let fresh = open(dir.path()).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(fresh.contains("Read-only file system"), "{fresh}");
        mounts::mount_again("rw", dir.path());
        open(dir.path()).unwrap().close();
        let before = fs::read(dir.path().join("xswarm.db")).unwrap();
        mounts::mount_again("ro", dir.path());
        let refused = Store::open(&xswarm_store::Options::new(dir.path()), &key()).err();
        assert!(matches!(&refused, Some(StoreError::StateDir { path, .. }) if path == dir.path()), "{refused:?}");
        assert_eq!(fs::read(dir.path().join("xswarm.db")).unwrap(), before);
    });
}

#[tokio::test]
async fn plenty_of_room_is_not_full() {
    let scratch = Scratch::new();
    let store = Arc::new(scratch.store);
    let (kept, refused) = write_all(&store, (0..200).map(|n| format!("{n}")), 2_000).await;
    assert_eq!((kept.len(), refused.len()), (200, 0));
}
