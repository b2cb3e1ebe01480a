//! Conversations over a link, and links that break.

use std::ops::ControlFlow;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::timeout;
use xswarm_core::{
    id::ReminderId,
    room::{Doing, FromHub, FromRoom, Mark, RoomTimer, SoundHealth, Stop, StopReason, StreamNumber},
};
use xswarm_room::{
    clock,
    exchange::{HubState, Status},
    state::Shown,
};
use xswarm_wake::speech::{Manner, Voice};

use crate::{
    fake_hub::{Came, FakeHub, HubLink, Identity, PATIENCE},
    home::{Home, Running, loud},
};

/// A device in a home, and a hub that it is paired with.
async fn paired(home: &Home) -> (Identity, FakeHub) {
    let identity = Identity::new("xswarm.local", 2_020);
    let hub = FakeHub::start(&identity).await;
    identity.pairing(hub.address()).keep(&home.state_dir()).unwrap();
    (identity, hub)
}

/// Asks the device how it is until it is as it should be.
async fn until(home: &Home, what: &str, is: impl Fn(&Status) -> bool) {
    let mut last = None;
    let asking = async {
        loop {
            last = home.status().await;
            if last.as_ref().is_some_and(&is) {
                break;
            }
        }
    };
    assert!(timeout(PATIENCE, asking).await.is_ok(), "{what}: {last:?}");
}

/// Somebody presses the button once there is sound.
async fn presses(home: &Home) {
    until(home, "sound is open", |status| status.sound == SoundHealth::Running).await;
    home.asks(&["press"]).await;
}

/// The beginning of a conversation: its stream, and the message itself.
async fn started(link: &mut HubLink) -> (StreamNumber, xswarm_core::room::Start) {
    loop {
        let said = link.said().await;
        if let FromRoom::Start { stream_sid, start } = said {
            return (stream_sid, start);
        }
        assert!(matches!(said, FromRoom::Health(_)), "{said:?}");
    }
}

#[tokio::test]
async fn a_conversation_is_heard_on_both_sides() {
    let home = Home::humming(60);
    let (_identity, hub) = paired(&home).await;
    let device = home.run();
    let mut link = hub.welcome().await;
    presses(&home).await;
    let (stream, start) = started(&mut link).await;
    assert!(start.binary && start.wake.is_none());
    let (mut heard, mut next_ms) = (Vec::new(), 0);
    while heard.len() < 48_000 {
        let Came::Sound { stream: of, at_ms, samples } = link.next().await else { continue };
        assert_eq!((of, at_ms), (stream, next_ms), "nothing is missing");
        next_ms += 20;
        heard.extend(samples.iter().map(|sample| f32::from(*sample) / 32_768.0));
    }
    assert!(start.pre_roll_ms <= 1_500 && loud(&heard) > 10_000, "{start:?}: {}", loud(&heard));
    link.say(&FromHub::Doing { stream_sid: stream, doing: Doing::Thinking }).await;
    link.tone(stream, 600).await;
    link.say(&FromHub::Mark { stream_sid: stream, mark: Mark { name: "all".to_owned() } }).await;
    let back = link.said().await;
    assert_eq!(back, FromRoom::Mark { stream_sid: stream, mark: Mark { name: "all".to_owned() } });
    link.say(&FromHub::Stop { stream_sid: stream, stop: Stop { reason: StopReason::Finished } }).await;
    until(&home, "it is over", |status| status.doing == Shown::Idle).await;
    assert!(home.status().await.is_some_and(|status| !status.is_muted));
    device.stop();
    let played = loud(&home.played());
    assert!((15_000..60_000).contains(&played), "the tone, and the sound that says that it listens: {played}");
    assert!(!home.file("control.sock").exists());
}

#[tokio::test]
async fn not_a_sample_leaves_a_device_that_is_muted() {
    let home = Home::humming(60);
    let (_identity, hub) = paired(&home).await;
    let device = home.run();
    let mut link = hub.welcome().await;
    presses(&home).await;
    started(&mut link).await;
    home.asks(&["mute"]).await;
    // What was on its way before the mute ends with the conversation.
    loop {
        match link.next().await {
            Came::Said(FromRoom::Stop { .. }) => break,
            Came::Said(FromRoom::Health(_)) | Came::Sound { .. } => {}
            Came::Said(other) => panic!("{other:?}"),
        }
    }
    let refused = home.does(&["press"]).await;
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("unmute"), "{refused:?}");
    until(&home, "it is muted", |status| status.is_muted && status.doing == Shown::Muted).await;
    home.asks(&["unmute"]).await;
    home.asks(&["press"]).await;
    let flow = loop {
        let flow = match link.next().await {
            Came::Said(FromRoom::Health(health)) => ControlFlow::Continue(health.is_muted),
            Came::Said(FromRoom::Start { .. }) => ControlFlow::Break(true),
            Came::Said(other) => panic!("{other:?}"),
            Came::Sound { .. } => ControlFlow::Break(false),
        };
        if let ControlFlow::Break(is_start) = flow {
            break is_start;
        }
    };
    assert!(flow, "sound left the device before it was woken again");
    device.stop();
    // A mute outlasts a restart.
    let device = home.run();
    let _link = hub.welcome().await;
    home.asks(&["mute"]).await;
    device.stop();
    let device = home.run();
    let _link = hub.welcome().await;
    assert!(home.status().await.is_some_and(|status| status.is_muted));
    device.stop();
}

#[tokio::test]
async fn a_mute_that_was_confirmed_outlasts_whatever_comes_then() {
    let home = Home::humming(60);
    let (_identity, _hub) = paired(&home).await;
    for round in 0..5 {
        let device = home.run();
        until(&home, "it runs", |status| status.is_muted == (round > 0)).await;
        home.asks(&["unmute"]).await;
        home.asks(&["mute"]).await;
        // At once, as when the plug is pulled.
        drop(device);
    }
    let device = home.run();
    until(&home, "it is muted", |status| status.is_muted).await;
    device.stop();
}

#[tokio::test]
async fn a_hub_that_dies_is_found_again_where_it_was() {
    let home = Home::humming(60);
    let (identity, hub) = paired(&home).await;
    let device = home.run();
    let mut link = hub.welcome().await;
    presses(&home).await;
    let (first, _) = started(&mut link).await;
    let address = hub.address();
    drop((link, hub));
    until(&home, "it is away", |status| status.hub == HubState::Away).await;
    // Nobody else is let in there in the meantime.
    let impostor = FakeHub::at(&Identity::new("xswarm.local", 2_020), address).await;
    assert!(impostor.secured().await.is_err());
    drop(impostor);
    let hub = FakeHub::at(&identity, address).await;
    let mut link = hub.welcome().await;
    until(&home, "it is reached", |status| status.hub == HubState::Reached).await;
    presses(&home).await;
    let (second, _) = started(&mut link).await;
    assert!(second.0 > first.0);
    let words = device.stop();
    assert!(words.contains("the hub is away"), "{words}");
}

#[tokio::test]
async fn a_hub_that_forgot_the_device_is_said_to_have() {
    let home = Home::humming(30);
    let (_identity, hub) = paired(&home).await;
    let device = home.run();
    hub.refuse().await;
    until(&home, "it is refused", |status| status.hub == HubState::Refused).await;
    assert!(home.asks(&["status"]).await.contains("pair it again"));
    device.stop();
}

#[tokio::test]
async fn one_whose_token_another_device_shows_says_so_and_leaves_it_alone() {
    let home = Home::humming(30);
    let (_identity, hub) = paired(&home).await;
    let device = home.run();
    hub.welcome().await.gives_way().await;
    until(&home, "it is away", |status| status.hub == HubState::Away).await;
    let words = device.stop();
    assert!(words.contains("another device uses the pairing of this one"), "{words}");
}

/// Waits for a ring and stops it.
async fn rings(home: &Home) {
    until(home, "it rings", |status| status.doing == Shown::Ringing).await;
    home.asks(&["stop"]).await;
    until(home, "it rings no more", |status| status.doing != Shown::Ringing).await;
}

async fn told(link: &mut HubLink, due_in_ms: i64) -> ReminderId {
    let now: DateTime<Utc> = clock::now() + TimeDelta::days(3);
    let timer = RoomTimer {
        id: ReminderId::new(now),
        due_at: now + TimeDelta::milliseconds(due_in_ms),
        text: "tea".to_owned(),
    };
    let id = timer.id;
    link.say(&FromHub::Timers { now, timers: vec![timer] }).await;
    id
}

async fn reported(link: &mut HubLink, timer: ReminderId) {
    assert_eq!(link.said().await, FromRoom::Rings { timer });
    assert_eq!(link.said().await, FromRoom::Stopped { timer });
}

#[tokio::test]
async fn a_timer_rings_without_the_hub_and_after_a_restart() {
    let home = Home::humming(60);
    let (identity, hub) = paired(&home).await;
    let device = home.run();
    let mut link = hub.welcome().await;
    // The hub's clock is three days ahead; that is the hub's business.
    let timer = told(&mut link, 4_000).await;
    until(&home, "it knows", |status| status.timers == 1).await;
    let address = hub.address();
    drop((link, hub));
    device.stop();
    let device: Running = home.run();
    rings(&home).await;
    let hub = FakeHub::at(&identity, address).await;
    let mut link = hub.welcome().await;
    reported(&mut link, timer).await;
    link.say(&FromHub::Timers { now: clock::now(), timers: Vec::new() }).await;
    device.stop();
}

#[tokio::test]
async fn the_wake_word_opens_a_conversation_that_begins_with_it() {
    let voice = Voice::held_out().into_iter().find(|voice| matches!(voice, Voice::Espeak { .. })).unwrap();
    let spoken = voice.say("hey boss", Manner { pace: 1.0, pitch: 1.0 }).unwrap();
    let once = [vec![0.0; 64_000], spoken, vec![0.0; 32_000]].concat();
    let home = Home::new(&once.repeat(6));
    let (_identity, hub) = paired(&home).await;
    let device = home.run();
    let mut link = hub.welcome().await;
    let (stream, start) = started(&mut link).await;
    assert_eq!(start.wake.map(|wake| wake.phrase), Some("hey boss".to_owned()));
    let mut heard = Vec::new();
    while heard.len() < start.pre_roll_ms as usize * 24 {
        let Came::Sound { stream: of, samples, .. } = link.next().await else { continue };
        assert_eq!(of, stream);
        heard.extend(samples.iter().map(|sample| f32::from(*sample) / 32_768.0));
    }
    assert!(loud(&heard) > 2_000, "the phrase itself was sent: {}", loud(&heard));
    device.stop();
}

#[tokio::test]
async fn a_timer_that_rings_is_silenced_by_a_word_without_the_hub() {
    let voice = Voice::held_out().into_iter().find(|voice| matches!(voice, Voice::Espeak { .. })).unwrap();
    let spoken = voice.say("stop", Manner { pace: 1.0, pitch: 1.0 }).unwrap();
    let home = Home::new(&[vec![0.0; 96_000], spoken, vec![0.0; 32_000]].concat().repeat(8));
    let (_identity, hub) = paired(&home).await;
    let device = home.run();
    let mut link = hub.welcome().await;
    told(&mut link, 2_000).await;
    until(&home, "it knows", |status| status.timers == 1).await;
    drop((link, hub));
    until(&home, "it rings", |status| status.doing == Shown::Ringing).await;
    until(&home, "it rings no more", |status| status.doing != Shown::Ringing).await;
    let words = device.stop();
    assert!(words.contains("\"stop\" was heard"), "{words}");
}
