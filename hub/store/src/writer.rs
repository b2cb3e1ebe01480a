//! The one writer thread: group commit.
//!
//! Whatever waits is run inside one transaction, each closure in its own savepoint, and committed together: one fsync
//! for all of them. Answers follow the commit. A batch is bounded in closures and in time, so that under load the first
//! of a batch does not wait for ever, and a single statement is bounded by a progress handler.
//!
//! SQLite itself may roll the whole transaction back (disk full, I/O error, out of memory, interrupt). It then is in
//! autocommit mode again; the batch ends there and every closure in it is answered with the cause.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use crate::{StoreError, Tx, error::is_disk_full, lock::StateLock};

/// How many closures may wait before callers do.
const QUEUE: usize = 4_096;
/// A batch is committed after this long even when more closures wait.
const BATCH_TIME: Duration = Duration::from_millis(20);
/// How long the writer lets a batch gather, when the one before was large: a commit costs the same for one closure and
/// for a hundred, and whoever was just answered is about to write again.
const GATHER_TIME: Duration = Duration::from_millis(2);
/// A batch larger than this makes the next one gather.
const GATHER_FROM: usize = 8;
/// A closure that takes longer than this is interrupted.
const CLOSURE_TIME: Duration = Duration::from_secs(10);

pub(crate) struct Writer {
    queue: async_channel::Sender<Box<dyn Write>>,
    thread: Option<JoinHandle<()>>,
    /// False from a commit that failed until one that changed something went through.
    commits: Arc<AtomicBool>,
    /// How many closures were run since the start.
    done: Arc<AtomicU64>,
}

impl Writer {
    pub(crate) fn start(
        mut connection: Connection,
        group_commit: usize,
        tick: watch::Sender<u64>,
        lock: StateLock,
    ) -> Result<Self, StoreError> {
        let (queue, writes) = async_channel::bounded::<Box<dyn Write>>(QUEUE);
        let deadline = Deadline::watch(&mut connection, CLOSURE_TIME)?;
        let commits = Arc::new(AtomicBool::new(true));
        let committing = Arc::clone(&commits);
        let done = Arc::new(AtomicU64::new(0));
        let doing = Arc::clone(&done);
        let serve = move || {
            let mut size = 1;
            while let Ok(first) = writes.recv_blocking() {
                if size > GATHER_FROM && group_commit > 1 {
                    gather(&writes, size);
                }
                let changes = connection.total_changes();
                let (ran, committed) = commit_batch(&connection, &deadline, group_commit.max(1), first, &writes);
                size = ran;
                doing.fetch_add(u64::try_from(ran).unwrap_or(0), Ordering::Relaxed);
                if !committed {
                    committing.store(false, Ordering::Relaxed);
                } else if connection.total_changes() != changes {
                    committing.store(true, Ordering::Relaxed);
                    tick.send_modify(|ticks| *ticks = ticks.wrapping_add(1));
                }
            }
            // Folding the log into the file makes the next start quick; failing at it loses nothing.
            if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
                log::warn!(error:%; "the log could not be folded into the database");
            }
            // Only when the file is closed may another hub have the directory.
            drop(connection);
            drop(lock);
        };
        let thread = std::thread::Builder::new().name("store-write".to_owned()).spawn(serve);
        Ok(Self { queue, thread: Some(thread.map_err(StoreError::Thread)?), commits, done })
    }

    pub(crate) async fn run<T, E, F>(&self, work: F, durability: Durability) -> Result<T, E>
    where
        F: FnOnce(&Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let write = Box::new(Closure { work: Some(work), result: None, answer, durability });
        self.queue.send(write).await.map_err(|_closed| StoreError::Closed)?;
        answered.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }

    pub(crate) fn commits(&self) -> bool {
        self.commits.load(Ordering::Relaxed)
    }

    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.close();
        // A closure may own the last handle of the store; its thread cannot wait for itself.
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != std::thread::current().id()) {
            // Panics are caught in the closures; nothing else in the writer's loop can panic.
            drop(thread.join());
        }
    }
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// It is on disk.
    Synced,
    /// It is committed, in order; a power cut may take it back, unless something later was synced.
    Relaxed,
}

/// A queued closure, whatever its types.
trait Write: Send {
    /// What its answer shall mean.
    fn durability(&self) -> Durability;
    /// Runs it; true when its changes shall stay.
    fn run(&mut self, tx: &Tx<'_>) -> bool;
    /// Answers the caller, after the commit or its failure.
    fn answer(self: Box<Self>, committed: Result<(), Cause>);
}

struct Closure<F, T, E> {
    work: Option<F>,
    result: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
    durability: Durability,
}

impl<F, T, E> Write for Closure<F, T, E>
where
    F: FnOnce(&Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn durability(&self) -> Durability {
        self.durability
    }

    fn run(&mut self, tx: &Tx<'_>) -> bool {
        let Some(work) = self.work.take() else { return false };
        let result = std::panic::catch_unwind(AssertUnwindSafe(|| work(tx)));
        let result = result.unwrap_or_else(|_| Err(StoreError::Panicked.into()));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, committed: Result<(), Cause>) {
        let result = match (self.result, committed) {
            (Some(Ok(_)) | None, Err(cause)) => Err(StoreError::from(cause).into()),
            (Some(result), _) => result,
            (None, Ok(())) => Err(StoreError::Closed.into()),
        };
        // The caller may have gone away; what it asked for is done all the same.
        drop(self.answer.send(result));
    }
}

/// Why a whole batch did not happen.
#[derive(Debug, Clone, thiserror::Error)]
enum Cause {
    #[error("the disk is full")]
    Full,
    #[error("{0}")]
    Other(String),
}

impl From<rusqlite::Error> for Cause {
    fn from(error: rusqlite::Error) -> Self {
        if is_disk_full(&error) { Self::Full } else { Self::Other(error.to_string()) }
    }
}

impl From<Cause> for StoreError {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Full => Self::Full,
            Cause::Other(cause) => Self::Commit(cause),
        }
    }
}

fn commit_batch(
    connection: &Connection,
    deadline: &Deadline,
    most: usize,
    first: Box<dyn Write>,
    writes: &async_channel::Receiver<Box<dyn Write>>,
) -> (usize, bool) {
    let began = Instant::now();
    let mut batch = vec![first];
    // SQLite takes a new safety level only between transactions, so what it shall be is settled before this one begins.
    if all_relaxed(&batch) {
        batch.extend(std::iter::from_fn(|| writes.try_recv().ok()).take(most - 1));
    }
    let relaxed = all_relaxed(&batch);
    let level = if relaxed { "PRAGMA synchronous = NORMAL" } else { "PRAGMA synchronous = FULL" };
    let mut committed = execute(connection, level).and_then(|()| execute(connection, "BEGIN IMMEDIATE"));
    if committed.is_ok() {
        let tx = Tx::new(connection);
        let mut next = 0;
        while let Some(write) = batch.get_mut(next) {
            deadline.start();
            if let Err(cause) = run_one(connection, &tx, write.as_mut()) {
                committed = Err(cause);
                break;
            }
            next += 1;
            if !relaxed && next < most && began.elapsed() < BATCH_TIME {
                batch.extend(writes.try_recv());
            }
        }
        deadline.clear();
        committed = committed.and_then(|()| execute(connection, "COMMIT"));
        if committed.is_err() && !connection.is_autocommit() {
            drop(execute(connection, "ROLLBACK"));
        }
    }
    if let Err(cause) = &committed {
        log::error!(cause:%, closures = batch.len(); "a batch of writes could not be committed");
    }
    let outcome = (batch.len(), committed.is_ok());
    for write in batch {
        write.answer(committed.clone());
    }
    outcome
}

/// Waits a little for as many closures as the last batch had.
fn gather(writes: &async_channel::Receiver<Box<dyn Write>>, expected: usize) {
    const STEP: Duration = Duration::from_micros(100);
    let began = Instant::now();
    while writes.len() + 1 < expected && began.elapsed() < GATHER_TIME {
        std::thread::park_timeout(STEP);
    }
}

fn all_relaxed(batch: &[Box<dyn Write>]) -> bool {
    batch.iter().all(|write| write.durability() == Durability::Relaxed)
}

/// Runs one closure in its savepoint. An error means that the whole transaction is gone.
fn run_one(connection: &Connection, tx: &Tx<'_>, write: &mut dyn Write) -> Result<(), Cause> {
    execute(connection, "SAVEPOINT closure")?;
    let keep = write.run(tx);
    if connection.is_autocommit() {
        let why = "SQLite rolled the transaction back (I/O error, or a statement took too long)";
        return Err(if tx.disk_was_full() { Cause::Full } else { Cause::Other(why.to_owned()) });
    }
    if !keep {
        execute(connection, "ROLLBACK TO closure")?;
    }
    execute(connection, "RELEASE closure")
}

fn execute(connection: &Connection, sql: &str) -> Result<(), Cause> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// Interrupts a statement whose closure has run for too long.
struct Deadline {
    epoch: Instant,
    /// How long a closure may run.
    limit: Duration,
    /// Milliseconds after `epoch`; zero when nothing runs.
    at_ms: Arc<AtomicU64>,
}

impl Deadline {
    fn watch(connection: &mut Connection, limit: Duration) -> Result<Self, StoreError> {
        let epoch = Instant::now();
        let at_ms = Arc::new(AtomicU64::new(0));
        let watched = Arc::clone(&at_ms);
        let over = move || {
            let at_ms = watched.load(Ordering::Relaxed);
            at_ms != 0 && elapsed_ms(epoch) > at_ms
        };
        connection.progress_handler(100_000, Some(over))?;
        Ok(Self { epoch, limit, at_ms })
    }

    fn start(&self) {
        let at_ms = elapsed_ms(self.epoch).saturating_add(u64::try_from(self.limit.as_millis()).unwrap_or(u64::MAX));
        self.at_ms.store(at_ms, Ordering::Relaxed);
    }

    fn clear(&self) {
        self.at_ms.store(0, Ordering::Relaxed);
    }
}

fn elapsed_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Key, Options, open};

    /// Counts for ever.
    const FOR_EVER: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";

    struct Bench {
        connection: Connection,
        deadline: Deadline,
        dir: tempfile::TempDir,
    }

    type Answer = oneshot::Receiver<Result<(), StoreError>>;
    type Work = fn(&Tx<'_>) -> Result<(), StoreError>;

    fn bench(limit: Duration) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let key = Key::from_hex(&"5a".repeat(32)).unwrap();
        let mut connection = open::open_and_migrate(&Options::new(dir.path()), &key).unwrap();
        let deadline = Deadline::watch(&mut connection, limit).unwrap();
        Bench { connection, deadline, dir }
    }

    impl Bench {
        /// Runs these as one batch (they are far quicker than [`BATCH_TIME`], but for what is interrupted).
        fn batch(&self, works: &[Work]) -> Vec<Result<(), StoreError>> {
            let synced: Vec<_> = works.iter().map(|work| (Durability::Synced, *work)).collect();
            self.batch_of(&synced)
        }

        fn batch_of(&self, works: &[(Durability, Work)]) -> Vec<Result<(), StoreError>> {
            let (queue, writes) = async_channel::unbounded::<Box<dyn Write>>();
            let mut answers: Vec<Answer> = Vec::new();
            for (durability, work) in works {
                let (answer, answered) = oneshot::channel();
                queue
                    .try_send(Box::new(Closure { work: Some(*work), result: None, answer, durability: *durability }))
                    .ok()
                    .unwrap();
                answers.push(answered);
            }
            while let Ok(first) = writes.try_recv() {
                commit_batch(&self.connection, &self.deadline, 1_000, first, &writes);
            }
            answers.into_iter().map(|mut answer| answer.try_recv().unwrap()).collect()
        }

        fn facts(&self) -> Vec<String> {
            let sql = "SELECT name FROM meta WHERE name LIKE 'fact %' ORDER BY name";
            let mut statement = self.connection.prepare(sql).unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        }
    }

    #[test]
    fn when_sqlite_undoes_the_transaction_nobody_of_the_batch_is_told_yes() {
        let bench = bench(CLOSURE_TIME);
        let answers = bench.batch(&[
            |tx| tx.meta_set("fact 1", "gone"),
            |tx| {
                tx.meta_set("fact 2", "gone")?;
                Ok(tx.connection().execute_batch("ROLLBACK")?)
            },
        ]);
        assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::Commit(_)))), "{answers:?}");
        assert_eq!(bench.facts(), [""; 0]);
        assert!(bench.batch(&[|tx| tx.meta_set("fact 3", "here")]).iter().all(Result::is_ok));
        assert_eq!(bench.facts(), ["fact 3"]);
    }

    #[test]
    fn what_comes_after_a_lost_transaction_in_the_queue_is_not_lost_with_it() {
        let bench = bench(CLOSURE_TIME);
        let answers =
            bench.batch(&[|tx| Ok(tx.connection().execute_batch("ROLLBACK")?), |tx| tx.meta_set("fact 1", "here")]);
        assert!(matches!(answers[..], [Err(StoreError::Commit(_)), Ok(())]), "{answers:?}");
        assert_eq!(bench.facts(), ["fact 1"]);
    }

    #[test]
    fn a_lost_transaction_is_called_full_when_the_disk_was() {
        let bench = bench(CLOSURE_TIME);
        // No statement of ours can fill the disk here; a limit on the file's pages is the same to SQLite.
        bench.connection.execute_batch("PRAGMA max_page_count = 1").unwrap();
        let answers = bench.batch(&[
            |tx| tx.meta_set("fact 1", "gone"),
            |tx| {
                let filled = (0..10_000).try_for_each(|n| tx.meta_set(&format!("fact {n}"), &"x".repeat(4_000)));
                assert!(matches!(filled, Err(StoreError::Full)), "{filled:?}");
                drop(tx.connection().execute_batch("ROLLBACK"));
                filled
            },
        ]);
        assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::Full))), "{answers:?}");
        assert_eq!(bench.facts(), [""; 0]);
    }

    #[test]
    fn a_closure_that_reads_for_ever_is_interrupted_and_undoes_only_itself() {
        let bench = bench(Duration::from_millis(30));
        let answers = bench.batch(&[
            |tx| tx.meta_set("fact 1", "here"),
            |tx| {
                tx.meta_set("fact 2", "gone")?;
                let sql = format!("{FOR_EVER} SELECT count(*) FROM n");
                Ok(tx.connection().query_row(&sql, [], |_| Ok(()))?)
            },
            |tx| tx.meta_set("fact 3", "here"),
        ]);
        let [Ok(()), Err(StoreError::Sqlite(error)), Ok(())] = &answers[..] else { panic!("{answers:?}") };
        assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::OperationInterrupted));
        assert_eq!(bench.facts(), ["fact 1", "fact 3"]);
    }

    #[test]
    fn a_closure_that_writes_for_ever_is_interrupted_and_nothing_of_its_batch_half_happens() {
        let bench = bench(Duration::from_millis(30));
        let answers = bench.batch(&[
            |tx| tx.meta_set("fact 1", "gone"),
            |tx| {
                let sql = format!("{FOR_EVER} INSERT INTO meta SELECT 'fact ' || (i + 10), '' FROM n");
                Ok(tx.connection().execute_batch(&sql)?)
            },
            |tx| tx.meta_set("fact 3", "here"),
        ]);
        let [Err(StoreError::Commit(_)), Err(StoreError::Sqlite(_)), Ok(())] = &answers[..] else {
            panic!("{answers:?}")
        };
        assert_eq!(bench.facts(), ["fact 3"]);
    }

    #[test]
    fn only_a_batch_of_nothing_but_relaxed_writes_does_without_the_disk() {
        const NORMAL: u32 = 1;
        const FULL: u32 = 2;
        let bench = bench(CLOSURE_TIME);
        let work: Work = |tx| tx.meta_set("fact 1", "here");
        let (relaxed, synced) = ((Durability::Relaxed, work), (Durability::Synced, work));
        // Each more than once: the statements that set the level are cached.
        for _ in 0..3 {
            for (works, expected) in [
                (vec![relaxed, relaxed], NORMAL),
                (vec![synced], FULL),
                (vec![relaxed], NORMAL),
                (vec![relaxed, synced, relaxed], FULL),
            ] {
                assert!(bench.batch_of(&works).iter().all(Result::is_ok));
                let level: u32 = bench.connection.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap();
                assert_eq!(level, expected);
            }
        }
    }

    #[test]
    fn a_batch_takes_no_more_closures_than_allowed() {
        let bench = bench(CLOSURE_TIME);
        let (queue, writes) = async_channel::unbounded::<Box<dyn Write>>();
        let work: Work = |tx| tx.meta_set("fact 1", "here");
        let mut answers = Vec::new();
        for _ in 0..5 {
            let (answer, answered) = oneshot::channel();
            queue
                .try_send(Box::new(Closure { work: Some(work), result: None, answer, durability: Durability::Synced }))
                .ok()
                .unwrap();
            answers.push(answered);
        }
        commit_batch(&bench.connection, &bench.deadline, 3, writes.try_recv().unwrap(), &writes);
        assert!(writes.len() >= 2, "{} left", writes.len());
        assert!(answers[0].try_recv().is_ok() && answers[3].try_recv().is_err() && answers[4].try_recv().is_err());
    }

    #[tokio::test]
    async fn a_closed_writer_says_so() {
        let Bench { connection, deadline, dir } = bench(CLOSURE_TIME);
        drop(deadline);
        let lock = StateLock::take(dir.path()).unwrap();
        let (tick, _) = watch::channel(0);
        let writer = Writer::start(connection, 1_000, tick, lock).unwrap();
        let work: Work = |tx| tx.meta_set("fact 1", "here");
        writer.run(work, Durability::Synced).await.unwrap();
        writer.queue.close();
        let refused = writer.run(work, Durability::Synced).await;
        assert!(matches!(refused, Err(StoreError::Closed)), "{refused:?}");
        drop(writer);
        StateLock::take(dir.path()).unwrap();
    }
}
