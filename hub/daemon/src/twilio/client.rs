//! The REST API (version 2010-04-01): sending, calling, listing, and the settings of our numbers.
//!
//! Sending tells four ends apart ([`SendResult`]), because only one of them may ever lead to another attempt. Nothing is
//! retried here.

mod answer;
mod calls;
mod listed;
mod numbers;

use std::time::Duration;

use chrono::NaiveDate;
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use self::answer::{answer, read_send_answer};
use super::callback::TwilioStatus;
use crate::{
    config::TwilioConfig,
    error::{Error, Result},
    web::{self, Web},
};

pub(crate) use calls::{ListedCall, OutboundCall};
pub(crate) use listed::Listed;
pub(crate) use numbers::Webhooks;

/// Messages per page; Twilio's maximum.
const PAGE_SIZE: &str = "1000";
/// Pages that one listing reads at most.
const PAGES_MAX: usize = 20;

/// A text to be sent.
#[derive(Debug, Clone)]
pub(crate) struct OutboundSms {
    /// Our number.
    pub(crate) from: String,
    /// The recipient's.
    pub(crate) to: String,
    /// What it says.
    pub(crate) body: String,
    /// Where Twilio tells what became of it.
    pub(crate) status_callback: Option<String>,
}

/// How sending ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SendResult {
    /// Twilio has it.
    Accepted {
        /// Its id.
        sid: String,
        /// How far it is.
        status: TwilioStatus,
    },
    /// Twilio will not send it.
    Refused {
        /// Why, as a number.
        code: Option<i64>,
        /// Why, in Twilio's words.
        message: String,
        /// Why and what to do, in ours.
        explanation: Option<String>,
    },
    /// Twilio surely has not taken it: no connection came about, or it answered 429. It may be tried again.
    NotTaken {
        /// What happened.
        reason: String,
        /// How long Twilio asks us to wait.
        retry_after: Option<Duration>,
    },
    /// Nobody can tell whether it was taken: 5xx, timeout, broken connection, unreadable answer.
    Unclear {
        /// What happened.
        reason: String,
    },
}

/// Which messages to list.
#[derive(Debug, Clone, Default)]
pub(crate) struct MessageFilter {
    /// Sent from this number.
    pub(crate) from: Option<String>,
    /// Sent to this number.
    pub(crate) to: Option<String>,
    /// Sent on this day (UTC) or later.
    pub(crate) sent_on_or_after: Option<NaiveDate>,
}

/// The account that the credentials are for.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Account {
    /// `active`, `suspended` or `closed`.
    pub(crate) status: String,
}

/// One account's API.
pub(crate) struct Client {
    base_url: String,
    account_sid: String,
    token: SecretString,
    web: Web,
}

impl Client {
    /// A client for `account_sid`. Connects to nothing yet.
    pub(crate) fn new(config: &TwilioConfig, account_sid: &str, token: SecretString) -> Self {
        Self {
            base_url: config.api_base_url.clone(),
            account_sid: account_sid.to_owned(),
            token,
            web: Web::new(config.timeout),
        }
    }

    /// Sends a text: one request, whatever happens.
    pub(crate) async fn send(&self, sms: &OutboundSms) -> SendResult {
        let mut form = vec![("To", &sms.to), ("From", &sms.from), ("Body", &sms.body)];
        if let Some(url) = &sms.status_callback {
            form.push(("StatusCallback", url));
        }
        let request = match self.request(Method::POST, &self.account_url("Messages.json")) {
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

    /// Lists messages, newest first, over as many pages as there are (at most 20,000 messages).
    pub(crate) async fn messages(&self, filter: &MessageFilter) -> Result<Vec<Listed>> {
        let mut query = vec![("PageSize", PAGE_SIZE.to_owned())];
        query.extend(filter.from.clone().map(|from| ("From", from)));
        query.extend(filter.to.clone().map(|to| ("To", to)));
        // The parameter's name is `DateSent>`; Twilio's documentation writes the query as `DateSent>=YYYY-MM-DD`.
        query.extend(filter.sent_on_or_after.map(|day| ("DateSent>", day.to_string())));
        let mut page: listed::Page = self.get(&self.account_url("Messages.json"), &query).await?;
        let mut messages = page.messages;
        for _ in 1..PAGES_MAX {
            let Some(next) = page.next_page_uri.filter(|uri| !uri.is_empty()) else { return Ok(messages) };
            page = self.get(&self.next_page(&next)?, &[]).await?;
            messages.append(&mut page.messages);
        }
        if page.next_page_uri.is_some() {
            log::warn!(pages = PAGES_MAX; "the list of messages is longer than what is read of it");
        }
        Ok(messages)
    }

    /// The account itself: whether the credentials work and what state it is in.
    pub(crate) async fn account(&self) -> Result<Account> {
        self.get(&format!("{}/2010-04-01/Accounts/{}.json", self.base_url, self.account_sid), &[]).await
    }

    fn account_url(&self, resource: &str) -> String {
        format!("{}/2010-04-01/Accounts/{}/{resource}", self.base_url, self.account_sid)
    }

    /// The address of a next page, which must be where the first was: credentials go there.
    fn next_page(&self, uri: &str) -> Result<String> {
        let elsewhere = || Error::unavailable("Twilio's list of messages continues at another address; not followed");
        let base = Url::parse(&self.base_url).map_err(|error| elsewhere().with_source(error))?;
        // A path from the root; a base with a path of its own (a proxy) is put before it.
        let next = if uri.starts_with('/') { format!("{}{uri}", self.base_url) } else { uri.to_owned() };
        let next = Url::parse(&next).map_err(|error| elsewhere().with_source(error))?;
        if next.origin() == base.origin() { Ok(next.into()) } else { Err(elsewhere()) }
    }

    async fn get<T: DeserializeOwned>(&self, url: &str, query: &[(&str, String)]) -> Result<T> {
        let mut request = self.request(Method::GET, url)?;
        if !query.is_empty() {
            request = request.query(query);
        }
        answer(request).await
    }

    fn request(&self, method: Method, url: &str) -> Result<RequestBuilder> {
        let http = self.web.http()?;
        Ok(http.request(method, url).basic_auth(&self.account_sid, Some(self.token.expose_secret())))
    }
}

#[cfg(test)]
mod tests;
