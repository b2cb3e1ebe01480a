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
    let state = VoiceState {
        engines: Vec::new(),
        runs_models: cfg!(feature = "moshi"),
        models_dir: "/state/models".to_owned(),
    };
    assert_eq!(none.state(), state);
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
async fn servers_that_are_away_take_no_calls() {
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
    assert!(alone.first().is_none(), "whoever calls is asked to write");
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_cannot_start_is_tried_again_ever_later_until_it_can() {
    let engines = engines("[\"moshi\", \"scripted\"]");
    let place = &engines.places[0];
    let began = Instant::now();
    let attempts = RefCell::new(Vec::new());
    let start = || async {
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
    tokio::join!(engines.keep(place, start, lives, &stop), ready);
    assert_eq!(*attempts.borrow(), [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]);
}

#[tokio::test(start_paused = true)]
async fn who_asks_has_it_tried_again_at_once() {
    let engines = engines("[\"moshi\", \"scripted\"]");
    let place = &engines.places[0];
    let began = Instant::now();
    let outcomes = RefCell::new(VecDeque::from([away("x is missing"), away("x is missing"), Ok(scripted())]));
    let start = || async {
        sleep(Duration::from_secs(2)).await;
        outcomes.borrow_mut().pop_front().unwrap()
    };
    let stop = CancellationToken::new();
    let asks = async {
        let mut states = place.state.subscribe();
        for _ in 0..2 {
            states.wait_for(|state| matches!(state, State::Away(_))).await.unwrap();
            let why = engines.state().engines.remove(0).why;
            assert_eq!(why.as_deref(), Some("the voice engine is not available: x is missing"));
            // By then it waits.
            sleep(Duration::from_secs(1)).await;
            engines.retry().await;
            states.wait_for(|state| matches!(state, State::Loading)).await.unwrap();
        }
        states.wait_for(|state| matches!(state, State::Ready(_))).await.unwrap();
        stop.cancel();
    };
    tokio::join!(engines.keep(place, start, lives, &stop), asks);
    assert_eq!(began.elapsed().as_secs(), 2 + 1 + 2 + 1 + 2);
    engines.close().await;
    assert_eq!(readiness(&engines), [Readiness::Away, Readiness::Away]);
}

#[tokio::test(start_paused = true)]
async fn one_that_dies_leaves_calls_to_the_next_and_comes_back() {
    let engines = engines("[\"moshi\", \"scripted\"]");
    let place = &engines.places[0];
    let (began, starts) = (Instant::now(), RefCell::new(Vec::new()));
    let start = || async {
        starts.borrow_mut().push(began.elapsed().as_secs() / 60);
        sleep(Duration::from_mins(1)).await;
        Ok(scripted())
    };
    // At first soon after each start, then after a long time.
    let lifetimes = RefCell::new(VecDeque::from([1, 1, 1, 100, 1].map(Duration::from_mins)));
    let ended = |_| async {
        let Some(lifetime) = lifetimes.borrow_mut().pop_front() else { return std::future::pending().await };
        sleep(lifetime).await;
        EngineError::Died("the GPU fell off the bus".to_owned())
    };
    let stop = CancellationToken::new();
    let calls = async {
        let mut states = place.state.subscribe();
        for _ in 0..5 {
            states.wait_for(|state| matches!(state, State::Ready(_))).await.unwrap();
            assert!(Arc::ptr_eq(&engines.first().unwrap(), &ready_engine(place)));
            states.wait_for(|state| matches!(state, State::Away(_))).await.unwrap();
            assert!(Arc::ptr_eq(&engines.first().unwrap(), &ready_engine(&engines.places[1])));
            let why = engines.state().engines.remove(0).why;
            assert_eq!(why.as_deref(), Some("the voice engine ended: the GPU fell off the bus"));
        }
        states.wait_for(|state| matches!(state, State::Ready(_))).await.unwrap();
        stop.cancel();
    };
    tokio::join!(engines.keep(place, start, ended, &stop), calls);
    // A minute of loading and one of life each time, and pauses of 1, 2, 4, 1 (it lasted) and 2 minutes.
    assert_eq!(*starts.borrow(), [0, 3, 7, 13, 115, 119]);
}

async fn lives(_: Arc<Engine>) -> EngineError {
    std::future::pending().await
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
