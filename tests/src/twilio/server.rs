//! The fake's HTTP server: unlike an ordinary one it can break a connection instead of answering, and refuse to be
//! connected to while it keeps its port.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpSocket},
    task::JoinSet,
};
use tower::ServiceExt;

use super::{calls, ledger::Shared, messages, numbers};

/// What the routes know.
#[derive(Clone)]
pub(super) struct Routed {
    pub(super) shared: Arc<Shared>,
}

/// Marks an answer that must never be written: the connection breaks instead.
#[derive(Debug, Clone)]
struct HangUp;

pub(super) fn hang_up() -> Response {
    let mut response = StatusCode::IM_A_TEAPOT.into_response();
    response.extensions_mut().insert(HangUp);
    response
}

/// The server; it ends when dropped.
pub(super) struct Server {
    address: SocketAddr,
    tasks: JoinSet<()>,
    /// Holds the port while connections are refused: bound, but not listening.
    refusing: Option<TcpSocket>,
}

impl Server {
    pub(super) async fn start(shared: Arc<Shared>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, shared));
        Self { address, tasks, refusing: None }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) async fn refuse(&mut self) {
        self.tasks.shutdown().await;
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("a socket option");
        socket.bind(self.address).expect("the port that was ours a moment ago");
        self.refusing = Some(socket);
    }

    pub(super) fn resume(&mut self, shared: Arc<Shared>) {
        let socket = self.refusing.take().expect("connections are refused");
        let listener = socket.listen(1_024).expect("the port is ours");
        self.tasks.spawn(serve(listener, shared));
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let router = Router::new()
        .route("/2010-04-01/Accounts/{account}/Messages.json", post(messages::create).get(messages::list))
        .route("/2010-04-01/Accounts/{account}/Calls.json", post(calls::create).get(calls::list))
        .route("/2010-04-01/Accounts/{account}/Calls/{file}", get(calls::show))
        .route("/2010-04-01/Accounts/{account}/IncomingPhoneNumbers.json", get(numbers::list))
        .route("/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{file}", post(numbers::update))
        .route("/2010-04-01/Accounts/{account}", get(numbers::account))
        .fallback(unknown)
        .with_state(Routed { shared });
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else { continue };
        let router = router.clone();
        connections.spawn(async move {
            let service = service_fn(move |request: hyper::Request<Incoming>| {
                let router = router.clone();
                async move {
                    let Ok(response) = router.oneshot(request.map(Body::new)).await;
                    if response.extensions().get::<HangUp>().is_some() {
                        return Err(io::Error::other("the test wants this connection to break"));
                    }
                    Ok(response)
                }
            });
            // That connections break is what the fake is for.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn unknown(axum::extract::State(routed): axum::extract::State<Routed>, request: Request) -> Response {
    let what = format!("{} {}", request.method(), request.uri());
    routed.shared.with(|account| account.violations.push(format!("Twilio has no {what}")));
    messages::error(404, 20_404, &format!("The requested resource {what} was not found"))
}
