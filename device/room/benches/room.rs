//! What a room device takes: time from a wake word to the hub, time until it is quiet, processor and memory.
//!
//! Times are of a virtual clock that counts the frames of a file, so they are the same on every machine: they are what the
//! device waits for, not what it computes; that is the processor time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a program that people run and watch"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command as Program, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use async_channel::{Receiver, Sender};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use xswarm_audio::backend::{Backend, Files, Pace, Sound};
use xswarm_core::room::{FromRoom, StreamNumber};
use xswarm_room::{
    config::Config,
    engine::{Engine, Kept, Look, Outlets, Parts, ToKeep},
    exchange::{Command, Down, PIECE, Piece, Request, Sent, Up, WAITING_FOR_HUB, WAITING_FOR_ROOM},
    pairing::Pairing,
    timers::Timers,
    wake,
};
use xswarm_wake::speech::{Manner, Voice};

fn main() {
    // `cargo test --benches` only asks whether it runs.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    quiet();
    woken();
    processor();
    memory();
}

/// A device on a virtual clock.
struct Device {
    engine: Engine,
    sound: Sound,
    room: Sender<Command>,
    commands: Receiver<Command>,
    hub: Receiver<Sent>,
    played: PathBuf,
    _ends: (mpsc::Receiver<Look>, mpsc::Receiver<ToKeep>, tempfile::TempDir),
}

impl Device {
    fn new(heard: &[Vec<f32>], config: &Config, is_listening: bool) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (capture, played) = (directory.path().join("heard.wav"), directory.path().join("played.wav"));
        write(&capture, heard);
        let files = Files { capture, playback: played.clone(), pace: Pace::Virtual, ..Files::default() };
        let (to_hub, hub) = async_channel::bounded(WAITING_FOR_HUB);
        let (room, commands) = async_channel::bounded(WAITING_FOR_ROOM);
        let (looks, looked) = mpsc::sync_channel(1_000);
        let (kept, keeping) = mpsc::channel();
        let parts = Parts {
            times: config.room.times(),
            front_end: config.front_end.clone(),
            detector: if is_listening { wake::detector(config).unwrap() } else { None },
            phrases: Vec::new(),
            name: String::new(),
            kept: Kept { volume: 100, ..Kept::default() },
            timers: Timers::default(),
        };
        let engine = Engine::new(parts, Outlets { hub: to_hub, looks, kept }).unwrap();
        let sound = Sound::new(Backend::Wav(files)).unwrap();
        room.try_send(Command::Hub(Down::Reached { link: 1, name: String::new() })).unwrap();
        Self { engine, sound, room, commands, hub, played, _ends: (looked, keeping, directory) }
    }

    fn now(&self) -> Duration {
        self.sound.now()
    }

    fn turn(&mut self) -> bool {
        self.engine.turn(&mut self.sound, &self.commands)
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now() + time;
        while self.now() < until && self.turn() {}
    }
}

fn write(path: &Path, channels: &[Vec<f32>]) {
    let spec = WavSpec {
        channels: channels.len() as u16,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let mut writer = WavWriter::create(path, spec).unwrap();
    for at in 0..channels[0].len() {
        for channel in channels {
            writer.write_sample((channel[at] * 32_000.0) as i16).unwrap();
        }
    }
    writer.finalize().unwrap();
}

fn noise(seconds: usize, seed: u64) -> Vec<f32> {
    let mut random = fastrand::Rng::with_seed(seed);
    (0..16_000 * seconds).map(|_| (random.f32() - 0.5) * 0.02).collect()
}

/// From `clear` to silence.
fn quiet() {
    let config = Config::from_toml("").unwrap();
    let mut latest = Vec::new();
    for phase in 0..10 {
        let mut device = Device::new(&[noise(6, phase)], &config, false);
        device.pass(Duration::from_millis(400));
        device.room.try_send(Command::Asked { request: Request::Press, answer: None }).unwrap();
        device.pass(Duration::from_millis(300));
        let tone = |at: usize| (8_000.0 * (std::f32::consts::TAU * 500.0 * at as f32 / 24_000.0).sin()) as i16;
        let sound: Vec<i16> = (0..48_000).map(tone).collect();
        for piece in sound.chunks(PIECE) {
            let down = Down::Sound { stream: StreamNumber(1), piece: Piece::new(piece) };
            device.room.try_send(Command::Hub(down)).unwrap();
        }
        device.pass(Duration::from_millis(500 + 20 * phase));
        let cleared = device.now();
        device.room.try_send(Command::Hub(Down::Clear { stream: StreamNumber(1) })).unwrap();
        while device.turn() {}
        let reader = WavReader::open(&device.played).unwrap();
        let rate = f64::from(reader.spec().sample_rate);
        let samples: Vec<i16> = reader.into_samples().map(Result::unwrap).collect();
        let last = samples.iter().rposition(|sample| sample.unsigned_abs() > 30).unwrap();
        latest.push(1_000.0 * (last as f64 / rate - cleared.as_secs_f64()));
    }
    let most = latest.iter().copied().fold(f64::MIN, f64::max);
    println!("clear, come as a period begins, to silence       {most:6.1} ms at most of {}", latest.len());
}

/// From the wake word to the first frame that goes to the hub.
fn woken() {
    let config = Config::from_toml("").unwrap();
    let voices: Vec<_> = Voice::held_out().into_iter().filter(|voice| voice.installed().is_ok()).take(16).collect();
    let (mut from_end, mut from_report) = (Vec::new(), Vec::new());
    for voice in &voices {
        let spoken = voice.say("hey boss", Manner { pace: 1.0, pitch: 1.0 }).unwrap();
        let end = spoken.iter().rposition(|sample| sample.abs() > 0.02).unwrap_or(0);
        let said_s = 2.0 + end as f64 / 16_000.0;
        let mut heard = [vec![0.0; 32_000], spoken, vec![0.0; 32_000]].concat();
        heard.iter_mut().zip(noise(10, 1)).for_each(|(sample, hiss)| *sample += hiss * 0.1);
        let mut device = Device::new(&[heard], &config, true);
        let (mut reported, mut first) = (None, None);
        while device.turn() {
            let now_s = device.now().as_secs_f64();
            while let Ok(Sent { up, .. }) = device.hub.try_recv() {
                match up {
                    Up::Say(FromRoom::Start { .. }) => reported = Some(now_s),
                    Up::Sound { .. } if first.is_none() => first = Some(now_s),
                    Up::Say(_) | Up::Sound { .. } => {}
                }
            }
            if first.is_some() {
                break;
            }
        }
        if let (Some(reported), Some(first)) = (reported, first) {
            from_end.push(1_000.0 * (first - said_s));
            from_report.push(1_000.0 * (first - reported));
        }
    }
    println!("woken by a voice that was not learnt from          {} of {}", from_end.len(), voices.len());
    from_end.sort_by(f64::total_cmp);
    let most = from_report.iter().copied().fold(0.0, f64::max);
    println!("the detector's word to the first frame upstream  {most:6.1} ms at most");
    if let (Some(middle), Some(last)) = (from_end.get(from_end.len() / 2), from_end.last()) {
        println!(
            "the end of the phrase to the first frame         {middle:6.1} ms in the middle, {last:.1} ms at most"
        );
    }
}

/// Processor time of everything on the thread of sound.
fn processor() {
    let array = "[front_end]\nradius_mm = 32.0\ndegrees = [45, 135, 225, 315]\n";
    let four: Vec<_> = (0..4).map(|channel| noise(20, channel)).collect();
    for (what, channels, is_listening, text) in [
        ("one microphone, no wake word", &four[..1], false, ""),
        ("four microphones, no wake word", &four[..], false, array),
        ("four microphones and the wake word", &four[..], true, array),
    ] {
        let config = Config::from_toml(text).unwrap();
        let mut device = Device::new(channels, &config, is_listening);
        device.pass(Duration::from_secs(1));
        let (from, began_s) = (device.now(), computed_s());
        while device.turn() {}
        let share = 100.0 * (computed_s() - began_s) / device.now().saturating_sub(from).as_secs_f64();
        println!("{what:48} {share:6.1} % of a processor");
    }
}

/// Seconds that this thread has computed, whatever else runs on the machine.
fn computed_s() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let computed_ns: f64 = text.split_whitespace().next().unwrap().parse().unwrap();
    computed_ns / 1e9
}

/// What the program holds in memory after ten seconds.
fn memory() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let four: Vec<_> = (0..4).map(|channel| noise(60, channel)).collect();
    write(&path("heard.wav"), &four);
    let config = format!(
        "[room]\nstate_dir = '{0}'\n[sound]\nbackend = \"wav\"\ncapture = '{0}/heard.wav'\n[front_end]\nradius_mm = 32.0\n\
         degrees = [45, 135, 225, 315]\n",
        directory.path().display()
    );
    fs::write(path("room.toml"), config).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let authority = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap().pem();
    let address = "127.0.0.1:1".parse().unwrap();
    Pairing { address, name: String::new(), token: String::new(), authority }.keep(directory.path()).unwrap();
    let mut running = Program::new(env!("CARGO_BIN_EXE_xswarm-room"))
        .args(["run", "--config"])
        .arg(path("room.toml"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        std::thread::park_timeout(left);
    }
    let status = fs::read_to_string(format!("/proc/{}/status", running.id())).unwrap();
    for name in ["VmRSS", "VmHWM"] {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        let kilobytes: f64 = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0.0);
        println!("{:48} {:6.1} MB", format!("memory with four microphones ({name})"), kilobytes / 1_024.0);
    }
    running.kill().unwrap();
    running.wait().unwrap();
}
