//! The backends on a real sound server without a sound card: PulseAudio with four microphones at 16 kHz and a loudspeaker at
//! 48 kHz that are only made up, reached through ALSA.
//!
//! `xswarm-sound` is run as a child for it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a failed expectation is a failed test"
)]

use std::{
    f64::consts::TAU,
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::Stdio,
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use xswarm_tests::{
    binaries,
    sound_server::{Channels, Process, SoundServer},
};

/// Only so that nothing hangs.
const DEADLINE: Duration = Duration::from_mins(1);

/// What each microphone hears, in Hz.
const TONES: [f64; 4] = [300.0, 500.0, 700.0, 900.0];

/// Asks until there is an answer.
fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < DEADLINE, "waited too long for {what}");
        std::thread::yield_now();
    }
}

/// A sound server with four microphones.
struct Server(SoundServer);

impl Server {
    fn start() -> Self {
        Self(SoundServer::start(Channels::Microphones))
    }

    /// Plays each microphone its tone, for longer than any test takes.
    fn feed(&self) -> Process {
        let seconds = 2 * DEADLINE.as_secs();
        let sample = |at: u64, tone: f64| (12_000.0 * (TAU * tone * at as f64 / 16_000.0).sin()) as i16;
        let frame = |at: u64| TONES.map(|tone| sample(at, tone).to_le_bytes());
        let file = self.0.path("tones.raw");
        fs::write(&file, (0..16_000 * seconds).flat_map(frame).flatten().collect::<Vec<u8>>()).unwrap();
        let process = Process::start(self.0.feed().stdin(Stdio::null()).arg(file));
        wait_for("the tones", || (!self.0.list("sink-inputs").is_empty()).then_some(()));
        process
    }

    /// Records what the loudspeaker plays.
    fn record(&self, path: &Path) -> Process {
        let mut command = self.0.command("parecord");
        command.args(["--raw", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=40"]);
        let process = Process::start(command.arg("--device=speaker.monitor").arg(path));
        wait_for("the recording", || fs::metadata(path).is_ok_and(|file| file.len() > 0).then_some(()));
        process
    }

    /// `xswarm-sound`, and the lines that it says.
    fn sound(&self, words: &[&str]) -> (Process, Receiver<String>) {
        let mut process = Process::start(self.0.command(binaries::sound()).args(words).stdout(Stdio::piped()));
        let (said, lines) = channel();
        let output = BufReader::new(process.0.stdout.take().unwrap());
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| said.send(line)));
        (process, lines)
    }

    /// Runs it to its end; what it said.
    fn sound_to_end(&self, words: &[&str]) -> Vec<String> {
        let (mut process, lines) = self.sound(words);
        let mut said = Vec::new();
        while let Ok(line) = lines.recv_timeout(DEADLINE) {
            said.push(line);
        }
        let status = wait_for("its end", || process.0.try_wait().unwrap());
        assert!(status.success(), "{words:?}: {said:?}");
        said
    }
}

/// Waits for a line that begins so.
fn line(lines: &Receiver<String>, begins: &str) -> String {
    let mut said = Vec::new();
    loop {
        let line = lines.recv_timeout(DEADLINE).unwrap_or_else(|_| panic!("never said {begins:?}, but {said:?}"));
        if line.starts_with(begins) {
            return line;
        }
        said.push(line);
    }
}

/// How much of a sound is one tone, 0 to 1.
fn share(sound: &[f32], tone: f64, rate_hz: f64) -> f64 {
    let step = TAU * tone / rate_hz;
    let project = |wave: fn(f64) -> f64| -> f64 {
        sound.iter().enumerate().map(|(at, sample)| f64::from(*sample) * wave(step * at as f64)).sum()
    };
    let power: f64 = sound.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    2.0 * (project(f64::sin).powi(2) + project(f64::cos).powi(2)) / (sound.len() as f64 * power.max(1e-9))
}

/// Each microphone hears its tone and no other, whenever it hears anything.
fn assert_tones(path: &Path) {
    let mut reader = hound::WavReader::open(path).unwrap();
    assert_eq!((reader.spec().channels, reader.spec().sample_rate), (4, 16_000));
    let frames: Vec<f32> = reader.samples::<f32>().map(Result::unwrap).collect();
    for (channel, own) in TONES.iter().enumerate() {
        let sound: Vec<f32> = frames.iter().skip(channel).step_by(4).copied().collect();
        let loud = |piece: &&[f32]| piece.iter().filter(|sample| sample.abs() > 0.05).count() > 1_000;
        // 100 ms have a whole number of waves of each. A busy machine may leave gaps in a few of them.
        let pieces: Vec<&[f32]> = sound.chunks_exact(1_600).filter(loud).collect();
        let pure = pieces.iter().filter(|piece| share(piece, *own, 16_000.0) > 0.99).count();
        assert!(pieces.len() >= 5 && pure * 10 >= pieces.len() * 8, "{own} Hz: {pure} of {} are pure", pieces.len());
        let level = pieces.iter().flat_map(|piece| piece.iter()).fold(0.0_f32, |most, sample| most.max(sample.abs()));
        assert!((0.3..0.45).contains(&level), "{own} Hz: {level}");
    }
}

/// A tone of 440 Hz and two seconds, as a file.
fn tone_file(server: &Server) -> PathBuf {
    let path = server.0.path("tone.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    for at in 0..96_000 {
        writer.write_sample((16_000.0 * (TAU * 440.0 * f64::from(at) / 48_000.0).sin()) as i16).unwrap();
    }
    writer.finalize().unwrap();
    path
}

/// How many frames of a recording are not silent.
fn loud_frames(path: &Path) -> (usize, Vec<f32>) {
    let bytes = fs::read(path).unwrap();
    let sound: Vec<f32> =
        bytes.as_chunks().0.iter().map(|two| f32::from(i16::from_le_bytes(*two)) / 32_768.0).collect();
    // The sine itself is nearly nothing twice a wave.
    let loud = sound.chunks(109).filter(|wave| wave.iter().any(|sample| sample.abs() > 0.05)).count() * 109;
    (loud, sound)
}

fn hears_and_plays(backend: &str) {
    let server = Server::start();
    let feed = server.feed();
    let heard = server.0.path("heard.wav");
    let backend = format!("backend={backend}");
    let words = ["record", heard.to_str().unwrap(), "3", "capture=array", "channels=4", &backend];
    server.sound_to_end(&words);
    assert_tones(&heard);
    drop(feed);

    let (tone, played) = (tone_file(&server), server.0.path("played.raw"));
    let recording = server.record(&played);
    let words = ["play", tone.to_str().unwrap(), "capture=array", "playback=speaker", "queue_ms=400", &backend];
    server.sound_to_end(&words);
    wait_for("the tone", || (loud_frames(&played).0 >= 90_000).then_some(()));
    drop(recording);
    let (loud, sound) = loud_frames(&played);
    assert!(loud <= 96_000 + 4_800, "it is not longer than it was: {loud}");
    let pieces: Vec<&[f32]> = sound.chunks_exact(4_800).collect();
    let pure = pieces.iter().filter(|piece| share(piece, 440.0, 48_000.0) > 0.99).count();
    assert!(pure >= 14, "{pure} of 20 pieces of 100 ms are the tone");
}

#[test]
fn alsa_hears_four_microphones_and_plays() {
    hears_and_plays("alsa");
}

#[test]
fn cpal_hears_four_microphones_and_plays() {
    hears_and_plays("cpal");
}

#[test]
fn what_is_discarded_is_not_heard() {
    let server = Server::start();
    let (tone, played) = (tone_file(&server), server.0.path("played.raw"));
    let recording = server.record(&played);
    let words =
        ["play", tone.to_str().unwrap(), "capture=array", "playback=speaker", "queue_ms=400", "until=1.2", "volume=1"];
    let said = server.sound_to_end(&words);
    assert!(said.contains(&"volume set".to_owned()), "the server's control is found: {said:?}");
    let handed = said.iter().find_map(|line| line.strip_prefix("discarded after ")?.strip_suffix(" frames"));
    let handed: usize = handed.unwrap().parse().unwrap();
    drop(recording);
    let (loud, _) = loud_frames(&played);
    assert!(loud > 4_800 && loud + 4_800 < handed, "{loud} of {handed} frames were heard");
}

fn comes_back(backend: &str) {
    let mut server = Server::start();
    let backend = format!("backend={backend}");
    let words = ["watch", "100000", "capture=array", "channels=4", "playback=speaker", "queue_ms=400", &backend];
    let (_sound, lines) = server.sound(&words);
    line(&lines, "running");
    server.0.kill();
    line(&lines, "lost: ");
    server.0.run();
    line(&lines, "opened ");
    line(&lines, "running");
    let feed = server.feed();
    line(&lines, "heard -1");
    drop(feed);
}

#[test]
fn alsa_comes_back_with_the_server() {
    comes_back("alsa");
}

#[test]
fn cpal_comes_back_with_the_server() {
    comes_back("cpal");
}

#[test]
fn a_device_that_is_not_there_is_told_with_those_that_are() {
    let server = Server::start();
    let (_sound, lines) = server.sound(&["watch", "1", "capture=arrow", "playback="]);
    let told = line(&lines, "lost: ");
    assert!(told.contains("\"arrow\"") && told.contains("array, speaker"), "{told}");
    let listed = server.sound_to_end(&["list"]);
    assert!(listed.contains(&"array".to_owned()), "{listed:?}");
}
