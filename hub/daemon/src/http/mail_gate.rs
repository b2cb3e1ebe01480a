//! Whether a posted mail comes from the provider, decided from its headers before the body is read, and from the whole
//! body before it is looked into.
//!
//! SendGrid secures its Inbound Parse by a signature, by OAuth 2.0, or by both (Twilio, "Securing your Inbound Parse
//! Webhooks"); without such a policy, name and password can stand in the URL that it posts to (RFC 7617). The strongest
//! that is set up here is asked for, and a weaker one then opens nothing.

use std::time::Duration;

use axum::{
    body::Bytes,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CONTENT_LENGTH},
    },
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::bearer::Tokens;
use crate::{
    error::problem,
    sendgrid::signature::{Age, PublicKey, SIGNATURE, Signed, TIMESTAMP},
};

/// The largest body: the 30 MB that the provider takes, and the form around it.
pub(super) const BODY_BYTES: usize = 31 << 20;

/// Bodies in memory at the same time; others wait.
const AT_ONCE: usize = 3;

/// How long one waits for its turn before the provider is asked to come again.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the provider proves itself.
pub(crate) enum Proof {
    /// By signature.
    Signature(PublicKey),
    /// By a token that it fetched from us.
    Bearer(Tokens),
    /// By name and password; the name does not matter.
    Password(SecretString),
}

/// The way in for mail.
pub(crate) struct MailGate {
    proof: Option<Proof>,
    places: Semaphore,
}

/// What the headers promise.
pub(super) enum Claim<'a> {
    /// The body is signed; to be checked once it is there.
    Signed(&'a PublicKey),
    /// Proven.
    Proven,
}

impl MailGate {
    /// A gate; without a proof to ask for it stays shut.
    pub(crate) fn new(proof: Option<Proof>) -> Self {
        Self { proof, places: Semaphore::new(AT_ONCE) }
    }

    /// Whether mail can come in at all.
    pub(crate) fn is_open(&self) -> bool {
        self.proof.is_some()
    }

    /// How the provider proves itself, in a word.
    pub(crate) fn kind(&self) -> Option<&'static str> {
        self.proof.as_ref().map(|proof| match proof {
            Proof::Signature(_) => "signature",
            Proof::Bearer(_) => "token",
            Proof::Password(_) => "password",
        })
    }

    /// How the provider proves itself, in words.
    pub(crate) fn described(&self) -> Option<&'static str> {
        self.proof.as_ref().map(|proof| match proof {
            Proof::Signature(_) => "signed",
            Proof::Bearer(_) => "with an OAuth 2.0 token",
            Proof::Password(_) => "with a password",
        })
    }

    /// Those who give tokens out, if that is the proof.
    pub(super) fn tokens(&self) -> Option<&Tokens> {
        match &self.proof {
            Some(Proof::Bearer(tokens)) => Some(tokens),
            Some(Proof::Signature(_) | Proof::Password(_)) | None => None,
        }
    }

    /// What the headers promise; `None` when they promise nothing that counts.
    pub(super) fn claim(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Claim<'_>> {
        match self.proof.as_ref()? {
            Proof::Signature(key) => {
                let complete = headers.contains_key(SIGNATURE) && fresh(headers, now);
                complete.then_some(Claim::Signed(key))
            }
            Proof::Bearer(tokens) => {
                let token = authorization(headers, "Bearer ")?;
                tokens.accept(token, now).then_some(Claim::Proven)
            }
            Proof::Password(password) => {
                let given = STANDARD.decode(authorization(headers, "Basic ")?.trim()).ok()?;
                let colon = given.iter().position(|byte| *byte == b':')?;
                let given = given.get(colon + 1..)?;
                equal(given, password.expose_secret().as_bytes()).then_some(Claim::Proven)
            }
        }
    }

    /// A place for one body; `None` when all stay taken too long.
    pub(super) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        tokio::time::timeout(PATIENCE, self.places.acquire()).await.ok()?.ok()
    }
}

impl Claim<'_> {
    /// Whether the body is what the headers promised.
    pub(super) fn holds(&self, headers: &HeaderMap, body: &Bytes, now: DateTime<Utc>) -> bool {
        match self {
            Self::Proven => true,
            Self::Signed(key) => {
                let signed =
                    Signed { signature: value(headers, SIGNATURE), timestamp: value(headers, TIMESTAMP), body };
                key.verify(&signed, Age::INBOUND, now)
            }
        }
    }
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> &'a [u8] {
    headers.get(name).map_or(b"", HeaderValue::as_bytes)
}

/// Whether the timestamp could be that of a genuine signature; what is too old need not be read.
fn fresh(headers: &HeaderMap, now: DateTime<Utc>) -> bool {
    let seconds = std::str::from_utf8(value(headers, TIMESTAMP)).ok().and_then(|text| text.parse().ok());
    seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0)).is_some_and(|at| Age::INBOUND.spans(at, now))
}

fn authorization<'a>(headers: &'a HeaderMap, scheme: &str) -> Option<&'a str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (given, rest) = value.split_at_checked(scheme.len())?;
    given.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// Whether two secrets are the same, in a time that tells nothing about where they differ.
pub(super) fn equal(one: &[u8], other: &[u8]) -> bool {
    let mac = |secret: &[u8]| Hmac::<Sha256>::new_from_slice(b"equal").map(|mac| mac.chain_update(secret));
    match (mac(one), mac(other)) {
        (Ok(one), Ok(other)) => one.verify_slice(&other.finalize().into_bytes()).is_ok(),
        (Err(_), _) | (_, Err(_)) => false,
    }
}

/// Whether the body is announced to be larger than is read.
pub(super) fn too_large(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    length.is_some_and(|length| length > BODY_BYTES as u64)
}

/// For a body that is too large: no mail that the provider takes is.
pub(super) fn refuse_size() -> Response {
    problem(StatusCode::PAYLOAD_TOO_LARGE, "Too large", "a mail has at most 30 MB")
}

/// For a time when too many mails arrive at once: the provider comes again.
pub(super) fn come_again() -> Response {
    problem(StatusCode::SERVICE_UNAVAILABLE, "Busy", "too many mails arrive at once; try again").into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    fn headers(fields: &[(&'static str, &str)]) -> HeaderMap {
        fields.iter().map(|(name, value)| (axum::http::HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_shut_gate_opens_to_nothing() {
        let gate = MailGate::new(None);
        assert!(!gate.is_open() && gate.claim(&headers(&[("authorization", "Basic Ojo=")]), now()).is_none());
    }

    #[test]
    fn the_password_alone_counts() {
        let gate = MailGate::new(Some(Proof::Password("s3cret:x".into())));
        let basic = |text: &str| headers(&[("authorization", &format!("Basic {}", STANDARD.encode(text)))]);
        assert!(gate.claim(&basic("sendgrid:s3cret:x"), now()).is_some());
        assert!(gate.claim(&basic(":s3cret:x"), now()).is_some());
        for wrong in ["sendgrid:s3cret", "s3cret:x", "sendgrid:", ":", ""] {
            assert!(gate.claim(&basic(wrong), now()).is_none(), "{wrong}");
        }
        assert!(gate.claim(&headers(&[("authorization", "Basic !!!")]), now()).is_none());
        assert!(gate.claim(&headers(&[("authorization", "é")]), now()).is_none());
        assert!(gate.claim(&headers(&[]), now()).is_none());
    }

    #[test]
    fn where_signatures_are_asked_for_a_password_opens_nothing_and_nothing_old_is_read() {
        let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
        let gate = MailGate::new(Some(Proof::Signature(key.parse().unwrap())));
        let signed = |timestamp: &str| headers(&[(SIGNATURE, "eA=="), (TIMESTAMP, timestamp)]);
        let claim = gate.claim(&signed("1800000000"), now());
        assert!(claim.is_some_and(|claim| !claim.holds(&signed("1800000000"), &Bytes::from_static(b"x"), now())));
        for stale in ["1799000000", "1800009999", "", "x", "99999999999999999999"] {
            assert!(gate.claim(&signed(stale), now()).is_none(), "{stale}");
        }
        assert!(gate.claim(&headers(&[(TIMESTAMP, "1800000000")]), now()).is_none());
        assert!(gate.claim(&headers(&[("authorization", "Basic Ojo=")]), now()).is_none());
    }

    #[test]
    fn a_body_announced_too_large_is_not_read() {
        assert!(too_large(&headers(&[("content-length", "99999999999")])));
        assert!(!too_large(&headers(&[("content-length", "31457280")])));
    }
}
