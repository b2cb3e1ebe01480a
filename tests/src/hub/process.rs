//! The operating system's side of a hub: started, signalled, gone when dropped.

use std::{
    fs::File,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

/// How a hub ended.
#[derive(Debug, Clone)]
pub struct Exit {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it said.
    pub stderr: String,
}

/// A running hub, perhaps under another program (a tracer).
pub(super) struct Process {
    child: Child,
    wrapped: bool,
}

impl Process {
    /// Starts `hub`, after `wrapper`, in an empty environment but for `environment`.
    pub(super) fn spawn(
        hub: &Path,
        wrapper: &[String],
        arguments: &[&str],
        log: &Path,
        environment: &[(String, String)],
    ) -> Self {
        // Should the test process be killed, the kernel kills what it started.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).args(wrapper).arg(hub).args(arguments);
        command.env_clear().envs(environment.iter().map(|(name, value)| (name, value)));
        let log = File::create(log).expect("the log can be written");
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a second handle")).stderr(log);
        let child = command.spawn().expect("setpriv (util-linux) can be started");
        Self { child, wrapped: wrapper.iter().any(|word| word == "strace") }
    }

    /// How it ended, once it has.
    pub(super) fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be waited for")
    }

    /// The process id of the hub itself.
    pub(super) fn hub_pid(&self) -> i32 {
        let pid = self.child.id().cast_signed();
        if !self.wrapped {
            return pid;
        }
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        children.split_whitespace().next().and_then(|pid| pid.parse().ok()).unwrap_or(pid)
    }

    pub(super) fn terminate(&self) {
        signal(self.hub_pid(), Signal::TERM);
    }

    pub(super) fn hang_up(&self) {
        signal(self.hub_pid(), Signal::HUP);
    }

    pub(super) fn kill(&mut self) {
        if self.wrapped {
            signal(self.hub_pid(), Signal::KILL);
        }
        signal(self.child.id().cast_signed(), Signal::KILL);
        self.child.wait().expect("a child can be waited for");
    }
}

fn signal(pid: i32, signal: Signal) {
    let pid = Pid::from_raw(pid).expect("a process id");
    // It may have ended by itself a moment ago.
    let _ = kill_process(pid, signal);
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.exited().is_none() {
            self.kill();
        }
    }
}
