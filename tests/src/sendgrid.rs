//! Twilio SendGrid, as far as the hub uses it, by its published rules.
//!
//! A real HTTP server. Sources: Twilio SendGrid, "Mail Send" (v3 API reference: request body, limitations), "Filter all
//! messages", "Retrieve a list of scopes", "Get all verified senders", "List all authenticated domains" and "Event
//! Webhook Reference". A request that SendGrid would not accept as it stands gets SendGrid's error and is remembered as a
//! violation, which fails the test. What it accepted is kept: that is the truth about what was sent.

mod account;
mod checks;
mod server;
mod webhook;

use std::{net::SocketAddr, sync::Arc};

use account::Shared;
pub use account::{Accepted, Account};
use serde_json::{Value, json};
use server::Server;

use crate::{wait::wait_for, world::MAIL_FROM};

/// The key that the fake accepts.
pub const KEY: &str = "SG.0f1e2d3c4b5a69788796a5.b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// How the next request to send goes wrong.
#[derive(Debug, Clone)]
pub enum MailFault {
    /// It is answered with this status and nothing is taken.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The `Retry-After` header.
        retry_after_s: Option<u32>,
    },
    /// It is taken, and answered with this status as if it had not been.
    TakeThenAnswer {
        /// The HTTP status.
        status: u16,
    },
    /// The connection breaks before anything is taken.
    HangUp,
    /// It is taken, and the connection breaks before the answer.
    TakeThenHangUp,
    /// It is taken, and no answer comes until the test says `release`; then the connection breaks.
    TakeThenHold,
}

/// One account at SendGrid.
pub struct FakeSendgrid {
    shared: Arc<Shared>,
    server: Server,
}

impl FakeSendgrid {
    /// Starts to serve on a free port of this machine.
    pub async fn start() -> Self {
        let shared = Arc::new(Shared::new());
        shared.with(|account| account.verified.push(MAIL_FROM.to_owned()));
        let server = Server::start(Arc::clone(&shared)).await;
        Self { shared, server }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// What goes into `api_base_url`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The verification key of its webhooks, as it is shown.
    pub fn public_key(&self) -> String {
        self.shared.signer.public_key()
    }

    /// The next request to send goes wrong; several queue up.
    pub fn next(&self, fault: MailFault) {
        self.shared.with(|account| account.faults.push_back(fault));
    }

    /// Lets go of every request that is held, now and later.
    pub fn release(&self) {
        self.shared.release();
    }

    /// Changes the account.
    pub fn with<T>(&self, change: impl FnOnce(&mut Account) -> T) -> T {
        self.shared.with(change)
    }

    /// The mails that it took, in order.
    pub fn sent(&self) -> Vec<Accepted> {
        self.shared.with(|account| account.accepted.clone())
    }

    /// The mail that it took for a row of the hub's; there must not be a second.
    pub fn taken(&self, row: &str) -> Option<Accepted> {
        let mut taken: Vec<_> = self.sent().into_iter().filter(|one| one.row() == Some(row)).collect();
        assert!(taken.len() <= 1, "sent {} times: {taken:#?}", taken.len());
        taken.pop()
    }

    /// Waits until a mail to `address` was sent whose text contains `part`.
    pub async fn wait_sent(&self, address: &str, part: &str) -> Accepted {
        let what = format!("a mail to {address} that contains `{part}`");
        let condition = async || {
            self.sent().into_iter().find(|one| one.to() == address && one.content("text/plain").contains(part))
        };
        wait_for(what, condition).await
    }

    /// How many requests to send came, good or bad.
    pub fn requests(&self) -> usize {
        self.shared.with(|account| account.requests)
    }

    /// What was wrong with the requests so far; empties the list.
    pub fn take_violations(&self) -> Vec<String> {
        self.shared.with(|account| std::mem::take(&mut account.violations))
    }

    /// An event about a mail, as the event webhook posts it; `more` adds or replaces fields.
    pub fn event(&self, mail: &Accepted, event: &str, more: &Value) -> Value {
        let mut json = json!({
            "email": mail.to(),
            "timestamp": crate::clock::now().timestamp(),
            "smtp-id": mail.request["headers"]["Message-ID"],
            "event": event,
            "sg_event_id": self.shared.with(Account::next_id),
            "sg_message_id": format!("{}.recvd-5d9b9f6c88-4jxgk-1-6385F7C2-1.0", mail.id),
        });
        let object = json.as_object_mut().unwrap();
        for (name, value) in mail.request["custom_args"].as_object().into_iter().flatten() {
            object.insert(name.clone(), value.clone());
        }
        for (name, value) in more.as_object().into_iter().flatten() {
            object.insert(name.clone(), value.clone());
        }
        json
    }

    /// The headers and the body of a signed webhook.
    pub fn signed(&self, events: &[Value], at: i64) -> Webhook {
        self.shared.signer.webhook(format!("{}\r\n", Value::from(events)).into_bytes(), at)
    }
}

pub use webhook::{Signer, Webhook};
