//! Random histories of jobs against the simplest thing that could be right: a list.

use std::collections::HashSet;

use chrono::{DateTime, Duration, Utc};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use xswarm_core::{
    id::MessageId,
    job::{Job, JobState, Lane},
};
use xswarm_store::{Retry, Store, StoreError, Tx};

use crate::scratch::{Scratch, at};

/// After so many attempts a job is given up here.
const MOST: u32 = 3;

#[derive(Debug, Clone)]
enum Step {
    Enqueue { number: u32, lane: Option<u8>, due_in: i64 },
    Claim { limit: usize },
    Finish { which: usize },
    Again { which: usize, due_in: i64 },
    Retry { which: usize, jitter: u32 },
    Withdraw { number: u32 },
    Revive { which: usize },
    Crash,
    Wait { seconds: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0..8_usize;
    prop_oneof![
        8 => (0..40_u32, prop_oneof![1 => Just(None), 4 => (0..3_u8).prop_map(Some)], -20..20_i64)
            .prop_map(|(number, lane, due_in)| Step::Enqueue { number, lane, due_in }),
        6 => (1..4_usize).prop_map(|limit| Step::Claim { limit }),
        4 => which.clone().prop_map(|which| Step::Finish { which }),
        1 => (which.clone(), -5..20_i64).prop_map(|(which, due_in)| Step::Again { which, due_in }),
        5 => (which.clone(), any::<u32>()).prop_map(|(which, jitter)| Step::Retry { which, jitter }),
        2 => (0..40_u32).prop_map(|number| Step::Withdraw { number }),
        2 => which.prop_map(|which| Step::Revive { which }),
        1 => Just(Step::Crash),
        3 => (1..30_i64).prop_map(|seconds| Step::Wait { seconds }),
    ]
}

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    number: u32,
    lane: Option<u8>,
    due: DateTime<Utc>,
    attempts: u32,
    state: JobState,
}

/// Jobs in the order they were written.
#[derive(Debug, Default)]
struct Model {
    entries: Vec<Entry>,
}

impl Model {
    fn head_of(&self, lane: u8) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|one| one.lane == Some(lane) && matches!(one.state, JobState::Ready | JobState::Running))
    }

    fn state_on_joining(&self, lane: Option<u8>) -> JobState {
        if lane.is_some_and(|lane| self.head_of(lane).is_some()) { JobState::Waiting } else { JobState::Ready }
    }

    fn promote(&mut self, lane: Option<u8>) {
        let Some(lane) = lane.filter(|lane| self.head_of(*lane).is_none()) else { return };
        let waiting = |one: &&mut Entry| one.lane == Some(lane) && one.state == JobState::Waiting;
        if let Some(next) = self.entries.iter_mut().find(waiting) {
            next.state = JobState::Ready;
        }
    }

    fn leave(&mut self, number: u32, state: JobState) {
        let entry = self.entries.iter_mut().find(|one| one.number == number).unwrap();
        entry.state = state;
        let lane = entry.lane;
        self.promote(lane);
    }

    fn pick(&self, state: JobState, which: usize) -> Option<Entry> {
        let those: Vec<_> = self.entries.iter().filter(|one| one.state == state).collect();
        those.get(which % those.len().max(1)).map(|one| (*one).clone())
    }

    fn change(&mut self, number: u32, change: impl FnOnce(&mut Entry)) {
        change(self.entries.iter_mut().find(|one| one.number == number).unwrap());
    }
}

/// The names behind the model's numbers.
struct Names {
    messages: Vec<MessageId>,
    lanes: Vec<Lane>,
}

impl Names {
    fn new() -> Self {
        Self {
            messages: (0..40).map(|_| MessageId::new(at(0))).collect(),
            lanes: (0..3).map(|n| Lane::SmsFrom(format!("+493090182{n}").parse().unwrap())).collect(),
        }
    }

    fn job(&self, number: u32) -> Job {
        Job::Deliver { message: self.messages[number as usize], sending: 0 }
    }

    fn lane(&self, lane: Option<u8>) -> Option<&Lane> {
        lane.map(|lane| &self.lanes[usize::from(lane)])
    }
}

fn id_of(tx: &Tx<'_>, job: &Job) -> Result<i64, StoreError> {
    let rows = tx.jobs(None, 1_000)?;
    Ok(rows.into_iter().find(|row| row.key == job.key()).map_or(-1, |row| row.id))
}

fn replay(tx: &Tx<'_>, steps: &[Step], names: &Names) -> Result<(), TestCaseError> {
    let mut model = Model::default();
    let mut now = at(0);
    for step in steps {
        apply(tx, step, names, &mut model, &mut now)?;
        compare(tx, names, &model)?;
    }
    Ok(())
}

fn apply(
    tx: &Tx<'_>,
    step: &Step,
    names: &Names,
    model: &mut Model,
    now: &mut DateTime<Utc>,
) -> Result<(), TestCaseError> {
    match *step {
        Step::Enqueue { number, lane, due_in } => {
            let due = *now + Duration::seconds(due_in);
            let fresh = model.entries.iter().all(|one| one.number != number);
            let said = tx.job_enqueue(&names.job(number), names.lane(lane), due, *now)?;
            prop_assert_eq!(said, fresh);
            if fresh {
                let state = model.state_on_joining(lane);
                model.entries.push(Entry { number, lane, due, attempts: 0, state });
            }
        }
        Step::Claim { limit } => {
            let mut due: Vec<_> =
                model.entries.iter().filter(|one| one.state == JobState::Ready && one.due <= *now).cloned().collect();
            due.sort_by_key(|one| one.due);
            due.truncate(limit);
            let expected: Vec<_> = due.iter().map(|one| (names.job(one.number), one.attempts + 1)).collect();
            let claimed = tx.job_claim_due(limit, *now)?.into_iter().map(|one| (one.job, one.attempts));
            prop_assert_eq!(claimed.collect::<Vec<_>>(), expected);
            for one in due {
                model.change(one.number, |entry| (entry.state, entry.attempts) = (JobState::Running, one.attempts + 1));
            }
        }
        Step::Finish { which } => {
            let Some(one) = model.pick(JobState::Running, which) else { return Ok(()) };
            tx.job_finish(id_of(tx, &names.job(one.number))?, *now)?;
            model.leave(one.number, JobState::Done);
        }
        Step::Again { which, due_in } => {
            let Some(one) = model.pick(JobState::Running, which) else { return Ok(()) };
            let due = *now + Duration::seconds(due_in);
            tx.job_again(id_of(tx, &names.job(one.number))?, due, *now)?;
            model.change(one.number, |entry| *entry = Entry { due, attempts: 0, state: JobState::Ready, ..one });
        }
        Step::Retry { which, jitter } => {
            let Some(one) = model.pick(JobState::Running, which) else { return Ok(()) };
            match tx.job_retry(id_of(tx, &names.job(one.number))?, MOST, "no", None, jitter, *now)? {
                Retry::Dead => {
                    prop_assert!(one.attempts >= MOST);
                    model.leave(one.number, JobState::Dead);
                }
                Retry::At(due) => {
                    prop_assert!(one.attempts < MOST);
                    prop_assert!(due > *now);
                    model.change(one.number, |entry| (entry.state, entry.due) = (JobState::Ready, due));
                }
            }
        }
        Step::Withdraw { number } => {
            tx.job_withdraw(&names.job(number), *now)?;
            let withdrawn =
                |one: &Entry| one.number == number && matches!(one.state, JobState::Ready | JobState::Waiting);
            if let Some(place) = model.entries.iter().position(withdrawn) {
                let lane = model.entries.remove(place).lane;
                model.promote(lane);
            }
        }
        Step::Revive { which } => {
            let Some(one) = model.pick(JobState::Dead, which) else { return Ok(()) };
            tx.job_revive(id_of(tx, &names.job(one.number))?, *now)?;
            let state = model.state_on_joining(one.lane);
            model.change(one.number, |entry| *entry = Entry { due: *now, attempts: 0, state, ..one });
        }
        Step::Crash => {
            let running = model.entries.iter_mut().filter(|one| one.state == JobState::Running);
            let count = running.map(|one| one.state = JobState::Ready).count();
            prop_assert_eq!(tx.jobs_recover(*now)?, count);
        }
        Step::Wait { seconds } => *now += Duration::seconds(seconds),
    }
    Ok(())
}

fn compare(tx: &Tx<'_>, names: &Names, model: &Model) -> Result<(), TestCaseError> {
    let mut rows = tx.jobs(None, 1_000)?;
    rows.extend(tx.jobs(Some(JobState::Done), 1_000)?);
    rows.sort_by_key(|row| row.id);
    let found: Vec<_> = rows.iter().map(|row| (row.key.clone(), row.due_at, row.attempts, row.state)).collect();
    let expected = model.entries.iter().map(|one| (names.job(one.number).key(), one.due, one.attempts, one.state));
    prop_assert_eq!(found, expected.collect::<Vec<_>>());
    let in_state = |wanted: &[JobState]| -> Vec<String> {
        rows.iter().filter(|row| wanted.contains(&row.state)).filter_map(|row| row.lane.clone()).collect()
    };
    let heads = in_state(&[JobState::Ready, JobState::Running]);
    let distinct: HashSet<_> = heads.iter().collect();
    prop_assert_eq!(distinct.len(), heads.len(), "a lane has two heads");
    for lane in in_state(&[JobState::Waiting]) {
        prop_assert!(distinct.contains(&lane), "lane {} waits without a head", lane);
    }
    Ok(())
}

/// Ends each history by rolling it back, so that the next begins with an empty table.
#[derive(Debug)]
enum Undo {
    Passed,
    Failed(TestCaseError),
}

impl From<StoreError> for Undo {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

fn undone(
    store: &Store,
    history: impl FnOnce(&Tx<'_>) -> Result<(), TestCaseError> + Send + 'static,
) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let ended =
        runtime.block_on(store.write(move |tx| history(tx).map_err(Undo::Failed).and(Err::<(), _>(Undo::Passed))));
    match ended {
        Err(Undo::Passed) => Ok(()),
        Err(Undo::Failed(error)) => Err(error),
        Ok(()) => unreachable!("a history never commits"),
    }
}

fn run<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    if let Err(error) = TestRunner::new(config).run(strategy, test) {
        panic!("{error}");
    }
}

#[test]
fn any_history_leaves_each_lane_with_one_head_and_its_order() {
    let scratch = Scratch::new();
    run(96, &prop::collection::vec(step(), 1..80), |steps| {
        undone(&scratch.store, move |tx| replay(tx, &steps, &Names::new()))
    });
}

#[test]
fn whatever_is_due_first_a_lane_begins_its_jobs_in_the_order_of_writing() {
    let scratch = Scratch::new();
    let dues = prop::collection::vec(-50..50_i64, 1..20);
    run(64, &dues, |dues| {
        undone(&scratch.store, move |tx| {
            let names = Names::new();
            for (number, due) in (0..).zip(&dues) {
                tx.job_enqueue(&names.job(number), names.lanes.first(), at(*due), at(0))?;
            }
            for number in 0..u32::try_from(dues.len()).unwrap() {
                let claimed = tx.job_claim_due(9, at(100))?;
                let jobs: Vec<_> = claimed.iter().map(|one| one.job.clone()).collect();
                prop_assert_eq!(jobs, [names.job(number)]);
                tx.job_finish(claimed[0].id, at(100))?;
            }
            Ok(())
        })
    });
}
