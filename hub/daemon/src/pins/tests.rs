//! PINs against a real database.

use std::sync::Arc;

use chrono::Duration;
use xswarm_core::{
    time::from_text,
    user::{Role, User},
};
use xswarm_store::{Key, Options, Store};

use super::*;

struct Household {
    store: Arc<Store>,
    user: UserId,
    now: DateTime<Utc>,
    dir: tempfile::TempDir,
}

impl Household {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now = from_text("2026-11-24T09:00:00.000Z").unwrap();
        let user = User {
            id: UserId::new(now),
            name: "Ada".into(),
            email: None,
            phone: None,
            timezone: chrono_tz::Europe::Berlin,
            preferences: serde_json::json!({}),
            boss_phone: None,
            boss_email: None,
            can_provision_numbers: false,
            role: Role::Admin,
            created_at: now,
            updated_at: now,
        };
        let store = Arc::new(open(dir.path()));
        let id = user.id;
        store.write(move |tx| tx.user_insert(&user).map_err(Error::from)).await.unwrap();
        Self { store, user: id, now, dir }
    }

    async fn set(&self, pin: &str) {
        let hash = hash(pin.parse().unwrap()).await.unwrap();
        let (user, now) = (self.user, self.now);
        self.store.write(move |tx| tx.pin_set(user, &hash, now).map_err(Error::from)).await.unwrap();
    }

    async fn charge(&self, after: Duration) -> Charged {
        let (user, now) = (self.user, self.now + after);
        self.store.write(move |tx| charge(tx, user, now).map_err(Error::from)).await.unwrap()
    }

    /// Types digits; whether they were right.
    async fn types(&self, digits: &str, after: Duration) -> Option<bool> {
        let Charged::Try { hash, .. } = self.charge(after).await else { return None };
        let is_right = matches(&hash, &Typed::new(digits.to_owned()));
        if is_right {
            let user = self.user;
            self.store.write(move |tx| right(tx, user).map_err(Error::from)).await.unwrap();
        }
        Some(is_right)
    }
}

fn open(dir: &std::path::Path) -> Store {
    Store::open(&Options::new(dir), &Key::from_hex(&"5a".repeat(32)).unwrap()).unwrap()
}

#[tokio::test]
async fn a_pin_is_kept_as_a_slow_hash_with_a_salt_of_its_own() {
    let (one, other) = (hash("4711".parse().unwrap()).await.unwrap(), hash("4711".parse().unwrap()).await.unwrap());
    assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && one != other && !one.contains("4711"), "{one}");
    assert!(matches(&one, &Typed::new("4711".into())) && matches(&other, &Typed::new("4711".into())));
    for wrong in ["4712", "", "47110", "$argon2id$"] {
        assert!(!matches(&one, &Typed::new(wrong.into())), "{wrong}");
    }
    assert!(!matches("no hash", &Typed::new("4711".into())));
}

#[tokio::test]
async fn three_wrong_ones_lock_for_a_time_that_grows_and_a_restart_does_not_help() {
    let mut ada = Household::new().await;
    assert!(ada.charge(Duration::zero()).await == Charged::Refused(Entry::None));
    ada.set("4711").await;
    let mut at = Duration::zero();
    for minutes in [15, 60, 240, 1_440, 1_440] {
        for _ in 0..3 {
            assert_eq!(ada.types("0815", at).await, Some(false));
        }
        drop(std::mem::replace(&mut ada.store, Arc::new(open(tempfile::tempdir().unwrap().path()))));
        ada.store = Arc::new(open(ada.dir.path()));
        assert_eq!(ada.types("4711", at).await, None, "not even the right one");
        let until = ada.now + at + Duration::minutes(minutes);
        assert!(ada.charge(at).await == Charged::Refused(Entry::Locked { until }), "{minutes}");
        at += Duration::minutes(minutes);
    }
    assert_eq!(ada.types("4711", at).await, Some(true));
    assert_eq!(ada.types("0815", at).await, Some(false));
    assert_eq!(ada.types("0815", at).await, Some(false));
    assert_eq!(ada.types("4711", at).await, Some(true), "the third try");
    let (user, now) = (ada.user, ada.now + at);
    let state = ada.store.read(move |rows| state(rows, user, now).map_err(Error::from)).await.unwrap();
    assert_eq!((state.set_at, state.locked_until), (Some(ada.now), None));
}

#[tokio::test]
async fn tries_at_the_same_time_are_no_more_than_tries_one_after_the_other() {
    let ada = Household::new().await;
    ada.set("4711").await;
    let tries = futures_util::future::join_all((0..50).map(|_| ada.charge(Duration::zero()))).await;
    let allowed = tries.iter().filter(|one| matches!(one, Charged::Try { .. })).count();
    assert_eq!(allowed, 3, "whatever they turn out to be");
    let last = tries.iter().filter(|one| matches!(one, Charged::Try { locks_until: Some(_), .. })).count();
    assert_eq!(last, 1);
}
