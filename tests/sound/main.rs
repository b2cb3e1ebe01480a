//! The backends on a real sound server without a sound card: PulseAudio with four microphones at 16 kHz and a loudspeaker at
//! 48 kHz that are only made up, reached through ALSA.
//!
//! `xswarm-sound` is run as a child for it: which devices there are is said by an environment variable. The channels of the
//! array have places ALSA's plugin knows; as `aux0` to `aux3` they would be silent.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a failed expectation is a failed test"
)]

use std::f64::consts::TAU;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Only so that nothing hangs.
const DEADLINE: Duration = Duration::from_mins(1);

/// What each microphone hears, in Hz.
const TONES: [f64; 4] = [300.0, 500.0, 700.0, 900.0];

/// Ends with its owner.
struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Self {
        let program = command.get_program().display().to_string();
        let started = command.stdin(Stdio::null()).spawn();
        Self(started.unwrap_or_else(|error| panic!("{program}: {error}; run `make sound-deps`")))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended_already = self.0.kill();
        self.0.wait().unwrap();
    }
}

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

/// A sound server of its own, in a directory of its own.
struct Server {
    process: Option<Process>,
    directory: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("native");
        let map = "front-left,front-right,rear-left,rear-right";
        let modules = [
            format!("module-null-sink sink_name=feed format=s16le rate=16000 channels=4 channel_map={map}"),
            format!("module-remap-source source_name=array master=feed.monitor channels=4 channel_map={map} remix=no"),
            "module-null-sink sink_name=speaker format=s16le rate=48000 channels=1 channel_map=mono".to_owned(),
            // Nobody is let in before all of them are there.
            format!("module-native-protocol-unix socket={} auth-anonymous=1", socket.display()),
        ];
        let script = modules.iter().fold(String::new(), |text, module| text + "load-module " + module + "\n");
        fs::write(directory.path().join("made-up.pa"), script).unwrap();
        let mut devices = "</usr/share/alsa/alsa.conf>\n".to_owned();
        for (kind, name) in [("pcm", "array"), ("pcm", "speaker"), ("ctl", "speaker")] {
            let hint = if kind == "pcm" { "hint { show on description \"made up\" }" } else { "" };
            let server = socket.display();
            writeln!(devices, "{kind}.{name} {{ type pulse server \"unix:{server}\" device \"{name}\" {hint} }}")
                .unwrap();
        }
        fs::write(directory.path().join("asound.conf"), devices).unwrap();
        let mut server = Self { process: None, directory };
        server.run();
        server
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Where these programs find each other, and nothing else.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("HOME", self.directory.path())
            .env("XDG_RUNTIME_DIR", self.directory.path())
            .env("DBUS_SESSION_BUS_ADDRESS", "none")
            .env("PULSE_SERVER", format!("unix:{}", self.path("native").display()))
            .env("ALSA_CONFIG_PATH", self.path("asound.conf"))
            .stderr(Stdio::null());
        command
    }

    fn run(&mut self) {
        let mut command = self.command("pulseaudio");
        command.env_remove("PULSE_SERVER").arg("-n").arg("-F").arg(self.path("made-up.pa")).args([
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--use-pid-file=no",
            "--disable-shm=yes",
            "--realtime=no",
            "--high-priority=no",
        ]);
        self.process = Some(Process::start(&mut command));
        wait_for("the sound server", || self.list("sinks").contains("speaker").then_some(()));
    }

    fn kill(&mut self) {
        self.process = None;
        fs::remove_file(self.path("native")).unwrap();
    }

    fn list(&self, what: &str) -> String {
        let listed = self.command("pactl").args(["list", "short", what]).output();
        String::from_utf8(listed.expect("run `make sound-deps`").stdout).unwrap()
    }

    /// Plays each microphone its tone, for longer than any test takes.
    fn feed(&self) -> Process {
        let seconds = 2 * DEADLINE.as_secs();
        let sample = |at: u64, tone: f64| (12_000.0 * (TAU * tone * at as f64 / 16_000.0).sin()) as i16;
        let frame = |at: u64| TONES.map(|tone| sample(at, tone).to_le_bytes());
        let file = self.path("tones.raw");
        fs::write(&file, (0..16_000 * seconds).flat_map(frame).flatten().collect::<Vec<u8>>()).unwrap();
        let mut command = self.command("pacat");
        command.args(["--playback", "--raw", "--device=feed", "--format=s16le", "--rate=16000", "--channels=4"]);
        command.arg("--channel-map=front-left,front-right,rear-left,rear-right").arg(file);
        let process = Process::start(&mut command);
        wait_for("the tones", || (!self.list("sink-inputs").is_empty()).then_some(()));
        process
    }

    /// Records what the loudspeaker plays.
    fn record(&self, path: &Path) -> Process {
        let mut command = self.command("parecord");
        command.args(["--raw", "--format=s16le", "--rate=48000", "--channels=1", "--latency-msec=40"]);
        let process = Process::start(command.arg("--device=speaker.monitor").arg(path));
        wait_for("the recording", || fs::metadata(path).is_ok_and(|file| file.len() > 0).then_some(()));
        process
    }

    /// `xswarm-sound`, and the lines that it says.
    fn sound(&self, words: &[&str]) -> (Process, Receiver<String>) {
        let mut process =
            Process::start(self.command(env!("CARGO_BIN_EXE_xswarm-sound")).args(words).stdout(Stdio::piped()));
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
    let path = server.path("tone.wav");
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
    let heard = server.path("heard.wav");
    let backend = format!("backend={backend}");
    let words = ["record", heard.to_str().unwrap(), "3", "capture=array", "channels=4", &backend];
    server.sound_to_end(&words);
    assert_tones(&heard);
    drop(feed);

    let (tone, played) = (tone_file(&server), server.path("played.raw"));
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
    let (tone, played) = (tone_file(&server), server.path("played.raw"));
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
    server.kill();
    line(&lines, "lost: ");
    server.run();
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
