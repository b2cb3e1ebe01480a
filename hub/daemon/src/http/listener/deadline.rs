//! A stream that gives up on peers that stall.
//!
//! hyper has one timeout for "waiting for a request" and "reading its headers"; a tunnel keeps connections open between
//! requests for minutes, while a header that trickles in must be cut after seconds. So the stream itself knows the
//! stage: which deadline applies is decided only when a read or write has to wait, and the timer of an earlier stage is
//! reused when it fires, so that a request costs no timer.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

use super::Limits;

/// How many bits of [`Stage`] say which stage it is; the others count, so that two stages of one kind differ.
const BITS: u32 = 2;
const HEAD: u32 = 0;
const ANSWERING: u32 = 1;
const WAITING: u32 = 2;
const UPGRADED: u32 = 3;

/// What a connection is doing. Shared by the stream and the service above it.
#[derive(Debug, Clone)]
pub(super) struct Stage(Arc<AtomicU32>);

impl Stage {
    /// A new connection: its first request is due.
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicU32::new(HEAD)))
    }

    /// The headers are complete; how long the body and the answer may take is the route's business.
    pub(super) fn answering(&self) {
        self.set(ANSWERING);
    }

    /// The answer is ready; a further request may come.
    pub(super) fn waiting(&self) {
        self.set(WAITING);
    }

    /// It is no longer HTTP: no deadlines.
    pub(super) fn upgraded(&self) {
        self.set(UPGRADED);
    }

    fn set(&self, kind: u32) {
        // Service and stream are polled by the same task; the atomic is only for `Send`.
        let turn = (self.turn() >> BITS).wrapping_add(1);
        self.0.store(turn << BITS | kind, Ordering::Relaxed);
    }

    /// The kind of stage.
    fn kind(&self) -> u32 {
        self.turn() & ((1 << BITS) - 1)
    }

    /// This very stage.
    fn turn(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The stream.
pub(super) struct Timed<S> {
    stream: S,
    stage: Stage,
    limits: Limits,
    /// The stage that reading last waited in, and since when.
    seen: u32,
    since: Instant,
    reading: Alarm,
    writing: Alarm,
}

/// A timer that is set only when it must ring earlier than it would anyway.
#[derive(Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// Ready once `deadline` has passed.
    fn poll(&mut self, deadline: Instant, cx: &mut Context<'_>) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if sleep.deadline() > deadline {
            sleep.as_mut().reset(deadline);
        }
        loop {
            ready!(sleep.as_mut().poll(cx));
            if sleep.deadline() >= deadline {
                return Poll::Ready(());
            }
            // It rang for an earlier stage.
            sleep.as_mut().reset(deadline);
        }
    }
}

impl<S> Timed<S> {
    pub(super) fn new(stream: S, stage: Stage, limits: Limits) -> Self {
        Self {
            stream,
            stage,
            limits,
            seen: HEAD,
            since: Instant::now(),
            reading: Alarm::default(),
            writing: Alarm::default(),
        }
    }

    /// Called when a read must wait.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let turn = self.stage.turn();
        if turn != self.seen {
            self.seen = turn;
            self.since = Instant::now();
        }
        let patience: Duration = match self.stage.kind() {
            HEAD => self.limits.header_timeout,
            WAITING => self.limits.idle_timeout,
            _ => return Poll::Pending,
        };
        self.reading.poll(self.since + patience, cx)
    }
}

fn stalled() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the peer stalled")
}

impl<S: AsyncRead + Unpin> AsyncRead for Timed<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let filled = buf.filled().len();
        match Pin::new(&mut this.stream).poll_read(cx, buf) {
            Poll::Pending => this.poll_patience(cx).map(|()| Err(stalled())),
            Poll::Ready(result) => {
                if buf.filled().len() > filled && this.stage.kind() == WAITING {
                    // A request begins. Its clock is set if it doesn't come whole.
                    this.stage.set(HEAD);
                }
                Poll::Ready(result)
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> Timed<S> {
    fn poll_writing<T>(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match write(Pin::new(&mut self.stream), cx) {
            Poll::Pending if self.stage.kind() != UPGRADED => {
                let deadline = match &self.writing.0 {
                    Some(sleep) => sleep.deadline(),
                    None => Instant::now() + self.limits.write_timeout,
                };
                self.writing.poll(deadline, cx).map(|()| Err(stalled()))
            }
            Poll::Pending => Poll::Pending,
            Poll::Ready(result) => {
                if self.writing.0.is_some() {
                    self.writing = Alarm::default();
                }
                if self.stage.kind() == WAITING {
                    // A long answer that moves is not idleness.
                    self.since = Instant::now();
                }
                Poll::Ready(result)
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Timed<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().poll_writing(cx, |stream, cx| stream.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = this.poll_writing(cx, AsyncWrite::poll_flush);
        if flushed.is_ready() && this.stage.kind() == WAITING {
            // hyper looks for a next request only when something arrives; the clock must run meanwhile. That it has
            // run out is told by the read that its ringing leads to.
            let _ = this.poll_patience(cx);
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_writing(cx, AsyncWrite::poll_shutdown)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_writing(cx, |stream, cx| stream.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
