//! The thread that owns a model: how it is started, asked for sessions, told to end, and what is told when it fails.
//!
//! It deliberately does not start itself again; whoever has it takes another engine.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock},
    task::{Context, Poll, Wake, Waker},
    thread::{JoinHandle, Thread},
};

use tokio::sync::{
    OwnedSemaphorePermit, Semaphore,
    mpsc::{self, error::TrySendError},
};

use super::weights::said;
use crate::{EngineError, FRAME_SAMPLES};

/// A model with its sessions, on its thread.
pub(super) trait Owner {
    /// What a session begins with.
    type Open: Send + 'static;

    /// What it is called in the log.
    const NAME: &'static str;

    /// Works until the engine is dropped, which ends `openings`, or a step fails.
    fn run(&mut self, openings: &mut mpsc::Receiver<Self::Open>) -> candle_core::Result<()>;

    /// Tells every session that it is over.
    fn fail(&mut self, error: &EngineError);

    /// Tells a session that could not begin.
    fn refuse(open: Self::Open, error: &EngineError);
}

/// The way to such a thread. Dropping it ends the thread's sessions, and waits for it.
#[derive(Debug)]
pub(super) struct ModelThread<O> {
    /// `None` only while it is dropped.
    openings: Option<mpsc::Sender<O>>,
    places: Arc<Semaphore>,
    sessions: usize,
    ended: Arc<OnceLock<String>>,
    thread: Option<JoinHandle<()>>,
}

impl<O: Send + 'static> ModelThread<O> {
    /// Loads a model in its own thread, and waits until that is done. It has so many sessions at most.
    pub(super) fn start<W: Owner<Open = O>>(
        name: &str,
        sessions: usize,
        load: impl FnOnce() -> Result<W, EngineError> + Send + 'static,
    ) -> Result<Self, EngineError> {
        // As many may begin before the thread looks as there are places.
        let (openings, to_thread) = mpsc::channel(sessions);
        let ended = Arc::new(OnceLock::new());
        let (ready, is_ready) = std::sync::mpsc::sync_channel(1);
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn({
            let ended = Arc::clone(&ended);
            move || match catch_unwind(AssertUnwindSafe(load)) {
                Ok(Ok(owner)) => {
                    ready.send(Ok(())).unwrap_or_default();
                    work(owner, to_thread, &ended);
                }
                Ok(Err(error)) => ready.send(Err(error)).unwrap_or_default(),
                Err(panic) => {
                    let error = format!("its model cannot be loaded: {}", panicked(&*panic));
                    ready.send(Err(EngineError::Unavailable(error))).unwrap_or_default();
                }
            }
        });
        let thread = thread.map_err(|error| EngineError::Unavailable(format!("it gets no thread: {error}")))?;
        let gone = |_| Err(EngineError::Unavailable("its thread ended while it loaded".to_owned()));
        let loaded = is_ready.recv().unwrap_or_else(gone);
        let places = Arc::new(Semaphore::new(sessions));
        let this = Self { openings: Some(openings), places, sessions, ended, thread: Some(thread) };
        loaded.map(|()| this)
    }

    /// Waits until it has ended; why it did.
    pub(super) async fn ended(&self) -> EngineError {
        if let Some(openings) = &self.openings {
            openings.closed().await;
        }
        self.why_ended()
    }

    /// Begins a session, with the place that it takes until the place is dropped.
    pub(super) fn open(&self, open: impl FnOnce(OwnedSemaphorePermit) -> O) -> Result<(), EngineError> {
        let at_capacity = || EngineError::AtCapacity { sessions: self.sessions };
        let openings = self.openings.as_ref().filter(|openings| !openings.is_closed());
        let openings = openings.ok_or_else(|| self.why_ended())?;
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_taken| at_capacity())?;
        openings.try_send(open(place)).map_err(|error| match error {
            TrySendError::Full(_) => at_capacity(),
            TrySendError::Closed(_) => self.why_ended(),
        })
    }

    /// Waits until so many places are free.
    #[cfg(test)]
    pub(super) async fn free(&self, places: u32) {
        drop(self.places.acquire_many(places).await.unwrap());
    }

    fn why_ended(&self) -> EngineError {
        EngineError::Died(self.ended.get().cloned().unwrap_or_else(|| "it ended".to_owned()))
    }
}

impl<O> Drop for ModelThread<O> {
    fn drop(&mut self) {
        drop(self.openings.take());
        if let Some(thread) = self.thread.take()
            && let Err(panic) = thread.join()
        {
            log::error!("the thread of a model ended in a panic: {}", panicked(&*panic));
        }
    }
}

/// The thread's work, and what is to be done if it fails: every session is told, none can begin.
fn work<W: Owner>(mut owner: W, mut openings: mpsc::Receiver<W::Open>, ended: &OnceLock<String>) {
    let worked = catch_unwind(AssertUnwindSafe(|| owner.run(&mut openings)));
    let reason = match worked {
        Ok(Ok(())) => "it was stopped".to_owned(),
        Ok(Err(failure)) => format!("a step of its model failed: {}", said(&failure)),
        Err(panic) => format!("a step of its model panicked: {}", panicked(&*panic)),
    };
    if openings.is_closed() {
        log::debug!("{} ends: {reason}", W::NAME);
    } else {
        log::error!("{} ends: {reason}", W::NAME);
    }
    // In this order: whoever finds the thread gone finds the reason too.
    ended.set(reason.clone()).unwrap_or_default();
    openings.close();
    let error = EngineError::Died(reason);
    owner.fail(&error);
    while let Ok(open) = openings.try_recv() {
        W::refuse(open, &error);
    }
}

/// Polls until it is ready; in between, the thread rests.
pub(super) fn rest_until<T>(mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match poll(&mut context) {
            Poll::Ready(ready) => return ready,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// Makes sound of what a model is given, or gives: a number that is none would stay in its memory, for whoever comes next.
pub(super) fn clean(frame: &mut [f32; FRAME_SAMPLES]) {
    for sample in frame {
        *sample = if sample.is_finite() { sample.clamp(-1.0, 1.0) } else { 0.0 };
    }
}

/// What a panic said.
fn panicked(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it does not say why")
}
