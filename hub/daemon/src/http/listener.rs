//! Serving a router on a TCP address, with or without TLS, or on a Unix socket, within limits.
//!
//! - Every connection is a task in one `JoinSet`: nothing outlives [`Listener::serve`].
//! - At the connection limit nothing is accepted: newcomers wait in the kernel's backlog until a connection ends. That
//!   costs the waiting ones time but nobody an error, and idle connections end by themselves ([`Limits`]).
//! - Shutdown stops accepting, lets what runs finish, and after a bound cuts what is left.
//! - A panic in a handler is a 500 for that request only.
//!
//! Each request carries its [`Peer`] as an extension. Whom TLS shows the hub to be is deliberately not decided here.

mod deadline;
mod tls;
mod unix;

use std::{
    any::Any,
    convert::Infallible,
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body, http::StatusCode, response::Response};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpSocket, UnixListener},
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::Service;
use tower_http::catch_panic::CatchPanicLayer;

use self::deadline::{Stage, Timed};
use crate::error::{Error, Result, problem};

pub(crate) use unix::SocketFile;

/// How many connections the kernel keeps for us to accept (it may allow fewer: net.core.somaxconn).
const BACKLOG: u32 = 4096;

/// What one listener puts up with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Open connections.
    pub(crate) connections_max: usize,
    /// From a request's first byte (or the connection's beginning) to the end of its headers.
    pub(crate) header_timeout: Duration,
    /// Between two requests. Longer than the 90 s after which the tunnel drops its idle connections, so that it is the
    /// tunnel that closes and no webhook is lost in a race.
    pub(crate) idle_timeout: Duration,
    /// For a peer that doesn't read its answer.
    pub(crate) write_timeout: Duration,
    /// Of request line and headers together.
    pub(crate) header_max_bytes: usize,
    /// For what runs at shutdown.
    pub(crate) drain: Duration,
}

impl Limits {
    /// The usual limits with so many connections.
    pub(crate) const fn with_connections(connections_max: usize) -> Self {
        Self {
            connections_max,
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(2),
            write_timeout: Duration::from_secs(30),
            header_max_bytes: 32 * 1024,
            drain: Duration::from_secs(10),
        }
    }
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// A TCP peer, whose words others on the way can read and change.
    Tcp(SocketAddr),
    /// A TCP peer by TLS.
    Tls(SocketAddr),
    /// A local process on the Unix socket, with the user id that the kernel vouches for (SO_PEERCRED).
    Unix {
        /// The user.
        uid: Option<u32>,
    },
}

/// Where connections come from.
#[derive(Debug)]
pub(crate) enum Listener {
    /// An address.
    Tcp(TcpListener),
    /// An address where TLS is spoken.
    Tls(TcpListener, Arc<ServerConfig>),
    /// A socket file; one of our own is removed when dropped.
    Unix(UnixListener, SocketFile),
}

impl Listener {
    /// Listens on `address` (port 0 takes a free one), unless there is a socket already.
    pub(crate) fn tcp(address: SocketAddr, handed: Option<std::net::TcpListener>) -> Result<Self> {
        open(address, handed).map(Self::Tcp)
    }

    /// The same, where TLS is spoken.
    pub(crate) fn tls(
        address: SocketAddr,
        handed: Option<std::net::TcpListener>,
        tls: Arc<ServerConfig>,
    ) -> Result<Self> {
        Ok(Self::Tls(open(address, handed)?, tls))
    }

    /// Where it really listens.
    pub(crate) fn address(&self) -> String {
        match self {
            Self::Tcp(listener) | Self::Tls(listener, _) => {
                listener.local_addr().map_or_else(|_| "?".to_owned(), |address| address.to_string())
            }
            Self::Unix(_, file) => file.path().display().to_string(),
        }
    }

    /// Serves `router` until `stop`, then drains. Answers how many connections had to be cut.
    pub(crate) async fn serve(self, router: Router, limits: Limits, stop: CancellationToken) -> usize {
        let router = router.layer(CatchPanicLayer::custom(panicked));
        let places = Arc::new(Semaphore::new(limits.connections_max));
        let closing = Arc::new(Closing::default());
        let mut connections = JoinSet::new();
        loop {
            let place = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(_) = connections.join_next() => continue,
                place = Arc::clone(&places).acquire_owned() => match place {
                    Ok(place) => place,
                    Err(_) => break, // never: nobody closes it
                },
            };
            let accepted = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(_) = connections.join_next() => continue,
                accepted = self.accept() => accepted,
            };
            match accepted {
                Ok(Accepted::Tcp(stream, peer)) => {
                    // Answers are small and complete; waiting for more to send (Nagle) only delays them.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(connection(stream, peer, router.clone(), limits, Arc::clone(&closing), place));
                }
                Ok(Accepted::Tls(stream, acceptor, peer)) => {
                    let _ = stream.set_nodelay(true);
                    let (router, closing) = (router.clone(), Arc::clone(&closing));
                    connections.spawn(async move {
                        if let Some(stream) = tls::shaken(stream, &acceptor, limits, &closing).await {
                            connection(stream, peer, router, limits, closing, place).await;
                        }
                    });
                }
                Ok(Accepted::Unix(stream, peer)) => {
                    connections.spawn(connection(stream, peer, router.clone(), limits, Arc::clone(&closing), place));
                }
                Err(error) => {
                    log::warn!("cannot accept a connection on {}: {error}", self.address());
                    // Out of descriptors or memory: the error returns at once until something is freed.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        // Newcomers are refused, not left waiting for nobody; in a socket that stays when we go they wait for who comes next.
        drop(self);
        closing.closed.store(true, Ordering::Release);
        closing.closing.notify_waiters();
        drain(connections, limits.drain).await
    }

    async fn accept(&self) -> io::Result<Accepted> {
        loop {
            let accepted = match self {
                Self::Tcp(listener) => {
                    listener.accept().await.map(|(stream, peer)| Accepted::Tcp(stream, Peer::Tcp(peer)))
                }
                Self::Tls(listener, tls) => {
                    let acceptor = TlsAcceptor::from(Arc::clone(tls));
                    listener.accept().await.map(|(stream, peer)| Accepted::Tls(stream, acceptor, Peer::Tls(peer)))
                }
                Self::Unix(listener, _) => listener.accept().await.map(|(stream, _)| {
                    let uid = stream.peer_cred().ok().map(|credentials| credentials.uid());
                    Accepted::Unix(stream, Peer::Unix { uid })
                }),
            };
            match accepted {
                // The peer left while it waited.
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) => {}
                accepted => return accepted,
            }
        }
    }
}

fn open(address: SocketAddr, handed: Option<std::net::TcpListener>) -> Result<TcpListener> {
    let Some(handed) = handed else { return bind(address) };
    let taken = handed.set_nonblocking(true).and_then(|()| TcpListener::from_std(handed));
    taken.map_err(|error| Error::unavailable("a socket that was there already cannot be used").with_source(error))
}

fn bind(address: SocketAddr) -> Result<TcpListener> {
    let listen = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    listen().map_err(|error| {
        let hint = if error.kind() == io::ErrorKind::AddrInUse {
            " (another program, perhaps another hub, has it)"
        } else if error.kind() == io::ErrorKind::PermissionDenied {
            " (ports below 1024 need a privilege)"
        } else {
            ""
        };
        Error::unavailable(format!("cannot listen on {address}{hint}")).with_source(error)
    })
}

/// Tells the connections of one listener to finish. The flag is set before the bell rings.
#[derive(Default)]
struct Closing {
    closed: AtomicBool,
    closing: Notify,
}

impl Closing {
    /// Ready once they are to finish.
    async fn told(&self) {
        let mut told = pin!(self.closing.notified());
        told.as_mut().enable();
        if !self.closed.load(Ordering::Acquire) {
            told.await;
        }
    }
}

enum Accepted {
    Tcp(tokio::net::TcpStream, Peer),
    Tls(tokio::net::TcpStream, TlsAcceptor, Peer),
    Unix(tokio::net::UnixStream, Peer),
}

async fn drain(mut connections: JoinSet<()>, bound: Duration) -> usize {
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(bound, finished).await.is_err() {
        let cut = connections.len();
        log::warn!("{cut} connections were still busy at shutdown and were cut");
        connections.shutdown().await;
        return cut;
    }
    0
}

async fn connection<S>(
    stream: S,
    peer: Peer,
    router: Router,
    limits: Limits,
    stop: Arc<Closing>,
    _place: OwnedSemaphorePermit,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stage = Stage::new();
    let io = TokioIo::new(Timed::new(stream, stage.clone(), limits));
    let service = service_fn(move |request: Request<Incoming>| {
        stage.answering();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        let answer = router.clone().call(request);
        let stage = stage.clone();
        async move {
            let answer: Result<Response, Infallible> = answer.await;
            match &answer {
                Ok(response) if response.status() == StatusCode::SWITCHING_PROTOCOLS => stage.upgraded(),
                _ => stage.waiting(),
            }
            answer
        }
    });
    let serving = http1::Builder::new()
        .header_read_timeout(None) // `Timed` knows more stages
        .max_header_size(limits.header_max_bytes)
        .max_buf_size(limits.header_max_bytes.max(64 * 1024))
        .serve_connection(io, service)
        .with_upgrades();
    let mut serving = pin!(serving);
    let mut told = pin!(stop.closing.notified());
    let (mut listens, mut closes) = (false, false);
    // An error here is the peer's doing (it left, stalled, or doesn't speak HTTP) and concerns nobody else.
    let ended = poll_fn(|cx| {
        // Asked once, not at every poll: otherwise all connections queue for one lock all the time.
        if !closes && (!listens || stop.closed.load(Ordering::Acquire)) {
            listens = true;
            if told.as_mut().poll(cx).is_ready() || stop.closed.load(Ordering::Acquire) {
                closes = true;
                serving.as_mut().graceful_shutdown();
            }
        }
        serving.as_mut().poll(cx)
    })
    .await;
    if let Err(error) = ended {
        log::debug!("a connection ended early: {error}");
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let words = panic
        .downcast_ref::<&str>()
        .map(|words| (*words).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    log::error!("a request panicked: {words}");
    problem(
        StatusCode::INTERNAL_SERVER_ERROR,
        crate::error::Kind::Internal.title(),
        "Something went wrong inside the hub. Nothing was confirmed. Its log says what (`journalctl -u xswarm-hub`).",
    )
}

#[cfg(test)]
mod tests;
