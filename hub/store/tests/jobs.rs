//! Durable jobs: promises are kept once, in order, until they are done or given up.

mod model;

use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::params;
use xswarm_core::{
    event::Severity,
    id::{ConversationId, MessageId},
    job::{Job, JobRow, JobState, Lane},
};
use xswarm_store::{Retry, StoreError, Tx};

use crate::scratch::{Scratch, at, value};

fn answer() -> Job {
    Job::Answer { message: MessageId::new(at(0)) }
}

fn lane() -> Lane {
    Lane::Conversation(ConversationId::new(at(0)))
}

fn by_key(tx: &Tx<'_>, job: &Job) -> Result<Option<JobRow>, StoreError> {
    let mut rows = tx.jobs(None, 1_000)?;
    rows.extend(tx.jobs(Some(JobState::Done), 1_000)?);
    Ok(rows.into_iter().find(|row| row.key == job.key()))
}

fn state(tx: &Tx<'_>, job: &Job) -> Result<Option<JobState>, StoreError> {
    Ok(by_key(tx, job)?.map(|row| row.state))
}

fn claim_one(tx: &Tx<'_>, now: DateTime<Utc>) -> Result<i64, StoreError> {
    let claimed = tx.job_claim_due(1, now)?;
    assert_eq!(claimed.len(), 1, "one job was to be due");
    Ok(claimed[0].id)
}

#[tokio::test]
async fn a_key_is_used_once_for_ever() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            let job = answer();
            assert!(tx.job_enqueue(&job, None, at(0), at(0))?);
            assert!(!tx.job_enqueue(&job, None, at(0), at(0))?, "while ready");
            let id = claim_one(tx, at(0))?;
            assert!(!tx.job_enqueue(&job, None, at(0), at(0))?, "while running");
            tx.job_finish(id, at(1))?;
            assert!(!tx.job_enqueue(&job, None, at(0), at(0))?, "when done");
            assert_eq!(tx.job_claim_due(10, at(100))?, []);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn due_jobs_are_claimed_oldest_first_and_no_more_than_asked_for() {
    let scratch = Scratch::new();
    let jobs: Vec<Job> = (0..5).map(|_| answer()).collect();
    let due = [30, 10, 20, 10, 99];
    let expected = [1, 3, 2, 0].map(|index: usize| jobs[index].clone());
    scratch
        .write(move |tx| {
            assert_eq!(tx.job_next_due()?, None);
            for (job, due) in jobs.iter().zip(due) {
                tx.job_enqueue(job, None, at(due), at(0))?;
            }
            assert_eq!(tx.job_next_due()?, Some(at(10)));
            assert_eq!(tx.job_claim_due(10, at(9))?, []);
            let mut claimed = tx.job_claim_due(3, at(50))?;
            assert_eq!(claimed.len(), 3);
            claimed.extend(tx.job_claim_due(3, at(50))?);
            assert_eq!(claimed.into_iter().map(|one| one.job).collect::<Vec<_>>(), expected);
            assert_eq!(tx.job_next_due()?, Some(at(99)));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_lane_runs_one_job_at_a_time_in_the_order_of_writing_whatever_is_due_first() {
    let scratch = Scratch::new();
    let jobs: Vec<Job> = (0..4).map(|_| answer()).collect();
    let lane = lane();
    scratch
        .write(move |tx| {
            for (index, job) in (0..).zip(&jobs) {
                tx.job_enqueue(job, Some(&lane), at(-index), at(0))?;
            }
            for job in &jobs {
                let claimed = tx.job_claim_due(10, at(0))?;
                assert_eq!(claimed.iter().map(|one| &one.job).collect::<Vec<_>>(), [job]);
                assert_eq!(tx.job_claim_due(10, at(0))?, [], "another of the lane ran beside");
                tx.job_finish(claimed[0].id, at(0))?;
            }
            assert_eq!(tx.job_claim_due(10, at(0))?, []);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn whoever_finishes_a_job_may_claim_the_next_of_its_lane_and_no_other() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            let (one, two, later, lane) = (answer(), answer(), answer(), lane());
            tx.job_enqueue(&one, Some(&lane), at(0), at(0))?;
            tx.job_enqueue(&two, Some(&lane), at(0), at(0))?;
            tx.job_enqueue(&later, Some(&lane), at(60), at(0))?;
            let first = claim_one(tx, at(0))?;
            tx.job_enqueue(&answer(), None, at(0), at(0))?;
            let next = tx.job_finish_and_claim_next(first, at(0))?.expect("the second of the lane");
            assert_eq!((&next.job, next.attempts), (&two, 1));
            assert_eq!(tx.job_finish_and_claim_next(next.id, at(0))?, None, "not due yet");
            let alone = claim_one(tx, at(0))?;
            assert_eq!(tx.job_finish_and_claim_next(alone, at(0))?, None, "it had no lane");
            assert_eq!(
                tx.job_claim_due(10, at(60))?.len(),
                1,
                "the last of the lane waits to be claimed when it is due"
            );
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn lanes_do_not_wait_for_each_other() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            let sms = Lane::SmsFrom("+4930901820".parse().unwrap());
            for lane in [Some(lane()), Some(lane()), Some(sms), None, None] {
                tx.job_enqueue(&answer(), lane.as_ref(), at(0), at(0))?;
            }
            assert_eq!(tx.job_claim_due(10, at(0))?.len(), 5);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_head_that_waits_for_its_retry_holds_its_lane() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            let (head, next, lane) = (answer(), answer(), lane());
            tx.job_enqueue(&head, Some(&lane), at(0), at(0))?;
            tx.job_enqueue(&next, Some(&lane), at(0), at(0))?;
            let id = claim_one(tx, at(0))?;
            let Retry::At(due) = tx.job_retry(id, 9, "busy", None, 0, at(0))? else { panic!("given up") };
            assert_eq!(tx.job_claim_due(10, due - chrono::Duration::milliseconds(1))?, []);
            let again = tx.job_claim_due(10, due)?;
            assert_eq!(again.iter().map(|one| (&one.job, one.attempts)).collect::<Vec<_>>(), [(&head, 2)]);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn the_next_of_a_lane_moves_up_when_the_head_is_done_dead_or_withdrawn() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            for ending in ["done", "dead", "withdrawn"] {
                let (head, next, lane) = (answer(), answer(), lane());
                tx.job_enqueue(&head, Some(&lane), at(0), at(0))?;
                tx.job_enqueue(&next, Some(&lane), at(50), at(0))?;
                assert_eq!(state(tx, &next)?, Some(JobState::Waiting));
                match ending {
                    "done" => tx.job_finish(claim_one(tx, at(0))?, at(0))?,
                    "dead" => drop(tx.job_retry(claim_one(tx, at(0))?, 1, "no", None, 0, at(0))?),
                    _ => tx.job_withdraw(&head, at(0))?,
                }
                assert_eq!(state(tx, &next)?, Some(JobState::Ready), "after {ending}");
                tx.job_withdraw(&next, at(0))?;
            }
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_waiting_job_may_be_withdrawn_and_its_key_used_again() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            let (head, middle, last, lane) = (answer(), answer(), answer(), lane());
            for job in [&head, &middle, &last] {
                tx.job_enqueue(job, Some(&lane), at(0), at(0))?;
            }
            tx.job_withdraw(&middle, at(0))?;
            tx.job_withdraw(&middle, at(0))?;
            assert!(tx.job_enqueue(&middle, Some(&lane), at(0), at(0))?);
            for expected in [&head, &last, &middle] {
                let claimed = tx.job_claim_due(9, at(0))?;
                assert_eq!(claimed.iter().map(|one| &one.job).collect::<Vec<_>>(), [expected]);
                tx.job_finish(claimed[0].id, at(0))?;
            }
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_job_that_has_begun_cannot_be_withdrawn() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            let job = answer();
            tx.job_enqueue(&job, None, at(0), at(0))?;
            claim_one(tx, at(0))?;
            tx.job_withdraw(&job, at(0))?;
            assert_eq!(state(tx, &job)?, Some(JobState::Running));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_failed_attempt_waits_longer_each_time_but_never_less_than_the_provider_asks() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            tx.job_enqueue(&answer(), None, at(0), at(0))?;
            let (mut now, mut waited) = (at(0), chrono::Duration::zero());
            for attempt in 1..=6 {
                let id = claim_one(tx, now)?;
                let retry = tx.job_retry(id, 12, &format!("failure {attempt}"), None, 7, now)?;
                let Retry::At(due) = retry else { panic!("given up after {attempt}") };
                assert!(due - now > waited, "attempt {attempt} waited {}", due - now);
                let row = tx.job(id)?.unwrap();
                assert_eq!((row.state, row.attempts, row.due_at), (JobState::Ready, attempt, due));
                assert_eq!(row.last_error, Some(format!("failure {attempt}")));
                (now, waited) = (due, due - now);
            }
            let id = claim_one(tx, now)?;
            let hour = Duration::from_hours(1);
            assert_eq!(tx.job_retry(id, 12, "wait", Some(hour), 7, now)?, Retry::At(now + hour));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn after_the_last_attempt_a_job_is_dead_and_the_log_says_so() {
    let scratch = Scratch::new();
    let events = scratch
        .write(|tx| {
            tx.job_enqueue(&answer(), None, at(0), at(0))?;
            for attempt in 1..=3 {
                let id = claim_one(tx, at(attempt * 1_000))?;
                let retry = tx.job_retry(id, 3, "no", None, 0, at(attempt * 1_000))?;
                assert_eq!(retry == Retry::Dead, attempt == 3, "attempt {attempt}");
            }
            assert_eq!(tx.job_claim_due(9, at(99_999))?, []);
            assert_eq!(tx.counts(at(0))?.jobs_dead, 1);
            tx.events(0, 10)
        })
        .await;
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].event_type.as_str(), events[0].severity), ("job_dead", Severity::Error));
    assert_eq!(events[0].event_data, Some(serde_json::json!({ "job": 1, "kind": "answer" })));
}

#[tokio::test]
async fn a_dead_job_is_revived_once_and_rejoins_its_lane_behind_the_present_head() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            let (dead, head, lane) = (answer(), answer(), lane());
            tx.job_enqueue(&dead, Some(&lane), at(0), at(0))?;
            tx.job_enqueue(&head, Some(&lane), at(0), at(0))?;
            let id = claim_one(tx, at(0))?;
            assert_eq!(tx.job_retry(id, 1, "no", None, 0, at(0))?, Retry::Dead);
            tx.job_revive(id, at(1))?;
            assert!(matches!(tx.job_revive(id, at(1)), Err(StoreError::Stale("job"))));
            assert_eq!((state(tx, &dead)?, state(tx, &head)?), (Some(JobState::Waiting), Some(JobState::Ready)));
            tx.job_finish(claim_one(tx, at(1))?, at(1))?;
            let again = tx.job_claim_due(9, at(1))?;
            assert_eq!(again.iter().map(|one| (&one.job, one.attempts)).collect::<Vec<_>>(), [(&dead, 1)]);
            assert!(matches!(tx.job_revive(99, at(1)), Err(StoreError::Stale("job"))));
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_job_of_an_unknown_kind_is_parked_and_its_lane_goes_on() {
    let scratch = Scratch::new();
    let (next, lane) = (answer(), lane());
    let insert = "INSERT INTO jobs (kind, key, payload, lane, due_at, state, created_at, updated_at) \
                  VALUES (?, ?, ?, ?, '2026-03-02T12:00:00.000Z', 'ready', '', '')";
    let raw = scratch.raw();
    raw.execute(insert, params!["dream", "dream/1", "{}", lane.to_text()]).unwrap();
    // A known kind with arguments of a later version is no better.
    raw.execute(insert, params!["answer", "answer/x", r#"{"letter": 1}"#, None::<String>]).unwrap();
    raw.execute("UPDATE jobs SET created_at = due_at, updated_at = due_at", []).unwrap();
    scratch
        .write(move |tx| {
            tx.job_enqueue(&next, Some(&lane), at(0), at(0))?;
            assert_eq!(tx.job_claim_due(9, at(0))?, []);
            let parked: Vec<_> = tx.jobs(Some(JobState::Parked), 9)?.into_iter().map(|row| row.key).collect();
            assert_eq!(parked, ["answer/x", "dream/1"]);
            let claimed = tx.job_claim_due(9, at(0))?;
            assert_eq!(claimed.iter().map(|one| &one.job).collect::<Vec<_>>(), [&next]);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_parked_job_runs_once_the_version_that_knows_it_is_back_and_it_is_revived() {
    let scratch = Scratch::new();
    let job = answer();
    let id = scratch
        .write({
            let job = job.clone();
            move |tx| {
                tx.job_enqueue(&job, None, at(0), at(0))?;
                Ok(tx.jobs(None, 1)?[0].id)
            }
        })
        .await;
    scratch.raw().execute("UPDATE jobs SET kind = 'later'", []).unwrap();
    assert_eq!(scratch.write(|tx| tx.job_claim_due(9, at(0))).await, []);
    scratch.raw().execute("UPDATE jobs SET kind = 'answer'", []).unwrap();
    scratch
        .write(move |tx| {
            assert_eq!(tx.job_claim_due(9, at(0))?, [], "a parked job came back by itself");
            tx.job_revive(id, at(5))?;
            let claimed = tx.job_claim_due(9, at(5))?;
            assert_eq!(claimed.into_iter().map(|one| (one.job, one.attempts)).collect::<Vec<_>>(), [(job, 1)]);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn what_was_running_when_the_hub_ended_is_ready_after_recovery_and_keeps_its_lane_and_count() {
    let scratch = Scratch::new();
    let (first, second, lane) = (answer(), answer(), lane());
    let expected = first.clone();
    scratch
        .write(move |tx| {
            tx.job_enqueue(&first, Some(&lane), at(0), at(0))?;
            tx.job_enqueue(&second, Some(&lane), at(0), at(0))?;
            claim_one(tx, at(0)).map(drop)
        })
        .await;
    let scratch = scratch.reopen();
    scratch
        .write(move |tx| {
            assert_eq!(tx.job_claim_due(9, at(0))?, []);
            assert_eq!(tx.jobs_recover(at(9))?, 1);
            assert_eq!(tx.jobs_recover(at(9))?, 0);
            let claimed = tx.job_claim_due(9, at(9))?;
            assert_eq!(claimed.into_iter().map(|one| (one.job, one.attempts)).collect::<Vec<_>>(), [(expected, 2)]);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_periodic_job_runs_again_with_a_clean_slate() {
    let scratch = Scratch::new();
    scratch
        .write(|tx| {
            tx.job_enqueue(&Job::Sweep {}, None, at(0), at(0))?;
            let id = claim_one(tx, at(0))?;
            tx.job_retry(id, u32::MAX, "no", None, 0, at(0))?;
            let id = claim_one(tx, at(60))?;
            tx.job_again(id, at(600), at(61))?;
            let row = tx.job(id)?.unwrap();
            assert_eq!((row.state, row.attempts, row.last_error), (JobState::Ready, 0, None));
            assert_eq!(tx.job_next_due()?, Some(at(600)));
            tx.job_hasten(&Job::Sweep {}, at(100))?;
            assert_eq!(tx.job_next_due()?, Some(at(100)));
            tx.job_hasten(&Job::Sweep {}, at(200))?;
            assert_eq!(tx.job_next_due()?, Some(at(100)), "hastening made it later");
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn retention_deletes_old_jobs_that_are_done_and_no_others() {
    let scratch = Scratch::new();
    let left = scratch
        .write(|tx| {
            for _ in 0..600 {
                tx.job_enqueue(&answer(), None, at(0), at(0))?;
            }
            for one in tx.job_claim_due(600, at(0))? {
                tx.job_finish(one.id, at(0))?;
            }
            let (dead, ready, fresh) = (answer(), answer(), answer());
            tx.job_enqueue(&dead, None, at(0), at(0))?;
            tx.job_retry(claim_one(tx, at(0))?, 0, "no", None, 0, at(0))?;
            tx.job_enqueue(&fresh, None, at(0), at(0))?;
            tx.job_finish(claim_one(tx, at(0))?, at(50))?;
            tx.job_enqueue(&ready, None, at(0), at(0))?;
            let mut rounds = Vec::new();
            while rounds.last() != Some(&0) {
                rounds.push(tx.jobs_expire(at(50))?);
            }
            assert_eq!((rounds.iter().sum::<u64>(), rounds.len()), (600, 3), "{rounds:?}");
            Ok([state(tx, &dead)?, state(tx, &fresh)?, state(tx, &ready)?])
        })
        .await;
    assert_eq!(left, [Some(JobState::Dead), Some(JobState::Done), Some(JobState::Ready)]);
}

#[tokio::test]
async fn the_database_itself_refuses_a_second_head_of_a_lane() {
    let scratch = Scratch::new();
    let lane = lane();
    let text = lane.to_text();
    scratch.write(move |tx| tx.job_enqueue(&answer(), Some(&lane), at(0), at(0))).await;
    let raw = scratch.raw();
    let forced = raw.execute(
        "INSERT INTO jobs (kind, key, payload, lane, due_at, state, created_at, updated_at) \
         VALUES ('answer', 'x', '{}', ?, '', 'running', '', '')",
        [text],
    );
    assert!(forced.is_err());
    assert_eq!(value::<u32>(&raw, "SELECT count(*) FROM jobs", []), 1);
}
