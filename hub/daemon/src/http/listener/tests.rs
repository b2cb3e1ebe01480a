//! The listener over real sockets.

use std::{future::pending, sync::Arc};

use axum::{Extension, routing::get};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
};

use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::PrivateKeyDer};
use tokio_rustls::TlsConnector;

use super::*;

/// A listener serving `router` on a free port.
struct Served {
    address: SocketAddr,
    stop: CancellationToken,
    tasks: JoinSet<usize>,
}

impl Served {
    fn new(router: Router, limits: Limits) -> Self {
        Self::by(Listener::tcp("127.0.0.1:0".parse().unwrap(), None).unwrap(), router, limits)
    }

    fn by(listener: Listener, router: Router, limits: Limits) -> Self {
        let (address, stop) = (listener.address().parse().unwrap(), CancellationToken::new());
        let mut tasks = JoinSet::new();
        tasks.spawn(listener.serve(router, limits, stop.clone()));
        Self { address, stop, tasks }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn stopped(mut self) -> usize {
        self.stop.cancel();
        self.tasks.join_next().await.unwrap().unwrap()
    }
}

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

fn quick() -> Limits {
    let second = Duration::from_secs(1);
    Limits { header_timeout: second, idle_timeout: 3 * second, drain: second, ..Limits::with_connections(8) }
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

/// Reads one answer with a short body.
async fn answer(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let n = stream.read(&mut bytes).await.unwrap();
    String::from_utf8(bytes[..n].to_vec()).unwrap()
}

#[tokio::test]
async fn a_connection_serves_several_requests() {
    let served = Served::new(hello(), quick());
    let mut stream = served.connect().await;
    for _ in 0..3 {
        stream.write_all(GET).await.unwrap();
        let answer = answer(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello"), "{answer}");
    }
    assert_eq!(served.stopped().await, 0);
}

#[tokio::test]
async fn a_panic_fails_only_its_request() {
    async fn broken() -> &'static str {
        panic!("on purpose")
    }
    let served = Served::new(hello().route("/broken", get(broken)), quick());
    let mut stream = served.connect().await;
    stream.write_all(b"GET /broken HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let first = answer(&mut stream).await;
    assert!(first.starts_with("HTTP/1.1 500") && first.contains("application/problem+json"), "{first}");
    assert!(!first.contains("on purpose"));
    stream.write_all(GET).await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test(start_paused = true)]
async fn headers_that_trickle_are_cut_but_idle_connections_live_longer() {
    let served = Served::new(hello(), quick());
    let mut stream = served.connect().await;
    let began = tokio::time::Instant::now();
    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    assert_eq!(stream.read(&mut [0; 16]).await.unwrap(), 0, "cut");
    assert_eq!(began.elapsed().as_secs(), 1);

    let mut silent = served.connect().await;
    let began = tokio::time::Instant::now();
    assert_eq!(silent.read(&mut [0; 16]).await.unwrap(), 0, "cut");
    assert_eq!(began.elapsed().as_secs(), 1);

    let mut idle = served.connect().await;
    idle.write_all(GET).await.unwrap();
    answer(&mut idle).await;
    let began = tokio::time::Instant::now();
    assert_eq!(idle.read(&mut [0; 16]).await.unwrap(), 0, "cut");
    assert_eq!(began.elapsed().as_secs(), 3);

    let mut second = served.connect().await;
    second.write_all(GET).await.unwrap();
    answer(&mut second).await;
    second.write_all(b"GET /").await.unwrap();
    let began = tokio::time::Instant::now();
    assert_eq!(second.read(&mut [0; 16]).await.unwrap(), 0, "cut");
    assert_eq!(began.elapsed().as_secs(), 1, "the second request's headers have the short time again");
}

#[tokio::test(start_paused = true)]
async fn a_slow_handler_is_not_the_peers_fault() {
    let go = Arc::new(Notify::new());
    let wait = Arc::clone(&go);
    let router = Router::new().route(
        "/",
        get(move || async move {
            wait.notified().await;
            "late"
        }),
    );
    let served = Served::new(router, quick());
    let mut stream = served.connect().await;
    stream.write_all(GET).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_mins(5), stream.readable()).await.is_err());
    go.notify_one();
    assert!(answer(&mut stream).await.ends_with("late"));
}

#[tokio::test]
async fn headers_have_a_limit() {
    let served = Served::new(hello(), quick());
    let mut stream = served.connect().await;
    let head = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "y".repeat(40_000));
    stream.write_all(head.as_bytes()).await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn at_the_limit_newcomers_wait_for_a_place() {
    let served = Served::new(hello(), Limits { connections_max: 1, ..Limits::with_connections(1) });
    let mut first = served.connect().await;
    first.write_all(GET).await.unwrap();
    answer(&mut first).await;
    let mut second = served.connect().await; // the kernel accepts
    second.write_all(GET).await.unwrap();
    // The first is still served while the second waits.
    first.write_all(GET).await.unwrap();
    answer(&mut first).await;
    let mut byte = [0];
    assert_eq!(second.try_read(&mut byte).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    drop(first);
    assert!(answer(&mut second).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn shutdown_finishes_what_runs_and_refuses_newcomers() {
    let (entered, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (enter, wait) = (Arc::clone(&entered), Arc::clone(&go));
    let router = Router::new().route(
        "/",
        get(move || async move {
            enter.notify_one();
            wait.notified().await;
            "done"
        }),
    );
    let mut served = Served::new(router, Limits::with_connections(8));
    let mut busy = served.connect().await;
    busy.write_all(GET).await.unwrap();
    entered.notified().await;
    let mut idle = served.connect().await;
    served.stop.cancel();
    assert_eq!(idle.read(&mut [0; 16]).await.unwrap_or(0), 0, "idle ones are closed");
    assert!(TcpStream::connect(served.address).await.is_err());
    go.notify_one();
    assert!(answer(&mut busy).await.ends_with("done"));
    assert_eq!(served.tasks.join_next().await.unwrap().unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn shutdown_cuts_what_never_finishes() {
    let entered = Arc::new(Notify::new());
    let enter = Arc::clone(&entered);
    let router = Router::new().route(
        "/",
        get(move || async move {
            enter.notify_one();
            pending::<&'static str>().await
        }),
    );
    let served = Served::new(router, quick());
    let mut stream = served.connect().await;
    stream.write_all(GET).await.unwrap();
    entered.notified().await;
    assert_eq!(served.stopped().await, 1);
}

#[tokio::test]
async fn a_request_carries_its_peer() {
    let who = Router::new().route("/", get(|Extension(peer): Extension<Peer>| async move { format!("{peer:?}") }));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("s");
    let listener = Listener::unix(&path, None).unwrap();
    let stop = CancellationToken::new();
    let mut tasks = JoinSet::new();
    tasks.spawn(listener.serve(who, Limits::with_connections(8), stop.clone()));
    let mut stream = tokio::net::UnixStream::connect(&path).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let uid = rustix::process::getuid().as_raw();
    assert!(text.ends_with(&format!("Unix {{ uid: Some({uid}) }}")), "{text}");
    stop.cancel();
    tasks.join_next().await.unwrap().unwrap();
    assert!(!path.exists());
}

/// How a hub that is called localhost speaks TLS, and how whoever trusts it does.
fn tls() -> (Arc<ServerConfig>, TlsConnector) {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let certificate = certificate.der().clone();
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    (Arc::new(server), TlsConnector::from(Arc::new(client)))
}

#[tokio::test]
async fn a_request_by_tls_carries_its_peer() {
    let (server, client) = tls();
    let router = Router::new().route("/", get(|Extension(peer): Extension<Peer>| async move { format!("{peer:?}") }));
    let listener = Listener::tls("127.0.0.1:0".parse().unwrap(), None, server).unwrap();
    let served = Served::by(listener, router, quick());
    let stream = served.connect().await;
    let from = stream.local_addr().unwrap();
    let mut stream = client.connect("localhost".try_into().unwrap(), stream).await.unwrap();
    stream.write_all(GET).await.unwrap();
    let mut bytes = vec![0; 4096];
    let n = stream.read(&mut bytes).await.unwrap();
    let answer = String::from_utf8(bytes[..n].to_vec()).unwrap();
    assert!(answer.ends_with(&format!("Tls({from})")), "{answer}");
    assert_eq!(served.stopped().await, 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_never_shakes_hands_holds_one_place_for_a_while_and_no_shutdown_up() {
    let (server, client) = tls();
    let listener = Listener::tls("127.0.0.1:0".parse().unwrap(), None, server).unwrap();
    let served = Served::by(listener, hello(), Limits { connections_max: 1, ..quick() });
    let mut silent = served.connect().await;
    let waiting = served.connect().await;
    // Only once the silent one was cut is there a place.
    let mut stream = client.connect("localhost".try_into().unwrap(), waiting).await.unwrap();
    assert_eq!(silent.read(&mut [0; 16]).await.unwrap_or(0), 0);
    stream.write_all(GET).await.unwrap();
    let mut bytes = vec![0; 4096];
    let n = stream.read(&mut bytes).await.unwrap();
    assert!(bytes[..n].ends_with(b"hello"));
    drop(stream);
    let _silent = served.connect().await;
    assert_eq!(served.stopped().await, 0, "nobody had to be cut");
}
