//! Tokens that the mail provider fetches from us and brings along: OAuth 2.0 client credentials (RFC 6749 §4.4) and
//! bearer tokens (RFC 6750).
//!
//! A token is its own record: the second until which it counts, and a MAC over that. Nothing is stored, nothing can be
//! looked up, and replacing the client's secret ends every token.

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::{DateTime, Duration, Utc};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::Sha256;

use super::mail_gate::equal;
use crate::twilio::form::Form;

/// The client's name, as it must be told to the provider.
pub(crate) const CLIENT_ID: &str = "xswarm";

/// How long a token counts.
const COUNTS_FOR: Duration = Duration::hours(1);

/// Gives tokens out and takes them back.
pub(crate) struct Tokens {
    client_secret: SecretString,
}

impl Tokens {
    /// For the client who knows this secret.
    pub(crate) fn new(client_secret: SecretString) -> Self {
        Self { client_secret }
    }

    /// Whether a token is one of ours and still counts.
    pub(super) fn accept(&self, token: &str, now: DateTime<Utc>) -> bool {
        let Some((until, mac)) = token.trim().split_once('.') else { return false };
        let Some(until_s) = until.parse().ok().filter(|until_s: &i64| *until_s > now.timestamp()) else { return false };
        until_s <= (now + COUNTS_FOR).timestamp() && equal(mac.as_bytes(), self.mac(until).as_bytes())
    }

    fn mac(&self, until: &str) -> String {
        // Keys of any length will do (RFC 2104 §2).
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(self.client_secret.expose_secret().as_bytes()) else {
            return String::new();
        };
        let mac = mac.chain_update(b"inbound mail until ").chain_update(until).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode(mac)
    }

    /// Answers a token request: the client's name and secret in the form, or by the Basic scheme (RFC 6749 §2.3.1).
    /// `None` when they are wrong.
    pub(super) fn answer(&self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Option<Response> {
        let form = Form::parse(body).ok()?;
        let field = |name| form.get(name).ok().flatten().map(str::to_owned);
        let (name, secret) = basic(headers).or_else(|| Some((field("client_id")?, field("client_secret")?)))?;
        let known = equal(name.as_bytes(), CLIENT_ID.as_bytes());
        if !(equal(secret.as_bytes(), self.client_secret.expose_secret().as_bytes()) && known) {
            return None;
        }
        if field("grant_type").as_deref() != Some("client_credentials") {
            let error = json!({ "error": "unsupported_grant_type" });
            return Some((StatusCode::BAD_REQUEST, Json(error)).into_response());
        }
        let until = (now + COUNTS_FOR).timestamp().to_string();
        let token = format!("{until}.{}", self.mac(&until));
        let answer = json!({ "access_token": token, "token_type": "Bearer", "expires_in": COUNTS_FOR.num_seconds() });
        Some(([("cache-control", "no-store")], Json(answer)).into_response())
    }
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, secret) = text.split_once(':')?;
    Some((name.to_owned(), secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    async fn token(tokens: &Tokens, body: &str) -> Option<String> {
        let answer = tokens.answer(&HeaderMap::new(), body.as_bytes(), now())?;
        let bytes = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        Some(json["access_token"].as_str()?.to_owned())
    }

    #[tokio::test]
    async fn a_token_counts_for_an_hour_and_for_one_secret() {
        let tokens = Tokens::new("s3cret".into());
        let given = "grant_type=client_credentials&client_id=xswarm&client_secret=s3cret";
        let token = token(&tokens, given).await.unwrap();
        assert!(tokens.accept(&token, now()) && tokens.accept(&token, now() + Duration::minutes(59)));
        assert!(!tokens.accept(&token, now() + Duration::minutes(61)));
        assert!(!Tokens::new("other".into()).accept(&token, now()));
        let later = token.replacen("1800003600", "1800003601", 1);
        for forged in [later.as_str(), "", ".", "1800003600.", "1800003600.AAAA", "x.y"] {
            assert!(!tokens.accept(forged, now()), "{forged}");
        }
    }

    #[tokio::test]
    async fn only_who_knows_the_secret_gets_a_token() {
        let tokens = Tokens::new("s3cret".into());
        for body in [
            "",
            "grant_type=client_credentials&client_id=xswarm&client_secret=wrong",
            "grant_type=client_credentials&client_id=other&client_secret=s3cret",
            "grant_type=client_credentials&client_secret=s3cret",
            "grant_type=password&client_id=xswarm&client_secret=s3cret",
        ] {
            assert_eq!(token(&tokens, body).await, None, "{body}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, format!("Basic {}", STANDARD.encode("xswarm:s3cret")).parse().unwrap());
        assert!(tokens.answer(&headers, b"grant_type=client_credentials", now()).is_some());
    }
}
