//! Small and read-only disks: tmpfs in a mount namespace of the test's own, which the kernel takes down with the process.

use std::{path::Path, process::Command};

const INSIDE: &str = "XSWARM_TEST_OWN_MOUNTS";

/// Runs the test `name` in a process of its own whose mounts nobody else sees. True inside that process.
///
/// Needs `unshare` (util-linux) and either root or user namespaces; without them the test fails and says so.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "how the child learns that it is one")]
pub(crate) fn of_its_own(name: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let exe = std::env::current_exe().unwrap();
    let mut unshare = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        unshare.args(["--user", "--map-root-user"]);
    }
    unshare.args(["--mount", "--propagation", "private"]).arg(exe).args(["--exact", name, "--nocapture"]);
    let output = unshare.env(INSIDE, "1").output().expect("`unshare` (util-linux) is needed to mount small disks");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(
        output.status.success() && said.contains("1 passed"),
        "this test needs root, or user namespaces, to mount small disks; {}\n{said}\n{complained}",
        output.status,
    );
    false
}

pub(crate) fn mount(options: &str, on: &Path) {
    let output = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(on).output().unwrap();
    assert!(output.status.success(), "mount: {}", String::from_utf8_lossy(&output.stderr));
}

/// Changes how a disk is mounted: `ro` or `rw`.
pub(crate) fn mount_again(how: &str, on: &Path) {
    let output = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(on).output().unwrap();
    assert!(output.status.success(), "mount: {}", String::from_utf8_lossy(&output.stderr));
}
