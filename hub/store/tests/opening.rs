//! Opening: who may, with which key, and what is never overwritten.

use std::{fs, path::Path};

use xswarm_core::{id::AppointmentId, message::Direction};
use xswarm_store::{Key, StoreError};

use crate::scratch::{
    Scratch, appointment, at, key, message, open, open_at_once, open_with, other_key, person, raw, value,
};

const DB: &str = "xswarm.db";
const LOG: &str = "xswarm.db-wal";

/// The bytes of the database and of its log.
fn bytes(dir: &Path) -> [Option<Vec<u8>>; 2] {
    [DB, LOG].map(|name| fs::read(dir.join(name)).ok().filter(|bytes| !bytes.is_empty()))
}

fn refusal(dir: &Path, key: &Key) -> StoreError {
    match open_with(key, dir) {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

/// A store with something in its file and something more in its log.
async fn lived_in() -> Scratch {
    let scratch = Scratch::new();
    scratch.person("Ada").await;
    let scratch = scratch.reopen();
    scratch.person("Bob").await;
    scratch
}

#[tokio::test]
async fn a_second_hub_on_the_same_directory_is_refused_until_the_first_is_closed() {
    let scratch = Scratch::new();
    let refused = open_at_once(scratch.dir.path()).err();
    assert!(matches!(&refused, Some(StoreError::Locked(dir)) if dir == scratch.dir.path()), "{refused:?}");
    scratch.person("Ada").await;
    let scratch = scratch.reopen();
    assert_eq!(scratch.read(|rows| rows.users()).await.len(), 1);
}

#[tokio::test]
async fn two_directories_do_not_disturb_each_other() {
    let (one, other) = (Scratch::new(), Scratch::new());
    one.person("Ada").await;
    assert_eq!(other.read(|rows| rows.users()).await, []);
}

#[tokio::test]
async fn a_wrong_key_is_told_from_damage_and_changes_nothing() {
    let scratch = lived_in().await;
    let dir = scratch.as_if_killed();
    let before = bytes(dir.path());
    assert!(before.iter().all(Option::is_some));
    let refused = refusal(dir.path(), &other_key());
    assert!(matches!(&refused, StoreError::WrongKey(path) if *path == dir.path().join(DB)), "{refused}");
    assert_eq!(bytes(dir.path()), before);
    let store = open(dir.path()).unwrap();
    assert_eq!(store.read(|rows| rows.users()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_unencrypted_database_is_a_wrong_key_and_stays() {
    let dir = Scratch::new().close();
    fs::remove_file(dir.path().join(DB)).unwrap();
    let plain = rusqlite::Connection::open(dir.path().join(DB)).unwrap();
    plain.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(plain);
    let before = bytes(dir.path());
    assert!(matches!(refusal(dir.path(), &key()), StoreError::WrongKey(_)));
    assert_eq!(bytes(dir.path()), before);
}

#[tokio::test]
async fn a_truncated_file_is_damaged_and_stays_as_it_is() {
    let scratch = lived_in().await.close();
    let whole = fs::read(scratch.path().join(DB)).unwrap();
    for length in [1, 15, 16, 100, 4_095, 4_096, 3 * 4_096, whole.len() / 2, whole.len() - 4_096, whole.len() - 1] {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(DB), &whole[..length]).unwrap();
        let before = bytes(dir.path());
        let refused = refusal(dir.path(), &key());
        assert!(matches!(refused, StoreError::Damaged { .. }), "{length} of {} bytes: {refused}", whole.len());
        assert_eq!(bytes(dir.path()), before, "{length} bytes");
    }
}

#[tokio::test]
async fn one_wrong_byte_anywhere_is_damage_and_the_log_stays_beside_it() {
    let scratch = lived_in().await;
    let killed = scratch.as_if_killed();
    let [Some(whole), Some(log)] = bytes(killed.path()) else { panic!("both files were to be there") };
    let pages = whole.len() / 4_096;
    // A page that is also in the log is read from there; damage to the file's copy of it is none.
    let mut damaged = 0;
    for place in [20, 4_000].into_iter().chain((1..pages).map(|page| page * 4_096 + 1_000)) {
        let dir = tempfile::tempdir().unwrap();
        let mut garbled = whole.clone();
        garbled[place] ^= 1;
        fs::write(dir.path().join(DB), &garbled).unwrap();
        fs::write(dir.path().join(LOG), &log).unwrap();
        let before = bytes(dir.path());
        match open(dir.path()) {
            Ok(store) => assert_eq!(store.read(|rows| rows.check()).await.unwrap(), None),
            Err(StoreError::Damaged { path, .. }) => {
                damaged += 1;
                assert_eq!(path, dir.path().join(DB));
                assert_eq!(bytes(dir.path()), before, "the byte at {place}");
            }
            Err(other) => panic!("the byte at {place}: {other}"),
        }
    }
    assert!(damaged > pages / 2, "{damaged} of {pages} pages");
}

#[tokio::test]
async fn without_a_log_every_wrong_byte_is_damage() {
    let closed = lived_in().await.close();
    let whole = fs::read(closed.path().join(DB)).unwrap();
    let pages = whole.len() / 4_096;
    for place in [20, 4_000].into_iter().chain((1..pages).map(|page| page * 4_096 + 1_000)) {
        let mut garbled = whole.clone();
        garbled[place] ^= 1;
        fs::write(closed.path().join(DB), &garbled).unwrap();
        let refused = refusal(closed.path(), &key());
        assert!(matches!(refused, StoreError::Damaged { .. }), "the byte at {place}: {refused}");
        assert_eq!(fs::read(closed.path().join(DB)).unwrap(), garbled);
    }
}

#[tokio::test]
async fn an_empty_file_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join(DB), "").unwrap();
    let store = open(dir.path()).unwrap();
    let user = person("Ada");
    store.write(move |tx| tx.user_insert(&user)).await.unwrap();
}

#[tokio::test]
async fn a_log_whose_database_is_gone_is_not_thrown_away() {
    let scratch = lived_in().await;
    for gone in [true, false] {
        let dir = scratch.as_if_killed();
        if gone {
            fs::remove_file(dir.path().join(DB)).unwrap();
        } else {
            fs::write(dir.path().join(DB), "").unwrap();
        }
        let before = bytes(dir.path());
        let refused = refusal(dir.path(), &key());
        assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
        assert_eq!(bytes(dir.path()), before);
    }
}

#[tokio::test]
async fn what_was_committed_before_a_kill_is_there_after_it() {
    let scratch = lived_in().await;
    let dir = scratch.as_if_killed();
    let store = open(dir.path()).unwrap();
    let users = store.read(|rows| rows.users()).await.unwrap();
    let mut names: Vec<_> = users.into_iter().map(|user| user.name).collect();
    names.sort();
    assert_eq!(names, ["Ada", "Bob"]);
}

#[tokio::test]
async fn a_closed_store_leaves_one_file_that_is_the_whole_database() {
    let closed = lived_in().await.close();
    assert_eq!(bytes(closed.path())[1], None, "the log was not folded in");
    let copy = tempfile::tempdir().unwrap();
    fs::copy(closed.path().join(DB), copy.path().join(DB)).unwrap();
    assert_eq!(open(copy.path()).unwrap().read(|rows| rows.users()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_newer_database_that_still_knows_us_opens_and_works() {
    let dir = lived_in().await.close();
    let newer =
        "ALTER TABLE users ADD COLUMN nickname TEXT; CREATE TABLE dreams (id TEXT); PRAGMA user_version = 1001;";
    raw(dir.path()).execute_batch(newer).unwrap();
    let store = open(dir.path()).unwrap();
    let user = person("Cyd");
    store.write(move |tx| tx.user_insert(&user)).await.unwrap();
    assert_eq!(store.read(|rows| rows.users()).await.unwrap().len(), 3);
    store.close();
    assert_eq!(value::<u32>(&raw(dir.path()), "PRAGMA user_version", []), 1001);
}

#[tokio::test]
async fn a_database_that_has_forgotten_us_is_too_new_and_stays_as_it_is() {
    let dir = lived_in().await.close();
    let newer = "UPDATE meta SET value = '1000' WHERE name = 'min_reader'; PRAGMA user_version = 1001;";
    raw(dir.path()).execute_batch(newer).unwrap();
    let before = bytes(dir.path());
    let refused = refusal(dir.path(), &key());
    assert!(matches!(refused, StoreError::TooNew { found: 1001, needed: 1000, .. }), "{refused}");
    assert_eq!(bytes(dir.path()), before);
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing");
    let refused = refusal(&missing, &key());
    assert!(matches!(&refused, StoreError::StateDir { path, .. } if *path == missing), "{refused}");
    assert!(!missing.exists());
}

#[tokio::test]
async fn nothing_readable_stands_in_the_file_or_its_log() {
    const TITLE: &str = "Zahnarzt bei Doktor Wunderlich";
    const TEXT: &str = "the secret ingredient is nutmeg";
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    let id: AppointmentId = scratch
        .write(move |tx| {
            let one = appointment(user, TITLE, at(0), at(60));
            tx.appointment_insert(&one)?;
            tx.message_insert(&message(Direction::Inbound, TEXT), at(0))?;
            tx.secret_set("twilio_auth_token", "0123456789abcdef-token", at(0))?;
            Ok(one.id)
        })
        .await;
    let [_, live_log] = bytes(scratch.dir.path());
    let live_log = live_log.expect("the log holds what was just written");
    let dir = scratch.close();
    let [file, _] = bytes(dir.path());
    let file = file.unwrap();
    let id = id.to_string();
    let readable = [TITLE, TEXT, "abcdef-token", id.as_str(), "CREATE TABLE", "appointments", "SQLite format 3"];
    for text in readable {
        for (name, bytes) in [("file", &file), ("log", &live_log)] {
            let found = bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!found, "`{text}` stands in the {name}");
        }
    }
    // What is enciphered looks like noise: each byte is about as frequent as any other.
    let mut seen = [0_usize; 256];
    for byte in &file {
        seen[usize::from(*byte)] += 1;
    }
    let (least, most) = (seen.iter().min().unwrap(), seen.iter().max().unwrap());
    assert!(least * 2 > *most, "bytes are unevenly spread: {least} to {most}");
}
