//! The public listener: what Twilio and SendGrid call. Everything here is signed; everything else is refused before it costs much.
//!
//! The signature is checked first. Only traffic without a valid one is rate-limited, so that an attacker can never make
//! the box turn a genuine message away.

mod mail_events;
pub(super) mod voice;

use std::net::{IpAddr, Ipv4Addr};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{OriginalUri, Query, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Deserialize;
use xswarm_core::id::MessageId;

use super::{App, client_address::client_address, listener::Peer, mail_gate::MailGate, unsigned_limit::UnsignedLimit};
use crate::{
    channels::{inbound, sms},
    error::{Error, problem},
    sendgrid::signature::PublicKey,
    twilio::{
        callback::{BadCallback, InboundSms, StatusCallback},
        form::Form,
        signature::Verifier,
    },
};

/// An answer that tells Twilio to do nothing more.
const EMPTY_TWIML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response></Response>";

/// How webhooks are told from everything else.
pub(crate) struct Webhooks {
    /// Checks signatures; absent while texting is not set up.
    pub(crate) verifier: Option<Verifier>,
    /// Checks signatures of mail's webhooks; absent while they are not set up.
    pub(crate) mail_key: Option<PublicKey>,
    /// The way in for mail.
    pub(crate) mail: MailGate,
    /// Counts what is not signed.
    pub(crate) unsigned: UnsignedLimit,
}

/// Routes of the public listener.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/sms/inbound", post(sms_inbound))
        .route("/sms/status", post(sms_status))
        .merge(mail_events::routes())
        .merge(voice::routes())
}

async fn sms_inbound(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form =
        match app.webhooks.signed_form(peer, uri.path_and_query().map_or("", |path| path.as_str()), &headers, &body) {
            Ok(form) => form,
            Err(refusal) => return *refusal,
        };
    let inbound = match InboundSms::read(&form) {
        Ok(inbound) => inbound,
        Err(error) => return unusable(&error),
    };
    let (now, number) = (app.clock.now(), app.sms.number());
    let taken = app
        .store
        .write(move |tx| inbound::take_in(tx, &inbound, number.as_ref(), None, now).map_err(Error::from))
        .await;
    match taken {
        Ok(_) => twiml(),
        Err(error) => error.into_response(),
    }
}

#[derive(Deserialize)]
struct StatusQuery {
    m: Option<MessageId>,
}

async fn sms_status(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    OriginalUri(uri): OriginalUri,
    asked: Asked<StatusQuery>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form =
        match app.webhooks.signed_form(peer, uri.path_and_query().map_or("", |path| path.as_str()), &headers, &body) {
            Ok(form) => form,
            Err(refusal) => return *refusal,
        };
    let callback = match StatusCallback::read(&form) {
        Ok(callback) => callback,
        Err(error) => return unusable(&error),
    };
    let query = match said(asked) {
        Ok(query) => query,
        Err(error) => return error.into_response(),
    };
    let now = app.clock.now();
    let settled = app.store.write(move |tx| sms::settle(tx, query.m, &callback, now).map_err(Error::from)).await;
    match settled {
        Ok(()) => twiml(),
        Err(error) => error.into_response(),
    }
}

/// What stands in the address. It is looked at once the signature proved good.
type Asked<T> = Result<Query<T>, QueryRejection>;

fn said<T>(asked: Asked<T>) -> Result<T, Error> {
    asked.map(|Query(said)| said).map_err(|error| Error::invalid(format!("the address: {}", error.body_text())))
}

impl Webhooks {
    /// The form of a genuine webhook, or the refusal.
    fn signed_form(&self, peer: Peer, path: &str, headers: &HeaderMap, body: &[u8]) -> Result<Form, Box<Response>> {
        let media_type = headers.get(CONTENT_TYPE).map_or(b"".as_slice(), HeaderValue::as_bytes);
        if !media_type.to_ascii_lowercase().starts_with(b"application/x-www-form-urlencoded") {
            let words = "webhooks are posted as application/x-www-form-urlencoded";
            return Err(Box::new(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type", words)));
        }
        let form = Form::parse(body).map_err(|error| Box::new(Error::invalid(error.to_string()).into_response()))?;
        let signature = headers.get("x-twilio-signature").map_or(b"".as_slice(), HeaderValue::as_bytes);
        let genuine = self.verifier.as_ref().is_some_and(|verifier| verifier.verify(path, &form, signature));
        if genuine { Ok(form) } else { Err(Box::new(self.unsigned(peer, headers))) }
    }

    /// The answer to whoever cannot sign.
    pub(crate) fn unsigned(&self, peer: Peer, headers: &HeaderMap) -> Response {
        let address = client_address(peer, headers).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        if self.unsigned.allows(address) {
            Error::denied("the signature is missing or not that of this account").into_response()
        } else {
            let words = "too many requests without a valid signature";
            problem(StatusCode::TOO_MANY_REQUESTS, "Too many requests", words)
        }
    }
}

fn unusable(error: &BadCallback) -> Response {
    Error::invalid(format!("a signed webhook cannot be used: {error}")).into_response()
}

fn twiml() -> Response {
    ([(CONTENT_TYPE, "text/xml; charset=utf-8")], EMPTY_TWIML).into_response()
}
