//! What goes wrong at the telephone company, request by request, as a test scripts it.

use std::{
    collections::{HashMap, VecDeque},
    sync::Mutex,
};

use tokio::sync::watch;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `POST Messages.json`
    Send,
    /// `GET Messages.json`
    List,
    /// `IncomingPhoneNumbers`
    Numbers,
    /// `GET Accounts/{sid}.json`
    Account,
    /// `POST Calls.json`
    Call,
    /// `GET Calls.json` and `GET Calls/{sid}.json`
    Calls,
}

/// How a request goes wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Nothing goes wrong: lets one request pass before the next fault.
    None,
    /// It is answered with this status and Twilio's error body; nothing is taken.
    Answer {
        /// The HTTP status.
        status: u16,
        /// Twilio's error code.
        code: u32,
        /// The `Retry-After` header.
        retry_after_s: Option<u32>,
    },
    /// It is done, and answered with this status as if it had not been.
    DoThenAnswer {
        /// The HTTP status.
        status: u16,
    },
    /// The connection breaks before the body is read; nothing is taken.
    HangUp,
    /// It is done, and the connection breaks before the answer.
    DoThenHangUp,
    /// It is done, and the answer is nonsense with a good status.
    DoThenNonsense,
    /// No answer comes until the test says `release`; then the connection breaks.
    Hold {
        /// Whether it is done before the waiting begins.
        done: bool,
    },
}

/// The script.
pub(super) struct Faults {
    queues: Mutex<Queues>,
    released: watch::Sender<bool>,
}

#[derive(Default)]
struct Queues {
    faults: HashMap<Endpoint, VecDeque<Fault>>,
    seen: HashMap<Endpoint, usize>,
}

impl Faults {
    pub(super) fn new() -> Self {
        Self { queues: Mutex::default(), released: watch::Sender::new(false) }
    }

    pub(super) fn push(&self, endpoint: Endpoint, fault: Fault) {
        self.queues.lock().unwrap().faults.entry(endpoint).or_default().push_back(fault);
    }

    /// A request arrives.
    pub(super) fn next(&self, endpoint: Endpoint) -> Fault {
        let mut queues = self.queues.lock().unwrap();
        *queues.seen.entry(endpoint).or_default() += 1;
        queues.faults.entry(endpoint).or_default().pop_front().unwrap_or(Fault::None)
    }

    pub(super) fn seen(&self, endpoint: Endpoint) -> usize {
        self.queues.lock().unwrap().seen.get(&endpoint).copied().unwrap_or_default()
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
