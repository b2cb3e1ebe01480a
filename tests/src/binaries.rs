//! The binaries under test: built once per process by the cargo that runs the tests (a few hundredths of a second when
//! nothing changed), with the profile of the tests. Cargo's own lock on the build directory keeps parallel test processes
//! from building at the same time. `XSWARM_BINARIES` names a directory of binaries to test instead.

use std::{
    collections::HashMap,
    path::PathBuf,
    process::{Command, Stdio},
    sync::OnceLock,
};

use crate::environment;

/// The hub.
pub fn hub() -> PathBuf {
    binary("xswarm-hub")
}

/// The command line.
pub fn cli() -> PathBuf {
    binary("xswarm")
}

/// The program of a room device.
pub fn room() -> PathBuf {
    binary("xswarm-room")
}

/// What tries a microphone and a loudspeaker.
pub fn sound() -> PathBuf {
    binary("xswarm-sound")
}

fn binary(name: &str) -> PathBuf {
    static BUILT: OnceLock<HashMap<String, PathBuf>> = OnceLock::new();
    if let Some(directory) = environment::binaries() {
        return directory.join(name);
    }
    let built = BUILT.get_or_init(build);
    built.get(name).unwrap_or_else(|| panic!("the workspace has no binary `{name}`")).clone()
}

fn build() -> HashMap<String, PathBuf> {
    let mut command = Command::new(environment::cargo());
    command.current_dir(environment::repository());
    command.args(["build", "--workspace", "--bins", "--locked", "--quiet", "--message-format=json"]);
    if cfg!(feature = "tiny") {
        command.args(["--features", "xswarm-hub/tiny,xswarm-tests/tiny"]);
    }
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let output = command.stderr(Stdio::inherit()).output().expect("cargo can be started");
    assert!(output.status.success(), "the binaries under test do not build");
    let artifacts = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    artifacts
        .filter_map(|line| {
            let message: serde_json::Value = serde_json::from_slice(line).ok()?;
            let executable = message.get("executable")?.as_str()?;
            Some((message.pointer("/target/name")?.as_str()?.to_owned(), PathBuf::from(executable)))
        })
        .collect()
}
