//! Engines that come and go, in a time that is made up.

use std::{cell::RefCell, collections::VecDeque};

use super::*;
use crate::config::Config;

fn engines(engine: &str) -> Engines {
    let config = Config::from_toml(&format!("[voice]\nengine = {engine}\n"), "x").unwrap();
    Engines::new(&config.voice, Path::new("/state"), &TaskTracker::new())
}

fn away(why: &str) -> std::result::Result<Engine, EngineError> {
    Err(EngineError::Unavailable(why.to_owned()))
}

fn readiness(engines: &Engines) -> Vec<Readiness> {
    engines.state().engines.into_iter().map(|engine| engine.readiness).collect()
}

#[test]
fn without_engines_nobody_takes_a_call_and_of_several_the_first() {
    let none = engines("\"off\"");
    assert!(none.first().is_none());
    assert_eq!(none.state(), VoiceState { engines: Vec::new(), models_dir: "/state/models".to_owned() });
    let both = engines("[\"scripted\", \"wyoming\"]");
    assert_eq!(both.first().unwrap().name(), "scripted");
    assert_eq!(readiness(&both), [Readiness::Ready, Readiness::Ready]);
    assert!(both.wyoming().is_some());
}

#[cfg(not(feature = "moshi"))]
#[test]
fn a_program_without_the_models_says_so_and_takes_the_next_engine() {
    let engines = engines("[\"moshi\", \"scripted\"]");
    assert_eq!(engines.first().unwrap().name(), "scripted");
    let state = engines.state().engines.remove(0);
    assert_eq!((state.name.as_str(), state.readiness), ("moshi", Readiness::Away));
    assert!(state.why.unwrap().contains("build the hub with the cargo feature `cuda`"));
}

#[tokio::test]
async fn servers_that_are_away_are_passed_over_when_there_is_another_engine() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Nobody listens there any more.
    drop(listener);
    let servers = format!("stt_url = \"{address}\"\ntts_url = \"{address}\"");
    let both = engines(&format!("[\"wyoming\", \"scripted\"]\n{servers}"));
    assert_eq!(both.first().unwrap().name(), "wyoming");
    both.look().await;
    assert_eq!(both.first().unwrap().name(), "scripted");
    assert_eq!(readiness(&both), [Readiness::Away, Readiness::Ready]);
    let alone = engines(&format!("\"wyoming\"\n{servers}"));
    alone.look().await;
    assert_eq!(alone.first().unwrap().name(), "wyoming");
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_cannot_start_is_tried_again_ever_later_until_it_can() {
    let engines = engines("[\"moshi\", \"scripted\"]");
    let place = &engines.places[0];
    let began = Instant::now();
    let attempts = RefCell::new(Vec::new());
    let start = async || {
        attempts.borrow_mut().push(began.elapsed().as_secs() / 60);
        assert_eq!(engines.first().unwrap().name(), "scripted", "meanwhile the next one takes calls");
        if attempts.borrow().len() < 10 { away("no GPU") } else { Ok(scripted()) }
    };
    let stop = CancellationToken::new();
    let ready = async {
        place.state.subscribe().wait_for(|state| matches!(state, State::Ready(_))).await.unwrap();
        assert!(Arc::ptr_eq(&engines.first().unwrap(), &ready_engine(place)));
        stop.cancel();
    };
    tokio::join!(engines.keep(place, start, &stop), ready);
    assert_eq!(*attempts.borrow(), [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
}

#[tokio::test(start_paused = true)]
async fn who_asks_has_it_tried_again_at_once() {
    let engines = engines("[\"moshi\", \"scripted\"]");
    let place = &engines.places[0];
    let began = Instant::now();
    let outcomes = RefCell::new(VecDeque::from([away("x is missing"), away("x is missing"), Ok(scripted())]));
    let start = async || outcomes.borrow_mut().pop_front().unwrap();
    let stop = CancellationToken::new();
    let asks = async {
        let mut states = place.state.subscribe();
        for _ in 0..2 {
            states.wait_for(|state| matches!(state, State::Away(_))).await.unwrap();
            let why = engines.state().engines.remove(0).why;
            assert_eq!(why.as_deref(), Some("the voice engine is not available: x is missing"));
            // It waits once nothing else is to be done.
            tokio::time::advance(Duration::from_secs(1)).await;
            engines.retry.notify_waiters();
            states.wait_for(|state| !matches!(state, State::Away(_))).await.unwrap();
        }
        states.wait_for(|state| matches!(state, State::Ready(_))).await.unwrap();
        stop.cancel();
    };
    tokio::join!(engines.keep(place, start, &stop), asks);
    assert_eq!(began.elapsed().as_secs(), 2);
    engines.close().await;
    assert_eq!(readiness(&engines), [Readiness::Away, Readiness::Away]);
}

fn scripted() -> Engine {
    Engine::Scripted(Scripted::new(Vec::new().into(), 1, TaskTracker::new()))
}

fn ready_engine(place: &Place) -> Arc<Engine> {
    match &*place.state.borrow() {
        State::Ready(engine) => Arc::clone(engine),
        State::Loading | State::Away(_) => panic!("it is not ready"),
    }
}
