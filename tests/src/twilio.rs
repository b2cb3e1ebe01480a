//! The telephone company, played: the parts of Twilio's REST API that the hub uses, checked against what Twilio publishes.
//!
//! Sources: Twilio docs, "Messages resource", "Call resource", "IncomingPhoneNumber resource", "Error and warning dictionary", "Twilio's
//! response: paging". A request that Twilio would not accept as it stands (an unknown field, a number that is not E.164, a
//! text that is too long) gets Twilio's error and is remembered as a violation, which fails the test. What it accepted is
//! kept in its ledger: that is the truth about what was sent.

mod calls;
mod faults;
mod ledger;
mod messages;
mod numbers;
mod server;

use std::{net::SocketAddr, sync::Arc};

use chrono::Duration;

pub use calls::PlacedCall;
pub use faults::{Endpoint, Fault};
use ledger::Shared;
pub use ledger::{Account, Direction, Number, Resource};
use server::Server;

use crate::{signature::Form, wait::wait_for};

/// The account that the fake serves.
pub const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
/// Its auth token.
pub const TOKEN: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
/// The number that the hub has.
pub const OUR_NUMBER: &str = "+14155550100";
/// A second number of the same account.
pub const SECOND_NUMBER: &str = "+14155550101";

/// A telephone company of one account.
pub struct FakeTwilio {
    shared: Arc<Shared>,
    server: Server,
}

impl FakeTwilio {
    /// Starts to serve on a free port of this machine.
    pub async fn start() -> Self {
        let shared = Arc::new(Shared::new());
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

    /// From now on connections are refused.
    pub async fn refuse_connections(&mut self) {
        self.server.refuse().await;
    }

    /// Takes connections again.
    pub fn take_connections(&mut self) {
        self.server.resume(Arc::clone(&self.shared));
    }

    /// The next request to `endpoint` goes wrong; several queue up.
    pub fn next(&self, endpoint: Endpoint, fault: Fault) {
        self.shared.faults.push(endpoint, fault);
    }

    /// Lets go of every request that [`Fault::Hold`] holds, now and later.
    pub fn release(&self) {
        self.shared.faults.release();
    }

    /// Every text to this number is refused with this code.
    pub fn refuse_number(&self, number: &str, code: u32) {
        self.shared.with(|account| account.refused.insert(number.to_owned(), code));
    }

    /// The only token that is accepted from now on.
    pub fn set_token(&self, token: &str) {
        self.shared.with(|account| token.clone_into(&mut account.token));
    }

    /// At most this many messages are listed on a page, whatever was asked for.
    pub fn set_page_size(&self, most: usize) {
        self.shared.with(|account| account.page_size_most = most);
    }

    /// What was wrong with the requests so far; empties the list.
    pub fn take_violations(&self) -> Vec<String> {
        self.shared.with(|account| std::mem::take(&mut account.violations))
    }

    /// Every message, in both directions, in the order in which they came.
    pub fn messages(&self) -> Vec<Resource> {
        self.shared.with(|account| account.messages.clone())
    }

    /// The texts that the hub sent and the fake accepted, in order.
    pub fn sent(&self) -> Vec<Resource> {
        self.messages().into_iter().filter(|message| message.direction == Direction::OutboundApi).collect()
    }

    /// Those to one number.
    pub fn sent_to(&self, number: &str) -> Vec<Resource> {
        self.sent().into_iter().filter(|message| message.to == number).collect()
    }

    /// Waits until a text to `number` was sent that contains `part`.
    pub async fn wait_sent(&self, number: &str, part: &str) -> Resource {
        let what = format!("a text to {number} that contains `{part}`; sent were {:#?}", self.bodies());
        let condition = async || self.sent_to(number).into_iter().find(|message| message.body.contains(part));
        wait_for(what, condition).await
    }

    /// What was sent, for messages of failed tests.
    pub fn bodies(&self) -> Vec<String> {
        self.sent().into_iter().map(|message| message.body).collect()
    }

    /// The calls that were asked for and taken, in order.
    pub fn calls(&self) -> Vec<PlacedCall> {
        self.shared.with(|account| account.calls.clone())
    }

    /// How many requests came to `endpoint`, good or bad.
    pub fn requests(&self, endpoint: Endpoint) -> usize {
        self.shared.faults.seen(endpoint)
    }

    /// How often the token or the account was wrong.
    pub fn unauthorized(&self) -> u32 {
        self.shared.with(|account| account.unauthorized)
    }

    /// One of the numbers, and which webhooks are set for it.
    pub fn number(&self, number: &str) -> Number {
        self.shared.with(|account| account.numbers.iter().find(|one| one.phone_number == number).cloned()).unwrap()
    }

    /// The account does not know its calls any more.
    pub fn forget_calls(&self) {
        self.shared.with(|account| account.calls.clear());
    }

    /// Somebody sets at Twilio where a number's calls go.
    pub fn bring_calls_to(&self, number: &str, url: &str) {
        self.shared.with(|account| {
            let ours = account.numbers.iter_mut().find(|one| one.phone_number == number).unwrap();
            url.clone_into(&mut ours.voice_url);
        });
    }

    /// A text reaches the account from outside. It is in the list from now on; nobody is called yet.
    pub fn receive(&self, from: &str, to: &str, body: &str) -> Resource {
        self.receive_earlier(from, to, body, Duration::zero())
    }

    /// The same, `age` ago.
    pub fn receive_earlier(&self, from: &str, to: &str, body: &str, age: Duration) -> Resource {
        self.shared.with(|account| account.receive(from, to, body, age))
    }

    /// Lists do not show this message (yet), or they do.
    pub fn set_listed(&self, sid: &str, listed: bool) {
        self.shared.with(|account| account.message_mut(sid).listed = listed);
    }

    /// The webhook of an inbound text, as Twilio posts it.
    pub fn inbound_form(message: &Resource) -> Form {
        let fields = [
            ("ToCountry", "US"),
            ("ToState", "CA"),
            ("SmsMessageSid", &message.sid),
            ("NumMedia", "0"),
            ("ToCity", ""),
            ("FromZip", "94103"),
            ("SmsSid", &message.sid),
            ("FromState", "CA"),
            ("SmsStatus", "received"),
            ("FromCity", "SAN FRANCISCO"),
            ("Body", &message.body),
            ("FromCountry", "US"),
            ("To", &message.to),
            ("ToZip", ""),
            ("NumSegments", "1"),
            ("MessageSid", &message.sid),
            ("AccountSid", ACCOUNT),
            ("From", &message.from),
            ("ApiVersion", "2010-04-01"),
        ];
        fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The status callback of a sent text, as Twilio posts it; the list says the same from now on.
    pub fn status_form(&self, sid: &str, status: &str, error_code: Option<u32>) -> Form {
        let message = self.shared.with(|account| account.set_status(sid, status, error_code));
        let mut fields = vec![
            ("SmsSid", sid.to_owned()),
            ("SmsStatus", status.to_owned()),
            ("MessageStatus", status.to_owned()),
            ("To", message.to),
            ("MessageSid", sid.to_owned()),
            ("AccountSid", ACCOUNT.to_owned()),
            ("From", message.from),
            ("ApiVersion", "2010-04-01".to_owned()),
        ];
        fields.extend(error_code.map(|code| ("ErrorCode", code.to_string())));
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl FakeTwilio {
    /// How far a call is, as the API shows it from now on.
    pub(crate) fn set_call_status(&self, sid: &str, status: &str) {
        self.shared.with(|account| {
            let call = account.calls.iter_mut().find(|call| call.sid == sid).expect("a call of this account");
            status.clone_into(&mut call.status);
        });
    }
}
