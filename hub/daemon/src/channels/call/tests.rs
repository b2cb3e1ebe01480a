//! What becomes of calls over a restart.

use chrono::Duration as Length;
use xswarm_store::{Key, Options};

use super::*;
use crate::config::Config;

#[tokio::test]
async fn a_call_that_rang_in_vain_while_the_hub_was_down_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&Options::new(dir.path()), &Key::from_hex(&"5a".repeat(32)).unwrap()).unwrap();
    let store = Arc::new(store);
    let clock = Clock::system();
    let now = clock.now();
    let ringing = |sid: &str, ago: Length| Call {
        id: CallId::new(now - ago),
        user_id: None,
        direction: Direction::Inbound,
        phone: None,
        our_phone: None,
        room: None,
        provider_id: Some(sid.to_owned()),
        message_id: None,
        state: CallState::Ringing,
        ended_because: None,
        answered_by: None,
        engine: None,
        created_at: now - ago,
        connected_at: None,
        ended_at: None,
    };
    let (long_ago, just_now) = (ringing("CA1", TOKEN_GOOD + Length::seconds(1)), ringing("CA2", Length::zero()));
    let both = [long_ago.clone(), just_now.clone()];
    store.write(move |tx| both.iter().try_for_each(|call| tx.call_insert(call)).map_err(Error::from)).await.unwrap();
    let settings = Settings {
        number: None,
        public_url: None,
        at_once: 1,
        longest: Duration::from_mins(1),
        converses: false,
        record: false,
        client: None,
        tells_mailboxes: false,
    };
    let voice = Config::from_toml("", "nothing").unwrap().voice;
    let engines = Arc::new(Engines::new(&voice, dir.path(), &TaskTracker::new()));
    let recordings = Arc::new(Recordings::open(dir.path(), Arc::clone(&store)).unwrap());
    let ours = OurAddresses::default();
    let calls = Calls::new(Arc::clone(&store), clock, engines, ours, settings, (recordings, TaskTracker::new()));
    calls.recover().await.unwrap();
    let after = |id: CallId| {
        let store = Arc::clone(&store);
        async move { store.read(move |rows| rows.call(id).map_err(Error::from)).await.unwrap().unwrap() }
    };
    let over = after(long_ago.id).await;
    assert_eq!((over.state, over.ended_because), (CallState::Ended, Some(CallEnd::NotAnswered)));
    assert_eq!(after(just_now.id).await.state, CallState::Ringing, "its stream may still be opened");
}

#[tokio::test]
async fn guests_in_a_room_are_no_strangers_who_call() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&Options::new(dir.path()), &Key::from_hex(&"5a".repeat(32)).unwrap()).unwrap();
    let now = Clock::system().now();
    let over = |sid: &str, room: Option<&str>| Call {
        id: CallId::new(now),
        user_id: None,
        direction: Direction::Inbound,
        phone: None,
        our_phone: None,
        room: room.map(str::to_owned),
        provider_id: Some(sid.to_owned()),
        message_id: None,
        state: CallState::Ended,
        ended_because: Some(CallEnd::AtCapacity),
        answered_by: None,
        engine: None,
        created_at: now,
        connected_at: None,
        ended_at: Some(now),
    };
    let both = [over("CA1", None), over("CA2", Some("Guest room"))];
    let counted = store
        .write(move |tx| {
            both.iter().try_for_each(|call| tx.call_insert(call))?;
            tx.words_of_strangers_since(now).map_err(Error::from)
        })
        .await;
    assert_eq!(counted.unwrap(), 1);
}
