//! Conversations as they should go, and whatever else may happen.

use proptest::prelude::*;

use super::*;

fn reached() -> Room {
    let mut room = Room::new(Times::default());
    assert_eq!(room.shown(), Shown::Offline);
    assert_eq!(room.on(Input::Reached(true), 0), []);
    room
}

#[test]
fn a_conversation_goes_from_the_wake_word_to_its_end() {
    let mut room = reached();
    assert_eq!(room.on(Input::Woken, 0), [Output::Open, Output::Play(Earcon::Wake)]);
    for (input, at_ms, shown) in [
        (Input::Speech, 500, Shown::Listening),
        (Input::TurnEnded, 2_000, Shown::Thinking),
        (Input::Speaks, 2_300, Shown::Speaking),
        (Input::Speaks, 9_000, Shown::Speaking),
        (Input::Silent, 11_000, Shown::Listening),
        (Input::Tick, 16_900, Shown::Listening),
    ] {
        assert_eq!(room.on(input, at_ms), [], "{input:?}");
        assert_eq!(room.shown(), shown, "{input:?}");
    }
    assert_eq!(room.on(Input::Tick, 17_000), [Output::Close, Output::Play(Earcon::End)]);
    assert_eq!(room.shown(), Shown::Idle);
}

#[test]
fn what_was_not_meant_ends_without_a_sound() {
    let mut room = reached();
    room.on(Input::Woken, 0);
    assert_eq!(room.on(Input::Ended, 900), [Output::Close]);
    assert_eq!(room.shown(), Shown::Idle);
    assert_eq!(room.on(Input::Failed, 950), [], "there is nothing that could fail");
    room.on(Input::Woken, 1_000);
    assert_eq!(room.on(Input::Failed, 1_100), [Output::Close, Output::Play(Earcon::Error)]);
}

#[test]
fn the_wake_word_and_stop_interrupt_what_is_said() {
    let mut room = reached();
    room.on(Input::Woken, 0);
    room.on(Input::Speaks, 1_000);
    assert_eq!(room.on(Input::Woken, 2_000), [Output::Hush, Output::Play(Earcon::Wake)]);
    assert_eq!(room.shown(), Shown::Listening);
    room.on(Input::Speaks, 3_000);
    assert_eq!(room.on(Input::Stop, 3_500), [Output::Hush, Output::Close]);
}

#[test]
fn a_timer_rings_without_the_hub_until_somebody_says_so() {
    let mut room = Room::new(Times::default());
    assert_eq!(room.on(Input::TimerDue, 0), [Output::Ring]);
    assert_eq!(room.on(Input::TimerDue, 10), [], "it rings already");
    assert_eq!(room.shown(), Shown::Ringing);
    assert_eq!(room.on(Input::Stop, 1_000), [Output::StopRinging]);
    room.on(Input::TimerDue, 2_000);
    assert_eq!(room.on(Input::Woken, 3_000), [Output::StopRinging, Output::Play(Earcon::Away)]);
}

#[test]
fn a_hub_that_goes_away_or_says_nothing_is_an_error() {
    let mut room = reached();
    room.on(Input::Woken, 0);
    assert_eq!(room.on(Input::Reached(false), 1_000), [Output::Close, Output::Play(Earcon::Error)]);
    assert_eq!(room.shown(), Shown::Error);
    room.on(Input::Tick, 3_000);
    assert_eq!(room.shown(), Shown::Offline);
    room.on(Input::Reached(true), 4_000);
    room.on(Input::Woken, 5_000);
    room.on(Input::TurnEnded, 6_000);
    assert_eq!(room.on(Input::Tick, 36_000), [Output::Close, Output::Play(Earcon::Error)]);
}

fn inputs() -> impl Strategy<Value = Input> {
    prop::sample::select(vec![
        Input::Woken,
        Input::Stop,
        Input::Speech,
        Input::TurnEnded,
        Input::Speaks,
        Input::Silent,
        Input::Cleared,
        Input::Ended,
        Input::Failed,
        Input::Muted(true),
        Input::Muted(false),
        Input::Reached(true),
        Input::Reached(false),
        Input::TimerDue,
        Input::Tick,
    ])
}

proptest! {
    /// Whatever happens: sound leaves the room only in a conversation that was opened and not closed, never while it is muted
    /// or the hub away; and left to itself, a room comes to rest.
    #[test]
    fn sound_leaves_only_an_open_room_and_every_room_comes_to_rest(
        steps in prop::collection::vec((inputs(), 0_u64..20_000), 1..60),
    ) {
        let mut room = Room::new(Times::default());
        let (mut now_ms, mut is_open, mut rings, mut reached) = (0, false, false, false);
        let mut follow = |room: &mut Room, input: Input, now_ms: u64| {
            for output in room.on(input, now_ms) {
                match output {
                    Output::Open => {
                        prop_assert!(!is_open, "opened twice");
                        prop_assert!(!room.is_muted() && reached);
                        is_open = true;
                    }
                    Output::Close => {
                        prop_assert!(is_open, "closed without being open");
                        is_open = false;
                    }
                    Output::Ring => {
                        prop_assert!(!rings);
                        rings = true;
                    }
                    Output::StopRinging => {
                        prop_assert!(rings);
                        rings = false;
                    }
                    Output::Hush | Output::Play(_) => {}
                }
            }
            if let Input::Reached(is) = input {
                reached = is;
            }
            prop_assert_eq!(room.streams(), is_open);
            prop_assert!(!is_open || (!room.is_muted() && reached));
            prop_assert!(room.shown() != Shown::Ringing || rings);
            Ok(())
        };
        for (input, later_ms) in steps {
            now_ms += later_ms;
            follow(&mut room, input, now_ms)?;
        }
        // Two ticks: what ends may be shown for a moment.
        let times = Times::default();
        for later_ms in [times.ringing_ms, times.error_ms] {
            now_ms += later_ms;
            follow(&mut room, Input::Tick, now_ms)?;
        }
        prop_assert!(!room.streams());
        prop_assert!(matches!(room.shown(), Shown::Idle | Shown::Muted | Shown::Offline), "{:?}", room.shown());
    }
}
