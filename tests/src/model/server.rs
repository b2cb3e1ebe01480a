//! The stand-in's HTTP server.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, State as Shares},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};

use super::{
    KEY, Recorded, Shared, anthropic, ollama, openai,
    step::{Answer, Delivery, Step},
};
use crate::wait;

/// Which provider is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Anthropic,
    Openai,
    Ollama,
}

impl Protocol {
    fn error(self, status: u16) -> Response {
        let body = match self {
            Self::Anthropic => anthropic::error(status),
            Self::Openai => openai::error(status),
            Self::Ollama => ollama::error(status),
        };
        (StatusCode::from_u16(status).expect("a status"), Json(body)).into_response()
    }

    fn accepts(self, headers: &HeaderMap) -> bool {
        let is = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
        match self {
            Self::Anthropic => is("x-api-key", KEY) && headers.contains_key("anthropic-version"),
            Self::Openai => is("authorization", &format!("Bearer {KEY}")),
            Self::Ollama => true,
        }
    }
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
        let router = Router::new()
            .route("/v1/messages", post(messages))
            .route("/v1/chat/completions", post(completions))
            .route("/api/chat", post(chat))
            .route("/v1/models", get(models))
            .route("/v1/models/{id}", get(model))
            .route("/api/tags", get(tags))
            .layer(DefaultBodyLimit::max(32 << 20))
            .with_state(shared);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, router).await.expect("it serves until it is dropped") });
        Self { address, _tasks: tasks }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn messages(Shares(shared): Shares<Arc<Shared>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    asked(&shared, Protocol::Anthropic, &uri, &headers, &body).await
}

async fn completions(Shares(shared): Shares<Arc<Shared>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    asked(&shared, Protocol::Openai, &uri, &headers, &body).await
}

async fn chat(Shares(shared): Shares<Arc<Shared>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    asked(&shared, Protocol::Ollama, &uri, &headers, &body).await
}

async fn asked(shared: &Shared, protocol: Protocol, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Response {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return protocol.error(400) };
    let named =
        headers.iter().map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let recorded = Recorded { path: uri.path().to_owned(), headers: named.collect(), body: body.clone() };
    shared.with(|state| state.requests.push(recorded));
    if !protocol.accepts(headers) {
        return protocol.error(401);
    }
    let known = body["model"].as_str().is_some_and(|name| shared.with(|state| state.models.contains(name)));
    if !known {
        return protocol.error(404);
    }
    let mut step = shared.next_step(&body);
    while let Step::Delay(by, next) = step {
        wait::random_moment(by).await;
        step = *next;
    }
    match Answer::of(step) {
        Err((status, retry_after)) => {
            let mut response = protocol.error(status);
            if let Some(seconds) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            response
        }
        Ok(answer) => {
            let frames = shared.with(|state| match protocol {
                Protocol::Anthropic => anthropic::frames(state, &body, &answer),
                Protocol::Openai => openai::frames(state, &body, &answer),
                Protocol::Ollama => ollama::frames(&body, &answer),
            });
            let kind = if protocol == Protocol::Ollama { "application/x-ndjson" } else { "text/event-stream" };
            ([(header::CONTENT_TYPE, kind)], delivered(frames, answer.delivery)).into_response()
        }
    }
}

/// The frames one by one, as far as they are to come.
fn delivered(mut frames: Vec<Vec<u8>>, delivery: Delivery) -> Body {
    if delivery == Delivery::WithoutEnd {
        frames.pop();
    }
    let (most, end) = match delivery {
        Delivery::Whole | Delivery::WithoutEnd => {
            return Body::from_stream(stream::iter(frames.into_iter().map(Ok::<_, io::Error>)));
        }
        Delivery::Stalls(bytes) => (bytes, stream::pending().boxed()),
        Delivery::Breaks(bytes) => {
            let broken = io::Error::other("the test wants this connection to break");
            // What was written before has to leave first.
            let broken = async {
                wait::random_moment(std::time::Duration::from_millis(50)).await;
                Err(broken)
            };
            (bytes, stream::once(broken).boxed())
        }
    };
    let mut left = most;
    let cut: Vec<_> = frames
        .into_iter()
        .map(|mut frame| {
            frame.truncate(left);
            left -= frame.len();
            frame
        })
        .filter(|frame| !frame.is_empty())
        .collect();
    Body::from_stream(stream::iter(cut.into_iter().map(Ok)).chain(end))
}

/// Anthropic's list and OpenAI's, in one.
async fn models(Shares(shared): Shares<Arc<Shared>>, headers: HeaderMap) -> Response {
    let protocol = if headers.contains_key("x-api-key") { Protocol::Anthropic } else { Protocol::Openai };
    if !protocol.accepts(&headers) {
        return protocol.error(401);
    }
    let rows = shared.with(|state| state.models.iter().map(|name| described(name)).collect::<Vec<_>>());
    Json(json!({ "object": "list", "data": rows, "has_more": false })).into_response()
}

async fn model(Shares(shared): Shares<Arc<Shared>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let protocol = if headers.contains_key("x-api-key") { Protocol::Anthropic } else { Protocol::Openai };
    if !protocol.accepts(&headers) {
        return protocol.error(401);
    }
    if shared.with(|state| state.models.contains(&id)) {
        Json(described(&id)).into_response()
    } else {
        protocol.error(404)
    }
}

async fn tags(Shares(shared): Shares<Arc<Shared>>) -> Json<Value> {
    let rows = shared.with(|state| state.models.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>());
    Json(json!({ "models": rows }))
}

fn described(name: &str) -> Value {
    json!({ "id": name, "type": "model", "object": "model", "display_name": name, "created_at": "2026-10-07T00:00:00Z" })
}
