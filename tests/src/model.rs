//! Language models, as far as the hub asks them, by their providers' published rules: Anthropic's Messages API, OpenAI's Chat
//! Completions and Ollama's chat, all of them streaming.
//!
//! A real HTTP server that says what a test scripts: steps one after the other, and, when they are used up, what a rule
//! makes of each request. It keeps every request; whether those are well formed is checked with the official library's own
//! types ([`sdk`]). It understands nothing and obeys nobody unless the rule does. A request that nothing is scripted for is
//! answered 400 and counted.

mod anthropic;
pub mod obedient;
mod ollama;
mod openai;
pub mod sdk;
mod server;
mod step;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex},
};

use serde_json::Value;
use server::Server;

pub use step::{ScriptedCall, Step};

/// The key that every provider of the stand-in accepts.
pub const KEY: &str = "sk-test-0f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// Models that it has, besides those that a test adds.
const MODELS: [&str; 4] = ["claude-haiku-5-5", "claude-sonnet-5-5", "gpt-6-luna", "qwen3:8b"];

type Rule = Arc<dyn Fn(&Value) -> Step + Send + Sync>;

/// A request that came.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Its path, such as `/v1/messages`.
    pub path: String,
    /// Its headers, the names in small letters.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: Value,
}

/// A provider of language models.
pub struct ModelServer {
    shared: Arc<Shared>,
    server: Server,
}

struct Shared(Mutex<State>);

struct State {
    script: VecDeque<Step>,
    rule: Option<Rule>,
    requests: Vec<Recorded>,
    models: BTreeSet<String>,
    /// Beginnings of prompts that were seen, for the provider's cache.
    cached: BTreeSet<String>,
    unscripted: usize,
    answers: usize,
}

impl Shared {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }

    /// What a request is answered with.
    fn next_step(&self, body: &Value) -> Step {
        let rule = self.with(|state| match state.script.pop_front() {
            Some(step) => Err(step),
            None => Ok(state.rule.clone()),
        });
        match rule {
            Err(step) => step,
            Ok(Some(rule)) => rule(body),
            Ok(None) => {
                self.with(|state| state.unscripted += 1);
                Step::status(400)
            }
        }
    }
}

impl State {
    fn next_id(&mut self, prefix: &str) -> String {
        self.answers += 1;
        format!("{prefix}_{:024}", self.answers)
    }
}

impl ModelServer {
    /// Starts to serve on a free port of this machine.
    pub async fn start() -> Self {
        let state = State {
            script: VecDeque::new(),
            rule: None,
            requests: Vec::new(),
            models: MODELS.map(str::to_owned).into(),
            cached: BTreeSet::new(),
            unscripted: 0,
            answers: 0,
        };
        let shared = Arc::new(Shared(Mutex::new(state)));
        let server = Server::start(Arc::clone(&shared)).await;
        Self { shared, server }
    }

    /// The `base_url` of Anthropic's and Ollama's API.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The `base_url` of OpenAI's API.
    pub fn openai_url(&self) -> String {
        format!("{}/v1", self.url())
    }

    /// What the next requests are answered with, in order, after what is scripted already.
    pub fn script(&self, steps: impl IntoIterator<Item = Step>) {
        self.shared.with(|state| state.script.extend(steps));
    }

    /// What requests are answered with when the script is used up. It is given the request's body.
    pub fn respond(&self, rule: impl Fn(&Value) -> Step + Send + Sync + 'static) {
        self.shared.with(|state| state.rule = Some(Arc::new(rule)));
    }

    /// Adds a model.
    pub fn has_model(&self, name: &str) {
        self.shared.with(|state| state.models.insert(name.to_owned()));
    }

    /// Every request for an answer so far, in order; not the questions about models.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.with(|state| state.requests.clone())
    }

    /// How many requests came that nothing was scripted for.
    pub fn unscripted(&self) -> usize {
        self.shared.with(|state| state.unscripted)
    }

    /// How many scripted steps are left.
    pub fn steps_left(&self) -> usize {
        self.shared.with(|state| state.script.len())
    }
}
