//! What must hold for every hub at the end of every test.

use xswarm_core::job::{JobRow, JobState};

use super::Hub;
use crate::{clock, wait::wait_for};

/// Runs for ever, so it is never done.
const PERIODIC: [&str; 2] = ["catch_up_inbound", "sweep"];

/// Whether a job should have been done by now.
fn undone(job: &JobRow) -> bool {
    let waits_for_its_time = ["fire_reminder", "resolve_delivery"].contains(&job.kind.as_str());
    let due = job.state != JobState::Ready || job.due_at <= clock::now();
    !PERIODIC.contains(&job.kind.as_str()) && (due || !waits_for_its_time)
}

impl Hub {
    /// Jobs that should have been done by now and are not.
    pub async fn undone_jobs(&self) -> Vec<JobRow> {
        let mut jobs = Vec::new();
        for state in ["waiting", "ready", "running"] {
            jobs.extend(self.api().jobs(state).await);
        }
        jobs.retain(undone);
        jobs
    }

    /// Waits until everything that can be done now is done: after this, nothing more happens by itself.
    pub async fn settle(&self) {
        wait_for("all jobs to be done", async || self.undone_jobs().await.is_empty().then_some(())).await;
    }

    /// Checks what must hold in the end, and stops it. `private` must not stand in the log.
    pub async fn finish(mut self, private: &[String]) {
        if self.process.is_none() {
            self.start().await;
        }
        self.settle().await;
        if !self.stuck_jobs_expected {
            for state in ["dead", "parked"] {
                let jobs = self.api().jobs(state).await;
                assert!(jobs.is_empty(), "{state} jobs: {jobs:#?}");
            }
        }
        let audit = self.api().audit().await;
        assert!(audit.intact, "{audit:?}");
        self.stop().await;
        self.check_log(private);
        self.finished = true;
    }

    /// For a hub that never ran, or that is not to run again: checks the log only.
    pub fn abandon(mut self) {
        assert!(self.process.is_none(), "it still runs");
        self.check_log(&[]);
        self.finished = true;
    }

    fn check_log(&self, private: &[String]) {
        let log = self.log();
        for line in log.lines() {
            let bad = line.contains("ERROR") || line.contains("panicked at");
            let expected = self.expected_errors.iter().any(|part| line.contains(part.as_str()));
            assert!(!bad || expected, "an error in the log: {line}");
        }
        for part in &self.expected_errors {
            assert!(log.contains(part.as_str()), "no `{part}` in the log");
        }
        for text in private {
            let line = log.lines().find(|line| line.contains(text.as_str()));
            assert!(line.is_none(), "the log says `{text}`: {}", line.unwrap_or_default());
        }
    }
}
