//! A small hub: answers what a test tells it to, and remembers what it was asked.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use tempfile::TempDir;
use tokio::{net::UnixListener, runtime::Runtime, sync::Notify};
use xswarm_core::admin::Problem;

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Method and path, such as `GET /api/status`.
    pub(crate) route: String,
    /// The query string.
    pub(crate) query: String,
    body: Bytes,
}

impl Asked {
    /// The body, read as the hub would.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }
}

#[derive(Debug, Clone)]
enum Reply {
    Answer(u16, String),
    /// The connection closes without an answer.
    Hangup,
    /// The answer never comes.
    Silence,
}

#[derive(Default)]
struct Script {
    /// The last reply to a route stays; those before it are given once.
    replies: HashMap<String, Vec<Reply>>,
    asked: Vec<Asked>,
}

#[derive(Clone, Default)]
struct Shared {
    script: Arc<Mutex<Script>>,
    /// Told when a route was given something to say.
    news: Arc<Notify>,
    /// Told when something was asked.
    heard: Arc<Condvar>,
}

impl Shared {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }
}

/// A hub that listens until it is dropped.
pub(crate) struct Hub {
    dir: TempDir,
    shared: Shared,
    runtime: Option<Runtime>,
}

impl Hub {
    /// A hub that knows nothing yet: every route is 404.
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let shared = Shared::default();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = {
            let _inside = runtime.enter();
            UnixListener::bind(dir.path().join("admin.sock")).unwrap()
        };
        let router = Router::new().fallback(reply).with_state(shared.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { dir, shared, runtime: Some(runtime) }
    }

    /// Where it listens.
    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.path().join("admin.sock")
    }

    /// A directory that goes when the hub goes.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    fn script(&self, route: &str, reply: Reply) -> &Self {
        self.shared.script().replies.entry(route.to_owned()).or_default().push(reply);
        self.shared.news.notify_waiters();
        self
    }

    /// It answers a route with a value.
    pub(crate) fn answers(&self, route: &str, body: &impl Serialize) -> &Self {
        self.answers_text(route, &serde_json::to_string(body).unwrap())
    }

    /// It answers a route with exactly this text.
    pub(crate) fn answers_text(&self, route: &str, body: &str) -> &Self {
        self.script(route, Reply::Answer(200, body.to_owned()))
    }

    /// It refuses with problem details.
    pub(crate) fn refuses(&self, route: &str, status: u16, detail: &str) -> &Self {
        let problem = Problem {
            kind: "about:blank".into(),
            title: "No".into(),
            status,
            detail: detail.to_owned(),
            errors: vec![],
        };
        self.script(route, Reply::Answer(status, serde_json::to_string(&problem).unwrap()))
    }

    /// It closes the connection instead of answering.
    pub(crate) fn hangs_up(&self, route: &str) -> &Self {
        self.script(route, Reply::Hangup)
    }

    /// It never answers.
    pub(crate) fn is_silent(&self, route: &str) -> &Self {
        self.script(route, Reply::Silence)
    }

    /// Waits until a route was asked something.
    pub(crate) fn wait_until_asked(&self, route: &str) {
        let unheard = |script: &mut Script| !script.asked.iter().any(|asked| asked.route == route);
        let patience = Duration::from_secs(20);
        let (_script, waited) = self.shared.heard.wait_timeout_while(self.shared.script(), patience, unheard).unwrap();
        assert!(!waited.timed_out(), "nobody asked {route}");
    }

    /// Everything a route was asked.
    pub(crate) fn asked(&self, route: &str) -> Vec<Asked> {
        self.shared.script().asked.iter().filter(|asked| asked.route == route).cloned().collect()
    }

    /// The one thing a route was asked.
    pub(crate) fn asked_once(&self, route: &str) -> Asked {
        let asked = self.asked(route);
        assert_eq!(asked.len(), 1, "{route}: {asked:?}");
        asked.into_iter().next().unwrap()
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // Without waiting for connections that are kept open: those who opened them are gone.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn reply(State(shared): State<Shared>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let route = format!("{} {}", head.method, head.uri.path());
    let query = head.uri.query().unwrap_or_default().to_owned();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    shared.script().asked.push(Asked { route: route.clone(), query, body });
    shared.heard.notify_all();
    loop {
        let told = shared.news.notified();
        match next(&shared, &route) {
            Some(Reply::Answer(status, text)) => {
                return (StatusCode::from_u16(status).unwrap(), [(CONTENT_TYPE, "application/json")], text)
                    .into_response();
            }
            Some(Reply::Silence) => std::future::pending::<()>().await,
            Some(Reply::Hangup) => panic!("closing the connection, as the test wants"),
            // The console has nothing to say until it has; the hub holds the line.
            None if route == "GET /api/console" => told.await,
            None => return StatusCode::NOT_FOUND.into_response(),
        }
    }
}

fn next(shared: &Shared, route: &str) -> Option<Reply> {
    let mut script = shared.script();
    let replies = script.replies.get_mut(route)?;
    let lasting = replies.len() == 1 && route != "GET /api/console";
    if lasting { replies.first().cloned() } else { (!replies.is_empty()).then(|| replies.remove(0)) }
}
