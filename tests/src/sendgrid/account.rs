//! What SendGrid knows: its key, its senders, the mails it took.

use std::{collections::VecDeque, sync::Mutex, time::Instant};

use serde_json::Value;
use tokio::sync::watch;

use super::{KEY, MailFault, Signer};

/// What the handlers share.
pub(super) struct Shared {
    account: Mutex<Account>,
    released: watch::Sender<bool>,
    pub(super) signer: Signer,
}

/// One account and all that belongs to it.
#[derive(Debug)]
pub struct Account {
    /// The key it accepts.
    pub key: String,
    /// What the key may do.
    pub scopes: Vec<String>,
    /// Addresses that are verified senders.
    pub verified: Vec<String>,
    /// Whether it has the add-on that lists messages.
    pub activity: bool,
    /// The mails it took, oldest first.
    pub accepted: Vec<Accepted>,
    /// What SendGrid would not have accepted.
    pub violations: Vec<String>,
    /// How many requests to send came.
    pub requests: usize,
    /// How the next requests to send go wrong.
    pub faults: VecDeque<MailFault>,
    last_id: u64,
}

/// A mail that was taken.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// SendGrid's id.
    pub id: String,
    /// The request.
    pub request: Value,
    /// When it was taken, on the monotonic clock.
    pub taken: Instant,
}

impl Accepted {
    /// The hub's row that it was sent for.
    pub fn row(&self) -> Option<&str> {
        self.request["custom_args"]["xswarm_message"].as_str()?.split('.').next()
    }

    /// Whom it is for.
    pub fn to(&self) -> &str {
        self.request["personalizations"][0]["to"][0]["email"].as_str().unwrap_or_default()
    }

    /// What it is about.
    pub fn subject(&self) -> &str {
        self.request["subject"].as_str().unwrap_or_default()
    }

    /// One of its alternatives; empty when there is none such.
    pub fn content(&self, kind: &str) -> &str {
        let contents = self.request["content"].as_array().map(Vec::as_slice).unwrap_or_default();
        contents.iter().find(|one| one["type"] == kind).and_then(|one| one["value"].as_str()).unwrap_or_default()
    }
}

impl Account {
    /// An id that was not used before.
    pub fn next_id(&mut self) -> String {
        self.last_id += 1;
        format!("LRzXl_NHStOGhQ4k{:06}", self.last_id)
    }
}

impl Shared {
    pub(super) fn new() -> Self {
        let account = Account {
            key: KEY.to_owned(),
            scopes: ["mail.send", "sender_verification_eligible", "2fa_required"].map(str::to_owned).to_vec(),
            verified: Vec::new(),
            activity: false,
            accepted: Vec::new(),
            violations: Vec::new(),
            requests: 0,
            faults: VecDeque::new(),
            last_id: 0,
        };
        Self { account: Mutex::new(account), released: watch::Sender::new(false), signer: Signer::new() }
    }

    pub(super) fn with<T>(&self, what: impl FnOnce(&mut Account) -> T) -> T {
        what(&mut self.account.lock().unwrap())
    }

    pub(super) fn release(&self) {
        self.released.send_replace(true);
    }

    /// Ends when the test lets go.
    pub(super) async fn held(&self) {
        let mut released = self.released.subscribe();
        // The sender lives as long as the fake; without it there is nothing to wait for.
        let _ = released.wait_for(|released| *released).await;
    }
}
