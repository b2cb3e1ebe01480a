//! A few read-only connections, each on its own named thread. Long reads hold up neither the writer nor tokio. A closure
//! sees the database as it was at its first question.

use std::{panic::AssertUnwindSafe, thread::JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{Rows, StoreError};

type Read = Box<dyn FnOnce(&Rows<'_>) + Send>;

/// How many reads may wait before callers do.
const QUEUE: usize = 256;

pub(crate) struct Readers {
    queue: async_channel::Sender<Read>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(crate) fn start(
        count: usize,
        connect: impl Fn() -> Result<Connection, StoreError>,
    ) -> Result<Self, StoreError> {
        let (queue, reads) = async_channel::bounded::<Read>(QUEUE);
        let mut readers = Self { queue, threads: Vec::with_capacity(count) };
        for number in 0..count {
            let connection = connect()?;
            let reads = reads.clone();
            let serve = move || {
                while let Ok(read) = reads.recv_blocking() {
                    // One transaction for each closure: all of its questions see the same commits.
                    if let Err(error) = connection.execute_batch("BEGIN") {
                        log::error!(error:%; "a read could not begin");
                    }
                    read(&Rows::new(&connection));
                    if !connection.is_autocommit()
                        && let Err(error) = connection.execute_batch("COMMIT")
                    {
                        log::error!(error:%; "a read could not end");
                    }
                }
            };
            let thread = std::thread::Builder::new().name(format!("store-read-{number}")).spawn(serve);
            readers.threads.push(thread.map_err(StoreError::Thread)?);
        }
        Ok(readers)
    }

    pub(crate) async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Rows<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let read: Read = Box::new(move |rows| {
            let result = std::panic::catch_unwind(AssertUnwindSafe(|| work(rows)));
            // The caller may have gone away; then nobody wants the answer.
            drop(answer.send(result.unwrap_or_else(|_| Err(StoreError::Panicked.into()))));
        });
        self.queue.send(read).await.map_err(|_closed| StoreError::Closed)?;
        answered.await.unwrap_or_else(|_| Err(StoreError::Closed.into()))
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue.close();
        // A closure may own the last handle of the store; its thread cannot wait for itself.
        let own = std::thread::current().id();
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != own) {
            // A reader's panics are caught in the closure; nothing else in its loop can panic.
            drop(thread.join());
        }
    }
}
