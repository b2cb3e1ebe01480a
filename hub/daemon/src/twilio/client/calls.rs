//! Calls that we make: asking for one, and asking what became of it.
//!
//! Source: Twilio, "Call resource" and "Answering machine detection".

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde::{Deserialize, Deserializer};

use super::{
    Client, SendResult,
    answer::read_send_answer,
    listed::{null_is_empty, rfc2822},
};
use crate::{error::Result, twilio::voice::CallStatus, web};

/// How long it may ring, in seconds: longer than most mailboxes let it.
const RINGS_S: &str = "40";

/// How long Twilio may take to find out who took the call, in seconds: as long as a mailbox may talk before its tone.
const DETECTION_S: &str = "30";

/// So many of the latest calls to a number are looked at.
const LOOKED_AT: &str = "50";

/// A call to be made.
#[derive(Debug, Clone)]
pub(crate) struct OutboundCall {
    /// Our number.
    pub(crate) from: String,
    /// Theirs.
    pub(crate) to: String,
    /// Asked what to do, once somebody took it.
    pub(crate) answered: String,
    /// Where Twilio tells how far it is.
    pub(crate) status_callback: String,
    /// Where Twilio tells who took it, while the call goes on. Without it Twilio finds out before it asks `answered`.
    pub(crate) machine_callback: Option<String>,
    /// After so many seconds Twilio ends it, whatever becomes of us.
    pub(crate) longest_s: u64,
}

/// A call as the REST API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct ListedCall {
    /// Its id.
    pub(crate) sid: String,
    /// Who called.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(crate) from: String,
    /// Who was called.
    #[serde(default, deserialize_with = "null_is_empty")]
    pub(crate) to: String,
    /// How far it is; absent when it is a word that this version doesn't know.
    #[serde(deserialize_with = "status")]
    pub(crate) status: Option<CallStatus>,
    /// When Twilio took it, in whole seconds.
    #[serde(default, rename = "date_created", deserialize_with = "rfc2822")]
    pub(crate) created_at: Option<DateTime<Utc>>,
}

fn status<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Option<CallStatus>, D::Error> {
    String::deserialize(from).map(|text| text.parse().ok())
}

impl Client {
    /// Asks for a call: one request, whatever happens.
    pub(crate) async fn place(&self, call: &OutboundCall) -> SendResult {
        let longest = call.longest_s.to_string();
        let mut form = vec![
            ("To", call.to.as_str()),
            ("From", &call.from),
            ("Url", &call.answered),
            ("StatusCallback", &call.status_callback),
            // That it was begun at all settles what a broken answer leaves open.
            ("StatusCallbackEvent", "initiated"),
            ("StatusCallbackEvent", "completed"),
            ("Timeout", RINGS_S),
            ("TimeLimit", &longest),
            ("MachineDetection", "DetectMessageEnd"),
            ("MachineDetectionTimeout", DETECTION_S),
        ];
        if let Some(url) = &call.machine_callback {
            form.extend([("AsyncAmd", "true"), ("AsyncAmdStatusCallback", url)]);
        }
        let request = match self.request(Method::POST, &self.account_url("Calls.json")) {
            Ok(request) => request.form(&form),
            Err(error) => return SendResult::NotTaken { reason: error.chain(), retry_after: None },
        };
        match request.send().await {
            Ok(response) => read_send_answer(response).await,
            Err(error) if web::reached_nobody(&error) => {
                SendResult::NotTaken { reason: web::words(error), retry_after: None }
            }
            Err(error) => SendResult::Unclear { reason: web::words(error) },
        }
    }

    /// One call.
    pub(crate) async fn call(&self, sid: &str) -> Result<ListedCall> {
        self.get(&self.account_url(&format!("Calls/{sid}.json")), &[]).await
    }

    /// The latest calls from one number to another.
    pub(crate) async fn calls_between(&self, from: &str, to: &str) -> Result<Vec<ListedCall>> {
        #[derive(Deserialize)]
        struct Calls {
            calls: Vec<ListedCall>,
        }
        let query = [("From", from.to_owned()), ("To", to.to_owned()), ("PageSize", LOOKED_AT.to_owned())];
        let Calls { calls } = self.get(&self.account_url("Calls.json"), &query).await?;
        Ok(calls)
    }
}
