//! The API, version 3: sending a mail, asking what became of one, and what the key may do.
//!
//! Sources: Twilio SendGrid, "Mail Send" (`POST /v3/mail/send`), "Filter all messages" (`GET /v3/messages`, an add-on),
//! "Retrieve a list of scopes" (`GET /v3/scopes`), "Get all verified senders" (`GET /v3/verified_senders`) and "List all
//! authenticated domains" (`GET /v3/whitelabel/domains`).

mod refusal;
mod request;

use reqwest::{Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use xswarm_core::{id::MessageId, mail::MailAddress};

use crate::{
    config::SendgridConfig,
    error::{Error, Result},
    post::{Handover, Mailing},
    web::{self, Web},
};

/// The header that carries SendGrid's id of a mail it took.
const MESSAGE_ID: &str = "x-message-id";

/// One account's API.
pub(crate) struct Client {
    base_url: String,
    key: SecretString,
    from_name: String,
    web: Web,
}

/// What became of asking about a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// SendGrid has it, under this id.
    There(String),
    /// Nothing is listed, which proves nothing: the list lags behind.
    NotYet,
    /// This account may not ask.
    NotAllowed,
}

impl Client {
    /// A client. Connects to nothing yet.
    pub(crate) fn new(config: &SendgridConfig, from_name: &str, key: SecretString) -> Self {
        Self {
            base_url: config.api_base_url.clone(),
            key,
            from_name: from_name.to_owned(),
            web: Web::new(config.timeout),
        }
    }

    /// Sends a mail: one request, whatever happens.
    pub(crate) async fn send(&self, mailing: &Mailing) -> Handover {
        let body = request::body(mailing, &self.from_name);
        let request = match self.request(Method::POST, "/v3/mail/send") {
            Ok(request) => request.json(&body),
            Err(error) => return Handover::not_taken(error.chain()),
        };
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if web::reached_nobody(&error) => return Handover::not_taken(web::words(error)),
            Err(error) => return Handover::Unclear { reason: web::words(error) },
        };
        let (status, retry_after) = (response.status(), web::retry_after(response.headers()));
        let id = response.headers().get(MESSAGE_ID).and_then(|value| value.to_str().ok()).map(str::to_owned);
        if status == StatusCode::TOO_MANY_REQUESTS {
            let reason = "SendGrid is asked too much at once (429)".to_owned();
            return Handover::NotTaken { reason, retry_after, alone: false };
        }
        if status == StatusCode::ACCEPTED {
            return match id.filter(|id| !id.is_empty()) {
                Some(id) => Handover::Accepted { id },
                // It has the mail all the same; the events will name it by our own id.
                None => Handover::Accepted { id: format!("sendgrid/{}/{}", mailing.row, mailing.sending) },
            };
        }
        if status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT {
            let body = web::bounded(response).await.unwrap_or_default();
            return Handover::Refused { code: Some(status.as_u16().into()), words: refusal::explain(status, &body) };
        }
        Handover::Unclear { reason: format!("SendGrid answered {status}") }
    }

    /// Asks whether a mail with our id is there (the add-on "Email Activity").
    pub(crate) async fn find(&self, row: MessageId, sending: u32) -> Result<Found> {
        #[derive(Deserialize)]
        struct Listed {
            #[serde(default)]
            messages: Vec<One>,
        }
        #[derive(Deserialize)]
        struct One {
            msg_id: String,
        }
        let name = request::ARGUMENT_ROW;
        let query = format!("(unique_args['{name}']=\"{}\")", request::argument(row, sending));
        let request = self.request(Method::GET, "/v3/messages")?.query(&[("limit", "2"), ("query", query.as_str())]);
        let listed: Listed = match self.answer(request).await {
            Ok(listed) => listed,
            Err((Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND), _)) => {
                return Ok(Found::NotAllowed);
            }
            Err((_, error)) => return Err(error),
        };
        Ok(match listed.messages.first() {
            // `<id>.filter…`, as in events.
            Some(one) => Found::There(super::events::short_id(&one.msg_id).to_owned()),
            None => Found::NotYet,
        })
    }

    /// What the key may do.
    pub(crate) async fn scopes(&self) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Scopes {
            scopes: Vec<String>,
        }
        let scopes: Scopes = self.get("/v3/scopes").await.map_err(|(_, error)| error)?;
        Ok(scopes.scopes)
    }

    /// Whether mail may leave from this address: a verified sender, or of an authenticated domain. `None` when the key
    /// may not ask.
    pub(crate) async fn may_send_from(&self, address: &MailAddress) -> Result<Option<bool>> {
        #[derive(Deserialize)]
        struct Senders {
            results: Vec<Sender>,
        }
        #[derive(Deserialize)]
        struct Sender {
            from_email: String,
            verified: bool,
        }
        #[derive(Deserialize)]
        struct Domain {
            domain: String,
            valid: bool,
        }
        let senders = match self.get::<Senders>("/v3/verified_senders").await {
            Ok(senders) => Some(senders.results),
            Err((Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN), _)) => None,
            Err((_, error)) => return Err(error),
        };
        let verified = senders.as_ref().is_some_and(|senders| {
            senders.iter().any(|one| one.verified && one.from_email.eq_ignore_ascii_case(address.as_str()))
        });
        if verified {
            return Ok(Some(true));
        }
        let domains = match self.get::<Vec<Domain>>("/v3/whitelabel/domains").await {
            Ok(domains) => Some(domains),
            Err((Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN), _)) => None,
            Err((_, error)) => return Err(error),
        };
        let authenticated = domains.as_ref().is_some_and(|domains| {
            domains.iter().any(|one| {
                one.valid && (address.domain() == one.domain || address.domain().ends_with(&format!(".{}", one.domain)))
            })
        });
        Ok(if authenticated { Some(true) } else { (senders.is_some() && domains.is_some()).then_some(false) })
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, (Option<StatusCode>, Error)> {
        let request = self.request(Method::GET, path).map_err(|error| (None, error))?;
        self.answer(request).await
    }

    /// Sends a request that changes nothing, and reads its answer.
    async fn answer<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, (Option<StatusCode>, Error)> {
        let out_of_reach = |reason: String| (None, Error::unavailable(format!("SendGrid: {reason}")));
        let response = request.send().await.map_err(|error| out_of_reach(web::words(error)))?;
        let status = response.status();
        let body = web::bounded(response).await.map_err(out_of_reach)?;
        if !status.is_success() {
            let context = format!("SendGrid answered {status}: {}", refusal::explain(status, &body));
            return Err((Some(status), Error::unavailable(context)));
        }
        serde_json::from_slice(&body)
            .map_err(|error| (None, Error::unavailable("SendGrid's answer cannot be read").with_source(error)))
    }

    fn request(&self, method: Method, path: &str) -> Result<RequestBuilder> {
        let url = format!("{}{path}", self.base_url);
        Ok(self.web.http()?.request(method, url).bearer_auth(self.key.expose_secret()))
    }
}
