//! The hub as a process: configured, started, killed, restarted on the same state, and checked when a test is done.
//!
//! A hub that a test started must be handed to [`Hub::finish`], which fails the test when a job was left undone, an error
//! was logged, or a message, number or name stands in the log. Whatever happens, the process is gone when the value is.

mod builder;
mod checks;
mod process;

use std::{
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

pub use builder::{ADMIN_NAME, Builder};
pub use process::Exit;
use process::Process;
use tempfile::TempDir;
use xswarm_core::admin::Status;

use crate::{
    api::Api,
    binaries,
    cli::Cli,
    wait::{wait_for, wait_within},
};

/// The address by which the world reaches the hub's webhooks, as far as the hub knows.
pub const PUBLIC_URL: &str = "https://boss.invalid";

/// A hub and the directory that is its world.
pub struct Hub {
    builder: Builder,
    place: Place,
    process: Option<Process>,
    status: Option<Status>,
    api: Option<Api>,
    runs: u32,
    finished: bool,
    expected_errors: Vec<String>,
    stuck_jobs_expected: bool,
}

/// Where a hub's files are.
struct Place {
    root: PathBuf,
    /// Removes everything at the end, unless the place belongs to another hub.
    _owner: Option<TempDir>,
}

impl Hub {
    /// How to start one.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// The state directory.
    pub fn state_dir(&self) -> PathBuf {
        self.place.root.join("state")
    }

    /// The configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.place.root.join("hub.toml")
    }

    /// The admin socket.
    pub fn socket(&self) -> PathBuf {
        self.builder.socket.clone().unwrap_or_else(|| self.state_dir().join("admin.sock"))
    }

    /// What it said of itself when it was ready.
    pub fn status(&self) -> &Status {
        self.status.as_ref().expect("the hub runs")
    }

    /// Its interface over the admin socket.
    pub fn api(&self) -> &Api {
        self.api.as_ref().expect("the hub runs")
    }

    /// Its interface over the LAN.
    pub fn lan(&self, key: Option<&str>) -> Api {
        Api::tcp(&self.status().listeners.lan, key)
    }

    /// Its public listener.
    pub fn public(&self) -> Api {
        Api::tcp(&self.status().listeners.public, None)
    }

    /// The command line, talking to this hub.
    pub fn cli(&self) -> Cli {
        Cli::new(&self.socket())
    }

    /// Its process id, whatever it was started under.
    pub fn pid(&self) -> i32 {
        self.process.as_ref().expect("the hub runs").hub_pid()
    }

    /// Everything that was logged so far, over all runs.
    pub fn log(&self) -> String {
        (1..=self.runs).map(|run| std::fs::read_to_string(self.log_file(run)).unwrap_or_default()).collect()
    }

    fn log_file(&self, run: u32) -> PathBuf {
        self.place.root.join(format!("hub.{run}.log"))
    }

    /// Changes the configuration; takes effect at the next start or reload.
    pub fn configure(&mut self, section: &str, key: &str, value: impl Into<toml_edit::Value>) {
        self.builder = std::mem::take(&mut self.builder).config(section, key, value);
        self.builder.write(&self.place.root);
    }

    /// Gives a secret by credential, or takes it away; takes effect at the next start or reload.
    pub fn credential(&mut self, name: &str, value: Option<&str>) {
        self.builder = std::mem::take(&mut self.builder).credential(name, value);
        self.builder.write(&self.place.root);
    }

    /// Changes what it is started under; takes effect at the next start.
    pub fn wrapper(&mut self, wrapper: &[&str]) {
        self.builder = std::mem::take(&mut self.builder).wrapper(wrapper);
    }

    /// Another file than the one that was built; takes effect at the next start.
    pub fn replace_binary(&mut self, hub: &Path) {
        self.builder = std::mem::take(&mut self.builder).binary(hub);
    }

    /// Lets every user of the machine read what belongs to this hub.
    pub fn share_with_everybody(&self) {
        let open = |path: &Path, mode: u32| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("its mode can be set");
        };
        open(&self.place.root, 0o755);
        for directory in [self.state_dir(), self.place.root.join("credentials")] {
            open(&directory, 0o755);
            for entry in std::fs::read_dir(&directory).expect("a directory") {
                chown(entry.expect("an entry").path(), Some(65_534), Some(65_534)).expect("root may give files away");
            }
        }
    }

    /// `xswarm-hub check-config`.
    pub fn check_config(&self) -> Exit {
        let mut command = Command::new(binaries::hub());
        let output = command.args(["check-config", "--config"]).arg(self.config_file()).env_clear().output();
        let output = output.expect("the hub can be started");
        Exit { code: output.status.code(), stderr: String::from_utf8_lossy(&output.stderr).into_owned() }
    }

    /// This error in the log is what the test is about.
    pub fn expect_error(&mut self, part: &str) {
        self.expected_errors.push(part.to_owned());
    }

    /// Jobs that are dead or parked are what the test is about.
    pub fn expect_stuck_jobs(&mut self) {
        self.stuck_jobs_expected = true;
    }

    /// Starts it and does not wait.
    pub fn spawn(&mut self) {
        assert!(self.process.is_none(), "it runs already");
        self.runs += 1;
        self.process = Some(self.builder.spawn(&self.place.root, &self.log_file(self.runs)));
    }

    /// Waits until it answers; the way it ended if it did not get that far.
    pub async fn wait_ready(&mut self) -> Result<(), Exit> {
        let api = Api::socket(&self.socket());
        let process = self.process.as_mut().expect("it was spawned");
        let answered = wait_for("the hub to answer", async || match process.exited() {
            Some(ended) => Some(Err(ended)),
            None => api.request::<()>(reqwest::Method::GET, "/api/status", None).await.ok().map(Ok),
        })
        .await;
        match answered {
            Ok(answer) => {
                self.status = Some(answer.expect(200).into());
                self.api = Some(api);
                Ok(())
            }
            Err(ended) => {
                self.process = None;
                let stderr = std::fs::read_to_string(self.log_file(self.runs)).unwrap_or_default();
                Err(Exit { code: ended.code(), stderr })
            }
        }
    }

    /// Starts it; the way it ended if it did not get as far as to answer.
    pub async fn try_start(&mut self) -> Result<(), Exit> {
        self.spawn();
        self.wait_ready().await
    }

    /// Starts it, and waits until it answers.
    pub async fn start(&mut self) {
        self.try_start().await.unwrap_or_else(|exit| panic!("the hub did not start: {exit:?}"));
    }

    fn forget(&mut self) {
        (self.process, self.status, self.api) = (None, None, None);
    }

    /// SIGKILL: as in a power cut, but that the page cache survives.
    pub fn kill(&mut self) {
        self.process.as_mut().expect("the hub runs").kill();
        self.forget();
    }

    /// SIGTERM, and waits until it is gone. It must say that all is well.
    pub async fn stop(&mut self) {
        let process = self.process.as_mut().expect("the hub runs");
        process.terminate();
        let ended = wait_within(Duration::from_mins(1), "the hub to stop", async || process.exited()).await;
        assert_eq!(ended.code(), Some(0), "the hub did not stop in order");
        self.forget();
    }

    /// SIGHUP.
    pub fn hang_up(&self) {
        self.process.as_ref().expect("the hub runs").hang_up();
    }

    /// SIGHUP, and waits until it serves with its new configuration.
    pub async fn reload(&mut self) {
        self.hang_up();
        self.reloaded().await;
    }

    /// Waits until it serves again after it was told to read its configuration again. Free ports may be others now.
    pub async fn reloaded(&mut self) {
        let before = self.status().started_at;
        let api = Api::socket(&self.socket());
        let again = async || {
            let answer = api.request::<()>(reqwest::Method::GET, "/api/status", None).await.ok()?;
            let status: Status = answer.expect(200).into();
            (status.started_at > before).then_some(status)
        };
        self.status = Some(wait_for("the hub to serve with its new configuration", again).await);
        self.api = Some(api.clone());
    }

    /// Stops it in order and starts it again.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.start().await;
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let from = log.len().saturating_sub(20_000);
            let tail = log.char_indices().find(|(at, _)| *at >= from).map_or("", |(at, _)| &log[at..]);
            #[expect(clippy::print_stderr, reason = "the log of a failed test is shown with it")]
            {
                eprintln!("--- log of the hub ---\n{tail}--- end of the log ---");
            }
        } else {
            assert!(self.finished, "a test must hand its hub to `finish`");
        }
    }
}
