//! A sound server without a sound card: PulseAudio with an array of microphones at 16 kHz and a loudspeaker at 48 kHz that are
//! only made up, and that ALSA reaches by the names `array` and `speaker`.
//!
//! Which devices there are is said by environment variables, so what uses them runs as a process of its own, made by
//! [`SoundServer::command`]. The channels of the array have places that ALSA's plugin knows; as `aux0` to `aux3` they would be
//! silent.

use std::{
    ffi::OsStr,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long it may take to start: only so that nothing hangs.
const DEADLINE: Duration = Duration::from_mins(1);

/// What the array's channels are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channels {
    /// Four microphones.
    Microphones,
    /// As a ReSpeaker with the firmware of six channels: what it made of the sound itself, four microphones, and what its
    /// loudspeaker plays.
    WithPlayback,
}

impl Channels {
    /// How many there are.
    pub fn count(self) -> usize {
        match self {
            Self::Microphones => 4,
            Self::WithPlayback => 6,
        }
    }

    /// Their places.
    fn places(self) -> &'static str {
        match self {
            Self::Microphones => "front-left,front-right,rear-left,rear-right",
            Self::WithPlayback => "front-left,front-right,rear-left,rear-right,front-center,lfe",
        }
    }
}

/// A process that ends with its owner.
#[derive(Debug)]
pub struct Process(pub Child);

impl Process {
    /// Starts it.
    pub fn start(command: &mut Command) -> Self {
        let program = command.get_program().display().to_string();
        let started = command.spawn();
        Self(started.unwrap_or_else(|error| panic!("{program}: {error}; run `make test-deps`")))
    }

    /// Its id.
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; whoever waits for it leaves no zombie.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A sound server in a directory of its own.
pub struct SoundServer {
    process: Option<Process>,
    channels: Channels,
    directory: tempfile::TempDir,
}

impl SoundServer {
    /// Starts one whose array has these channels.
    pub fn start(channels: Channels) -> Self {
        let (count, places) = (channels.count(), channels.places());
        let directory = tempfile::tempdir().expect("a directory");
        let socket = directory.path().join("native");
        let modules = [
            format!("module-null-sink sink_name=feed format=s16le rate=16000 channels={count} channel_map={places}"),
            format!(
                "module-remap-source source_name=array master=feed.monitor channels={count} channel_map={places} \
                 remix=no"
            ),
            "module-null-sink sink_name=speaker format=s16le rate=48000 channels=1 channel_map=mono".to_owned(),
            // Nobody is let in before all of them are there.
            format!("module-native-protocol-unix socket={} auth-anonymous=1", socket.display()),
        ];
        let script = modules.iter().fold(String::new(), |text, module| text + "load-module " + module + "\n");
        fs::write(directory.path().join("made-up.pa"), script).expect("it is written");
        let mut devices = "</usr/share/alsa/alsa.conf>\n".to_owned();
        for (kind, name) in [("pcm", "array"), ("pcm", "speaker"), ("ctl", "speaker")] {
            let hint = if kind == "pcm" { "hint { show on description \"made up\" }" } else { "" };
            let server = socket.display();
            writeln!(devices, "{kind}.{name} {{ type pulse server \"unix:{server}\" device \"{name}\" {hint} }}")
                .expect("a text takes it");
        }
        fs::write(directory.path().join("asound.conf"), devices).expect("it is written");
        let mut server = Self { process: None, channels, directory };
        server.run();
        server
    }

    /// Where something lies beside the server's own files.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A program that finds this server, and no other.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("HOME", self.directory.path())
            .env("XDG_RUNTIME_DIR", self.directory.path())
            .env("DBUS_SESSION_BUS_ADDRESS", "none")
            .env("PULSE_SERVER", format!("unix:{}", self.path("native").display()))
            .env("ALSA_CONFIG_PATH", self.path("asound.conf"))
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Starts it again.
    pub fn run(&mut self) {
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
        let began = Instant::now();
        while !self.list("sinks").contains("speaker") {
            assert!(began.elapsed() < DEADLINE, "the sound server does not start");
            std::thread::yield_now();
        }
    }

    /// Ends it at once, as a machine does whose sound card is pulled out.
    pub fn kill(&mut self) {
        self.process = None;
        fs::remove_file(self.path("native")).expect("its socket is there");
    }

    /// What it has: `sinks`, `sink-inputs`, `source-outputs` …
    pub fn list(&self, what: &str) -> String {
        let listed = self.command("pactl").args(["list", "short", what]).output();
        String::from_utf8(listed.expect("run `make test-deps`").stdout).expect("a text")
    }

    /// What the array's channels are.
    pub fn channels(&self) -> Channels {
        self.channels
    }

    /// A program that plays the array what comes to its standard input: its channels, 16 kHz, 16 bits.
    pub fn feed(&self) -> Command {
        let (count, places) = (self.channels.count(), self.channels.places());
        let mut command = self.command("pacat");
        command.args(["--playback", "--raw", "--device=feed", "--format=s16le", "--rate=16000"]);
        command.args(["--latency-msec=40", &format!("--channels={count}"), &format!("--channel-map={places}")]);
        command.stdin(Stdio::piped());
        command
    }

    /// A program that plays a sound file on the loudspeaker, as a player of music does.
    pub fn plays(&self, file: &Path) -> Command {
        let mut command = self.command("paplay");
        command.arg("--device=speaker").arg(file);
        command
    }

    /// A program that writes what the loudspeaker plays to its standard output: one channel, 16 kHz, 16 bits.
    pub fn hear(&self) -> Command {
        let mut command = self.command("parec");
        command.args([
            "--record",
            "--raw",
            "--device=speaker.monitor",
            "--format=s16le",
            "--rate=16000",
            "--channels=1",
        ]);
        command.arg("--latency-msec=20").stdout(Stdio::piped());
        command
    }
}
