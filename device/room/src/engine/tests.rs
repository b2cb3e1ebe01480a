//! Whole conversations on a virtual clock: a file is heard, a file is played, and the far end is in the test's hands.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sounds are short, and what is out of range fails"
)]

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use tempfile::TempDir;
use xswarm_audio::backend::{Backend, Files, Pace};
use xswarm_core::{
    id::ReminderId,
    room::{RoomTimer, StreamNumber},
};

use super::*;
use crate::{
    config::Config,
    exchange::{PIECE, PIECE_MS, Piece, Up, WAITING_FOR_HUB, WAITING_FOR_ROOM},
};

/// A device in which a tone is heard, louder than any noise.
struct Device {
    engine: Engine,
    sound: Sound,
    room: Sender<Command>,
    commands: Receiver<Command>,
    hub: Receiver<Sent>,
    looks: mpsc::Receiver<Look>,
    kept: mpsc::Receiver<ToKeep>,
    played: PathBuf,
    _directory: TempDir,
}

const LINK: u32 = 3;
const STREAM: StreamNumber = StreamNumber(1);

impl Device {
    fn new(seconds: u32, kept: Kept) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (heard, played) = (directory.path().join("heard.wav"), directory.path().join("played.wav"));
        let spec = WavSpec { channels: 1, sample_rate: 16_000, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let mut writer = WavWriter::create(&heard, spec).unwrap();
        for at in 0..16_000 * seconds {
            let tone = (std::f32::consts::TAU * 300.0 * at as f32 / 16_000.0).sin();
            writer.write_sample((tone * 9_000.0) as i16).unwrap();
        }
        writer.finalize().unwrap();
        let files = Files { capture: heard, playback: played.clone(), pace: Pace::Virtual, ..Files::default() };
        let config = Config::from_toml("").unwrap();
        let (to_hub, hub) = async_channel::bounded(WAITING_FOR_HUB);
        let (room, commands) = async_channel::bounded(WAITING_FOR_ROOM);
        let (looked, looks) = mpsc::sync_channel(100);
        let (keeps, kept_out) = mpsc::channel();
        let parts = Parts {
            times: Times::default(),
            front_end: config.front_end,
            detector: None,
            phrases: Vec::new(),
            name: "kitchen".to_owned(),
            timers: Timers::default(),
            kept: Kept { volume: 100, ..kept },
        };
        let engine = Engine::new(parts, Outlets { hub: to_hub, looks: looked, kept: keeps }).unwrap();
        let sound = Sound::new(Backend::Wav(files)).unwrap();
        Self { engine, sound, room, commands, hub, looks, kept: kept_out, played, _directory: directory }
    }

    /// One whose hub is reached, a second and a half after its start.
    fn reached(seconds: u32) -> Self {
        let mut device = Self::new(seconds, Kept::default());
        device.hub(Down::Reached { link: LINK, name: "kitchen".to_owned() });
        device.pass(1_600);
        device.heard();
        device
    }

    fn hub(&self, down: Down) {
        self.room.try_send(Command::Hub(down)).unwrap();
    }

    fn ask(&self, request: Request) {
        self.room.try_send(Command::Asked { request, answer: None }).unwrap();
    }

    /// What was kept last.
    fn kept(&self) -> Kept {
        let states = self.kept.try_iter().filter_map(|next| match next {
            ToKeep::State(kept) => Some(kept),
            ToKeep::Then(..) => None,
        });
        states.last().unwrap()
    }

    fn turn(&mut self) -> bool {
        self.engine.turn(&mut self.sound, &self.commands)
    }

    fn now_ms(&self) -> u64 {
        milliseconds(self.sound.now())
    }

    fn pass(&mut self, ms: u64) {
        let until = self.now_ms() + ms;
        while self.now_ms() < until {
            assert!(self.turn(), "the file is too short");
        }
    }

    /// What went to the hub since.
    fn heard(&self) -> Vec<Up> {
        std::iter::from_fn(|| self.hub.try_recv().ok())
            .map(|sent| {
                assert_eq!(sent.link, LINK);
                sent.up
            })
            .collect()
    }

    fn said(&self) -> Vec<FromRoom> {
        let said = |up| match up {
            Up::Say(said) => Some(said),
            Up::Sound { .. } => None,
        };
        self.heard().into_iter().filter_map(said).collect()
    }

    fn shown(&self) -> Option<Shown> {
        self.looks.try_iter().last().map(|look| look.shown)
    }

    /// The hub says a tone of so many milliseconds.
    fn says(&self, ms: u32) {
        let tone = |at: usize| (8_000.0 * (std::f32::consts::TAU * 500.0 * at as f32 / 24_000.0).sin()) as i16;
        let sound: Vec<i16> = (0..ms as usize * 24).map(tone).collect();
        for piece in sound.chunks(PIECE) {
            self.hub(Down::Sound { stream: STREAM, piece: Piece::new(piece) });
        }
    }

    /// Hears the rest of the file; gives what was played, 48,000 samples a second.
    fn played(mut self) -> Vec<f32> {
        while self.turn() {}
        let reader = WavReader::open(&self.played).unwrap();
        reader.into_samples::<i16>().map(|sample| f32::from(sample.unwrap()) / 32_768.0).collect()
    }
}

fn pieces(up: &[Up]) -> Vec<(u32, &Piece)> {
    let sound = |up: &'_ Up| match up {
        Up::Sound { at_ms, .. } => Some(*at_ms),
        Up::Say(_) => None,
    };
    up.iter()
        .filter_map(|up| match up {
            Up::Sound { piece, .. } => Some((sound(up)?, piece)),
            Up::Say(_) => None,
        })
        .collect()
}

/// How loud a stretch is, from and until milliseconds of what was played.
fn peak(played: &[f32], from_ms: u64, until_ms: u64) -> f32 {
    let at = |ms: u64| (ms as usize * 48).min(played.len());
    played[at(from_ms)..at(until_ms)].iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}

#[test]
fn a_conversation_begins_with_what_was_heard_before_and_goes_on_without_a_gap() {
    let mut device = Device::reached(4);
    device.ask(Request::Press);
    device.turn();
    let first = device.heard();
    let Up::Say(FromRoom::Start { stream_sid, start }) = &first[0] else { panic!("{:?}", first[0]) };
    assert_eq!((*stream_sid, start.pre_roll_ms, &start.wake), (STREAM, 1_500, &None));
    assert_eq!(start.media_format, xswarm_core::room::MediaFormat::linear());
    assert_eq!(pieces(&first).len(), PRE_ROLL, "in the very turn in which the button was pressed");
    device.pass(1_000);
    let later = device.heard();
    let (before, after) = (pieces(&first), pieces(&later));
    assert!((49..=51).contains(&after.len()), "{}", after.len());
    let places: Vec<u32> = before.iter().chain(&after).map(|(at_ms, _)| *at_ms).collect();
    assert!(places.iter().enumerate().all(|(number, at_ms)| *at_ms == number as u32 * PIECE_MS), "{places:?}");
    let loud = after.iter().filter(|(_, piece)| piece.samples().iter().any(|sample| sample.abs() > 1_000)).count();
    assert!(loud > 40, "{loud}");
    assert_eq!(device.shown(), Some(Shown::Listening));
}

#[test]
fn nothing_leaves_a_muted_device_and_its_lights_are_red() {
    let mut device = Device::reached(10);
    device.ask(Request::Press);
    device.pass(300);
    device.ask(Request::Mute);
    device.turn();
    device.heard();
    device.ask(Request::Press);
    device.pass(2_000);
    let up = device.heard();
    assert!(pieces(&up).is_empty() && !up.iter().any(|up| matches!(up, Up::Say(FromRoom::Start { .. }))), "{up:?}");
    assert_eq!(device.shown(), Some(Shown::Muted));
    assert!(device.kept().is_muted);
    // What was heard in the meantime does not leave it afterwards either.
    device.ask(Request::Unmute);
    device.pass(200);
    device.ask(Request::Press);
    device.turn();
    let up = device.heard();
    assert!((5..=13).contains(&pieces(&up).len()), "only what was heard since: {}", pieces(&up).len());
}

#[test]
fn a_mute_outlasts_a_restart() {
    let mut device = Device::new(3, Kept { is_muted: true, ..Kept::default() });
    device.hub(Down::Reached { link: LINK, name: "kitchen".to_owned() });
    device.ask(Request::Press);
    device.pass(2_000);
    assert!(pieces(&device.heard()).is_empty());
    assert_eq!(device.shown(), Some(Shown::Muted));
}

#[test]
fn what_is_dropped_is_silent_within_60_ms_and_does_not_click() {
    let mut device = Device::reached(5);
    device.ask(Request::Press);
    device.pass(400);
    device.says(2_000);
    device.hub(Down::Mark { stream: STREAM, name: "never".to_owned() });
    device.pass(600);
    assert!(device.said().iter().all(|said| !matches!(said, FromRoom::Mark { .. })));
    let at_ms = device.now_ms();
    device.hub(Down::Clear { stream: STREAM });
    device.pass(100);
    let mark = |said: &FromRoom| matches!(said, FromRoom::Mark { mark, .. } if mark.name == "never");
    assert!(device.said().iter().any(mark), "it comes back all the same");
    assert_eq!(device.shown(), Some(Shown::Listening));
    let played = device.played();
    assert!(peak(&played, at_ms - 100, at_ms) > 0.2, "it spoke");
    // It waits for the end of a period at most, and fades within 5 ms; nothing comes after that.
    assert!(peak(&played, at_ms + 30, at_ms + 1_000) < 1e-3, "{}", peak(&played, at_ms + 30, at_ms + 1_000));
    let around = &played[(at_ms - 20) as usize * 48..(at_ms + 100) as usize * 48];
    let steepest = around.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
    assert!(steepest < 0.03, "{steepest}");
}

#[test]
fn the_wake_word_in_a_conversation_is_told_before_the_marks_of_what_it_drops() {
    let mut device = Device::reached(5);
    device.ask(Request::Press);
    device.pass(300);
    device.says(1_000);
    device.hub(Down::Mark { stream: STREAM, name: "a".to_owned() });
    device.pass(300);
    device.said();
    device.woken(Some(Wake { phrase: "hey boss".to_owned(), score: 0.9 }));
    device.pass(60);
    let said = device.said();
    assert!(matches!(&said[..], [FromRoom::Wake { .. }, FromRoom::Mark { .. }]), "{said:?}");
}

#[test]
fn the_word_stop_does_not_end_what_the_boss_says() {
    let mut device = Device::reached(5);
    device.ask(Request::Press);
    device.pass(300);
    device.says(1_000);
    device.pass(300);
    device.said();
    device.woken(Some(Wake { phrase: "stop".to_owned(), score: 0.9 }));
    device.pass(60);
    assert_eq!((device.said(), device.shown()), (Vec::new(), Some(Shown::Speaking)), "it may be his own voice");
}

impl Device {
    fn woken(&mut self, wake: Option<Wake>) {
        let now_ms = self.now_ms();
        self.engine.woken(wake, now_ms);
    }
}

#[test]
fn an_answer_is_heard_and_a_conversation_that_the_hub_ends_ends_when_it_was() {
    let mut device = Device::reached(6);
    device.ask(Request::Press);
    device.pass(600);
    device.hub(Down::Doing { stream: STREAM, doing: Doing::Thinking });
    device.turn();
    assert_eq!(device.shown(), Some(Shown::Thinking));
    let from_ms = device.now_ms();
    device.says(500);
    device.hub(Down::Mark { stream: STREAM, name: "end".to_owned() });
    device.hub(Down::Stop { stream: STREAM, reason: StopReason::Finished });
    device.turn();
    assert_eq!(device.shown(), Some(Shown::Speaking));
    device.heard();
    device.pass(300);
    assert_eq!(device.shown(), None, "it is not over");
    assert!(pieces(&device.heard()).is_empty(), "the hub listens no more");
    device.pass(400);
    let said = device.said();
    assert!(matches!(&said[..], [FromRoom::Mark { .. }]), "{said:?}");
    assert_eq!(device.shown(), Some(Shown::Idle));
    let played = device.played();
    assert!(peak(&played, from_ms + 150, from_ms + 450) > 0.2);
    assert!(peak(&played, from_ms + 800, from_ms + 1_500) < 1e-3);
}

#[test]
fn what_belongs_to_another_stream_is_nothing() {
    let mut device = Device::reached(4);
    device.says(500);
    device.hub(Down::Clear { stream: STREAM });
    device.hub(Down::Mark { stream: STREAM, name: "x".to_owned() });
    device.hub(Down::Stop { stream: STREAM, reason: StopReason::Failed });
    device.pass(800);
    assert!(device.heard().is_empty());
    assert!(peak(&device.played(), 0, 4_000) < 1e-3);
}

#[test]
fn a_hub_that_goes_away_ends_the_conversation_and_nothing_is_said_to_the_next_link_about_it() {
    let mut device = Device::reached(6);
    device.ask(Request::Press);
    device.pass(500);
    device.heard();
    device.hub(Down::Away);
    device.pass(500);
    let up = device.heard();
    assert!(up.len() == pieces(&up).len() && up.len() <= 1, "what was heard in the turn in which it went: {up:?}");
    assert_eq!(device.shown(), Some(Shown::Error));
    device.hub(Down::Reached { link: LINK, name: "bath".to_owned() });
    device.pass(2_500);
    assert!(matches!(&device.said()[..], [FromRoom::Health(_)]));
    assert_eq!((device.shown(), device.engine.status().name.as_str()), (Some(Shown::Idle), "bath"));
    device.hub(Down::Refused);
    device.turn();
    assert_eq!((device.shown(), device.engine.status().hub), (Some(Shown::Error), HubState::Refused));
}

#[test]
fn a_timer_rings_while_the_hub_is_away_and_is_reported_when_it_is_back() {
    let mut device = Device::reached(8);
    let now: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
    let timer = RoomTimer {
        id: ReminderId::new(now),
        due_at: now + chrono::TimeDelta::milliseconds(1_500),
        text: "tea".to_owned(),
    };
    let id = timer.id;
    device.hub(Down::Timers { ahead_ms: 0, now_ms: now.timestamp_millis(), timers: vec![timer] });
    device.hub(Down::Away);
    let from_ms = device.now_ms();
    device.pass(1_400);
    assert_eq!((device.shown(), device.engine.status().timers), (Some(Shown::Offline), 1));
    device.pass(1_000);
    assert_eq!(device.shown(), Some(Shown::Ringing));
    device.ask(Request::Stop);
    device.pass(200);
    assert_eq!(device.shown(), Some(Shown::Offline));
    assert!(device.heard().is_empty());
    device.hub(Down::Reached { link: LINK, name: "kitchen".to_owned() });
    device.turn();
    let said = device.said();
    let reports = [FromRoom::Rings { timer: id }, FromRoom::Stopped { timer: id }];
    assert_eq!(said[said.len() - 2..], reports);
    let played = device.played();
    assert!(peak(&played, from_ms, from_ms + 1_400) < 1e-3 && peak(&played, from_ms + 1_600, from_ms + 2_400) > 0.05);
    assert!(peak(&played, from_ms + 2_700, from_ms + 4_000) < 1e-3);
}

#[test]
fn a_timer_that_somebody_saw_to_elsewhere_rings_no_more() {
    let mut device = Device::reached(6);
    let now: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
    let timer = RoomTimer { id: ReminderId::new(now), due_at: now, text: "tea".to_owned() };
    let told = |timers| Down::Timers { ahead_ms: 0, now_ms: now.timestamp_millis(), timers };
    device.hub(told(vec![timer]));
    device.pass(500);
    assert_eq!(device.shown(), Some(Shown::Ringing));
    device.hub(told(Vec::new()));
    device.turn();
    assert_eq!(device.shown(), Some(Shown::Idle));
}

#[test]
fn sound_that_finds_no_room_is_lost_and_what_is_said_is_not() {
    let mut device = Device::reached(8);
    device.ask(Request::Press);
    device.pass(5_000);
    device.ask(Request::Stop);
    device.turn();
    let up = device.heard();
    assert_eq!(pieces(&up).len(), crate::exchange::PIECES_WAITING - 1, "two seconds, what was before, and the start");
    assert!(matches!(up.last(), Some(Up::Say(FromRoom::Stop { .. }))));
}

#[test]
fn loudness_is_kept_and_heard() {
    let mut device = Device::reached(5);
    device.ask(Request::Volume { percent: 10 });
    device.ask(Request::Press);
    device.pass(500);
    let from_ms = device.now_ms();
    device.says(1_000);
    device.hub(Down::Mark { stream: STREAM, name: "end".to_owned() });
    device.pass(1_000);
    assert_eq!(device.kept().volume, 10);
    let loudest = peak(&device.played(), from_ms + 200, from_ms + 900);
    assert!((0.015..0.03).contains(&loudest), "{loudest}");
}

#[test]
fn while_nothing_happens_and_while_somebody_is_heard_nothing_is_allocated() {
    let mut device = Device::reached(12);
    let allocated = |device: &mut Device| {
        allocation_counter::measure(|| {
            for _ in 0..200 {
                device.engine.turn(&mut device.sound, &device.commands);
                while device.hub.try_recv().is_ok() {}
            }
        })
        .count_total
    };
    assert_eq!(allocated(&mut device), 0, "idle");
    device.ask(Request::Press);
    device.pass(500);
    device.heard();
    assert_eq!(allocated(&mut device), 0, "in a conversation");
}
