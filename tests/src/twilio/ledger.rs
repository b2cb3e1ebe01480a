//! What the telephone company knows: its account, its numbers, its messages.

use std::{
    collections::{HashMap, HashSet},
    sync::Mutex,
    time::Instant,
};

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::{ACCOUNT, OUR_NUMBER, SECOND_NUMBER, TOKEN, calls::PlacedCall, faults::Faults};
use crate::clock;

/// What the handlers share.
pub(super) struct Shared {
    pub(super) faults: Faults,
    account: Mutex<Account>,
}

/// One account and all that belongs to it.
#[derive(Debug)]
pub struct Account {
    /// Its auth token.
    pub token: String,
    /// Its numbers.
    pub numbers: Vec<Number>,
    /// Its messages in both directions, oldest first.
    pub messages: Vec<Resource>,
    /// The calls that it made, oldest first.
    pub calls: Vec<PlacedCall>,
    /// Numbers that every text or call to is refused, with the error code.
    pub refused: HashMap<String, u32>,
    /// Who said STOP to which of the numbers: (theirs, ours).
    pub stopped: HashSet<(String, String)>,
    /// What Twilio would not have accepted.
    pub violations: Vec<String>,
    /// How often somebody came with a wrong token.
    pub unauthorized: u32,
    /// The largest page of a list.
    pub page_size_most: usize,
    next_id: u64,
}

/// A telephone number of the account.
#[derive(Debug, Clone)]
pub struct Number {
    /// Its id.
    pub sid: String,
    /// The number.
    pub phone_number: String,
    /// Where inbound texts are posted.
    pub sms_url: String,
    /// Where calls are posted that come in.
    pub voice_url: String,
    /// Where it is posted what becomes of calls.
    pub status_callback: String,
}

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the account.
    Inbound,
    /// From the account, by its API.
    OutboundApi,
}

/// A Message resource.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its id.
    pub sid: String,
    /// Which way it went.
    pub direction: Direction,
    /// The sender.
    pub from: String,
    /// The recipient.
    pub to: String,
    /// What it says.
    pub body: String,
    /// Where its status is to be posted.
    pub status_callback: Option<String>,
    /// How far it got.
    pub status: String,
    /// Why it failed.
    pub error_code: Option<u32>,
    /// Whether lists show it: they lag behind, by how much nobody promises.
    pub listed: bool,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// When it was taken, on the monotonic clock.
    pub taken: Instant,
}

impl Resource {
    /// The hub's row that this text was sent for, as its status callback says.
    pub fn row(&self) -> Option<&str> {
        self.status_callback.as_deref()?.split_once("?m=").map(|(_, row)| row)
    }

    /// As the API shows it.
    pub(super) fn to_json(&self) -> Value {
        // Twilio's dates are RFC 2822 with whole seconds.
        let date = self.created.format("%a, %d %b %Y %H:%M:%S +0000").to_string();
        let uri = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages/{}", self.sid);
        json!({
            "account_sid": ACCOUNT,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": date,
            "date_sent": if self.status == "queued" { Value::Null } else { Value::from(date.clone()) },
            "date_updated": date,
            "direction": match self.direction {
                Direction::Inbound => "inbound",
                Direction::OutboundApi => "outbound-api",
            },
            "error_code": self.error_code,
            "error_message": self.error_code.map(|code| format!("Error {code}")),
            "from": self.from,
            "messaging_service_sid": null,
            "num_media": "0",
            "num_segments": xswarm_core::sms::shape(&self.body).segments.to_string(),
            "price": null,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": { "media": format!("{uri}/Media.json") },
            "tags": null,
            "to": self.to,
            "uri": format!("{uri}.json"),
        })
    }
}

impl Shared {
    pub(super) fn new() -> Self {
        let number = |phone_number: &str, n: u8| Number {
            sid: format!("PN{n:032x}"),
            phone_number: phone_number.to_owned(),
            sms_url: "https://demo.twilio.com/welcome/sms/reply".to_owned(),
            voice_url: "https://demo.twilio.com/welcome/voice/".to_owned(),
            status_callback: String::new(),
        };
        let account = Account {
            token: TOKEN.to_owned(),
            numbers: vec![number(OUR_NUMBER, 1), number(SECOND_NUMBER, 2)],
            messages: Vec::new(),
            calls: Vec::new(),
            refused: HashMap::new(),
            stopped: HashSet::new(),
            violations: Vec::new(),
            unauthorized: 0,
            page_size_most: 1_000,
            next_id: 0,
        };
        Self { faults: Faults::new(), account: Mutex::new(account) }
    }

    pub(super) fn with<T>(&self, action: impl FnOnce(&mut Account) -> T) -> T {
        action(&mut self.account.lock().unwrap())
    }
}

impl Account {
    fn next_sid(&mut self) -> String {
        self.next_sid_of("SM")
    }

    pub(super) fn next_sid_of(&mut self, kind: &str) -> String {
        self.next_id += 1;
        format!("{kind}{:016x}{:016x}", fastrand::u64(..), self.next_id)
    }

    /// A text comes in. Twilio itself heeds STOP and START (its default opt-out handling).
    pub(super) fn receive(&mut self, from: &str, to: &str, body: &str, age: Duration) -> Resource {
        let pair = (from.to_owned(), to.to_owned());
        match body.trim().to_uppercase().as_str() {
            "STOP" | "STOPALL" | "UNSUBSCRIBE" | "CANCEL" | "END" | "QUIT" | "REVOKE" | "OPTOUT" => {
                self.stopped.insert(pair);
            }
            "START" | "YES" | "UNSTOP" => {
                self.stopped.remove(&pair);
            }
            _ => {}
        }
        let message = Resource {
            sid: self.next_sid(),
            direction: Direction::Inbound,
            from: from.to_owned(),
            to: to.to_owned(),
            body: body.to_owned(),
            status_callback: None,
            status: "received".to_owned(),
            error_code: None,
            listed: true,
            created: clock::now() - age,
            taken: Instant::now(),
        };
        self.messages.push(message.clone());
        message
    }

    /// A text goes out.
    pub(super) fn take(&mut self, from: &str, to: &str, body: &str, status_callback: Option<&str>) -> Resource {
        let message = Resource {
            sid: self.next_sid(),
            direction: Direction::OutboundApi,
            from: from.to_owned(),
            to: to.to_owned(),
            body: body.to_owned(),
            status_callback: status_callback.map(str::to_owned),
            status: "queued".to_owned(),
            error_code: None,
            listed: true,
            created: clock::now(),
            taken: Instant::now(),
        };
        self.messages.push(message.clone());
        message
    }

    /// A message of this account.
    pub(super) fn message_mut(&mut self, sid: &str) -> &mut Resource {
        self.messages.iter_mut().find(|message| message.sid == sid).expect("a message of this account")
    }

    /// A text got further.
    pub(super) fn set_status(&mut self, sid: &str, status: &str, error_code: Option<u32>) -> Resource {
        let message = self.message_mut(sid);
        status.clone_into(&mut message.status);
        message.error_code = error_code;
        message.clone()
    }
}
