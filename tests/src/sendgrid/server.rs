//! The fake's HTTP server.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{Query, Request, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};
use tower::ServiceExt;

use super::{
    MailFault,
    account::{Accepted, Account, Shared},
    checks,
};

/// Marks an answer that must never be written: the connection breaks instead.
#[derive(Debug, Clone)]
struct HangUp;

fn hang_up() -> Response {
    let mut response = StatusCode::IM_A_TEAPOT.into_response();
    response.extensions_mut().insert(HangUp);
    response
}

/// The server; it ends when dropped.
pub(super) struct Server {
    address: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Server {
    pub(super) async fn start(shared: Arc<Shared>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(listener, shared));
        Self { address, _tasks: tasks }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let router = Router::new()
        .route("/v3/mail/send", post(send))
        .route("/v3/messages", get(messages))
        .route("/v3/scopes", get(scopes))
        .route("/v3/verified_senders", get(senders))
        .route("/v3/whitelabel/domains", get(domains))
        .fallback(unknown)
        .with_state(shared);
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

/// SendGrid's error body.
fn error(status: u16, message: &str, field: Option<&str>) -> Response {
    let body = json!({ "errors": [{ "message": message, "field": field, "help": null }] });
    (StatusCode::from_u16(status).expect("a status"), Json(body)).into_response()
}

fn authorized(account: &Account, headers: &HeaderMap) -> Result<(), Box<Response>> {
    let expected = format!("Bearer {}", account.key);
    if headers.get("authorization").and_then(|value| value.to_str().ok()) == Some(&expected) {
        return Ok(());
    }
    Err(Box::new(error(401, "The provided authorization grant is invalid, expired, or revoked", None)))
}

async fn send(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let fault = shared.with(|account| {
        account.requests += 1;
        account.faults.pop_front()
    });
    match &fault {
        Some(MailFault::Answer { status, retry_after_s }) => {
            let mut response = error(*status, "Scripted by the test", None);
            if let Some(seconds) = retry_after_s {
                response.headers_mut().insert("retry-after", seconds.to_string().parse().expect("a header"));
            }
            return response;
        }
        Some(MailFault::HangUp) => return hang_up(),
        Some(MailFault::TakeThenAnswer { .. } | MailFault::TakeThenHangUp | MailFault::TakeThenHold) | None => {}
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, 30 << 20).await else { return hang_up() };
    let taken = shared.with(|account| take(account, &parts.headers, &body));
    match (taken, fault) {
        (Err(refusal), _) => *refusal,
        (Ok(_), Some(MailFault::TakeThenAnswer { status })) => error(status, "Scripted, after the deed", None),
        (Ok(_), Some(MailFault::TakeThenHangUp)) => hang_up(),
        (Ok(_), Some(MailFault::TakeThenHold)) => {
            shared.held().await;
            hang_up()
        }
        (Ok(id), Some(MailFault::Answer { .. } | MailFault::HangUp) | None) => {
            (StatusCode::ACCEPTED, [("x-message-id", id)]).into_response()
        }
    }
}

fn take(account: &mut Account, headers: &HeaderMap, body: &[u8]) -> Result<String, Box<Response>> {
    authorized(account, headers)?;
    if headers.get("content-type").and_then(|value| value.to_str().ok()) != Some("application/json") {
        account.violations.push("a mail was not posted as application/json".to_owned());
    }
    let Ok(request) = serde_json::from_slice::<Value>(body) else {
        account.violations.push("a mail was not JSON".to_owned());
        return Err(Box::new(error(400, "Bad Request", None)));
    };
    if let Some((field, words)) = checks::wrong(&request).into_iter().next() {
        account.violations.push(format!("{field}: {words}"));
        return Err(Box::new(error(400, &words, Some(&field))));
    }
    let from = request["from"]["email"].as_str().unwrap_or_default();
    if !account.verified.iter().any(|one| one == from) {
        let words = "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.";
        return Err(Box::new(error(403, words, Some("from"))));
    }
    if !account.scopes.iter().any(|scope| scope == "mail.send") {
        return Err(Box::new(error(403, "access forbidden", None)));
    }
    let id = account.next_id();
    account.accepted.push(Accepted { id: id.clone(), request, taken: Instant::now() });
    Ok(id)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    limit: u32,
    query: String,
}

async fn messages(State(shared): State<Arc<Shared>>, Query(listing): Query<Listing>, headers: HeaderMap) -> Response {
    shared.with(|account| {
        if let Err(refusal) = authorized(account, &headers) {
            return *refusal;
        }
        if !account.activity {
            return error(403, "access forbidden", None);
        }
        let wanted =
            listing.query.strip_prefix("(unique_args['xswarm_message']=\"").and_then(|rest| rest.strip_suffix("\")"));
        let Some(wanted) = wanted.filter(|_| (1..=1_000).contains(&listing.limit)) else {
            account.violations.push(format!("a list was asked for by `{}`", listing.query));
            return error(400, "invalid filter", Some("query"));
        };
        let found = account.accepted.iter().filter(|one| one.request["custom_args"]["xswarm_message"] == wanted);
        let listed: Vec<Value> = found
            .map(|one| {
                json!({
                    "from_email": one.request["from"]["email"], "msg_id": format!("{}.recvd-0.0", one.id),
                    "subject": one.subject(), "to_email": one.to(), "status": "processing", "opens_count": 0,
                    "clicks_count": 0, "last_event_time": "2027-01-01T00:00:00Z",
                })
            })
            .collect();
        Json(json!({ "messages": listed })).into_response()
    })
}

async fn scopes(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    shared.with(|account| match authorized(account, &headers) {
        Ok(()) => Json(json!({ "scopes": account.scopes })).into_response(),
        Err(refusal) => *refusal,
    })
}

async fn senders(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    shared.with(|account| match authorized(account, &headers) {
        Ok(()) => {
            let one = |address: &String| json!({ "id": 1, "nickname": "Boss", "from_email": address, "verified": true, "locked": false });
            Json(json!({ "results": account.verified.iter().map(one).collect::<Vec<_>>() })).into_response()
        }
        Err(refusal) => *refusal,
    })
}

async fn domains(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    shared.with(|account| match authorized(account, &headers) {
        Ok(()) => Json(json!([])).into_response(),
        Err(refusal) => *refusal,
    })
}

async fn unknown(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let what = format!("{} {}", request.method(), request.uri());
    shared.with(|account| account.violations.push(format!("SendGrid has no {what}")));
    error(404, "Not Found", None)
}
