//! Durable jobs: enqueue, claim, finish, retry, give up.
//!
//! A lane has at most one job that is ready or running (a unique index says so); the others of the lane wait, and the
//! oldest of them is promoted when the head leaves. So claiming is a walk along one index, however long a lane is.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params, params};
use xswarm_core::{
    event::Event,
    job::{Job, JobRow, JobState, Lane, backoff},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{instant, instant_or_null, json, parsed},
};

const COLUMNS: &str = "id, kind, key, payload, lane, due_at, attempts, state, last_error, created_at, updated_at";

/// A job that is now running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its row.
    pub id: i64,
    /// What to do.
    pub job: Job,
    /// How often it was begun, this time included.
    pub attempts: u32,
}

/// What became of a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It will be tried again at this time.
    At(DateTime<Utc>),
    /// It was given up.
    Dead,
}

fn job_row(row: &Row<'_>) -> rusqlite::Result<JobRow> {
    Ok(JobRow {
        id: row.get("id")?,
        kind: row.get("kind")?,
        key: row.get("key")?,
        payload: json(row, "payload")?,
        lane: row.get("lane")?,
        due_at: instant(row, "due_at")?,
        attempts: row.get("attempts")?,
        state: parsed(row, "state")?,
        last_error: row.get("last_error")?,
        created_at: instant(row, "created_at")?,
        updated_at: instant(row, "updated_at")?,
    })
}

/// A job from its kind and payload; `None` when this version doesn't know it.
fn known(kind: &str, payload: &str) -> Option<Job> {
    let payload: serde_json::Value = serde_json::from_str(payload).ok()?;
    serde_json::from_value(serde_json::json!({ "kind": kind, "payload": payload })).ok()
}

impl Rows<'_> {
    /// One job.
    pub fn job(&self, id: i64) -> Result<Option<JobRow>, StoreError> {
        self.one(&format!("SELECT {COLUMNS} FROM jobs WHERE id = ?"), [id], job_row)
    }

    /// Jobs in a state, newest first; in any state but done when `None`.
    pub fn jobs(&self, state: Option<JobState>, limit: u32) -> Result<Vec<JobRow>, StoreError> {
        let Some(state) = state else {
            let sql = format!("SELECT {COLUMNS} FROM jobs WHERE state <> 'done' ORDER BY id DESC LIMIT ?");
            return self.many(&sql, [limit], job_row);
        };
        let sql = format!("SELECT {COLUMNS} FROM jobs WHERE state = ? ORDER BY id DESC LIMIT ?");
        self.many(&sql, params![state.as_str(), limit], job_row)
    }

    /// When the next ready job is due.
    pub fn job_next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = "SELECT min(due_at) AS due_at FROM jobs WHERE state = 'ready'";
        Ok(self.one(sql, [], |row| instant_or_null(row, "due_at"))?.flatten())
    }
}

impl Tx<'_> {
    /// Writes a job, unless one with its key was ever written. True when it is new.
    pub fn job_enqueue(
        &self,
        job: &Job,
        lane: Option<&Lane>,
        due: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let tagged = serde_json::to_value(job)?;
        let payload = tagged.get("payload").cloned().unwrap_or_default();
        let sql = "INSERT INTO jobs (kind, key, payload, lane, due_at, state, created_at, updated_at) \
                   VALUES (:kind, :key, :payload, :lane, :due_at, \
                   CASE WHEN EXISTS (SELECT 1 FROM jobs WHERE lane = :lane AND state IN ('ready', 'running')) \
                   THEN 'waiting' ELSE 'ready' END, :now, :now) ON CONFLICT (key) DO NOTHING";
        let inserted = self.run(
            sql,
            named_params! {
                ":kind": job.kind(),
                ":key": job.key(),
                ":payload": payload.to_string(),
                ":lane": lane.map(Lane::to_text),
                ":due_at": to_text(due),
                ":now": to_text(now),
            },
        )?;
        Ok(inserted == 1)
    }

    /// Claims ready jobs that are due, oldest first. Kinds that this version doesn't know are parked.
    pub fn job_claim_due(&self, limit: usize, now: DateTime<Utc>) -> Result<Vec<Claimed>, StoreError> {
        let sql = "SELECT id, kind, payload, lane, attempts FROM jobs WHERE state = 'ready' AND due_at <= ? \
                   ORDER BY due_at, id LIMIT ?";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let due = self.many(sql, params![to_text(now), limit], |row| {
            Ok((
                row.get::<_, i64>("id")?,
                row.get::<_, String>("kind")?,
                row.get::<_, String>("payload")?,
                row.get::<_, Option<String>>("lane")?,
                row.get::<_, u32>("attempts")?,
            ))
        })?;
        let mut claimed = Vec::with_capacity(due.len());
        for (id, kind, payload, lane, attempts) in due {
            if let Some(job) = known(&kind, &payload) {
                claimed.push(self.job_claim(id, job, attempts, now)?);
            } else {
                log::warn!(job = id, kind; "a job of a kind this version does not know is parked");
                self.job_leave(id, JobState::Parked, lane.as_deref(), now)?;
            }
        }
        Ok(claimed)
    }

    fn job_claim(&self, id: i64, job: Job, attempts: u32, now: DateTime<Utc>) -> Result<Claimed, StoreError> {
        let sql = "UPDATE jobs SET state = 'running', attempts = attempts + 1, updated_at = ? WHERE id = ?";
        self.run_one("job", sql, params![to_text(now), id])?;
        Ok(Claimed { id, job, attempts: attempts + 1 })
    }

    /// The job is done, and the next of its lane is claimed if it is due: a long lane is worked off without asking what is
    /// due each time.
    pub fn job_finish_and_claim_next(&self, id: i64, now: DateTime<Utc>) -> Result<Option<Claimed>, StoreError> {
        let Some(lane) = self.job_lane(id)? else {
            return self.job_leave(id, JobState::Done, None, now).map(|()| None);
        };
        self.job_leave(id, JobState::Done, Some(&lane), now)?;
        let sql = "SELECT id, kind, payload, attempts FROM jobs WHERE lane = ? AND state = 'ready' AND due_at <= ?";
        let next = self.one(sql, params![lane, to_text(now)], |row| {
            Ok((
                row.get::<_, i64>("id")?,
                row.get::<_, String>("kind")?,
                row.get::<_, String>("payload")?,
                row.get::<_, u32>("attempts")?,
            ))
        })?;
        let next = next.and_then(|(id, kind, payload, attempts)| Some((id, known(&kind, &payload)?, attempts)));
        next.map(|(id, job, attempts)| self.job_claim(id, job, attempts, now)).transpose()
    }

    /// The job is done.
    pub fn job_finish(&self, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        let lane = self.job_lane(id)?;
        self.job_leave(id, JobState::Done, lane.as_deref(), now)
    }

    /// The job is done for now and runs again at `due`.
    pub fn job_again(&self, id: i64, due: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE jobs SET state = 'ready', attempts = 0, last_error = NULL, due_at = ?, updated_at = ? \
                   WHERE id = ?";
        self.run_one("job", sql, params![to_text(due), to_text(now), id])
    }

    /// The attempt failed: try again after a back-off (or `not_before`), or give up after `most` attempts.
    pub fn job_retry(
        &self,
        id: i64,
        most: u32,
        error: &str,
        not_before: Option<Duration>,
        jitter: u32,
        now: DateTime<Utc>,
    ) -> Result<Retry, StoreError> {
        let row = self.job(id)?.ok_or(StoreError::Missing("job"))?;
        self.run_one("job", "UPDATE jobs SET last_error = ? WHERE id = ?", params![error, id])?;
        if row.attempts >= most {
            self.job_leave(id, JobState::Dead, row.lane.as_deref(), now)?;
            self.event_append(&Event::JobDead { job: id, kind: row.kind }, None, now)?;
            return Ok(Retry::Dead);
        }
        let wait = backoff(row.attempts, jitter).max(not_before.unwrap_or_default());
        let due = now + chrono::Duration::from_std(wait).unwrap_or(chrono::Duration::minutes(5));
        let sql = "UPDATE jobs SET state = 'ready', due_at = ?, updated_at = ? WHERE id = ?";
        self.run_one("job", sql, params![to_text(due), to_text(now), id])?;
        Ok(Retry::At(due))
    }

    /// The job leaves its lane, so that the others of the lane need not wait until it has worked.
    pub fn job_step_aside(&self, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        let lane = self.job_lane(id)?;
        self.run_one("job", "UPDATE jobs SET lane = NULL, updated_at = ? WHERE id = ?", params![to_text(now), id])?;
        lane.map_or(Ok(()), |lane| self.lane_promote(&lane, now))
    }

    /// A person wants a dead or parked job tried again. [`StoreError::Stale`] when it is neither.
    pub fn job_revive(&self, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE jobs SET attempts = 0, last_error = NULL, due_at = :now, updated_at = :now, \
                   state = CASE WHEN EXISTS (SELECT 1 FROM jobs head \
                       WHERE head.lane = jobs.lane AND head.state IN ('ready', 'running')) \
                   THEN 'waiting' ELSE 'ready' END \
                   WHERE id = :id AND state IN ('dead', 'parked')";
        match self.run(sql, named_params! { ":now": to_text(now), ":id": id })? {
            1 => Ok(()),
            _ => Err(StoreError::Stale("job")),
        }
    }

    /// Makes a ready job due now.
    pub fn job_hasten(&self, job: &Job, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE jobs SET due_at = :now WHERE key = :key AND state = 'ready' AND due_at > :now";
        self.run(sql, named_params! { ":now": to_text(now), ":key": job.key() }).map(drop)
    }

    /// Takes back a job that has not begun. Its key may be used again.
    pub fn job_withdraw(&self, job: &Job, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "DELETE FROM jobs WHERE key = ? AND state IN ('ready', 'waiting') RETURNING lane";
        let lane = self.one(sql, [job.key()], |row| row.get::<_, Option<String>>(0))?.flatten();
        lane.map_or(Ok(()), |lane| self.lane_promote(&lane, now))
    }

    /// Makes sure that a job without a lane will run at `due`, even if it was done or given up before.
    pub(super) fn job_rearm(&self, job: &Job, due: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), StoreError> {
        if self.job_enqueue(job, None, due, now)? {
            return Ok(());
        }
        let sql = "UPDATE jobs SET state = 'ready', attempts = 0, last_error = NULL, due_at = :due, \
                   updated_at = :now WHERE key = :key AND state IN ('done', 'dead', 'parked')";
        let values = named_params! { ":due": to_text(due), ":now": to_text(now), ":key": job.key() };
        self.run(sql, values).map(drop)
    }

    /// After a start: what was running when the hub ended is ready again.
    pub fn jobs_recover(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        self.run("UPDATE jobs SET state = 'ready', updated_at = ? WHERE state = 'running'", [to_text(now)])
    }

    fn job_lane(&self, id: i64) -> Result<Option<String>, StoreError> {
        self.one("SELECT lane FROM jobs WHERE id = ?", [id], |row| row.get(0))?.ok_or(StoreError::Missing("job"))
    }

    fn job_leave(&self, id: i64, state: JobState, lane: Option<&str>, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE jobs SET state = ?, updated_at = ? WHERE id = ?";
        self.run_one("job", sql, params![state.as_str(), to_text(now), id])?;
        lane.map_or(Ok(()), |lane| self.lane_promote(lane, now))
    }

    fn lane_promote(&self, lane: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE jobs SET state = 'ready', updated_at = :now WHERE id = \
                   (SELECT id FROM jobs WHERE lane = :lane AND state = 'waiting' ORDER BY id LIMIT 1) \
                   AND NOT EXISTS (SELECT 1 FROM jobs WHERE lane = :lane AND state IN ('ready', 'running'))";
        self.run(sql, named_params! { ":now": to_text(now), ":lane": lane }).map(drop)
    }
}
