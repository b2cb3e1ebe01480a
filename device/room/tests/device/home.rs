//! A device's home: its state directory, its configuration and the files that it hears and plays; and the program itself.

use std::{
    io::Read as _,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use xswarm_room::exchange::Status;

pub(crate) struct Home {
    directory: TempDir,
}

impl Home {
    /// With this to be heard, 16,000 samples a second.
    pub(crate) fn new(heard: &[f32]) -> Self {
        let home = Self { directory: tempfile::tempdir().unwrap() };
        let spec = WavSpec { channels: 1, sample_rate: 16_000, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let mut writer = WavWriter::create(home.path("heard.wav"), spec).unwrap();
        for sample in heard {
            writer.write_sample((sample * 32_000.0) as i16).unwrap();
        }
        writer.finalize().unwrap();
        let config = format!(
            "[room]\nstate_dir = '{}'\n[sound]\nbackend = \"wav\"\ncapture = '{}'\nplayback = '{}'\n",
            home.state_dir().display(),
            home.path("heard.wav").display(),
            home.path("played.wav").display(),
        );
        std::fs::write(home.path("room.toml"), config).unwrap();
        home
    }

    /// In which somebody hums for so long.
    pub(crate) fn humming(seconds: u32) -> Self {
        let hum = |at: u32| 0.3 * (std::f32::consts::TAU * 300.0 * at as f32 / 16_000.0).sin();
        Self::new(&(0..16_000 * seconds).map(hum).collect::<Vec<_>>())
    }

    pub(crate) fn state_dir(&self) -> PathBuf {
        self.path("state")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xswarm-room"));
        command.args(arguments).arg("--config").arg(self.path("room.toml")).env_remove("RUST_LOG");
        command
    }

    /// Runs it to its end.
    pub(crate) async fn does(&self, arguments: &[&str]) -> Output {
        let mut command = tokio::process::Command::from(self.program(arguments));
        command.output().await.unwrap()
    }

    /// Runs it to its end, which must be a good one.
    pub(crate) async fn asks(&self, arguments: &[&str]) -> String {
        let output = self.does(arguments).await;
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// How it is; nothing while it does not run yet.
    pub(crate) async fn status(&self) -> Option<Status> {
        let output = self.does(&["status", "--json"]).await;
        output.status.success().then(|| serde_json::from_slice(&output.stdout).unwrap())
    }

    /// Begins to listen.
    pub(crate) fn run(&self) -> Running {
        Running { child: self.program(&["run"]).stderr(Stdio::piped()).spawn().unwrap() }
    }

    /// What was played, 48,000 samples a second.
    pub(crate) fn played(&self) -> Vec<f32> {
        let reader = WavReader::open(self.path("played.wav")).unwrap();
        reader.into_samples::<i16>().map(|sample| f32::from(sample.unwrap()) / 32_768.0).collect()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.state_dir().join(name)
    }
}

/// A device that runs.
pub(crate) struct Running {
    child: Child,
}

impl Running {
    /// Stops it in good order; what it said.
    pub(crate) fn stop(mut self) -> String {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        let mut words = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
        assert!(status.success(), "{status} {:?}: {words}", status.signal());
        words
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that failed leaves nobody behind.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

/// How many samples are louder than any hiss.
pub(crate) fn loud(sound: &[f32]) -> usize {
    sound.iter().filter(|sample| sample.abs() > 0.02).count()
}

pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
