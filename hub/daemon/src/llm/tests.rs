//! The language model against a stand-in of its providers: what is sent, what is read, what is booked.

mod answers;
mod failures;
mod money;
mod providers;

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use xswarm_core::{
    id::UserId,
    message::Channel,
    spending::{CapState, Purpose, SpendingRow},
    user::{Role, User},
};
use xswarm_store::{Key, Options, Store};
use xswarm_tests::model::{KEY, ModelServer, Step};

use super::{Failure, Limits, Llm, Payer, Reply, Request, Tool, Turn};
use crate::{clock::Clock, config::Config, error::Error, people};

/// A model, its provider and its books.
struct Desk {
    server: ModelServer,
    store: Arc<Store>,
    llm: Llm,
    payer: Payer,
    _dir: TempDir,
}

impl Desk {
    async fn new() -> Self {
        Self::with("provider = \"anthropic\"", ModelServer::url).await
    }

    async fn with(settings: &str, url: impl Fn(&ModelServer) -> String) -> Self {
        let server = ModelServer::start().await;
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&Options::new(dir.path()), &Key::from_hex(&"5a".repeat(32)).unwrap()).unwrap();
        let store = Arc::new(store);
        let clock = Clock::system();
        let now = clock.now();
        let user = User {
            id: UserId::new(now),
            name: "Anna".into(),
            email: None,
            phone: None,
            timezone: chrono_tz::Tz::UTC,
            preferences: json!({}),
            boss_phone: None,
            boss_email: None,
            can_provision_numbers: false,
            role: Role::Admin,
            created_at: now,
            updated_at: now,
        };
        let payer = Payer { user: user.id, channel: Channel::Console, purpose: Purpose::Turn, message: None };
        store.write(move |tx| people::add(tx, &user, now)).await.unwrap();
        let text = format!("[llm]\nbase_url = \"{}\"\n{settings}", url(&server));
        let config = Config::from_toml(&text, "hub.toml").unwrap();
        let llm = Llm::new(Arc::clone(&store), clock, &config.llm, Some(SecretString::from(KEY))).unwrap();
        Self { server, store, llm, payer, _dir: dir }
    }

    async fn ask(&self, text: &str) -> Result<Reply, Failure> {
        self.ask_for(&request(text), Duration::from_secs(20)).await
    }

    async fn ask_for(&self, request: &Request, time: Duration) -> Result<Reply, Failure> {
        let limits = Limits { output_tokens: 500, time };
        self.llm.ask(request, &self.payer, &limits, &CancellationToken::new()).await
    }

    /// What is spent today.
    async fn spent(&self) -> i64 {
        let (caps, now) = (self.llm.caps(), Clock::system().now());
        let states: Vec<CapState> =
            self.store.read(move |rows| rows.model_caps(caps, now).map_err(Error::from)).await.unwrap();
        states[0].spent.0
    }

    /// All that was booked today.
    async fn booked(&self) -> Vec<SpendingRow> {
        let now = Clock::system().now();
        let (from, to) = (now - chrono::Duration::days(1), now + chrono::Duration::days(1));
        self.store.read(move |rows| rows.model_spending(None, from, to).map_err(Error::from)).await.unwrap()
    }

    fn bodies(&self) -> Vec<Value> {
        self.server.requests().into_iter().map(|request| request.body).collect()
    }
}

fn request(text: &str) -> Request {
    let schema = json!({ "type": "object", "properties": { "when": { "type": "string" } }, "required": ["when"] });
    Request {
        system: "You are the Boss.".into(),
        turns: vec![Turn::Person { text: text.into() }],
        tools: vec![Tool { name: "agenda".into(), description: "What is on.".into(), schema }],
    }
}

fn text(text: &str) -> Reply {
    Reply { text: text.into(), calls: Vec::new(), cut: false }
}
